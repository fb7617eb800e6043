//! Random deeds of ours and of the user, with the power cut in between and life going on after it.

use super::explore::Explorer;
use super::stage::{Stage, Vault};
use crate::vault::tests::model::Model;
use crate::vault::tests::model::cuts::{Dice, cuts};
use crate::vault::tests::rounds;
use crate::vault::{operation::Record, recover};
use proptest::prelude::*;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};

const FILES: [&str; 9] = [
    "deep/unit-a/x/1",
    "deep/unit-a/2",
    "deep/unit-b/x",
    "folder/cache1",
    "folder/odd \n\u{1b}name ü",
    "folder/sub/3",
    "folder/sub/sub/4",
    "mine",
    "0",
];

/// What a clean can take: never one thing inside another.
const ITEMS: [&str; 7] = ["deep/unit-a", "deep/unit-b", "folder/cache1", "folder/odd \n\u{1b}name ü", "folder/sub", "mine", "0"];

#[derive(Debug, Clone)]
enum Deed {
    /// These of what is there.
    Clean(Vec<bool>),
    /// The user writes a file where none is.
    Write(usize),
    RemoveStore,
    Undo(prop::sample::Index),
    Purge(prop::sample::Index),
    /// The power is cut at some moment of the last deed.
    Cut(prop::sample::Index, u64),
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        4 => prop::collection::vec(any::<bool>(), ITEMS.len()).prop_map(Deed::Clean),
        3 => (0..FILES.len()).prop_map(Deed::Write),
        1 => Just(Deed::RemoveStore),
        3 => any::<prop::sample::Index>().prop_map(Deed::Undo),
        1 => any::<prop::sample::Index>().prop_map(Deed::Purge),
        3 => (any::<prop::sample::Index>(), any::<u64>()).prop_map(|(at, seed)| Deed::Cut(at, seed)),
    ]
}

/// One of the operations that stand.
fn standing(stage: &Stage, which: prop::sample::Index) -> Option<usize> {
    let records = super::told::records(&stage.world.state_dir, &stage.disk);
    let stands = |id: &String| records.iter().any(|r| r.id == *id && r.stands());
    let all: Vec<usize> = stage.operations.iter().enumerate().filter(|(_, id)| stands(id)).map(|(at, _)| at).collect();
    (!all.is_empty()).then(|| all[which.index(all.len())])
}

fn does(stage: &mut Stage, deed: &Deed) -> Result<(), String> {
    let there = |stage: &Stage, rel: &str| stage.disk.seen.find(&stage.store.join(rel)).is_ok();
    match deed {
        Deed::Clean(which) => {
            let items: Vec<&str> =
                ITEMS.iter().zip(which).filter(|(item, take)| **take && there(stage, item)).map(|(item, _)| *item).collect();
            if !items.is_empty() {
                let receipt = stage.clean(&items);
                if receipt.moved != items.len() as u64 {
                    return Err(format!("of {items:?} not all were moved: {receipt:?}"));
                }
            }
        }
        Deed::Write(which) if !there(stage, FILES[*which]) => stage.user_writes(FILES[*which]),
        Deed::RemoveStore if there(stage, "") => stage.user_removes_the_store(),
        Deed::Undo(which) => {
            if let Some(at) = standing(stage, *which) {
                let back = stage.undo(at);
                if !back.failed.is_empty() {
                    return Err(format!("not all came back: {back:?}"));
                }
            }
        }
        Deed::Purge(which) => {
            if let Some(at) = standing(stage, *which) {
                stage.purge(at);
            }
        }
        Deed::Cut(at, seed) if !stage.moments.is_empty() => {
            let mut dice = Dice::new(*seed);
            let moment = &stage.moments[at.index(stage.moments.len())];
            let all = cuts(&moment.disk, 3, &mut dice);
            let (disk, told) = (moment.disk.cut(&all[dice.throw(all.len())]), Rc::clone(&moment.told));
            let model = Model::new(disk);
            while recover::recover(&stage.world, &model).map_err(|e| format!("{e:?}"))?.is_empty() && unfinished(stage, &model) {
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
            let now = stage.disk.now;
            stage.disk = model.disk.into_inner();
            stage.disk.now = now;
            told.holds(&stage.disk)?;
            stage.told = told.settled(&stage.disk);
            stage.operations = stage.told.operations.keys().cloned().collect();
        }
        _ => {}
    }
    // Where things are now is where they belong.
    if !matches!(deed, Deed::Write(_) | Deed::RemoveStore) || stage.moments.is_empty() {
        stage.told.folders.clear();
    }
    stage.told.look(&stage.disk);
    stage.told.times.clear();
    Ok(())
}

fn unfinished(stage: &Stage, model: &Model<'_>) -> bool {
    let open = |r: &Record| r.state() == Some(crate::model::OpState::Unfinished);
    super::told::records(&stage.world.state_dir, &model.disk.borrow()).iter().any(open)
}

static CASES: AtomicU64 = AtomicU64::new(0);
static DISKS: AtomicU64 = AtomicU64::new(0);

proptest! {
    #![proptest_config(ProptestConfig {
        cases: u32::try_from(rounds(96)).unwrap(),
        failure_persistence: None,
        max_shrink_iters: 2000,
        ..ProptestConfig::default()
    })]

    #[test]
    fn whatever_we_and_the_user_do_and_whenever_the_power_is_cut_every_byte_is_where_it_was_or_in_the_vault(
        files in prop::sample::subsequence(FILES.to_vec(), 1..=FILES.len()),
        vault in prop::sample::select(vec![Vault::Own, Vault::Beside]),
        deeds in prop::collection::vec(deed(), 1..8),
        looks in prop::collection::vec(any::<prop::sample::Index>(), 3),
    ) {
        let real = tempfile::tempdir().unwrap();
        let mut stage = Stage::new(real.path(), vault, None, &files);
        let mut moments = Vec::new();
        for deed in &deeds {
            if !matches!(deed, Deed::Cut(..)) {
                moments.append(&mut stage.moments);
            }
            does(&mut stage, deed).map_err(|why| TestCaseError::fail(format!("{deed:?}: {why}")))?;
            if matches!(deed, Deed::Cut(..)) {
                stage.moments.clear();
            }
        }
        stage.told.holds(&stage.disk).map_err(TestCaseError::fail)?;
        moments.append(&mut stage.moments);
        // And at some moments every way the power can be cut.
        let mut explorer = Explorer::new(1, 1);
        for look in &looks {
            if !moments.is_empty() {
                stage.moments.push(moments.swap_remove(look.index(moments.len())));
            }
        }
        explorer.explore(stage).map_err(TestCaseError::fail)?;
        let disks = DISKS.fetch_add(explorer.count.disks, Ordering::Relaxed) + explorer.count.disks;
        let cases = CASES.fetch_add(1, Ordering::Relaxed) + 1;
        if cases == rounds(96) as u64 {
            eprintln!("{cases} random lives, {disks} disks looked at besides");
        }
    }
}
