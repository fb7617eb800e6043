//! What is done when the power is cut.

use super::stage::{Stage, Vault};
use crate::model::{Progress, Watch};
use crate::vault::tests::model::Site;
use crate::vault::tests::model::disk::Disk;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// A home in which something was done; several where it can go several ways.
pub type Scene = fn(&Path, Option<Site>) -> Vec<Stage>;

pub const SCENES: &[(&str, Scene)] = &[
    ("cleaned", |real, off| cleaned(real, Vault::Own, off)),
    ("cleaned into a vault beside the app", |real, off| cleaned(real, Vault::Beside, off)),
    ("cleaned into a vault inside the store", |real, off| cleaned(real, Vault::Inside, off)),
    ("an item changed under the hand", changed_under_the_hand),
    ("undone", undone),
    ("undone beside a new file", undone_beside),
    ("undone after the store was removed", undone_without_a_store),
    ("undone in part", undone_in_part),
    ("one of two purged", purged),
    ("cleaned, undone and cleaned again", again),
    ("cleaned while a sync fails", |real, off| while_a_sync_fails(real, off, clean_failing)),
    ("undone while a sync fails", |real, off| {
        while_a_sync_fails(real, off, |stage, sync| {
            stage.clean(&ITEMS);
            // That a folder's time may not last is told in the receipt.
            stage.told.times.clear();
            let _ = stage.undo_so(0, &|model| model.failing_sync = Some(sync), &crate::model::Quiet);
        })
    }),
    ("purged while a sync fails", |real, off| {
        while_a_sync_fails(real, off, |stage, sync| {
            stage.clean(&["deep/unit-a"]);
            let _ = stage.purge_so(0, &|model| model.failing_sync = Some(sync));
        })
    }),
];

const FILES: [&str; 4] = ["deep/unit-a/x/1", "folder/cache1", "folder/cache2", "mine"];
const ITEMS: [&str; 3] = ["deep/unit-a", "folder/cache1", "folder/cache2"];

fn home(real: &Path, off: Option<Site>) -> Stage {
    Stage::new(real, Vault::Own, off, &FILES)
}

fn cleaned(real: &Path, vault: Vault, off: Option<Site>) -> Vec<Stage> {
    let mut stage = Stage::new(real, vault, off, &FILES);
    if vault == Vault::Inside {
        // A vault made in the store itself changes the time of the store's folder.
        let store = stage.store.clone();
        stage.told.times.remove(&store);
    }
    stage.clean(&ITEMS);
    vec![stage]
}

/// Another file takes an item's place right before it moves: one of several items, or the only one that is as planned.
fn changed_under_the_hand(real: &Path, off: Option<Site>) -> Vec<Stage> {
    let swapped = |items: &[&str]| {
        let mut stage = home(real, off);
        stage.told.times.clear();
        let plan = stage.plan(items);
        stage.user_writes("deep/unit-a/new");
        let store = stage.store.clone();
        stage.told.also(&stage.disk, &store.join("folder/cache1"), &store.join("aside"));
        stage.told.also(&stage.disk, &store.join("mine"), &store.join("folder/cache1"));
        let swap = |disk: &mut Disk| {
            let (folder, top) = (disk.seen.find(&store.join("folder")).unwrap(), disk.seen.find(&store).unwrap());
            disk.rename(folder, b"cache1", top, b"aside").unwrap();
            disk.rename(top, b"mine", folder, b"cache1").unwrap();
        };
        let receipt = stage.clean_so(&plan, &|model| model.meddling.set(Some((b"cache1", &swap)))).unwrap();
        assert!(receipt.failed.is_empty() && receipt.skipped.len() + stage.operations.len() == 2, "{receipt:?}");
        life_goes_on(&mut stage);
        stage
    };
    vec![swapped(&["folder/cache1", "folder/cache2"]), swapped(&["deep/unit-a", "folder/cache1"])]
}

fn undone(real: &Path, off: Option<Site>) -> Vec<Stage> {
    let mut stage = home(real, off);
    stage.clean(&ITEMS);
    stage.undo(0);
    vec![stage]
}

fn undone_beside(real: &Path, off: Option<Site>) -> Vec<Stage> {
    let mut stage = home(real, off);
    stage.clean(&ITEMS[..2]);
    stage.user_writes("folder/cache1");
    stage.user_writes("deep/unit-a/x/1");
    stage.undo(0);
    vec![stage]
}

fn undone_without_a_store(real: &Path, off: Option<Site>) -> Vec<Stage> {
    let mut stage = Stage::new(real, Vault::Beside, off, &FILES);
    stage.clean(&ITEMS);
    stage.user_removes_the_store();
    stage.undo(0);
    vec![stage]
}

struct StopAfter(AtomicU64);

impl Watch for StopAfter {
    fn at(&self, _: &Progress) {}
    fn stopped(&self) -> bool {
        self.0.fetch_sub(1, Ordering::Relaxed) == 0
    }
}

fn undone_in_part(real: &Path, off: Option<Site>) -> Vec<Stage> {
    let mut stage = home(real, off);
    stage.clean(&ITEMS);
    let part = stage.undo_so(0, &|_| {}, &StopAfter(AtomicU64::new(1))).unwrap();
    assert!(part.interrupted && part.moved == 1);
    stage.undo(0);
    vec![stage]
}

fn purged(real: &Path, off: Option<Site>) -> Vec<Stage> {
    let mut stage = home(real, off);
    stage.clean(&["deep/unit-a"]);
    stage.clean(&["folder/cache1"]);
    stage.purge(0);
    vec![stage]
}

fn again(real: &Path, off: Option<Site>) -> Vec<Stage> {
    let mut stage = home(real, off);
    // Undone out of order, a folder's time is nobody's promise.
    stage.told.times.clear();
    stage.clean(&["folder/cache1"]);
    stage.clean(&["folder/cache2"]);
    stage.undo(0);
    stage.user_writes("folder/cache2");
    stage.clean(&["folder/cache1", "folder/cache2"]);
    stage.purge(1);
    vec![stage]
}

fn clean_failing(stage: &mut Stage, sync: u64) {
    let plan = stage.plan(&ITEMS);
    let _ = stage.clean_so(&plan, &|model| model.failing_sync = Some(sync));
    life_goes_on(stage);
}

/// The user works on where we were at work.
fn life_goes_on(stage: &mut Stage) {
    stage.user_writes("deep/later");
    stage.user_writes("folder/later");
    stage.ended();
}

/// Each sync of a deed fails in turn.
fn while_a_sync_fails(real: &Path, off: Option<Site>, deed: impl Fn(&mut Stage, u64)) -> Vec<Stage> {
    let mut all = Vec::new();
    for sync in 0.. {
        let mut stage = home(real, off);
        deed(&mut stage, sync);
        let failed = stage.failed;
        all.push(stage);
        if !failed {
            break;
        }
    }
    all
}
