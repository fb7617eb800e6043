//! Small homes of every shape, and what is made of them.

use super::*;
use crate::model::{Class, Kind, Marks, Session};
use crate::platform::Process;
use crate::world::World;
use proptest::prelude::*;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

mod in_use;

const ORG: &str = "local-agent-mode-sessions/cb872a6d-86d0-5b87-bcc4-bec7aa7d510a/3dfbc956-d9cf-5559-8e62-5d12e24c9f0f";
const ID: &str = "local_1b98a569-81b3-4c55-bd0f-4d0517582421";
/// 2026-07-06T21:10:01.477Z
const THEN: i64 = 1_783_372_201_477;

struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }
    fn path(&self) -> &Path {
        self.0.path()
    }
    /// A data folder in the usual place, with nothing in it yet.
    fn ud(&self) -> PathBuf {
        let ud = self.path().join(".config/Claude");
        fs::create_dir_all(ud.join(ORG)).unwrap();
        ud
    }
    fn file(&self, path: impl AsRef<Path>, text: &str) -> PathBuf {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }
    fn in_org(&self, path: &str, text: &str) -> PathBuf {
        self.file(self.ud().join(ORG).join(path), text)
    }
    fn world(&self) -> World {
        self.world_with(&[])
    }
    fn world_with(&self, env: &[(&str, &Path)]) -> World {
        let env = env.iter().map(|(k, v)| ((*k).into(), v.as_os_str().to_owned())).collect();
        World::at(self.path(), env).with_clock("2026-11-20T12:00:00Z".parse().unwrap())
    }
    fn found(&self) -> Found {
        Cowork.read(&self.world(), &self.ud())
    }
    fn only_session(&self) -> Session {
        let mut found = self.found();
        assert_eq!(found.sessions.len(), 1, "{:?}", found.sessions);
        found.sessions.remove(0)
    }
}

fn record(extra: &str) -> String {
    format!(r#"{{"sessionId": "{ID}", "createdAt": {THEN}, "lastActivityAt": {THEN}, "enabledMcpTools": {{"": true}}{extra}}}"#)
}

fn process(pid: u32, name: &str, started: u64) -> Process {
    Process { pid, name: name.into(), exe: None, started, ticks: None, script: None }
}

/// What a path below a data folder means; every part but the last is a folder. `!` after a part names what lies beside.
fn place(path: &str) -> (Place, Meaning) {
    place_of(path, Kind::File, &[])
}

fn place_of(path: &str, kind: Kind, beside: &[&str]) -> (Place, Meaning) {
    let parts: Vec<&str> = path.split('/').collect();
    let mut spot = Place::Ud.spot();
    for (at, part) in parts.iter().enumerate() {
        let last = at + 1 == parts.len();
        let mut all: Vec<&[u8]> = vec![part.as_bytes()];
        all.extend(beside.iter().map(|b| b.as_bytes()));
        spot = Cowork.child(spot, Seen { name: part.as_bytes(), kind: if last { kind } else { Kind::Dir }, beside: &all });
    }
    (Place::of(spot), Cowork.meaning(spot))
}

fn class(path: &str) -> Class {
    place(path).1.verdict.class
}

fn in_session(path: &str) -> String {
    format!("{ORG}/{ID}/{path}")
}

// Where the store is.

#[test]
fn the_store_is_found_in_the_shapes_of_every_platform() {
    for shape in [
        "Library/Application Support/Claude",
        "Library/Application Support/Claude-3p",
        "Library/Application Support/Claude Nest",
        "Library/Application Support/Parallex/instances/work/data",
        "Library/Application Support/Parall/Claude Work",
        "AppData/Roaming/Claude",
        "AppData/Roaming/Claude-3p",
        "AppData/Local/Claude-3p",
        "AppData/Local/Claude Nest",
        "AppData/Local/Claude-Data",
        "AppData/Local/Claude-Data/claude_pzs8sxrjxfjjc",
        "AppData/Local/Packages/Claude_pzs8sxrjxfjjc/LocalCache/Roaming/Claude",
        "AppData/Local/Packages/AnthropicPBC.Claude_fnn82j28hfe8t/LocalCache/Roaming/Claude",
        ".config/Claude",
        ".config/Claude-3p",
    ] {
        let home = Home::new();
        fs::create_dir_all(home.path().join(shape).join("local-agent-mode-sessions")).unwrap();
        let expected = vec![home.path().join(shape)];
        assert_eq!(Cowork.roots(&home.world(), &[]), expected, "{shape}");
        let elsewhere = Home::new();
        assert_eq!(Cowork.roots(&elsewhere.world(), &[home.path().to_path_buf()]), expected, "{shape} by --root");
    }
}

#[test]
fn an_empty_or_foreign_folder_is_no_store() {
    let home = Home::new();
    fs::create_dir_all(home.path().join(".config/Claude")).unwrap();
    home.file("AppData/Local/Claude Nest/save.dat", "a game");
    assert_eq!(Cowork.roots(&home.world(), &[]), Vec::<PathBuf>::new());
}

#[test]
fn the_variables_of_the_platforms_move_the_store() {
    let (home, other) = (Home::new(), Home::new());
    for (key, shape) in [("XDG_CONFIG_HOME", "Claude"), ("APPDATA", "Claude"), ("LOCALAPPDATA", "Claude-3p")] {
        fs::create_dir_all(other.path().join(shape).join("vm_bundles")).unwrap();
        assert_eq!(Cowork.roots(&home.world_with(&[(key, other.path())]), &[]), [other.path().join(shape)], "{key}");
    }
}

#[test]
fn an_override_replaces_the_defaults_and_root_replaces_everything() {
    let (home, other, third) = (Home::new(), Home::new(), Home::new());
    home.ud();
    let (sessions, given) = (other.ud().join("local-agent-mode-sessions"), third.ud());
    let world = home.world_with(&[("COWORK_SESSIONS_DIR", &sessions)]);
    assert_eq!(Cowork.roots(&world, &[]), [sessions]);
    assert_eq!(Cowork.roots(&world, &[third.path().into()]), [given]);
    assert_eq!(Cowork.roots(&home.world_with(&[("CLAUDE_USER_DATA_DIR", Path::new("/not/there"))]), &[]), Vec::<PathBuf>::new());
}

#[test]
fn a_home_given_by_root_is_searched_without_the_variables_of_this_one() {
    let (home, other) = (Home::new(), Home::new());
    let real = home.ud();
    let world = home.world_with(&[("XDG_CONFIG_HOME", real.parent().unwrap())]);
    assert_eq!(Cowork.roots(&world, &[other.path().into()]), Vec::<PathBuf>::new());
}

#[test]
fn a_sessions_folder_by_another_name_is_known_by_what_is_in_it() {
    let home = Home::new();
    let path = home.file(format!("backup/cb872a6d/3dfbc956/{ID}.json"), &record(""));
    let root = home.path().join("backup");
    assert_eq!(Cowork.roots(&home.world(), std::slice::from_ref(&root)), std::slice::from_ref(&root));
    let found = Cowork.read(&home.world(), &root);
    assert_eq!(Place::of(found.root_spot), Place::Sessions);
    assert_eq!(found.sessions[0].record.as_deref(), Some(path.as_path()));
}

#[cfg(unix)]
#[test]
fn one_folder_by_two_names_is_one_root_and_a_linked_root_keeps_its_name() {
    let (home, other) = (Home::new(), Home::new());
    let real = other.ud();
    other.in_org(&format!("{ID}.json"), &record(""));
    let link = home.path().join(".config/Claude");
    fs::create_dir_all(link.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(&real, &link).unwrap();
    assert_eq!(Cowork.roots(&home.world(), &[]), std::slice::from_ref(&link));
    assert_eq!(
        Cowork.roots(&home.world(), &[link.clone(), real.clone(), real.join("local-agent-mode-sessions")]),
        std::slice::from_ref(&link)
    );
    assert_eq!(Cowork.read(&home.world(), &link).sessions.len(), 1);
}

#[test]
fn data_folders_of_single_packages_inside_another_are_read_with_it() {
    let home = Home::new();
    let data = home.path().join("AppData/Local/Claude-Data");
    home.file(data.join(ORG).join(format!("{ID}.json")), &record(""));
    home.file(data.join("claude_pzs8sxrjxfjjc").join(ORG).join(format!("{ID}.json")), &record(""));
    let roots = Cowork.roots(&home.world(), &[]);
    assert_eq!(roots, std::slice::from_ref(&data));
    assert_eq!(Cowork.read(&home.world(), &data).sessions.len(), 2);
    assert_eq!(place(&format!("claude_pzs8sxrjxfjjc/{ORG}/{ID}.json")).0, Place::Record);
}

// What a session is.

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn whatever_is_in_a_record_it_stands_for_one_session(
        garbage in proptest::collection::vec(any::<u8>(), 0..120),
        key in "createdAt|title|userSelectedFolders|folderMountNames|spaceId|cwd|sessionType|isArchived|",
        value in "null|-1|1e999|\\[\\[\\[|\"x|\\{\"a\": [0-9]{1,30}\\}|[0-9]{1,25}",
    ) {
        let home = Home::new();
        let mut bytes = format!("{{\"{key}\": {value}, ").into_bytes();
        bytes.extend(garbage);
        fs::write(home.in_org(&format!("{ID}.json"), ""), bytes).unwrap();
        home.in_org("spaces.json", &value);
        let s = home.only_session();
        prop_assert!(!s.title.is_empty() && s.id.starts_with("local_"));
    }
}

#[test]
fn a_session_is_told_by_its_record() {
    let home = Home::new();
    let more = r#", "title": "Quarterly report", "cliSessionId": "9b55", "vmProcessName": "calm-quiet-gauss", "model": "m",
        "isArchived": true, "hostLoopMode": true, "userSelectedFolders": ["/u/a", {"path": "/u/b"}, 7, "C:\\u", "/sessions/x/mnt/a"],
        "folderMountNames": {"/u/c": "c"}, "spaceId": "s1", "sessionType": "scheduled""#;
    home.in_org("spaces.json", r#"{"spaces": [{"id": "s1", "folders": [{"path": "/u/d"}]}, {"id": "s2", "folders": [{"path": "/u/e"}]}]}"#);
    home.in_org(&format!("{ID}.json"), &record(more));
    home.in_org(&format!("{ID}/.claude/projects/slug/9b55.jsonl"), "{}");
    let s = home.only_session();
    assert_eq!((s.id.as_str(), s.title.as_str(), s.archived), (ID, "Quarterly report", true));
    assert_eq!(s.last_active.unwrap().as_millisecond(), THEN);
    #[cfg(unix)]
    assert_eq!(s.folders, ["/u/a", "/u/b", "/u/c", "/u/d"].map(PathBuf::from));
    assert_eq!((s.conversation.as_deref(), s.vm_name.as_deref()), (Some("9b55"), Some("calm-quiet-gauss")));
    assert_eq!(s.notes, ["a scheduled run"]);
    assert_eq!((home.found().store.layout.as_str(), s.live), ("host-loop", None));
}

#[test]
fn a_session_without_a_title_goes_by_its_first_words() {
    let home = Home::new();
    home.in_org(&format!("{ID}.json"), &record(r#", "title": "", "initialMessage": "<uploaded_files>x</uploaded_files> Please help""#));
    assert_eq!(home.only_session().title, "Please help");
}

#[test]
fn a_torn_record_still_stands_for_a_session() {
    let home = Home::new();
    let whole = record(r#", "title": "Quarterly report""#);
    home.in_org(&format!("{ID}.json"), &whole[..whole.len() - 5]);
    let s = home.only_session();
    assert_eq!((s.id.as_str(), s.title.as_str()), (ID, "Quarterly rep"));
    assert!(s.notes[0].starts_with("the record cannot be read: ") && s.notes[0].ends_with("; the app skips it"), "{:?}", s.notes);
}

#[test]
fn a_record_with_wrong_types_says_what_the_app_misses() {
    let home = Home::new();
    home.in_org(&format!("{ID}.json"), r#"{"sessionId": 5, "createdAt": "x", "userSelectedFolders": {"a": [1]}, "title": ["t"]}"#);
    let s = home.only_session();
    assert_eq!((s.id.as_str(), s.title.as_str()), (ID, ID));
    assert_eq!(s.notes[0], "the record has no sessionId; the app skips it");
}

#[test]
fn orphans_are_listed_both_ways() {
    let home = Home::new();
    home.in_org(&format!("{ID}.json"), &record(""));
    home.in_org("local_00000000-0000-4000-8000-000000000000/outputs/a.txt", "a");
    let found = home.found();
    let by = |id: &str| found.sessions.iter().find(|s| s.id.starts_with(id)).unwrap();
    assert_eq!(by(ID).notes, ["there is no folder to this record"]);
    let orphan = by("local_0000");
    assert_eq!(orphan.notes[0], "a folder without a record; the app does not list it");
    assert!(orphan.record.is_none() && orphan.dir.is_some());
    assert_eq!(orphan.last_active, None, "a folder's own time is no activity; the walk sees the files");
}

#[test]
fn a_record_finds_its_folder_by_the_short_name_too() {
    let home = Home::new();
    home.in_org(&format!("{ID}.json"), &record(""));
    let audit = home.in_org("1b98a569/audit.jsonl", "{}");
    let s = home.only_session();
    assert_eq!(s.dir.as_deref(), audit.parent());
    assert_eq!(s.notes, ["the transcript is gone; the audit log is still there"]);
}

#[test]
fn dispatch_agents_are_sessions_and_those_they_started_name_them() {
    let home = Home::new();
    let agent = format!(r#"{{"sessionId": "local_ditto_7", "sessionType": "agent", "createdAt": {THEN}, "lastActivityAt": {THEN}}}"#);
    home.in_org("agent/local_ditto_7.json", &agent);
    home.in_org("agent/local_ditto_7/outputs/a.txt", "a");
    home.in_org(&format!("{ID}.json"), &record(r#", "sessionType": "dispatch_child", "parentSessionId": "local_ditto_7""#));
    let found = home.found();
    let child = found.sessions.iter().find(|s| s.id == ID).unwrap();
    assert_eq!(child.notes[0], "a task of a dispatch agent, started by local_ditto_7");
    assert_eq!(child.starter.as_deref(), Some("local_ditto_7"));
}

#[test]
fn sessions_of_the_code_tab_are_not_cowork_sessions() {
    let home = Home::new();
    home.file(home.ud().join("claude-code-sessions/cb872a6d/3dfbc956").join(format!("{ID}.json")), &record(""));
    assert_eq!(home.found().sessions.len(), 0);
    assert_eq!(place("claude-code-sessions/cb872a6d/3dfbc956/local_1.json").0, Place::CodeSessions);
}

#[cfg(unix)]
#[test]
fn a_linked_record_and_a_linked_folder_are_not_followed() {
    let (home, other) = (Home::new(), Home::new());
    let elsewhere = other.file("secret.json", &record(r#", "title": "Elsewhere""#));
    let org = home.ud().join(ORG);
    std::os::unix::fs::symlink(&elsewhere, org.join(format!("{ID}.json"))).unwrap();
    std::os::unix::fs::symlink(other.path(), org.join(ID)).unwrap();
    let s = home.only_session();
    assert_eq!((s.title.as_str(), s.dir), (ID, None));
    assert_eq!(s.notes[0], "the record cannot be read: it is a link, which is not followed");
}

#[cfg(unix)]
#[test]
fn an_unreadable_folder_is_told_and_passed_over() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    home.in_org(&format!("{ID}.json"), &record(""));
    let shut = home.ud().join("local-agent-mode-sessions/d2e0770f");
    fs::create_dir(&shut).unwrap();
    fs::set_permissions(&shut, fs::Permissions::from_mode(0o0)).unwrap();
    if fs::read_dir(&shut).is_ok() {
        println!("skipped: this user may read everything");
        return;
    }
    let found = home.found();
    assert_eq!((found.sessions.len(), found.errors.len()), (1, 1));
    assert_eq!(found.errors[0].path, shut);
}

#[test]
fn homes_of_the_unofficial_build_belong_to_the_session_of_that_name() {
    let home = Home::new();
    home.in_org(&format!("{ID}.json"), &record(r#", "vmProcessName": "calm-quiet-gauss""#));
    let top = home.ud().join("local-agent-mode-sessions/sessions");
    home.file(top.join("calm-quiet-gauss/mnt/outputs/a.txt"), "a");
    home.file(top.join("lost-brave-noether/mnt/outputs/b.txt"), "b");
    let found = home.found();
    let own = found.sessions.iter().find(|s| s.id == ID).unwrap();
    assert_eq!(own.extra, [top.join("calm-quiet-gauss")]);
    assert!(found.sessions.iter().any(|s| s.id == "lost-brave-noether"));
    assert!(place("local-agent-mode-sessions/sessions/lost-brave-noether/mnt/outputs/b.txt").1.work);
}

// What cannot be seen.

#[test]
fn only_the_disk_of_the_vm_is_a_layout_of_its_own() {
    let home = Home::new();
    home.file(home.ud().join("vm_bundles/claudevm.bundle/sessiondata.img"), "x");
    let found = home.found();
    assert_eq!(found.store.layout, "vm-disk-only");
    assert!(found.store.notes.iter().any(|n| n.contains("sessiondata.img) cannot be seen from here yet")), "{:?}", found.store.notes);
}

#[test]
fn an_empty_store_with_signs_of_the_cloud_says_so() {
    let home = Home::new();
    assert_eq!(home.found().store.layout, "empty");
    home.file(home.ud().join("bridge-state.json"), r#"{"o:a": {"localSessionId": "local_ditto_1", "remoteSessionId": "cse_1"}}"#);
    let found = home.found();
    assert_eq!(found.store.layout, "cloud");
    assert_eq!(found.store.notes, ["no local session here; those in the cloud leave nothing here"]);
}

// What each place means.

#[test]
fn what_no_rule_knows_is_at_risk_wherever_it_lies() {
    for path in [
        "new-thing.bin",
        "vm_bundles/readme.txt",
        "vm_bundles/claudevm.bundle/thesis.docx",
        "Cache/Cache_Data/thesis.docx",
        "GPUCache/notes.pages",
        "Service Worker/CacheStorage/abc/report",
        "Crashpad/completed/report.pdf",
        "claude-code/tmp/claude",
        "local-agent-mode-sessions/odd/x",
        "local-agent-mode-sessions/skills-plugin/a/b/SKILL.md",
    ] {
        assert_eq!(class(path), Class::AtRisk, "{path}");
    }
    for path in [
        "notes.txt",
        "uploads-tmp/a",
        ".claude/shell-snapshots/thesis.docx",
        ".claude/session-env/1/thesis.docx",
        ".claude/statsig/thesis.docx",
        ".claude/cache/thesis.docx",
        ".claude/debug/thesis.docx",
        ".claude/plugins/notes.md",
        ".claude/plugins/cache/notes.md",
        ".claude/plugins/cache/market/plugin/notes.md",
        ".claude/plugins/marketplaces/notes.md",
        ".claude/skills/mine/SKILL.md",
        ".claude/paste-cache/1.txt",
        "audit.jsonl",
    ] {
        assert_eq!(class(&in_session(path)), Class::AtRisk, "{path}");
    }
}

#[test]
fn copies_of_plugins_come_back_and_each_is_handled_as_one() {
    for (top, file) in [("cache/market/plugin/1.0.0", "skills/x/SKILL.md"), ("marketplaces/market", "plugins/x/README.md")] {
        let top = in_session(&format!(".claude/plugins/{top}"));
        let (_, unit) = place_of(&top, Kind::Dir, &[]);
        assert!(unit.marks.has(Marks::UNIT) && unit.group == "plugin copies", "{top}");
        let (_, inside) = place(&format!("{top}/{file}"));
        assert_eq!((inside.verdict.class, inside.marks), (Class::Rebuildable, Marks::default()));
    }
    let (_, settings) = place(&in_session(".claude/plugins/store/cc-plugin.json"));
    assert!(settings.verdict.class == Class::AtRisk && settings.marks.has(Marks::PROTECTED));
}

#[test]
fn copies_of_plugins_laid_out_otherwise_come_back_and_documents_put_into_them_stay() {
    let plugins =
        |path: &str, beside: &[&str]| place_of(&in_session(&format!(".claude/plugins/{path}")), Kind::File, beside).1.verdict.class;
    for path in ["cache/plugin/index.js", "cache/market/plugin/plugin.json", "cache/market/plugin/1.0/skills/x/SKILL.md"] {
        assert_eq!(plugins(path, &[]), Class::Rebuildable, "{path}");
    }
    assert_eq!(plugins("loose/README.md", &[".claude-plugin"]), Class::Rebuildable);
    assert_eq!(plugins("loose/README.md", &[]), Class::AtRisk, "a folder without a plugin's mark");
    for path in
        ["cache/plugin/thesis.docx", "cache/market/plugin/1.0/thesis.tex", "marketplaces/market/deep/offer.PDF", "loose/thesis.docx"]
    {
        assert_eq!(plugins(path, &[".claude-plugin"]), Class::AtRisk, "{path}");
    }
}

#[test]
fn logs_put_aside_are_debug_logs_too() {
    for path in ["a.log.1", "b.log.gz", "2026-07-01/c.log", "d.txt"] {
        assert_eq!(class(&in_session(&format!(".claude/debug/{path}"))), Class::Rebuildable, "{path}");
    }
    for path in ["1.docx", "notes.md", "a.1", "sub/thesis.tex"] {
        assert_eq!(class(&in_session(&format!("debug/{path}"))), Class::AtRisk, "{path}");
    }
}

#[test]
fn a_version_that_a_link_may_name_is_not_called_old() {
    let (_, meaning) = place_of("claude-code/2.1.9", Kind::Dir, &["2.1.9", "2.1.10", "current"]);
    assert!(meaning.marks.has(Marks::PROTECTED) && meaning.verdict.class == Class::AtRisk);
}

#[test]
fn images_of_the_vm_are_known_beside_a_bundle_too_and_blobs_of_earlier_starts_come_back() {
    for path in [
        "vm_bundles/rootfs.img",
        "vm_bundles/claudevm.bundle/rootfs.qcow2",
        "vm_bundles/warm/sha-1/rootfs.vhdx.zst",
        "blob_storage/cb872a6d-86d0-5b87-bcc4-bec7aa7d510a/17",
    ] {
        assert_eq!(class(path), Class::Rebuildable, "{path}");
    }
    for path in ["vm_bundles/sessiondata.img", "vm_bundles/warm/sha-1/notes.img", "blob_storage/mine/17", "blob_storage/17"] {
        assert_eq!(class(path), Class::AtRisk, "{path}");
    }
}

#[test]
fn what_the_app_makes_by_itself_comes_back() {
    for path in [
        ".claude/shell-snapshots/snapshot-bash-1.sh",
        ".claude/session-env/9b55/sessionstart-hook-0.sh",
        ".claude/statsig/statsig.cached.1",
        ".claude/.last-cleanup",
        ".claude/debug/9b55.txt",
        "debug/app.log",
        "shim-lib/x",
    ] {
        assert_eq!(class(&in_session(path)), Class::Rebuildable, "{path}");
    }
    for path in ["Cache/Cache_Data/f_00001a", "Code Cache/js/0a1b2c3d4e5f6071_0", "vm_bundles/claudevm.bundle/rootfs.img.zst"] {
        let (_, meaning) = place(path);
        assert!(meaning.verdict.class == Class::Rebuildable && meaning.live_with_tool, "{path}");
    }
    assert_eq!(class(&format!("{ORG}/cowork-gb-cache.json")), Class::Rebuildable);
    assert_eq!(class("vm_bundles/warm/0a1b2c3d/rootfs.img.zst"), Class::Rebuildable);
}

#[test]
fn the_disk_with_the_sessions_homes_is_at_risk_in_every_folder_of_the_vm() {
    for path in [
        "vm_bundles/claudevm.bundle/sessiondata.img",
        "vm_bundles/warm/0a1b2c3d/sessiondata.vhdx",
        "vm_bundles/claudevm.bundle/condadata.img",
    ] {
        assert_eq!(class(path), Class::AtRisk, "{path}");
    }
    assert_eq!(place("vm_bundles/claudevm.bundle/sessiondata.img").1.group, "VM disk");
}

#[test]
fn only_a_version_with_a_higher_one_beside_it_is_old_and_only_the_program_in_it_comes_back() {
    let beside = ["2.1.9", "2.1.10"];
    assert_eq!(place_of("claude-code/2.1.9", Kind::Dir, &beside).0, Place::OldProgram);
    let (_, newest) = place_of("claude-code/2.1.10", Kind::Dir, &beside);
    assert!(newest.marks.has(Marks::PROTECTED) && newest.verdict.class == Class::AtRisk);
    let old = |name: &str, names: &[&[u8]]| {
        Place::of(Cowork.child(Place::OldProgram.spot(), Seen { name: name.as_bytes(), kind: Kind::File, beside: names }))
    };
    assert_eq!(old("claude", &[b"claude", b"thesis.docx"]), Place::OldProgramFile);
    assert_eq!(old("thesis.docx", &[b"claude", b"thesis.docx"]), Place::Unknown);
    assert_eq!(old(".verified", &[b".verified"]), Place::Unknown);
}

#[test]
fn secrets_are_secret_and_protected() {
    for path in [
        "config.json",
        "config.json.bak",
        "Cookies-journal",
        "Network/Cookies",
        "ccd-session-secrets/x/y",
        "host-creds-1.json",
        "Local State",
        "Partitions/p/Cookies",
    ] {
        let marks = place(path).1.marks;
        assert!(marks.has(Marks::SECRET) && marks.has(Marks::PROTECTED), "{path}");
    }
    for path in [".audit-key", ".claude/.credentials.json", ".claude/mcp-needs-auth-cache.json", ".claude/sessions/42.a1.key"] {
        let marks = place(&in_session(path)).1.marks;
        assert!(marks.has(Marks::SECRET) && marks.has(Marks::PROTECTED), "{path}");
    }
}

#[test]
fn settings_memory_and_the_folders_the_app_needs_are_protected() {
    for path in ["claude_desktop_config.json", "IndexedDB/x/y", "Local Storage/leveldb/000003.log", "Claude Extensions/x/manifest.json"] {
        assert!(place(path).1.marks.has(Marks::PROTECTED), "{path}");
    }
    for path in [
        ".claude/settings.json",
        ".claude/.claude.json",
        ".claude/backups/.claude.json.backup.1",
        ".claude/projects/slug/memory/a.md",
        ".claude/sessions/42.json",
    ] {
        let (_, meaning) = place(&in_session(path));
        assert!(meaning.marks.has(Marks::PROTECTED) && !meaning.marks.has(Marks::SECRET), "{path}");
    }
    for path in ["spaces.json", "spaces/s/memory/a.md", "agent/memory/a.md", "memory/CLAUDE.md", "scheduled-tasks.json"] {
        assert!(place(&format!("{ORG}/{path}")).1.marks.has(Marks::PROTECTED), "{path}");
    }
    for folder in ["outputs", ".claude", ".claude/projects", "host-cwd"] {
        assert!(place_of(&in_session(folder), Kind::Dir, &[]).1.marks.has(Marks::PROTECTED), "{folder}");
    }
    assert!(place_of(&format!("{ORG}/{ID}"), Kind::Dir, &[]).1.marks.has(Marks::PROTECTED));
}

#[test]
fn rules_for_work_are_tried_in_outputs_and_copies_are_looked_for() {
    for session in [ID, "1b98a569", "agent/local_ditto_7"] {
        let (_, output) = place(&format!("{ORG}/{session}/outputs/site/index.html"));
        assert!(output.work && output.copies && output.marks == Marks::default(), "{session}");
    }
    let (_, upload) = place(&in_session("uploads/terms.txt"));
    assert!(upload.copies && !upload.work);
    assert!(place(&in_session("host-cwd/a")).1.work);
    assert!(place("pending-uploads/1-a.png").1.copies && place(&in_session(".claude/projects/slug/1.jsonl")).1.copies);
}

#[test]
fn a_link_in_the_place_of_a_known_folder_is_not_taken_for_it() {
    for path in ["outputs", ".claude", "uploads"] {
        assert_eq!(place_of(&in_session(path), Kind::Symlink, &[]).0, Place::Stray, "{path}");
    }
    assert_eq!(place_of("local-agent-mode-sessions", Kind::Symlink, &[]).0, Place::Unknown);
}

#[test]
fn a_store_made_by_the_real_client_is_read() {
    let Some(home) = std::env::var_os("LIFEBOAT_REAL_STORE").map(PathBuf::from) else {
        println!("skipped: LIFEBOAT_REAL_STORE names no home with a genuine store");
        return;
    };
    let world = World::at(&home, [].into());
    let roots = Cowork.roots(&world, &[]);
    assert!(!roots.is_empty(), "no store below {}", home.display());
    for root in roots {
        let found = Cowork.read(&world, &root);
        assert!(found.errors.is_empty(), "{:?}", found.errors);
        assert!(found.sessions.iter().all(|s| s.dir.is_some() || s.record.is_some()));
        assert!(found.sessions.iter().any(|s| s.conversation.is_some() && s.folders.iter().any(|f| f.is_dir())));
        println!("{} {:?} {:?}", found.store.layout, found.store.live, found.store.notes);
        found.sessions.iter().for_each(|s| println!("{} {} {:?} {:?} {:?}", s.id, s.title, s.last_active, s.live, s.notes));
    }
}
