//! Somebody swaps folders and files for links and other things while we are at work: nothing outside is touched,
//! and every byte is kept.

use super::faults::YES;
use super::faulty::{Fault, Faulty};
use super::{Home, Tree};
use crate::vault::{PurgeWhat, clean, purge, undo};
use std::cell::Cell;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::rc::Rc;

const FILES: [&str; 3] = ["folder/cache1", "folder/unit-a/x/1", "other/cache2"];

/// Something done to a home, of which these paths are the store and the place outside; whether it could be done.
type Attack = fn(&Path, &Path) -> bool;

fn swap(place: &Path, for_this: impl Fn(&Path)) -> bool {
    let aside = place.with_file_name(format!("{}-aside", place.file_name().unwrap().to_str().unwrap()));
    let there = std::fs::rename(place, aside).is_ok();
    if there {
        for_this(place);
    }
    there
}

const ATTACKS: [(&str, Attack); 5] = [
    ("a parent swapped for a link", |store, outside| swap(&store.join("folder"), |place| symlink(outside, place).unwrap())),
    ("a file swapped for a link", |store, outside| {
        swap(&store.join("folder/cache1"), |place| symlink(outside.join("cache1"), place).unwrap())
    }),
    ("a file swapped for another", |store, _| swap(&store.join("folder/cache1"), |place| std::fs::write(place, "a victim").unwrap())),
    ("a folder swapped for a link", |store, outside| {
        swap(&store.join("folder/unit-a"), |place| symlink(outside.join("unit-a"), place).unwrap())
    }),
    ("a folder swapped for another", |store, _| {
        swap(&store.join("folder/unit-a"), |place| {
            std::fs::create_dir_all(place.join("x")).unwrap();
            std::fs::write(place.join("x/1"), "a victim").unwrap();
        })
    }),
];

/// A home, and a place outside that looks like its store's folder.
fn home() -> (Home, PathBuf) {
    let home = Home::light(&FILES);
    let outside = home.outside("outside");
    for file in ["cache1", "cache2", "unit-a/x/1", "0", "1", "2"] {
        let path = outside.join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, format!("outside {file}")).unwrap();
    }
    (home, outside)
}

/// The content of every file below a folder, sorted; links are not followed.
fn contents(top: &Path) -> Vec<String> {
    let files = walkdir::WalkDir::new(top).into_iter().map(Result::unwrap).filter(|entry| entry.file_type().is_file());
    let ours = |name: &std::ffi::OsStr| name == "lock" || name.to_string_lossy().ends_with(".journal");
    let mut all: Vec<String> =
        files.filter(|entry| !ours(entry.file_name())).map(|entry| std::fs::read_to_string(entry.path()).unwrap()).collect();
    all.sort();
    all
}

/// A disk on which the attack happens before operation `step`, and whether it could be done.
fn attacked(step: u64, store: &Path, outside: &Path, attack: Attack) -> (Faulty, Rc<Cell<bool>>) {
    let (store, outside, done) = (store.to_path_buf(), outside.to_path_buf(), Rc::new(Cell::new(false)));
    let (fs, tell) = (Faulty::calm(), Rc::clone(&done));
    *fs.attack.borrow_mut() = Some((step, Box::new(move || tell.set(attack(&store, &outside)))));
    (fs, done)
}

/// What is there when nothing was lost: what was there before, and what the attack brought.
fn and_the_victim(mut before: Vec<String>, name: &str, done: bool) -> Vec<String> {
    before.extend((done && name.ends_with("another")).then(|| "a victim".to_owned()));
    before.sort();
    before
}

#[test]
fn whatever_is_swapped_before_any_step_of_a_clean_nothing_outside_moves_and_no_byte_is_lost() {
    let mut tried = 0;
    for (name, attack) in ATTACKS {
        for step in 0.. {
            let (home, outside) = home();
            let (plan, before, out) = (home.all(), contents(&home.world.home), Tree::of(&outside));
            let (fs, swapped) = attacked(step, &home.store, &outside, attack);
            let done = clean::clean(&home.desk(&fs), &plan, YES);
            let what = format!("{name} before {step}: {done:?}");
            let over = fs.attack.borrow().is_some();
            if over {
                break;
            }
            tried += 1;
            home.mend();
            let now = contents(&home.world.home);
            assert_eq!(now, and_the_victim(before, name, swapped.get()), "{what}");
            if done.is_ok_and(|receipt| receipt.moved > 0) {
                let back = home.undo();
                assert!(back.failed.is_empty() || name.starts_with("a parent"), "{what}: {back:?}");
            }
            assert_eq!(contents(&home.world.home), now, "{what}, then undone");
            assert_eq!(Tree::of(&outside), out, "{what}");
        }
    }
    eprintln!("clean: {tried} swaps");
    assert!(tried > 200, "{tried}");
}

#[test]
fn a_swapped_file_that_cannot_go_straight_back_is_known_to_the_operation_and_comes_back_with_the_undo() {
    let mut strays = 0;
    for step in 0.. {
        for refused in step.. {
            let (home, outside) = home();
            let plan = home.all();
            let (mut fs, swapped) = attacked(step, &home.store, &outside, ATTACKS[2].1);
            fs.fault = Fault::FailsAt(refused, 13);
            let done = clean::clean(&home.desk(&fs), &plan, YES);
            let over = fs.attack.borrow().is_some();
            if over {
                assert!(strays > 0, "no file was caught");
                return;
            }
            let stray = |receipt: &crate::model::Receipt| receipt.failed.iter().any(|f| f.error.contains("undo puts it back"));
            if swapped.get() && done.is_ok_and(|receipt| stray(&receipt)) {
                strays += 1;
                let before = contents(&home.world.home);
                assert!(home.mend().is_empty());
                assert!(!home.store.join("folder/cache1").exists());
                assert!(home.undo().failed.is_empty());
                assert_eq!(contents(&home.world.home), before);
                assert_eq!(std::fs::read_to_string(home.store.join("folder/cache1")).unwrap(), "a victim");
            }
            if fs.hit.borrow().is_empty() {
                break;
            }
        }
    }
}

#[test]
fn whatever_is_swapped_before_any_step_of_an_undo_nothing_outside_changes_and_no_byte_is_lost() {
    let mut tried = 0;
    for (name, attack) in ATTACKS {
        for step in 0.. {
            let (home, outside) = home();
            let out = Tree::of(&outside);
            home.clean(&home.all());
            let before = contents(&home.world.home);
            let (fs, swapped) = attacked(step, &home.store, &outside, attack);
            let done = undo::undo(&home.desk(&fs), None, false);
            let what = format!("{name} before {step}: {done:?}");
            let over = fs.attack.borrow().is_some();
            if over {
                break;
            }
            tried += 1;
            home.mend();
            let now = contents(&home.world.home);
            assert_eq!(now, and_the_victim(before, name, swapped.get()), "{what}");
            assert_eq!(Tree::of(&outside), out, "{what}");
        }
    }
    eprintln!("undo: {tried} swaps");
    assert!(tried > 100, "{tried}");
}

/// Swaps in the vault: an item's folder, a folder in it, the operation's folder, the vault.
#[test]
fn whatever_is_swapped_for_a_link_in_the_vault_before_any_step_of_a_purge_nothing_outside_goes() {
    let mut tried = 0;
    for depth in ["0/x", "0", "", "vault"] {
        for step in 0.. {
            let home = Home::light(&["unit-a/x/1", "unit-b/2"]);
            let outside = home.outside("outside");
            let receipt = home.clean(&home.all());
            let place = receipt.vault.unwrap();
            for file in ["x/1", "1", "2", "0/x/1", &format!("{}/0/x/1", receipt.operation)] {
                std::fs::create_dir_all(outside.join(file).parent().unwrap()).unwrap();
                std::fs::write(outside.join(file), format!("outside {file}")).unwrap();
            }
            let out = Tree::of(&outside);
            let target = if depth == "vault" { place.parent().unwrap().to_path_buf() } else { place.join(depth).components().collect() };
            let fs = Faulty::calm();
            let to = outside.clone();
            *fs.attack.borrow_mut() =
                Some((step, Box::new(move || assert!(swap(&target, |place| symlink(&to, place).unwrap()) || step > 0))));
            let done = purge::purge(&home.desk(&fs), &PurgeWhat::All, false);
            let over = fs.attack.borrow().is_some();
            if over {
                break;
            }
            tried += 1;
            let _ = crate::vault::recover::recover(&home.world, &Faulty::calm());
            assert_eq!(Tree::of(&outside), out, "{depth:?} swapped before {step}: {done:?}");
        }
    }
    eprintln!("purge: {tried} swaps");
    assert!(tried > 60, "{tried}");
}

#[test]
fn while_somebody_swaps_a_parent_for_a_link_all_the_time_nothing_outside_is_touched() {
    let (home, outside) = home();
    let (before, out) = (contents(&home.world.home), Tree::of(&outside));
    let folder = home.store.join("folder");
    let (plan, start) = (home.all(), std::time::Instant::now());
    let over = || start.elapsed() > std::time::Duration::from_secs(1);
    let (mut moved, mut stayed) = (0, 0);
    let swaps = std::thread::scope(|scope| {
        let swapper = scope.spawn(|| {
            let aside = folder.with_file_name("folder-aside");
            let mut swaps = 0;
            while !over() {
                if std::fs::rename(&folder, &aside).is_err() {
                    continue;
                }
                symlink(&outside, &folder).unwrap_or_default();
                std::thread::yield_now();
                // An undo may have made the folder again meanwhile; then the old one goes into that.
                while std::fs::symlink_metadata(&aside).is_ok() {
                    swaps += 1;
                    let _ = match std::fs::symlink_metadata(&folder) {
                        Ok(facts) if facts.is_dir() => std::fs::rename(&aside, folder.join(format!("aside-{swaps}"))),
                        Ok(_) => std::fs::remove_file(&folder),
                        Err(_) => std::fs::rename(&aside, &folder),
                    };
                }
            }
            swaps
        });
        while !over() {
            if let Ok(receipt) = clean::clean(&home.desk(&Faulty::calm()), &plan, YES) {
                moved += receipt.moved;
                stayed += receipt.skipped.len() + receipt.failed.len();
            }
            let _ = undo::undo(&home.desk(&Faulty::calm()), None, false);
        }
        swapper.join().unwrap()
    });
    eprintln!("{moved} items moved and {stayed} not, while a folder was swapped {swaps} times");
    assert!(moved > 0 && stayed > 0);
    home.mend();
    assert_eq!(contents(&home.world.home), before);
    assert_eq!(Tree::of(&outside), out);
}
