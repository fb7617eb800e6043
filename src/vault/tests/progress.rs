//! How far a deed is, as it tells its watcher.

use super::Home;
use crate::model::{Progress, Watch};
use crate::vault::{Consent, PurgeWhat, clean, purge, undo};
use std::sync::Mutex;

#[derive(Default)]
struct Told(Mutex<Vec<Progress>>);

impl Watch for Told {
    fn at(&self, progress: &Progress) {
        self.0.lock().unwrap().push(progress.clone());
    }
    fn stopped(&self) -> bool {
        false
    }
}

impl Told {
    /// Everything told in these words, as done and in all, files and bytes.
    fn taken(&self, verb: &str) -> Vec<(u64, Option<u64>, u64, Option<u64>)> {
        let told: Vec<Progress> = self.0.lock().unwrap().drain(..).collect();
        assert!(told.iter().all(|p| p.verb == verb), "{told:?}");
        told.into_iter().map(|p| (p.files, p.files_total, p.bytes, p.bytes_total)).collect()
    }
}

#[test]
fn each_item_is_told_and_the_last_is_all_of_it() {
    let home = Home::with(&["cache1", "cache22", "unit-a/1", "unit-a/2"]);
    let (plan, told, fs) = (home.all(), Told::default(), super::faulty::Faulty::calm());
    let desk = super::Desk { watch: &told, ..home.desk(&fs) };
    clean::clean(&desk, &plan, Consent { at_risk: true, dry_run: false }).unwrap();
    let (files, bytes) = (Some(4), Some(6 + 7 + 16));
    assert_eq!(told.taken("Moving"), [(1, files, 6, bytes), (2, files, 13, bytes), (4, files, 29, bytes)]);
    undo::undo(&desk, None, false).unwrap();
    // What was moved as one goes back as one.
    assert_eq!(told.taken("Putting back"), [(1, Some(3), 16, bytes), (2, Some(3), 23, bytes), (3, Some(3), 29, bytes)]);
    home.clean(&plan);
    purge::purge(&desk, &PurgeWhat::All, false).unwrap();
    assert_eq!(told.taken("Purging").last().map(|t| (t.0, t.1, t.2)), Some((3, Some(3), 29)));
}

#[test]
fn what_was_skipped_and_what_failed_is_told_together() {
    let home = Home::with(&["cache1", "cache2", "cache3"]);
    let (mut plan, told, fs) = (home.all(), Told::default(), super::faulty::Faulty::calm());
    home.file("cache1", "changed in the meantime");
    plan.items[1].path = crate::model::PathText::new(&home.store.join("cache3/below"));
    let desk = super::Desk { watch: &told, ..home.desk(&fs) };
    let receipt = clean::clean(&desk, &plan, Consent { at_risk: true, dry_run: false }).unwrap();
    assert_eq!((receipt.skipped.len(), receipt.failed.len(), receipt.moved), (1, 1, 1), "{receipt:?}");
    assert_eq!(told.0.lock().unwrap().iter().map(|p| p.skipped).collect::<Vec<_>>(), [1, 2, 2]);
}
