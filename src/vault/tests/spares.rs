//! Journals between their home and the spare folder.

use super::Home;
use super::faulty::{Fault, Faulty};
use crate::vault::state::State;
use crate::vault::turn::LOCK;
use crate::vault::{Consent, clean};
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
