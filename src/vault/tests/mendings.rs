//! What is left of a deed that was cut short or came to nothing, and what is told of it.

use super::faults::{FILES, YES, all_is_well};
use super::faulty::{Fault, Faulty};
use super::{Home, Tree};
use crate::model::OpState;
use crate::vault::operation::Record;
use crate::vault::{clean, history, recover};
use std::path::PathBuf;

/// A home whose clean died at this step, as it was before, and whether there was such a step.
fn died(step: u64) -> (Home, Tree, bool) {
    let home = Home::light(&FILES);
    let (before, fs) = (home.tree(), Faulty::new(Fault::DiesAt(step)));
    let _ = clean::clean(&home.desk(&fs), &home.all(), YES);
    let hit = !fs.hit.borrow().is_empty();
    (home, before, hit)
}

/// The empty file of ours in the store, with which a place for the vault is tried.
fn probe(home: &Home) -> Option<PathBuf> {
    Tree::of(&home.store).files().into_iter().find(|name| name.contains(".lifeboat-probe-")).map(|name| home.store.join(name))
}

/// Items of the home that are in its vault.
fn vaulted(home: &Home) -> usize {
    let operations = home.world.vault_dir().read_dir().into_iter().flatten().flatten();
    operations.flat_map(|op| op.path().read_dir()).flatten().count()
}

/// The first step of a clean at which it dies with the empty file in the store.
fn with_probe() -> u64 {
    (0..100).find(|step| probe(&died(*step).0).is_some()).unwrap()
}

#[test]
fn an_empty_file_of_ours_that_cannot_be_looked_at_or_removed_is_not_forgotten() {
    let death = with_probe();
    for step in 0.. {
        let (home, before, _) = died(death);
        let fs = Faulty::new(Fault::FailsAt(step, 13));
        let told = recover::recover(&home.world, &fs);
        let hit = *fs.hit.borrow();
        home.mend();
        all_is_well(&home, &before, false, &format!("{hit} at {step}: {told:?}"));
        if hit.is_empty() {
            break;
        }
    }
}

#[test]
fn where_the_folder_of_that_file_is_gone_or_no_folder_any_more_there_is_nothing_to_tell_and_nothing_left_to_mend() {
    let death = with_probe();
    for a_file_in_its_place in [false, true] {
        let (home, ..) = died(death);
        let folder = probe(&home).unwrap().parent().unwrap().to_path_buf();
        assert_ne!(folder, home.store);
        std::fs::remove_dir_all(&folder).unwrap();
        if a_file_in_its_place {
            std::fs::write(&folder, "mine").unwrap();
        }
        assert_eq!(home.mend(), [""; 0]);
        assert!(history(&home.world).unwrap().is_empty());
        assert_eq!(folder.exists(), a_file_in_its_place);
    }
}

#[test]
fn a_mending_that_put_items_back_says_so_whatever_else_went_wrong() {
    let death = (0..100).find(|step| vaulted(&died(*step).0) == FILES.len()).unwrap();
    let mut told_of = 0;
    for step in 0.. {
        let (home, ..) = died(death);
        let fs = Faulty::new(Fault::FailsAt(step, 13));
        let told = recover::recover(&home.world, &fs).unwrap_or_default().join("\n");
        if fs.hit.borrow().is_empty() {
            break;
        }
        let back = FILES.len() - vaulted(&home);
        if back > 0 && !told.is_empty() {
            assert!(told.contains(&format!("{back} items were put back")), "{} at {step}: {told}", fs.hit.borrow());
            told_of += 1;
        }
    }
    assert!(told_of > 5, "{told_of}");
}

#[test]
fn what_was_mended_is_not_written_to_again_and_a_torn_line_after_it_is_cut_off() {
    let death = (0..100).find(|step| vaulted(&died(*step).0) == 2).unwrap();
    let (home, ..) = died(death);
    assert_eq!(home.mend().len(), 1);
    let folder = home.world.state_dir.join("operations").read_dir().unwrap();
    let journal = folder.map(|e| e.unwrap().path()).find(|p| p.extension().is_some_and(|e| e == "journal")).unwrap();
    let mended = std::fs::read(&journal).unwrap();
    assert_eq!(home.mend(), [""; 0]);
    assert_eq!(std::fs::read(&journal).unwrap(), mended);
    std::fs::write(&journal, [&mended[..], b"{\"is\":\"co"].concat()).unwrap();
    assert_eq!(home.mend(), [""; 0]);
    let now = Record::read(&std::fs::read(&journal).unwrap());
    assert!(now.rolled_back && now.good == now.length, "{now:?}");
}

#[test]
fn a_clean_that_moved_nothing_is_forgotten_only_when_its_traces_are_gone_for_good() {
    let mut known = Vec::new();
    for step in 0.. {
        let home = Home::light(&["cache"]);
        let (plan, fs) = (home.all(), Faulty::new(Fault::FailsAt(step, 5)));
        home.file("cache", "changed in the meantime");
        let before = home.tree();
        let _ = clean::clean(&home.desk(&fs), &plan, YES);
        let hit = *fs.hit.borrow();
        if hit.is_empty() {
            break;
        }
        if hit == "sync" {
            let fs = Faulty::calm();
            known.push(!crate::vault::state::State::of(&home.world, &fs).records().unwrap().is_empty());
        }
        home.mend();
        assert_eq!(home.tree().without_folder_times(), before.without_folder_times(), "{hit} at {step}");
    }
    // The last three are those of the vault, of the folder that was tried, and of the forgetting.
    assert!(known.ends_with(&[true, true, false]), "{known:?}");
}

#[test]
fn a_clean_that_cannot_be_made_to_last_is_taken_back_and_says_so() {
    let mut seen = 0;
    for step in 0.. {
        let (home, fs) = (Home::light(&FILES), Faulty::new(Fault::FailsAt(step, 5)));
        let before = home.tree();
        let done = clean::clean(&home.desk(&fs), &home.all(), YES);
        if fs.hit.borrow().is_empty() {
            break;
        }
        if let Err(e) = done
            && e.to_string().contains("could not be made to last")
        {
            assert_eq!(e.hint.as_deref(), Some("Everything was put back."), "{} at {step}", fs.hit.borrow());
            assert_eq!(home.tree().without_folder_times(), before.without_folder_times(), "{step}");
            assert!(history(&home.world).unwrap().iter().all(|o| o.state != OpState::Unfinished));
            seen += 1;
        }
    }
    assert!(seen > 2, "{seen}");
}
