//! What deeds do not do twice.

use super::Home;
use super::faulty::Faulty;
use crate::vault::state::State;
use crate::vault::{Consent, clean};
use std::time::{Duration, SystemTime};

#[test]
fn a_folder_is_opened_once_for_the_items_in_it_that_follow_each_other() {
    let operations = |files: &[&str]| {
        let (home, fs) = (Home::light(files), Faulty::calm());
        let done = clean::clean(&home.desk(&fs), &home.all(), Consent { at_risk: true, dry_run: true });
        assert_eq!(done.unwrap().moved, files.len() as u64);
        fs.operations()
    };
    let one = operations(&["folder/cache1"]);
    // A look at it, and nothing else.
    assert_eq!(operations(&["folder/cache1", "folder/cache2"]), one + 1);
    assert_eq!(operations(&["folder/cache1", "other/cache2"]), one + 2);
}

#[test]
fn a_journal_that_is_at_home_already_is_not_written_there_again() {
    let (mut home, other) = (Home::light(&["cache"]), tempfile::tempdir().unwrap());
    home.world.spare_dirs = vec![other.path().to_path_buf()];
    home.clean(&home.all());
    let fs = Faulty::calm();
    let state = State::of(&home.world, &fs);
    state.spares()[0].make(&fs).unwrap();
    let journals = state.home().to_path_buf();
    let is_journal = |path: &std::path::PathBuf| path.extension().is_some_and(|e| e == "journal");
    let at_home = journals.read_dir().unwrap().map(|e| e.unwrap().path()).find(is_journal).unwrap();
    let away = state.spares()[0].path().join(at_home.file_name().unwrap());
    std::fs::copy(&at_home, &away).unwrap();
    let then = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    std::fs::File::options().append(true).open(&at_home).unwrap().set_modified(then).unwrap();
    state.bring_home();
    assert!(!away.exists());
    assert_eq!(std::fs::metadata(&at_home).unwrap().modified().unwrap(), then);
}
