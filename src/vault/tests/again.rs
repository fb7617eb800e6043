//! A plan that waited is looked at again before it is carried out.

use super::{Home, items, skipped};
use crate::model::{Class, Plan};
use crate::vault::{Selection, again, plan};

fn looked_at(home: &Home, plan: &mut Plan) -> Vec<String> {
    let stay = again(&home.world, home.scan(), plan);
    skipped(home, &stay)
}

#[test]
fn what_is_as_it_was_stays_in_the_plan_and_the_totals_are_those_of_its_items() {
    let home = Home::with(&["cache", "unit-a/1", "risk", "flushed"]);
    let (before, mut plan) = (home.all(), home.all());
    assert_eq!(looked_at(&home, &mut plan), [""; 0]);
    assert_eq!((items(&home, &plan), plan.totals), (items(&home, &before), before.totals));
}

#[test]
fn a_part_of_a_unit_that_was_chosen_alone_stays_in_the_plan() {
    let home = Home::with(&["unit-a/x/1", "unit-a/y/2"]);
    let catalog = home.scan();
    let nodes = vec![super::node(&home, &catalog, "unit-a/x")];
    let mut plan = plan(&home.world, &catalog, &Selection { nodes, ..Selection::default() });
    assert_eq!(looked_at(&home, &mut plan), [""; 0]);
    assert_eq!(items(&home, &plan), ["unit-a/x"]);
}

#[test]
fn what_is_no_longer_rebuildable_is_taken_out_and_named_with_its_class_of_now() {
    let home = Home::with(&["cache", "kept"]);
    let mut plan = home.plan(&[Class::AtRisk]);
    // The plan of an earlier day took it for rebuildable.
    plan.items.iter_mut().for_each(|item| item.class = Class::Rebuildable);
    assert_eq!(looked_at(&home, &mut plan), ["kept: it is at risk now"]);
    assert_eq!((plan.items.len(), plan.totals.rebuildable.files), (0, 0));
}

#[test]
fn what_is_protected_in_use_or_grew_something_at_risk_by_now_is_taken_out_and_says_so() {
    let home = Home::with(&["unit-a/1", "unit-b/2", "cache"]);
    let mut plan = home.all();
    home.file("unit-a/risk", "mine");
    home.file("unit-b/live", "busy");
    let stay = looked_at(&home, &mut plan);
    assert_eq!(items(&home, &plan), ["cache"]);
    let reasons = ["it changed since the plan was made", "in use: it changed moments ago, or whether it is in use cannot be told"];
    assert_eq!(stay, [format!("unit-a: {}", reasons[0]), format!("unit-b: {}", reasons[1])]);
}

#[test]
fn what_no_store_holds_any_more_is_named_and_what_is_gone_is_left_to_the_deed() {
    let home = Home::with(&["cache", "unit-a/1"]);
    let mut plan = home.all();
    std::fs::remove_file(home.store.join("cache")).unwrap();
    let elsewhere = home.outside("thesis");
    std::fs::write(&elsewhere, "mine").unwrap();
    plan.items.iter_mut().filter(|i| i.path.path.ends_with("unit-a")).for_each(|i| i.path = crate::model::PathText::new(&elsewhere));
    assert_eq!(looked_at(&home, &mut plan), [format!("{}: it is in no store that was found", elsewhere.display())]);
    assert_eq!(items(&home, &plan), ["cache"]);
}
