//! Small homes of Gemini, and what is made of them.

use super::*;
use crate::model::{Class, Kind, Marks, Session};
use sha2::Digest;
use std::collections::BTreeMap;
use std::fs;
use tempfile::TempDir;

const ID: &str = "59f00784-29bb-4708-9f39-1fabdb4e37b0";

struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }
    fn root(&self) -> PathBuf {
        self.0.path().join(".gemini")
    }
    fn file(&self, path: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }
    fn chat(&self, project: &str) -> PathBuf {
        let lines = format!(
            "{{\"sessionId\":\"{ID}\",\"startTime\":\"2026-07-01T10:00:00Z\",\"lastUpdated\":\"2026-07-01T10:00:00Z\",\"kind\":\"main\"}}\n\
             {{\"id\":\"a\",\"timestamp\":\"2026-07-01T10:01:00Z\",\"type\":\"user\",\"content\":[{{\"text\":\"Plan the work\"}}]}}\n\
             {{\"$set\":{{\"lastUpdated\":\"2026-07-01T10:02:00Z\"}}}}\n"
        );
        self.file(&format!("tmp/{project}/chats/session-2026-07-01T10-00-59f00784.jsonl"), lines)
    }
    fn world(&self) -> World {
        World::at(self.0.path(), BTreeMap::new()).with_clock("2026-11-20T12:00:00Z".parse().unwrap())
    }
    fn only_session(&self) -> Session {
        let mut found = Gemini.read(&self.world(), &self.root());
        assert_eq!(found.sessions.len(), 1, "{:?}", found.sessions);
        found.sessions.remove(0)
    }
}

fn meaning_of(path: &str, kind: Kind) -> Meaning {
    let parts: Vec<&str> = path.split('/').collect();
    let mut spot = Place::Home.spot();
    for (at, part) in parts.iter().enumerate() {
        let kind = if at + 1 == parts.len() { kind } else { Kind::Dir };
        spot = Gemini.child(spot, Seen { name: part.as_bytes(), kind, beside: &[part.as_bytes()] });
    }
    Gemini.meaning(spot)
}

#[test]
fn the_store_is_found_in_the_home_in_the_one_the_variable_names_and_in_a_given_folder() {
    let (home, other) = (Home::new(), Home::new());
    assert_eq!(Gemini.roots(&home.world(), &[]), Vec::<PathBuf>::new());
    home.chat("a");
    home.file("projects.json", "{}");
    assert_eq!(Gemini.roots(&home.world(), &[]), [home.root()]);
    other.chat("b");
    let env = [("GEMINI_CLI_HOME".into(), other.0.path().into())].into();
    assert_eq!(Gemini.roots(&World::at(home.0.path(), env), &[]), [other.root()]);
    assert_eq!(Gemini.roots(&other.world(), &[home.root()]), [home.root()]);
    assert_eq!(Gemini.roots(&other.world(), &[home.0.path().into()]), [home.root()]);
}

#[test]
fn a_session_is_its_conversation_with_all_that_goes_with_it() {
    let home = Home::new();
    let chat = home.chat("a");
    home.file("tmp/a/.project_root", "/u/project\n");
    let output = home.file(&format!("tmp/a/tool-outputs/session-{ID}/x.txt"), "out");
    let log = home.file(&format!("tmp/a/logs/session-{ID}.jsonl"), "{}");
    let agent = home.file(&format!("tmp/a/chats/{ID}/agent.jsonl"), "{}");
    let plan = home.file(&format!("tmp/a/{ID}/plans/plan.md"), "#");
    home.file("tmp/a/tool-outputs/session-other/x.txt", "not mine");
    let session = home.only_session();
    assert_eq!((session.id.as_str(), session.title.as_str()), (ID, "Plan the work"));
    assert_eq!((session.record, session.folders), (Some(chat), vec![PathBuf::from("/u/project")]));
    assert_eq!(session.last_active, Some("2026-07-01T10:02:00Z".parse().unwrap()));
    let above = |path: PathBuf, levels: usize| path.ancestors().nth(levels).unwrap().to_path_buf();
    assert_eq!(session.extra, [above(agent, 1), above(output, 1), above(plan, 2), log]);
}

#[test]
fn the_project_is_found_by_the_list_where_there_is_no_marker_also_by_the_hash_of_the_first_versions() {
    let home = Home::new();
    home.chat("work");
    home.file("projects.json", r#"{"projects":{"/u/work":"work","/u/old":"old"}}"#);
    assert_eq!(home.only_session().folders, [PathBuf::from("/u/work")]);
    let home = Home::new();
    let hash = sha2::Sha256::digest(b"/u/old").map(|b| format!("{b:02x}")).as_slice().concat();
    home.chat(&hash);
    home.file("projects.json", r#"{"projects":{"/u/old":"old"}}"#);
    assert_eq!(home.only_session().folders, [PathBuf::from("/u/old")]);
}

#[test]
fn a_session_has_a_deadline_only_where_gemini_can_be_started_in_its_project_and_is_not_told_to_keep_all() {
    let home = Home::new();
    home.chat("a");
    let project = home.0.path().join("project");
    home.file("tmp/a/.project_root", project.to_str().unwrap());
    assert_eq!(home.only_session().deadline, None, "the project is gone");
    fs::create_dir_all(project.join(".gemini")).unwrap();
    assert_eq!(home.only_session().deadline, Some("2026-07-31T10:02:00Z".parse().unwrap()));
    home.file("settings.json", r#"{"general":{"sessionRetention":{"maxAge":"60d"}}}"#);
    assert_eq!(home.only_session().deadline, Some("2026-08-30T10:02:00Z".parse().unwrap()));
    fs::write(project.join(".gemini/settings.json"), r#"{"general":{"sessionRetention":{"enabled":false}}}"#).unwrap();
    assert_eq!(home.only_session().deadline, None);
}

#[test]
fn an_id_that_leads_elsewhere_takes_nothing_with_it() {
    let home = Home::new();
    home.file("tmp/a/chats/session-2026-07-01T10-00-x.jsonl", "{\"sessionId\":\"../../..\"}\n");
    home.file("tmp/a/chats/session-2026-07-01T10-00-y.jsonl", "{\"sessionId\":\"chats\"}\n");
    let found = Gemini.read(&home.world(), &home.root());
    assert!(found.sessions.len() == 2 && found.sessions.iter().all(|s| s.extra.is_empty()), "{:?}", found.sessions);
}

#[test]
fn a_conversation_that_cannot_be_read_still_stands_for_a_session() {
    let home = Home::new();
    home.file("tmp/a/chats/session-2026-07-01T10-00-59f00784.jsonl", b"\xff\x00 torn");
    let session = home.only_session();
    assert_eq!(session.id, "session-2026-07-01T10-00-59f00784");
    assert!(!session.notes.is_empty());
}

#[test]
fn while_gemini_runs_every_session_counts_as_in_use() {
    let home = Home::new();
    home.chat("a");
    assert_eq!(home.only_session().live, None);
    let node = Process { pid: 9, name: "node".into(), exe: None, started: 0, ticks: None, script: Some("/usr/bin/gemini".into()) };
    let found = Gemini.read(&home.world().with_processes(vec![node]), &home.root());
    assert!(found.sessions[0].live.as_ref().is_some_and(|why| why.starts_with("Gemini runs (process 9)")));
}

#[test]
fn only_the_program_gemini_fetched_is_rebuildable() {
    for path in [
        "tmp/a/chats/session-x.jsonl",
        "tmp/a/chats/notes.md",
        "tmp/a/chats/x/agent.jsonl",
        "tmp/a/logs/session-x.jsonl",
        "tmp/a/logs.json",
        "tmp/a/tool-outputs/session-x/a.txt",
        "tmp/a/checkpoint-mine.json",
        "tmp/a/thesis.docx",
        "tmp/bin/mine",
        "tmp/a/bin/rg",
        "history/a/.git/HEAD",
        "antigravity/conversations/x.db",
        "thesis.docx",
    ] {
        assert_eq!(meaning_of(path, Kind::File).verdict.class, Class::AtRisk, "{path}");
    }
    assert_eq!(meaning_of("tmp/bin/rg", Kind::File).verdict.class, Class::Rebuildable);
}

#[test]
fn secrets_settings_and_memories_are_protected() {
    for path in ["oauth_creds.json", "google_accounts.json.bak", "mcp-oauth-tokens-v2.json", ".env"] {
        assert!(meaning_of(path, Kind::File).marks.has(Marks::SECRET), "{path}");
    }
    for path in
        ["settings.json", "settings.json.orig", "projects.json", "GEMINI.md", "commands/a.toml", "tmp/a/.project_root", "tmp/a/memory/a.md"]
    {
        assert!(meaning_of(path, Kind::File).marks.has(Marks::PROTECTED), "{path}");
    }
}
