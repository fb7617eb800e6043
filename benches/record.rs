//! Every file of a virtual environment against the lists its packages came with, beside `pip check`, which reads no file.
//!
//! `VENV=dir cargo bench --bench record`; without it a small one is made with the pip that is here.

#![allow(
    missing_docs,
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench makes folders of its own and prints what it measured"
)]

use lifeboat::classify::{Ground, Unit, UnitEntry, candidate};
use lifeboat::model::{Class, Kind, NodeId, Stop};
use lifeboat::platform::facts;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

const ROUNDS: usize = 5;

fn run(program: &Path, args: &[&str]) {
    assert!(Command::new(program).args(args).status().unwrap().success(), "{program:?} {args:?}");
}

fn made(dir: &Path) -> PathBuf {
    let venv = dir.join("venv");
    run(Path::new("python3"), &["-m", "venv", venv.to_str().unwrap()]);
    run(&venv.join("bin/python"), &["-m", "pip", "install", "-q", "numpy", "requests"]);
    venv
}

/// The environment as a walk gives it.
fn unit(venv: &Path) -> Unit {
    let mut entries = Vec::new();
    for (at, found) in walkdir::WalkDir::new(venv).min_depth(1).into_iter().filter_map(Result::ok).enumerate() {
        let known = facts(found.path()).unwrap();
        let path = found.path().strip_prefix(venv).unwrap().to_path_buf();
        let id = NodeId(u32::try_from(at).unwrap() + 1);
        entries.push(UnitEntry { id, path, kind: known.kind, size: known.size, mtime_ns: known.mtime_ns, sealed: false });
    }
    let rule = candidate(b"venv", &[b"pyvenv.cfg"]).unwrap();
    Unit {
        rule,
        top: NodeId(0),
        path: venv.to_path_buf(),
        ground: Ground::Disk(venv.parent().unwrap().to_path_buf()),
        entries,
        threads: 2,
        around: std::sync::Arc::default(),
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn main() {
    let dir = tempfile::tempdir().unwrap();
    let venv = std::env::var_os("VENV").map_or_else(|| made(dir.path()), |v| std::fs::canonicalize(v).unwrap());
    let unit = unit(&venv);
    let files = unit.entries.iter().filter(|e| e.kind != Kind::Dir).count();
    let bytes: u64 = unit.entries.iter().filter(|e| e.kind == Kind::File).map(|e| e.size).sum();
    let (mut ours, mut pip, mut at_risk) = (Vec::new(), Vec::new(), 0);
    for _ in 0..ROUNDS {
        let began = Instant::now();
        let judged = unit.rule.check(&unit, &Stop::default());
        ours.push(began.elapsed());
        at_risk = judged.nodes.iter().filter(|(_, v)| judged.verdicts[*v].class == Class::AtRisk).count();
        let began = Instant::now();
        Command::new(venv.join("bin/python")).args(["-m", "pip", "check"]).output().unwrap();
        pip.push(began.elapsed());
    }
    println!("{files} files, {} MB, {at_risk} at risk", bytes / 1_000_000);
    println!("every file checked: {:.2?} (first {:.2?}); pip check: {:.2?}", median(ours.clone()), ours[0], median(pip));
}
