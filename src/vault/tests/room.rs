//! A disk that is full for a moment, with and without the room that was set aside for that.

use super::Home;
use super::faults::YES;
use super::faulty::{Fault, Faulty};
use crate::vault::clean;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// A home where room was set aside, and the file that is that room.
fn prudent() -> (Home, PathBuf) {
    let home = Home::light(&["cache", "folder/cache", "unit-a/1"]);
    let folder = home.world.state_dir.join("operations");
    std::fs::create_dir_all(&folder).unwrap();
    let reserve = folder.join("reserve");
    std::fs::write(&reserve, "room").unwrap();
    (home, reserve)
}

#[test]
fn a_disk_that_is_full_at_any_moment_takes_the_room_and_the_journal_stays_whole_at_home() {
    let mut hits = BTreeSet::new();
    for step in 0.. {
        let (home, reserve) = prudent();
        let before = home.tree();
        let fs = Faulty::new(Fault::FailsAt(step, 28));
        let cleaned = clean::clean(&home.desk(&fs), &home.all(), YES);
        let hit = *fs.hit.borrow();
        if hit.is_empty() {
            assert!(reserve.exists(), "it was taken though there was room");
            break;
        }
        if matches!(hit, "append" | "reserve" | "rename" | "make") {
            let receipt = cleaned.unwrap();
            assert_eq!(receipt.moved, 3, "{hit} at {step}");
            // Where only the first place for the vault had no room, the next one did.
            assert_eq!(reserve.exists(), !receipt.vault.unwrap().starts_with(home.world.vault_dir()), "{hit} at {step}");
            assert_eq!(home.undo().moved, 3, "{hit} at {step}");
            assert_eq!(home.tree(), before, "{hit} at {step}");
            hits.insert(hit);
        }
    }
    assert_eq!(hits.into_iter().collect::<Vec<_>>(), ["append", "make", "rename", "reserve"]);
}

#[test]
fn for_any_other_error_the_room_is_kept_and_nothing_is_tried_twice() {
    for error in [5, 13] {
        for step in 0.. {
            let (home, reserve) = prudent();
            let fs = Faulty::new(Fault::FailsAt(step, error));
            let cleaned = clean::clean(&home.desk(&fs), &home.all(), YES);
            let hit = *fs.hit.borrow();
            assert!(reserve.exists(), "error {error}, {hit} at {step}: {cleaned:?}");
            if hit.is_empty() {
                break;
            }
            let refused = matches!(hit, "append" | "reserve" | "sync_log" | "make");
            assert!(!refused || cleaned.is_err(), "error {error}, {hit} at {step}: {cleaned:?}");
            let hint = cleaned.err().and_then(|e| e.hint).unwrap_or_default();
            assert!(!hint.contains("Make a little room"), "error {error}, {hit} at {step}: {hint}");
        }
    }
}

#[test]
fn where_not_even_the_lock_can_be_made_for_want_of_room_the_deed_is_refused() {
    for step in 0.. {
        let home = Home::light(&["cache"]);
        let before = home.tree();
        let fs = Faulty::new(Fault::FailsAt(step, 28));
        let refused = clean::clean(&home.desk(&fs), &home.all(), YES);
        if *fs.hit.borrow() == "make_all" {
            let hint = refused.unwrap_err().hint.unwrap();
            assert!(hint.contains("Make a little room"), "{hint}");
            assert_eq!(home.tree(), before);
            break;
        }
        assert!(step < 100, "no folder was made");
    }
}
