//! Any error at any operation of any deed: nothing is lost, and what is told is true.

use super::faults::{FILES, YES, all_is_well};
use super::faulty::{Fault, Faulty};
use super::{Home, rounds};
use crate::model::{OpState, Plan, Quiet};
use crate::vault::{PurgeWhat, clean, history, purge, recover, undo};

/// EIO, ENOSPC, EACCES, EXDEV, EROFS, EMFILE and EINTR as Linux and macOS number them. A disk that says of something
/// that is there that it is not, only a clean and an undo can bear.
const ERRORS: [i32; 7] = [5, 28, 13, 18, 30, 24, 4];
const NOT_THERE: i32 = 2;

/// Tries a deed with every error at every operation; the deed says what its disk saw of the fault.
fn at_every_operation(what: &str, least: u64, deed: impl Fn(&Faulty, &str)) {
    let mut tried = 0;
    let lies = ["clean", "undo"].contains(&what).then_some(NOT_THERE);
    for error in ERRORS.into_iter().chain(lies) {
        for step in 0.. {
            let fs = Faulty::new(Fault::FailsAt(step, error));
            deed(&fs, &format!("error {error} at {step}"));
            if fs.hit.borrow().is_empty() {
                assert!(step > least, "only {step} operations were tried");
                break;
            }
            tried += 1;
        }
    }
    eprintln!("{what}: {tried} errors");
}

#[test]
fn any_error_at_any_operation_of_a_clean_loses_nothing() {
    at_every_operation("clean", 50, |fs, what| {
        let home = Home::light(&FILES);
        let (before, plan) = (home.tree(), home.all());
        let done = clean::clean(&home.desk(fs), &plan, YES);
        let what = format!("{what} ({}): {done:?}", fs.hit.borrow());
        if let Ok(receipt) = &done {
            let told = receipt.moved + (receipt.failed.len() + receipt.skipped.len()) as u64;
            assert_eq!(told, plan.items.len() as u64, "{what}: an item is neither moved nor named");
        }
        home.mend();
        all_is_well(&home, &before, false, &what);
    });
}

#[test]
fn any_error_at_any_operation_of_an_undo_loses_nothing() {
    at_every_operation("undo", 30, |fs, what| {
        let home = Home::light(&FILES);
        let before = home.tree();
        home.clean(&home.all());
        let done = undo::undo(&home.desk(fs), None, false);
        home.mend();
        all_is_well(&home, &before, false, &format!("{what} ({}): {done:?}", fs.hit.borrow()));
    });
}

/// A home with two operations, of an item each.
fn two() -> (Home, [crate::model::Receipt; 2]) {
    let home = Home::light(&["unit-a/x/1", "unit-b/2"]);
    let plan = home.all();
    let half = |at: usize| home.clean(&Plan { items: vec![plan.items[at].clone()], ..plan.clone() });
    let receipts = [half(0), half(1)];
    (home, receipts)
}

fn only_the_first_is_purged(home: &Home, [first, second]: &[crate::model::Receipt; 2], what: &str) {
    let state = history(&home.world).unwrap().iter().find(|o| o.id == first.operation).unwrap().state;
    assert!(matches!(state, OpState::Purged | OpState::Stands), "{what}: {state:?}");
    assert_eq!(first.vault.as_ref().unwrap().exists(), state == OpState::Stands, "{what}");
    assert_eq!(crate::vault::undo(&home.world, Some(&second.operation), false, &Quiet).unwrap().moved, 1, "{what}");
    assert!(home.tree().has("unit-b/2"), "{what}");
}

#[test]
fn after_any_error_at_any_operation_of_a_purge_what_is_told_is_true() {
    at_every_operation("purge", 20, |fs, what| {
        let (home, receipts) = two();
        let _ = purge::purge(&home.desk(fs), &PurgeWhat::One(receipts[0].operation.clone()), false);
        home.mend();
        only_the_first_is_purged(&home, &receipts, &format!("{what} ({})", fs.hit.borrow()));
    });
}

/// An early death leaves nothing to mend.
fn least(death: u64) -> u64 {
    if death > 2 { 3 } else { 0 }
}

/// Changes of the disk that a deed dies at: one in the middle, and in longer runs each.
fn deaths(middle: u64, all: u64) -> impl Iterator<Item = u64> {
    (0..all).filter(move |step| *step == middle || rounds(0) > 0)
}

#[test]
fn any_error_at_any_operation_of_the_mending_of_a_clean_loses_nothing() {
    for death in deaths(17, 24) {
        at_every_operation(&format!("mending of a clean that died at {death}"), least(death), |fs, what| {
            let home = Home::light(&FILES);
            let before = home.tree();
            let _ = clean::clean(&home.desk(&Faulty::new(Fault::DiesAt(death))), &home.all(), YES);
            let done = recover::recover(&home.world, fs);
            home.mend();
            all_is_well(&home, &before, false, &format!("{what} ({}): {done:?}", fs.hit.borrow()));
        });
    }
}

#[test]
fn any_error_at_any_operation_of_the_mending_of_an_undo_loses_nothing() {
    for death in deaths(4, 12) {
        at_every_operation(&format!("mending of an undo that died at {death}"), least(death), |fs, what| {
            let home = Home::light(&FILES);
            let before = home.tree();
            home.clean(&home.all());
            let _ = undo::undo(&home.desk(&Faulty::new(Fault::DiesAt(death))), None, false);
            let done = recover::recover(&home.world, fs);
            home.mend();
            all_is_well(&home, &before, false, &format!("{what} ({}): {done:?}", fs.hit.borrow()));
        });
    }
}

#[test]
fn any_error_at_any_operation_of_the_mending_of_a_purge_takes_nothing_else() {
    for death in deaths(3, 8) {
        at_every_operation(&format!("mending of a purge that died at {death}"), least(death), |fs, what| {
            let (home, receipts) = two();
            let dying = Faulty::new(Fault::DiesAt(death));
            let _ = purge::purge(&home.desk(&dying), &PurgeWhat::One(receipts[0].operation.clone()), false);
            let _ = recover::recover(&home.world, fs);
            home.mend();
            only_the_first_is_purged(&home, &receipts, &format!("{what} ({})", fs.hit.borrow()));
        });
    }
}
