//! Journals between their home and the spare folder.

use super::Home;
use super::faulty::{Fault, Faulty};
use crate::model::{OpState, PathText};
use crate::vault::journal::{Entry, decode};
use crate::vault::state::State;
use crate::vault::turn::LOCK;
use crate::vault::{Consent, clean, history};
use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

const YES: Consent = Consent { at_risk: true, dry_run: false };

/// A home with a spare folder on another disk.
fn with_spare() -> (Home, tempfile::TempDir) {
    let (mut home, other) = (Home::light(&["cache", "folder/cache", "unit-a/1"]), tempfile::tempdir().unwrap());
    home.world.spare_dirs = vec![other.path().to_path_buf()];
    (home, other)
}

/// The home's own folder in the spare one.
fn ours(home: &Home) -> PathBuf {
    let fs = Faulty::calm();
    let path = State::of(&home.world, &fs).spares()[0].path();
    std::fs::create_dir_all(&path).unwrap();
    for folder in [path.parent().unwrap(), &path] {
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700)).unwrap();
    }
    path
}

fn journal(folder: &Path) -> Option<PathBuf> {
    std::fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()).find(|p| p.extension().is_some_and(|e| e == "journal"))
}

#[test]
fn a_disk_that_is_full_at_any_moment_of_a_clean_loses_nothing_and_the_journal_goes_on_elsewhere() {
    let mut hits = BTreeSet::new();
    for step in 0.. {
        let (home, _other) = with_spare();
        let before = home.tree();
        let fs = Faulty::new(Fault::FailsAt(step, 28));
        let cleaned = clean::clean(&home.desk(&fs), &home.all(), YES);
        let hit = *fs.hit.borrow();
        if hit.is_empty() {
            break;
        }
        if matches!(hit, "append" | "reserve") {
            assert_eq!(cleaned.unwrap().moved, 3, "{hit} at {step}");
            assert_eq!(home.undo().moved, 3, "{hit} at {step}");
            assert_eq!(home.tree(), before, "{hit} at {step}");
            hits.insert(hit);
        }
    }
    assert_eq!(hits.into_iter().collect::<Vec<_>>(), ["append", "reserve"]);
}

#[test]
fn a_journal_that_is_only_in_the_spare_folder_comes_home_whole() {
    let (home, _other) = with_spare();
    let before = home.tree();
    home.clean(&home.all());
    let at_home = journal(&home.world.state_dir.join("operations")).unwrap();
    let (away, bytes) = (ours(&home).join(at_home.file_name().unwrap()), std::fs::read(&at_home).unwrap());
    std::fs::copy(&at_home, &away).unwrap();
    std::fs::remove_file(&at_home).unwrap();
    let fs = Faulty::calm();
    State::of(&home.world, &fs).bring_home();
    assert!(!away.exists());
    assert_eq!(std::fs::read(&at_home).unwrap(), bytes);
    home.undo();
    assert_eq!(home.tree(), before);
}

#[test]
fn the_lock_in_the_spare_folder_stays_as_long_as_there_is_none_at_home() {
    let (home, _other) = with_spare();
    let lock = ours(&home).join(LOCK);
    std::fs::write(&lock, "").unwrap();
    let fs = Faulty::calm();
    State::of(&home.world, &fs).bring_home();
    assert!(lock.exists(), "somebody may hold it, and the next one would take another");
    let at_home = State::of(&home.world, &fs).home().join(LOCK);
    std::fs::create_dir_all(at_home.parent().unwrap()).unwrap();
    std::fs::write(at_home, "").unwrap();
    State::of(&home.world, &fs).bring_home();
    assert!(!lock.exists());
}

#[test]
fn of_two_copies_of_a_journal_the_longer_counts_wherever_it_lies() {
    for whole_is_away in [false, true] {
        let (home, _other) = with_spare();
        let before = home.tree();
        home.clean(&home.all());
        let at_home = journal(&home.world.state_dir.join("operations")).unwrap();
        let away = ours(&home).join(at_home.file_name().unwrap());
        let whole = std::fs::read(&at_home).unwrap();
        let half = &whole[..whole.len() / 2];
        std::fs::write(&away, if whole_is_away { &whole } else { half }).unwrap();
        std::fs::write(&at_home, if whole_is_away { half } else { &whole }).unwrap();
        assert_eq!(history(&home.world).unwrap()[0].state, OpState::Stands);
        assert_eq!(home.undo().moved, 3);
        assert_eq!(home.tree(), before);
        assert!(!away.exists() && at_home.exists());
    }
}

#[test]
fn a_home_of_journals_that_cannot_be_made_for_another_reason_than_a_full_disk_is_told_and_no_spare_one_is_made() {
    let (home, other) = with_spare();
    std::fs::create_dir_all(home.world.state_dir.parent().unwrap()).unwrap();
    std::fs::write(&home.world.state_dir, "a file in its place").unwrap();
    let refused = clean::clean(&home.desk(&Faulty::calm()), &home.all(), YES).unwrap_err();
    assert!(refused.to_string().contains("cannot make the folder for journals"), "{refused}");
    assert!(refused.hint.unwrap().contains("LIFEBOAT_STATE_DIR"));
    assert_eq!(std::fs::read_dir(other.path()).unwrap().count(), 0);
}

#[test]
fn when_another_finds_room_at_home_while_the_lock_is_taken_in_the_spare_folder_the_one_at_home_is_taken_too() {
    let (home, _other) = with_spare();
    let fs = Faulty::new(Fault::FailsAt(0, 28));
    let folder = home.world.state_dir.join("operations");
    let lock = folder.join(LOCK);
    let there = lock.clone();
    let comes = move || {
        std::fs::create_dir_all(folder).unwrap();
        std::fs::write(there, "").unwrap();
    };
    *fs.attack.borrow_mut() = Some((3, Box::new(comes)));
    let turn = State::of(&home.world, &fs).turn().unwrap();
    assert_eq!(*fs.hit.borrow(), "make_all");
    let other = std::fs::File::open(&lock).unwrap();
    assert!(matches!(other.try_lock(), Err(std::fs::TryLockError::WouldBlock)), "{turn:?}");
}

#[test]
fn journals_that_cannot_be_read_are_told_with_their_folder() {
    let (home, _other) = with_spare();
    home.clean(&home.all());
    let mut told = 0;
    for step in 0.. {
        let fs = Faulty::new(Fault::FailsAt(step, 5));
        let read = State::of(&home.world, &fs).records().map(drop);
        match *fs.hit.borrow() {
            "" => break,
            "list" | "log" | "read" => {
                let error = format!("{:?}", read.unwrap_err());
                assert!(error.contains("cannot read the journals") && error.contains("operations"), "{error}");
                told += 1;
            }
            _ => {}
        }
    }
    assert_eq!(told, 3);
}

#[test]
fn a_journal_that_goes_on_elsewhere_knows_all_its_lines() {
    let mut moved = 0;
    for step in 0.. {
        let (home, _other) = with_spare();
        let fs = Faulty::new(Fault::FailsAt(step, 28));
        let state = State::of(&home.world, &fs);
        let Ok(mut journal) = state.begin("id") else { continue };
        let begun_at = journal.lies_in;
        let lines = [0, 1, 2].map(|root| Entry::Root { root, path: PathText::new(&home.store) });
        for line in &lines {
            state.write(&mut journal, std::slice::from_ref(line)).unwrap();
        }
        if fs.hit.borrow().is_empty() {
            break;
        }
        assert_eq!(decode(&journal.bytes().unwrap()).0, lines, "{} at {step}", fs.hit.borrow());
        moved += usize::from(journal.lies_in != begun_at);
    }
    assert!(moved > 3, "{moved}");
}
