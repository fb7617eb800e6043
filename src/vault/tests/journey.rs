//! On the sample home, with the real scan and the real proofs.

use super::same::Tree;
use crate::model::{Catalog, Class, Marks, Quiet};
use crate::vault::{Consent, Selection, clean, plan, undo};
use crate::world::World;
use crate::{demo, scan};

fn sample() -> (tempfile::TempDir, World, Catalog) {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("home");
    demo::make(&home, &demo::Shape { now: "2026-10-02T12:00:00Z".parse().unwrap(), bulk: 0 }).unwrap();
    let world = demo::world(&home).with_clock("2026-10-02T12:00:00Z".parse().unwrap());
    let catalog = scan::run(&world, scan::Options::default());
    (dir, world, catalog)
}

#[test]
fn the_sample_home_is_cleaned_and_undone_to_the_nanosecond() {
    let (_dir, world, catalog) = sample();
    let before = Tree::of(&demo::app_data(&world.home));
    let plan = plan(&world, &catalog, &Selection { classes: Class::ALL.to_vec(), ..Selection::default() });
    assert!(plan.items.len() > 10, "the sample home gave only {} items", plan.items.len());
    let receipt = clean(&world, &plan, Consent { at_risk: true, dry_run: false }, &Quiet).unwrap();
    assert!(receipt.failed.is_empty() && receipt.skipped.is_empty(), "{receipt:?}");
    assert_eq!(receipt.moved, plan.items.len() as u64);
    undo(&world, None, false, &Quiet).unwrap();
    assert_eq!(Tree::of(&demo::app_data(&world.home)), before);
}

#[test]
fn nothing_protected_or_live_or_of_another_class_is_in_a_plan_of_the_sample_home() {
    let (_dir, world, catalog) = sample();
    let plan = plan(&world, &catalog, &Selection::default());
    // Where the system does not tell when a file was really changed, npm's cache alone proves what is in it.
    assert!(
        cfg!(windows) || plan.items.iter().any(|i| i.group.starts_with("node_modules")),
        "{:?}",
        plan.items.iter().map(|i| &i.group).collect::<Vec<_>>()
    );
    for item in &plan.items {
        let top = catalog.find(&item.path.to_path().unwrap()).unwrap();
        for id in catalog.below(top) {
            let node = catalog.node(id);
            assert!(!node.marks.has(Marks::PROTECTED) && !catalog.is_live(id), "{} is in the plan", catalog.path(id).display());
            assert!(node.kind == crate::model::Kind::Dir || node.class == item.class, "{} is in the plan", catalog.path(id).display());
        }
    }
    let (planned, all) = (plan.totals.rebuildable.bytes, catalog.grand_totals().rebuildable.bytes);
    assert!(planned * 100 > all * 90, "only {planned} of {all} rebuildable bytes are in the plan: {:?}", plan.skipped);
}
