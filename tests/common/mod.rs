//! A sample home in a temporary folder, and the program run in it.
#![allow(
    dead_code,
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    reason = "helpers of tests; each test file uses some of them"
)]

pub mod screen;

use lifeboat::demo;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The program as built for these tests.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_lifeboat");

/// A home of its own.
pub struct Home {
    _temp: tempfile::TempDir,
    /// Where it is.
    pub path: PathBuf,
}

/// What a run of the program gave.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Run {
    /// The one JSON object on stdout.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }

    /// The JSON objects on stdout, one a line.
    pub fn lines(&self) -> Vec<Value> {
        self.out.lines().map(|l| serde_json::from_str(l).unwrap_or_else(|e| panic!("{e}: {l}"))).collect()
    }

    /// The same run, which must have ended so.
    pub fn ended(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}\n{}", self.out, self.err);
        self
    }
}

impl Home {
    /// A sample home.
    pub fn sample() -> Self {
        let home = Self::empty();
        demo::make(&home.path, &demo::Shape { now: jiff::Timestamp::now(), bulk: 0 }).unwrap();
        home
    }

    /// A home with nothing in it.
    pub fn empty() -> Self {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("home");
        std::fs::create_dir(&path).unwrap();
        Self { _temp: temp, path }
    }

    /// The folder of the sessions.
    pub fn sessions(&self) -> PathBuf {
        demo::app_data(&self.path).join("local-agent-mode-sessions")
    }

    /// The program, set up to run in this home and to know nothing of the real one.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(words).env_clear().env("HOME", &self.path).env("PATH", "/usr/bin:/bin").current_dir(&self.path).stdin(Stdio::null());
        command
    }

    /// Runs the program without a terminal.
    pub fn run(&self, words: &[&str]) -> Run {
        let out = self.command(words).output().unwrap();
        Run {
            code: out.status.code().unwrap_or(-1),
            out: String::from_utf8(out.stdout).unwrap(),
            err: String::from_utf8_lossy(&out.stderr).into_owned(),
        }
    }

    /// The path of the only file of this name below the sessions.
    pub fn find(&self, name: &str) -> PathBuf {
        let all = walkdir::WalkDir::new(self.sessions()).into_iter().filter_map(Result::ok).map(walkdir::DirEntry::into_path);
        let found: Vec<PathBuf> = all.filter(|p| p.ends_with(name)).collect();
        assert_eq!(found.len(), 1, "{name}: {found:?}");
        found[0].clone()
    }
}

/// What [`tree`] tells of each path.
pub type Tree = BTreeMap<PathBuf, (String, i64, Vec<u8>)>;

/// Everything below a folder: kind, time, and what a file holds or a link says. Folders' times too.
pub fn tree(top: &Path) -> Tree {
    let mut all = BTreeMap::new();
    for entry in walkdir::WalkDir::new(top) {
        let path = entry.unwrap().into_path();
        let facts = lifeboat::platform::facts(&path).unwrap();
        let held = match facts.kind {
            lifeboat::model::Kind::File => blake3::hash(&std::fs::read(&path).unwrap()).as_bytes().to_vec(),
            lifeboat::model::Kind::Symlink => std::fs::read_link(&path).unwrap().into_os_string().into_encoded_bytes(),
            _ => Vec::new(),
        };
        let kind = format!("{:?} {} names", facts.kind, if facts.kind == lifeboat::model::Kind::Dir { 0 } else { facts.nlink });
        all.insert(path.strip_prefix(top).unwrap().to_path_buf(), (kind, facts.mtime_ns, held));
    }
    all
}

/// Fails, naming the first differences, unless two trees are the same.
pub fn same(before: &Tree, after: &Tree) {
    let names = before.keys().chain(after.keys()).collect::<std::collections::BTreeSet<_>>();
    let differ: Vec<_> = names.into_iter().filter(|n| before.get(*n) != after.get(*n)).take(10).collect();
    let told: Vec<String> = differ.iter().map(|n| format!("{}: {:?} / {:?}", n.display(), before.get(*n), after.get(*n))).collect();
    assert!(differ.is_empty(), "{told:#?}");
}

/// Removes a whole folder, as `rm -rf` does.
#[expect(clippy::disallowed_methods, reason = "the story begins with somebody's `rm -rf`, in a temporary folder")]
pub fn rm_rf(path: &Path) {
    std::fs::remove_dir_all(path).unwrap();
}
