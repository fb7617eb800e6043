//! Undo and purge of what was cleaned inside an image.

use super::*;
use crate::lifecycle;
use crate::model::OpState;
use crate::vault::PurgeWhat;

#[test]
fn undo_puts_the_image_that_was_back_and_keeps_the_other_in_the_vault_with_what_was_written_to_it_since() {
    let Some(home) = Home::with(&Tree::plain()) else { return };
    let before = std::fs::read(&home.image).unwrap();
    let receipt = home.clean(&["name/cache.bin"]);
    let history = lifecycle::history(&home.world).unwrap();
    assert_eq!(history.len(), 1, "the image in the vault is no operation of its own: {history:?}");
    assert_eq!((history[0].id.as_str(), history[0].verb.as_str(), history[0].items), (receipt.operation.as_str(), "clean", 1));
    assert_eq!((history[0].state, history[0].bytes, history[0].held.items), (OpState::Stands, 3_000_000, 1));
    let cleaned = std::fs::read(&home.image).unwrap();
    let undone = lifecycle::undo(&home.world, None, false, &Quiet).unwrap();
    assert_eq!((undone.moved, undone.failed.len()), (1, 0), "{undone:?}");
    assert!(undone.notes.iter().any(|n| n.contains("in the vault")));
    assert!(std::fs::read(&home.image).unwrap() == before);
    assert_eq!(std::fs::read_dir(home.image.parent().unwrap()).unwrap().count(), 1);
    let kept = crate::vault::kept(&home.world).unwrap();
    assert_eq!(kept.len(), 1);
    assert!(std::fs::read(&kept[0].1).unwrap() == cleaned, "what was swapped out is in the vault");
    let states: Vec<_> = lifecycle::history(&home.world).unwrap().into_iter().map(|o| (o.verb, o.state, o.held.items)).collect();
    assert_eq!(states, [("undo".into(), OpState::Undone, 1), ("clean".into(), OpState::Undone, 0)]);
    let again = lifecycle::undo(&home.world, None, false, &Quiet).unwrap();
    assert!(again.moved == 0 && std::fs::read(&home.image).unwrap() == before, "an undo is never undone");
    let purged = lifecycle::purge(&home.world, &PurgeWhat::All, false, &Quiet).unwrap();
    assert_eq!(purged.moved, 1);
    assert!(crate::vault::kept(&home.world).unwrap().is_empty());
}

#[test]
fn a_purge_of_the_operation_lets_the_image_that_was_go_and_then_it_does_not_come_back() {
    let Some(home) = Home::with(&Tree::plain()) else { return };
    let receipt = home.clean(&["name/cache.bin"]);
    let cleaned = std::fs::read(&home.image).unwrap();
    let purged = lifecycle::purge(&home.world, &PurgeWhat::One(receipt.operation.clone()), false, &Quiet).unwrap();
    assert_eq!(purged.moved, 1);
    let history = lifecycle::history(&home.world).unwrap();
    assert_eq!((history.len(), history[0].state, history[0].held.items), (1, OpState::Purged, 0));
    assert_eq!(lifecycle::undo(&home.world, Some(&receipt.operation), false, &Quiet).unwrap_err().exit_code(), 3);
    assert!(std::fs::read(&home.image).unwrap() == cleaned);
}

#[test]
fn what_two_cleans_took_comes_back_one_after_the_other_and_an_image_that_is_gone_comes_back_too() {
    let Some(home) = Home::with(&Tree::plain()) else { return };
    let first = std::fs::read(&home.image).unwrap();
    home.clean(&["name/cache.bin"]);
    let second = std::fs::read(&home.image).unwrap();
    home.clean(&["name/linked"]);
    lifecycle::undo(&home.world, None, false, &Quiet).unwrap();
    assert!(std::fs::read(&home.image).unwrap() == second);
    std::fs::remove_file(&home.image).unwrap();
    lifecycle::undo(&home.world, None, false, &Quiet).unwrap();
    assert!(std::fs::read(&home.image).unwrap() == first);
    assert!(lifecycle::recover(&home.world).unwrap().is_empty(), "nothing is left to be mended");
}
