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
    let before = Tree::of(&world.home);
    let plan = plan(&world, &catalog, &Selection { classes: Class::ALL.to_vec(), ..Selection::default() });
    assert!(plan.items.len() > 10, "the sample home gave only {} items", plan.items.len());
    let receipt = clean(&world, &plan, Consent { at_risk: true, dry_run: false }, &Quiet).unwrap();
    assert!(receipt.failed.is_empty() && receipt.skipped.is_empty(), "{receipt:?}");
    assert_eq!(receipt.moved, plan.items.len() as u64);
    undo(&world, None, false, &Quiet).unwrap();
    let mut after = Tree::of(&world.home);
    after.forget(&[world.state_dir.strip_prefix(&world.home).unwrap(), world.data_dir.strip_prefix(&world.home).unwrap()]);
    let mut before = before.without_folder_times();
    before.forget(&[]);
    assert_eq!(after.without_folder_times(), before);
}

#[test]
fn nothing_protected_or_live_or_of_another_class_is_in_a_plan_of_the_sample_home() {
    let (_dir, world, catalog) = sample();
    let plan = plan(&world, &catalog, &Selection::default());
    assert!(plan.items.iter().any(|i| i.group == "node_modules"), "{:?}", plan.items.iter().map(|i| &i.group).collect::<Vec<_>>());
    for item in &plan.items {
        let top = catalog.find(&item.path.to_path().unwrap()).unwrap();
        for id in catalog.below(top) {
            let node = catalog.node(id);
            assert!(!node.marks.has(Marks::PROTECTED) && !catalog.is_live(id), "{} is in the plan", catalog.path(id).display());
            assert!(node.kind == crate::model::Kind::Dir || node.class == item.class, "{} is in the plan", catalog.path(id).display());
        }
    }
    let rebuildable = catalog.grand_totals().rebuildable;
    println!("{} of {} rebuildable bytes are in the plan; left out: {:#?}", plan.totals.rebuildable.bytes, rebuildable.bytes, plan.skipped);
}
