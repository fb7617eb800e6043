//! Which setting holds, when each conversation goes, and what is put back.

use crate::backup::{self, Target};
use crate::model::{Catalog, Quiet};
use crate::scan;
use crate::vault::{self, Consent, Selection};
use crate::world::World;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

const ID: &str = "06698a9f-bbd9-4f26-bf74-f670b12bf058";

/// A home with one project, and a transcript whose records name it.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        home.transcript("cli", 10);
        home
    }
    fn at(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }
    fn file(&self, path: &str, text: &str) -> PathBuf {
        let path = self.at(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }
    /// The transcript, so many days old.
    fn transcript(&self, surface: &str, days: u64) -> PathBuf {
        let line = serde_json::json!({"type": "user", "timestamp": "2026-10-01T10:00:00Z", "cwd": self.at("work"), "entrypoint": surface,
            "message": {"content": "Hello"}});
        self.old(&format!(".claude/projects/-w/{ID}.jsonl"), &format!("{line}\n"), days)
    }
    fn old(&self, path: &str, text: &str, days: u64) -> PathBuf {
        let path = self.file(path, text);
        age(&path, days);
        path
    }
    fn world(&self) -> World {
        let mut world = World::at(self.0.path(), std::collections::BTreeMap::new()).with_clock(now());
        world.policy_dir = Some(self.at("policy"));
        world
    }
    fn catalog(&self) -> Catalog {
        scan::run(&self.world(), scan::Options::default())
    }
    fn days_left(&self) -> Option<i64> {
        let at = self.catalog().sessions[0].deadline?;
        Some((at.as_second() - now().as_second()).div_euclid(86_400))
    }
    fn note(&self) -> String {
        self.catalog().stores[0].notes.last().unwrap().clone()
    }
}

fn now() -> jiff::Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

fn age(path: &Path, days: u64) {
    let at = SystemTime::from(now()) - Duration::from_hours(days * 24);
    fs::OpenOptions::new().write(true).open(path).unwrap().set_modified(at).unwrap();
}

fn modified(path: &Path) -> i64 {
    crate::platform::facts(path).unwrap().mtime_ns
}

fn days(n: u64) -> String {
    format!("{{\"cleanupPeriodDays\": {n}}}")
}

#[test]
fn without_a_setting_a_transcript_goes_after_thirty_days_and_the_store_says_so() {
    let home = Home::new();
    assert_eq!(home.days_left(), Some(20));
    assert_eq!(home.note(), "Claude Code removes transcripts 30 days after their last change (its default); the next is due in 20 d");
    home.transcript("cli", 31);
    assert_eq!(home.days_left(), Some(-1));
    assert!(home.note().ends_with("at its next start"));
}

#[test]
fn the_shortest_time_that_a_start_anywhere_may_use_counts_for_all_and_the_organisations_before_every_other() {
    let home = Home::new();
    home.file(".claude/settings.json", &days(3650));
    assert_eq!(home.days_left(), Some(3640));
    home.file("work/.claude/settings.json", &days(15));
    assert_eq!(home.days_left(), Some(5), "a project's setting holds for every project (anthropics/claude-code#90148)");
    home.file("work/.claude/settings.local.json", &days(12));
    assert_eq!(home.days_left(), Some(2));
    home.file("policy/managed-settings.json", &days(60));
    assert_eq!(home.days_left(), Some(50));
    home.file("policy/managed-settings.d/10-more.json", &days(90));
    assert_eq!(home.days_left(), Some(80));
}

#[test]
fn a_file_that_the_client_does_not_read_changes_nothing() {
    let home = Home::new();
    for text in [&days(1), "{"] {
        home.file(".claude/settings.local.json", text);
        assert_eq!(home.days_left(), Some(20));
    }
}

#[test]
fn settings_that_cannot_be_read_or_are_refused_keep_it_from_removing_anything_and_it_is_said() {
    for text in ["{\"a\": ", "[]", "", &days(0), "{\"cleanupPeriodDays\": \"60\"}", "{\"cleanupPeriodDays\": 60.5}"] {
        let home = Home::new();
        let file = home.file(".claude/settings.json", text);
        age(&file, 1);
        assert_eq!(home.days_left(), None, "{text}");
        assert!(home.note().starts_with("Claude Code removes no transcripts for now: ~"), "{text}: {}", home.note());
        home.file("policy/managed-settings.json", &days(30));
        assert_eq!(home.days_left(), Some(20), "{text}: the organisation's setting holds all the same");
    }
}

#[test]
fn a_projects_broken_settings_pause_only_a_start_in_that_project() {
    let home = Home::new();
    home.file("work/.claude/settings.json", "{");
    assert_eq!(home.days_left(), Some(20));
}

#[test]
fn what_claude_desktop_began_stays_unless_its_own_setting_says_otherwise() {
    for surface in ["claude-desktop", "local-agent"] {
        let home = Home::new();
        home.transcript(surface, 10);
        assert_eq!(home.days_left(), None, "{surface}");
        home.file(".claude/settings.json", "{\"desktopSessionCleanupPeriodDays\": 90}");
        assert_eq!(home.days_left(), Some(80), "{surface}");
        home.file(".claude/settings.json", "{\"desktopSessionCleanupPeriodDays\": 2}");
        assert_eq!(home.days_left(), Some(20), "{surface}: never sooner than the others");
        home.file("policy/managed-settings.json", &days(40));
        assert_eq!(home.days_left(), Some(30), "{surface}");
    }
}

#[test]
fn a_selection_by_what_is_due_takes_those_sessions_alone() {
    let home = Home::new();
    let catalog = home.catalog();
    let taken = |days: u64| {
        let due = Some(Duration::from_hours(days * 24));
        vault::plan(&home.world(), &catalog, &Selection { due, classes: vec![crate::model::Class::AtRisk], ..Selection::default() })
            .items
            .len()
    };
    assert_eq!((taken(7), taken(21)), (0, 1));
}

// What is put back.

fn at_risk(home: &Home) -> Vec<crate::model::PlanItem> {
    let world = home.world();
    let selection = Selection { classes: vec![crate::model::Class::AtRisk], ..Selection::default() };
    let plan = vault::plan(&world, &home.catalog(), &selection);
    let moved = vault::clean(&world, &plan, Consent { at_risk: true, dry_run: false }, &Quiet).unwrap();
    assert_eq!((moved.moved, moved.failed.len()), (plan.items.len() as u64, 0), "{moved:?}");
    plan.items
}

#[test]
fn an_undo_gives_what_is_so_old_that_it_would_go_at_once_the_time_of_now_and_nothing_else() {
    let home = Home::new();
    let old = home.transcript("cli", 45);
    let beside = home.old(&format!(".claude/projects/-w/{ID}/tool-results/a.txt"), "old", 45);
    let young = home.old(&format!(".claude/projects/-w/{ID}/tool-results/b.txt"), "young", 5);
    let history = home.old(".claude/history.jsonl", "{}\n", 400);
    let memory = home.old(".claude/projects/-w/memory/MEMORY.md", "x", 400);
    let before: Vec<(PathBuf, i64)> = [&young, &history, &memory].map(|p| (p.clone(), modified(p))).into();
    assert_eq!(at_risk(&home).len(), 4);
    assert!(!old.exists() && !history.exists() && memory.exists());
    let back = vault::undo(&home.world(), None, false, &Quiet).unwrap();
    assert_eq!(back.moved, 4);
    assert!(back.notes.iter().any(|n| n.starts_with("2 files were older than Claude Code keeps them (30 days)")), "{:?}", back.notes);
    for path in [&old, &beside] {
        assert_eq!(i128::from(modified(path)), now().as_nanosecond(), "{}", path.display());
    }
    for (path, time) in before {
        assert_eq!(modified(&path), time, "{}", path.display());
    }
    assert_eq!(home.days_left(), Some(30));
}

#[test]
fn an_undo_of_what_the_client_keeps_long_enough_is_exact() {
    let home = Home::new();
    let old = home.transcript("cli", 45);
    home.file(".claude/settings.json", &days(365));
    let time = modified(&old);
    at_risk(&home);
    let back = vault::undo(&home.world(), None, false, &Quiet).unwrap();
    assert_eq!((modified(&old), back.notes.len()), (time, 0), "{:?}", back.notes);
}

#[test]
fn a_restore_in_place_gives_old_transcripts_the_time_of_now_and_one_elsewhere_is_exact() {
    let home = Home::new();
    let old = home.transcript("cli", 45);
    let history = home.old(".claude/history.jsonl", "{}\n", 400);
    let times = (modified(&old), modified(&history));
    let archive = backup::create(&home.world(), &home.catalog(), &backup::Options::default(), &Quiet).unwrap().archive;
    let elsewhere = Target::Folder(home.at("elsewhere"));
    assert_eq!(backup::restore(&home.world(), &archive, &elsewhere, None, false, &Quiet).unwrap().notes.len(), 0);
    assert_eq!(modified(&home.at(&format!("elsewhere/claude-code/.claude/projects/-w/{ID}.jsonl"))), times.0);
    fs::remove_file(&old).unwrap();
    fs::remove_file(&history).unwrap();
    let dry = backup::restore(&home.world(), &archive, &Target::InPlace, None, true, &Quiet).unwrap();
    assert_eq!((dry.files, dry.notes.len(), old.exists()), (2, 0, false), "{dry:?}");
    let restored = backup::restore(&home.world(), &archive, &Target::InPlace, None, false, &Quiet).unwrap();
    assert!(restored.notes.iter().any(|n| n.starts_with("1 file was older than Claude Code keeps them (30 days)")), "{restored:?}");
    assert_eq!(i128::from(modified(&old)), now().as_nanosecond());
    assert_eq!(modified(&history), times.1, "nothing removes it, so it stays as it was");
    assert_eq!(home.days_left(), Some(30));
}

// Having it wait.

#[test]
fn the_time_is_raised_in_the_users_settings_and_never_lowered_or_made_nothing() {
    let home = Home::new();
    let (world, root) = (home.world(), home.at(".claude"));
    let file = home.file(".claude/settings.json", "{\n  \"model\": \"opus\"\n}\n");
    let planned = crate::settings::raise(&world, &root, 3650).unwrap().unwrap();
    assert!(planned.diff().contains("+  \"cleanupPeriodDays\": 3650"), "{}", planned.diff());
    let kept = planned.carry_out(&world, || Ok(())).unwrap().unwrap();
    assert_eq!(fs::read_to_string(kept).unwrap(), "{\n  \"model\": \"opus\"\n}\n");
    assert_eq!(fs::read_to_string(&file).unwrap(), "{\n  \"model\": \"opus\",\n  \"cleanupPeriodDays\": 3650\n}\n");
    assert_eq!(home.days_left(), Some(3640));
    assert!(crate::settings::raise(&world, &root, 3650).unwrap().is_none());
    assert_eq!(crate::settings::raise(&world, &root, 0).unwrap_err().exit_code(), 2);
    assert_eq!(crate::settings::raise(&world, &root, 30).unwrap_err().exit_code(), 3);
    home.file(".claude/settings.json", "{");
    assert_eq!(crate::settings::raise(&world, &root, 9999).unwrap_err().exit_code(), 3);
}

#[test]
fn refused_days_are_mended_by_raising_them() {
    let home = Home::new();
    home.file(".claude/settings.json", &days(0));
    crate::settings::raise(&home.world(), &home.at(".claude"), 365).unwrap().unwrap().carry_out(&home.world(), || Ok(())).unwrap();
    assert_eq!(home.days_left(), Some(355));
}
