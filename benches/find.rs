//! Searches: the index made, kept up to date and asked, beside ripgrep on the same files in the same run.
//!
//! `cargo bench --bench find` makes sessions of 256 MB; `MB=1024` makes more, `HOME_DIR=folder` takes a home that is there (it is read,
//! and one of its transcripts grows by a megabyte). ripgrep is looked for as `rg`, or where `RG` says; without it that is left out, and said.

#![allow(
    missing_docs,
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench makes files of its own and prints what it measured"
)]

#[allow(dead_code, reason = "another bench makes other records")]
#[path = "transcript/made.rs"]
mod made;

use lifeboat::find::{self, Filter, Known, Library, Query};
use lifeboat::model::{Quiet, SessionIx, Stop};
use lifeboat::scan;
use lifeboat::world::World;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const ROUNDS: usize = 7;

fn load() -> String {
    std::fs::read_to_string("/proc/loadavg").unwrap_or_default().split(' ').next().unwrap_or("?").to_owned()
}

fn median(mut all: Vec<Duration>) -> Duration {
    all.sort();
    all[all.len() / 2]
}

fn ms(took: Duration) -> String {
    format!("{:.1} ms", took.as_secs_f64() * 1e3)
}

/// Sessions of a few megabytes each.
fn make(home: &Path, megabytes: u64) {
    let folder = home.join(".claude/projects/-home-u-project");
    std::fs::create_dir_all(&folder).unwrap();
    for n in 0..megabytes.div_ceil(8) {
        let path = folder.join(format!("{n:08x}-715d-4144-aeeb-2b59a096feb3.jsonl"));
        made::make(&path, 8 << 20, made::Records::with_bookkeeping);
    }
}

fn known(world: &World) -> Vec<Known> {
    let catalog = scan::sessions(world, &scan::Options::default());
    Known::of(&catalog, (0..catalog.sessions.len()).map(SessionIx::at))
}

fn main() {
    let made = tempfile::tempdir_in(std::env::var_os("DIR").map_or_else(std::env::temp_dir, PathBuf::from)).unwrap();
    let home = std::env::var_os("HOME_DIR").map(PathBuf::from).unwrap_or_else(|| {
        make(made.path(), std::env::var("MB").ok().and_then(|n| n.parse().ok()).unwrap_or(256));
        made.path().to_path_buf()
    });
    let state = tempfile::tempdir_in(made.path()).unwrap();
    let env = BTreeMap::from([("LIFEBOAT_STATE_DIR".into(), state.path().into())]);
    let world = World::at(&home, env);
    let known = known(&world);
    let threads = || known.iter().flat_map(|k| &k.threads);
    let bytes: u64 = threads().filter_map(|t| t.stand()).map(|s| s.size).sum();
    let mut texts = 0;
    for thread in threads() {
        let mut take = |record: &lifeboat::transcript::Record<'_>, _| {
            texts += record.said.iter().map(|s| s.text.len() as u64).sum::<u64>();
            Ok(())
        };
        thread.open().and_then(|mut reading| reading.each(0, u64::MAX, &mut take)).unwrap();
    }
    let mb = |bytes: u64| bytes as f64 / 1e6;
    println!("{} sessions, {:.0} MB, of which {:.0} MB are texts; load {}", known.len(), mb(bytes), mb(texts), load());

    let mut library = Library::open(&world).unwrap();
    let began = Instant::now();
    let updated = library.update(&known, &Quiet).unwrap();
    let took = began.elapsed();
    let size = |end: &str| std::fs::metadata(state.path().join(format!("find.sqlite{end}"))).map_or(0, |m| m.len());
    println!(
        "index made: {:.1} s, {:.0} MB/s of files, {:.0} MB/s of texts; {:.1} % of the texts (and {:.0} MB of log beside it); {} files, load {}",
        took.as_secs_f64(),
        mb(bytes) / took.as_secs_f64(),
        mb(texts) / took.as_secs_f64(),
        size("") as f64 / texts as f64 * 100.0,
        mb(size("-wal")),
        updated.files,
        load()
    );
    let began = Instant::now();
    let updated = library.update(&known, &Quiet).unwrap();
    println!("nothing new: {}, {} bytes read", ms(began.elapsed()), updated.read);
    grow(&threads().next().unwrap().path(), made.path());
    let began = Instant::now();
    let updated = library.update(&known, &Quiet).unwrap();
    println!("1 MB new: {}, {:.2} MB of {} file read", ms(began.elapsed()), mb(updated.read), updated.files);

    let queries = ["buffer", "\"request handler returns\"", "parser timeout", "con", "zebra", "résumé", "日本語", "token \"should move\""];
    let rg = std::env::var("RG").unwrap_or_else(|_| "rg".to_owned());
    let has_rg = Command::new(&rg).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|s| s.success());
    if !has_rg {
        println!("ripgrep is not here: left out");
    }
    for text in queries {
        let query = Query::read(text, Filter::default()).unwrap();
        let asked = |library: &mut Library, patience: Duration| {
            let mut hits = 0;
            let times = (0..ROUNDS).map(|_| {
                let began = Instant::now();
                hits = library.search(&known, &query, 20, &|| began.elapsed() >= patience).unwrap().hits.len();
                began.elapsed()
            });
            (median(times.collect()), hits)
        };
        let (first, hits) = asked(&mut library, Duration::from_millis(40));
        let (whole, _) = asked(&mut library, Duration::from_secs(3600));
        let beside = if has_rg { format!(", ripgrep {}", ms(ripgrep(&rg, text, &home))) } else { String::new() };
        println!("{text:<28} first {hits:>2} hits {:>9}, the best 20 for certain {:>9}{beside}, load {}", ms(first), ms(whole), load());
    }
    let query = Query::read("zebra", Filter::default()).unwrap();
    let began = Instant::now();
    let total = find::all(&known, &query, &query.filter, 20, &Stop::default()).total;
    println!(
        "without the index: {:.1} s, {:.0} MB/s, {total:?} places",
        began.elapsed().as_secs_f64(),
        mb(bytes) / began.elapsed().as_secs_f64()
    );
}

/// A megabyte more of one transcript.
fn grow(path: &Path, scratch: &Path) {
    let more = scratch.join("more.jsonl");
    made::make(&more, 1 << 20, made::Records::with_bookkeeping);
    let text = std::fs::read(&more).unwrap();
    std::fs::OpenOptions::new().append(true).open(path).unwrap().write_all(&text).unwrap();
}

/// The same question to ripgrep: files with any of the lines, case folded, words in any order being beyond it.
fn ripgrep(rg: &str, text: &str, home: &Path) -> Duration {
    let plain = text.replace('"', "");
    let word = plain.split(' ').next().unwrap_or_default();
    let pattern = if text.starts_with('"') { plain.as_str() } else { word };
    let times = (0..3).map(|_| {
        let began = Instant::now();
        let mut command = Command::new(rg);
        command.args(["-i", "-F", "--hidden", "--no-ignore", "-c", pattern]).arg(home.join(".claude"));
        let _ = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
        began.elapsed()
    });
    median(times.collect())
}
