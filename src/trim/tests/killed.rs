//! A deed that ends at any step: the image that was or the finished one stands, and what is left is mended.

use super::*;
use crate::lifecycle;
use crate::model::{OpState, Progress, Watch};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU32, Ordering};

/// A watcher in whose presence the deed ends at a step, as if the machine had.
struct Death {
    left: AtomicU32,
}

impl Watch for Death {
    fn at(&self, _: &Progress) {
        if self.left.fetch_sub(1, Ordering::Relaxed) == 0 {
            std::panic::resume_unwind(Box::new("dead"));
        }
    }
    fn stopped(&self) -> bool {
        false
    }
}

/// Runs a deed that dies at its n-th step; whether it did.
fn dies(step: u32, deed: impl FnOnce(&Death)) -> bool {
    let death = Death { left: AtomicU32::new(step) };
    catch_unwind(AssertUnwindSafe(|| deed(&death))).is_err()
}

#[test]
fn a_clean_that_dies_at_any_step_leaves_the_image_that_was_or_the_finished_one_and_the_next_start_mends_the_rest() {
    let mut finished = 0;
    for step in 0..200 {
        let Some(home) = Home::with(&Tree::plain()) else { return };
        let (bytes, dump) = (std::fs::read(&home.image).unwrap(), home.dump());
        let plan = home.plan(&[b"name/cache.bin".to_vec()]);
        let died = dies(step, |death| {
            let desk = Desk { watch: death, ..home.desk() };
            crate::trim::clean(&desk, &plan, Consent { at_risk: true, dry_run: false }).unwrap();
        });
        home.is_sound();
        let is_old = std::fs::read(&home.image).unwrap() == bytes;
        let told = lifecycle::recover(&home.world).unwrap();
        assert!(!died || step == 0 || !told.is_empty(), "step {step}");
        assert!(lifecycle::recover(&home.world).unwrap().is_empty(), "step {step}: it is mended once");
        assert_eq!(std::fs::read_dir(home.image.parent().unwrap()).unwrap().count(), 1, "step {step}: {told:?}");
        let now = std::fs::read(&home.image).unwrap();
        let history = lifecycle::history(&home.world).unwrap();
        if is_old {
            assert!(now == bytes && history.is_empty(), "step {step}: {told:?}");
            continue;
        }
        finished += 1;
        assert!(home.dump().len() + 1 == dump.len() && history[0].state == OpState::Stands, "step {step}: {told:?} {history:?}");
        lifecycle::undo(&home.world, None, false, &Quiet).unwrap();
        assert!(std::fs::read(&home.image).unwrap() == bytes, "step {step}");
        if !died {
            assert!(step > 8 && finished > 1, "{step} steps, {finished} after the exchange");
            return;
        }
    }
    panic!("it has no end");
}

#[test]
fn an_undo_that_dies_at_any_step_is_finished_by_the_next_start_and_no_image_is_lost() {
    for step in 0..200 {
        let Some(home) = Home::with(&Tree::plain()) else { return };
        let bytes = std::fs::read(&home.image).unwrap();
        home.clean(&["name/cache.bin"]);
        let cleaned = std::fs::read(&home.image).unwrap();
        let died = dies(step, |death| drop(lifecycle::undo(&home.world, None, false, death).unwrap()));
        home.is_sound();
        lifecycle::recover(&home.world).unwrap();
        assert!(std::fs::read(&home.image).unwrap() == bytes, "step {step}");
        let kept = crate::vault::kept(&home.world).unwrap();
        assert!(kept.len() == 1 && std::fs::read(&kept[0].1).unwrap() == cleaned, "step {step}: {kept:?}");
        assert_eq!(std::fs::read_dir(home.image.parent().unwrap()).unwrap().count(), 1, "step {step}");
        if !died {
            assert!(step > 1);
            return;
        }
    }
    panic!("it has no end");
}

#[test]
fn a_machine_that_stops_between_the_note_and_the_exchange_or_right_after_it_leaves_what_can_be_mended() {
    use crate::trim::book::{Book, Line, Shelf};
    for exchanged in [false, true] {
        let Some(home) = Home::with(&Tree::plain()) else { return };
        let bytes = std::fs::read(&home.image).unwrap();
        std::fs::create_dir_all(&home.world.state_dir).unwrap();
        let shelf = Shelf::of(&home.world);
        let turn = shelf.turn().unwrap();
        let mut book: Book = shelf.begin(&home.world, ("cowork", &home.root, &home.image)).unwrap();
        crate::trim::working::make(&home.image, &book.record.beside(), &Quiet).unwrap();
        let inode = |path: &std::path::Path| crate::platform::facts(path).unwrap().ino;
        let (was, new) = (inode(&home.image), inode(&book.record.beside()));
        book.write(Line::Exchange { was, new, did: crate::trim::book::Did::default() }).unwrap();
        if exchanged {
            crate::vault::swap::exchange(&book.record.beside(), &home.image).unwrap();
        }
        drop((book, turn));
        assert_eq!(lifecycle::recover(&home.world).unwrap().len(), 1);
        assert_eq!(inode(&home.image), if exchanged { new } else { was });
        assert_eq!(std::fs::read_dir(home.image.parent().unwrap()).unwrap().count(), 1);
        if exchanged {
            lifecycle::undo(&home.world, None, false, &Quiet).unwrap();
        }
        assert!(inode(&home.image) == was && std::fs::read(&home.image).unwrap() == bytes);
    }
}
