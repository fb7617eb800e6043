//! Cleaning and undoing, beside `mv` of the same folders and a bare rename with sync of the same files.
//!
//! `cargo bench --bench vault` prints the times of one run each, and on Linux how much of it this thread was at work: that
//! part says more on a busy machine. With `-- folders` or `-- files` only that half is done.

#![allow(
    missing_docs,
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench makes folders of its own and prints what it measured"
)]

use lifeboat::model::{Class, Quiet};
use lifeboat::scan::{self, Options};
use lifeboat::vault::{self, Consent, PurgeWhat, Selection};
use lifeboat::world::World;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

const ORG: &str = ".config/Claude/local-agent-mode-sessions/1b98a569-81b3-4c55-bd0f-4d0517582421/2c09b670-92c4-4d66-8e10-5e1628693532";
const ID: &str = "local_5a7d4a86-4628-4182-a822-292dc8a1df9d";

/// A home with one quiet session, and a path in that session.
fn home(inside: &str) -> (tempfile::TempDir, PathBuf) {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join(ORG).join(ID).join(inside);
    std::fs::create_dir_all(&dir).unwrap();
    let record = format!(r#"{{"sessionId":"{ID}","title":"Bench","createdAt":1783372201477,"lastActivityAt":1783372232997}}"#);
    std::fs::write(home.path().join(ORG).join(format!("{ID}.json")), record).unwrap();
    (home, dir)
}

fn timed(what: &str, work: impl FnOnce()) -> Duration {
    let (began, before) = (Instant::now(), at_work());
    work();
    let took = began.elapsed();
    let busy = at_work().zip(before).map_or(String::new(), |(after, before)| format!("{:>9.0} ms at work", (after - before) / 1e6));
    println!("  {what:<34}{:>9.0} ms{busy}", took.as_secs_f64() * 1e3);
    took
}

/// Nanoseconds this thread has been at work.
fn at_work() -> Option<f64> {
    std::fs::read_to_string("/proc/thread-self/schedstat").ok()?.split(' ').next()?.parse().ok()
}

fn deeds(home: &Path) {
    let quiet = [("LIFEBOAT_QUIET_AFTER".into(), "0".into())];
    let world = World::at(home, quiet.into_iter().collect());
    let catalog = scan::run(&world, Options { walk_only: true, ..Options::default() });
    let selection = Selection { classes: vec![Class::Rebuildable], ..Selection::default() };
    let mut plan = None;
    timed("plan", || plan = Some(vault::plan(&world, &catalog, &selection)));
    let plan = plan.unwrap();
    println!("  ({} items, {} files)", plan.items.len(), plan.items.iter().map(|i| i.files).sum::<u64>());
    let yes = Consent { at_risk: false, dry_run: false };
    timed("clean", || assert_eq!(vault::clean(&world, &plan, yes, &Quiet).unwrap().moved as usize, plan.items.len()));
    timed("undo", || assert_eq!(vault::undo(&world, None, false, &Quiet).unwrap().moved as usize, plan.items.len()));
    vault::clean(&world, &plan, yes, &Quiet).unwrap();
    timed("purge", || assert!(vault::purge(&world, &PurgeWhat::All, false, &Quiet).unwrap().failed.is_empty()));
}

fn main() {
    let asked = |half: &str| !std::env::args().any(|a| ["folders", "files"].contains(&a.as_str()) && a != half);
    if asked("folders") {
        folders();
    }
    if asked("files") {
        files();
    }
}

fn folders() {
    println!("100,000 files in 100 folders, each handled as one:");
    let (whole, plugins) = home(".claude/plugins/cache/market");
    for plugin in 0..100 {
        for file in 0..1000 {
            let dir = plugins.join(format!("tool-{plugin}/1.0.0/part-{}", file % 10));
            std::fs::create_dir_all(&dir).unwrap();
            std::fs::write(dir.join(file.to_string()), b"x").unwrap();
        }
    }
    let aside = whole.path().join("aside");
    std::fs::create_dir(&aside).unwrap();
    let names: Vec<_> = std::fs::read_dir(&plugins).unwrap().map(|e| e.unwrap().file_name()).collect();
    let all = |dir: &Path| names.iter().map(|n| dir.join(n)).collect::<Vec<_>>();
    timed("mv of the same folders", || assert!(Command::new("mv").args(all(&plugins)).arg(&aside).status().unwrap().success()));
    assert!(Command::new("mv").args(all(&aside)).arg(&plugins).status().unwrap().success());
    deeds(whole.path());
}

fn files() {
    println!("10,000 files, each an item of its own:");
    let (loose, debug) = home(".claude/debug");
    let aside = loose.path().join("aside");
    std::fs::create_dir(&aside).unwrap();
    for file in 0..10_000 {
        std::fs::write(debug.join(format!("{file}.txt")), b"x").unwrap();
    }
    timed("bare rename of each, one sync", || {
        for file in 0..10_000 {
            let name = format!("{file}.txt");
            std::fs::rename(debug.join(&name), aside.join(&name)).unwrap();
        }
        std::fs::File::open(&aside).unwrap().sync_all().unwrap();
    });
    for file in 0..10_000 {
        let name = format!("{file}.txt");
        std::fs::rename(aside.join(&name), debug.join(&name)).unwrap();
    }
    deeds(loose.path());
}
