use super::{Home, items, node, skipped};
use crate::model::{Class, Plan, SessionIx, Tally, Totals};
use crate::vault::{Selection, plan};

#[test]
fn a_pure_unit_is_one_item_and_loose_files_are_items_each() {
    let home = Home::with(&["unit-a/x/1", "unit-a/2", "cache1", "folder/cache2", "folder/cache3", "risk"]);
    assert_eq!(items(&home, &home.plan(&[])), ["cache1", "folder/cache2", "folder/cache3", "unit-a"]);
}

#[test]
fn a_mixed_unit_splits_into_its_pure_parts_and_says_what_stays() {
    let home = Home::with(&["unit-a/pure/1", "unit-a/pure/deep/2", "unit-a/mixed/3", "unit-a/mixed/risk", "unit-a/4"]);
    let plan = home.plan(&[]);
    assert_eq!(items(&home, &plan), ["unit-a/4", "unit-a/mixed/3", "unit-a/pure"]);
    assert_eq!(skipped(&home, &plan.skipped), ["unit-a: 1 file in it is at risk (17 B) and stays"]);
}

#[test]
fn several_things_that_stay_in_a_folder_are_one_line_with_their_number_and_bytes() {
    let home = Home::with(&["unit-a/x", "unit-a/deep/risk-1", "unit-a/deep/risk-2"]);
    let plan = home.plan(&[Class::Rebuildable]);
    assert_eq!(skipped(&home, &plan.skipped), ["unit-a: 2 files in it are at risk (36 B) and stay"]);
}

#[test]
fn nothing_protected_live_unchecked_mounted_or_in_a_cloud_is_ever_in_a_plan() {
    let home = Home::with(&[
        "unit-a/protected",
        "unit-a/1",
        "unit-b/live",
        "unit-b/2",
        "unit-c/checking",
        "unit-d/mount/x",
        "unit-d/3",
        "unit-e/cloud",
        "session-busy/unit-f/4",
        "session-busy/cache",
        "session-busy/risk",
        "protected-settings",
        "live-log",
    ]);
    let plan = home.all();
    assert_eq!(items(&home, &plan), ["unit-a/1", "unit-b/2", "unit-d/3"]);
    insta::assert_debug_snapshot!(skipped(&home, &plan.skipped), @r#"
    [
        ": in use: it changed moments ago, or whether it is in use cannot be told",
        "session-busy: in use: its process runs (3 files)",
        "unit-b: in use: it changed moments ago, or whether it is in use cannot be told",
        "unit-c: still being checked",
        "unit-d/mount: another file system is mounted here",
        "unit-e: the content is in a cloud, not here",
    ]
    "#);
}

#[test]
fn a_protected_file_is_named_only_when_it_was_selected_itself() {
    let home = Home::with(&["protected", "cache"]);
    let catalog = home.scan();
    let selection = Selection { nodes: vec![node(&home, &catalog, "protected")], classes: Class::ALL.to_vec(), ..Selection::default() };
    let plan = plan(&home.world, &catalog, &selection);
    assert!(plan.items.is_empty());
    assert_eq!(skipped(&home, &plan.skipped), ["protected: protected: a secret, a setting, or structure the app needs"]);
}

#[test]
fn an_at_risk_folder_outside_units_is_never_moved_as_one() {
    let home = Home::with(&["folder/risk1", "folder/risk2"]);
    assert_eq!(items(&home, &home.plan(&[Class::AtRisk])), ["folder/risk1", "folder/risk2"]);
}

#[test]
fn flushed_files_go_one_by_one_each_with_its_proof() {
    let home = Home::with(&["unit-a/flushed1", "unit-a/flushed2"]);
    let plan = home.plan(&[Class::Flushed]);
    assert_eq!(items(&home, &plan), ["unit-a/flushed1", "unit-a/flushed2"]);
    assert!(plan.items.iter().all(|i| i.proof.is_some()));
}

#[test]
fn items_add_up_to_the_totals_of_what_is_selected() {
    let home = Home::with(&["unit-a/1", "unit-a/risk", "cache", "folder/flushed", "folder/x", "session-one/unit-b/y"]);
    std::fs::hard_link(home.store.join("unit-a/1"), home.store.join("unit-a/again")).unwrap();
    let catalog = home.scan();
    let plan = home.all();
    let mut sum = Totals::default();
    for item in &plan.items {
        *sum.of_mut(item.class) += Tally { files: item.files, bytes: item.bytes, allocated: item.allocated };
    }
    assert_eq!((sum, plan.totals), (catalog.grand_totals(), catalog.grand_totals()));
}

#[test]
fn a_file_that_came_into_a_unit_after_the_scan_keeps_the_unit_out() {
    let home = Home::with(&["unit-a/1", "cache"]);
    let catalog = home.scan();
    home.file("unit-a/thesis", "new");
    let plan = plan(&home.world, &catalog, &Selection::default());
    assert_eq!(items(&home, &plan), ["cache"]);
    assert_eq!(skipped(&home, &plan.skipped), ["unit-a: it changed since it was scanned"]);
}

#[test]
fn only_the_selected_sessions_are_touched() {
    let home = Home::with(&["session-a/cache", "session-b/cache", "cache"]);
    let catalog = home.scan();
    let at = catalog.sessions.iter().position(|s| s.id == "session-b").unwrap();
    let selection = Selection { sessions: vec![SessionIx::at(at)], ..Selection::default() };
    assert_eq!(items(&home, &plan(&home.world, &catalog, &selection)), ["session-b/cache"]);
}

#[test]
fn a_session_whose_last_activity_is_unknown_is_not_old() {
    let mut home = Home::with(&["session-a/cache", "session-b/cache", "session-c/cache", "cache"]);
    let now: jiff::Timestamp = "2026-10-02T00:00:00Z".parse().unwrap();
    home.world = home.world.clone().with_clock(now);
    let mut catalog = home.scan();
    for session in &mut catalog.sessions {
        session.last_active = match session.id.as_str() {
            "session-a" => Some("2026-01-01T00:00:00Z".parse().unwrap()),
            "session-b" => Some("2026-10-01T00:00:00Z".parse().unwrap()),
            _ => None,
        };
    }
    let selection = Selection { older_than: Some(std::time::Duration::from_hours(30 * 24)), ..Selection::default() };
    assert_eq!(items(&home, &plan(&home.world, &catalog, &selection)), ["session-a/cache"]);
}

#[test]
fn a_node_inside_a_unit_can_be_selected_alone_and_twice_is_once() {
    let home = Home::with(&["unit-a/x/1", "unit-a/y/2"]);
    let catalog = home.scan();
    let nodes = ["unit-a/x", "unit-a/x/1", "unit-a/x"].map(|n| node(&home, &catalog, n)).to_vec();
    assert_eq!(items(&home, &plan(&home.world, &catalog, &Selection { nodes, ..Selection::default() })), ["unit-a/x"]);
}

#[test]
fn a_plan_of_several_selections_holds_each_thing_once_and_the_folder_rather_than_what_is_in_it() {
    let home = Home::with(&["unit-a/x/1", "unit-a/2", "unit-b/3", "cache"]);
    let catalog = home.scan();
    let of = |rels: &[&str]| Selection { nodes: rels.iter().map(|rel| node(&home, &catalog, rel)).collect(), ..Selection::default() };
    let plan = crate::vault::plan_all(&home.world, &catalog, &[of(&["unit-a/x", "cache"]), of(&["unit-a", "unit-b"]), of(&["unit-b/3"])]);
    assert_eq!(items(&home, &plan), ["cache", "unit-a", "unit-b"]);
    assert_eq!(plan.totals.rebuildable.files, 4);
}

#[test]
fn small_things_stay_out_where_a_size_is_asked_for() {
    let home = Home::with(&["cache-of-some-length", "cache"]);
    let selection = Selection { min_size: Some(10), ..Selection::default() };
    assert_eq!(items(&home, &plan(&home.world, &home.scan(), &selection)), ["cache-of-some-length"]);
}

#[test]
fn a_plan_is_the_same_when_read_from_its_file_and_refused_when_edited() {
    let home = Home::with(&["cache", "unit-a/1", "risk"]);
    let (plan, path) = (home.all(), home.outside("plan.json"));
    plan.save(&path).unwrap();
    assert_eq!(Plan::load(&path).unwrap(), plan);
    let text = std::fs::read_to_string(&path).unwrap();
    let edited = text.replace("cache", "thesis");
    assert_ne!(edited, text);
    std::fs::write(&path, edited).unwrap();
    assert_eq!(Plan::load(&path).unwrap_err().exit_code(), 3);
    std::fs::write(&path, text.replace("lifeboat.plan/1", "lifeboat.plan/9")).unwrap();
    assert_eq!(Plan::load(&path).unwrap_err().exit_code(), 2);
}

#[test]
fn the_same_store_gives_the_same_fingerprint() {
    let home = Home::with(&["cache", "unit-a/1", "unit-b/2", "folder/cache"]);
    assert_eq!(home.all().fingerprint, home.all().fingerprint);
}

#[test]
fn a_folder_that_could_not_be_read_stays_and_keeps_what_it_is_in_from_going_as_one() {
    let home = Home::with(&["unit-a/closed/1", "unit-a/open/2"]);
    let mut catalog = home.scan();
    let (closed, verdict) = (node(&home, &catalog, "unit-a/closed"), catalog.node(catalog.roots()[0]).verdict);
    catalog.unread(closed, verdict);
    let plan = plan(&home.world, &catalog, &Selection { classes: Class::ALL.to_vec(), ..Selection::default() });
    assert_eq!(items(&home, &plan), ["unit-a/closed/1", "unit-a/open"]);
    assert_eq!(skipped(&home, &plan.skipped), ["unit-a/closed: what is in it could not be read"]);
}

#[test]
fn our_own_vault_inside_a_store_is_never_in_a_plan() {
    let home = Home::with(&[".lifeboat-vault/op/cache", "cache"]);
    assert_eq!(items(&home, &home.all()), ["cache"]);
}

#[test]
fn what_went_after_the_scan_is_not_planned_and_is_told_to_be_gone() {
    let home = Home::with(&["cache1", "cache2", "unit-a/1"]);
    let catalog = home.scan();
    std::fs::remove_file(home.store.join("cache1")).unwrap();
    std::fs::remove_dir_all(home.store.join("unit-a")).unwrap();
    let plan = plan(&home.world, &catalog, &Selection::default());
    assert_eq!(items(&home, &plan), ["cache2"]);
    let gone = "it is no longer there";
    assert_eq!(skipped(&home, &plan.skipped), [format!("cache1: {gone}"), format!("unit-a: {gone}")]);
}

#[test]
fn an_item_that_no_rule_of_its_own_found_is_shown_in_the_group_of_its_place_in_the_store() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("home");
    crate::demo::make(&home, &crate::demo::Shape { now: jiff::Timestamp::now(), bulk: 0 }).unwrap();
    let world = crate::demo::world(&home);
    let catalog = crate::scan::run(&world, crate::scan::Options::default());
    let plan = plan(&world, &catalog, &Selection::default());
    let groups: std::collections::BTreeSet<&str> = plan.items.iter().map(|i| i.group.as_str()).collect();
    let placed = ["app caches", "debug logs", "plugin copies", "runtime files"];
    assert!(placed.iter().all(|group| groups.contains(group)) && !groups.contains(""), "{groups:?}");
}
