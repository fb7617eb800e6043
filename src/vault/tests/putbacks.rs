//! How things come back: their names beside new ones, and the folders that are made again for them.

use super::Home;
#[cfg(unix)]
use super::faulty::{Fault, Faulty};
use crate::vault::putback::beside;
#[cfg(unix)]
use crate::vault::putback::remake;
#[cfg(unix)]
use crate::vault::undo;
#[cfg(unix)]
use std::path::Path;

#[test]
fn the_name_beside_a_new_one_is_the_longest_that_fits_and_never_cuts_a_character() {
    let text = |name: &str, turn| String::from_utf8(beside(name.as_bytes(), turn)).unwrap();
    assert_eq!((text("a.txt", 1), text("a.txt", 2)), ("a.txt (restored)".into(), "a.txt (restored 2)".into()));
    // 255 bytes are a disk's longest name; the tail takes 11 or 13 of them.
    assert_eq!(text(&"x".repeat(255), 1), "x".repeat(244) + " (restored)");
    assert_eq!(text(&"x".repeat(255), 2), "x".repeat(242) + " (restored 2)");
    assert_eq!(text(&("x".repeat(243) + "üüü"), 1), "x".repeat(243) + " (restored)");
    assert_eq!(text(&("x".repeat(242) + "üüü"), 1), "x".repeat(242) + "ü (restored)");
    assert_eq!(text(&"😀".repeat(63), 1), "😀".repeat(61) + " (restored)");
    assert_eq!(text(&"x".repeat(244), 1), "x".repeat(244) + " (restored)");
    let bytes = [b"\x80".repeat(255), vec![]].concat();
    assert_eq!(beside(&bytes, 1), [&b"\x80".repeat(244)[..], b" (restored)"].concat(), "no text: cut where it is full");
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_opened_is_not_taken_for_one_that_is_gone() {
    let home = Home::with(&["folder/inner/cache"]);
    for step in 0..3 {
        let fs = Faulty::new(Fault::FailsAt(step, 13));
        let opened = remake(&fs, &home.store, Path::new("folder/inner"), &|_| None).map(|_| ()).unwrap_err();
        assert_eq!(opened.kind(), std::io::ErrorKind::PermissionDenied, "{step}: {opened}");
        assert_eq!(fs.operations(), step + 1, "something was tried after it");
    }
}

#[cfg(unix)]
#[test]
fn a_folder_whose_time_cannot_be_given_back_is_named_and_one_that_is_gone_is_not() {
    for (error, named) in [(5, 1), (2, 0)] {
        let mut seen = 0;
        for step in 0.. {
            let home = Home::light(&["folder/cache"]);
            home.clean(&home.all());
            let fs = Faulty::new(Fault::FailsAt(step, error));
            let back = undo::undo(&home.desk(&fs), None, false);
            let hit = *fs.hit.borrow();
            if hit.is_empty() {
                break;
            }
            if hit == "set_time" {
                let notes = back.unwrap().notes;
                let told = notes.iter().filter(|n| n.contains("its folder's time could not be set")).count();
                assert_eq!(told, named, "{notes:?}");
                seen += 1;
            }
        }
        assert!(seen > 0);
    }
}

#[test]
fn what_lies_in_the_vault_in_the_place_of_what_was_moved_is_left_there() {
    let home = Home::with(&["cache"]);
    let slot = home.clean(&home.all()).vault.unwrap().join("0");
    let other = home.outside("other");
    std::fs::write(&other, "somebody's").unwrap();
    std::fs::rename(&other, &slot).unwrap();
    let back = home.undo();
    assert_eq!((back.moved, back.failed.len()), (0, 1), "{back:?}");
    assert_eq!(back.failed[0].error, "what is in the vault is not what was put there; it was left");
    assert_eq!(std::fs::read_to_string(&slot).unwrap(), "somebody's");
    assert!(!home.store.join("cache").exists());
}

#[cfg(unix)]
#[test]
fn a_folder_that_went_meanwhile_is_made_again_with_its_old_time_and_what_the_user_changed_keeps_its_new_one() {
    let home = Home::with(&["gone/cache", "used/cache", "other/inner/cache"]);
    let open = |rel: &str| std::fs::File::open(home.store.join(rel)).unwrap();
    let time = |rel: &str| open(rel).metadata().unwrap().modified().unwrap();
    let [old, new] = [1_000_000_000, 1_100_000_000].map(|s| std::time::UNIX_EPOCH + std::time::Duration::from_secs(s));
    for folder in ["gone", "used", "other", "other/inner"] {
        open(folder).set_modified(old).unwrap();
    }
    home.clean(&home.all());
    std::fs::remove_dir(home.store.join("gone")).unwrap();
    for folder in ["used", "other"] {
        home.file(&format!("{folder}/mine"), "new");
        open(folder).set_modified(new).unwrap();
    }
    assert_eq!(home.undo().moved, 3);
    assert_eq!((time("gone"), time("other/inner"), time("other")), (old, old, new));
    assert!(time("used") > new, "something came into it again");
}

#[test]
fn the_time_of_a_store_that_had_the_vault_in_it_comes_back() {
    let home = Home::with(&["folder/cache"]);
    std::fs::create_dir_all(&home.world.data_dir).unwrap();
    let taken = [".config/.lifeboat-vault", ".lifeboat-vault", ".config/Tool/.lifeboat-vault"].map(|p| home.world.home.join(p));
    for place in taken.into_iter().chain([home.world.vault_dir()]) {
        std::fs::write(place, "a file where the vault should be").unwrap();
    }
    let before = home.tree();
    assert!(home.clean(&home.all()).vault.unwrap().starts_with(&home.store));
    assert_eq!(home.undo().moved, 1);
    assert_eq!(home.tree(), before);
}
