//! From marks to a plan. A mark may mean some classes only of what is below it, so marks that mean the same classes
//! are one selection, and the selections one plan.

use super::marks::Chosen;
use crate::model::{Catalog, Class, NodeId, Plan};
use crate::rescue::{self, Rescue};
use crate::tested;
use crate::vault::{self, Selection};
use crate::world::World;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Makes the plan of what was chosen; `Err` says why there is none.
pub fn plan(world: &World, catalog: &Catalog, chosen: &[Chosen]) -> Result<Plan, String> {
    let selections = selections(chosen);
    if selections.is_empty() {
        Err("nothing is chosen".into())
    } else {
        Ok(tested::hold_back(world, catalog, vault::plan_all(world, catalog, &selections)))
    }
}

/// Makes the plan in three columns of what was chosen; `Err` says why there is none.
pub fn rescue(world: &World, catalog: &Catalog, chosen: &[Chosen]) -> Result<Rescue, String> {
    let selections = selections(chosen);
    if selections.is_empty() { Err("nothing is chosen".into()) } else { Ok(rescue::plan(world, catalog, &selections)) }
}

/// The selections that together mean exactly what was chosen.
pub fn selections(chosen: &[Chosen]) -> Vec<Selection> {
    let mut classes_of: HashMap<NodeId, BTreeSet<Class>> = HashMap::new();
    for one in chosen {
        classes_of.entry(one.node).or_default().extend(one.classes.iter().copied());
    }
    let mut nodes_of: BTreeMap<Vec<Class>, BTreeSet<NodeId>> = BTreeMap::new();
    for (node, classes) in classes_of.into_iter().filter(|(_, c)| !c.is_empty()) {
        nodes_of.entry(classes.into_iter().collect()).or_default().insert(node);
    }
    let selection = |(classes, nodes): (Vec<Class>, BTreeSet<NodeId>)| Selection {
        nodes: nodes.into_iter().collect(),
        classes,
        ..Selection::default()
    };
    nodes_of.into_iter().map(selection).collect()
}
