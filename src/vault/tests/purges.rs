//! What a purge leaves where something cannot be removed.

use super::Home;
use super::faulty::{Fault, Faulty};
use crate::model::{OpState, Progress, Watch};
use crate::vault::{PurgeWhat, history, purge};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// A home whose purge meets this fault, and what it could not remove.
fn purged(files: &[&str], locked: &[&str], fault: Fault) -> (Home, &'static str, Vec<String>) {
    let home = Home::light(files);
    for folder in locked {
        set_mode(&home.store.join(folder), 0o555);
    }
    home.clean(&home.all());
    let fs = Faulty::new(fault);
    let done = purge::purge(&home.desk(&fs), &PurgeWhat::All, false).map_or(Vec::new(), |r| r.failed);
    let hit = *fs.hit.borrow();
    (home, hit, done.into_iter().map(|f| f.error).collect())
}

#[test]
fn a_folder_without_the_right_to_remove_in_it_is_given_that_right_and_removed() {
    let (home, _, failed) = purged(&["unit-a/locked/deep/1", "unit-a/2"], &["unit-a/locked/deep", "unit-a/locked"], Fault::Locks);
    assert_eq!(failed, [""; 0]);
    let left: Vec<_> = std::fs::read_dir(home.world.vault_dir()).into_iter().flatten().flatten().map(|op| op.path()).collect();
    assert!(left.iter().all(|op| !op.is_dir()), "{left:?}");
}

#[test]
fn where_a_file_cannot_be_removed_its_folder_keeps_its_rights() {
    let mut seen = 0;
    for step in 0.. {
        let (home, hit, failed) = purged(&["unit-a/1"], &[], Fault::FailsAt(step, 5));
        if hit.is_empty() {
            break;
        }
        let unit =
            std::fs::read_dir(home.world.vault_dir()).into_iter().flatten().flatten().map(|op| op.path().join("0")).find(|u| u.is_dir());
        if let ("unlink", Some(unit)) = (hit, unit.filter(|u| u.join("1").exists())) {
            assert!(failed.iter().any(|f| f.starts_with("1: ")), "{failed:?}");
            assert_eq!(mode(&unit), 0o755);
            seen += 1;
        }
    }
    assert_eq!(seen, 1);
}

#[test]
fn a_folder_that_cannot_be_removed_is_named_with_the_cause() {
    let (mut named, mut opened) = (std::collections::BTreeSet::new(), 0);
    for step in 0.. {
        let (_home, hit, failed) = purged(&["unit-a/inner/1"], &[], Fault::FailsAt(step, 5));
        match hit {
            "" => break,
            "folder" if !failed.is_empty() => {
                assert!(failed.iter().any(|f| f.contains("Input/output error")), "{failed:?}");
                opened += 1;
            }
            "rmdir" if !failed.is_empty() => {
                let failed = failed.join("\n");
                assert!(failed.contains("Input/output error") && !failed.contains("not empty"), "{failed}");
                named.insert(failed.split(':').next().unwrap_or_default().to_owned());
            }
            _ => {}
        }
    }
    assert!(named.contains("inner") && named.contains("0") && opened > 0, "{named:?}, {opened} that could not be opened");
}

#[test]
fn a_file_that_comes_into_a_folder_that_is_being_removed_stays_and_its_folder_is_named() {
    let mut seen = 0;
    for step in 0.. {
        let home = Home::light(&["unit-a/inner/1"]);
        let op = home.clean(&home.all()).vault.unwrap();
        let inner = std::fs::read_dir(&op).unwrap().flatten().map(|op| op.path().join("inner")).find(|p| p.is_dir());
        let Some(inner) = inner.or_else(|| op.join("0/inner").is_dir().then(|| op.join("0/inner"))) else { panic!("{}", op.display()) };
        let fs = Faulty::calm();
        let came = inner.join("came");
        let to = came.clone();
        *fs.attack.borrow_mut() = Some((step, Box::new(move || drop(std::fs::write(to, "mine")))));
        let done = purge::purge(&home.desk(&fs), &PurgeWhat::All, false).unwrap();
        if fs.attack.borrow().is_some() {
            break;
        }
        if came.exists() {
            let failed: Vec<&str> = done.failed.iter().map(|f| f.error.as_str()).collect();
            assert!(failed.iter().any(|f| f.starts_with("inner: ")), "{step}: {failed:?}");
            seen += 1;
        }
    }
    assert!(seen > 0);
}

#[test]
fn a_vault_that_somebody_removed_is_purged_where_its_store_is_there_and_awaited_where_both_are_gone() {
    let home = Home::with(&["cache", "unit-a/1"]);
    let removed = || {
        home.clean(&home.all());
        std::fs::remove_dir_all(home.world.vault_dir()).unwrap();
    };
    let all = || purge::purge(&home.desk(&Faulty::calm()), &PurgeWhat::All, false).unwrap();
    removed();
    assert_eq!((all().failed, history(&home.world).unwrap()[1].state), (Vec::new(), OpState::Purged));
    home.file("cache", "cache");
    removed();
    std::fs::remove_dir_all(&home.store).unwrap();
    let failed = all().failed;
    assert!(failed.len() == 1 && failed[0].error.contains("is their disk connected?"), "{failed:?}");
}

#[test]
fn of_space_a_purge_speaks_only_where_it_removed_something() {
    let home = Home::with(&["cache"]);
    let desk_purge = |dry| purge::purge(&home.desk(&Faulty::calm()), &PurgeWhat::All, dry).unwrap();
    let nothing = desk_purge(false);
    assert_eq!((nothing.free_change, nothing.notes.len()), (None, 1), "{nothing:?}");
    home.clean(&home.all());
    let dry = desk_purge(true);
    assert_eq!((dry.moved, dry.free_change, dry.notes.len()), (1, None, 0), "{dry:?}");
    let fs = Faulty::calm();
    let stopped = purge::purge(&crate::vault::Desk { watch: &Stopped, ..home.desk(&fs) }, &PurgeWhat::All, false).unwrap();
    assert!(stopped.interrupted && stopped.moved == 0 && stopped.notes.is_empty(), "{stopped:?}");
    assert!(desk_purge(false).free_change.is_some());
}

struct Stopped;

impl Watch for Stopped {
    fn at(&self, _: &Progress) {}
    fn stopped(&self) -> bool {
        true
    }
}

#[test]
fn where_one_item_cannot_be_removed_the_others_count_as_gone() {
    let mut seen = 0;
    for step in 0.. {
        let home = Home::light(&["unit-a/1", "unit-b/2"]);
        let vault = home.clean(&home.all()).vault.unwrap();
        let fs = Faulty::new(Fault::FailsAt(step, 5));
        let purged = purge::purge(&home.desk(&fs), &PurgeWhat::All, false);
        match *fs.hit.borrow() {
            "" => break,
            "unlink" => {
                assert_eq!(vault.read_dir().unwrap().count(), 1);
                let purged = purged.unwrap();
                assert_eq!((purged.moved, purged.bytes), (1, 8), "{purged:?}");
                seen += 1;
            }
            _ => {}
        }
    }
    assert_eq!(seen, 2);
}

#[test]
fn a_purge_is_not_undone_and_is_told_to_be_one() {
    let home = Home::with(&["cache"]);
    let cleaned = home.clean(&home.all()).operation;
    let id = purge::purge(&home.desk(&Faulty::calm()), &PurgeWhat::All, false).unwrap().operation;
    let refused = crate::vault::undo(&home.world, Some(&id), false, &crate::model::Quiet).unwrap_err();
    assert_eq!(refused.exit_code(), 3);
    assert!(refused.to_string().contains(&format!("{id} is a purge (of {cleaned}), and a purge is not undone")), "{refused}");
}
