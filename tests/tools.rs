//! Sessions of Codex on the command line: packed, unpacked, and pruned by a program that stands for its own.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;

use common::{Home, PROGRAM, Run, Tree, tree};
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

const ID: &str = "01a1ffc4-edcf-7fb1-8775-9b32bbbc08cf";

/// A home with one old session of Codex, and a program `codex` that deletes.
fn home() -> Home {
    let home = Home::empty();
    let meta =
        format!("{{\"timestamp\":\"2026-01-01T10:00:00Z\",\"type\":\"session_meta\",\"payload\":{{\"id\":\"{ID}\",\"cwd\":\"/u/p\"}}}}\n");
    let said = "{\"timestamp\":\"2026-01-01T10:00:01Z\",\"type\":\"event_msg\",\"payload\":{\"type\":\"user_message\",\"message\":\"Plan the work\"}}\n";
    let rollout = rollout(&home);
    fs::create_dir_all(rollout.parent().unwrap()).unwrap();
    fs::write(&rollout, meta + &said.repeat(400)).unwrap();
    let then = SystemTime::now() - Duration::from_hours(24 * 60);
    File::options().write(true).open(&rollout).unwrap().set_modified(then).unwrap();
    let program = home.path.join("bin/codex");
    fs::create_dir_all(program.parent().unwrap()).unwrap();
    fs::write(&program, "#!/bin/sh\n[ \"$1\" = delete ] && rm \"$CODEX_HOME\"/sessions/*/*/*/*$3*\n").unwrap();
    fs::set_permissions(program, fs::Permissions::from_mode(0o755)).unwrap();
    home
}

/// The files of the store with their bytes and times; its folders' times tell that something was made beside.
fn files(home: &Home) -> Tree {
    let mut all = tree(&home.path.join(".codex"));
    all.retain(|_, (kind, ..)| kind.starts_with("File"));
    all
}

fn rollout(home: &Home) -> PathBuf {
    home.path.join(format!(".codex/sessions/2026/01/01/rollout-2026-01-01T10-00-00-{ID}.jsonl"))
}

/// Runs the program with that `codex` on its path.
fn run(home: &Home, words: &[&str]) -> Run {
    let path = format!("{}:/usr/bin:/bin", home.path.join("bin").display());
    let out =
        Command::new(PROGRAM).args(words).env_clear().env("HOME", &home.path).env("PATH", path).stdin(Stdio::null()).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Run { code: out.status.code().unwrap_or(-1), out: text(out.stdout), err: text(out.stderr) }
}

#[test]
fn old_sessions_are_packed_after_the_gain_was_shown_and_come_back_by_undo_and_by_unpack() {
    let home = home();
    let was = files(&home);
    let plan = run(&home, &["pack", "--all", "--dry-run", "--json"]).ended(0).json();
    let numbers = |object: &serde_json::Value, key: &str| object[key].as_u64().unwrap();
    assert_eq!(plan["schema"], "lifeboat.pack/1");
    assert!(numbers(&plan, "bytes") > 8 * numbers(&plan, "packed_bytes") && numbers(&plan, "gain") > 0, "{plan}");
    run(&home, &["pack", "--all"]).ended(3);
    run(&home, &["pack"]).ended(2);
    run(&home, &["pack", "--all", "--yes", "--read-only"]).ended(3);
    assert_eq!(files(&home), was, "nothing has happened so far");
    let receipt = run(&home, &["pack", "Plan the work", "--yes", "--json"]).ended(0).json();
    assert_eq!((&receipt["schema"], &receipt["verb"], &receipt["moved"]), (&"lifeboat.receipt/1".into(), &"pack".into(), &1.into()));
    assert!(receipt["gain"].as_i64().unwrap() > 0 && !rollout(&home).exists());
    assert_eq!(run(&home, &["undo", "--json"]).ended(0).json()["moved"], 1);
    assert_eq!(files(&home), was);
    run(&home, &["pack", "--all", "--yes"]).ended(0);
    run(&home, &["purge", "--yes"]).ended(0);
    assert_eq!(run(&home, &["unpack", "--json"]).ended(0).json()["items"].as_array().unwrap().len(), 1);
    run(&home, &["unpack", "no such session"]).ended(2);
    assert_eq!(run(&home, &["unpack", "Plan", "--json"]).ended(0).json()["files"], 1);
    assert_eq!(files(&home), was, "byte for byte, with its time");
    assert_eq!(
        run(&home, &["pack", "Plan", "--older-than", "3650d", "--dry-run", "--json"]).ended(0).json()["items"],
        serde_json::json!([])
    );
}

#[test]
fn a_session_of_codex_is_pruned_by_its_own_program_and_comes_back_with_undo() {
    let home = home();
    let was = files(&home);
    run(&home, &["prune", ID, "--yes"]).ended(3);
    assert_eq!(run(&home, &["prune", "Plan the work", "--dry-run", "--json"]).ended(0).json()["moved"], 1);
    assert_eq!(files(&home), was);
    let receipt = run(&home, &["prune", "--store", "codex", "--yes", "--include-at-risk", "--json"]).ended(0).json();
    assert_eq!((&receipt["verb"], &receipt["moved"]), (&"prune".into(), &1.into()), "{receipt}");
    assert!(!rollout(&home).exists());
    assert_eq!(run(&home, &["undo", "--json"]).ended(0).json()["moved"], 1);
    assert_eq!(files(&home), was);
    fs::write(home.path.join("bin/codex"), "#!/bin/sh\nexit 0\n").unwrap();
    let failed = run(&home, &["prune", ID, "--yes", "--include-at-risk", "--json"]).ended(1).json();
    assert_eq!((&failed["moved"], failed["failed"].as_array().unwrap().len()), (&0.into(), 1), "{failed}");
    assert_eq!(files(&home), was, "what did not go is as it was");
}
