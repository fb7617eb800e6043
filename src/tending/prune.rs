//! Sessions go whole: opencode's from its databases and files, those of Codex and Gemini by their own commands.

use super::{Line, Proposal, Verb, opencode, stays};
use crate::delegate;
use crate::error::Result;
use crate::lifecycle::Desk;
use crate::lifecycle::opencode::prune::{self, Plan, Unit, Which};
use crate::model::{Catalog, Receipt, SessionIx, Watch};
use crate::world::World;

/// What is to be carried out.
#[derive(Debug, Clone)]
pub(super) struct Work {
    plans: Vec<Plan>,
    tops: Vec<SessionIx>,
}

pub(super) fn propose(world: &World, catalog: &Catalog, sessions: &[SessionIx], watch: &dyn Watch) -> Result<Proposal> {
    let desk = Desk::here(world, watch);
    let (mut plans, mut tops, mut lines, mut skipped, mut at_risk) = (Vec::new(), Vec::new(), Vec::new(), Vec::new(), 0);
    for (store, ids, _) in opencode(catalog, sessions) {
        let plan = prune::plan(&desk, &store.root, &Which::Named(ids))?;
        for unit in &plan.units {
            at_risk += unit.sessions.len();
            lines.push(Line { name: unit.title.clone(), bytes: unit.bytes(), says: with(unit) });
        }
        skipped.extend(plan.skipped.iter().cloned());
        plans.push(plan);
    }
    let mut taken: Vec<SessionIx> = Vec::new();
    for ix in sessions {
        let Some(store) = catalog.session(*ix).store.map(|s| catalog.store(s)) else { continue };
        if store.name == crate::lifecycle::STORE || taken.contains(ix) {
            continue;
        }
        if !delegate::STORES.contains(&store.name) {
            let why = format!("{} has no way to delete one session; c moves its things into the vault", store.title);
            skipped.push(stays(catalog, *ix, &why));
            continue;
        }
        if let Err(e) = delegate::installed(world, store.name) {
            skipped.push(stays(catalog, *ix, &e.to_string()));
            continue;
        }
        let unit = delegate::unit(catalog, *ix);
        let (top, bytes) = (catalog.session(*ix), delegate::bytes(catalog, &unit));
        let more = unit.len().saturating_sub(1);
        let children = if more > 0 { format!(", {more} started by it") } else { String::new() };
        lines.push(Line { name: top.title.clone(), bytes, says: format!("by {} itself{children}", store.title) });
        at_risk += unit.len();
        taken.extend(unit);
        tops.push(*ix);
    }
    Ok(Proposal { lines, skipped, at_risk, ..Proposal::new(Verb::Prune, super::Work::Prune(Work { plans, tops })) })
}

fn with(unit: &Unit) -> String {
    let mut said = Vec::new();
    if unit.sessions.len() > 1 {
        said.push(format!("{} started by it", unit.sessions.len() - 1));
    }
    if !unit.files.is_empty() {
        said.push(if unit.files.len() == 1 { "1 file".to_owned() } else { format!("{} files", unit.files.len()) });
    }
    if unit.queued > 0 {
        said.push(format!("{} queued prompts never sent", unit.queued));
    }
    said.join(", ")
}

pub(super) fn carry_out(world: &World, catalog: &Catalog, work: &Work, watch: &dyn Watch) -> Result<Receipt> {
    let desk = Desk::here(world, watch);
    let mut whole = Receipt::new("prune");
    for plan in &work.plans {
        for receipt in prune::carry_out(&desk, plan)? {
            whole.join(receipt);
        }
    }
    if !whole.interrupted && !work.tops.is_empty() {
        whole.join(delegate::delete(world, catalog, &work.tops, false, watch)?);
    }
    if whole.moved > 0 && !work.plans.is_empty() {
        whole.notes.push("the databases are as large as before: V packs them, and then their free pages are free space".to_owned());
    }
    Ok(whole)
}
