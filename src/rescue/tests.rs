//! The whole deed in a sample home: planned, carried out, undone.

use super::{Rescue, carry_out, plan};
use crate::model::{Catalog, Class, PathText, Quiet, Receipt, SessionIx, Stop, Watch};
use crate::vault::{self, Selection};
use crate::world::World;
use crate::{demo, scan};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

struct Home {
    _dir: tempfile::TempDir,
    world: World,
}

fn home() -> Home {
    let dir = tempfile::tempdir().unwrap();
    let then = "2026-10-02T12:00:00Z".parse().unwrap();
    demo::make(&dir.path().join("home"), &demo::Shape { now: then, bulk: 0 }).unwrap();
    let world = demo::world(&dir.path().join("home")).with_clock(then);
    Home { _dir: dir, world }
}

impl Home {
    fn look(&self) -> Catalog {
        scan::run(&self.world, scan::Options::default())
    }
}

fn session(catalog: &Catalog, title: &str) -> SessionIx {
    SessionIx::at(catalog.sessions.iter().position(|s| s.title == title).unwrap_or_else(|| panic!("no session {title}")))
}

fn all_of(sessions: Vec<SessionIx>) -> [Selection; 1] {
    [Selection { sessions, classes: Class::ALL.to_vec(), ..Selection::default() }]
}

/// Every file below a folder, with what it holds; of a link, where it leads.
fn files(top: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let all = walkdir::WalkDir::new(top).into_iter().map(Result::unwrap).filter(|e| !e.file_type().is_dir());
    let read = |path: &Path| {
        std::fs::read_link(path).map_or_else(|_| std::fs::read(path).unwrap(), |to| crate::model::to_bytes(to.as_os_str()).into_owned())
    };
    all.map(|e| (e.path().to_path_buf(), read(e.path()))).collect()
}

fn paths<'a>(all: impl Iterator<Item = &'a PathText>) -> Vec<PathBuf> {
    all.map(|p| p.to_path().unwrap()).collect()
}

fn at_risk(rescue: &Rescue) -> Vec<PathBuf> {
    paths(rescue.plan.items.iter().filter(|i| i.class == Class::AtRisk).map(|i| &i.path))
}

#[test]
fn what_exists_only_here_is_copied_and_proven_before_it_goes_and_undo_puts_it_all_back() {
    let home = home();
    let catalog = home.look();
    let ix = session(&catalog, "Quarterly report");
    let dir = catalog.session(ix).dir.clone().unwrap();
    let before = files(&dir);
    let rescue = plan(&home.world, &catalog, &all_of(vec![ix]));
    let only_here = at_risk(&rescue);
    assert!(only_here.contains(&dir.join("outputs/chart.png")), "{only_here:?}");
    assert_eq!(only_here.len(), rescue.copies.len());
    assert!(rescue.plan.items.iter().any(|i| i.class == Class::Rebuildable));

    let done = carry_out(&home.world, &catalog, &rescue, false, &Quiet).unwrap();
    assert_eq!((done.receipt.failed.len(), done.receipt.skipped.len()), (0, 0), "{:?}", done.receipt);
    assert_eq!(done.receipt.moved, rescue.plan.items.len() as u64);
    assert_eq!(done.receipt.verb, "clean");
    assert!(done.receipt.notes.iter().any(|n| n.contains("undo puts back")), "{:?}", done.receipt.notes);
    for path in &only_here {
        assert!(!path.exists(), "{}", path.display());
        let copy = done.copies.iter().find(|c| c.path.to_path().as_ref() == Some(path)).unwrap().copy.to_path().unwrap();
        assert_eq!(std::fs::read(&copy).unwrap(), before[path]);
    }
    let standing = vault::history(&home.world).unwrap();
    assert_eq!(standing.len(), 1, "it is one operation");

    let back = vault::undo(&home.world, None, false, &Quiet).unwrap();
    assert_eq!((back.moved, back.failed.len()), (done.receipt.moved, 0));
    assert_eq!(files(&dir), before);
    assert!(done.copies.iter().all(|c| c.copy.to_path().unwrap().exists()), "the copies stay");
}

#[test]
fn a_conversation_a_link_and_noise_stay_and_each_is_named() {
    let home = home();
    let catalog = home.look();
    let ix = session(&catalog, "Quarterly report");
    let rescue = plan(&home.world, &catalog, &all_of(vec![ix]));
    let why = |end: &str| {
        rescue.plan.skipped.iter().find(|s| s.path.path.ends_with(end)).unwrap_or_else(|| panic!("{end} is not named")).reason.clone()
    };
    assert!(why("outputs/empty.log").starts_with("empty"));
    assert!(why("the report folder").starts_with("a link"));
    assert!(why(".jsonl").starts_with("part of the conversation"));
    let planned = paths(rescue.plan.items.iter().map(|i| &i.path));
    assert!(!planned.iter().any(|p| p.extension().is_some_and(|e| e == "jsonl")));
    let row = &rescue.rows[0];
    assert_eq!((row.name.as_str(), row.copies.len(), row.items.len()), ("Quarterly report", rescue.copies.len(), rescue.plan.items.len()));
    assert_eq!(row.kept.len(), rescue.plan.skipped.len());
    assert!(row.folder.as_ref().unwrap().ends_with("Quarterly report"));
}

#[test]
fn a_session_in_use_stays_whole_and_nothing_of_it_is_copied() {
    let home = home();
    let catalog = home.look();
    let live = (0..catalog.sessions.len()).map(SessionIx::at).find(|ix| catalog.session(*ix).live.is_some()).unwrap();
    let rescue = plan(&home.world, &catalog, &all_of(vec![live]));
    assert_eq!((rescue.plan.items.len(), rescue.copies.len()), (0, 0));
    assert!(rescue.plan.skipped.iter().any(|s| s.reason.starts_with("in use")), "{:?}", rescue.plan.skipped);
}

#[test]
fn a_dry_run_writes_nothing_and_says_the_same() {
    let home = home();
    let catalog = home.look();
    let rescue = plan(&home.world, &catalog, &all_of(vec![session(&catalog, "Quarterly report")]));
    let before = files(&home.world.home);
    let done = carry_out(&home.world, &catalog, &rescue, true, &Quiet).unwrap();
    assert_eq!(files(&home.world.home), before);
    assert_eq!((done.receipt.moved, done.receipt.dry_run), (rescue.plan.items.len() as u64, true), "{:?}", done.receipt.skipped);
    assert_eq!(done.copies.len(), rescue.copies.len());
}

/// Carries out with the durable folders' parent in the way, and gives the receipt.
fn without_a_place(home: &Home, catalog: &Catalog, rescue: &Rescue) -> Receipt {
    let parent = home.world.documents.join("Claude Cowork");
    assert!(!parent.exists());
    std::fs::write(&parent, "a file in the way").unwrap();
    carry_out(&home.world, catalog, rescue, false, &Quiet).unwrap().receipt
}

#[test]
fn what_cannot_be_copied_stays_and_is_named_and_what_comes_back_goes_all_the_same() {
    let home = home();
    let catalog = home.look();
    let rescue = plan(&home.world, &catalog, &all_of(vec![session(&catalog, "Quarterly report")]));
    let only_here = at_risk(&rescue);
    let receipt = without_a_place(&home, &catalog, &rescue);
    assert_eq!(receipt.moved, (rescue.plan.items.len() - only_here.len()) as u64);
    for path in &only_here {
        assert!(path.exists(), "{}", path.display());
        assert!(receipt.failed.iter().any(|f| f.path.to_path().as_ref() == Some(path)), "{} is not named", path.display());
    }
}

#[test]
fn a_copy_that_somebody_changes_before_the_move_proves_nothing() {
    /// Changes every copy of the chart as soon as things are moved.
    struct Meddler(PathBuf);
    impl Watch for Meddler {
        fn at(&self, progress: &crate::model::Progress) {
            if progress.verb == "Moving" && self.0.exists() {
                std::fs::write(&self.0, "other bytes").unwrap();
            }
        }
        fn stopped(&self) -> bool {
            false
        }
    }
    let home = home();
    let catalog = home.look();
    let rescue = plan(&home.world, &catalog, &all_of(vec![session(&catalog, "Quarterly report")]));
    let chart = rescue.copies.iter().find(|c| c.path.path.ends_with("outputs/chart.png")).unwrap();
    let (from, to) = (chart.path.to_path().unwrap(), chart.copy.to_path().unwrap());
    let done = carry_out(&home.world, &catalog, &rescue, false, &Meddler(to)).unwrap();
    assert!(from.exists());
    let why = &done.receipt.skipped.iter().find(|s| s.path.to_path().as_ref() == Some(&from)).unwrap().reason;
    assert!(why.contains("no longer proven"), "{why}");
}

#[test]
fn stopped_while_it_copies_nothing_is_moved() {
    struct After(Stop);
    impl Watch for After {
        fn at(&self, progress: &crate::model::Progress) {
            if progress.verb == "Flushing" {
                self.0.stop();
            }
        }
        fn stopped(&self) -> bool {
            self.0.is_stopped()
        }
    }
    let home = home();
    let catalog = home.look();
    let rescue = plan(&home.world, &catalog, &all_of(vec![session(&catalog, "Quarterly report")]));
    let done = carry_out(&home.world, &catalog, &rescue, false, &After(Stop::default())).unwrap();
    assert!(done.receipt.interrupted && done.receipt.moved == 0);
    assert!(done.receipt.failed.is_empty(), "stopping is no failure: {:?}", done.receipt.failed);
    assert!(rescue.plan.items.iter().all(|i| crate::platform::facts(&i.path.to_path().unwrap()).is_ok()));
}

#[test]
fn of_a_selection_only_what_is_selected_is_copied() {
    let home = home();
    let catalog = home.look();
    let dir = catalog.session(session(&catalog, "Quarterly report")).dir.clone().unwrap();
    let chart = dir.join("outputs/chart.png");
    let nodes = vec![catalog.find(&chart).unwrap()];
    let rescue = plan(&home.world, &catalog, &[Selection { nodes, classes: Class::ALL.to_vec(), ..Selection::default() }]);
    assert_eq!(paths(rescue.copies.iter().map(|c| &c.path)), std::slice::from_ref(&chart));
    let done = carry_out(&home.world, &catalog, &rescue, false, &Quiet).unwrap();
    assert_eq!((done.copies.len(), done.receipt.moved), (1, 1));
    assert!(!chart.exists() && dir.join("outputs/draft.md").exists());
    assert!(!home.world.documents.join("Claude Cowork/Quarterly report/outputs/draft.md").exists());
}
