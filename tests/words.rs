//! The words of the command line: help, mistakes, and what they end with.
//!
//! Only on Unix: on Windows the home is one of the system's known folders, which no variable moves.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use common::Home;

#[test]
fn the_help_names_every_command() {
    let help = Home::empty().run(&["--help"]).ended(0).out;
    insta::assert_snapshot!("help", help);
}

#[test]
fn every_command_has_help() {
    let home = Home::empty();
    let help = home.run(&["--help"]).ended(0).out;
    let commands = help.split("Commands:").nth(1).unwrap().split("\n\n").next().unwrap();
    let names: Vec<&str> = commands.lines().filter_map(|l| l.strip_prefix("  ")?.split(' ').next()).filter(|n| !n.is_empty()).collect();
    assert_eq!(names.len(), 36, "{names:?}");
    let pages: Vec<String> = names.iter().map(|name| format!("== {name}\n{}\n", home.run(&[name, "--help"]).ended(0).out)).collect();
    let all = pages.concat();
    insta::assert_snapshot!("help_of_commands", all);
}

#[test]
fn mistakes_end_with_two_and_help_with_none() {
    let home = Home::empty();
    for words in [
        &["recall", "x"][..],
        &["archive"],
        &["prune", "x", "--older-than", "30d"],
        &["hooks"],
        &["watch", "--install", "--status"],
        &["doctor", "--before"],
        &["scan", "--no-such-flag"],
        &["scan", "--root", "/no/such/folder"],
        &["list", "--min-size", "many"],
        &["list", "--class", "maybe"],
        &["scan", "--store", "unheard-of"],
        &["verify"],
        &["find"],
        &["find", "x", "--since", "someday"],
        &["find", "(", "--regex"],
    ] {
        home.run(words).ended(2);
    }
    home.run(&["--version"]).ended(0);
}

#[test]
fn a_mistake_in_the_configuration_is_told_with_its_place() {
    let home = Home::empty();
    let folder = home.path.join(".config/lifeboat");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("config.toml"), "mouse = perhaps\n").unwrap();
    let told = home.run(&["scan"]).ended(2).err;
    assert!(told.contains("config.toml") && told.contains("hint:"), "{told}");
}

#[test]
fn every_path_in_use_is_told() {
    let home = Home::sample();
    let paths = home.run(&["doctor", "paths", "--json"]).ended(0).json();
    for name in ["config", "state", "journal", "logs", "vault", "backups"] {
        assert!(paths[name].as_str().unwrap().starts_with(home.path.to_str().unwrap()), "{name}: {paths}");
    }
    assert_eq!(paths["stores"][0]["store"], "cowork");
}

#[test]
fn completions_and_the_manual_are_printed() {
    let home = Home::empty();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(home.run(&["completions", shell]).ended(0).out.contains("lifeboat"), "{shell}");
    }
    assert!(home.run(&["man"]).ended(0).out.contains(".TH lifeboat"));
    home.run(&["man", "clean"]).ended(0);
    assert!(home.run(&["config", "--show-default"]).ended(0).out.contains("quiet_after"));
}

#[test]
fn a_sample_home_is_made_once_and_used_again_and_never_over_foreign_files() {
    let home = Home::empty();
    let dir = home.path.join("sample");
    let first = home.run(&["demo", "--dir", dir.to_str().unwrap()]).ended(0);
    assert!(first.out.contains("Quarterly report"), "{}", first.out);
    assert!(home.run(&["demo", "--dir", dir.to_str().unwrap(), "--json"]).ended(0).json()["schema"] == "lifeboat.scan/1");
    let foreign = home.path.join("mine");
    std::fs::create_dir(&foreign).unwrap();
    std::fs::write(foreign.join("a.txt"), "a").unwrap();
    home.run(&["demo", "--dir", foreign.to_str().unwrap()]).ended(3);
    assert_eq!(std::fs::read_dir(&foreign).unwrap().count(), 1);
    assert_eq!(std::fs::read_dir(&home.path).unwrap().count(), 2, "nothing else of the home is touched");
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    use std::io::Read;
    let home = Home::sample();
    let mut child = home.command(&["list", "--json"]).stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut pipe = child.stdout.take().unwrap();
    let mut some = [0; 16];
    pipe.read_exact(&mut some).unwrap();
    drop(pipe);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_a_failure() {
    let home = Home::sample();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    assert_eq!(home.command(&["scan"]).stdout(full).status().unwrap().code(), Some(1));
}
