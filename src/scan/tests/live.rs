//! What a scan says is in use.

use super::*;
use crate::model::SessionIx;
use jiff::Timestamp;
#[cfg(target_os = "linux")]
use std::process::{Child, Command};

#[test]
fn a_file_changed_just_now_makes_its_session_live_and_one_from_the_far_future_does_not() {
    let home = Home::new();
    home.output("draft.md", "x");
    let file = fs::File::options().write(true).open(home.at(&format!("{ORG}/{ID}/outputs/draft.md"))).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(20)).unwrap();
    let live = home.scan().sessions[0].live.clone();
    assert!(live.as_deref().is_some_and(|l| l.starts_with("a file of it changed 2")), "{live:?}");
    file.set_modified(SystemTime::now() + Duration::from_hours(24 * 365 * 60)).unwrap();
    drop(file);
    assert_eq!(home.scan().sessions[0].live, None);
}

#[cfg(target_os = "linux")]
#[test]
fn a_session_with_a_file_open_elsewhere_is_live() {
    let home = Home::new();
    home.output("draft.md", "x");
    let path = home.at(&format!("{ORG}/{ID}/outputs/draft.md"));
    let mut child = std::process::Command::new("sleep").arg("600").stdin(fs::File::open(path).unwrap()).spawn().unwrap();
    let live = home.scan().sessions[0].live.clone();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(live.as_deref().is_some_and(|l| l.contains("open in sleep")), "{live:?}");
}

#[cfg(unix)]
#[test]
fn a_link_made_just_now_does_not_make_a_quiet_session_live() {
    let home = Home::new();
    home.output("draft.md", "x");
    std::os::unix::fs::symlink("/nowhere", home.at(&format!("{ORG}/{ID}/outputs/latest"))).unwrap();
    assert_eq!(home.scan().sessions[0].live, None);
}

impl Home {
    /// A file of the session, a day old.
    fn session_file(&self, path: &str, text: &str) {
        self.write(&format!("{ORG}/{ID}/{path}"), text);
    }

    fn live(&self) -> Option<String> {
        self.scan().sessions[0].live.clone()
    }

    /// Changes a file so many seconds ago.
    fn touch(&self, path: &str, ago: u64) {
        let file = fs::File::options().write(true).open(self.at(&format!("{ORG}/{ID}/{path}"))).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(ago)).unwrap();
    }
}

const ASKED: &str = r#"{"type":"user","message":{"role":"user","content":"Please write a note."}}"#;
const RESULT: &str = r#"{"type":"result","subtype":"success"}"#;

#[test]
fn an_open_turn_counts_only_together_with_a_change_a_moment_ago() {
    let home = Home::new();
    home.session_file("audit.jsonl", &format!("{RESULT}\n{ASKED}\n"));
    home.session_file("outputs/draft.md", "x");
    assert_eq!(home.live(), None, "a session that crashed a day ago");
    home.touch("outputs/draft.md", 20);
    let live = home.live().unwrap();
    assert!(live.starts_with("a turn is open in the audit log, and a file of it changed 2"), "{live}");
    home.session_file("audit.jsonl", &format!("{ASKED}\n{RESULT}\n"));
    let live = home.live().unwrap();
    assert!(live.starts_with("a file of it changed 2"), "{live}");
}

#[test]
fn a_session_whose_record_tells_of_a_moment_ago_is_in_use_and_so_is_what_it_started() {
    let home = Home::new();
    let now = Timestamp::now().as_millisecond() - 5000;
    let agent = format!(r#"{{"sessionId":"local_ditto_7","sessionType":"agent","createdAt":1783372201477,"lastActivityAt":{now}}}"#);
    home.write(&format!("{ORG}/agent/local_ditto_7.json"), agent);
    let child = format!(r#"{{"sessionId":"{ID}","createdAt":1783372201477,"parentSessionId":"local_ditto_7"}}"#);
    home.write(&format!("{ORG}/{ID}.json"), child);
    let catalog = home.scan();
    let live = |id: &str| catalog.sessions.iter().find(|s| s.id == id).unwrap().live.clone().unwrap();
    assert!(live("local_ditto_7").starts_with("active "), "{}", live("local_ditto_7"));
    assert_eq!(live(ID), "local_ditto_7, which started it, is in use");
}

#[test]
fn a_stopped_scan_still_tells_what_is_in_use() {
    let home = Home::new();
    home.output("draft.md", "x");
    home.touch("outputs/draft.md", 20);
    let mut scan = Scan::start(&home.world(), Options::default());
    while !matches!(scan.phase(), Phase::Walking | Phase::Checking(..) | Phase::Done) {
        scan.pump(Duration::ZERO);
    }
    scan.stop();
    let catalog = scan.finish();
    if catalog.find(&home.at(&format!("{ORG}/{ID}/outputs/draft.md"))).is_some() {
        assert!(catalog.sessions[0].live.is_some());
    }
}

fn app() -> crate::platform::Process {
    crate::platform::Process { pid: 7, name: "claude-desktop".into(), exe: None, started: 0, ticks: None, script: None }
}

#[test]
fn the_app_running_keeps_its_records_caches_and_disk_and_no_quiet_session() {
    let home = Home::new();
    home.output("draft.md", "x");
    home.session_file(".claude/shell-snapshots/snapshot-bash-1.sh", "x");
    let app_data = ".config/Claude";
    home.write(&format!("{app_data}/Cache/Cache_Data/data_0"), "x");
    home.write(&format!("{app_data}/vm_bundles/claudevm.bundle/sessiondata.img"), "x");
    home.write(&format!("{app_data}/vm_bundles/claudevm.bundle/rootfs.img"), "x");
    let catalog = run(&home.world().with_processes(vec![app()]), Options::default());
    let live = |path: String| catalog.is_live(catalog.find(&home.at(&path)).unwrap());
    for path in ["Cache/Cache_Data", "vm_bundles/claudevm.bundle/sessiondata.img", "vm_bundles/claudevm.bundle/rootfs.img"] {
        assert!(live(format!("{app_data}/{path}")), "{path}");
    }
    assert!(live(format!("{ORG}/{ID}.json")), "its record");
    for path in ["outputs/draft.md", ".claude/shell-snapshots/snapshot-bash-1.sh", "outputs"] {
        assert!(!live(format!("{ORG}/{ID}/{path}")), "{path}");
    }
    assert_eq!(catalog.sessions[0].live, None);
    let quiet = home.scan();
    assert!(quiet.ids().all(|id| !quiet.is_live(id)), "without the app nothing is in use");
}

/// A home with a session and an old version of the program, and what a use of something makes of them.
fn used(place: impl FnOnce(&Catalog, &Home) -> crate::platform::Place) -> (Home, Catalog) {
    let home = Home::new();
    home.output("draft.md", "x");
    home.write(".config/Claude/claude-code/2.1.2/claude", "x");
    home.write(".config/Claude/claude-code/2.1.9/claude", "x");
    home.write(".config/Claude/Cookies", "x");
    let mut catalog = home.scan();
    assert!(catalog.ids().all(|id| !catalog.is_live(id)));
    let uses = platform::Uses { found: vec![(place(&catalog, &home), "open in vim (process 9)".into())], closed: Vec::new() };
    super::super::live::mark(&home.world(), &mut catalog, &uses);
    (home, catalog)
}

fn node(home: &Home, catalog: &Catalog, path: &str) -> NodeId {
    catalog.find(&home.at(path)).unwrap()
}

#[cfg(unix)]
#[test]
fn a_file_that_is_only_locked_is_found_by_its_inode() {
    let (_, catalog) = used(|catalog, home| {
        let id = node(home, catalog, &format!("{ORG}/{ID}/outputs/draft.md"));
        platform::Place::Inode(catalog.dev(id), catalog.node(id).ino)
    });
    assert_eq!(catalog.session(SessionIx::at(0)).live.as_deref(), Some("something in it is open in vim (process 9)"));
}

#[test]
fn a_file_that_was_removed_while_it_is_open_still_tells_of_its_session() {
    let (_, catalog) = used(|_, home| platform::Place::Path(home.at(&format!("{ORG}/{ID}/outputs/gone.txt (deleted)"))));
    assert!(catalog.session(SessionIx::at(0)).live.is_some());
}

#[test]
fn what_is_used_outside_of_sessions_stays_whole_and_whoever_looks_around_holds_nothing() {
    let (home, catalog) = used(|_, home| platform::Place::Path(home.at(".config/Claude/claude-code/2.1.2/claude")));
    let old = node(&home, &catalog, ".config/Claude/claude-code/2.1.2");
    assert_eq!(catalog.live_because(old).as_deref(), Some("something in it is open in vim (process 9)"));
    assert!(catalog.below(old).all(|id| catalog.is_live(id)));
    assert_eq!(catalog.session(SessionIx::at(0)).live, None);
    let (_, catalog) = used(|_, home| platform::Place::Path(home.at(".config/Claude")));
    assert!(catalog.ids().all(|id| !catalog.is_live(id)));
}

#[test]
fn a_service_of_the_app_that_cannot_be_looked_into_keeps_its_sessions_and_any_other_process_does_not() {
    let home = Home::new();
    home.output("draft.md", "x");
    let live = |pid| {
        let world = home.world().with_processes(vec![
            crate::platform::Process { pid: 12, name: "cowork-svc".into(), ..app() },
            crate::platform::Process { pid: 13, name: "sshd".into(), ..app() },
        ]);
        let mut catalog = run(&home.world(), Options::default());
        super::super::live::mark(&world, &mut catalog, &platform::Uses { found: Vec::new(), closed: vec![pid] });
        catalog.sessions[0].live.clone()
    };
    assert_eq!(live(12).as_deref(), Some("what cowork-svc (process 12), which belongs to Claude Cowork, has open cannot be told"));
    assert_eq!(live(13), None);
}

#[cfg(target_os = "linux")]
struct Running(Child);

#[cfg(target_os = "linux")]
impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Why the session is in use while this runs; asked until the program has got so far.
#[cfg(target_os = "linux")]
fn while_it_runs(home: &Home, command: &mut Command, wanted: &str) {
    let _running = Running(command.spawn().unwrap());
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        let live = home.live();
        if live.as_deref().is_some_and(|l| l.contains(wanted)) {
            return;
        }
        assert!(Instant::now() < end, "{wanted}: {live:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_session_is_live_while_somebody_works_in_it_or_runs_a_program_of_it() {
    let home = Home::new();
    home.output("work/draft.md", "x");
    let outputs = home.at(&format!("{ORG}/{ID}/outputs"));
    while_it_runs(&home, Command::new("sleep").arg("600").current_dir(outputs.join("work")), "the working folder of sleep");
    home.output("tool", fs::read("/bin/sleep").unwrap());
    fs::set_permissions(outputs.join("tool"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    while_it_runs(&home, Command::new(outputs.join("tool")).arg("600"), "run as tool");
    assert_eq!(home.live(), None);
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_opened_through_another_path_by_a_process_with_mounts_of_its_own_is_seen() {
    let home = Home::new();
    home.output("draft.md", "x");
    let inside = "mount --bind \"$1\" /mnt && exec sleep 600 < /mnt/draft.md";
    let outputs = home.at(&format!("{ORG}/{ID}/outputs"));
    let unshare = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["-Urm", "sh", "-c", script, "sh"]).arg(&outputs);
        command
    };
    if !unshare("mount --bind \"$1\" /mnt").status().is_ok_and(|s| s.success()) {
        println!("skipped: no user namespaces here");
        return;
    }
    while_it_runs(&home, &mut unshare(inside), "open in sleep");
}

#[cfg(target_os = "linux")]
#[test]
fn a_store_reached_through_a_link_is_recognised_in_what_processes_have_open() {
    let home = Home::new();
    home.output("draft.md", "x");
    let link = home.at("linked");
    std::os::unix::fs::symlink(home.at(".config/Claude"), &link).unwrap();
    let file = fs::File::open(home.at(&format!("{ORG}/{ID}/outputs/draft.md"))).unwrap();
    let _running = Running(Command::new("sleep").arg("600").stdin(file).spawn().unwrap());
    let catalog = run(&home.world(), Options { roots: vec![link], ..Options::default() });
    assert!(catalog.sessions[0].live.as_deref().is_some_and(|l| l.contains("open in sleep")), "{:?}", catalog.sessions);
}
