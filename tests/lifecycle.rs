//! The lifecycle verbs of the real program, killed at every moment, beside a writer that is at work, and on a disk that is full.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests")]

#[path = "common/opencode.rs"]
mod made;

use lifeboat::lifecycle;
use lifeboat::model::{OpState, Quiet};
use lifeboat::world::World;
use made::Shape;
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

const PROGRAM: &str = env!("CARGO_BIN_EXE_lifeboat");

/// A home with a made-up store.
struct Home {
    dir: tempfile::TempDir,
    database: PathBuf,
}

impl Home {
    fn with(shape: Shape) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let database = made::in_home(dir.path(), shape);
        Self { dir, database }
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(words).env_clear().env("HOME", self.dir.path()).env("PATH", "/usr/bin:/bin").env("LIFEBOAT_QUIET_AFTER", "0");
        command.stdin(Stdio::null());
        command
    }

    fn run(&self, words: &[&str]) -> Output {
        self.command(words).output().unwrap()
    }

    fn world(&self) -> World {
        World::at(self.dir.path(), [("LIFEBOAT_QUIET_AFTER".into(), "0".into())].into_iter().collect())
    }

    /// The database is sound; every row of it.
    fn rows(&self) -> BTreeMap<String, Vec<String>> {
        let sql = Connection::open(&self.database).unwrap();
        let said: String = sql.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(said, "ok");
        dump(&sql)
    }
}

fn dump(sql: &Connection) -> BTreeMap<String, Vec<String>> {
    let mut tables = sql.prepare("SELECT name FROM sqlite_schema WHERE type='table'").unwrap();
    let names: Vec<String> = tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let rows = |name: &String| -> Vec<String> {
        let mut rows = sql.prepare(&format!("SELECT rowid,* FROM \"{name}\" ORDER BY rowid")).unwrap();
        let columns = rows.column_count();
        let told = rows.query_map([], |row| {
            let cells: Vec<String> = (0..columns).map(|at| format!("{:?}", row.get_ref(at).unwrap())).collect();
            Ok(blake3::hash(cells.join("|").as_bytes()).to_hex().to_string())
        });
        told.unwrap().map(Result::unwrap).collect()
    };
    names.iter().map(|name| (name.clone(), rows(name))).collect()
}

fn said(out: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr))
}

/// What a deed does, and the words for it.
const DEEDS: [(&str, &[&str]); 4] = [
    ("archive", &["archive", "Session 3", "--yes"]),
    ("prune", &["prune", "--older-than", "30d", "--yes", "--include-at-risk"]),
    ("reclaim", &["reclaim", "--diffs", "--yes"]),
    ("vacuum", &["vacuum", "--yes"]),
];

fn may_trace() -> bool {
    let may = Command::new("strace").args(["-qq", "-o", "/dev/null", "true"]).output().is_ok_and(|out| out.status.success());
    if !may {
        println!("skipped: no strace here, or it may not trace");
    }
    may
}

const CALLS: &str = "openat,pwrite64,write,fsync,fdatasync,ftruncate,unlink,unlinkat,rename,renameat2,link,linkat,close";

/// The calls of a deed about its home: name, and which of its name it is.
fn calls(shape: Shape, before: &[&str], words: &[&str]) -> Vec<(String, usize)> {
    let home = Home::with(shape);
    if !before.is_empty() {
        home.run(before);
    }
    let log = home.dir.path().join("strace.log");
    let out = traced(&home, &log, &["-e", &format!("trace={CALLS}")], words);
    assert!(out.status.success(), "{}", said(&out));
    let text = String::from_utf8_lossy(&std::fs::read(&log).unwrap()).into_owned();
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut all = Vec::new();
    for line in text.lines() {
        let Some((call, rest)) = line.split_once('(') else { continue };
        let count = seen.entry(call).or_default();
        *count += 1;
        if rest.contains(home.dir.path().to_str().unwrap()) {
            all.push((call.to_owned(), *count));
        }
    }
    all
}

fn traced(home: &Home, log: &Path, arguments: &[&str], words: &[&str]) -> Output {
    let mut strace = Command::new("strace");
    strace.args(["-qq", "-y", "-o"]).arg(log).args(arguments).arg(PROGRAM).args(words);
    strace.env_clear().env("HOME", home.dir.path()).env("PATH", "/usr/bin:/bin").env("LIFEBOAT_QUIET_AFTER", "0");
    strace.stdin(Stdio::null()).output().unwrap()
}

#[test]
#[cfg(target_os = "linux")]
fn killed_at_any_call_the_database_is_whole_and_the_next_start_and_an_undo_bring_every_row_back() {
    if !may_trace() {
        return;
    }
    let shape = Shape { sessions: 21, output: 4000, huge: 2 << 20, ..Shape::default() };
    let all = std::env::var_os("FAULTS").is_some_and(|v| v == "all");
    for (deed, words) in DEEDS {
        let before: &[&str] = if deed == "vacuum" { &["reclaim", "--yes"] } else { &[] };
        let calls = calls(shape, before, words);
        let step = if all { 1 } else { (calls.len() / 12).max(1) };
        let (mut hit, mut done, mut not) = (0, 0, 0);
        for (call, at) in calls.iter().step_by(step) {
            let home = Home::with(shape);
            let first = home.rows();
            if !before.is_empty() {
                home.run(before);
            }
            let was = home.rows();
            let log = home.dir.path().join("strace.log");
            let out = traced(&home, &log, &["-e", &format!("trace={call}"), "-e", &format!("inject={call}:signal=KILL:when={at}")], words);
            let killed = std::fs::read_to_string(&log).unwrap_or_default().contains("killed by SIGKILL");
            hit += usize::from(killed);
            assert!(killed || out.status.success(), "{deed} at {call} {at}: {}", said(&out));
            let is = home.rows();
            (done, not) = if is == was { (done, not + 1) } else { (done + 1, not) };
            // The next start mends; nothing of ours is left beside the database.
            let world = home.world();
            let told = lifecycle::recover(&world).unwrap();
            assert!(lifecycle::recover(&world).unwrap().is_empty(), "mended twice: {told:?}");
            let history = lifecycle::history(&world).unwrap();
            assert!(history.iter().all(|o| o.state != OpState::Unfinished), "{deed} at {call} {at}: {told:?} {history:?}");
            let names: Vec<String> = std::fs::read_dir(home.database.parent().unwrap())
                .unwrap()
                .map(|e| e.unwrap().file_name().into_string().unwrap())
                .collect();
            assert!(names.iter().all(|n| !n.contains("lifeboat")), "{deed} at {call} {at}: {names:?}");
            if deed == "vacuum" {
                assert_eq!(home.rows(), was, "{deed} at {call} {at}");
            }
            for _ in 0..3 {
                let back = lifecycle::undo(&world, None, false, &Quiet).unwrap();
                assert!(back.failed.is_empty() && back.skipped.is_empty(), "{deed} at {call} {at}: {back:?}");
            }
            assert_eq!(home.rows(), first, "{deed} at {call} {at}: {told:?} {history:?}");
        }
        println!("{deed}: {} calls, {hit} kills; the rows were as before {not} times and changed {done} times", calls.len());
        assert!(hit > 5, "{deed}: hardly any kill was met");
    }
}

/// A program of another kind that has the database open and writes to it now and then.
fn writer(database: &Path, every: Duration, patience: &str) -> std::process::Child {
    let script = "
import sqlite3, sys, time
sql = sqlite3.connect(sys.argv[1], timeout=float(sys.argv[3]), isolation_level=None)
sql.execute('PRAGMA journal_mode=WAL')
longest, n = 0.0, 0
print('ready', flush=True)
end = time.time() + 60
try:
    while time.time() < end:
        begun = time.time()
        sql.execute('INSERT INTO credential VALUES (?,?)', ('row-%d' % n, 'x' * 100))
        longest = max(longest, time.time() - begun)
        n += 1
        print(n, round(longest, 3), flush=True)
        time.sleep(float(sys.argv[2]))
except Exception as e:
    print('failed', e, flush=True)
";
    let mut child = Command::new("python3")
        .args(["-c", script])
        .arg(database)
        .args([&every.as_secs_f64().to_string(), patience])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0; 6];
    std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut first).unwrap();
    child
}

#[test]
#[cfg(target_os = "linux")]
fn beside_a_live_writer_every_deed_refuses_with_words_and_changes_and_blocks_nothing() {
    let home = Home::with(Shape { sessions: 21, ..Shape::default() });
    let mut before = home.rows();
    before.remove("credential");
    let mut child = writer(&home.database, Duration::from_millis(20), "5");
    for (deed, words) in DEEDS {
        let out = home.run(words);
        assert_eq!(out.status.code(), Some(3), "{deed}: {}", said(&out));
        assert!(said(&out).contains("in use: it is open in python3"), "{deed}: {}", said(&out));
    }
    child.kill().unwrap();
    let mut told = String::new();
    std::io::Read::read_to_string(child.stdout.as_mut().unwrap(), &mut told).unwrap();
    child.wait().unwrap();
    assert!(!told.contains("failed"), "{told}");
    let longest: f64 = told.lines().last().and_then(|l| l.split_once(' ')).unwrap().1.parse().unwrap();
    assert!(longest < 5.0, "a write waited {longest} s");
    let mut after = home.rows();
    after.remove("credential");
    assert_eq!(after, before);
    assert!(lifecycle::history(&home.world()).unwrap().is_empty());
}

#[test]
fn the_words_and_exit_codes_are_those_of_the_contract() {
    let home = Home::with(Shape { sessions: 14, newest: true, ..Shape::default() });
    let json = |words: &[&str]| -> serde_json::Value {
        let out = home.run(&[words, &["--json"]].concat());
        serde_json::from_slice(&out.stdout).unwrap_or_else(|e| panic!("{e}: {}", said(&out)))
    };
    let stats = json(&["stats"]);
    assert_eq!(stats["schema"], "lifeboat.stats/1");
    let store = &stats["stores"][0];
    assert_eq!((&store["store"], &store["sessions"]["total"], &store["sessions"]["child"]), (&"opencode".into(), &14.into(), &12.into()));
    assert_eq!((&store["messages"], &store["parts"]), (&35.into(), &57.into()));
    for words in [&["prune", "--yes"][..], &["prune"], &["reclaim"], &["vacuum"], &["archive", "Session 3"]] {
        assert_eq!(home.run(words).status.code(), Some(3), "{words:?}: not confirmed");
    }
    for (_, words) in DEEDS {
        assert_eq!(home.run(&[words, &["--read-only"]].concat()).status.code(), Some(3));
        let before = home.rows();
        let receipt = json(&[words, &["--dry-run"]].concat());
        assert_eq!((&receipt["schema"], &receipt["dry_run"]), (&"lifeboat.receipt/1".into(), &true.into()));
        assert_eq!(home.rows(), before);
    }
    assert_eq!(home.run(&["archive", "no such session", "--yes"]).status.code(), Some(2));
    assert_eq!(home.run(&["archive", "Session 1", "--yes"]).status.code(), Some(2), "several sessions have this in their titles");
    assert_eq!(home.run(&["prune", "--store", "cowork"]).status.code(), Some(2));
    let receipt = json(&["prune", "--yes", "--include-at-risk", "--vacuum"]);
    assert_eq!((&receipt["verb"], &receipt["moved"]), (&"prune".into(), &14.into()), "{receipt}");
    assert!(receipt["free_change"].as_i64().unwrap() > 0);
    assert_eq!(json(&["undo"])["moved"], 14);
    assert_eq!(json(&["undo"])["moved"], 0);
}
