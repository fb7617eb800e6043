//! The binary, exporting again and again: what is up to date, what is stopped or killed and gone on with, and `--watch`.
//!
//! Only on Unix: on Windows the home is one of the system's known folders, which no variable moves.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use common::Home;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

const ORG: &str = "cb872a6d-86d0-5b87-bcc4-bec7aa7d510a/3dfbc956-d9cf-5559-8e62-5d12e24c9f0f";

/// A home with sessions of our own making.
struct Sessions(Home);

impl Sessions {
    fn new() -> Self {
        Self(Home::empty())
    }

    fn id(n: u32) -> String {
        format!("local_{n:08x}-0ef1-5e3e-934d-953ad549a0d5")
    }

    fn conversation(&self, n: u32) -> PathBuf {
        self.0.sessions().join(ORG).join(Self::id(n)).join(".claude/projects/-s/conv.jsonl")
    }

    /// A session with these prompts, a minute between two.
    fn talks(&self, n: u32, prompts: &[&str]) {
        let org = self.0.sessions().join(ORG);
        let path = self.conversation(n);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let line = |(at, text): (usize, &&str)| {
            let when = format!("2026-10-02T09:{:02}:00Z", at % 60);
            json!({"type":"user","uuid":format!("u{at}"),"timestamp":when,"message":{"content":text}}).to_string() + "\n"
        };
        std::fs::write(path, prompts.iter().enumerate().map(line).collect::<String>()).unwrap();
        let record =
            json!({"sessionId": Self::id(n), "cliSessionId": "conv", "title": format!("Session {n}"), "createdAt": 1_795_206_905_025_u64});
        std::fs::write(org.join(format!("{}.json", Self::id(n))), record.to_string()).unwrap();
    }

    /// As many sessions, each with so many lines of words.
    fn many(&self, sessions: u32, lines: usize) {
        let words = "A few words about the sea, the tides and the boats that lie in the harbour. ".repeat(12);
        for n in 0..sessions {
            self.talks(n, &vec![words.as_str(); lines]);
        }
    }

    fn folder(&self, n: u32) -> PathBuf {
        self.0.path.join("Documents").join("Claude Cowork").join(format!("Session {n}"))
    }

    fn transcript(&self, n: u32) -> String {
        std::fs::read_to_string(self.folder(n).join("transcript.md")).unwrap_or_default()
    }

    /// How many sessions have a whole transcript; fails where half of one is there.
    fn whole(&self, sessions: u32) -> u32 {
        let whole = |n: &u32| {
            let text = self.transcript(*n);
            assert!(text.is_empty() || text.trim_end().ends_with("harbour."), "half of a transcript: session {n}");
            !text.is_empty()
        };
        (0..sessions).filter(whole).count().try_into().unwrap()
    }

    /// Names in durable folders that no finished export leaves there.
    fn unfinished(&self) -> Vec<PathBuf> {
        let all = walkdir::WalkDir::new(self.0.path.join("Documents")).into_iter().filter_map(Result::ok).map(walkdir::DirEntry::into_path);
        all.filter(|p| p.file_name().is_some_and(|n| n.to_string_lossy().starts_with('.') || n.to_string_lossy().contains("(2)"))).collect()
    }

    fn begin(&self, words: &[&str]) -> Running {
        let mut child = self.0.command(words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (to, lines) = channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        let err = BufReader::new(child.stderr.take().unwrap());
        for from in [Box::new(out) as Box<dyn BufRead + Send>, Box::new(err)] {
            let to = to.clone();
            std::thread::spawn(move || from.lines().map_while(Result::ok).for_each(|line| drop(to.send(line))));
        }
        Running { child, lines, said: Vec::new() }
    }
}

/// A run that goes on.
struct Running {
    child: Child,
    lines: Receiver<String>,
    said: Vec<String>,
}

impl Running {
    fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// Waits for a line with this in it.
    fn says(&mut self, words: &str) {
        let until = Instant::now() + Duration::from_mins(2);
        loop {
            let line = self.lines.recv_timeout(until.saturating_duration_since(Instant::now()));
            let line = line.unwrap_or_else(|_| panic!("never said {words}: {:#?}", self.said));
            self.said.push(line);
            if self.said.last().unwrap().contains(words) {
                return;
            }
        }
    }

    /// Waits for its end, and gives its exit code and all it said.
    fn ends(mut self) -> (i32, Vec<String>) {
        let code = self.child.wait().unwrap().code().unwrap_or(-1);
        self.said.extend(self.lines.iter());
        (code, self.said)
    }
}

fn wait_for(what: &str, mut is: impl FnMut() -> bool) {
    let until = Instant::now() + Duration::from_mins(2);
    while !is() {
        assert!(Instant::now() < until, "{what} never came");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_second_export_of_everything_passes_over_what_is_up_to_date() {
    let home = Sessions::new();
    home.many(5, 3);
    let first = home.0.run(&["export", "--all"]).ended(0);
    assert!(first.out.contains("5 sessions, 5 exported, 0 up to date."), "{}", first.out);
    home.talks(3, &["Something else"]);
    let second = home.0.run(&["export", "--all", "--json"]).ended(0).json();
    assert_eq!((&second["changed"], &second["up_to_date"], &second["interrupted"]), (&json!(1), &json!(4), &json!(false)));
    let fresh = |n: u32| {
        second["sessions"].as_array().unwrap().iter().find(|s| s["session"] == json!(Sessions::id(n))).unwrap()["up_to_date"].clone()
    };
    assert_eq!((fresh(3), fresh(4)), (json!(false), json!(true)));
    assert!(home.0.run(&["export", "Session 3"]).ended(0).out.starts_with("Session 3 is up to date\n"));
}

#[test]
fn an_export_tells_how_many_secrets_it_left_out_and_where_to_look() {
    let home = Sessions::new();
    let key = |fill: &str| ["gh", "p_"].concat() + &fill.repeat(36);
    home.talks(1, &[&format!("Use {} and {}", key("a"), key("b"))]);
    home.talks(2, &["Nothing"]);
    let said = home.0.run(&["export", "Session 1"]).ended(0).out;
    let line = "  2 secrets left out (github-token 2); `lifeboat secrets 00000001` tells where; `--raw` keeps them";
    assert!(said.lines().any(|l| l == line), "{said}");
    let told = home.0.run(&["secrets", "00000001", "--json"]).ended(0).lines();
    assert_eq!(told.iter().filter(|s| s["rule"] == "github-token").map(|s| s["times"].as_u64().unwrap_or(1)).sum::<u64>(), 2, "{told:?}");
    let all = home.0.run(&["export", "--all", "--json"]).ended(0).json();
    assert_eq!(all["redacted"], json!({"github-token": 2}));
    let raw = home.0.run(&["export", "Session 1", "--raw"]).ended(0).out;
    assert!(!raw.contains("left out") && home.transcript(1).replace('\\', "").contains(&key("a")), "{raw}");
}

#[test]
fn an_export_that_is_interrupted_says_so_ends_with_4_and_the_next_one_goes_on() {
    const ALL: u32 = 24;
    let home = Sessions::new();
    home.many(ALL, 400);
    let run = home.begin(&["export", "--all"]);
    wait_for("the second transcript", || home.whole(ALL) >= 2);
    run.signal(rustix::process::Signal::INT);
    let (code, said) = run.ends();
    let done = home.whole(ALL);
    assert!(done < ALL, "too fast to be interrupted");
    assert_eq!(code, 4, "{said:#?}");
    assert!(said.iter().any(|l| l.starts_with(&format!("Stopped: of {ALL} sessions, {done} exported"))), "{done}: {said:#?}");
    assert_eq!(home.unfinished(), Vec::<PathBuf>::new());
    let next = home.0.run(&["export", "--all", "--json"]).ended(0).json();
    assert_eq!((&next["up_to_date"], &next["changed"]), (&json!(done), &json!(ALL - done)));
    assert_eq!(home.whole(ALL), ALL);
}

#[test]
fn an_export_that_is_killed_is_gone_on_with_and_leaves_nothing_unfinished() {
    const ALL: u32 = 12;
    let home = Sessions::new();
    home.many(ALL, 400);
    for turn in 1..=4 {
        let run = home.begin(&["export", "--all"]);
        wait_for("a transcript", || home.whole(ALL) >= turn);
        run.signal(rustix::process::Signal::KILL);
        run.ends();
    }
    home.0.run(&["export", "--all"]).ended(0);
    assert_eq!((home.whole(ALL), home.unfinished()), (ALL, Vec::new()));
    assert_eq!(home.0.run(&["export", "--all", "--json"]).ended(0).json()["up_to_date"], ALL);
}

#[test]
fn watching_exports_what_grows_and_what_is_new_and_ends_well() {
    let home = Sessions::new();
    home.talks(1, &["First words"]);
    let mut run = home.begin(&["export", "--all", "--watch", "--every", "0"]);
    run.says("Session 1 exported");
    home.talks(1, &["First words", "Second words"]);
    run.says("Session 1 exported: 2 turns");
    assert!(home.transcript(1).contains("Second words"));
    home.talks(2, &["Of the new one"]);
    run.says("Session 2 exported");
    assert!(home.transcript(2).contains("Of the new one"));
    std::thread::sleep(Duration::from_secs(1));
    run.signal(rustix::process::Signal::INT);
    let (code, said) = run.ends();
    assert_eq!(code, 0, "{said:#?}");
    assert_eq!(said.iter().filter(|l| l.contains(" exported")).count(), 3, "{said:#?}");
    assert!(said.iter().any(|l| l == "Watching 1 session; Ctrl-C ends it."), "{said:#?}");
    assert_eq!(home.unfinished(), Vec::<PathBuf>::new());
}

#[test]
fn watching_one_session_leaves_the_others_and_tells_as_json() {
    let home = Sessions::new();
    home.talks(1, &["First words"]);
    home.talks(2, &["Of another"]);
    let mut run = home.begin(&["export", "Session 1", "--watch", "--every", "0", "--json"]);
    run.says("lifeboat.export/1");
    home.talks(2, &["Of another", "More"]);
    home.talks(1, &["First words", "Second words"]);
    run.says("lifeboat.export/1");
    run.signal(rustix::process::Signal::TERM);
    let (code, said) = run.ends();
    let told: Vec<Value> = said.iter().filter_map(|l| serde_json::from_str(l).ok()).collect();
    assert_eq!((code, told.len(), &told[1]["sessions"][0]["turns"]), (0, 2, &json!(2)), "{said:#?}");
    assert!(!Path::new(&home.folder(2)).exists());
}

#[test]
fn watching_and_a_dry_run_do_not_go_together_and_read_only_refuses() {
    let home = Sessions::new();
    home.0.run(&["export", "--all", "--watch", "--dry-run"]).ended(2);
    home.0.run(&["export", "--all", "--every", "3s"]).ended(2);
    home.0.run(&["export", "--all", "--watch", "--read-only"]).ended(3);
}
