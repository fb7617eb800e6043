//! Carries a plan out: the copies, then, with what they prove, the clean.

use super::copied::{self, Copies};
use super::{Done, Rescue};
use crate::error::Result;
use crate::export::Copied;
use crate::lifecycle;
use crate::model::{Catalog, Class, Evidence, Plan, PlanItem, Proof, Receipt, Skipped, Watch};
use crate::vault::{self, Consent};
use crate::world::World;
use std::collections::{HashMap, HashSet};

pub(super) fn carry_out(world: &World, catalog: &Catalog, rescue: &Rescue, dry_run: bool, watch: &dyn Watch) -> Result<Done> {
    let copies = copied::make(world, catalog, rescue, dry_run, watch);
    if copies.interrupted || watch.stopped() {
        let receipt = Receipt { interrupted: true, dry_run, ..Receipt::new("clean") };
        return Ok(told(world, receipt, copies, rescue));
    }
    let (plan, without) = proven(world, &rescue.plan, &copies, dry_run);
    // Where nothing is copied, nothing can be proven by it: then what would be copied is tried as what it is.
    let mut receipt = lifecycle::clean(world, &plan, Consent { at_risk: dry_run, dry_run }, watch)?;
    receipt.skipped.extend(without);
    Ok(told(world, receipt, copies, rescue))
}

/// The plan with each file at risk as what its copy makes it; and those that have none, which stay.
fn proven(world: &World, plan: &Plan, copies: &Copies, dry_run: bool) -> (Plan, Vec<Skipped>) {
    let made: HashMap<&str, &Copied> = copies.made.iter().map(|c| (c.path.path.as_str(), c)).collect();
    let named: HashSet<&str> =
        copies.skipped.iter().map(|s| s.path.path.as_str()).chain(copies.failed.iter().map(|f| f.path.path.as_str())).collect();
    let (mut items, mut without) = (Vec::new(), Vec::new());
    for item in &plan.items {
        let path = item.path.path.as_str();
        match made.get(path) {
            _ if item.class != Class::AtRisk => items.push(item.clone()),
            Some(copy) if dry_run && copy.now => items.push(item.clone()),
            Some(copy) => items.extend(flushed(world, item, copy)),
            None if named.contains(path) => {}
            None => without.push(Skipped { path: item.path.clone(), reason: "only here, and no copy of it was made: it stays".into() }),
        }
    }
    let fingerprint = vault::fingerprint(&items);
    (Plan { items, fingerprint, skipped: Vec::new(), ..plan.clone() }, without)
}

/// An item at risk that has its copy by now. Both are read once more right before it moves.
fn flushed(world: &World, item: &PlanItem, copy: &Copied) -> Option<PlanItem> {
    let place = copy.copy.to_path()?;
    let shown = world.short(&place);
    let mut evidence = vec![Evidence::new("flush/copied", format!("the same bytes were copied to {shown} and read back"))];
    evidence.extend(item.evidence.iter().cloned());
    Some(PlanItem {
        class: Class::Flushed,
        evidence,
        comes_back: Some(format!("copy it back from {shown}")),
        proof: Some(Proof::SameBytes { copy: place, blake3: copy.blake3.clone() }),
        ..item.clone()
    })
}

/// The receipt with what is to be said of the copies.
fn told(world: &World, mut receipt: Receipt, copies: Copies, rescue: &Rescue) -> Done {
    let now = copies.made.iter().filter(|c| c.now).count();
    receipt.skipped.extend(copies.skipped);
    receipt.failed.extend(copies.failed);
    if let Some(first) = copies.folders.first() {
        let first = world.short(first);
        let more = if copies.folders.len() > 1 { format!(" and {} more", copies.folders.len() - 1) } else { String::new() };
        let (were, stay) = if receipt.dry_run { ("would be", "would stay") } else { ("were", "stay") };
        let there = copies.made.len() - now;
        receipt.notes.push(format!(
            "{now} copies {were} made and {there} were there, in {first}{more}; undo puts back what was cleaned, and the copies {stay}"
        ));
    }
    receipt.notes.extend(copies.notes);
    Done { receipt, copies: copies.made, kept: rescue.plan.skipped.clone() }
}
