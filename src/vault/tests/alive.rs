//! A session that comes alive between plan and deed, each way it can.

use crate::model::{Class, Plan, Quiet, Receipt};
use crate::platform::Process;
use crate::vault::{Consent, Selection, again, clean, plan, undo};
use crate::world::World;
use crate::{demo, scan};
use std::io::Write;
use std::path::{Path, PathBuf};

const SESSION: &str = "Quarterly report";
const ASKED: &str = r#"{"type":"user","message":{"role":"user","content":"One thing more, please."}}"#;
const DONE: &str = r#"{"type":"result","subtype":"success"}"#;

/// The sample home with a plan of everything that is rebuildable or flushed.
struct Planned {
    _dir: tempfile::TempDir,
    world: World,
    plan: Plan,
    /// The folder of the session that comes alive.
    session: PathBuf,
}

impl Planned {
    fn new() -> Self {
        Self::of(&[Class::Rebuildable, Class::Flushed])
    }

    fn of(classes: &[Class]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().join("home");
        demo::make(&home, &demo::Shape { now: jiff::Timestamp::now(), bulk: 0 }).unwrap();
        let world = demo::world(&home);
        let catalog = scan::run(&world, scan::Options::default());
        let plan = plan(&world, &catalog, &Selection { classes: classes.to_vec(), ..Selection::default() });
        let session = catalog.sessions.iter().find(|s| s.title == SESSION).unwrap();
        assert_eq!(session.live, None);
        let this = Self { session: session.dir.clone().unwrap(), _dir: dir, world, plan };
        assert!(this.inside(&this.session).len() > 2, "{:?}", this.inside(&this.session));
        assert!(this.inside(&this.session).len() + 10 < this.plan.items.len());
        this
    }

    /// The plan's items in a folder.
    fn inside(&self, folder: &Path) -> Vec<PathBuf> {
        self.plan.items.iter().filter_map(|i| i.path.to_path()).filter(|p| p.starts_with(folder)).collect()
    }

    fn append(&self, path: &str, line: &str) {
        let mut file = std::fs::File::options().append(true).open(self.session.join(path)).unwrap();
        writeln!(file, "{line}").unwrap();
    }

    fn carry_out(&self) -> Receipt {
        clean(&self.world, &self.plan, Consent { at_risk: true, dry_run: false }, &Quiet).unwrap()
    }

    /// Carries the plan out; what is in these folders, and nothing else, must stay, each item named with such a reason.
    fn keeps(&self, folders: &[PathBuf], reason: &str) {
        let kept: Vec<PathBuf> = folders.iter().flat_map(|f| self.inside(f)).collect();
        assert!(!kept.is_empty());
        let dry = clean(&self.world, &self.plan, Consent { at_risk: true, dry_run: true }, &Quiet).unwrap();
        let stay = again(&self.world, scan::run(&self.world, scan::Options::default()), &mut self.plan.clone());
        let receipt = self.carry_out();
        for skipped in [&receipt.skipped, &dry.skipped, &stay] {
            let mut named: Vec<PathBuf> = skipped.iter().map(|s| s.path.to_path().unwrap()).collect();
            named.sort();
            let mut kept = kept.clone();
            kept.sort();
            assert_eq!(named, kept);
            assert!(skipped.iter().all(|s| s.reason.contains(reason)), "{skipped:?}");
        }
        assert_eq!(receipt.moved, (self.plan.items.len() - kept.len()) as u64);
        assert!(kept.iter().all(|path| path.symlink_metadata().is_ok()));
    }
}

fn process(pid: u32, name: &str) -> Process {
    Process { pid, name: name.into(), exe: None, started: 0, ticks: None, script: None }
}

#[test]
fn nothing_new_keeps_nothing() {
    let planned = Planned::new();
    assert_eq!(planned.carry_out().skipped, []);
}

#[test]
fn a_process_that_wrote_itself_down_keeps_its_session() {
    let mut planned = Planned::new();
    let file = planned.session.join(".claude/sessions/4242.json");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, r#"{"pid": 4242}"#).unwrap();
    planned.world = planned.world.clone().with_processes(vec![process(4242, "claude")]);
    planned.keeps(std::slice::from_ref(&planned.session), "in use: its process 4242 runs");
}

#[cfg(target_os = "linux")]
#[test]
fn an_open_file_keeps_its_session() {
    let planned = Planned::new();
    let file = std::fs::File::open(planned.session.join("audit.jsonl")).unwrap();
    // It ends with the pipe it reads from, whatever becomes of this test.
    let mut cat = std::process::Command::new("cat").stdin(std::process::Stdio::piped()).stdout(file).spawn().unwrap();
    planned.keeps(std::slice::from_ref(&planned.session), "open in cat");
    drop(cat.stdin.take());
    cat.wait().unwrap();
}

#[test]
fn a_turn_that_was_begun_keeps_its_session_whole() {
    let planned = Planned::new();
    planned.append("audit.jsonl", ASKED);
    planned.keeps(std::slice::from_ref(&planned.session), "a turn is open in the audit log, and a file of it changed ");
}

#[test]
fn a_turn_that_ended_keeps_only_what_it_changed() {
    let planned = Planned::new();
    planned.append("audit.jsonl", ASKED);
    planned.append("audit.jsonl", DONE);
    let changed = planned.inside(&planned.session).into_iter().find(|p| p.is_file()).unwrap();
    std::fs::write(&changed, "something else").unwrap();
    let receipt = planned.carry_out();
    let named: Vec<_> = receipt.skipped.iter().map(|s| (s.path.to_path().unwrap(), s.reason.as_str())).collect();
    assert_eq!(named, [(changed, "it changed since the plan was made")]);
    assert_eq!(receipt.moved, planned.plan.items.len() as u64 - 1);
}

#[test]
fn a_turn_left_open_long_ago_keeps_nothing() {
    let planned = Planned::new();
    planned.append("audit.jsonl", ASKED);
    let file = std::fs::File::options().write(true).open(planned.session.join("audit.jsonl")).unwrap();
    file.set_modified(std::time::SystemTime::now() - std::time::Duration::from_hours(1)).unwrap();
    assert_eq!(planned.carry_out().skipped, []);
}

#[test]
fn the_app_started_meanwhile_keeps_its_records_and_caches_and_no_session() {
    let mut planned = Planned::of(&Class::ALL);
    planned.world = planned.world.clone().with_processes(vec![process(7, "claude-desktop")]);
    let receipt = planned.carry_out();
    assert!(receipt.skipped.iter().all(|s| s.reason == "in use: Claude Desktop runs (process 7)"), "{:?}", receipt.skipped);
    let stays = |path: &Path| receipt.skipped.iter().any(|s| s.path.to_path().as_deref() == Some(path));
    let data = demo::app_data(&planned.world.home);
    let protected = |path: &PathBuf| {
        let record = path.extension().is_some_and(|e| e == "json") && path.file_name().unwrap().to_string_lossy().starts_with("local_");
        record || ["Cache", "Code Cache", "GPUCache", "vm_bundles"].iter().any(|name| path.starts_with(data.join(name)))
    };
    let items: Vec<PathBuf> = planned.inside(&data);
    assert!(items.iter().filter(|p| protected(p)).count() > 5, "{items:?}");
    assert!(items.iter().filter(|p| protected(p)).all(|p| stays(p)));
    assert!(planned.inside(&planned.session).iter().all(|p| !stays(p)), "a quiet session was kept");
}

#[test]
fn an_undo_puts_things_back_into_a_session_that_is_in_use_and_says_so() {
    let mut planned = Planned::new();
    let moved = planned.carry_out().moved;
    let quiet = undo(&planned.world, None, true, &Quiet).unwrap();
    assert_eq!((quiet.moved, quiet.notes), (moved, vec![]));
    planned.append("audit.jsonl", ASKED);
    planned.world = planned.world.clone().with_processes(vec![process(7, "claude-desktop")]);
    let receipt = undo(&planned.world, None, false, &Quiet).unwrap();
    assert_eq!((receipt.moved, receipt.failed.len()), (moved, 0));
    let said = |what: &str| receipt.notes.iter().filter(|n| n.contains(what)).count();
    assert_eq!((said("a turn is open in the audit log"), said("Claude Desktop runs (process 7)")), (1, 1), "{:?}", receipt.notes);
}
