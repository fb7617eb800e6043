//! What no conversation needs goes from opencode's databases.

use super::{Line, Proposal, Verb, opencode};
use crate::error::Result;
use crate::lifecycle::Desk;
use crate::lifecycle::opencode::reclaim::{self, Which};
use crate::lifecycle::opencode::{Forest, Places};
use crate::model::{Catalog, Receipt, SessionIx, Watch};
use crate::world::World;

/// What is to be carried out, database by database.
pub(super) type Work = Vec<(Places, usize, Which)>;

pub(super) fn propose(world: &World, catalog: &Catalog, sessions: &[SessionIx], watch: &dyn Watch) -> Result<Proposal> {
    let desk = Desk::here(world, watch);
    let (mut work, mut lines, mut skipped) = (Work::new(), Vec::new(), Vec::new());
    for (store, ids, whole) in opencode(catalog, sessions) {
        let places = Places::of(world, &store.root);
        let which = if whole {
            Which::default()
        } else {
            let forest = Forest::read(&places);
            let trees = ids.iter().flat_map(|id| forest.tree(id)).map(|m| m.id.clone());
            Which { sessions: Some(trees.collect()), ..Which::default() }
        };
        for (at, path) in places.databases.iter().enumerate() {
            let plan = reclaim::plan(&desk, &places, at, &which)?;
            let said = |(kind, found): (&&str, &reclaim::Found)| Line {
                name: format!("{kind} in {}", path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned())),
                bytes: found.bytes,
                says: format!("{} rows", found.rows),
            };
            lines.extend(plan.found.iter().filter(|(_, found)| found.rows > 0).map(said));
            if plan.all().rows > 0 {
                work.push((places.clone(), at, which.clone()));
            }
            skipped.extend(plan.skipped);
        }
    }
    Ok(Proposal { lines, skipped, ..Proposal::new(Verb::Reclaim, super::Work::Reclaim(work)) })
}

pub(super) fn carry_out(world: &World, work: &Work, watch: &dyn Watch) -> Result<Receipt> {
    let desk = Desk::here(world, watch);
    let mut whole = Receipt::new("reclaim");
    for (places, at, which) in work {
        whole.join(reclaim::carry_out(&desk, places, *at, which)?);
        if whole.interrupted {
            break;
        }
    }
    if whole.moved > 0 {
        whole.notes.push("the databases are as large as before: V packs them, and then their free pages are free space".to_owned());
    }
    Ok(whole)
}
