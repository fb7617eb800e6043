use super::{Home, Tree, items, skipped};
use crate::model::{Class, OpState, Progress, Quiet, Watch};
use crate::vault::real::Real;
use crate::vault::{Consent, PurgeWhat, clean, history, purge, recover, undo};
#[cfg(unix)]
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

const YES: Consent = Consent { at_risk: true, dry_run: false };

fn awkward() -> Home {
    let home =
        Home::with(&["unit-a/x/1", "unit-a/2", "deep/er/unit-b/3", "cache1", "folder/cache2", "folder/flushed", "folder/risk", "note"]);
    std::fs::create_dir(home.store.join("unit-a/empty")).unwrap();
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("/nowhere", home.store.join("unit-a/link")).unwrap();
        std::os::unix::fs::symlink("2", home.store.join("folder/cache-link")).unwrap();
        std::fs::write(home.store.join(crate::model::from_bytes(b"folder/cache-\xff\n\x1b.bin")), "odd").unwrap();
    }
    home
}

#[test]
fn what_was_cleaned_and_undone_is_the_same_to_the_nanosecond() {
    let home = awkward();
    let before = home.tree();
    let plan = home.all();
    let receipt = home.clean(&plan);
    assert_eq!((receipt.moved, receipt.skipped.len(), receipt.failed.len()), (plan.items.len() as u64, 0, 0), "{receipt:?}");
    assert!(!home.tree().has("unit-a") && !home.tree().has("note"));
    let back = home.undo();
    assert_eq!((back.moved, back.bytes, back.failed.len()), (receipt.moved, receipt.bytes, 0), "{back:?}");
    assert_eq!(home.tree(), before);
    assert!(!receipt.vault.unwrap().exists(), "an empty folder was left in the vault");
}

#[test]
fn a_dry_run_says_the_same_and_moves_nothing() {
    let home = awkward();
    let (before, plan) = (home.tree(), home.all());
    let dry = home.try_clean(&plan, Consent { at_risk: true, dry_run: true }).unwrap();
    assert_eq!(home.tree(), before);
    assert!(!home.world.state_dir.exists() && !home.world.data_dir.exists(), "a dry run made something");
    let wet = home.clean(&plan);
    assert_eq!((dry.moved, dry.bytes, dry.allocated), (wet.moved, wet.bytes, wet.allocated));
}

#[test]
fn after_the_whole_store_was_removed_undo_still_brings_the_items_back() {
    let home = awkward();
    #[cfg(unix)]
    set_mode(&home.store, 0o751);
    let before = home.tree();
    home.clean(&home.all());
    let app = home.store.parent().unwrap();
    std::fs::remove_dir_all(app).unwrap();
    let back = home.undo();
    assert!(back.failed.is_empty(), "{back:?}");
    let names = |tree: &Tree| tree.names().into_iter().filter(|n| n != "unit-a/empty").collect::<Vec<_>>();
    assert_eq!(names(&home.tree()), names(&before));
    #[cfg(unix)]
    assert_eq!(mode(&home.store), 0o751, "the folder that was made again");
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&std::fs::symlink_metadata(path).unwrap().permissions()) & 0o777
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
}

#[test]
fn at_risk_items_are_refused_without_consent() {
    let home = Home::with(&["risk", "cache"]);
    let before = home.tree();
    let refused = clean(&home.world, &home.plan(&[Class::AtRisk]), Consent::default(), &Quiet).unwrap_err();
    assert_eq!((refused.exit_code(), home.tree()), (3, before));
    let receipt = clean(&home.world, &home.all(), Consent::default(), &Quiet).unwrap();
    assert_eq!(receipt.moved, 1);
    let named = skipped(&home, &receipt.skipped);
    assert_eq!(named, ["risk: at risk: it exists only here; --include-at-risk moves it all the same"]);
    assert!(home.tree().has("risk"));
}

#[test]
fn whatever_changed_since_the_plan_is_skipped_and_named() {
    let home = Home::with(&["cache-grown", "cache-gone", "cache-same", "unit-a/x/1", "unit-b/1"]);
    let plan = home.all();
    home.file("cache-grown", "a longer text than before");
    std::fs::remove_file(home.store.join("cache-gone")).unwrap();
    home.file("unit-a/x/thesis", "written meanwhile");
    let receipt = home.clean(&plan);
    assert_eq!(receipt.moved, 2);
    assert_eq!(
        skipped(&home, &receipt.skipped),
        [
            "cache-gone: it is no longer there",
            "cache-grown: it changed since the plan was made",
            "unit-a: it changed since the plan was made"
        ]
    );
    assert!(home.tree().has("unit-a/x/thesis"));
}

#[cfg(unix)]
#[test]
fn a_link_swapped_in_on_the_way_is_not_followed() {
    let home = Home::with(&["folder/cache", "other/cache"]);
    let plan = home.all();
    std::fs::rename(home.store.join("folder"), home.outside("elsewhere")).unwrap();
    std::os::unix::fs::symlink(home.outside("elsewhere"), home.store.join("folder")).unwrap();
    let receipt = home.clean(&plan);
    assert_eq!((receipt.moved, receipt.failed.len()), (1, 1), "{receipt:?}");
    assert!(home.outside("elsewhere/cache").exists());
}

#[test]
fn a_flushed_file_whose_copy_is_gone_stays() {
    let home = Home::with(&["flushed", "cache"]);
    let plan = home.all();
    let desk = super::Desk { prove: &|_, _, _| Err("the copy is gone".into()), ..home.desk(&Real) };
    let receipt = crate::vault::clean::clean(&desk, &plan, YES).unwrap();
    assert_eq!(receipt.moved, 1);
    assert_eq!(skipped(&home, &receipt.skipped), ["flushed: its copy is no longer proven: the copy is gone"]);
}

#[test]
fn a_folder_goes_before_the_file_at_risk_that_it_comes_back_from() {
    let home = Home::with(&["a-lock", "unit-modules/1"]);
    let mut plan = home.all();
    let lock = home.store.join("a-lock");
    for item in plan.items.iter_mut().filter(|i| i.class == Class::Rebuildable) {
        item.proof = Some(crate::model::Proof::Recipe { path: lock.clone() });
    }
    assert!(plan.items[0].path.path.ends_with("a-lock"));
    let desk = super::Desk { prove: &crate::classify::still_proven, ..home.desk(&Real) };
    let receipt = crate::vault::clean::clean(&desk, &plan, YES).unwrap();
    assert_eq!((receipt.moved, receipt.skipped.len()), (2, 0), "{receipt:?}");
}

#[test]
fn a_cache_goes_before_the_tag_in_it_that_proves_it() {
    let home = Home::with(&["cache-1-tag", "cache-2-blob"]);
    let mut plan = home.all();
    let tag = home.store.join("cache-1-tag");
    for item in &mut plan.items {
        item.proof = Some(crate::model::Proof::Recipe { path: tag.clone() });
    }
    let desk = super::Desk { prove: &crate::classify::still_proven, ..home.desk(&Real) };
    let receipt = crate::vault::clean::clean(&desk, &plan, YES).unwrap();
    assert_eq!((receipt.moved, receipt.skipped.len()), (2, 0), "{receipt:?}");
}

#[test]
fn a_plan_that_leaves_its_store_moves_nothing() {
    let home = Home::with(&["cache"]);
    let target = home.outside("thesis");
    std::fs::write(&target, "mine").unwrap();
    let mut plan = home.all();
    for path in [target.clone(), home.store.join("../../../../thesis")] {
        plan.items[0].path = crate::model::PathText::new(&path);
        let receipt = home.clean(&plan);
        assert_eq!((receipt.moved, receipt.failed.len()), (0, 1));
        assert_eq!(receipt.failed[0].error, "it lies below none of the plan's stores");
    }
    assert!(target.exists());
}

#[test]
fn what_leaves_a_store_is_told_as_that_even_where_the_store_is_gone_and_a_store_itself_is_no_item() {
    let home = Home::with(&["cache1", "cache2", "cache3"]);
    let mut plan = home.all();
    for (item, path) in plan.items.iter_mut().zip([home.store.join("../thesis"), home.store.clone()]) {
        item.path = crate::model::PathText::new(&path);
    }
    let told = |receipt: crate::model::Receipt| receipt.failed.into_iter().map(|f| f.error).collect::<Vec<_>>();
    let outside = "it lies below none of the plan's stores";
    assert_eq!(told(home.clean(&plan)), [outside, outside]);
    std::fs::remove_dir_all(&home.store).unwrap();
    let told = told(home.clean(&plan));
    assert_eq!(told.iter().filter(|error| *error == outside).count(), 2, "{told:?}");
    assert_eq!(told.iter().filter(|error| error.starts_with("the store's folder cannot be opened: ")).count(), 1, "{told:?}");
}

#[test]
fn a_new_file_in_the_place_is_kept_and_the_old_one_comes_back_beside_it() {
    let home = Home::with(&["folder/cache.bin", "unit-a/1"]);
    home.clean(&home.all());
    home.file("folder/cache.bin", "new");
    home.file("folder/cache.bin (restored)", "new too");
    home.file("unit-a/mine", "new");
    let back = home.undo();
    assert_eq!((back.moved, back.failed.len(), back.notes.len()), (2, 0, 2), "{back:?}");
    let read = |rel: &str| std::fs::read_to_string(home.store.join(rel)).unwrap();
    assert_eq!(read("folder/cache.bin"), "new");
    assert_eq!(read("folder/cache.bin (restored)"), "new too");
    assert_eq!(read("folder/cache.bin (restored 2)"), "folder/cache.bin");
    assert_eq!((read("unit-a/mine"), read("unit-a (restored)/1")), ("new".into(), "unit-a/1".into()));
}

#[cfg(unix)]
#[test]
fn the_longest_name_comes_back_beside_a_new_one_too() {
    let name = "ü".repeat(127) + "x";
    let home = Home::with(&[&format!("unit-a/{name}")]);
    let catalog = home.scan();
    let selection = crate::vault::Selection {
        nodes: vec![super::node(&home, &catalog, &format!("unit-a/{name}"))],
        ..crate::vault::Selection::default()
    };
    home.clean(&crate::vault::plan(&home.world, &catalog, &selection));
    home.file(&format!("unit-a/{name}"), "new");
    assert_eq!(home.undo().moved, 1);
    assert_eq!(std::fs::read_dir(home.store.join("unit-a")).unwrap().count(), 2);
}

#[test]
fn two_operations_are_undone_the_last_first_and_an_undo_is_not_undone() {
    let home = Home::with(&["folder/cache1", "folder/cache2", "folder/stays"]);
    let start = home.tree();
    let plan = home.plan(&[]);
    let (mut first, mut second) = (plan.clone(), plan);
    first.items.truncate(1);
    second.items.remove(0);
    let one = home.clean(&first);
    let between = home.tree();
    home.clean(&second);
    assert_eq!(home.undo().moved, 1);
    assert_eq!(home.tree(), between);
    let last = home.undo();
    assert_eq!(home.tree(), start);
    let nothing = home.undo();
    assert_eq!((nothing.moved, nothing.operation.as_str()), (0, ""));
    let refused = undo(&home.world, Some(&last.operation), false, &Quiet).unwrap_err();
    assert_eq!((refused.exit_code(), home.tree()), (3, start));
    assert_eq!(undo(&home.world, Some(&one.operation), false, &Quiet).unwrap().moved, 0);
}

#[test]
fn operations_undone_in_any_order_bring_everything_back() {
    let home = Home::with(&["folder/cache1", "folder/cache2"]);
    let before = home.tree().names();
    let plan = home.all();
    let (mut first, mut second) = (plan.clone(), plan);
    first.items.truncate(1);
    second.items.remove(0);
    let first = home.clean(&first).operation;
    home.clean(&second);
    undo(&home.world, Some(&first), false, &Quiet).unwrap();
    home.undo();
    assert_eq!(home.tree().names(), before);
}

#[test]
fn history_tells_every_operation_with_exact_bytes_and_its_state() {
    let home = Home::with(&["cache1", "cache22", "cache333"]);
    let plan = home.all();
    let mut parts = (0..3).map(|at| {
        let mut part = plan.clone();
        part.items = vec![plan.items[at].clone()];
        home.clean(&part)
    });
    let (a, b, c) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
    let undone = undo(&home.world, Some(&b.operation), false, &Quiet).unwrap();
    let purged = purge(&home.world, &PurgeWhat::One(a.operation.clone()), false, &Quiet).unwrap();
    let told: Vec<_> = history(&home.world).unwrap().into_iter().map(|o| (o.id, o.verb, o.items, o.bytes, o.state, o.of)).collect();
    let clean = |r: &crate::model::Receipt, bytes, state| (r.operation.clone(), "clean".to_owned(), 1, bytes, state, None);
    assert!(told.contains(&clean(&a, 6, OpState::Purged)));
    assert!(told.contains(&clean(&b, 7, OpState::Undone)));
    assert!(told.contains(&clean(&c, 8, OpState::Stands)));
    assert!(told.contains(&(undone.operation, "undo".into(), 1, 7, OpState::Undone, Some(b.operation))));
    assert!(told.contains(&(purged.operation, "purge".into(), 1, 6, OpState::Purged, Some(a.operation))));
    assert_eq!(told.len(), 5);
}

#[test]
fn purge_removes_only_its_own_operation_and_what_it_removed_does_not_come_back() {
    let home = Home::with(&["unit-a/x/1", "unit-b/2"]);
    let plan = home.all();
    let (mut first, mut second) = (plan.clone(), plan);
    first.items.truncate(1);
    second.items.remove(0);
    let (first, second) = (home.clean(&first), home.clean(&second));
    let dry = purge(&home.world, &PurgeWhat::One(first.operation.clone()), true, &Quiet).unwrap();
    assert!(first.vault.as_ref().unwrap().exists(), "a dry run removed something");
    let purged = purge(&home.world, &PurgeWhat::One(first.operation.clone()), false, &Quiet).unwrap();
    assert_eq!((dry.moved, purged.moved, purged.bytes), (1, 1, first.bytes));
    assert!(purged.free_change.is_some());
    assert!(!first.vault.unwrap().exists() && second.vault.unwrap().exists());
    assert_eq!(undo(&home.world, Some(&first.operation), false, &Quiet).unwrap_err().exit_code(), 3);
    assert_eq!(home.undo().moved, 1);
    assert!(home.tree().has("unit-b/2"));
}

#[test]
fn purge_by_age_takes_only_the_old() {
    let mut home = Home::with(&["cache1", "cache2"]);
    let plan = home.all();
    let (mut first, mut second) = (plan.clone(), plan);
    first.items.truncate(1);
    second.items.remove(0);
    home.world = home.world.clone().with_clock("2026-01-01T00:00:00Z".parse().unwrap());
    let old = home.clean(&first);
    home.world = home.world.clone().with_clock("2026-01-09T00:00:00Z".parse().unwrap());
    let new = home.clean(&second);
    let week = PurgeWhat::OlderThan(std::time::Duration::from_hours(7 * 24));
    assert_eq!(purge(&home.world, &week, false, &Quiet).unwrap().moved, 1);
    assert!(!old.vault.unwrap().exists() && new.vault.unwrap().exists());
}

#[cfg(unix)]
#[test]
fn purge_removes_locked_folders_and_leaves_the_targets_of_links() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::with(&["unit-a/locked/1"]);
    let target = home.outside("thesis");
    std::fs::create_dir(&target).unwrap();
    std::fs::write(target.join("text"), "mine").unwrap();
    std::os::unix::fs::symlink(&target, home.store.join("unit-a/locked/link")).unwrap();
    std::fs::set_permissions(home.store.join("unit-a/locked"), std::fs::Permissions::from_mode(0o555)).unwrap();
    let receipt = home.clean(&home.all());
    assert_eq!(receipt.moved, 1);
    let purged = purge(&home.world, &PurgeWhat::All, false, &Quiet).unwrap();
    assert!(purged.failed.is_empty() && !receipt.vault.unwrap().exists(), "{purged:?}");
    assert!(target.join("text").exists());
}

struct StopAfter(AtomicU64);

impl Watch for StopAfter {
    fn at(&self, _: &Progress) {}
    fn stopped(&self) -> bool {
        self.0.fetch_sub(1, Ordering::Relaxed) == 0
    }
}

#[test]
fn a_stopped_clean_keeps_what_it_moved_and_can_be_undone() {
    let home = Home::with(&["cache1", "cache2", "cache3", "cache4"]);
    let before = home.tree();
    let desk = super::Desk { watch: &StopAfter(AtomicU64::new(2)), ..home.desk(&Real) };
    let receipt = crate::vault::clean::clean(&desk, &home.all(), YES).unwrap();
    assert_eq!((receipt.moved, receipt.interrupted), (2, true));
    assert_eq!(home.undo().moved, 2);
    assert_eq!(home.tree(), before);
}

#[test]
fn a_stopped_undo_can_be_finished_later() {
    let home = Home::with(&["cache1", "cache2", "cache3", "cache4"]);
    let before = home.tree();
    home.clean(&home.all());
    let part = undo(&home.world, None, false, &StopAfter(AtomicU64::new(1))).unwrap();
    assert_eq!((part.moved, part.interrupted), (1, true));
    assert_eq!(history(&home.world).unwrap().iter().find(|o| o.verb == "clean").unwrap().state, OpState::PartlyUndone);
    assert_eq!(home.undo().moved, 3);
    assert_eq!(home.tree(), before);
}

#[test]
fn a_clean_that_moved_nothing_leaves_no_operation() {
    let home = Home::with(&["cache"]);
    let plan = home.all();
    home.file("cache", "changed in the meantime");
    let before = home.tree();
    let receipt = home.clean(&plan);
    assert_eq!((receipt.moved, receipt.operation.as_str(), receipt.vault), (0, "", None));
    assert_eq!((receipt.notes, receipt.free_change), (Vec::new(), None), "something is said of space though nothing moved");
    assert!(history(&home.world).unwrap().is_empty());
    assert_eq!(home.tree(), before, "looking for a place for the vault left a trace");
}

#[test]
fn the_vault_falls_back_beside_the_app_where_its_first_place_is_no_use() {
    let home = Home::with(&["cache"]);
    let before = home.tree();
    std::fs::create_dir_all(&home.world.data_dir).unwrap();
    std::fs::write(home.world.vault_dir(), "a file where our folder should be").unwrap();
    let receipt = home.clean(&home.all());
    assert!(receipt.vault.unwrap().starts_with(home.world.home.join(".config/.lifeboat-vault")));
    let told: Vec<_> = receipt.notes.iter().filter(|note| note.contains("the vault cannot be in")).collect();
    assert_eq!(told.len(), 1, "{:?}", receipt.notes);
    assert!(!receipt.notes.iter().any(|note| note.contains("the app's own folder")), "{:?}", receipt.notes);
    home.undo();
    assert_eq!(home.tree(), before);
}

#[test]
fn a_vault_that_can_only_be_inside_the_store_says_so_and_leaves_no_trace_after_the_undo() {
    let home = Home::with(&["folder/cache", "unit-a/1"]);
    std::fs::create_dir_all(&home.world.data_dir).unwrap();
    let taken = [".config/.lifeboat-vault", ".lifeboat-vault", ".config/Tool/.lifeboat-vault"].map(|p| home.world.home.join(p));
    for place in taken.into_iter().chain([home.world.vault_dir()]) {
        std::fs::write(place, "a file where the vault should be").unwrap();
    }
    let before = home.tree();
    let receipt = home.try_clean(&home.all(), YES).unwrap();
    assert!(receipt.vault.as_ref().unwrap().starts_with(home.store.join(".lifeboat-vault")));
    assert!(receipt.notes.iter().any(|n| n.contains("inside the store itself")), "{:?}", receipt.notes);
    assert_eq!(items(&home, &home.all()), Vec::<String>::new(), "what is in the vault was planned again");
    assert_eq!(home.undo().moved, 2);
    assert_eq!(home.tree(), before);
}

#[cfg(unix)]
#[test]
fn journal_and_vault_are_for_this_user_alone() {
    let home = Home::with(&["cache"]);
    let receipt = home.try_clean(&home.all(), YES).unwrap();
    let journal = home.world.state_dir.join(format!("operations/{}.journal", receipt.operation));
    assert_eq!((mode(&receipt.vault.unwrap()), mode(&journal), mode(&home.world.state_dir)), (0o700, 0o600, 0o700));
}

#[test]
fn nothing_interrupted_means_nothing_to_mend() {
    let home = Home::with(&["cache"]);
    assert!(recover(&home.world).unwrap().is_empty());
    assert!(!home.world.state_dir.exists(), "looking made a folder");
    home.clean(&home.all());
    assert!(recover(&home.world).unwrap().is_empty());
}

#[test]
fn two_at_once_take_turns_and_both_are_undone() {
    let home = Home::with(&["a/cache", "b/cache"]);
    let before = home.tree().names();
    let plan = home.all();
    let halves: Vec<_> = plan.items.iter().map(|item| crate::model::Plan { items: vec![item.clone()], ..plan.clone() }).collect();
    let moved: u64 = std::thread::scope(|scope| {
        let deeds: Vec<_> = halves.iter().map(|half| scope.spawn(|| home.clean(half).moved)).collect();
        deeds.into_iter().map(|d| d.join().unwrap()).sum()
    });
    assert_eq!(moved, 2);
    assert_eq!(home.undo().moved + home.undo().moved, 2);
    assert_eq!(home.tree().names(), before);
}

#[cfg(unix)]
#[test]
fn a_tree_of_every_awkward_file_comes_back_the_same() {
    let tool = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/tools");
    if !tool.join("nasty-tree").exists() {
        println!("skipped: no nasty-tree here");
        return;
    }
    let home = Home::with(&["unit-plain/1"]);
    for place in ["unit-nasty", "loose"] {
        let made = std::process::Command::new(tool.join("nasty-tree")).arg(home.store.join(place)).status();
        assert!(made.unwrap().success());
    }
    let before = home.tree();
    let plan = home.all();
    assert!(items(&home, &plan).contains(&"unit-nasty".to_owned()), "{:?}", skipped(&home, &plan.skipped));
    let receipt = home.clean(&plan);
    assert_eq!((receipt.moved, receipt.failed.len(), receipt.skipped.len()), (plan.items.len() as u64, 0, 0), "{receipt:?}");
    assert!(home.tree() != before);
    home.undo();
    assert_eq!(home.tree(), before);
    home.clean(&plan);
    let purged = purge(&home.world, &PurgeWhat::All, false, &Quiet).unwrap();
    assert!(purged.failed.is_empty(), "{purged:?}");
}
