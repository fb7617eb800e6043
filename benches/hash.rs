//! Hashing files to prove copies, beside `b3sum` over the same bytes in the same run.
//!
//! `cargo bench --bench hash` prints both times and their ratio, for many small files and for few large ones, and then what
//! a second scan takes. Each file is hashed in the store and in the user's folder, as a proof needs. `b3sum` is taken from
//! the path or from `B3SUM`; without it only our own times are printed.

#![allow(
    missing_docs,
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench makes folders of its own and prints what it measured"
)]

use lifeboat::classify::{Hashes, Index, Places, Search, Wanted, find_copies};
use lifeboat::model::{Hashing, NodeId, Stop, Verdict};
use lifeboat::world::World;
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

const ROUNDS: usize = 5;

/// Files of about this size, no two of one size, in the store and in Documents.
fn make(home: &Path, count: usize, size: usize) -> Vec<PathBuf> {
    let mut noise = blake3::Hasher::new().update(&size.to_le_bytes()).finalize_xof();
    let mut bytes = vec![0; size + count];
    noise.fill(&mut bytes);
    let all = (0..count).flat_map(|n| ["store", "Documents"].map(|top| (n, home.join(top).join(format!("{}/{n}.bin", n % 50)))));
    all.map(|(n, path)| {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &bytes[..size + n]).unwrap();
        path
    })
    .collect()
}

fn prove(world: &World, index: &Index, files: &[Wanted]) -> (Duration, Hashing) {
    let hashes = Hashes::of(world);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let began = Instant::now();
    find_copies(world, &Search { index, hashes: &hashes }, files, threads, &Stop::default(), &|judged| {
        assert!(judged.verdicts.iter().all(|v| v.proof.is_some()), "every file has its copy");
    });
    let took = began.elapsed();
    hashes.keep();
    (took, hashes.told())
}

fn beside(files: &[PathBuf]) -> Option<Duration> {
    let tool = std::env::var("B3SUM").unwrap_or_else(|_| "b3sum".into());
    let began = Instant::now();
    let status = Command::new(tool).args(files).stdout(Stdio::null()).stderr(Stdio::null()).status().ok()?;
    status.success().then(|| began.elapsed())
}

fn main() {
    for (count, size) in [(4000, 10_000), (1000, 200_000), (40, 10_000_000), (2, 200_000_000), (1, 400_000_000)] {
        let home = tempfile::tempdir().unwrap();
        let paths = make(home.path(), count, size);
        // As if a minute later: what has only just changed is not remembered.
        let later = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(60);
        let world = World::at(home.path(), BTreeMap::new()).with_clock(later);
        let places = Places::of(&world, &[], &[home.path().join("store")]);
        let sizes: HashSet<u64> = (0..count).map(|n| (size + n) as u64).collect();
        let index = Index::make(&places, &sizes, 2, &Stop::default());
        let wanted = |n: usize| {
            let path = home.path().join("store").join(format!("{}/{n}.bin", n % 50));
            let facts = lifeboat::platform::facts(&path).unwrap();
            Wanted {
                packed: None,
                id: NodeId(0),
                path,
                ground: lifeboat::classify::Ground::Disk(home.path().join("store")),
                size: facts.size,
                dev: facts.dev,
                ino: facts.ino,
                nlink: 1,
                folders: places.common.clone().into(),
                without: Arc::new(Verdict::at_risk("bench", "nothing found")),
            }
        };
        let files: Vec<Wanted> = (0..count).map(wanted).collect();
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for round in 0..=ROUNDS {
            let _ = std::fs::remove_file(world.state_dir.join("hashes.bin"));
            let (took, told) = prove(&world, &index, &files);
            assert_eq!(told.files, 2 * count as u64);
            let b3sum = beside(&paths);
            // The first round warms the cache of the disk.
            if round > 0 {
                ours.push(took);
                theirs.extend(b3sum);
            }
        }
        let (again, told) = prove(&world, &index, &files);
        assert_eq!((told.files, told.known), (0, 2 * count as u64), "a second scan reads nothing");
        ours.sort();
        theirs.sort();
        let ours = ours[ours.len() / 2];
        let rate = |took: Duration| (2 * count * size) as f64 / took.as_secs_f64() / 1e9;
        print!("2 x {count} files of {} kB: ours {ours:.1?} ({:.2} GB/s)", size / 1000, rate(ours));
        if let Some(theirs) = theirs.get(theirs.len() / 2) {
            print!(", b3sum {theirs:.1?} ({:.2} GB/s), speed ratio {:.2}", rate(*theirs), theirs.as_secs_f64() / ours.as_secs_f64());
        }
        println!("; second scan {again:.1?}");
    }
}
