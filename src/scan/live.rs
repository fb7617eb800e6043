//! Which sessions are in use, by what the walk saw and which files are open.

use crate::model::{Catalog, Kind, SessionIx};
use crate::world::World;
use jiff::Timestamp;
use std::path::PathBuf;

/// Marks sessions live whose files changed within the quiet time, or are open in some process. A session that tells
/// of no activity itself was last active when its newest file changed.
pub fn mark(world: &World, catalog: &mut Catalog, open: &[(PathBuf, String)]) {
    let newest = newest(world, catalog);
    for (session, newest) in catalog.sessions.iter_mut().zip(newest) {
        let Some(newest) = newest else { continue };
        session.last_active = session.last_active.or_else(|| Timestamp::from_nanosecond(newest.into()).ok());
        session.live = session.live.take().or_else(|| recent(world, newest));
    }
    for session in catalog.sessions.iter_mut().filter(|s| s.live.is_none()) {
        let holds = |path: &PathBuf| session.dir.iter().chain(&session.extra).any(|dir| path.starts_with(dir));
        if let Some((_, who)) = open.iter().find(|(path, _)| holds(path)) {
            session.live = Some(format!("a file of it is open in {who}"));
        }
    }
}

/// When the newest file of each session changed, nanoseconds since 1970. Links and pipes say nothing: whoever works
/// in a session writes files. A time up to a day ahead is a clock that differs, and counts; one further ahead says
/// nothing.
fn newest(world: &World, catalog: &Catalog) -> Vec<Option<i64>> {
    let ahead = nanoseconds(world.now().as_nanosecond()).saturating_add(86_400_000_000_000);
    let mut last: Vec<Option<i64>> = vec![None; catalog.sessions.len()];
    for node in catalog.ids().map(|id| catalog.node(id)) {
        if let (Some(session), false) = (node.session, node.kind != Kind::File || node.mtime_ns > ahead) {
            let at: &mut Option<i64> = &mut last[SessionIx::index(session)];
            *at = (*at).max(Some(node.mtime_ns));
        }
    }
    last
}

/// That a session changed within the quiet time, in words.
fn recent(world: &World, newest: i64) -> Option<String> {
    let quiet = i64::try_from(world.quiet_after().as_nanos()).unwrap_or(i64::MAX);
    let ago = nanoseconds(world.now().as_nanosecond()).saturating_sub(newest);
    (quiet > 0 && ago < quiet).then(|| format!("a file of it changed {} s ago", ago.max(0) / 1_000_000_000))
}

fn nanoseconds(n: i128) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
