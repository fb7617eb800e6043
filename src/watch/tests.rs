//! A watch in a whole home, by a clock of its own.

mod days;
mod signs;

use super::ear::{Ear, Heard};
use super::news::News;
use super::{Keeper, Rule, Settings};
use crate::demo;
use crate::model::{Quiet, Watch};
use crate::world::World;
use jiff::{SignedDuration, Timestamp};
use std::path::PathBuf;
use std::time::Duration;

/// Hears at once what changed: everything in these folders.
struct AtOnce(Vec<PathBuf>);

impl Ear for AtOnce {
    fn attend(&mut self, _: &[PathBuf], _: &[PathBuf]) {}
    fn hear(&mut self, _: Duration, _: Duration, _: &dyn Watch) -> Heard {
        Heard::At(self.0.clone())
    }
}

/// A home and a clock.
struct Stage {
    _home: tempfile::TempDir,
    world: World,
    now: Timestamp,
    said: Vec<News>,
    /// What changed last.
    changed: Vec<PathBuf>,
}

impl Stage {
    fn new() -> Self {
        // On the disk in memory where there is one: what is synced is not the question here.
        let home = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        let path = home.path().join("home");
        std::fs::create_dir_all(demo::app_data(&path).join("local-agent-mode-sessions")).unwrap();
        Self { world: demo::world(&path), _home: home, now: "2026-09-01T00:00:00Z".parse().unwrap(), said: Vec::new(), changed: Vec::new() }
    }

    /// The world at this moment.
    fn world(&self) -> World {
        self.world.clone().with_clock(self.now)
    }

    fn store(&self) -> PathBuf {
        demo::app_data(&self.world.home)
    }

    fn pass(&mut self, span: SignedDuration) {
        self.now = self.now.checked_add(span).unwrap();
    }

    /// One more session, just now.
    fn session(&mut self, number: u32, bulk: usize) -> Vec<PathBuf> {
        self.changed = demo::another(&self.world.home, &demo::Shape { now: self.now, bulk }, number).unwrap();
        self.changed.clone()
    }

    fn begin<'s>(&mut self, settings: &'s Settings) -> Keeper<'s> {
        Keeper::begin(&self.world(), settings, &mut |news| self.said.push(news), &Quiet)
    }

    fn round(&mut self, keeper: &mut Keeper<'_>) {
        keeper.round(&self.world(), &mut AtOnce(self.changed.clone()), &mut |news| self.said.push(news), &Quiet);
    }

    /// What was told of this sort, and forgotten then.
    fn told(&mut self, event: &str) -> Vec<String> {
        let (these, others) = std::mem::take(&mut self.said).into_iter().partition(|news: &News| news.event == event);
        self.said = others;
        these.into_iter().map(|news| news.says).collect()
    }
}

/// How much is below a folder, in apparent bytes.
fn bytes(top: &std::path::Path) -> u64 {
    let all = walkdir::WalkDir::new(top).into_iter().map(Result::unwrap).filter(|e| e.file_type().is_file());
    all.map(|e| crate::platform::facts(e.path()).unwrap().size).sum()
}

fn rule(hours: u64) -> Settings {
    Settings { rule: Some(Rule { older_than: Duration::from_hours(hours), untested: true }), ..Settings::default() }
}

#[test]
fn a_session_is_exported_when_it_pauses_and_flushed_once_it_was_quiet_for_long_enough() {
    let (mut stage, settings) = (Stage::new(), Settings::default());
    let mut keeper = stage.begin(&settings);
    stage.session(1, 0);
    stage.pass(SignedDuration::from_secs(10));
    stage.round(&mut keeper);
    assert!(stage.said.is_empty(), "it may still grow: {:?}", stage.said);
    stage.pass(SignedDuration::from_secs(3));
    stage.round(&mut keeper);
    assert_eq!(stage.told("exported").len(), 1, "{:?}", stage.said);
    let folder = stage.world.documents.join("Claude Cowork/Piece of work 1");
    assert!(folder.join("transcript.md").exists() && folder.join("manifest.jsonl").exists());
    stage.pass(SignedDuration::from_mins(8));
    stage.round(&mut keeper);
    assert!(stage.told("flushed").is_empty());
    stage.pass(SignedDuration::from_mins(3));
    stage.round(&mut keeper);
    assert_eq!(stage.told("flushed").len(), 1, "{:?}", stage.said);
    for _ in 0..20 {
        stage.pass(SignedDuration::from_mins(7));
        stage.round(&mut keeper);
    }
    assert_eq!(stage.said, [], "nothing changed, so nothing is done");
    assert_eq!(bytes(&stage.store()), bytes(&stage.store()));
}

#[test]
fn without_a_rule_nothing_leaves_the_store_and_a_dry_run_leaves_everything() {
    let mut stage = Stage::new();
    stage.session(1, 0);
    let before = bytes(&stage.store());
    stage.pass(SignedDuration::from_hours(30 * 24));
    let dry = Settings { dry_run: true, ..rule(1) };
    stage.begin(&dry);
    assert_eq!(stage.told("cleaned").len(), 1, "{:?}", stage.said);
    assert!(!stage.world.documents.exists() && !stage.world.state_dir.exists());
    let settings = Settings::default();
    let mut keeper = stage.begin(&settings);
    stage.pass(SignedDuration::from_hours(2));
    stage.round(&mut keeper);
    assert_eq!((bytes(&stage.store()), stage.told("cleaned").len()), (before, 0));
}

#[test]
fn the_rule_takes_what_is_rebuildable_of_old_sessions_and_its_receipt_is_in_the_history() {
    let mut stage = Stage::new();
    let made = stage.session(1, 0);
    stage.pass(SignedDuration::from_hours(30));
    let young = stage.session(2, 0);
    stage.pass(SignedDuration::from_hours(2));
    let settings = rule(24);
    stage.begin(&settings);
    let history = crate::vault::history(&stage.world()).unwrap();
    assert_eq!((history.len(), history[0].verb.as_str()), (1, "clean"));
    assert!(made.iter().chain(&young).all(|path| path.exists()));
    let (first, second) = (made[0].parent().unwrap(), young[0].parent().unwrap());
    assert!(!first.join("venv").exists() && !first.join("page/node_modules").exists());
    assert!(second.join("venv").exists() && second.join("page/node_modules").exists());
    assert_eq!(crate::vault::undo(&stage.world(), None, false, &Quiet).unwrap().moved, history[0].items);
    assert!(first.join("venv/pyvenv.cfg").exists());
}

#[test]
fn a_strict_rule_leaves_environments_that_nobody_made_again() {
    let mut stage = Stage::new();
    let made = stage.session(1, 0);
    stage.pass(SignedDuration::from_hours(30));
    let mut settings = rule(24);
    settings.rule = settings.rule.map(|rule| Rule { untested: false, ..rule });
    stage.begin(&settings);
    assert!(made[0].parent().unwrap().join("venv/pyvenv.cfg").exists());
    assert_eq!(stage.told("cleaned").len(), 1, "the plugin copies go");
    assert!(stage.told("note").iter().any(|says| says.contains("not tested")), "{:?}", stage.said);
}
