//! A plan looked at again: what a new scan says of its items.

use super::Selection;
use crate::model::{Catalog, Class, Plan, PlanItem, Skipped, Tally, Totals};
use crate::world::World;
use std::collections::HashMap;
use std::path::PathBuf;

/// Takes out of a plan what may not be moved by now: what is in use or protected, what no store holds, and what is no
/// longer rebuildable. Whatever else changed is found item by item when it is to be moved.
pub(super) fn again(world: &World, catalog: &Catalog, plan: &mut Plan) -> Vec<Skipped> {
    let nodes = plan.items.iter().filter_map(|item| catalog.find(&item.path.to_path()?)).collect::<Vec<_>>();
    let fresh = if nodes.is_empty() {
        Plan { items: Vec::new(), skipped: Vec::new(), ..plan.clone() }
    } else {
        super::plan(world, catalog, &Selection { nodes, classes: Class::ALL.to_vec(), ..Selection::default() })
    };
    let classes: HashMap<PathBuf, Class> = fresh.items.iter().filter_map(|i| Some((i.path.to_path()?, i.class))).collect();
    let held: HashMap<PathBuf, &str> = fresh.skipped.iter().filter_map(|s| Some((s.path.to_path()?, s.reason.as_str()))).collect();
    let mut out = Vec::new();
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
