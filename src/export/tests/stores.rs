//! Conversations of every tool, found by a scan and exported: where they go, what stands at their head, what is left out.

use super::*;
use crate::scan;
use rusqlite::Connection;

struct Stores {
    dir: tempfile::TempDir,
    world: World,
}

const TOKEN: &str = concat!("ghp", "_16C7e42F292c6912E7710c838347Ae178B4a");

impl Stores {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let world = World::at(dir.path(), std::collections::BTreeMap::new());
        let home = Self { dir, world };
        let id = "01a1ffc4-edcf-7fb1-8775-9b32bbbc08cf";
        let item = |role: &str, text: &str| json!({"timestamp":"2026-11-21T20:20:58.508Z","type":"response_item","payload":{"type":"message","role":role,"content":[{"type":"input_text","text":text}]}});
        let meta = json!({"timestamp":"2026-11-21T20:20:58.491Z","type":"session_meta","payload":{"id":id,"timestamp":"2026-11-21T20:20:58.456Z","cwd":"/p","cli_version":"0.169.0","source":"exec"}});
        let context = json!({"timestamp":"2026-11-21T20:20:58.500Z","type":"turn_context","payload":{"model":"m-codex","cwd":"/p"}});
        home.lines(
            &format!(".codex/sessions/2026/11/21/rollout-2026-11-21T20-20-58-{id}.jsonl"),
            &[meta, context, item("user", "Ask Codex"), item("assistant", &format!("## Codex · 10:00\n\nIts token is {TOKEN}."))],
        );
        let chat = |kind: &str, n: u8, text: &str| json!({"id":format!("m{n}"),"timestamp":"2026-11-21T20:21:49.920Z","type":kind,"content":text,"model":"m-gemini"});
        let head = json!({"sessionId":"abc447a3-7f40-400f-8609-bf4bd870e51e","projectHash":"x","startTime":"2026-11-21T20:21:49.854Z","lastUpdated":"2026-11-21T20:21:49.854Z","kind":"main"});
        home.lines(
            ".gemini/tmp/p/chats/session-2026-11-21T20-21-abc447a3.jsonl",
            &[head, chat("user", 1, "Ask Gemini"), chat("gemini", 2, &format!("Its token is {TOKEN}."))],
        );
        let uuid = "06698a9f-bbd9-4f26-bf74-f670b12bf058";
        let record = |kind: &str, n: u8, content: &str| json!({"type":kind,"uuid":format!("u{n}"),"parentUuid":(n > 1).then(|| format!("u{}", n - 1)),"sessionId":uuid,"cwd":"/p","version":"2.1.329","timestamp":"2026-11-21T20:20:00Z","message":{"id":format!("m{n}"),"role":kind,"model":(kind == "assistant").then_some("m-claude"),"content":content}});
        home.lines(
            &format!(".claude/projects/-p/{uuid}.jsonl"),
            &[record("user", 1, "Ask Claude"), record("assistant", 2, &format!("Its token is {TOKEN}."))],
        );
        home.rows(|sql| {
            sql.execute_batch(
                "CREATE TABLE session(id text PRIMARY KEY, project_id text, parent_id text, slug text, directory text, title text, version text, revert text,
                    time_created integer, time_updated integer, time_archived integer);
                 CREATE TABLE message(id text PRIMARY KEY, session_id text, time_created integer, time_updated integer, data text);
                 CREATE TABLE part(id text PRIMARY KEY, message_id text, session_id text, time_created integer, time_updated integer, data text);
                 CREATE TABLE account(id text, access_token text); INSERT INTO account VALUES('a','the account''s own token');
                 INSERT INTO session VALUES('ses_aaaaaaaa1','p',NULL,'s','/p','Ask opencode','1.18.33',NULL,1795292331130,1795292341130,NULL);",
            )
            .unwrap();
        });
        home.says(1, "user", "Ask opencode");
        home.says(2, "assistant", &format!("Its token is {TOKEN}."));
        home
    }

    fn lines(&self, path: &str, lines: &[serde_json::Value]) {
        let path = self.dir.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, lines.iter().fold(String::new(), |all, line| all + &line.to_string() + "\n")).unwrap();
    }

    fn rows(&self, with: impl FnOnce(&Connection)) {
        let path = self.dir.path().join(".local/share/opencode/opencode.db");
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        with(&Connection::open(path).unwrap());
    }

    fn says(&self, n: i64, role: &str, text: &str) {
        let info = json!({"role":role,"time":{"created":1_795_292_331_130_i64 + n},"modelID":"m-opencode"}).to_string();
        let part = json!({"type":"text","text":text}).to_string();
        self.rows(|sql| {
            sql.execute("INSERT INTO message VALUES(?1,'ses_aaaaaaaa1',?2,?2,?3)", (format!("msg_{n}"), n, info)).unwrap();
            sql.execute("INSERT INTO part VALUES(?1,?2,'ses_aaaaaaaa1',?3,?3,?4)", (format!("prt_{n}"), format!("msg_{n}"), n, part))
                .unwrap();
        });
    }

    fn export(&self, title: &str) -> Report {
        let catalog = scan::run(&self.world, scan::Options::default());
        let at = catalog.sessions.iter().position(|s| s.title == title).unwrap_or_else(|| panic!("{:?}", catalog.sessions));
        export(&self.world, &catalog, SessionIx::at(at), &Options::default(), &Quiet).unwrap()
    }
}

#[test]
fn the_conversation_of_every_tool_has_its_durable_folder_and_no_secret_in_it() {
    let home = Stores::new();
    for (folder, who, name, version) in [
        ("Claude Code", "Claude", "claude-code", "2.1.329"),
        ("Codex", "Codex", "codex", "0.169.0"),
        ("Gemini", "Gemini", "gemini", ""),
        ("opencode", "opencode", "opencode", "1.18.33"),
    ] {
        let report = home.export(&format!("Ask {who}"));
        let durable = home.dir.path().join("Documents").join(folder).join(format!("Ask {who}"));
        assert_eq!((&report.folder, report.failed.len(), report.turns), (&durable, 0, 2), "{report:?}");
        let text = std::fs::read_to_string(durable.join("transcript.md")).unwrap();
        let model = format!("model: m-{}\n", who.to_lowercase());
        for says in [
            &format!("source: {name}\ntool: {folder}\n"),
            &model,
            "complete: true\n",
            "## You · ",
            &format!("## {who} · "),
            "Its token is ",
        ] {
            assert!(text.contains(says), "{says} in {text}");
        }
        assert_eq!(text.contains("tool_version"), !version.is_empty());
        assert!(text.contains(version) && !text.contains(TOKEN) && !text.contains("account's own token"), "{text}");
        assert!(text.contains("redacted: {\"github-token\": 1}") || text.contains("redacted: {github-token: 1}"), "{text}");
        let own = text.lines().filter(|l| l.starts_with("## Codex")).count();
        assert_eq!(own, usize::from(who == "Codex"), "a heading of the answer's own passes for a turn: {text}");
        assert!(home.export(&format!("Ask {who}")).up_to_date, "{who}");
    }
}

#[test]
fn a_session_of_rows_is_exported_again_when_it_grew_and_what_was_pruned_stays_in_what_was_kept() {
    let home = Stores::new();
    home.export("Ask opencode");
    home.says(3, "user", "Again");
    let grown = home.export("Ask opencode");
    assert_eq!((grown.up_to_date, grown.turns), (false, 3));
    let path = grown.folder.join("transcript.md");
    let whole = std::fs::read(&path).unwrap();
    home.rows(|sql| assert_eq!(sql.execute("DELETE FROM part WHERE id='prt_1'", []).unwrap(), 1));
    home.export("Ask opencode");
    assert_eq!(std::fs::read(&path).unwrap(), whole);
}
