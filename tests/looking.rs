//! The binary, looking: `scan`, `list`, `stores`, `explain`.
//!
//! Only on Unix: on Windows the home is one of the system's known folders, which no variable moves.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use common::Home;
use serde_json::{Value, json};

/// Files, bytes and allocated bytes of a class.
fn of(totals: &Value, class: &str) -> [u64; 3] {
    ["files", "bytes", "allocated"].map(|k| totals[class][k].as_u64().unwrap())
}

const CLASSES: [&str; 3] = ["rebuildable", "flushed", "at-risk"];

fn sum<'a>(rows: impl Iterator<Item = &'a Value>, class: &str) -> [u64; 3] {
    rows.filter(|r| r["class"] == class).fold([0; 3], |sum, row| {
        let one = ["files", "bytes", "allocated"].map(|k| row[k].as_u64().unwrap());
        [sum[0] + one[0], sum[1] + one[1], sum[2] + one[2]]
    })
}

#[test]
fn the_rows_of_list_add_up_to_the_totals_of_scan() {
    let home = Home::sample();
    let scan = home.run(&["scan", "--json"]).ended(0).json();
    let rows = home.run(&["list", "--json"]).ended(0).lines();
    assert_eq!(scan["schema"], "lifeboat.scan/1");
    for class in CLASSES {
        assert_eq!(sum(rows.iter(), class), of(&scan["totals"], class), "{class}");
        assert!(of(&scan["totals"], class)[0] > 0, "the sample home has some of every class");
        for store in scan["stores"].as_array().unwrap() {
            for session in store["sessions"].as_array().unwrap() {
                let own = rows.iter().filter(|r| r["session"] == session["id"]);
                assert_eq!(sum(own, class), of(&session["totals"], class), "{class} of {}", session["title"]);
            }
        }
    }
}

#[test]
fn every_row_has_every_field_that_other_programs_read() {
    let home = Home::sample();
    let fields = [
        "schema",
        "store",
        "session",
        "path",
        "kind",
        "class",
        "bytes",
        "allocated",
        "files",
        "modified",
        "live",
        "protected",
        "vm_path",
        "backed_up",
        "exported",
        "evidence",
        "comes_back",
    ];
    for row in home.run(&["list", "--json"]).ended(0).lines() {
        for field in fields {
            assert!(row.get(field).is_some(), "{field} is missing in {row}");
        }
        assert_eq!(row["schema"], "lifeboat.file/1");
        assert!(!row["evidence"].as_array().unwrap().is_empty(), "{row}");
        assert_eq!(row["comes_back"].is_null(), row["class"] == "at-risk", "{row}");
    }
}

#[test]
fn what_only_looks_rebuildable_is_at_risk_and_what_is_proven_is_not() {
    let home = Home::sample();
    let rows = home.run(&["list", "--json"]).ended(0).lines();
    let class_of = |end: &str| -> String {
        let found: Vec<&Value> = rows.iter().filter(|r| r["path"].as_str().unwrap().ends_with(end)).collect();
        assert_eq!(found.len(), 1, "{end}: {found:?}");
        found[0]["class"].as_str().unwrap().to_owned()
    };
    for end in [
        "build/thesis.tex",
        "old-site/node_modules/old-slider/PATCHED-BY-HAND.md",
        "target/audience.md",
        "cached/field notes.txt",
        "site-packages/which figures are final.txt",
        "site-packages/matplotlib/part_03.py",
        "outputs/chart.png",
        "outputs/draft.md",
        "outputs/empty.log",
        "uploads/interview-07.m4a",
        "vm_bundles/claudevm.bundle/sessiondata.img",
    ] {
        assert_eq!(class_of(end), "at-risk", "{end}");
    }
    for end in ["outputs/report.docx", "outputs/table.csv", "uploads/input.xlsx", "outputs/summary.md", "outputs/figures/figure-3.png"] {
        assert_eq!(class_of(end), "flushed", "{end}");
    }
    for end in [
        "scratch/.venv",
        "outputs/venv",
        "shop/node_modules",
        "tide-tables/target",
        "outputs/map-cache",
        "claudevm.bundle/rootfs.img",
        "claude-code/2.1.177",
    ] {
        assert_eq!(class_of(end), "rebuildable", "{end}");
    }
}

#[test]
fn the_odd_sessions_are_all_there() {
    let home = Home::sample();
    let scan = home.run(&["scan", "--json"]).ended(0).json();
    let sessions: Vec<Value> = scan["stores"][0]["sessions"].as_array().unwrap().clone();
    let titles: Vec<&str> = sessions.iter().map(|s| s["title"].as_str().unwrap()).collect();
    for title in ["Quarterly report", "Trip to Lisbon", "Tax letters", "Choir scores", "Monday digest", "Manual in plain German"] {
        assert!(titles.contains(&title), "{title}: {titles:?}");
    }
    let live: Vec<&Value> = sessions.iter().filter(|s| s["live"] == json!(true)).collect();
    assert_eq!(live.len(), 1);
    assert_eq!(live[0]["title"], "Garden planner");
    // The torn record and the folder without one: no title can be told, yet both sessions are there.
    let speech = home.find("outputs/speech.md");
    let id = speech.ancestors().nth(2).unwrap().file_name().unwrap().to_str().unwrap();
    assert!(sessions.iter().any(|s| s["id"] == id), "{id}");
}

#[test]
fn a_session_is_named_by_its_id_the_start_of_it_or_a_piece_of_its_title() {
    let home = Home::sample();
    let scan = home.run(&["scan", "--json"]).ended(0).json();
    let id = scan["stores"][0]["sessions"].as_array().unwrap().iter().find(|s| s["title"] == "Quarterly report").unwrap()["id"].clone();
    let id = id.as_str().unwrap();
    let short = &id["local_".len().."local_".len() + 8];
    let whole = home.run(&["list", id, "--json"]).ended(0).out;
    assert!(!whole.is_empty());
    for word in [short, "quarterly REP"] {
        assert_eq!(home.run(&["list", word, "--json"]).ended(0).out, whole, "{word}");
    }
    let several = home.run(&["list", "local_"]).ended(2);
    assert!(several.err.contains("Quarterly report") && several.err.contains("Interview notes"), "{}", several.err);
    assert!(home.run(&["list", "no such session"]).ended(2).err.contains("hint:"));
}

#[test]
fn a_file_of_the_virtual_machine_has_its_path_there() {
    let home = Home::sample();
    let rows = home.run(&["list", "Thesis figures", "--json"]).ended(0).lines();
    let row = rows.iter().find(|r| r["path"].as_str().unwrap().ends_with("figure-3.png") && r["class"] == "flushed").unwrap();
    assert_eq!(row["vm_path"], "/sessions/confident-awesome-gauss/mnt/outputs/figures/figure-3.png");
}

#[test]
fn a_file_is_explained_with_every_fact_and_an_unknown_one_is_a_mistake() {
    let home = Home::sample();
    let chart = home.find("outputs/chart.png");
    let told = home.run(&["explain", chart.to_str().unwrap()]).ended(0).out;
    assert!(told.contains("at risk") && told.contains("Quarterly report"), "{told}");
    let object = home.run(&["explain", chart.to_str().unwrap(), "--json"]).ended(0).json();
    assert_eq!((&object["schema"], &object["class"]), (&json!("lifeboat.explain/1"), &json!("at-risk")));
    let inside = home.find("old-slider/index.js");
    home.run(&["explain", inside.to_str().unwrap()]).ended(0);
    assert!(home.run(&["explain", "/etc/hostname"]).ended(2).err.contains("hint:"));
}

#[test]
fn a_home_without_any_store_is_told_so_in_words() {
    let home = Home::empty();
    for words in [vec!["scan"], vec!["list"], vec!["stores"], vec![]] {
        assert!(home.run(&words).ended(0).out.contains("No session store was found"), "{words:?}");
    }
    let scan = home.run(&["scan", "--json"]).ended(0).json();
    assert_eq!(scan["stores"], json!([]));
    assert_eq!(home.run(&["list", "--json"]).ended(0).out, "");
}

#[test]
fn the_command_alone_without_a_terminal_is_scan() {
    let home = Home::sample();
    let cut = |text: String| text.lines().filter(|l| !l.contains("live now")).collect::<Vec<_>>().join("\n");
    assert_eq!(cut(home.run(&[]).ended(0).out), cut(home.run(&["scan"]).ended(0).out));
}

#[test]
fn colour_comes_only_when_asked_for() {
    let home = Home::sample();
    assert!(!home.run(&["scan"]).out.contains('\x1b'));
    assert!(home.run(&["scan", "--color", "always"]).out.contains('\x1b'));
    assert!(!home.run(&["scan", "--color", "always", "--plain"]).out.contains('\x1b'));
    let mut forced = home.command(&["scan"]);
    let out = forced.env("CLICOLOR_FORCE", "1").output().unwrap().stdout;
    assert!(out.contains(&0x1b));
    let out = forced.env("NO_COLOR", "1").output().unwrap().stdout;
    assert!(!out.contains(&0x1b));
}

#[test]
fn one_session_seen_in_two_data_folders_is_named_by_its_id() {
    let home = common::Home::empty();
    let id = "local_1b98a569-81b3-4c55-bd0f-4d0517582421";
    for ud in ["AppData/Roaming/Claude", "AppData/Local/Packages/Claude_pzs8sxrjxfjjc/LocalCache/Roaming/Claude"] {
        let org = home.path.join(ud).join("local-agent-mode-sessions/cb872a6d/3dfbc956");
        std::fs::create_dir_all(org.join(id).join("outputs")).unwrap();
        std::fs::write(
            org.join(format!("{id}.json")),
            format!(r#"{{"sessionId":"{id}","createdAt":1783372201477,"lastActivityAt":1783372201477}}"#),
        )
        .unwrap();
        std::fs::write(org.join(id).join("outputs/a.md"), ud).unwrap();
    }
    let rows = home.run(&["list", id, "--json"]).ended(0).lines();
    assert_eq!(rows.iter().filter(|r| r["path"].as_str().unwrap().ends_with("a.md")).count(), 2);
}

#[test]
fn secrets_are_told_by_file_line_and_rule_and_never_as_they_are() {
    let home = Home::sample();
    let before = home.run(&["secrets", "Quarterly report", "--json"]).ended(0).lines();
    assert!(before.len() == 2 && before.iter().all(|l| l["rule"] == "account-email"), "{before:?}");
    let outputs = home.find("outputs/draft.md").parent().unwrap().to_owned();
    let key = ["gh", "p_", "0a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6q7r"].concat();
    std::fs::write(outputs.join("deploy.sh"), format!("#!/bin/sh\nexport DB_PASSWORD=hunter2\ncurl -H 'X: {key}' x; echo {key}\n"))
        .unwrap();
    std::fs::write(outputs.join("picture.png"), format!("\x7fPNG\0{key}")).unwrap();
    let people = home.run(&["secrets", "Quarterly report"]).ended(0).out;
    assert!(!people.contains("hunter2") && !people.contains(&key), "{people}");
    assert!(people.contains("deploy.sh\n    line 2      assigned-password\n    line 3      github-token, 2 times\n"), "{people}");
    assert!(people.contains("5 secrets in 3 files of 1 session"), "{people}");
    let lines = home.run(&["secrets", "Quarterly report", "--json"]).ended(0).lines();
    let lines: Vec<&Value> = lines.iter().filter(|l| !before.contains(l)).collect();
    let told: Vec<(&Value, &Value, &Value)> = lines.iter().map(|l| (&l["line"], &l["rule"], &l["times"])).collect();
    assert_eq!(told, [(&json!(2), &json!("assigned-password"), &json!(1)), (&json!(3), &json!("github-token"), &json!(2))]);
    assert!(lines.iter().all(|l| l["schema"] == "lifeboat.secret/1" && l["path"].as_str().unwrap().ends_with("outputs/deploy.sh")));
}
