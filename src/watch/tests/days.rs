//! Ten sessions a day, day after day.

use super::*;
use crate::model::Held;
use std::collections::{HashMap, HashSet};

const A_DAY: u32 = 10;

#[test]
fn ten_sessions_a_day_for_three_days_leave_the_store_flat_and_every_output_in_the_users_folder() {
    ten_sessions_a_day(3);
}

#[test]
#[ignore = "takes minutes: cargo test --lib thirty_days -- --ignored"]
fn ten_sessions_a_day_for_thirty_days_leave_the_store_flat_and_every_output_in_the_users_folder() {
    ten_sessions_a_day(30);
}

fn ten_sessions_a_day(days: u32) {
    let mut stage = Stage::new();
    stage.world.purge_after = Some(Duration::from_hours(24));
    let settings = rule(1);
    let mut keeper = stage.begin(&settings);
    let empty = bytes(&stage.store());
    let mut outputs: HashMap<PathBuf, blake3::Hash> = HashMap::new();
    let (mut working, mut largest) = (0, 0);
    for number in 0..days * A_DAY {
        let before = bytes(&stage.store());
        for path in stage.session(number, 1) {
            outputs.insert(path.clone(), blake3::hash(&std::fs::read(&path).unwrap()));
        }
        working = working.max(bytes(&stage.store()) - before);
        // It is seen, it pauses, it has ended, its time has come.
        for minutes in [1, 1, 13, 129] {
            stage.pass(SignedDuration::from_mins(minutes));
            stage.round(&mut keeper);
        }
        if (number + 1) % A_DAY == 0 {
            let size = bytes(&stage.store());
            largest = largest.max(size - empty);
            assert!(size - empty <= working, "after day {}: {size} bytes, one session works with {working}", (number + 1) / A_DAY);
            let held = Held::by(&crate::vault::history(&stage.world()).unwrap()).bytes;
            assert!(held <= u64::from(A_DAY + 1) * working, "the vault is emptied as the days pass: {held}");
        }
    }
    assert_eq!(stage.told("failed"), Vec::<String>::new());
    let kept: HashSet<blake3::Hash> = walkdir::WalkDir::new(stage.world.documents.join("Claude Cowork"))
        .into_iter()
        .map(Result::unwrap)
        .filter(|e| e.file_type().is_file())
        .map(|e| blake3::hash(&std::fs::read(e.path()).unwrap()))
        .collect();
    let missing: Vec<&PathBuf> = outputs.iter().filter(|(_, hash)| !kept.contains(hash)).map(|(path, _)| path).collect();
    assert!(missing.is_empty() && outputs.len() == 5 * (days * A_DAY) as usize, "{missing:?} of {}", outputs.len());
    println!("one session: {working} bytes; the store at its largest after a day: {largest} more than empty");
}
