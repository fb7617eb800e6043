//! The plan: what a clean of the selection would move, where each file at risk in it is one that a flush can copy first.

use super::{Copying, Rescue, at_risk_below, rows};
use crate::export::{Options, Series};
use crate::model::{Catalog, Class, NodeId, PathText, Plan, PlanItem, SessionIx, Skipped};
use crate::tested;
use crate::vault::{self, Selection};
use crate::world::World;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;

pub(super) fn plan(world: &World, catalog: &Catalog, selections: &[Selection]) -> Rescue {
    let mut whole = tested::hold_back(world, catalog, vault::plan_all(world, catalog, selections));
    let (risky, sure): (Vec<PlanItem>, Vec<PlanItem>) =
        std::mem::take(&mut whole.items).into_iter().partition(|i| i.class == Class::AtRisk);
    whole.items = sure;
    let to = world.kept_folders().into_iter().next();
    let foreseen = foresee(world, catalog, to.clone(), &risky);
    let nodes: Vec<NodeId> = foreseen.copies.iter().map(|(id, _)| *id).collect();
    let mut plans = vec![whole];
    if !nodes.is_empty() {
        // Each file by itself: each is proven by a copy of its own.
        plans.push(vault::plan(world, catalog, &Selection { nodes, classes: vec![Class::AtRisk], ..Selection::default() }));
    }
    let mut plan = vault::together(world, plans);
    plan.skipped.extend(foreseen.left);
    plan.skipped.sort_by_cached_key(|line| (line.path.to_path(), line.reason.clone()));
    let copies = copies(catalog, &foreseen.copies, &plan);
    let rows = rows::rows(world, catalog, &plan, &copies, &foreseen.folders);
    Rescue { plan, copies, rows, notes: foreseen.notes, to }
}

/// What flushes of several sessions would do.
#[derive(Default)]
struct Foreseen {
    copies: Vec<(NodeId, PathBuf)>,
    folders: HashMap<SessionIx, PathBuf>,
    left: Vec<Skipped>,
    notes: Vec<String>,
}

fn foresee(world: &World, catalog: &Catalog, to: Option<PathBuf>, risky: &[PlanItem]) -> Foreseen {
    let mut all = Foreseen::default();
    let mut by: BTreeMap<SessionIx, HashSet<NodeId>> = BTreeMap::new();
    let found = risky.iter().filter_map(|item| catalog.find(&item.path.to_path()?));
    for id in found.flat_map(|id| at_risk_below(catalog, id)) {
        if let Some(session) = catalog.node(id).session {
            by.entry(session).or_default().insert(id);
        } else {
            all.left.push(stays(catalog, id, "only here, and of no session, so a flush has no folder for it: it stays"));
        }
    }
    let options = Options { to, ..Options::default() };
    let mut series = Series::new(world, &options);
    for (session, these) in by {
        match series.foresee(catalog, session, &these) {
            Ok(foreseen) => {
                all.folders.insert(session, foreseen.folder);
                all.copies.extend(foreseen.copies);
                all.left.extend(foreseen.left);
                all.notes.extend(foreseen.note);
            }
            Err(e) => all.left.extend(these.iter().map(|id| stays(catalog, *id, &format!("only here, and cannot be copied: {e}")))),
        }
    }
    all
}

fn stays(catalog: &Catalog, id: NodeId, why: &str) -> Skipped {
    Skipped { path: PathText::new(&catalog.path(id)), reason: why.to_owned() }
}

/// The copies of what is in the plan.
fn copies(catalog: &Catalog, foreseen: &[(NodeId, PathBuf)], plan: &Plan) -> Vec<Copying> {
    let planned: HashSet<&str> = plan.items.iter().filter(|i| i.class == Class::AtRisk).map(|i| i.path.path.as_str()).collect();
    let copy = |(id, to): &(NodeId, PathBuf)| {
        let path = PathText::new(&catalog.path(*id));
        planned.contains(path.path.as_str()).then(|| Copying { path, copy: PathText::new(to), bytes: catalog.node(*id).size })
    };
    let mut copies: Vec<Copying> = foreseen.iter().filter_map(copy).collect();
    copies.sort_by(|a, b| a.path.path.cmp(&b.path.path));
    copies
}
