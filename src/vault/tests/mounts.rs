//! Mounts in a store, real ones: each test runs once more as root of a user namespace of its own, where that is allowed.

use super::{Home, Tree, skipped};
use crate::model::Quiet;
use crate::vault::fs::Fs;
use crate::vault::real::Real;
use crate::vault::remover::remove;
use crate::vault::{Consent, PurgeWhat, purge, recover};
use std::path::Path;
use std::process::Command;

const INSIDE: &str = "LIFEBOAT_TEST_OWN_MOUNTS";

/// Whether the test runs where it may mount. If not, it is run there, or skipped with a word where that cannot be.
pub(crate) fn may_mount(test: &str) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    let unshare = |args: &[&std::ffi::OsStr]| Command::new("unshare").arg("-rm").args(args).env(INSIDE, "1").output();
    if !unshare(&["true".as_ref()]).is_ok_and(|done| done.status.success()) {
        println!("skipped: nothing can be mounted here (unshare -rm)");
        return false;
    }
    let program = std::env::current_exe().unwrap();
    let done = unshare(&[program.as_os_str(), "--exact".as_ref(), test.as_ref(), "--nocapture".as_ref()]).unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{said}{}", String::from_utf8_lossy(&done.stderr));
    assert!(said.contains("1 passed"), "{test} is not the test's own name: {said}");
    false
}

pub(crate) fn mount(args: &[&std::ffi::OsStr]) {
    assert!(Command::new("mount").args(args).status().unwrap().success(), "cannot mount {args:?}");
}

pub(in crate::vault) fn bind(from: &Path, to: &Path) {
    mount(&["--bind".as_ref(), from.as_os_str(), to.as_os_str()]);
}

#[test]
fn a_folder_of_the_same_disk_mounted_in_an_item_holds_the_item_back() {
    if !may_mount("vault::tests::mounts::a_folder_of_the_same_disk_mounted_in_an_item_holds_the_item_back") {
        return;
    }
    let home = Home::with(&["unit-a/x/1", "cache"]);
    std::fs::create_dir(home.store.join("unit-a/m")).unwrap();
    let (early, thesis) = (home.all(), home.outside("thesis"));
    std::fs::create_dir(&thesis).unwrap();
    std::fs::write(thesis.join("text"), "mine").unwrap();
    bind(&thesis, &home.store.join("unit-a/m"));
    let late = home.all();
    assert_eq!(skipped(&home, &late.skipped), ["unit-a: another file system is mounted in it"]);
    let receipt = home.try_clean(&early, Consent { at_risk: true, dry_run: false }).unwrap();
    assert_eq!(receipt.moved, 1, "{receipt:?}");
    assert_eq!(skipped(&home, &receipt.skipped), ["unit-a: another file system is mounted in it"]);
    assert!(thesis.join("text").exists() && home.store.join("unit-a/x/1").exists());
}

#[test]
fn what_is_mounted_in_the_vault_is_not_purged() {
    if !may_mount("vault::tests::mounts::what_is_mounted_in_the_vault_is_not_purged") {
        return;
    }
    let home = Home::with(&["unit-a/x/1", "unit-b/2"]);
    let vault = home.try_clean(&home.all(), Consent { at_risk: true, dry_run: false }).unwrap().vault.unwrap();
    let thesis = home.outside("thesis");
    std::fs::create_dir(&thesis).unwrap();
    std::fs::write(thesis.join("text"), "mine").unwrap();
    bind(&thesis, &vault.join("0/x"));
    let purged = purge(&home.world, &PurgeWhat::All, false, &Quiet).unwrap();
    assert_eq!(purged.failed.len(), 1, "{purged:?}");
    assert!(thesis.join("text").exists() && vault.join("0/x/text").exists());
    assert!(vault.join("1/2").exists(), "some of it was removed all the same");
    // A remover that is not told of the mount does not cross it either.
    let above = Real.top(vault.parent().unwrap()).unwrap();
    let failed = remove(&Real, &above, &crate::model::to_bytes(vault.file_name().unwrap()));
    assert_eq!(failed, ["another file system is mounted in it"]);
    assert!(thesis.join("text").exists());
    assert!(Command::new("umount").arg(vault.join("0/x")).status().unwrap().success());
    recover(&home.world).unwrap();
    assert!(!vault.exists(), "the purge was not finished: {:?}", Tree::of(&vault));
}

#[test]
fn a_folder_on_the_way_to_an_item_that_was_covered_by_a_mount_is_not_gone_into() {
    if !may_mount("vault::tests::mounts::a_folder_on_the_way_to_an_item_that_was_covered_by_a_mount_is_not_gone_into") {
        return;
    }
    let home = Home::with(&["folder/deep/cache", "cache"]);
    let plan = home.all();
    let other = home.outside("other");
    std::fs::create_dir_all(other.join("deep")).unwrap();
    std::fs::write(other.join("deep/cache"), "folder/deep/cache").unwrap();
    bind(&other, &home.store.join("folder"));
    let receipt = home.try_clean(&plan, Consent { at_risk: true, dry_run: false }).unwrap();
    assert_eq!((receipt.moved, receipt.failed.len()), (1, 1), "{receipt:?}");
    assert!(other.join("deep/cache").exists());
}

#[test]
fn another_disk_mounted_in_an_item_after_the_plan_holds_the_item_back() {
    if !may_mount("vault::tests::mounts::another_disk_mounted_in_an_item_after_the_plan_holds_the_item_back") {
        return;
    }
    let home = Home::with(&["unit-a/x/1", "unit-b/2"]);
    std::fs::create_dir(home.store.join("unit-a/m")).unwrap();
    let plan = home.all();
    mount(
        &["-t", "tmpfs", "none"].map(std::ffi::OsStr::new).into_iter().chain([home.store.join("unit-a/m").as_os_str()]).collect::<Vec<_>>(),
    );
    std::fs::write(home.store.join("unit-a/m/thesis"), "mine").unwrap();
    let receipt = home.try_clean(&plan, Consent { at_risk: true, dry_run: false }).unwrap();
    assert_eq!(skipped(&home, &receipt.skipped), ["unit-a: another file system is mounted in it"]);
    assert_eq!(receipt.moved, 1, "{receipt:?}");
    assert!(home.store.join("unit-a/m/thesis").exists());
}

#[test]
fn a_file_mounted_over_a_file_is_neither_moved_nor_removed() {
    if !may_mount("vault::tests::mounts::a_file_mounted_over_a_file_is_neither_moved_nor_removed") {
        return;
    }
    let home = Home::with(&["unit-a/x/1", "unit-b/2", "cache", "cache-other"]);
    let thesis = home.outside("thesis");
    std::fs::write(&thesis, "mine").unwrap();
    for place in ["unit-a/x/1", "cache"] {
        bind(&thesis, &home.store.join(place));
    }
    let receipt = home.try_clean(&home.all(), Consent { at_risk: true, dry_run: false }).unwrap();
    assert_eq!((receipt.moved, receipt.skipped.len() + receipt.failed.len()), (2, 2), "{receipt:?}");
    let vault = receipt.vault.unwrap();
    let other = std::fs::read_dir(&vault).unwrap().map(|e| e.unwrap().path()).find(|p| p.is_file()).unwrap();
    bind(&thesis, &other);
    let purged = purge(&home.world, &PurgeWhat::All, false, &Quiet).unwrap();
    assert_eq!(purged.failed.len(), 1, "{purged:?}");
    for place in [home.store.join("unit-a/x/1"), home.store.join("cache"), other, thesis] {
        assert_eq!(std::fs::read_to_string(&place).unwrap(), "mine", "{}", place.display());
    }
}
