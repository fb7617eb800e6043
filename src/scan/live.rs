//! What is in use: what changed a moment ago, what is open or locked, where a turn is open, and who started whom.
//! "Cannot tell" counts as in use.

use crate::model::{Catalog, Kind, Marks, NodeId, Session};
use crate::platform::{Place, Process, Uses};
use crate::stores::{Tool, tool};
use crate::world::World;
use jiff::Timestamp;
use std::collections::HashMap;
use std::path::Path;

const SECOND: i64 = 1_000_000_000;

/// Marks what is in use. A session that tells of no activity itself was last active when its newest file changed.
pub fn mark(world: &World, catalog: &mut Catalog, uses: &Uses) {
    let signs = Signs::new(world, uses);
    let newest = newest(world, catalog);
    mark_used(catalog, uses);
    for (session, newest) in catalog.sessions.iter_mut().zip(newest) {
        session.last_active = session.last_active.or_else(|| Timestamp::from_nanosecond(newest?.into()).ok());
        let Some(store) = session.store.and_then(|s| catalog.stores.get(usize::from(s.0))) else { continue };
        let Some(tool) = tool(store.name) else { continue };
        session.live = session.live.take().or_else(|| signs.by_service(tool)).or_else(|| {
            let what = signs.recent(session, newest)?;
            Some(tool.open_turn(&store.root, session).map_or(what.clone(), |place| format!("a turn is open in {place}, and {what}")))
        });
    }
    follow_starters(&mut catalog.sessions);
}

/// What tells that a session is in use, besides its own processes.
pub struct Signs<'a> {
    world: &'a World,
    uses: &'a Uses,
    /// Processes that cannot be looked into.
    closed: Vec<Process>,
}

impl<'a> Signs<'a> {
    /// The signs of this moment.
    pub fn new(world: &'a World, uses: &'a Uses) -> Self {
        let mut closed = if uses.closed.is_empty() { Vec::new() } else { world.processes().unwrap_or_default() };
        closed.retain(|p| uses.closed.contains(&p.pid));
        Self { world, uses, closed }
    }

    /// That something at or below a path is used by a process, in words.
    pub fn by_path(&self, path: &Path) -> Option<String> {
        let mut paths = self.uses.found.iter().filter_map(|(place, how)| if let Place::Path(p) = place { Some((p, how)) } else { None });
        paths.find(|(p, _)| p.starts_with(path)).map(|(p, how)| if p == path { itself(how) } else { in_it(how) })
    }

    /// That a service of the tool runs as another user, so that what it has open cannot be told.
    pub fn by_service(&self, tool: &dyn Tool) -> Option<String> {
        let own = self.closed.iter().find(|p| tool.is_own(p))?;
        Some(format!("what {} (process {}), which belongs to {}, has open cannot be told", own.name, own.pid, tool.title()))
    }

    /// That a session did something within the quiet time, in words.
    pub fn recent(&self, session: &Session, newest: Option<i64>) -> Option<String> {
        let quiet = i64::try_from(self.world.quiet_after().as_nanos()).unwrap_or(i64::MAX);
        let ago = |then: i64| nanoseconds(self.world.now().as_nanosecond()).saturating_sub(then);
        let told = session.last_active.map(|t| ago(nanoseconds(t.as_nanosecond()))).filter(|ago| ago.saturating_abs() < quiet);
        let seen = newest.map(ago).filter(|ago| quiet > 0 && *ago < quiet);
        match (seen, told) {
            (Some(seen), _) => Some(format!("a file of it changed {} s ago", seen.max(0) / SECOND)),
            (None, Some(told)) => Some(format!("active {} s ago", told.max(0) / SECOND)),
            (None, None) => None,
        }
    }

    /// A time further ahead than this says nothing; up to it, it is a clock that differs.
    pub fn latest(&self) -> i64 {
        latest(self.world)
    }
}

/// Whatever is used in a session, in a sentence about the session.
pub fn in_it(how: &str) -> String {
    format!("something in it is {how}")
}

/// A thing that is used, in a sentence about it.
fn itself(how: &str) -> String {
    format!("it is {how}")
}

fn latest(world: &World) -> i64 {
    nanoseconds(world.now().as_nanosecond()).saturating_add(86_400 * SECOND)
}

/// When the newest file of each session changed, nanoseconds since 1970. Links and pipes say nothing: whoever works
/// in a session writes files.
fn newest(world: &World, catalog: &Catalog) -> Vec<Option<i64>> {
    let latest = latest(world);
    let mut last: Vec<Option<i64>> = vec![None; catalog.sessions.len()];
    for node in catalog.ids().map(|id| catalog.node(id)) {
        if let (Some(session), false) = (node.session, node.kind != Kind::File || node.mtime_ns > latest)
            && let Some(at) = last.get_mut(session.index())
        {
            *at = (*at).max(Some(node.mtime_ns));
        }
    }
    last
}

fn nanoseconds(n: i128) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// Marks the sessions that something is used of, and what is used outside of sessions.
fn mark_used(catalog: &mut Catalog, uses: &Uses) {
    let mut inodes: HashMap<(u64, u64), &str> = HashMap::new();
    let mut nodes: Vec<(NodeId, &str)> = Vec::new();
    for (place, how) in &uses.found {
        match place {
            // What was removed while somebody has it open is told of by a name that is not there.
            Place::Path(path) => nodes.extend(path.ancestors().find_map(|p| catalog.find(p)).map(|id| (id, how.as_str()))),
            Place::Inode(dev, ino) => drop(inodes.insert((*dev, *ino), how)),
        }
    }
    if !inodes.is_empty() {
        let used = |id: NodeId| inodes.get(&(catalog.dev(id), catalog.node(id).ino)).map(|how| (id, *how));
        nodes.extend(catalog.ids().filter_map(used));
    }
    for (id, how) in nodes {
        match catalog.node(id).session {
            Some(ix) => {
                if let Some(session) = catalog.sessions.get_mut(ix.index()) {
                    session.live.get_or_insert_with(|| in_it(how));
                }
            }
            None => mark_thing(catalog, id, how),
        }
    }
}

/// Marks a file that belongs to no session, or the whole folder handled as one that it lies in. Any other folder may be
/// used by whoever looks around in it.
fn mark_thing(catalog: &mut Catalog, id: NodeId, how: &str) {
    let above = std::iter::successors(Some(id), |id| catalog.parent(*id));
    let unit = above.filter(|id| catalog.node(*id).marks.has(Marks::UNIT)).last();
    let top = match (unit, catalog.node(id).kind) {
        (Some(unit), _) => unit,
        (None, Kind::Dir) => return,
        (None, _) => id,
    };
    for id in catalog.below(top).collect::<Vec<_>>() {
        catalog.mark(id, Marks::LIVE, true);
    }
    catalog.used.entry(top).or_insert_with(|| if top == id { itself(how) } else { in_it(how) });
}

/// Counts a session in use whose starter is, however many starters lie between.
pub fn follow_starters(sessions: &mut [Session]) {
    for _ in 0..sessions.len() {
        let live: Vec<String> = sessions.iter().filter(|s| s.live.is_some()).map(|s| s.id.clone()).collect();
        let mut news = false;
        for session in sessions.iter_mut().filter(|s| s.live.is_none()) {
            if let Some(starter) = session.starter.as_ref().filter(|s| live.contains(s)) {
                session.live = Some(format!("{starter}, which started it, is in use"));
                news = true;
            }
        }
        if !news {
            return;
        }
    }
}
