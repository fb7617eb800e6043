//! The binary in a pseudo-terminal, driven by keys and read from the screen.
//!
//! Only on Unix: on Windows the home is one of the system's known folders, which no variable moves.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use common::screen::Screen;
use common::{Home, PROGRAM, same, tree};

/// The interface on the sample home, its scan over.
fn open(home: &Home, more: &[&str]) -> Screen {
    let words = [&["demo", "--dir", home.path.to_str().unwrap()], more].concat();
    let mut screen = Screen::start(PROGRAM, &words, &home.path, 40, 110);
    // What the last checks find: packages proven by their locks, and copies in the user's folders.
    let last = ["node_modules, locked", "cargo targets", "Python environments", "tagged caches"];
    screen.until("the end of the scan", |text| last.iter().all(|l| text.contains(l)) && text.matches("Interview notes").count() == 2);
    screen
}

#[test]
fn cleaned_and_undone_from_the_keyboard_alone() {
    let home = Home::sample();
    let store = lifeboat::demo::app_data(&home.path);
    let before = tree(&store);
    let mut screen = open(&home, &[]);
    // The last row, then the group it is in: everything rebuildable. Mark it and ask for the plan.
    screen.keys("Gha");
    screen.see("marked");
    screen.keys("c");
    screen.see("nothing has happened yet");
    screen.see("plugin copies");
    // Enter is No.
    screen.keys("\r");
    screen.see("at risk 2");
    same(&before, &tree(&store));
    screen.keys("c");
    screen.see("nothing has happened yet");
    // The key that carries it out counts only after the plan was on the screen for a moment.
    screen.until("the plan drawn", |text| text.contains("carry it out"));
    screen.press_until("Y", "in the vault");
    let cleaned = tree(&store);
    assert!(cleaned.len() < before.len() - 300, "{} of {} are left", cleaned.len(), before.len());
    for path in before.keys().filter(|p| p.starts_with("local-agent-mode-sessions") && p.ends_with("chart.png")) {
        assert!(cleaned.contains_key(path));
    }
    screen.press_until("u", "Put back");
    same(&before, &tree(&store));
    screen.keys("q");
    assert_eq!(screen.ended(), 0);
}

#[test]
fn the_keys_of_the_contract_do_what_it_says() {
    let home = Home::sample();
    let mut screen = open(&home, &[]);
    screen.keys("?");
    screen.see("mark or unmark the row");
    screen.keys("\x1b");
    screen.until("the tree again", |text| text.contains("▾ At risk"));
    screen.keys("v");
    screen.see("by session");
    screen.keys("v/web shop");
    screen.until("the filter", |text| text.contains("/web shop") && text.contains("Web shop prototype") && !text.contains("Tax letters"));
    screen.keys("\x1b");
    // An Escape with a letter right behind it is another key.
    screen.until("no filter", |text| !text.contains("/web shop") && text.contains("Tax letters"));
    screen.keys("q");
    assert_eq!(screen.ended(), 0);
}

#[test]
fn a_conversation_is_read_searched_and_left_again() {
    let home = Home::sample();
    let mut screen = open(&home, &[]);
    screen.keys("v/quarterly\r");
    screen.until("the session alone", |text| text.contains("Quarterly report") && !text.contains("Tax letters"));
    screen.keys("gt");
    screen.until("all of the conversation", |text| text.contains("turn 1 of ") && text.contains("You · "));
    screen.keys("G");
    screen.until("its end", |text| !text.contains("turn 1 of "));
    screen.keys("g/report\r");
    screen.until("what was found", |text| text.contains("1 of ") && text.contains(" message"));
    screen.keys("y");
    screen.see("through the terminal (OSC 52)");
    // The first ends the search, the second the reading.
    screen.keys("q");
    screen.see("y copies the turn");
    screen.keys("q");
    screen.see("by session");
    screen.keys("q");
    assert_eq!(screen.ended(), 0);
}

#[test]
fn where_only_looking_is_allowed_no_key_cleans() {
    let home = Home::sample();
    let store = lifeboat::demo::app_data(&home.path);
    let before = tree(&store);
    let mut screen = open(&home, &["--read-only"]);
    screen.keys("Gha");
    screen.until("the footer", |text| !text.contains("c clean"));
    screen.keys("cY\ru\rbf");
    screen.keys("v");
    screen.see("by session");
    screen.keys("q");
    assert_eq!(screen.ended(), 0);
    same(&before, &tree(&store));
}

#[test]
fn the_terminal_is_given_back_as_it_was() {
    let home = Home::sample();
    let mut screen = open(&home, &[]);
    assert!(screen.alternate());
    screen.keys("q");
    screen.until_left();
    assert_eq!(screen.ended(), 0);
}

#[test]
fn a_program_told_to_end_gives_the_terminal_back() {
    for signal in ["-TERM", "-HUP"] {
        let home = Home::sample();
        let mut screen = open(&home, &[]);
        assert!(screen.alternate());
        let pid = screen.pid().to_string();
        assert!(std::process::Command::new("kill").args([signal, &pid]).status().unwrap().success());
        screen.until_left();
        assert_eq!(screen.ended(), 0);
    }
}

/// A closed terminal answers every read at once with nothing, and the library that reads it never comes back; the
/// program used to turn in a circle for ever.
#[cfg(target_os = "linux")]
#[test]
fn a_terminal_that_goes_away_ends_the_program() {
    use std::io::Read;
    use std::process::{Command, Stdio};
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("sample");
    let command = format!("stty rows 30 cols 100; exec {} demo --dir {}", env!("CARGO_BIN_EXE_lifeboat"), home.display());
    let script = Command::new("script")
        .args(["-qefc", &command, "/dev/null"])
        .env("TERM", "xterm")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut script) = script else {
        println!("skipped: there is no `script` here");
        return;
    };
    let mut out = script.stdout.take().unwrap();
    let (mut seen, mut buffer) = (Vec::new(), [0; 4096]);
    while !seen.windows(8).any(|w| w == b"lifeboat") {
        let n = out.read(&mut buffer).unwrap();
        assert!(n > 0, "the program ended early: {}", String::from_utf8_lossy(&seen));
        seen.extend_from_slice(&buffer[..n]);
    }
    let running = || {
        let cmdline = |e: std::fs::DirEntry| std::fs::read(e.path().join("cmdline")).unwrap_or_default();
        let name = home.as_os_str().as_encoded_bytes().to_vec();
        std::fs::read_dir("/proc").unwrap().flatten().map(cmdline).any(|line| line.windows(name.len()).any(|w| w == name))
    };
    script.kill().unwrap();
    script.wait().unwrap();
    drop(out);
    let began = std::time::Instant::now();
    while running() {
        assert!(began.elapsed() < std::time::Duration::from_secs(30), "the program still runs without a terminal");
        std::thread::yield_now();
    }
}
