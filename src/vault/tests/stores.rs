//! A plan over several stores.

use super::Home;
#[cfg(unix)]
use super::faults::YES;
#[cfg(unix)]
use super::faulty::{Fault, Faulty};
use crate::model::Plan;
#[cfg(unix)]
use crate::vault::clean;
use crate::vault::plan;

/// A home with two stores on one disk, the second at [`Home::store`], and a plan of both.
fn both() -> (Home, Plan) {
    let mut home = Home::light(&["cache", "folder/cache"]);
    let first = home.all();
    home.store = home.world.home.join(".config/Other/store");
    home.file("cache", "of the other");
    let second = home.all();
    let plan = plan::together(&home.world, vec![first, second]);
    assert_eq!((plan.roots.len(), plan.items.len()), (2, 3));
    (home, plan)
}

#[test]
fn two_stores_share_a_vault_and_everything_comes_back_to_its_own() {
    let (home, plan) = both();
    let there = || plan.items.iter().filter(|i| i.path.to_path().unwrap().exists()).count();
    let receipt = home.clean(&plan);
    assert_eq!((receipt.moved, receipt.failed.len(), there()), (3, 0, 0), "{receipt:?}");
    assert_eq!((home.undo().moved, there()), (3, 3));
    assert_eq!(std::fs::read_to_string(home.store.join("cache")).unwrap(), "of the other");
}

#[cfg(unix)]
#[test]
fn a_store_that_nothing_can_be_moved_out_of_keeps_its_items_and_the_other_is_cleaned() {
    let mut kept = Vec::new();
    for step in 0.. {
        let (home, plan) = both();
        let fs = Faulty::new(Fault::FailsAt(step, 13));
        let done = clean::clean(&home.desk(&fs), &plan, YES);
        match *fs.hit.borrow() {
            "" => break,
            "touch" => {
                let receipt = done.unwrap();
                let of_other = receipt.failed.iter().filter(|f| f.path.to_path().unwrap().starts_with(&home.store)).count();
                assert!(of_other == 0 || of_other == receipt.failed.len(), "{receipt:?}");
                assert!(receipt.failed.iter().all(|f| f.error.starts_with("nothing can be moved out of its folder")), "{receipt:?}");
                assert_eq!(receipt.moved, 3 - receipt.failed.len() as u64);
                kept.push(receipt.failed.len());
            }
            "make" => {
                let error = format!("{:?}", done.unwrap_err());
                assert!(error.contains("nothing was moved") && error.contains("PermissionDenied"), "{error}");
            }
            _ => {}
        }
    }
    kept.sort_unstable();
    assert_eq!(kept, [1, 2]);
}

#[test]
fn what_waits_in_the_vault_is_told_with_where_it_was_and_where_it_is() {
    let (home, plan) = both();
    let kept = || crate::vault::kept(&home.world).unwrap();
    assert!(kept().is_empty());
    home.clean(&plan);
    let kept_now = kept();
    let mut was: Vec<_> = kept_now.iter().map(|(was, _)| was.clone()).collect();
    was.sort();
    let mut planned: Vec<_> = plan.items.iter().map(|item| item.path.to_path().unwrap()).collect();
    planned.sort();
    assert_eq!(was, planned);
    assert!(kept_now.iter().all(|(was, is)| !was.exists() && is.is_file()), "{kept_now:?}");
    home.undo();
    assert!(kept().is_empty());
}
