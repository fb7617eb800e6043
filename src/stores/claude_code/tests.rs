//! Small homes of every shape, and what is made of them.

use super::*;
use crate::model::{Class, Kind, Marks};
use crate::platform::Process;
use crate::scan;
use proptest::prelude::*;
use std::fs;
use tempfile::TempDir;

const ID: &str = "06698a9f-bbd9-4f26-bf74-f670b12bf058";
const OTHER: &str = "da3d4075-d518-47d2-8f87-31cc56c1ae52";
const SLUG: &str = "projects/-w-a";

struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }
    fn root(&self) -> PathBuf {
        self.0.path().join(".claude")
    }
    fn file(&self, path: &str, text: &str) -> PathBuf {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }
    fn transcript(&self, id: &str) -> PathBuf {
        self.file(&format!("{SLUG}/{id}.jsonl"), &said(id, "Please make the report."))
    }
    fn world(&self) -> World {
        World::at(self.0.path(), std::collections::BTreeMap::new()).with_clock("2026-11-20T12:00:00Z".parse().unwrap())
    }
    fn found(&self) -> Found {
        ClaudeCode.read(&self.world(), &self.root())
    }
    fn session(&self, id: &str) -> Session {
        self.found().sessions.into_iter().find(|s| s.id == id).unwrap()
    }
    fn catalog(&self) -> crate::model::Catalog {
        scan::run(&self.world(), scan::Options::default())
    }
}

fn said(id: &str, text: &str) -> String {
    format!(
        "{{\"type\":\"user\",\"sessionId\":\"{id}\",\"timestamp\":\"2026-11-01T10:00:00Z\",\"cwd\":\"/w/a\",\"slug\":\"calm-fox\",\"message\":{{\"content\":\"{text}\"}}}}\n"
    )
}

/// What a path below the folder means; every part but the last is a folder.
fn place_of(path: &str, kind: Kind) -> (Place, Meaning) {
    let parts: Vec<&str> = path.split('/').collect();
    let mut spot = Place::Root.spot();
    for (at, part) in parts.iter().enumerate() {
        let kind = if at + 1 == parts.len() { kind } else { Kind::Dir };
        spot = ClaudeCode.child(spot, Seen { name: part.as_bytes(), kind, beside: &[part.as_bytes()] });
    }
    (Place::of(spot), ClaudeCode.meaning(spot))
}

fn class(path: &str) -> Class {
    place_of(path, Kind::File).1.verdict.class
}

fn protected(path: &str) -> bool {
    place_of(path, Kind::File).1.marks.has(Marks::PROTECTED)
}

// Where the store is.

#[test]
fn the_store_is_found_in_the_home_by_the_variable_and_by_root() {
    let (home, other) = (Home::new(), Home::new());
    home.transcript(ID);
    assert_eq!(ClaudeCode.roots(&home.world(), &[]), [home.root()]);
    assert_eq!(ClaudeCode.roots(&other.world(), &[]), Vec::<PathBuf>::new());
    for given in [home.root(), home.0.path().to_path_buf()] {
        assert_eq!(ClaudeCode.roots(&other.world(), &[given]), [home.root()]);
    }
    let moved = home.0.path().join("elsewhere");
    let transcript = moved.join(SLUG).join(format!("{ID}.jsonl"));
    fs::create_dir_all(transcript.parent().unwrap()).unwrap();
    fs::write(transcript, said(ID, "Hello")).unwrap();
    let env = [("CLAUDE_CONFIG_DIR".into(), moved.clone().into())].into_iter().collect();
    assert_eq!(ClaudeCode.roots(&World::at(other.0.path(), env), &[]), std::slice::from_ref(&moved));
    assert_eq!(ClaudeCode.roots(&other.world(), std::slice::from_ref(&moved)), std::slice::from_ref(&moved));
}

#[test]
fn a_projects_own_settings_folder_and_folders_of_other_programs_are_no_store() {
    let home = Home::new();
    home.file("settings.json", "{}");
    home.file("commands/x.md", "");
    assert_eq!(ClaudeCode.roots(&home.world(), &[]), Vec::<PathBuf>::new());
    for name in ["projects/a/notes.txt", "sessions/a", "todos/a", "history.jsonl"] {
        let path = home.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
    }
    assert_eq!(ClaudeCode.roots(&home.world(), &[home.0.path().to_path_buf()]), Vec::<PathBuf>::new());
}

// What a session is.

#[test]
fn everything_of_a_session_belongs_to_it_wherever_it_lies() {
    let home = Home::new();
    home.transcript(ID);
    home.transcript(OTHER);
    let own = [
        format!("{SLUG}/{ID}.jsonl"),
        format!("{SLUG}/{ID}/subagents/agent-1.jsonl"),
        format!("{SLUG}/{ID}/tool-results/by8uclon0.txt"),
        format!("{SLUG}/agent-0af3.jsonl"),
        format!("tasks/{ID}/1.json"),
        format!("file-history/{ID}/f54d@v1"),
        format!("session-env/{ID}/sessionstart-hook-0.sh"),
        format!("debug/{ID}.txt"),
        format!("todos/{ID}-agent-{OTHER}.json"),
        "plans/calm-fox.md".to_owned(),
        format!("security/security_warnings_state_{ID}.json"),
        format!("security_warnings_state_{ID}.json"),
        format!("telemetry/1p_failed_events.{ID}.{OTHER}.json"),
        "jobs/7ab/state.json".to_owned(),
    ];
    for path in &own {
        home.file(path, "x");
    }
    home.transcript(ID);
    home.file("jobs/7ab/state.json", &format!("{{\"sessionId\":\"{ID}\"}}"));
    home.file(&format!("{SLUG}/agent-0af3.jsonl"), &said(ID, "To a helper"));
    let others = ["plans/other.md", "debug/notes.txt", "projects/-w-a/memory/MEMORY.md", "jobs/8cd/state.json", "history.jsonl"];
    for path in others {
        home.file(path, "x");
    }
    // The other one has no plan of that name.
    home.file(&format!("{SLUG}/{OTHER}.jsonl"), &said(OTHER, "Hello").replace("calm-fox", "wild-owl"));
    let catalog = home.catalog();
    let owner = |path: &str| {
        let id = catalog.find(&home.root().join(path)).unwrap_or_else(|| panic!("{path} is not there"));
        catalog.node(id).session.map(|s| catalog.session(s).id.clone())
    };
    for path in &own {
        assert_eq!(owner(path).as_deref(), Some(ID), "{path}");
    }
    for path in others {
        assert_eq!(owner(path), None, "{path}");
    }
}

#[test]
fn a_session_is_told_by_its_records_and_not_by_the_name_of_its_folder() {
    let home = Home::new();
    let path = home.transcript(ID);
    let s = home.session(ID);
    assert_eq!((s.title.as_str(), s.record), ("Please make the report.", Some(path)));
    assert_eq!(s.started.unwrap().to_string(), "2026-11-01T10:00:00Z");
    #[cfg(unix)]
    assert_eq!(s.folders, [PathBuf::from("/w/a")]);
    assert_eq!(s.live, None);
}

#[test]
fn what_is_left_of_a_session_whose_transcript_was_swept_is_told_as_a_session() {
    let home = Home::new();
    home.file(&format!("{SLUG}/{ID}/tool-results/a.txt"), "x");
    home.file(&format!("file-history/{ID}/f54d@v1"), "x");
    let s = home.session(ID);
    assert!(s.notes[0].contains("the transcript is gone"), "{:?}", s.notes);
    assert_eq!((s.dir, s.extra), (Some(home.root().join(SLUG).join(ID)), vec![home.root().join("file-history").join(ID)]));
}

#[test]
fn empty_folders_that_a_session_left_are_no_session() {
    let home = Home::new();
    home.transcript(OTHER);
    fs::create_dir_all(home.root().join(SLUG).join(ID).join("subagents")).unwrap();
    assert_eq!(home.found().sessions.len(), 1);
}

#[cfg(unix)]
#[test]
fn projects_behind_a_link_are_not_followed_and_it_is_said() {
    let (home, other) = (Home::new(), Home::new());
    other.transcript(ID);
    fs::create_dir_all(home.root()).unwrap();
    std::os::unix::fs::symlink(other.root().join("projects"), home.root().join("projects")).unwrap();
    let found = home.found();
    assert_eq!(found.sessions.len(), 0);
    assert!(found.store.notes[0].contains("is a link"), "{:?}", found.store.notes);
}

#[test]
fn one_session_in_two_projects_keeps_what_lies_beside_each_transcript_apart() {
    let home = Home::new();
    for slug in ["projects/-w-a", "projects/-w-b"] {
        home.file(&format!("{slug}/{ID}.jsonl"), &said(ID, "Hello"));
        home.file(&format!("{slug}/{ID}/tool-results/a.txt"), "x");
    }
    let all = home.found().sessions;
    assert_eq!(all.len(), 2);
    assert!(all.iter().all(|s| s.dir.as_ref().unwrap().parent() == s.record.as_ref().unwrap().parent()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn whatever_is_in_a_transcript_it_stands_for_one_session(
        garbage in proptest::collection::vec(any::<u8>(), 0..200),
        key in "timestamp|cwd|slug|message|customTitle|type|sessionId|entrypoint",
        value in "null|-1|1e999|\\[\\[|\"x|\\{\"a\": 1\\}|\"\\.\\./x\"|[0-9]{1,25}",
    ) {
        let home = Home::new();
        let mut bytes = format!("{{\"type\":\"user\",\"{key}\": {value}}}\n").into_bytes();
        bytes.extend(garbage);
        fs::write(home.transcript(ID), bytes).unwrap();
        let s = home.session(ID);
        prop_assert!(!s.title.is_empty() && s.extra.is_empty());
    }
}

// What its places mean.

#[test]
fn what_the_user_has_only_here_is_at_risk() {
    for path in [
        &format!("{SLUG}/{ID}.jsonl"),
        &format!("{SLUG}/{ID}/subagents/agent-1.jsonl"),
        &format!("{SLUG}/{ID}/subagents/workflows/wf/agent-1.jsonl"),
        &format!("{SLUG}/{ID}/tool-results/changelog.md"),
        &format!("{SLUG}/{ID}/debug/{ID}.txt"),
        &format!("file-history/{ID}/f54d@v1"),
        "history.jsonl",
        "plans/calm-fox.md",
        "paste-cache/107b48276bda61f1.txt",
        "tasks/x/1.json",
        "todos/x.json",
        "stats-cache.json",
        "usage-data/report.html",
        "telemetry/x.json",
        "thesis.docx",
        "mine/debug/x.txt",
        "unknown-folder/x",
    ] {
        assert_eq!(class(path), Class::AtRisk, "{path}");
    }
}

#[test]
fn only_names_the_client_gives_are_rebuildable_in_its_folders_for_working_files() {
    for path in [
        &format!("debug/{ID}.txt"),
        "shell-snapshots/snapshot-bash-1795292443717-mzpbaz.sh",
        &format!("session-env/{ID}/sessionstart-hook-0.sh"),
        "statsig/statsig.cached.evaluations.1",
        "cache/changelog.md",
    ] {
        assert_eq!(class(path), Class::Rebuildable, "{path}");
    }
    for path in [
        "debug/notes.txt",
        &format!("debug/{ID}/{ID}.txt"),
        "shell-snapshots/deploy.sh",
        &format!("session-env/{ID}/deploy.sh"),
        "session-env/mine/sessionstart-hook-0.sh",
        "statsig/thesis.docx",
        "cache/paper.pdf",
        "logs/app.log",
    ] {
        assert_eq!(class(path), Class::AtRisk, "{path}");
    }
}

#[test]
fn memory_settings_plugins_and_secrets_are_never_selected() {
    for path in [
        &format!("{SLUG}/memory/MEMORY.md"),
        &format!("{SLUG}/memory/{ID}.jsonl"),
        &format!("{SLUG}/{ID}/memory/x.md"),
        "settings.json",
        "settings.json.bak",
        "settings.local.json",
        "plugins/cache/m/p/1.0/x.js",
        "skills/mine/SKILL.md",
        "CLAUDE.md",
        ".last-cleanup",
        "sessions/42.json",
    ] {
        assert!(protected(path), "{path}");
        assert_eq!(class(path), Class::AtRisk, "{path}");
    }
    for path in [
        ".credentials.json",
        ".claude.json",
        "backups/.claude.json.backup.1",
        "sessions/42.a55d.key",
        "ide/12345.lock",
        &format!("{SLUG}/.credentials.json"),
    ] {
        let marks = place_of(path, Kind::File).1.marks;
        assert!(marks.has(Marks::SECRET) && marks.has(Marks::PROTECTED), "{path}");
    }
}

// What runs.

fn process(pid: u32, name: &str, started: u64) -> Process {
    Process { pid, name: name.into(), exe: None, started, ticks: None, script: None }
}

#[test]
fn only_the_session_that_a_running_process_wrote_down_is_in_use() {
    let home = Home::new();
    home.transcript(ID);
    home.transcript(OTHER);
    home.file("sessions/42.json", &format!(r#"{{"pid":42,"sessionId":"{ID}","startedAt":1795292443585}}"#));
    home.file("sessions/42.0af3.key", "a secret");
    let live = |processes| {
        let found = ClaudeCode.read(&home.world().with_processes(processes), &home.root());
        let of = |id| found.sessions.iter().find(|s| s.id == id).unwrap().live.clone();
        (of(ID), of(OTHER), found.store.live)
    };
    let runs = Some("its process 42 runs".to_owned());
    assert_eq!(live(vec![process(42, "claude", 1_795_292_443)]), (runs.clone(), None, runs));
    assert_eq!(live(vec![process(42, "vim", 1_795_299_999)]), (None, None, None));
}

#[test]
fn a_client_that_wrote_nothing_down_may_have_any_session_that_went_on_since_it_began() {
    let home = Home::new();
    home.transcript(ID);
    let began = |at: &str| u64::try_from(at.parse::<jiff::Timestamp>().unwrap().as_second()).unwrap();
    let live =
        |at| ClaudeCode.read(&home.world().with_processes(vec![process(7, "claude", began(at))]), &home.root()).sessions[0].live.clone();
    assert!(live("2026-10-31T00:00:00Z").unwrap().contains("went on since it began"));
    assert_eq!(live("2026-11-02T00:00:00Z"), None);
}

#[test]
fn a_process_file_that_tells_nothing_holds_every_session() {
    let home = Home::new();
    home.transcript(ID);
    home.file("sessions/x.json", "{\"pi");
    assert!(home.session(ID).live.unwrap().contains("cannot be read"));
}

#[test]
fn a_turn_is_open_where_the_transcript_or_a_helper_did_not_end_it() {
    let home = Home::new();
    home.transcript(ID);
    assert_eq!(ClaudeCode.open_turn(&home.root(), &home.session(ID)).as_deref(), Some("the transcript"));
    home.file(&format!("{SLUG}/{ID}.jsonl"), &(said(ID, "Go") + "{\"type\":\"system\",\"subtype\":\"turn_duration\"}\n"));
    assert_eq!(ClaudeCode.open_turn(&home.root(), &home.session(ID)), None);
    home.file(&format!("{SLUG}/{ID}/subagents/agent-1.jsonl"), &said(ID, "Look"));
    assert_eq!(ClaudeCode.open_turn(&home.root(), &home.session(ID)).as_deref(), Some("a helper's transcript"));
}

// The genuine client.

#[test]
fn in_a_store_that_the_genuine_client_made_everything_belongs_where_it_should_and_nothing_is_called_rebuildable_but_a_snapshot() {
    let tool = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|a| a.join("shared/tools/real-stores")).find(|p| p.exists());
    let Some(tool) = tool.filter(|_| cfg!(target_os = "linux")) else {
        eprintln!("passed over: `real-stores` is not here");
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let made = std::process::Command::new(tool).arg(dir.path()).arg("claude-code").output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let world = World::at(&dir.path().join("home"), std::collections::BTreeMap::new());
    let catalog = scan::run(&world, scan::Options::default());
    let titles: Vec<&str> = catalog.sessions.iter().map(|s| s.title.as_str()).collect();
    assert_eq!(catalog.sessions.len(), 8, "{titles:?}");
    assert!(titles.contains(&"A named session") && titles.contains(&"Please wait for ever."), "{titles:?}");
    assert!(catalog.sessions.iter().all(|s| s.folders.len() == 1 && s.started.is_some() && s.last_active.is_some()));
    // One was refused and one killed before any answer.
    assert!(catalog.sessions.iter().filter(|s| s.model.is_none()).count() <= 2);
    assert!(catalog.sessions.iter().all(|s| s.deadline.is_some()));
    for row in catalog.all_rows() {
        let (path, node) = (catalog.path(row.id), catalog.node(row.id));
        let name = catalog.name(row.id).to_string_lossy().into_owned();
        let rule = catalog.verdict(row.id).evidence[0].rule.to_string();
        assert!(!rule.ends_with("unknown"), "{}: {rule}", path.display());
        assert_eq!(row.class == Class::Rebuildable, name.starts_with("snapshot-bash-"), "{}", path.display());
        let of_session = ["projects", "file-history"].iter().any(|top| path.starts_with(world.home.join(".claude").join(top)));
        assert_eq!(node.session.is_some(), of_session, "{}", path.display());
    }
}
