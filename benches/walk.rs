//! Walk and class 300,000 files by path rules, beside `du -s` on the same tree in the same run.
//!
//! `cargo bench --bench walk` prints both times, their ratio and the memory a file takes. `FILES=10000` for a small run.

#![allow(
    missing_docs,
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench makes folders of its own and prints what it measured"
)]

use lifeboat::scan::{self, Options};
use lifeboat::world::World;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const ROUNDS: usize = 7;

fn make(home: &Path, files: usize) {
    let org =
        home.join(".config/Claude/local-agent-mode-sessions/1b98a569-81b3-4c55-bd0f-4d0517582421/2c09b670-92c4-4d66-8e10-5e1628693532");
    let sessions = 20;
    for s in 0..sessions {
        let id = format!("local_{s:08x}-4628-4182-a822-292dc8a1df9d");
        std::fs::create_dir_all(org.join(&id)).unwrap();
        let record = format!(r#"{{"sessionId":"{id}","title":"Session {s}","createdAt":1783372201477,"lastActivityAt":1783372232997}}"#);
        std::fs::write(org.join(format!("{id}.json")), record).unwrap();
        for area in [".claude/plugins/cache/market/tools/1.0.0", "outputs/node_modules", "outputs/work"] {
            let each = files / sessions / 3;
            for folder in 0..each.div_ceil(12) {
                let dir = org.join(&id).join(area).join(format!("part-{}/folder-{folder}", folder % 7));
                std::fs::create_dir_all(&dir).unwrap();
                for file in 0..12.min(each - folder * 12) {
                    std::fs::write(dir.join(format!("file-{file}.txt")), b"text\n").unwrap();
                }
            }
        }
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn main() {
    let files = std::env::var("FILES").ok().and_then(|f| f.parse().ok()).unwrap_or(300_000);
    let home = tempfile::tempdir().unwrap();
    make(home.path(), files);
    let world = World::at(home.path(), std::collections::BTreeMap::new());
    let options = || Options { walk_only: true, roots: vec![home.path().join(".config/Claude")], ..Options::default() };
    let (mut du, mut ours, mut memory, mut found) = (Vec::new(), Vec::new(), 0, 0);
    for round in 0..=ROUNDS {
        let began = Instant::now();
        let status = Command::new("du").arg("-s").arg(home.path()).stdout(Stdio::null()).status().expect("du is there");
        let du_took = began.elapsed();
        assert!(status.success());
        let began = Instant::now();
        let catalog = scan::run(&world, options());
        let took = began.elapsed();
        (memory, found) = (catalog.memory(), catalog.grand_totals().all().files);
        // The first round only warms the caches.
        if round > 0 {
            du.push(du_took);
            ours.push(took);
        }
    }
    let (du, ours) = (median(du), median(ours));
    println!(
        "{found} files, median of {ROUNDS}: du -s {:.0} ms, lifeboat {:.0} ms, ratio {:.2}",
        du.as_secs_f64() * 1e3,
        ours.as_secs_f64() * 1e3,
        ours.as_secs_f64() / du.as_secs_f64()
    );
    println!("{:.0} bytes of memory a file", memory as f64 / found as f64);
}
