//! opencode's databases are packed.

use super::{Line, Proposal, Verb, opencode};
use crate::error::Result;
use crate::lifecycle::opencode::{Forest, Places};
use crate::lifecycle::{Desk, Outlook, Vacuum, vacuum};
use crate::model::{Catalog, PathText, Receipt, SessionIx, Skipped, Watch};
use crate::world::World;
use std::path::PathBuf;

pub(super) fn propose(world: &World, catalog: &Catalog, sessions: &[SessionIx]) -> Result<Proposal> {
    let (mut databases, mut lines, mut skipped) = (Vec::new(), Vec::new(), Vec::new());
    for (store, ids, _) in opencode(catalog, sessions) {
        let places = Places::of(world, &store.root);
        let forest = Forest::read(&places);
        for (at, path) in places.databases.iter().enumerate() {
            if !ids.iter().any(|id| forest.members.get(id).is_some_and(|m| m.databases.contains(&at))) {
                continue;
            }
            let outlook = Outlook::of(path)?;
            if let Some(why) = outlook.refusal(Vacuum::Beside) {
                skipped.push(Skipped { path: PathText::new(path), reason: why });
                continue;
            }
            let size = |bytes: u64| humansize::format_size(bytes, humansize::DECIMAL);
            let says = format!("{} now, at most {} afterwards, {} free", size(outlook.now), size(outlook.then), size(outlook.free));
            lines.push(Line { name: world.short(path), bytes: outlook.now.saturating_sub(outlook.then), says });
            databases.push(path.clone());
        }
    }
    Ok(Proposal { lines, skipped, ..Proposal::new(Verb::Vacuum, super::Work::Vacuum(databases)) })
}

pub(super) fn carry_out(world: &World, databases: &[PathBuf], watch: &dyn Watch) -> Result<Receipt> {
    let desk = Desk::here(world, watch);
    let mut whole = Receipt::new("vacuum");
    for path in databases {
        whole.join(vacuum(&desk, path, Vacuum::Beside, false)?);
        if whole.interrupted {
            break;
        }
    }
    Ok(whole)
}
