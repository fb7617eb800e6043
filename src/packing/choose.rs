//! What may be packed: conversations that are old and that nobody uses.

use super::{Item, Pack};
use crate::model::{Catalog, Class, Kind, Marks, NodeId, PathText, Proof, SessionIx, Skipped};
use crate::stores::{Packing, tool};
use crate::world::World;
use jiff::Timestamp;
use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

/// Smaller files take as much room packed.
const SMALLEST: u64 = 8 << 10;

/// Which sessions are packed.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// The sessions that were asked for.
    pub sessions: Vec<SessionIx>,
    /// Only what has not changed for so long.
    pub older_than: Duration,
    /// Only files of at least so many bytes.
    pub min_size: u64,
}

/// Finds the files of these sessions that may be packed; changes nothing and reads none of them.
pub fn choose(world: &World, catalog: &Catalog, choice: &Choice) -> Pack {
    let mut pack = Pack::default();
    let mut wanted: HashMap<SessionIx, bool> = HashMap::new();
    for ix in &choice.sessions {
        let stays = stays(world, catalog, *ix, choice);
        wanted.insert(*ix, stays.is_none());
        if let Some((path, reason)) = stays {
            pack.skipped.push(Skipped { path: PathText::new(&path), reason });
        }
    }
    for id in catalog.ids() {
        if let Some(ix) = catalog.node(id).session.filter(|ix| wanted.get(ix) == Some(&true)) {
            pack.items.extend(item(world, catalog, id, ix, choice));
        }
    }
    pack.items.sort_by(|a, b| a.path.path.cmp(&b.path.path));
    pack
}

/// Why a session is left alone; only those are named that have something to pack.
fn stays(world: &World, catalog: &Catalog, ix: SessionIx, choice: &Choice) -> Option<(PathBuf, String)> {
    let session = catalog.session(ix);
    let path = session.record.clone().or_else(|| session.dir.clone())?;
    let packs = |id: NodeId| catalog.node(id).session == Some(ix) && way(catalog, id) != Packing::Never;
    let reason = if let Some(why) = &session.live {
        format!("in use: {why}")
    } else if session.last_active.is_none_or(|t| !is_old(world, t, choice)) {
        let days = choice.older_than.as_secs() / 86_400;
        format!("it was active within {days} days; --older-than sets another cut")
    } else {
        return None;
    };
    let own = catalog.find(&path)?;
    catalog.below(own).any(packs).then_some((path, reason))
}

fn is_old(world: &World, then: Timestamp, choice: &Choice) -> bool {
    u64::try_from(world.now().as_second().saturating_sub(then.as_second())).is_ok_and(|ago| ago >= choice.older_than.as_secs())
}

fn way(catalog: &Catalog, id: NodeId) -> Packing {
    let tool = catalog.store_of(id).and_then(|ix| tool(catalog.store(ix).name));
    tool.map_or(Packing::Never, |tool| tool.packing(catalog.node(id).spot, catalog.name_bytes(id)))
}

fn item(world: &World, catalog: &Catalog, id: NodeId, ix: SessionIx, choice: &Choice) -> Option<Item> {
    let node = catalog.node(id);
    let held = [Marks::PROTECTED, Marks::LIVE, Marks::PLACEHOLDER, Marks::CHECKING].into_iter().any(|m| node.marks.has(m));
    // A second name elsewhere would keep the room it takes.
    if node.kind != Kind::File || held || node.nlink > 1 || node.size < SMALLEST.max(choice.min_size) {
        return None;
    }
    let old = Timestamp::from_nanosecond(node.mtime_ns.into()).is_ok_and(|changed| is_old(world, changed, choice));
    let elsewhere = node.class == Class::Rebuildable || !matches!(catalog.verdict(id).proof, None | Some(Proof::Packed { .. }));
    let way = way(catalog, id);
    let session = catalog.session(ix);
    (old && !elsewhere && way != Packing::Never).then(|| Item {
        path: PathText::new(&catalog.path(id)),
        store: catalog.store_of(id).map(|s| catalog.store(s).name.to_owned()).unwrap_or_default(),
        session: session.id.clone(),
        title: session.title.clone(),
        bytes: node.size,
        packed_bytes: 0,
        read_packed: way == Packing::Beside,
        node: id,
        way,
    })
}
