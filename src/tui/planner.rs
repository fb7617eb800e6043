//! From marks to a plan. A plan's selection has one set of classes for all its nodes; marks may each mean another.

use super::marks::Chosen;
use crate::model::{Catalog, Class, NodeId, Plan};
use crate::vault::{self, Selection};
use crate::world::World;
use std::collections::{BTreeSet, HashMap};

/// Makes the plan of what was chosen; `Err` says why it cannot be one plan.
pub fn plan(world: &World, catalog: &Catalog, chosen: &[Chosen]) -> Result<Plan, String> {
    let selection = selection(catalog, chosen)?;
    Ok(vault::plan(world, catalog, &selection))
}

/// The selection that means exactly what was chosen.
pub fn selection(catalog: &Catalog, chosen: &[Chosen]) -> Result<Selection, String> {
    let mut classes_of: HashMap<NodeId, BTreeSet<Class>> = HashMap::new();
    for one in chosen {
        classes_of.entry(one.node).or_default().extend(one.classes.iter().copied());
    }
    let union: BTreeSet<Class> = classes_of.values().flatten().copied().collect();
    let same = classes_of.values().all(|c| *c == union);
    let mut nodes: BTreeSet<NodeId> = if same { classes_of.keys().copied().collect() } else { BTreeSet::new() };
    if !same {
        for (node, classes) in &classes_of {
            for row in catalog.rows(*node).filter(|r| classes.contains(&r.class)) {
                let mixed = union.iter().any(|c| !classes.contains(c) && catalog.totals(row.id).of(*c).files > 0);
                if mixed {
                    return Err(format!(
                        "{} holds things of several classes and only some are marked; plan it by itself",
                        world_free_name(catalog, row.id)
                    ));
                }
                nodes.insert(row.id);
            }
        }
    }
    if nodes.is_empty() {
        return Err("nothing is chosen".into());
    }
    Ok(Selection { nodes: nodes.into_iter().collect(), classes: union.into_iter().collect(), ..Selection::default() })
}

fn world_free_name(catalog: &Catalog, id: NodeId) -> String {
    crate::model::shown_name(&catalog.name(id))
}
