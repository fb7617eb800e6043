//! The binary and sessions that come alive between the plan and its deed: by process, open file, turn, and the app.
//!
//! Only on Linux, where the system tells what is open.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use common::screen::Screen;
use common::{Home, PROGRAM, Run};
use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const ASKED: &str = r#"{"type":"user","message":{"role":"user","content":"One thing more, please."}}"#;

/// The folder of the session that comes alive.
fn session(home: &Home) -> PathBuf {
    home.find("chart.png").parent().unwrap().parent().unwrap().to_path_buf()
}

/// Somebody asks for something more: what the app writes then.
fn ask(session: &Path) {
    let mut log = std::fs::File::options().append(true).open(session.join("audit.jsonl")).unwrap();
    writeln!(log, "{ASKED}").unwrap();
}

/// A process that holds a file open, and ends when this is dropped.
struct Holds(Child);

impl Holds {
    fn open(file: &Path) -> Self {
        let file = std::fs::File::open(file).unwrap();
        Self(Command::new("cat").stdin(Stdio::piped()).stdout(file).spawn().unwrap())
    }
}

impl Drop for Holds {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

/// Makes a plan of everything, lets something happen, and carries it out.
fn planned(home: &Home, then: impl FnOnce(&Path)) -> (Vec<String>, Run) {
    let plan = home.run(&["plan", "--all", "--class", "rebuildable,flushed", "-o", "plan.json", "--json"]).ended(0).json();
    let items = plan["items"].as_array().unwrap().iter().map(|i| i["path"].as_str().unwrap().to_owned()).collect();
    then(&session(home));
    (items, home.run(&["clean", "--plan", "plan.json", "--yes", "--json"]))
}

/// What lies below these folders stayed, every item named with this reason; all else went.
fn kept(items: &[String], run: Run, below: &[PathBuf], reason: &str) {
    let receipt = run.ended(1).json();
    let mut stay: Vec<&str> = items.iter().map(String::as_str).filter(|i| below.iter().any(|b| Path::new(i).starts_with(b))).collect();
    let skipped = receipt["skipped"].as_array().unwrap();
    let mut named: Vec<&str> = skipped.iter().map(|s| s["path"].as_str().unwrap()).collect();
    stay.sort_unstable();
    named.sort_unstable();
    assert!(!stay.is_empty());
    assert_eq!(named, stay);
    assert!(skipped.iter().all(|s| s["reason"].as_str().unwrap().contains(reason)), "{skipped:?}");
    assert_eq!(receipt["moved"].as_u64().unwrap(), (items.len() - stay.len()) as u64);
    assert!(stay.iter().all(|path| Path::new(path).symlink_metadata().is_ok()));
}

#[test]
fn a_plan_leaves_a_session_alone_that_a_process_opened_a_file_of() {
    let home = Home::sample();
    let mut holds = None;
    let (items, run) = planned(&home, |session| holds = Some(Holds::open(&session.join("audit.jsonl"))));
    kept(&items, run, &[session(&home)], "in use: something in it is open in cat (process ");
}

#[test]
fn a_plan_leaves_a_session_alone_whose_process_wrote_itself_down() {
    let (home, elsewhere) = (Home::sample(), Home::empty());
    let file = elsewhere.path.join("x");
    std::fs::write(&file, "x").unwrap();
    let holds = Holds::open(&file);
    let pid = holds.0.id();
    let (items, run) = planned(&home, |session| {
        let dir = session.join(".claude/sessions");
        std::fs::create_dir_all(&dir).unwrap();
        let now = jiff::Timestamp::now().as_millisecond();
        std::fs::write(dir.join(format!("{pid}.json")), format!(r#"{{"pid": {pid}, "startedAt": {now}}}"#)).unwrap();
    });
    kept(&items, run, &[session(&home)], &format!("in use: its process {pid} runs"));
}

#[test]
fn a_plan_leaves_a_session_alone_in_which_a_turn_was_begun() {
    let home = Home::sample();
    let (items, run) = planned(&home, ask);
    kept(&items, run, &[session(&home)], "in use: a turn is open in the audit log, and a file of it changed ");
}

#[test]
fn a_plan_leaves_the_apps_caches_alone_when_the_app_was_started() {
    let (home, elsewhere) = (Home::sample(), Home::empty());
    let data = lifeboat::demo::app_data(&home.path);
    let file = elsewhere.path.join("x");
    std::fs::write(&file, "x").unwrap();
    let holds = Holds::open(&file);
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    let (items, run) = planned(&home, |_| {
        std::os::unix::fs::symlink(format!("{}-{}", host.trim(), holds.0.id()), data.join("SingletonLock")).unwrap();
    });
    let receipt = run.ended(1).json();
    let skipped: Vec<&Value> = receipt["skipped"].as_array().unwrap().iter().collect();
    assert!(skipped.iter().all(|s| s["reason"].as_str().unwrap().contains("Claude Desktop runs")), "{skipped:?}");
    let caches: Vec<&String> = items.iter().filter(|i| Path::new(i).starts_with(data.join("Cache"))).collect();
    assert!(!caches.is_empty() && caches.iter().all(|c| Path::new(c).symlink_metadata().is_ok()));
    assert!(skipped.iter().all(|s| !s["path"].as_str().unwrap().contains("/local_")), "{skipped:?}");
    assert!(receipt["moved"].as_u64().unwrap() > 20);
}

#[test]
fn a_session_that_wakes_up_while_the_question_waits_is_left_alone() {
    let home = Home::sample();
    let session = session(&home);
    let mut screen = Screen::start(PROGRAM, &["clean", "Quarterly report"], &home.path, 40, 200);
    screen.see("Type yes to go on");
    ask(&session);
    screen.keys("yes\r");
    screen.see("a turn is open in the audit log");
    assert_eq!(screen.ended(), 1);
    assert!(home.run(&["history", "--json"]).ended(0).json()["operations"].as_array().unwrap().is_empty());
}

#[test]
fn a_session_that_wakes_up_while_the_plan_stands_on_the_screen_is_left_alone() {
    let home = Home::sample();
    let session = session(&home);
    let words = ["demo", "--dir", home.path.to_str().unwrap()];
    let mut screen = Screen::start(PROGRAM, &words, &home.path, 40, 140);
    screen.until("the end of the scan", |text| text.contains("plugin copies") && !text.contains("x stops it"));
    // Everything rebuildable.
    screen.keys("Gha");
    screen.see("marked");
    screen.keys("c");
    screen.until("the plan drawn", |text| text.contains("carry it out"));
    ask(&session);
    let _holds = Holds::open(&home.find("who is who.md"));
    screen.press_until("Y", "in the vault");
    screen.see("left alone");
    screen.keys("E");
    screen.see("in use: a turn is open in the audit log");
    screen.see("in use: something in it is open in cat");
    screen.keys("\x1b");
    screen.see("At risk");
    screen.keys("q");
    assert_eq!(screen.ended(), 0);
    let copy = Path::new(".claude/plugins/cache/official/documents/1.4.2");
    assert!(session.join(copy).exists());
    let left = walkdir::WalkDir::new(home.sessions()).into_iter().filter_map(Result::ok).filter(|e| e.path().ends_with(copy)).count();
    assert_eq!(left, 3, "those of the two, and of the one that was in use before");
}
