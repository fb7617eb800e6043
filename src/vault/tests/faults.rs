//! Whatever goes wrong, at whichever step: every byte is where it was or in the vault, and the program knows which.

use super::faulty::{Fault, Faulty};
#[cfg(unix)]
use super::items;
use super::{Home, Tree, skipped};
use crate::model::{OpState, Quiet};
use crate::vault::{Consent, PurgeWhat, clean, history, purge, recover, undo};
#[cfg(unix)]
use std::path::Path;

pub(super) const YES: Consent = Consent { at_risk: true, dry_run: false };
pub(super) const FILES: [&str; 4] = ["deep/er/unit-a/x/1", "folder/cache1", "folder/cache2", "risk"];

/// Everything in the vaults of a home; after an error an empty folder may stay, and the file a place was tried with.
fn in_vaults(home: &Home, folders: bool) -> Vec<String> {
    let vaults = [home.world.vault_dir(), home.world.home.join(".config/.lifeboat-vault"), home.world.home.join(".lifeboat-vault")];
    vaults
        .iter()
        .flat_map(|vault| if folders { Tree::of(vault).names() } else { Tree::of(vault).files() })
        .filter(|name| folders || !name.starts_with(".lifeboat-probe"))
        .collect()
}

/// After the mending: all is as before, or an operation stands whose undo makes it so; and nothing of ours is left.
pub(super) fn all_is_well(home: &Home, before: &Tree, strict: bool, what: &str) {
    let states: Vec<OpState> = history(&home.world).unwrap().iter().filter(|o| o.verb == "clean").map(|o| o.state).collect();
    match states.as_slice() {
        [] | [OpState::Undone] => {}
        [OpState::Stands | OpState::PartlyUndone] => assert!(home.undo().failed.is_empty(), "{what}"),
        other => panic!("{what}: {other:?}"),
    }
    let compared = |tree: &Tree| if strict { tree.clone() } else { tree.without_folder_times() };
    assert_eq!(compared(&home.tree()), compared(before), "{what}");
    assert!(in_vaults(home, strict).is_empty(), "{what}: left in the vault: {:?}", in_vaults(home, strict));
    assert!(home.mend().is_empty(), "{what}: mended twice");
}

#[test]
fn killed_at_any_step_of_a_clean_and_again_in_any_step_of_the_mending_nothing_is_lost() {
    let mut deaths = 0;
    for step in 0.. {
        let mut last = false;
        for again in 0.. {
            let home = Home::with(&FILES);
            let (before, plan) = (home.tree(), home.all());
            let fs = Faulty::new(Fault::DiesAt(step));
            let done = clean::clean(&home.desk(&fs), &plan, YES);
            last = fs.hit.borrow().is_empty();
            assert!(!last || done.is_ok());
            let mending = Faulty::new(Fault::DiesAt(again));
            let _ = recover::recover(&home.world, &mending);
            let mended = mending.hit.borrow().is_empty();
            home.mend();
            all_is_well(&home, &before, true, &format!("killed at {step} ({}), then at {again}", fs.hit.borrow()));
            deaths += 1;
            if mended {
                break;
            }
        }
        if last {
            break;
        }
    }
    assert!(deaths > 100, "only {deaths} deaths were tried");
}

#[test]
fn killed_at_any_step_of_an_undo_and_again_in_the_mending_everything_comes_back() {
    for step in 0.. {
        let mut last = false;
        for again in 0.. {
            let home = Home::with(&FILES);
            let before = home.tree();
            home.clean(&home.all());
            let fs = Faulty::new(Fault::DiesAt(step));
            let _ = undo::undo(&home.desk(&fs), None, false);
            last = fs.hit.borrow().is_empty();
            let mending = Faulty::new(Fault::DiesAt(again));
            let _ = recover::recover(&home.world, &mending);
            let mended = mending.hit.borrow().is_empty();
            home.mend();
            all_is_well(&home, &before, true, &format!("killed at {step} ({}), then at {again}", fs.hit.borrow()));
            if mended {
                break;
            }
        }
        if last {
            assert!(step > 8, "an undo of only {step} steps was tried");
            break;
        }
    }
}

#[test]
fn a_purge_killed_at_any_step_is_finished_and_takes_nothing_else() {
    for step in 0.. {
        let home = Home::with(&["unit-a/x/1", "unit-b/2"]);
        let plan = home.all();
        let half = |at: usize| crate::model::Plan { items: vec![plan.items[at].clone()], ..plan.clone() };
        let (first, second) = (home.clean(&half(0)), home.clean(&half(1)));
        let fs = Faulty::new(Fault::DiesAt(step));
        let _ = purge::purge(&home.desk(&fs), &PurgeWhat::One(first.operation.clone()), false);
        home.mend();
        let state = |id: &str| history(&home.world).unwrap().iter().find(|o| o.id == id).unwrap().state;
        let purged = state(&first.operation);
        // The first two steps are the folder for journals and the line that begins the purge.
        assert!(purged == OpState::Purged || step < 2 && purged == OpState::Stands, "killed at {step}: {purged:?}");
        assert_eq!(first.vault.unwrap().exists(), purged == OpState::Stands);
        assert_eq!(state(&second.operation), OpState::Stands);
        assert_eq!(crate::vault::undo(&home.world, Some(&second.operation), false, &Quiet).unwrap().moved, 1);
        assert!(home.tree().has("unit-b/2"));
        if fs.hit.borrow().is_empty() {
            break;
        }
    }
}

#[test]
fn while_the_disk_is_away_nothing_is_taken_for_gone() {
    let plugged = |home: &Home| {
        let aside = home.outside("unplugged");
        std::fs::rename(&home.world.home, &aside).unwrap();
        assert!(!home.mend().is_empty(), "nothing was said");
        assert!(!undo::undo(&home.desk(&Faulty::calm()), None, false).is_ok_and(|r| r.moved > 0));
        std::fs::rename(&aside, &home.world.home).unwrap();
        home.mend();
    };
    let away_from_home = || {
        let mut home = Home::with(&FILES);
        home.world.state_dir = home.outside("state");
        home
    };
    let mut tried = 0;
    for step in 0..40 {
        let home = away_from_home();
        let before = home.tree();
        let fs = Faulty::new(Fault::DiesAt(step));
        let _ = clean::clean(&home.desk(&fs), &home.all(), YES);
        if !fs.hit.borrow().is_empty() && in_vaults(&home, false).iter().any(|name| name.contains(std::path::MAIN_SEPARATOR)) {
            plugged(&home);
            all_is_well(&home, &before, true, &format!("clean died at {step}"));
            tried += 1;
        }
    }
    assert!(tried > 2);
    let home = away_from_home();
    let before = home.tree();
    home.clean(&home.all());
    let _ = undo::undo(&home.desk(&Faulty::new(Fault::DiesAt(3))), None, false);
    plugged(&home);
    all_is_well(&home, &before, true, "undo died");
    let home = away_from_home();
    let vault = home.clean(&home.all()).vault.unwrap();
    let _ = purge::purge(&home.desk(&Faulty::new(Fault::DiesAt(3))), &PurgeWhat::All, false);
    assert!(vault.exists());
    plugged(&home);
    assert!(!vault.exists(), "the purge was taken for done while the disk was away");
}

#[test]
fn a_torn_journal_is_cut_to_its_last_whole_line_and_mended() {
    let home = Home::with(&FILES);
    let before = home.tree();
    let receipt = home.clean(&home.all());
    let path = home.world.state_dir.join(format!("operations/{}.journal", receipt.operation));
    let whole = std::fs::read(&path).unwrap();
    let commit = whole[..whole.len() - 1].iter().rposition(|b| *b == b'\n').unwrap() + 1;
    for cut in commit..whole.len() {
        std::fs::write(&path, &whole[..cut]).unwrap();
        let told = home.mend();
        assert_eq!(told.len(), 1, "cut at {cut}: {told:?}");
        assert_eq!(home.tree(), before);
        assert!(history(&home.world).unwrap().is_empty());
        // Into the vault with everything again, as if the commit had just been torn.
        if cut + 1 < whole.len() {
            std::fs::write(&path, "").unwrap();
            home.mend();
            let again = home.clean(&home.all());
            let next = home.world.state_dir.join(format!("operations/{}.journal", again.operation));
            std::fs::rename(&next, &path).unwrap();
            let vault = again.vault.unwrap();
            std::fs::rename(&vault, vault.with_file_name(&receipt.operation)).unwrap();
        }
    }
}

/// What is in the vaults under a number, not below one.
fn numbered(home: &Home) -> usize {
    let count =
        |vault: &std::path::Path| vault.read_dir().map_or(0, |names| names.flatten().flat_map(|op| op.path().read_dir()).flatten().count());
    count(&home.world.vault_dir())
}

#[test]
fn a_mending_says_how_many_items_it_put_back() {
    let mut seen = std::collections::BTreeSet::new();
    for step in 0.. {
        let home = Home::with(&FILES);
        let fs = Faulty::new(Fault::DiesAt(step));
        let _ = clean::clean(&home.desk(&fs), &home.all(), YES);
        if fs.hit.borrow().is_empty() {
            break;
        }
        let (moved, told) = (numbered(&home), home.mend());
        let items = if moved == 1 { "1 item was put back.".into() } else { format!("{moved} items were put back.") };
        match told.as_slice() {
            [] => assert_eq!(moved, 0, "killed at {step}"),
            [told] => {
                assert!(
                    moved > 0 && told.starts_with("The interrupted cleaning ") && told.ends_with(&format!(" was taken back: {items}")),
                    "{told}"
                );
            }
            more => panic!("{more:?}"),
        }
        seen.insert(moved);
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
}

#[cfg(unix)]
#[test]
fn a_mending_that_cannot_put_an_item_back_names_it_and_the_cause_and_the_next_one_does() {
    let dead = |step| {
        let home = Home::with(&FILES);
        let (before, fs) = (home.tree(), Faulty::new(Fault::DiesAt(step)));
        let _ = clean::clean(&home.desk(&fs), &home.all(), YES);
        (home, before, fs.hit.borrow().is_empty())
    };
    // The last step at which anything dies is the commit.
    let commit = (0..1000).find(|step| dead(*step).2).unwrap() - 1;
    for step in 0.. {
        let (home, before, _) = dead(commit);
        let fs = Faulty::new(Fault::FailsAt(step, 13));
        let told = recover::recover(&home.world, &fs);
        if *fs.hit.borrow() == "rename" {
            let told = told.unwrap().join("\n");
            assert!(told.contains("3 items were put back, but 1 could not be (") && told.contains("denied"), "{told}");
            assert_eq!(home.mend().len(), 1);
            assert_eq!(home.tree(), before);
            break;
        }
    }
}

#[test]
fn a_folder_with_a_mount_in_it_is_neither_moved_nor_purged() {
    let home = Home::with(&["unit-a/x/1", "cache"]);
    let plan = home.all();
    let mut fs = Faulty::new(Fault::Mounted);
    fs.mounted = std::fs::canonicalize(home.store.join("unit-a/x")).unwrap();
    let receipt = clean::clean(&home.desk(&fs), &plan, YES).unwrap();
    assert_eq!(receipt.moved, 1);
    assert!(skipped(&home, &receipt.skipped)[0].starts_with("unit-a: another file system is mounted in it"));
    fs.mounted = std::fs::canonicalize(receipt.vault.as_ref().unwrap()).unwrap().join("1");
    let purged = purge::purge(&home.desk(&fs), &PurgeWhat::All, false).unwrap();
    assert_eq!(purged.failed.len(), 1);
    assert!(receipt.vault.unwrap().read_dir().unwrap().next().is_some(), "something was removed");
}

#[cfg(unix)]
#[test]
fn a_tree_far_deeper_than_there_are_descriptors_is_moved_put_back_and_purged() {
    use rustix::fs::{CWD, Mode, OFlags, mkdirat, openat};
    let home = Home::with(&["unit-deep/1"]);
    let mut at = openat(CWD, home.store.join("unit-deep"), OFlags::DIRECTORY, Mode::empty()).unwrap();
    for _ in 0..1500 {
        mkdirat(&at, "d", Mode::RWXU).unwrap();
        at = openat(&at, "d", OFlags::DIRECTORY, Mode::empty()).unwrap();
    }
    let plan = home.all();
    assert_eq!(items(&home, &plan), ["unit-deep"]);
    assert_eq!(home.clean(&plan).moved, 1);
    assert_eq!(home.undo().moved, 1);
    let receipt = home.clean(&plan);
    assert_eq!(receipt.moved, 1, "{receipt:?}");
    let purged = crate::vault::purge(&home.world, &PurgeWhat::All, false, &Quiet).unwrap();
    assert!(purged.failed.is_empty() && !Path::new(&receipt.vault.unwrap()).exists(), "{purged:?}");
}

#[cfg(unix)]
#[test]
fn a_purge_opens_a_folder_that_is_locked_and_names_one_that_cannot_be_read() {
    let (mut locked, mut broken) = (0, 0);
    for step in 0.. {
        let tried = [13, 5].map(|error| {
            let home = Home::with(&["unit-a/x/1"]);
            let vault = home.clean(&home.all()).vault.unwrap();
            let fs = Faulty::new(Fault::FailsAt(step, error));
            let purged = purge::purge(&home.desk(&fs), &PurgeWhat::All, false);
            let hit = *fs.hit.borrow();
            (hit, purged.map_or(1, |p| p.failed.len()), vault.exists())
        });
        match tried {
            [("", ..), _] => break,
            // A folder that is locked is unlocked, where it is the opening that is refused.
            [("folder", 0, false), ("folder", 1, true)] => locked += 1,
            [("folder", ..), ("folder", failed, there)] => broken += usize::from(failed == 1 && there),
            _ => {}
        }
    }
    assert!(locked >= 2, "{locked} locked, {broken} broken");
}

#[test]
fn a_file_with_the_name_of_our_empty_one_that_holds_something_stays() {
    let probe = |home: &Home| Tree::of(&home.store).files().into_iter().find(|name| name.contains(".lifeboat-probe-"));
    let mut seen = false;
    for step in 0.. {
        let home = Home::with(&FILES);
        let fs = Faulty::new(Fault::DiesAt(step));
        let _ = clean::clean(&home.desk(&fs), &home.all(), YES);
        if let Some(name) = probe(&home) {
            seen = true;
            std::fs::write(home.store.join(&name), "somebody's").unwrap();
            home.mend();
            assert_eq!(std::fs::read_to_string(home.store.join(&name)).unwrap(), "somebody's");
        }
        if fs.hit.borrow().is_empty() {
            break;
        }
    }
    assert!(seen, "the file was never there");
}
