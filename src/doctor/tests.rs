//! What is wrong in homes made for it, and what is gone after it went.
#![expect(clippy::disallowed_methods, reason = "tests do to the store what people and apps do")]

use super::after::after;
use super::{Problem, Scene, Severity, examine, seen};
use crate::model::{Catalog, Quiet};
use crate::world::World;
use crate::{backup, scan};
use jiff::{SignedDuration, Timestamp};
use std::path::PathBuf;

struct Home {
    dir: tempfile::TempDir,
    world: World,
}

fn now() -> Timestamp {
    "2026-10-20T12:00:00Z".parse().unwrap()
}

impl Home {
    /// The sample home.
    fn sample() -> Self {
        let dir = tempfile::tempdir().unwrap();
        crate::demo::make(dir.path(), &crate::demo::Shape { now: now(), bulk: 0 }).unwrap();
        Self { world: crate::demo::world(dir.path()).with_clock(now()), dir }
    }

    fn scan(&self) -> Catalog {
        scan::run(&self.world, scan::Options::default())
    }

    fn problems(&self) -> Vec<Problem> {
        let catalog = self.scan();
        examine(&Scene::of(&self.world, &catalog).unwrap())
    }

    fn later(&mut self, days: i64) {
        self.world = self.world.clone().with_clock(now() + SignedDuration::from_hours(24 * days));
    }

    /// The folder and the record of the session with this title.
    fn session(&self, title: &str) -> (String, PathBuf, PathBuf) {
        let catalog = self.scan();
        let session = catalog.sessions.iter().find(|s| s.title == title).unwrap();
        (session.id.clone(), session.dir.clone().unwrap(), session.record.clone().unwrap())
    }
}

fn of<'p>(all: &'p [Problem], check: &str) -> Vec<(Severity, &'p str)> {
    all.iter().filter(|p| p.check == check).map(|p| (p.severity, p.says.as_str())).collect()
}

#[test]
fn ghosts_of_the_sample_home_are_told_each_with_what_shows_it_and_what_to_do() {
    let problems = Home::sample().problems();
    let ghosts: Vec<Severity> = of(&problems, "ghosts").into_iter().map(|(severity, _)| severity).collect();
    assert_eq!(ghosts, [Severity::Bad, Severity::Bad, Severity::Warn, Severity::Warn]);
    assert!(problems.iter().all(|p| !p.next.is_empty() && !p.says.is_empty()));
    assert!(problems.iter().filter(|p| p.check == "ghosts").all(|p| p.path.is_some() && p.session.is_some()));
    assert!(problems.windows(2).all(|two| two[0].severity <= two[1].severity), "the worst first");
}

#[test]
fn a_backup_is_asked_for_until_there_is_one_and_again_when_it_is_old_or_gone() {
    let mut home = Home::sample();
    assert_eq!(of(&home.problems(), "backup"), [(Severity::Bad, "there is no backup of ours that was read back")]);
    let report = backup::create(&home.world, &home.scan(), &backup::Options::default(), &Quiet).unwrap();
    backup::verified::remember(&home.world, &report.archive).unwrap();
    assert_eq!(of(&home.problems(), "backup"), []);
    home.later(8);
    assert_eq!(of(&home.problems(), "backup"), [(Severity::Warn, "the last backup is 8 days old")]);
    home.later(40);
    assert_eq!(of(&home.problems(), "backup"), [(Severity::Bad, "the last backup is 40 days old")]);
    std::fs::remove_file(&report.archive).unwrap();
    assert_eq!(of(&home.problems(), "backup").len(), 2);
}

#[cfg(unix)]
#[test]
fn a_store_reached_through_a_link_or_in_a_synced_folder_is_told() {
    let home = Home::sample();
    assert_eq!(of(&home.problems(), "synced"), []);
    let (config, real) = (home.dir.path().join(".config/Claude"), home.dir.path().join("OneDrive - Work"));
    std::fs::create_dir(&real).unwrap();
    std::fs::rename(&config, real.join("Claude")).unwrap();
    std::os::unix::fs::symlink(real.join("Claude"), &config).unwrap();
    assert!(!of(&home.problems(), "synced").is_empty());
}

#[test]
fn what_is_gone_since_the_first_scan_of_a_day_is_told_with_where_it_is_still_had() {
    let home = Home::sample();
    seen::keep(&home.world, &home.scan()).unwrap();
    let after_now = |home: &Home| {
        let catalog = home.scan();
        after(&Scene::of(&home.world, &catalog).unwrap()).unwrap()
    };
    assert!(after_now(&home).lost.is_empty());
    let (id, dir, record) = home.session("Thesis figures");
    std::fs::remove_dir_all(&dir).unwrap();
    std::fs::remove_file(&record).unwrap();
    // A scan after the loss does not take the place of the record before it.
    seen::keep(&home.world, &home.scan()).unwrap();
    let found = after_now(&home);
    let lost = &found.lost[0];
    assert_eq!(
        (found.lost.len(), lost.session.as_deref(), lost.title.as_str(), lost.whole),
        (1, Some(id.as_str()), "Thesis figures", true)
    );
    assert!(lost.files.iter().any(|f| f.path.path == record.to_string_lossy()));
    assert!(lost.files.iter().all(|f| !f.path.to_path().unwrap().exists()));
    // What was flushed is known to have a copy.
    assert!(lost.files.iter().any(|f| f.path.path.ends_with("figure-3.png") && !f.had.is_empty()), "{:#?}", lost.files);
}

#[test]
fn what_a_backup_has_comes_back_by_the_command_that_is_told() {
    let mut home = Home::sample();
    let report = backup::create(&home.world, &home.scan(), &backup::Options::default(), &Quiet).unwrap();
    backup::verified::remember(&home.world, &report.archive).unwrap();
    home.later(1);
    let (id, dir, record) = home.session("Thesis figures");
    let before = home.scan().sessions.len();
    std::fs::remove_dir_all(&dir).unwrap();
    std::fs::remove_file(&record).unwrap();
    let catalog = home.scan();
    let found = after(&Scene::of(&home.world, &catalog).unwrap()).unwrap();
    let lost = found.lost.iter().find(|l| l.session.as_ref() == Some(&id)).unwrap();
    assert_eq!(lost.next.len(), 1, "{:?}", lost.next);
    assert!(lost.next[0].starts_with("lifeboat restore ") && lost.next[0].ends_with(&format!("--in-place --session {id}")));
    backup::restore(&home.world, &report.archive, &backup::Target::InPlace, Some(&id), false, &Quiet).unwrap();
    let catalog = home.scan();
    let found = after(&Scene::of(&home.world, &catalog).unwrap()).unwrap();
    assert!(!found.lost.iter().any(|l| l.session.as_ref() == Some(&id)));
    assert_eq!(catalog.sessions.len(), before);
}

#[test]
fn records_of_what_was_seen_go_after_two_weeks() {
    let mut home = Home::sample();
    for days in [0, 2, 10, 15] {
        home.later(days);
        seen::keep(&home.world, &home.scan()).unwrap();
    }
    let days: Vec<String> = seen::all(&home.world).iter().map(|s| s.at.strftime("%m-%d").to_string()).collect();
    assert_eq!(days, ["11-04", "10-30", "10-22"]);
}
