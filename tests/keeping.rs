//! The binary, acting: clean and undo, backup and restore, export and flush, and what is refused.
//!
//! Only on Unix: on Windows the home is one of the system's known folders, which no variable moves.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use common::{Home, rm_rf, same, tree};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

fn rows(home: &Home) -> Vec<Value> {
    home.run(&["list", "--json"]).ended(0).lines()
}

#[test]
fn clean_then_undo_leaves_everything_as_it_was() {
    let home = Home::sample();
    let store = lifeboat::demo::app_data(&home.path);
    let before = tree(&store);
    let receipt = home.run(&["clean", "--all", "--yes", "--json"]).ended(0).json();
    assert_eq!((&receipt["schema"], &receipt["verb"]), (&json!("lifeboat.receipt/1"), &json!("clean")));
    assert!(receipt["moved"].as_u64().unwrap() > 20);
    let kept = tree(&store);
    assert!(kept.len() < before.len());
    for row in rows(&home) {
        assert!(row["class"] != "rebuildable" || row["live"] == json!(true) || row["protected"] == json!(true), "{row}");
    }
    let undone = home.run(&["undo", "--json"]).ended(0).json();
    assert_eq!(undone["moved"], receipt["moved"]);
    same(&before, &tree(&store));
    assert_eq!(home.run(&["undo", "--json"]).ended(0).json()["moved"], 0);
    let history = home.run(&["history", "--json"]).ended(0).json();
    assert_eq!(history["operations"].as_array().unwrap().len(), 2);
}

#[test]
fn the_story_backup_then_rm_rf_then_everything_that_matters_is_back() {
    let home = Home::sample();
    let before = rows(&home);
    let backup = home.run(&["backup"]).ended(0);
    let archive = backup.out.trim_end().to_owned();
    assert!(Path::new(&archive).is_file() && backup.out.lines().count() == 1, "{}", backup.out);
    assert_eq!(home.run(&["verify", &archive, "--json"]).ended(0).json()["ok"], json!(true));
    let matters = |r: &&Value| {
        let path = r["path"].as_str().unwrap();
        let secret = [".audit-key", ".credentials.json"].iter().any(|s| path.ends_with(s));
        r["class"] != "rebuildable" && path.starts_with(home.sessions().to_str().unwrap()) && !secret
    };
    let held: Vec<(PathBuf, Option<Vec<u8>>)> = before
        .iter()
        .filter(matters)
        .map(|r| {
            let path = PathBuf::from(r["path"].as_str().unwrap());
            let bytes = (r["kind"] == "file").then(|| std::fs::read(&path).unwrap());
            (path, bytes)
        })
        .collect();
    assert!(held.len() > 100, "{}", held.len());
    rm_rf(&home.sessions());
    home.run(&["restore", &archive, "--in-place"]).ended(0);
    for (path, bytes) in &held {
        match bytes {
            Some(bytes) => assert!(std::fs::read(path).is_ok_and(|b| b == *bytes), "{} is not back", path.display()),
            None => assert!(path.symlink_metadata().is_ok(), "{} is not back", path.display()),
        }
    }
    let again: Vec<Value> = rows(&home);
    let backed = again.iter().filter(|r| r["backed_up"] == json!(true)).count();
    assert!(backed > 100, "{backed}");
}

#[test]
fn a_restored_folder_holds_the_same_bytes() {
    let home = Home::sample();
    let archive = home.run(&["backup", "--zstd", "--with-secrets"]).ended(0).out.trim_end().to_owned();
    assert!(archive.ends_with(".tar.zst"), "{archive}");
    let to = home.path.join("restored");
    home.run(&["restore", &archive, "--to", to.to_str().unwrap()]).ended(0);
    let chart = std::fs::read(home.find("outputs/chart.png")).unwrap();
    let found = walkdir::WalkDir::new(&to).into_iter().filter_map(Result::ok).find(|e| e.path().ends_with("outputs/chart.png")).unwrap();
    assert_eq!(std::fs::read(found.path()).unwrap(), chart);
    home.run(&["restore", &archive, "--to", to.to_str().unwrap()]).ended(3);
    home.run(&["restore", &archive]).ended(2);
}

#[test]
fn a_damaged_archive_is_found_out() {
    let home = Home::sample();
    let archive = home.run(&["backup"]).ended(0).out.trim_end().to_owned();
    let mut bytes = std::fs::read(&archive).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x20;
    std::fs::write(&archive, bytes).unwrap();
    assert_eq!(home.run(&["verify", &archive]).ended(1).code, 1);
}

#[test]
fn an_export_is_a_folder_with_transcript_and_outputs() {
    let home = Home::sample();
    home.run(&["export", "Quarterly report"]).ended(1);
    let folder = home.path.join("Documents").join("Claude Cowork").join("Quarterly report");
    let transcript = std::fs::read_to_string(folder.join("transcript.md")).unwrap();
    assert!(transcript.contains("I'll read the sheet first."), "{transcript}");
    assert!(!transcript.contains("Read the sheet before writing anything.") || transcript.contains("<details>"), "{transcript}");
    assert_eq!(std::fs::read(folder.join("outputs/chart.png")).unwrap(), std::fs::read(home.find("outputs/chart.png")).unwrap());
    let chart = rows(&home).into_iter().find(|r| r["path"].as_str().unwrap().ends_with("outputs/chart.png")).unwrap();
    assert_eq!((&chart["class"], &chart["exported"]), (&json!("flushed"), &json!(true)));
}

#[test]
fn what_is_flushed_to_a_folder_counts_from_then_on() {
    let home = Home::sample();
    let to = home.path.join("stick");
    home.run(&["flush", "Interview notes"]).ended(3);
    home.run(&["flush", "Interview notes", "--to", to.to_str().unwrap(), "--yes"]).ended(0);
    let names = rows(&home).into_iter().find(|r| r["path"].as_str().unwrap().ends_with("who is who.md")).unwrap();
    assert_eq!(names["class"], "flushed", "{names}");
}

#[test]
fn flushed_first_what_is_only_here_is_in_the_documents_before_it_goes_and_undo_puts_the_session_back() {
    let home = Home::sample();
    let store = lifeboat::demo::app_data(&home.path);
    let before = tree(&store);
    let words = ["clean", "Quarterly report", "--flush-first"];
    let dry = home.run(&[&words[..], &["--dry-run"]].concat()).ended(0).out;
    for word in ["copied to", "removed", "kept", "Claude Cowork/Quarterly report", "part of the conversation", "would have been moved"] {
        assert!(dry.contains(word), "{word}\n{dry}");
    }
    same(&before, &tree(&store));
    assert!(!home.path.join("Documents/Claude Cowork").exists());
    let refused = home.run(&words).ended(3);
    assert!(refused.err.contains("--yes"), "{}", refused.err);
    let receipt = home.run(&[&words[..], &["--yes", "--json"]].concat()).ended(0).json();
    assert_eq!((&receipt["schema"], &receipt["verb"]), (&json!("lifeboat.receipt/1"), &json!("clean")));
    let chart = receipt["copies"].as_array().unwrap().iter().find(|c| c["path"].as_str().unwrap().ends_with("chart.png")).unwrap();
    assert!(!Path::new(chart["path"].as_str().unwrap()).exists());
    let copy = std::fs::read(chart["copy"]["path"].as_str().unwrap()).unwrap();
    assert_eq!(blake3::hash(&copy).to_hex().as_str(), chart["blake3"].as_str().unwrap());
    assert!(receipt["kept"].as_array().unwrap().iter().any(|k| k["reason"].as_str().unwrap().contains("conversation")));
    assert_eq!(home.run(&["undo", "--json"]).ended(0).json()["moved"], receipt["moved"]);
    same(&before, &tree(&store));
    for more in [&["--include-at-risk"][..], &["--plan", "p.json"]] {
        home.run(&[&words[..], more].concat()).ended(2);
    }
}

#[test]
fn a_plan_is_carried_out_as_written_and_what_changed_is_left_alone() {
    let home = Home::sample();
    let file = home.path.join("plan.json");
    let plan = home.run(&["plan", "Quarterly report", "-o", file.to_str().unwrap(), "--json"]).ended(0).json();
    assert_eq!(plan["schema"], "lifeboat.plan/1");
    let items = plan["items"].as_array().unwrap();
    for item in items {
        for field in ["path", "store", "session", "class", "bytes", "identity", "action", "evidence"] {
            assert!(item.get(field).is_some(), "{field}: {item}");
        }
        assert_eq!(item["class"], "rebuildable");
    }
    let one = items.iter().find(|i| i["path"].as_str().unwrap().ends_with("statsig.cached.evaluations")).unwrap();
    std::fs::write(one["path"].as_str().unwrap(), "now something else").unwrap();
    let mut clean = home.command(&["clean", "--plan", file.to_str().unwrap(), "--yes", "--json"]);
    let out = clean.env("LIFEBOAT_QUIET_AFTER", "0").output().unwrap();
    let receipt: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(out.status.code(), Some(1), "{receipt}");
    assert_eq!(receipt["skipped"][0]["path"], one["path"]);
    assert_eq!(receipt["moved"].as_u64().unwrap(), items.len() as u64 - 1);
}

#[test]
fn nothing_live_or_protected_is_ever_in_a_plan() {
    let home = Home::sample();
    let rows = rows(&home);
    let plan = home.run(&["plan", "--all", "--class", "rebuildable,flushed,at-risk", "--json"]).ended(0).json();
    for item in plan["items"].as_array().unwrap() {
        let path = item["path"].as_str().unwrap();
        let inside = |r: &&Value| Path::new(r["path"].as_str().unwrap()).starts_with(path);
        for row in rows.iter().filter(inside) {
            assert_eq!((&row["live"], &row["protected"]), (&json!(false), &json!(false)), "{row}");
        }
    }
}

#[test]
fn acting_needs_a_selection_a_yes_and_for_the_only_copies_one_more_word() {
    let home = Home::sample();
    for verb in ["clean", "export", "flush"] {
        home.run(&[verb]).ended(2);
    }
    let before = tree(&home.sessions());
    let asked = home.run(&["clean", "--all"]).ended(3);
    assert!(asked.out.contains("plugin copies") && asked.err.contains("not confirmed"), "{}{}", asked.out, asked.err);
    home.run(&["clean", "--all", "--class", "at-risk", "--yes"]).ended(3);
    home.run(&["clean", "--all", "--yes", "--dry-run"]).ended(0);
    same(&before, &tree(&home.sessions()));
    let mixed = home.run(&["clean", "Interview", "--class", "at-risk,rebuildable", "--yes", "--json"]).ended(1).json();
    assert!(!mixed["skipped"].as_array().unwrap().is_empty());
    assert!(home.find("who is who.md").is_file());
}

#[test]
fn read_only_refuses_everything_that_acts_and_nothing_that_looks() {
    let home = Home::sample();
    let before = tree(&home.path);
    for words in [
        vec!["clean", "--all", "--yes"],
        vec!["undo"],
        vec!["purge", "--yes"],
        vec!["export", "--all"],
        vec!["flush", "--all", "--yes"],
        vec!["backup"],
        vec!["restore", "x.tar.gz", "--in-place"],
    ] {
        home.run(&[&words[..], &["--read-only"]].concat()).ended(3);
    }
    for words in [["scan"], ["list"], ["stores"], ["history"]] {
        home.run(&[&words[..], &["--read-only"]].concat()).ended(0);
    }
    same(&before, &tree(&home.path));
}

#[test]
fn purged_is_gone_and_does_not_come_back() {
    let home = Home::sample();
    home.run(&["clean", "Tide tables", "--yes"]).ended(0);
    home.run(&["purge"]).ended(3);
    assert!(home.run(&["purge", "--yes", "--json"]).ended(0).json()["moved"].as_u64().unwrap() > 0);
    assert_eq!(home.run(&["undo", "--json"]).ended(0).json()["moved"], 0);
}

#[test]
fn a_plan_made_with_a_root_named_from_here_is_carried_out_from_elsewhere() {
    let (home, elsewhere) = (Home::sample(), Home::empty());
    let file = elsewhere.path.join("plan.json");
    let mut plan = elsewhere.command(&["--root", "home", "plan", "--all", "-o", file.to_str().unwrap()]);
    assert!(plan.current_dir(home.path.parent().unwrap()).output().unwrap().status.success());
    let planned: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let items = planned["items"].as_array().unwrap();
    assert!(items.len() > 20 && items.iter().all(|i| Path::new(i["path"].as_str().unwrap()).is_absolute()), "{:?}", items.first());
    let receipt = elsewhere.run(&["clean", "--plan", file.to_str().unwrap(), "--yes", "--json"]).ended(0).json();
    assert_eq!(receipt["moved"].as_u64().unwrap(), items.len() as u64);
}

#[test]
fn the_documents_of_a_home_given_by_root_hold_copies_as_they_do_for_its_owner() {
    let (home, elsewhere) = (Home::sample(), Home::empty());
    let flushed = |run: common::Run| run.ended(0).json()["totals"]["flushed"].clone();
    let own = flushed(home.run(&["scan", "--json"]));
    assert!(own["files"].as_u64().unwrap() > 2);
    assert_eq!(flushed(elsewhere.run(&["--root", home.path.to_str().unwrap(), "scan", "--json"])), own);
}

#[test]
fn a_plan_that_calls_something_rebuildable_is_not_believed() {
    let home = Home::sample();
    let file = home.path.join("plan.json");
    home.run(&["plan", "--all", "-o", file.to_str().unwrap()]).ended(0);
    let mut plan = lifeboat::model::Plan::load(&file).unwrap();
    let only_copy = home.find("answer.docx");
    assert!(rows(&home).iter().any(|r| r["path"] == json!(only_copy) && r["class"] == "at-risk"));
    let text = home.run(&["plan", "--all", "--class", "at-risk", "--json"]).ended(0).json();
    let mut item: lifeboat::model::PlanItem =
        serde_json::from_value(text["items"].as_array().unwrap().iter().find(|i| i["path"] == json!(only_copy)).unwrap().clone()).unwrap();
    item.class = lifeboat::model::Class::Rebuildable;
    plan.items = vec![item];
    plan.fingerprint = lifeboat::vault::fingerprint(&plan.items);
    plan.save(&file).unwrap();
    let receipt = home.run(&["clean", "--plan", file.to_str().unwrap(), "--yes", "--json"]).ended(1).json();
    assert_eq!(receipt["moved"], 0);
    assert_eq!(receipt["skipped"][0]["path"], json!(only_copy));
    assert!(only_copy.is_file());
}

#[cfg(target_os = "linux")]
#[test]
fn a_home_and_a_copy_whose_names_are_not_utf8_are_cleaned_and_undone_like_any_other() {
    use std::os::unix::ffi::OsStringExt;
    let mut home = Home::empty();
    home.path.push(std::ffi::OsString::from_vec(b"h\xe9".to_vec()));
    lifeboat::demo::make(&home.path, &lifeboat::demo::Shape { now: jiff::Timestamp::now(), bulk: 0 }).unwrap();
    let before = tree(&lifeboat::demo::app_data(&home.path));
    home.run(&["plan", "--all", "--class", "flushed,rebuildable", "-o", "plan.json"]).ended(0);
    let receipt = home.run(&["clean", "--plan", "plan.json", "--yes", "--json"]).ended(0).json();
    assert!(receipt["moved"].as_u64().unwrap() > 20 && receipt["vault"].is_string());
    assert_eq!(home.run(&["history", "--json"]).ended(0).json()["operations"][0]["state"], "stands");
    assert_eq!(home.run(&["undo", "--json"]).ended(0).json()["moved"], receipt["moved"]);
    same(&before, &tree(&lifeboat::demo::app_data(&home.path)));
    let mut archive = home.command(&["backup"]).output().unwrap().stdout;
    assert_eq!(archive.pop(), Some(b'\n'));
    let mut verify = home.command(&["verify", "--json"]);
    let verified: Value = serde_json::from_slice(&verify.arg(std::ffi::OsString::from_vec(archive)).output().unwrap().stdout).unwrap();
    assert_eq!(verified["ok"], true);
    assert_eq!(verified["files"], home.run(&["backup", "--json"]).ended(0).json()["files"]);
    home.run(&["flush", "--all", "--yes", "--json"]).json();
}

#[test]
fn what_waits_in_the_vault_is_told_wherever_one_looks() {
    let home = Home::sample();
    assert!(!home.run(&["scan"]).ended(0).out.contains("In the vault"));
    let receipt = home.run(&["clean", "Tide tables", "--yes", "--json"]).ended(0).json();
    let told = home.run(&["scan"]).ended(0).out;
    assert!(told.contains("In the vault: ") && told.contains("of 1 operation; `lifeboat purge` gives the space back"), "{told}");
    assert!(home.run(&["doctor", "paths"]).ended(0).out.contains("in the vault"));
    assert_eq!(home.run(&["doctor", "paths", "--json"]).ended(0).json()["vault_holds"]["bytes"], receipt["bytes"]);
    let history = home.run(&["history", "--json"]).ended(0).json();
    assert_eq!((&history["held"]["bytes"], &history["held"]["items"]), (&receipt["bytes"], &receipt["moved"]));
    assert_eq!(history["operations"][0]["held"], history["held"]);
    assert!(home.run(&["history"]).ended(0).out.contains("In the vault: "));
    home.run(&["purge", "--yes"]).ended(0);
    assert_eq!(home.run(&["history", "--json"]).ended(0).json()["held"]["bytes"], 0);
    assert!(!home.run(&["scan"]).ended(0).out.contains("In the vault"));
}
