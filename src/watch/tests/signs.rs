//! Backups before an update.

use super::*;
use crate::backup::{verified, verify};

/// A watch that looked once, so that it knows what was there.
fn watched() -> (Stage, Settings) {
    let mut stage = Stage::new();
    stage.session(1, 0);
    stage.pass(SignedDuration::from_hours(1));
    let settings = Settings { backups: true, ..Settings::default() };
    stage.begin(&settings);
    assert_eq!(stage.told("backed-up"), Vec::<String>::new(), "nothing is new at the first look");
    (stage, settings)
}

fn put(stage: &Stage, below: &str) {
    let path = stage.store().join(below);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, "x").unwrap();
}

#[test]
fn each_sign_of_an_update_or_a_reset_makes_a_backup_that_is_read_back() {
    for sign in [
        "claude-code/2.1.329/claude",
        "claude-code-vm/2.1.329/claude",
        "vm_bundles/warm/0a1b/rootfs.img.zst",
        "vm_bundles/claudevm.bundle/.auto_reinstall_attempted",
        "vm_bundles/claudevm.bundle/rootfs.img.zst",
    ] {
        let (mut stage, settings) = watched();
        put(&stage, sign);
        stage.begin(&settings);
        let told = stage.told("backed-up");
        assert_eq!(told.len(), 1, "{sign}: {:?}", stage.said);
        let made = verified::list(&stage.world());
        assert_eq!(made.len(), 1);
        assert!(verify(&made[0].path, &Quiet).unwrap().ok);
        stage.begin(&settings);
        assert_eq!(stage.told("backed-up").len(), 0, "{sign}: once for each sign");
    }
}

#[test]
fn there_is_one_backup_a_day_and_a_sign_in_between_is_not_forgotten() {
    let (mut stage, settings) = watched();
    let mut made = Vec::new();
    for hour in 0..60 {
        if hour < 40 {
            put(&stage, &format!("claude-code-vm/2.1.{hour}/claude"));
        }
        stage.begin(&settings);
        if !stage.told("backed-up").is_empty() {
            made.push(hour);
        }
        stage.pass(SignedDuration::from_hours(1));
    }
    assert_eq!(made, [0, 24, 48]);
}

#[test]
fn old_backups_of_its_own_go_by_the_rule_and_no_other_archive_does() {
    let (mut stage, settings) = watched();
    let by_hand = crate::backup::create(
        &stage.world(),
        &crate::scan::run(&stage.world(), crate::scan::Options::default()),
        &crate::backup::Options::default(),
        &Quiet,
    )
    .unwrap();
    verified::remember(&stage.world(), &by_hand.archive).unwrap();
    let mut edited = None;
    for day in 0..80 {
        put(&stage, &format!("claude-code-vm/2.1.{day}/claude"));
        stage.pass(SignedDuration::from_hours(25));
        stage.begin(&settings);
        if day == 3 {
            let path = verified::list(&stage.world()).last().unwrap().path.clone();
            std::fs::File::options().append(true).open(&path).unwrap().set_len(1).unwrap();
            edited = Some(path);
        }
    }
    let folder = stage.world.backup_dir();
    let archives = std::fs::read_dir(folder).unwrap().filter(|e| e.as_ref().unwrap().path().extension().is_some_and(|x| x == "gz")).count();
    assert!((12..=20).contains(&archives), "{archives} of 81");
    assert!(by_hand.archive.exists() && edited.unwrap().exists());
    assert_eq!(stage.told("thinned").len(), 81 - archives);
}
