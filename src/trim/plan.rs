//! A plan whose items lie partly on this machine's disk and partly inside disk images.

use super::deed::{self, Desk, Job};
use crate::error::{Error, Kind, Result};
use crate::model::{Class, PathText, Plan, PlanItem, Receipt, Skipped};
use crate::vault::{self, Consent};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Carries a plan out: what lies on this machine's disk goes into the vault, and from each disk image what is planned of it.
/// An image that cannot be cleaned is named, and the rest is done all the same.
pub fn clean(desk: &Desk<'_>, plan: &Plan, consent: Consent) -> Result<Receipt> {
    if plan.items.iter().all(|item| item.image.is_none()) {
        return vault::clean(desk.world, plan, consent, desk.watch);
    }
    let (inside, outside): (Vec<_>, Vec<_>) = plan.items.iter().partition(|item| item.image.is_some());
    let leave = |item: &&PlanItem| item.class == Class::AtRisk && !consent.at_risk;
    if plan.items.iter().all(|item| leave(&item)) {
        let hint = "Back it up or export it first; --include-at-risk moves it all the same.";
        return Err(Error::refused(format!("all {} items are at risk: they exist only here", plan.items.len())).hint(hint));
    }
    let mut receipt = Receipt::new("clean");
    receipt.dry_run = consent.dry_run;
    if outside.iter().any(|item| !leave(item)) {
        let plan = Plan { items: outside.into_iter().cloned().collect(), ..plan.clone() };
        receipt.join(vault::clean(desk.world, &plan, consent, desk.watch)?);
    } else {
        receipt.skipped.extend(outside.into_iter().map(at_risk));
    }
    let (leave, take): (Vec<_>, Vec<_>) = inside.into_iter().partition(leave);
    receipt.skipped.extend(leave.into_iter().map(at_risk));
    for job in jobs(plan, take) {
        if receipt.interrupted {
            break;
        }
        match deed::clean(desk, &job, consent.dry_run) {
            Ok(done) => receipt.join(done),
            Err(e) if e.kind == Kind::Interrupted => receipt.interrupted = true,
            Err(e) if e.kind == Kind::Refused => {
                let reason = e.to_string();
                receipt.notes.extend(e.hint);
                receipt.skipped.extend(job.items.iter().map(|(item, _)| Skipped { path: item.path.clone(), reason: reason.clone() }));
            }
            Err(e) => receipt.failed.push(deed::failed(&job.image, &e)),
        }
    }
    Ok(receipt)
}

fn at_risk(item: &PlanItem) -> Skipped {
    let reason = "at risk: it exists only here; --include-at-risk moves it all the same".into();
    Skipped { path: item.path.clone(), reason }
}

/// A job for each image.
fn jobs<'p>(plan: &'p Plan, items: Vec<&'p PlanItem>) -> Vec<Job<'p>> {
    let mut jobs: BTreeMap<PathBuf, Job<'p>> = BTreeMap::new();
    let roots: Vec<PathBuf> = plan.roots.iter().filter_map(PathText::to_path).collect();
    // The deepest root first: a store inside another's folder is its own.
    let root_of = |image: &Path| roots.iter().filter(|root| image.starts_with(root)).max_by_key(|root| root.components().count());
    for item in items {
        let Some(at) = &item.image else { continue };
        let image = at.image.to_path().unwrap_or_default();
        let root = root_of(&image).cloned().unwrap_or_else(|| image.parent().unwrap_or(Path::new("/")).to_path_buf());
        let new = || Job { store: &item.store, root, image: image.clone(), items: Vec::new() };
        jobs.entry(image.clone()).or_insert_with(new).items.push((item, at));
    }
    jobs.into_values().collect()
}
