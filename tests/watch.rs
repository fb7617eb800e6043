//! The binary, watching: killed at any moment, started once or for good, called by another program.
//!
//! Only on Unix: on Windows the home is one of the system's known folders, which no variable moves.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use common::Home;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const ORG: &str = "cb872a6d-86d0-5b87-bcc4-bec7aa7d510a/3dfbc956-d9cf-5559-8e62-5d12e24c9f0f";

fn id(n: u32) -> String {
    format!("local_{n:08x}-0ef1-5e3e-934d-953ad549a0d5")
}

fn dir(home: &Home, n: u32) -> PathBuf {
    home.sessions().join(ORG).join(id(n))
}

fn put(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// A session that begins.
fn begin(home: &Home, n: u32) {
    let record = json!({"sessionId": id(n), "cliSessionId": format!("conv{n}"), "title": format!("Session {n}"), "createdAt": 1_795_206_905_025_u64});
    put(&dir(home, n).with_extension("json"), &record.to_string());
    put(&dir(home, n).join("outputs/first.txt"), &format!("the first file of {n}\n"));
    say(home, n, 0);
}

/// A turn more, and a file it made.
fn say(home: &Home, n: u32, turn: u32) {
    let log = dir(home, n).join(".claude/projects/-s/conv.jsonl");
    std::fs::create_dir_all(log.parent().unwrap()).unwrap();
    let mut log = std::fs::File::options().append(true).create(true).open(log).unwrap();
    let when = format!("2026-10-02T{:02}:{:02}:00Z", 9 + turn / 60, turn % 60);
    let asked = json!({"type":"user","uuid":format!("u{turn}"),"timestamp":when,"message":{"content":format!("Prompt {turn} of session {n}, the end.")}});
    let tool = json!({"type":"assistant","uuid":format!("a{turn}"),"timestamp":when,"message":{"content":[{"type":"tool_use","id":format!("t{turn}"),
        "name":"Bash","input":{"command":format!("make part-{turn}")}}]}});
    write!(log, "{asked}\n{tool}\n").unwrap();
    put(&dir(home, n).join(format!("outputs/part-{turn}.txt")), &format!("what turn {turn} of session {n} made\n").repeat(40));
}

fn durable(home: &Home, n: u32) -> PathBuf {
    home.path.join("Documents/Claude Cowork").join(format!("Session {n}"))
}

/// The whole lines of every `manifest.jsonl`, each of which must be JSON.
fn lines(home: &Home, sessions: u32) -> BTreeMap<u32, Vec<String>> {
    let of = |n: u32| {
        let text = std::fs::read_to_string(durable(home, n).join("manifest.jsonl")).unwrap_or_default();
        let whole: Vec<String> = text.split_inclusive('\n').filter(|line| line.ends_with('\n')).map(str::to_owned).collect();
        for line in &whole {
            serde_json::from_str::<Value>(line).unwrap_or_else(|e| panic!("session {n}: {e}: {line}"));
        }
        (n, whole)
    };
    (0..sessions).map(of).collect()
}

/// Fails where a file in a durable folder is neither hidden nor what a finished export leaves there.
fn nothing_half_written(home: &Home, sessions: u32) {
    for n in 0..sessions {
        let text = std::fs::read_to_string(durable(home, n).join("transcript.md")).unwrap_or_default();
        let last = text.trim_end().lines().last().unwrap_or_default().to_owned();
        assert!(
            text.is_empty() || last.contains("the end.") || last.contains("part-") || last.starts_with("</") || last.starts_with("```"),
            "half a transcript: {last}"
        );
        for entry in std::fs::read_dir(durable(home, n).join("outputs")).into_iter().flatten() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if !name.starts_with('.') {
                let source = std::fs::read(dir(home, n).join("outputs").join(&name)).unwrap();
                assert!(std::fs::read(&path).unwrap() == source, "{} is not what the session has", path.display());
            }
        }
    }
}

fn watch(home: &Home, words: &[&str]) -> Child {
    let mut command = home.command(&[&["watch", "--every", "0"], words].concat());
    command.env("LIFEBOAT_QUIET_AFTER", "1").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Waits until something is so.
fn until(what: &str, so: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_mins(2);
    while !so() {
        assert!(Instant::now() < end, "never: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn killed_at_any_moment_no_line_is_lost_no_file_is_half_written_and_the_next_one_goes_on() {
    const SESSIONS: u32 = 4;
    let home = Home::empty();
    (0..SESSIONS).for_each(|n| begin(&home, n));
    let mut before: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    let mut seed = 7_u64;
    let mut turn = 0;
    for round in 0..25 {
        let mut child = watch(&home, &[]);
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let end = Instant::now() + Duration::from_millis(20 + (seed >> 33) % 1200);
        while Instant::now() < end {
            turn += 1;
            (0..SESSIONS).for_each(|n| say(&home, n, turn));
            std::thread::sleep(Duration::from_millis(60));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let now = lines(&home, SESSIONS);
        for (n, old) in &before {
            assert!(now[n].starts_with(old), "round {round}: session {n} lost a line of {}", old.len());
        }
        nothing_half_written(&home, SESSIONS);
        before = now;
    }
    assert!(before.values().all(|lines| !lines.is_empty()), "it was killed too soon to tell anything");
    home.run(&["watch", "--once"]).ended(0);
    let after = lines(&home, SESSIONS);
    for n in 0..SESSIONS {
        assert!(after[&n].starts_with(&before[&n]));
        let text = std::fs::read_to_string(durable(&home, n).join("transcript.md")).unwrap();
        assert!((0..=turn).all(|t| text.contains(&format!("Prompt {t} of session {n}, the end."))));
        assert_eq!(std::fs::read_dir(durable(&home, n).join("outputs")).unwrap().count(), turn as usize + 1 + usize::from(turn > 0));
        let hidden = walkdir::WalkDir::new(durable(&home, n))
            .into_iter()
            .map(Result::unwrap)
            .filter(|e| e.file_name().to_string_lossy().starts_with('.'));
        assert_eq!(hidden.count(), 0, "what a killed run left is swept");
    }
    println!("25 rounds, {turn} turns in each of {SESSIONS} sessions, {} lines", after.values().map(Vec::len).sum::<usize>());
}

#[test]
fn one_watches_at_a_time_it_flushes_what_ended_and_ends_well_when_asked() {
    let home = Home::empty();
    begin(&home, 1);
    let upload = dir(&home, 1).join("uploads/only here.txt");
    put(&upload, "pasted, and nowhere else\n");
    let mut child = watch(&home, &[]);
    until("an export", || durable(&home, 1).join("transcript.md").exists());
    assert!(home.run(&["watch"]).ended(3).err.contains("runs already"));
    assert!(home.run(&["watch", "--once"]).ended(0).err.contains("runs already"));
    assert_eq!(home.run(&["watch", "--status", "--json"]).ended(0).json()["runs"], true);
    until("a flush", || durable(&home, 1).join("uploads/only here.txt").exists());
    say(&home, 1, 1);
    until("what was said meanwhile", || std::fs::read_to_string(durable(&home, 1).join("transcript.md")).unwrap().contains("Prompt 1 of"));
    begin(&home, 2);
    until("a new session", || durable(&home, 2).join("transcript.md").exists());
    rustix::process::kill_process(rustix::process::Pid::from_child(&child), rustix::process::Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(home.run(&["watch", "--status", "--json"]).ended(0).json()["runs"], false);
    assert!(home.run(&["history", "--json"]).ended(0).json()["operations"].as_array().unwrap().is_empty());
}

#[test]
fn a_standing_rule_that_is_none_ends_with_two_and_read_only_refuses() {
    let home = Home::sample();
    let config = home.path.join(".config/lifeboat/config.toml");
    put(&config, "[watch]\nclean = [\"at-risk\"]\n");
    let told = home.run(&["watch", "--once"]).ended(2).err;
    assert!(told.contains("cleans nothing but \"rebuildable\"") && told.contains("config.toml"), "{told}");
    put(&config, "");
    home.run(&["watch", "--once", "--read-only"]).ended(3);
    home.run(&["hooks", "--install", "--read-only", "--yes"]).ended(3);
}

/// A folder with a `systemctl` that writes down how it is called.
fn system(home: &Home) -> (PathBuf, PathBuf) {
    let (bin, log) = (home.path.join("bin"), home.path.join("called"));
    put(&bin.join("systemctl"), &format!("#!/bin/sh\necho \"$@\" >> '{}'\n", log.display()));
    std::fs::set_permissions(bin.join("systemctl"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    (bin, log)
}

#[cfg(target_os = "linux")]
#[test]
fn it_is_installed_shown_and_taken_back() {
    let home = Home::empty();
    let (bin, log) = system(&home);
    let run = |words: &[&str]| {
        let out = home.command(words).env("PATH", format!("{}:/usr/bin:/bin", bin.display())).output().unwrap();
        (out.status.code().unwrap(), String::from_utf8(out.stdout).unwrap() + &String::from_utf8_lossy(&out.stderr))
    };
    let unit = home.path.join(".config/systemd/user/lifeboat-watch.service");
    let (code, shown) = run(&["watch", "--install", "--dry-run"]);
    assert!(code == 0 && shown.contains("[Service]") && shown.contains("systemctl --user enable --now"), "{shown}");
    assert_eq!(run(&["watch", "--install"]).0, 3, "nobody said yes");
    assert!(!unit.exists() && !log.exists());
    assert_eq!(run(&["watch", "--install", "--yes"]).0, 0);
    assert!(std::fs::read_to_string(&unit).unwrap().contains(common::PROGRAM));
    assert_eq!(std::fs::read_to_string(&log).unwrap(), "--user daemon-reload\n--user enable --now lifeboat-watch.service\n");
    assert!(run(&["watch", "--status"]).1.contains("Installed:"));
    assert_eq!(run(&["watch", "--uninstall", "--yes"]).0, 0);
    assert!(!unit.exists() && run(&["watch", "--status"]).1.contains("Not installed"));
    assert_eq!(run(&["watch", "--install", "--yes"]).0, 0);
    put(&unit, "mine\n");
    let (code, told) = run(&["watch", "--uninstall", "--yes"]);
    assert!(code == 1 && told.contains("stays as it is") && unit.exists(), "{told}");
    assert_eq!(run(&["watch", "--install", "--yes"]).0, 3);
}

#[test]
fn the_client_that_calls_is_answered_at_once_whatever_is_wrong_and_the_work_is_done_after() {
    let home = Home::empty();
    begin(&home, 1);
    put(&home.path.join(".claude/settings.json"), "{\n  \"model\": \"opus\"\n}\n");
    let shown = home.run(&["hooks", "--install", "--yes"]).ended(0).out;
    assert!(shown.contains("+  \"hooks\": {"), "{shown}");
    let settings: Value = serde_json::from_str(&std::fs::read_to_string(home.path.join(".claude/settings.json")).unwrap()).unwrap();
    let command = settings["hooks"]["SessionEnd"][0]["hooks"][0]["command"].as_str().unwrap().to_owned();
    let call = |says: &str| {
        let mut shell = Command::new("sh");
        shell.args(["-c", &command]).env_clear().env("HOME", &home.path).env("PATH", "/usr/bin:/bin").stdin(Stdio::piped());
        let mut child = shell.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(says.as_bytes()).unwrap();
        let out = child.wait_with_output().unwrap();
        assert_eq!((out.status.code(), out.stdout.len(), out.stderr.len()), (Some(0), 0, 0), "{out:?}");
    };
    put(&home.path.join(".config/lifeboat/config.toml"), "this is = = broken\n");
    call("not json");
    call(r#"{"session_id":"nobody-knows-it","hook_event_name":"SessionStart"}"#);
    put(&home.path.join(".config/lifeboat/config.toml"), "");
    call(r#"{"session_id":"nobody-knows-it","hook_event_name":"SessionStart"}"#);
    let log = home.path.join(".local/state/lifeboat/logs/watch.log");
    until("a line about the session nobody knows", || {
        std::fs::read_to_string(&log).unwrap_or_default().contains("has a session nobody-knows-it")
    });
    call(r#"{"session_id":"conv1","transcript_path":"/x.jsonl","cwd":"/","hook_event_name":"SessionEnd"}"#);
    until("an export", || durable(&home, 1).join("transcript.md").exists());
    home.run(&["hooks", "--uninstall", "--yes"]).ended(0);
    assert_eq!(std::fs::read_to_string(home.path.join(".claude/settings.json")).unwrap(), "{\n  \"model\": \"opus\"\n}\n");
}
