//! Small homes of Codex, and what is made of them.

use super::*;
use crate::model::{Class, Kind, Marks};
use std::collections::BTreeMap;
use std::fs;
use tempfile::TempDir;

const ID: &str = "01a1ffc4-edcf-7fb1-8775-9b32bbbc08cf";
const CHILD: &str = "01a1ffc5-2c99-7140-87a9-370ad42ea446";
const DAY: &str = "sessions/2026/07/01";

struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }
    fn root(&self) -> PathBuf {
        self.0.path().join(".codex")
    }
    fn file(&self, path: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }
    fn world(&self) -> World {
        World::at(self.0.path(), BTreeMap::new()).with_clock("2026-11-20T12:00:00Z".parse().unwrap())
    }
    fn found(&self) -> Found {
        Codex.read(&self.world(), &self.root())
    }
    fn only_session(&self) -> Session {
        let mut found = self.found();
        assert_eq!(found.sessions.len(), 1, "{:?}", found.sessions);
        found.sessions.remove(0)
    }
}

fn name(id: &str) -> String {
    format!("rollout-2026-07-01T12-00-00-{id}.jsonl")
}

fn rollout(id: &str, more: &str) -> String {
    format!(
        "{{\"timestamp\":\"2026-07-01T10:00:00Z\",\"type\":\"session_meta\",\"payload\":{{\"id\":\"{id}\",\"timestamp\":\"2026-07-01T10:00:00Z\",\"cwd\":\"/u/project\"{more}}}}}\n\
         {{\"timestamp\":\"2026-07-01T10:00:05Z\",\"type\":\"event_msg\",\"payload\":{{\"type\":\"user_message\",\"message\":\"Plan the work\"}}}}\n\
         {{\"timestamp\":\"2026-07-01T10:07:00Z\",\"type\":\"event_msg\",\"payload\":{{\"type\":\"task_complete\"}}}}\n"
    )
}

/// What a path below the root means; `beside` is what else lies in the folder of its last part.
fn meaning_of(root: Place, path: &str, kind: Kind, beside: &[&str]) -> Meaning {
    let parts: Vec<&str> = path.split('/').collect();
    let mut spot = root.spot();
    for (at, part) in parts.iter().enumerate() {
        let all: Vec<&[u8]> = beside.iter().copied().chain([*part]).map(str::as_bytes).collect();
        let kind = if at + 1 == parts.len() { kind } else { Kind::Dir };
        spot = Codex.child(spot, Seen { name: part.as_bytes(), kind, beside: &all });
    }
    Codex.meaning(spot)
}

fn class(path: &str) -> Class {
    meaning_of(Place::Home, path, Kind::File, &[]).verdict.class
}

#[test]
fn the_store_is_found_by_its_usual_place_its_variable_and_a_given_folder() {
    let home = Home::new();
    assert_eq!(Codex.roots(&home.world(), &[]), Vec::<PathBuf>::new());
    home.file(&format!("{DAY}/{}", name(ID)), rollout(ID, ""));
    assert_eq!(Codex.roots(&home.world(), &[]), [home.root()]);
    let elsewhere = tempfile::tempdir().unwrap();
    let env = [("CODEX_HOME".into(), elsewhere.path().into())].into();
    assert_eq!(Codex.roots(&World::at(home.0.path(), env), &[]), [elsewhere.path()]);
    assert_eq!(Codex.roots(&home.world(), &[home.0.path().into()]), [home.root()]);
    assert_eq!(Codex.roots(&home.world(), &[home.root()]), [home.root()]);
    assert_eq!(Codex.roots(&home.world(), &[elsewhere.path().into()]), Vec::<PathBuf>::new());
}

#[test]
fn databases_kept_elsewhere_are_a_root_of_their_own() {
    let (home, elsewhere) = (Home::new(), tempfile::tempdir().unwrap());
    home.file(&format!("{DAY}/{}", name(ID)), rollout(ID, ""));
    let env: BTreeMap<_, _> = [("CODEX_SQLITE_HOME".into(), elsewhere.path().into())].into();
    assert_eq!(Codex.roots(&World::at(home.0.path(), env.clone()), &[]), [home.root()], "an empty folder is none");
    fs::write(elsewhere.path().join("state_5.sqlite"), "").unwrap();
    assert_eq!(Codex.roots(&World::at(home.0.path(), env), &[]), [home.root(), elsewhere.path().to_path_buf()]);
}

#[test]
fn a_session_is_told_by_both_ends_of_its_rollout() {
    let home = Home::new();
    let path = home.file(&format!("{DAY}/{}", name(ID)), rollout(ID, ""));
    let session = home.only_session();
    assert_eq!((session.id.as_str(), session.title.as_str(), session.archived), (ID, "Plan the work", false));
    assert_eq!(session.folders, [PathBuf::from("/u/project")]);
    assert_eq!(session.started, Some("2026-07-01T10:00:00Z".parse().unwrap()));
    assert_eq!(session.last_active, Some("2026-07-01T10:07:00Z".parse().unwrap()));
    assert_eq!((session.record, session.live), (Some(path), None));
}

#[test]
fn a_rollout_among_the_archived_ones_is_archived_and_a_packed_one_is_read_too() {
    let home = Home::new();
    let packed = zstd::encode_all(rollout(ID, "").as_bytes(), 3).unwrap();
    home.file(&format!("archived_sessions/{}.zst", name(ID)), packed);
    let session = home.only_session();
    assert_eq!((session.title.as_str(), session.archived), ("Plan the work", true));
    assert_eq!(session.folders, [PathBuf::from("/u/project")]);
}

#[test]
fn a_file_and_its_packed_copy_are_one_session_and_the_file_is_read() {
    let home = Home::new();
    let plain = home.file(&format!("{DAY}/{}", name(ID)), rollout(ID, ""));
    let packed = home.file(&format!("{DAY}/{}.zst", name(ID)), "not zstd at all");
    let session = home.only_session();
    assert_eq!((session.record, session.extra), (Some(plain), vec![packed]));
}

#[test]
fn a_sub_agent_names_who_started_it() {
    let home = Home::new();
    home.file(&format!("{DAY}/{}", name(ID)), rollout(ID, ""));
    home.file(&format!("{DAY}/{}", name(CHILD)), rollout(CHILD, &format!(",\"parent_thread_id\":\"{ID}\"")));
    let found = home.found();
    let child = found.sessions.iter().find(|s| s.id == CHILD).unwrap();
    assert_eq!(child.starter.as_deref(), Some(ID));
}

#[test]
fn what_cannot_be_read_still_stands_for_a_session() {
    let home = Home::new();
    home.file(&format!("{DAY}/{}", name(ID)), b"\xff\xfe\x00 torn");
    let session = home.only_session();
    assert_eq!((session.id.as_str(), session.title.as_str()), (ID, ID));
    assert!(session.notes[0].starts_with("its first line cannot be read"), "{:?}", session.notes);
    home.file(&format!("{DAY}/{}.zst", name(CHILD)), "no zstd");
    assert_eq!(home.found().sessions.len(), 2);
}

#[test]
fn a_lock_counts_only_while_somebody_holds_it() {
    let home = Home::new();
    home.file(&format!("{DAY}/{}", name(ID)), rollout(ID, ""));
    let lock = home.file(&format!("thread-writer-locks/{ID}.lock"), "");
    assert_eq!(home.only_session().live, None, "a lock's file that a kill left behind");
    let held = fs::File::open(&lock).unwrap();
    held.lock().unwrap();
    assert_eq!(home.only_session().live.as_deref(), Some("Codex writes it (its lock is held)"));
    held.unlock().unwrap();
    assert_eq!(home.only_session().live, None);
}

#[test]
fn what_lies_elsewhere_for_a_session_belongs_to_it() {
    let home = Home::new();
    home.file(&format!("{DAY}/{}", name(ID)), rollout(ID, ""));
    let lock = home.file(&format!("thread-writer-locks/{ID}.lock"), "");
    let snapshot = home.file(&format!("shell_snapshots/{ID}.1795292501177597380.sh"), "");
    let image = home.file(&format!("generated_images/{ID}/ig_1.png"), "");
    home.file("shell_snapshots/mine.sh", "");
    assert_eq!(home.only_session().extra, [lock, snapshot, image.parent().unwrap().to_path_buf()]);
}

#[test]
fn conversations_and_everything_unknown_are_at_risk() {
    for path in [
        &format!("{DAY}/{}", name(ID)),
        &format!("{DAY}/{}.zst", name(ID)),
        &format!("archived_sessions/{}", name(ID)),
        &format!("{DAY}/thesis.docx"),
        "sessions/notes/plan.md",
        "history.jsonl",
        "state_5.sqlite",
        "state_5.sqlite-wal",
        "thread_history_1.sqlite",
        "goals_1.sqlite",
        "memories_1.sqlite-wal",
        "memories/notes.md",
        "generated_images/x/ig_1.png",
        "logs_2.sqlite",
        "skills/.system/imagegen/SKILL.md",
        "skills/mine/SKILL.md",
        "worktrees/a/src/main.rs",
        "thesis.docx",
        "log/notes.txt",
        "shell_snapshots/deploy.sh",
        ".tmp/plugins-clone-aB3/README.md",
        ".tmp/notes.md",
        "tmp/arg0/codex-arg0abc/notes.md",
        "tmp/git-abc/HEAD",
    ] {
        assert_eq!(class(path), Class::AtRisk, "{path}");
    }
}

#[test]
fn only_working_files_by_their_exact_names_and_places_are_rebuildable() {
    for path in ["log/codex-tui.log", &format!("shell_snapshots/{ID}.17.sh"), "models_cache.json", "tmp/arg0-linux/codex-arg0aB3/.lock"] {
        assert_eq!(class(path), Class::Rebuildable, "{path}");
    }
    let link = |name: &str| meaning_of(Place::Home, &format!("tmp/arg0/codex-arg0aB3/{name}"), Kind::Symlink, &[]).verdict.class;
    assert_eq!((link("apply_patch"), link("mine")), (Class::Rebuildable, Class::AtRisk));
    let git = |beside: &[&str]| meaning_of(Place::Home, ".tmp/git-aB3/HEAD", Kind::File, beside).verdict.class;
    assert_eq!((git(&["objects", "refs"]), git(&["objects"])), (Class::Rebuildable, Class::AtRisk));
    let mine = meaning_of(Place::Home, ".tmp/git-aB3/thesis.docx", Kind::File, &["HEAD", "objects", "refs"]);
    assert_eq!(mine.verdict.class, Class::AtRisk);
    let logs = meaning_of(Place::HomeWithLogs, "logs_2.sqlite-wal", Kind::File, &[]);
    assert_eq!(logs.verdict.class, Class::Rebuildable);
}

#[test]
fn secrets_and_settings_are_protected_wherever_copies_of_them_lie() {
    for path in [
        "auth.json",
        "auth.json.bak",
        ".credentials.json",
        "config.toml",
        "config.toml.old",
        "AGENTS.md",
        "prompts/mine.md",
        "memories/a.md",
    ] {
        assert!(meaning_of(Place::Home, path, Kind::File, &[]).marks.has(Marks::PROTECTED), "{path}");
    }
    assert!(meaning_of(Place::Home, "skills/mine/auth.json", Kind::File, &[]).marks.has(Marks::SECRET));
}

#[test]
fn a_process_of_codex_counts_and_so_does_not_being_able_to_tell() {
    let home = Home::new();
    let codex = Process { pid: 12, name: "codex".into(), exe: None, started: 0, ticks: None, script: None };
    assert_eq!(Codex.running(&home.world().with_processes(vec![codex]), &home.root()).as_deref(), Some("Codex runs (process 12)"));
    assert_eq!(Codex.running(&home.world(), &home.root()), None);
}

/// Makes a database at a path below the root.
fn database(home: &Home, path: &str, sql: &str) {
    let path = home.file(path, "");
    rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap();
}

const THREADS: &str = "CREATE TABLE threads(id TEXT PRIMARY KEY, title TEXT NOT NULL, archived INTEGER NOT NULL";

#[test]
fn titles_come_from_the_newest_list_that_knows_a_session_and_a_name_goes_before_a_title() {
    let home = Home::new();
    home.file(&format!("{DAY}/{}", name(ID)), rollout(ID, ""));
    home.file(&format!("{DAY}/{}", name(CHILD)), rollout(CHILD, ""));
    database(&home, "state_9.sqlite", &format!("{THREADS}); INSERT INTO threads VALUES('{ID}','old',0),('{CHILD}','only here',0)"));
    let spawn = format!(
        "CREATE TABLE thread_spawn_edges(parent_thread_id TEXT, child_thread_id TEXT); INSERT INTO thread_spawn_edges VALUES('{ID}','{CHILD}')"
    );
    database(
        &home,
        "state_10.sqlite",
        &format!("{THREADS}, name TEXT); INSERT INTO threads VALUES('{ID}','first words',0,'Plan\nfor May'); {spawn}"),
    );
    let found = home.found();
    let of = |id: &str| found.sessions.iter().find(|s| s.id == id).unwrap();
    assert_eq!((of(ID).title.as_str(), of(CHILD).title.as_str()), ("Plan for May", "only here"));
    assert_eq!(of(CHILD).starter.as_deref(), Some(ID));
    assert!(found.errors.is_empty(), "{:?}", found.errors);
}

#[test]
fn a_list_that_cannot_be_read_is_told_and_the_sessions_are_there_all_the_same() {
    let home = Home::new();
    home.file(&format!("{DAY}/{}", name(ID)), rollout(ID, ""));
    home.file("state_5.sqlite", "no database at all");
    let found = home.found();
    assert_eq!((found.sessions[0].title.as_str(), found.errors.len()), ("Plan the work", 1));
}

#[test]
fn where_the_list_and_the_folder_differ_about_archiving_it_is_said() {
    let home = Home::new();
    home.file(&format!("archived_sessions/{}", name(ID)), rollout(ID, ""));
    database(&home, "state_5.sqlite", &format!("{THREADS}); INSERT INTO threads VALUES('{ID}','t',0),('{CHILD}','gone',0)"));
    let found = home.found();
    assert!(found.sessions[0].archived && found.sessions[0].notes.iter().any(|n| n.contains("says it is not archived")));
    assert!(found.store.notes.iter().any(|n| n.starts_with("1 in the list")), "{:?}", found.store.notes);
}

#[test]
fn logs_are_rebuildable_only_where_their_database_holds_nothing_else() {
    let home = Home::new();
    let logs =
        "CREATE TABLE logs(id INTEGER PRIMARY KEY AUTOINCREMENT, feedback_log_body TEXT); CREATE TABLE _sqlx_migrations(version INTEGER)";
    database(&home, "logs_2.sqlite", logs);
    assert_eq!(home.found().root_spot, Place::HomeWithLogs.spot());
    database(&home, "logs_3.sqlite", &format!("{logs}; CREATE TABLE notes(text TEXT)"));
    assert_eq!(home.found().root_spot, Place::Home.spot(), "one that holds more spoils it for all");
    let home = Home::new();
    home.file("logs_2.sqlite", "not a database");
    assert_eq!(home.found().root_spot, Place::Home.spot());
}

#[test]
fn databases_that_the_settings_put_elsewhere_are_read() {
    let (home, elsewhere) = (Home::new(), tempfile::tempdir().unwrap());
    home.file(&format!("{DAY}/{}", name(ID)), rollout(ID, ""));
    home.file("config.toml", format!("sqlite_home = {:?}\n", elsewhere.path()));
    let list = rusqlite::Connection::open(elsewhere.path().join("state_5.sqlite")).unwrap();
    list.execute_batch(&format!("{THREADS}); INSERT INTO threads VALUES('{ID}','From elsewhere',0)")).unwrap();
    assert_eq!(home.only_session().title, "From elsewhere");
    assert_eq!(Codex.roots(&home.world(), &[]), [home.root(), elsewhere.path().to_path_buf()]);
}
