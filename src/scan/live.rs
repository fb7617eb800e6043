//! Which sessions are in use, by what the walk saw and which files are open.

use crate::model::{Catalog, Kind, SessionIx};
use crate::world::World;
use std::path::PathBuf;

/// Marks sessions live whose files changed within the quiet time, or are open in some process.
pub fn mark(world: &World, catalog: &mut Catalog, open: &[(PathBuf, String)]) {
    for (at, changed) in newest(world, catalog) {
        if catalog.sessions[at].live.is_none() {
            catalog.sessions[at].live = Some(changed);
        }
    }
    for session in catalog.sessions.iter_mut().filter(|s| s.live.is_none()) {
        let holds = |path: &PathBuf| session.dir.iter().chain(&session.extra).any(|dir| path.starts_with(dir));
        if let Some((_, who)) = open.iter().find(|(path, _)| holds(path)) {
            session.live = Some(format!("a file of it is open in {who}"));
        }
    }
}

/// Sessions with a file changed within the quiet time, and how long ago in words. A time up to a day ahead is a clock
/// that differs, and counts as now; one further ahead says nothing.
fn newest(world: &World, catalog: &Catalog) -> Vec<(usize, String)> {
    let now = i64::try_from(world.now().as_nanosecond()).unwrap_or(i64::MAX);
    let quiet = i64::try_from(world.quiet_after().as_nanos()).unwrap_or(i64::MAX);
    let ahead = now.saturating_add(86_400_000_000_000);
    let mut last: Vec<Option<i64>> = vec![None; catalog.sessions.len()];
    for id in catalog.ids() {
        let node = catalog.node(id);
        if let (Some(session), false) = (node.session, node.kind == Kind::Dir)
            && node.mtime_ns <= ahead
        {
            let at: &mut Option<i64> = &mut last[SessionIx::index(session)];
            *at = (*at).max(Some(node.mtime_ns));
        }
    }
    let recent = |(at, t): (usize, Option<i64>)| {
        let ago = now.saturating_sub(t?);
        (quiet > 0 && ago < quiet).then(|| (at, format!("a file of it changed {} s ago", ago.max(0) / 1_000_000_000)))
    };
    last.into_iter().enumerate().filter_map(recent).collect()
}
