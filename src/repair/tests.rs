//! Records made again, and taken back.
#![expect(clippy::disallowed_methods, reason = "tests do to the store what people and apps do")]

use super::{Repair, carry_out, plan};
use crate::lifecycle;
use crate::model::{OpState, Quiet};
use crate::platform::Process;
use crate::scan;
use crate::world::World;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

const ORG: &str = ".config/Claude/local-agent-mode-sessions/0a0a0a0a-0000-4000-8000-000000000001/0b0b0b0b-0000-4000-8000-000000000002";
const ID: &str = "local_11111111-0000-4000-8000-000000000001";
const CLI: &str = "5e14fda9-df02-4f3f-bff9-c26f7bae7c21";

struct Home {
    dir: tempfile::TempDir,
    world: World,
}

impl Home {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let env = [("LIFEBOAT_QUIET_AFTER".into(), "0s".into())].into_iter().collect();
        let home = Self { world: World::at(dir.path(), env), dir };
        let line = |n: u32, role: &str, content: Value| {
            json!({"type": role, "uuid": format!("{n:08x}-0000-4000-8000-000000000000"), "sessionId": CLI, "cwd": "/sessions/brave-quiet-noether",
                "timestamp": format!("2026-10-01T10:00:0{n}.250Z"), "message": {"role": role, "model": "claude-opus-4-8", "content": content}})
        };
        let said = [
            line(1, "user", json!("Draw the figures.")),
            line(2, "assistant", json!([{"type": "text", "text": "Drawn."}])),
            json!({"type": "ai-title", "aiTitle": "Figures", "sessionId": CLI}),
        ];
        let text: String = said.iter().fold(String::new(), |text, line| text + &line.to_string() + "\n");
        home.put(&format!("{ORG}/{ID}/.claude/projects/-sessions-brave-quiet-noether/{CLI}.jsonl"), &text);
        home.put(&format!("{ORG}/{ID}/outputs/a.txt"), "x");
        home
    }

    fn put(&self, path: &str, text: &str) {
        let path = self.dir.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn record(&self) -> PathBuf {
        self.dir.path().join(format!("{ORG}/{ID}.json"))
    }

    fn plan(&self) -> Vec<Repair> {
        let catalog = scan::run(&self.world, scan::Options::default());
        let (repairs, skipped) = plan(&self.world, &catalog, &[]);
        assert!(skipped.is_empty(), "{skipped:?}");
        repairs
    }

    /// The sessions the app would list, and what their notes say.
    fn sessions(&self) -> Vec<(String, Vec<String>)> {
        let catalog = scan::run(&self.world, scan::Options::default());
        catalog.sessions.iter().map(|s| (s.title.clone(), s.notes.clone())).collect()
    }

    fn state(&self) -> Vec<(String, OpState)> {
        lifecycle::history(&self.world).unwrap().into_iter().map(|o| (o.verb, o.state)).collect()
    }
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn a_record_that_is_gone_is_made_from_the_transcript_and_holds_nothing_that_is_not_told_there() {
    let home = Home::new();
    let repairs = home.plan();
    let receipt = carry_out(&home.world, &repairs, false, &Quiet).unwrap();
    assert_eq!((receipt.moved, receipt.failed.len()), (1, 0));
    let began = "2026-10-01T10:00:01.250Z".parse::<jiff::Timestamp>().unwrap().as_millisecond();
    let whole = json!({"sessionId": ID, "processName": "brave-quiet-noether", "vmProcessName": "brave-quiet-noether", "cliSessionId": CLI,
        "cwd": "/sessions/brave-quiet-noether", "createdAt": began, "lastActivityAt": began + 1000, "model": "claude-opus-4-8",
        "title": "Figures", "initialMessage": "Draw the figures."});
    assert_eq!(read(&home.record()), whole);
    assert_eq!(home.sessions(), [("Figures".to_owned(), vec![])]);
    assert!(home.plan().is_empty());
    lifecycle::undo(&home.world, None, false, &Quiet).unwrap();
    assert!(!home.record().exists());
    assert_eq!(home.state(), [("repair".to_owned(), OpState::Undone)]);
    assert_eq!(lifecycle::undo(&home.world, None, false, &Quiet).unwrap().moved, 0);
}

#[test]
fn of_a_torn_record_what_can_be_read_stays_and_undo_brings_it_back_to_the_byte() {
    let home = Home::new();
    let torn = format!(
        "{{\"title\": \"My own title\", \"sessionId\": \"{ID}\", \"egressAllowedDomains\": [\"x.org\"], \"\": true, \"systemPrompt\": \"You are"
    );
    std::fs::write(home.record(), &torn).unwrap();
    let repairs = home.plan();
    assert!(repairs[0].replaces && repairs[0].fields.iter().all(|f| f.name != "title" && f.name != "sessionId"));
    carry_out(&home.world, &repairs, true, &Quiet).unwrap();
    assert_eq!(std::fs::read_to_string(home.record()).unwrap(), torn);
    carry_out(&home.world, &repairs, false, &Quiet).unwrap();
    let made = read(&home.record());
    let names: Vec<&String> = made.as_object().unwrap().keys().collect();
    assert_eq!((&made["title"], &made[""], made.get("systemPrompt")), (&json!("My own title"), &json!(true), None));
    assert_eq!(names[..4], ["title", "sessionId", "egressAllowedDomains", ""]);
    assert_eq!(home.state(), [("repair".to_owned(), OpState::Stands)]);
    // The app may have gone on with it.
    std::fs::write(home.record(), made.to_string()).unwrap();
    let undone = lifecycle::undo(&home.world, None, false, &Quiet).unwrap();
    assert!(undone.notes.iter().any(|n| n.contains("changed since")), "{undone:?}");
    assert_eq!(std::fs::read_to_string(home.record()).unwrap(), torn);
    assert!(crate::vault::kept(&home.world).unwrap().iter().any(|(was, _)| *was == home.record()), "what the app wrote is kept");
}

#[test]
fn nothing_is_done_while_the_app_runs() {
    let mut home = Home::new();
    let repairs = home.plan();
    let app = Process { pid: 7, name: "claude-desktop".into(), exe: None, started: 0, ticks: None, script: None };
    home.world = home.world.clone().with_processes(vec![app]);
    let told = carry_out(&home.world, &repairs, false, &Quiet).unwrap_err();
    assert_eq!((told.exit_code(), home.record().exists()), (3, false));
    assert!(home.state().is_empty());
}

#[test]
fn a_repair_that_was_interrupted_is_found_done_or_taken_back() {
    let home = Home::new();
    std::fs::write(home.record(), "{").unwrap();
    carry_out(&home.world, &home.plan(), false, &Quiet).unwrap();
    let list = home.world.state_dir.join("repairs.jsonl");
    let text = std::fs::read_to_string(&list).unwrap();
    let lines: Vec<&str> = text.lines().filter(|l| !l.is_empty()).collect();
    // Everything was done but the last line; then, before the new record was there.
    std::fs::write(&list, lines[..2].join("\n")).unwrap();
    assert_eq!(super::recover(&home.world).unwrap().len(), 1);
    assert_eq!(home.state()[0], ("repair".to_owned(), OpState::Stands));
    std::fs::write(&list, lines[0]).unwrap();
    std::fs::remove_file(home.record()).unwrap();
    assert_eq!(super::recover(&home.world).unwrap().len(), 1);
    assert_eq!(std::fs::read_to_string(home.record()).unwrap(), "{");
}
