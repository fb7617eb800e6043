//! What a selection covers: what of it goes, what goes as one, and what is told of the rest.

use super::{Home, items, node, skipped};
use crate::model::{Catalog, Class, SessionIx};
use crate::vault::{Selection, plan};
use crate::world::World;
use std::collections::BTreeMap;

const IN_USE: &str = "in use: it changed moments ago, or whether it is in use cannot be told";

/// The items by their names, and what is told of the rest.
fn chosen(home: &Home, catalog: &Catalog, selection: &Selection) -> (Vec<String>, Vec<String>) {
    let plan = plan(&home.world, catalog, selection);
    let mut names = items(home, &plan);
    names.sort();
    (names, skipped(home, &plan.skipped))
}

/// Of everything in the store, what is of these classes.
fn of_classes(files: &[&str], classes: &[Class]) -> (Vec<String>, Vec<String>) {
    let home = Home::with(files);
    chosen(&home, &home.scan(), &Selection { classes: classes.to_vec(), ..Selection::default() })
}

/// Of what was named, what is of these classes.
fn of_named(files: &[&str], named: &str, classes: &[Class]) -> (Vec<String>, Vec<String>) {
    let home = Home::with(files);
    let catalog = home.scan();
    let nodes = vec![node(&home, &catalog, named)];
    chosen(&home, &catalog, &Selection { nodes, classes: classes.to_vec(), ..Selection::default() })
}

/// Of one session, what is rebuildable.
fn of_session(files: &[&str], session: &str) -> (Vec<String>, Vec<String>) {
    let home = Home::with(files);
    let catalog = home.scan();
    let sessions = vec![SessionIx::at(catalog.sessions.iter().position(|s| s.id == session).unwrap())];
    chosen(&home, &catalog, &Selection { sessions, ..Selection::default() })
}

fn told(items: &[&str], rest: &[&str]) -> (Vec<String>, Vec<String>) {
    let own = |lines: &[&str]| lines.iter().map(|&line| line.to_owned()).collect();
    (own(items), own(rest))
}

#[test]
fn a_unit_with_a_vault_of_ours_in_it_does_not_go_as_one() {
    assert_eq!(of_classes(&["unit-a/.lifeboat-vault/op/1", "unit-a/x/2"], &[]), told(&["unit-a/x"], &[]));
}

#[test]
fn a_unit_that_holds_a_session_that_was_not_asked_for_does_not_go_as_one() {
    let files = ["unit-a/session-a/1", "unit-a/session-b/2", "unit-a/3"];
    assert_eq!(of_session(&files, "session-b"), told(&["unit-a/session-b"], &[]));
}

#[test]
fn a_file_with_the_name_of_our_vault_is_a_file_like_any_other() {
    assert_eq!(of_classes(&[".lifeboat-vault", "cache"], &Class::ALL), told(&[".lifeboat-vault", "cache"], &[]));
}

#[test]
fn our_vault_under_another_name_is_never_in_a_plan_and_other_folders_of_that_name_are() {
    let mut home = Home::with(&["bin/op/cache", "folder/bin/cache", "cache"]);
    let vault = home.store.join("bin").into_os_string();
    home.world = World::at(&home.world.home, BTreeMap::from([("LIFEBOAT_VAULT_DIR".into(), vault)]));
    assert_eq!(chosen(&home, &home.scan(), &Selection::default()), told(&["cache", "folder/bin/cache"], &[]));
}

#[test]
fn only_the_stores_that_were_named_are_touched() {
    let home = Home::with(&["cache"]);
    let of = |stores: &[&str]| {
        let stores = stores.iter().map(|&name| name.to_owned()).collect();
        chosen(&home, &home.scan(), &Selection { stores, ..Selection::default() })
    };
    assert_eq!(of(&["other", "fake"]), told(&["cache"], &[]));
    assert_eq!(of(&["other"]), told(&[], &[]));
}

#[test]
fn what_is_held_is_told_where_it_was_asked_for_by_its_class_or_by_its_name() {
    let files = ["live-log", "cache"];
    let in_use = format!(": {IN_USE}");
    assert_eq!(of_classes(&files, &[Class::Rebuildable]), told(&["cache"], &[]));
    assert_eq!(of_classes(&files, &[Class::AtRisk]), told(&[], &[&in_use]));
    assert_eq!(of_named(&files, "live-log", &[Class::Rebuildable]), told(&[], &[&in_use]));
}

#[test]
fn what_is_still_being_checked_is_told_whatever_was_asked_for() {
    assert_eq!(of_classes(&["checking", "cache"], &[Class::Rebuildable]), told(&["cache"], &[": still being checked"]));
    let folder = ["checking/cache", "checking/2", "cache"];
    assert_eq!(of_classes(&folder, &[Class::Rebuildable]), told(&["cache"], &[": still being checked (2 files)"]));
}

#[test]
fn what_is_of_another_class_is_told_where_it_was_named_or_lies_in_a_unit_that_was_asked_for() {
    let files = ["risk", "unit-a/risk", "unit-a/1"];
    let in_unit = "unit-a: 1 file in it is at risk (11 B) and stays";
    assert_eq!(of_classes(&files, &[Class::Rebuildable]), told(&["unit-a/1"], &[in_unit]));
    assert_eq!(of_classes(&files, &[Class::Flushed]), told(&[], &[]));
    assert_eq!(of_named(&files, "risk", &[Class::Rebuildable]), told(&[], &["risk: it is at risk, which was not asked for"]));
}

#[test]
fn a_session_in_use_is_told_only_where_it_holds_something_that_was_asked_for() {
    let busy = "session-busy: in use: its process runs";
    let files = ["session-busy/risk", "session-calm/cache"];
    assert_eq!(of_classes(&files, &[Class::Rebuildable]), told(&["session-calm/cache"], &[]));
    assert_eq!(of_classes(&files, &[Class::AtRisk]), told(&[], &[busy]));
    let files = ["session-busy/cache", "session-calm/cache"];
    assert_eq!(of_classes(&files, &[]), told(&["session-calm/cache"], &[busy]));
    assert_eq!(of_session(&files, "session-calm"), told(&["session-calm/cache"], &[]));
}

#[test]
fn a_protected_folder_is_told_only_where_it_was_named() {
    let protected = "protected-x: protected: a secret, a setting, or structure the app needs";
    let files = ["protected-x/cache", "other"];
    assert_eq!(of_classes(&files, &[]), told(&["protected-x/cache"], &[]));
    assert_eq!(of_named(&files, "protected-x", &[]), told(&["protected-x/cache"], &[protected]));
}

#[test]
fn a_folder_that_could_not_be_read_is_told_only_where_its_class_was_asked_for() {
    let home = Home::with(&["closed/1", "cache"]);
    let mut catalog = home.scan();
    let (closed, verdict) = (node(&home, &catalog, "closed"), catalog.node(catalog.roots()[0]).verdict);
    catalog.unread(closed, verdict);
    let of = |class| chosen(&home, &catalog, &Selection { classes: vec![class], ..Selection::default() }).1;
    assert_eq!(of(Class::AtRisk), ["closed: what is in it could not be read"]);
    assert_eq!(of(Class::Rebuildable), [""; 0]);
}

#[test]
fn a_folder_in_a_unit_goes_as_one_with_what_is_in_it_and_a_unit_only_as_what_it_is() {
    let files = ["unit-a/sub/risk1", "unit-a/sub/risk2", "unit-a/3", "unit-b/risk1", "unit-b/risk2"];
    let home = Home::with(&files);
    let plan = home.plan(&[Class::AtRisk]);
    assert_eq!(items(&home, &plan), ["unit-a/sub", "unit-b/risk1", "unit-b/risk2"]);
    let back: Vec<_> = plan.items.iter().filter_map(|item| item.comes_back.clone()).collect();
    assert_eq!(back, [""; 0], "what is at risk does not come back, whatever the folder around it does");
}
