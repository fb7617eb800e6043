//! A plan looked at again: what is in use by now, and what a new scan says of its items.

use super::{InUse, Selection};
use crate::model::{Catalog, Class, PathText, Plan, PlanItem, Skipped, Tally, Totals};
use crate::world::World;
use std::collections::HashMap;
use std::path::PathBuf;

/// Takes out of a plan what may not be moved by now: what is in use or protected, what no store holds, and what is no
/// longer rebuildable. Whatever else changed is found item by item when it is to be moved.
pub(super) fn again(world: &World, mut catalog: Catalog, plan: &mut Plan) -> Vec<Skipped> {
    let (items, mut out) = quiet(world, &crate::scan::in_use, plan, plan.items.iter().collect());
    plan.items = items.into_iter().cloned().collect();
    // A change a moment ago keeps a session out of a new plan; of this one it keeps what changed.
    catalog.sessions.iter_mut().for_each(|session| session.live = None);
    let catalog = &catalog;
    let nodes = plan.items.iter().filter_map(|item| catalog.find(&item.path.to_path()?)).collect::<Vec<_>>();
    // No nodes would select everything.
    let of = |nodes| super::plan(world, catalog, &Selection { nodes, classes: Class::ALL.to_vec(), ..Selection::default() });
    let fresh = Some(nodes).filter(|nodes| !nodes.is_empty()).map(of);
    let items = fresh.iter().flat_map(|plan| &plan.items);
    let classes: HashMap<PathBuf, Class> = items.filter_map(|i| Some((i.path.to_path()?, i.class))).collect();
    let skipped = fresh.iter().flat_map(|plan| &plan.skipped);
    let held: HashMap<PathBuf, &str> = skipped.filter_map(|s| Some((s.path.to_path()?, s.reason.as_str()))).collect();
    plan.items.retain(|item| {
        let reason = reason(item, catalog, &classes, &held);
        out.extend(reason.iter().map(|reason| Skipped { path: item.path.clone(), reason: reason.clone() }));
        reason.is_none()
    });
    plan.totals = Totals::default();
    for item in &plan.items {
        *plan.totals.of_mut(item.class) += Tally { files: item.files, bytes: item.bytes, allocated: item.allocated };
    }
    out
}

/// The items that nothing uses at this moment, and the others with why they stay. Whoever carries a plan out asks this
/// right before the first move: it may have been waiting for hours.
pub(super) fn quiet<'p>(world: &World, in_use: &InUse, plan: &Plan, items: Vec<&'p PlanItem>) -> (Vec<&'p PlanItem>, Vec<Skipped>) {
    let roots: Vec<PathBuf> = plan.roots.iter().filter_map(PathText::to_path).collect();
    let paths: Vec<PathBuf> = items.iter().map(|item| item.path.to_path().unwrap_or_default()).collect();
    let mut out = Vec::new();
    let mut why = in_use(world, &roots, &paths).into_iter();
    let quiet = items.into_iter().filter(|item| match why.next().flatten() {
        Some(why) => {
            out.push(Skipped { path: item.path.clone(), reason: format!("in use: {why}") });
            false
        }
        None => true,
    });
    (quiet.collect(), out)
}

/// Why an item is to stay, by the new scan; `None` where it may go, or is no longer there.
fn reason(item: &PlanItem, catalog: &Catalog, classes: &HashMap<PathBuf, Class>, held: &HashMap<PathBuf, &str>) -> Option<String> {
    let path = item.path.to_path()?;
    if catalog.find(&path).is_none() {
        return path.symlink_metadata().is_ok().then(|| "it is in no store that was found".to_owned());
    }
    if let Some(class) = classes.get(&path) {
        let lost = item.class == Class::Rebuildable && *class != Class::Rebuildable;
        return lost.then(|| format!("it is {} now", class.label()));
    }
    let why = path.ancestors().find_map(|above| held.get(above));
    Some(why.map_or_else(|| "it changed since the plan was made".to_owned(), |why| (*why).to_owned()))
}
