//! What a conversation must keep, checked against an independent reading of the same files.

mod book;
mod files;
pub(crate) mod made;
mod of_codex;
mod of_gemini;
mod of_opencode;
mod order;
mod queue;
mod random;
mod second;

use super::dialect::Dialect;
use super::lines::{LONGEST, Source};
use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::PathBuf;

/// A session folder in a temporary place, with a transcript of these lines.
fn session_with(lines: &[Value]) -> (tempfile::TempDir, Session) {
    session_of(text(lines).as_bytes())
}

fn text(lines: &[Value]) -> String {
    lines.iter().fold(String::new(), |all, line| all + &line.to_string() + "\n")
}

fn session_of(text: &[u8]) -> (tempfile::TempDir, Session) {
    let home = tempfile::tempdir().unwrap();
    put(home.path(), ".claude/projects/-s/conv.jsonl", text);
    let session = Session { dir: Some(home.path().to_path_buf()), conversation: Some("conv".into()), ..Session::default() };
    (home, session)
}

fn put(home: &Path, path: &str, bytes: &[u8]) {
    let path = home.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

fn user(uuid: &str, parent: &str, content: impl Into<Value>) -> Value {
    json!({"type":"user","uuid":uuid,"parentUuid":(!parent.is_empty()).then_some(parent),"timestamp":"2026-10-02T09:14:03Z","message":{"role":"user","content":content.into()}})
}

fn claude(uuid: &str, parent: &str, id: &str, block: impl Into<Value>) -> Value {
    json!({"type":"assistant","uuid":uuid,"parentUuid":parent,"timestamp":"2026-10-02T09:14:09Z","message":{"id":id,"role":"assistant","model":"m-1","content":[block.into()]}})
}

fn says(text: &str) -> Value {
    json!({"type":"text","text":text})
}

fn reading(session: &Session) -> Conversation {
    read(session).unwrap().unwrap()
}

/// The conversation in these bytes, read as a dialect writes it, and what is missing.
fn reading_bytes(bytes: &[u8], dialect: &'static Dialect, within: bool, cap: usize) -> Conversation {
    let bytes: std::sync::Arc<[u8]> = bytes.into();
    let open = || Ok(Box::new(std::io::Cursor::new(bytes.clone())) as Box<dyn Source>);
    let mut file =
        File::read(Place::file("".as_ref(), "x.jsonl".as_ref()), dialect, within, (super::lines::Extent::Hashed, cap), open).unwrap();
    let mut conversation = Conversation::default();
    let (mut told, gaps) = {
        let mut sink = |event: Event<'_>| {
            conversation.take(event);
            Ok(())
        };
        let mut teller = Teller::new(&mut sink, Agents::default());
        teller.file(&mut file).unwrap();
        (teller.told, teller.gaps)
    };
    told.missing = gaps.sentences();
    conversation.told = told;
    conversation
}

/// Every turn as `who: text|text`.
fn told(conversation: &Conversation) -> Vec<String> {
    let block = |b: &Block<'_>| match b {
        Block::Text(t) => t.to_string(),
        Block::Thinking(t) => format!("(thinks {t})"),
        Block::Tool(tool) => format!("[{} → {}]", tool.name, tool.answer.as_ref().map_or("?", |a| &a.text)),
        Block::Attachment(picture) => format!("+{}", picture.name),
        Block::Note(t) => format!("*{t}*"),
    };
    conversation.turns.iter().map(|t| format!("{:?}: {}", t.who, t.blocks.iter().map(block).collect::<Vec<_>>().join("|"))).collect()
}

#[test]
fn parts_of_one_message_are_one_turn_and_a_result_stands_with_its_call() {
    let (_home, session) = session_with(&[
        user("u1", "", "Do it"),
        claude("a1", "u1", "m1", json!({"type":"thinking","thinking":"","signature":"x"})),
        claude("a2", "a1", "m1", says("I will.")),
        claude("a3", "a2", "m1", json!({"type":"tool_use","id":"t1","name":"Bash","input":{"command":"ls"}})),
        user("r1", "a3", json!([{"type":"tool_result","tool_use_id":"t1","content":"a\nb"}])),
        claude("a4", "r1", "m2", says("Done.")),
    ]);
    let c = reading(&session);
    assert_eq!(told(&c), ["User: Do it", "Assistant: I will.|[Bash → a\nb]", "Assistant: Done."]);
    assert_eq!((c.told.model.as_deref(), c.told.missing.len(), c.told.bad_lines), (Some("m-1"), 0, 0));
}

#[test]
fn a_record_repeated_around_a_compaction_is_read_once() {
    let (_home, session) = session_with(&[
        user("u1", "", "First"),
        claude("a1", "u1", "m1", says("One.")),
        json!({"type":"system","subtype":"compact_boundary","uuid":"b1","parentUuid":null,"compactMetadata":{"preTokens":900}}),
        claude("a1", "u1", "m1", says("One.")),
        json!({"type":"user","uuid":"s1","parentUuid":"b1","isCompactSummary":true,"message":{"role":"user","content":"This session is being continued: First, One."}}),
        user("u2", "s1", "Second"),
    ]);
    let c = reading(&session);
    assert_eq!(told(&c)[0..2], ["User: First", "Assistant: One."]);
    assert!(told(&c)[2].starts_with("Injected: *Here the conversation was compacted (900 tokens before)"));
    assert!(told(&c)[3].starts_with("Injected: *The summary"));
    assert_eq!(told(&c)[4..], ["User: Second"]);
    assert!(c.told.missing.is_empty());
}

#[test]
fn a_file_that_begins_with_a_summary_is_said_to_lack_what_was_before() {
    let (_home, session) = session_with(&[
        json!({"type":"user","uuid":"s1","parentUuid":null,"isCompactSummary":true,"message":{"content":"Summary."}}),
        user("u2", "s1", "Go on"),
    ]);
    assert_eq!(reading(&session).told.missing, ["what was said before the first compaction is not in the file"]);
}

#[test]
fn what_the_tool_said_in_the_users_name_is_not_the_users() {
    let (_home, session) = session_with(&[
        user("u1", "", "<uploaded_files><file><file_path>/s/uploads/in.xlsx</file_path></file></uploaded_files>\n\nPlease."),
        user("k1", "u1", "Base directory for this skill: /s/mnt/.skills/skills/xlsx\n\n# XLSX"),
        json!({"type":"user","uuid":"p1","parentUuid":"k1","isMeta":true,"message":{"content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}}]}}),
        user("n1", "p1", "<task-notification>done</task-notification>"),
    ]);
    let who: Vec<String> = told(&reading(&session));
    assert_eq!(who[0], "User: +in.xlsx|Please.");
    assert_eq!(who[1], "Injected: *Skill xlsx*|Base directory for this skill: /s/mnt/.skills/skills/xlsx\n\n# XLSX");
    assert_eq!(who[2], "Injected: *Added by the app*|+image/png");
    assert!(who[3].starts_with("Injected: *A task's end*"));
}

#[test]
fn a_prompt_typed_while_the_model_works_is_kept_once() {
    let queued = |uuid: Option<&str>| json!({"type":"attachment","uuid":uuid,"parentUuid":"a1","attachment":{"type":"queued_command","prompt":"Also this","commandMode":"prompt"}});
    let (_home, session) = session_with(&[user("u1", "", "Do it"), claude("a1", "u1", "m1", says("Ok.")), queued(Some("q1"))]);
    assert_eq!(told(&reading(&session)), ["User: Do it", "Assistant: Ok.", "User: Also this"]);
    let (_home, session) = session_with(&[user("u1", "", "Do it"), queued(None), user("u2", "u1", "Also this")]);
    assert_eq!(told(&reading(&session)), ["User: Do it", "User: Also this"]);
}

#[test]
fn going_back_to_an_earlier_point_is_told_and_loses_nothing() {
    let (_home, session) = session_with(&[
        user("u1", "", "Do it"),
        claude("a1", "u1", "m1", says("Ok.")),
        user("u2", "a1", "Wrong way"),
        claude("a2", "u2", "m2", says("Hm.")),
        user("u3", "a1", "Right way"),
    ]);
    let told = told(&reading(&session));
    assert_eq!(told[..3], ["User: Do it", "Assistant: Ok.", "User: Right way"]);
    assert!(told[3].starts_with("Injected: *What follows was left"), "{told:?}");
    assert_eq!(told[4..], ["User: Wrong way", "Assistant: Hm."]);
}

#[test]
fn torn_and_broken_and_gigantic_lines_cost_only_themselves() {
    let mut text = format!("{}\n{{\"type\":\"assistant\",\n", user("u1", "", "Hello")).into_bytes();
    text.extend(vec![0; 40]);
    text.extend_from_slice(format!("{}\n", claude("a1", "u1", "m1", says("Hi"))).as_bytes());
    text.extend_from_slice(b"{\"type\":\"user\",\"mess");
    let (_home, session) = session_of(&text);
    let c = reading(&session);
    assert_eq!(told(&c), ["User: Hello", "Assistant: Hi"]);
    assert_eq!(
        (c.told.bad_lines, c.told.missing),
        (
            2,
            vec!["1 line could not be read (line 2 at byte 125, 21 bytes)".to_owned(), "the last line breaks off in the middle".to_owned()]
        )
    );

    let big = format!("{}\n{}\n{}\n", user("u1", "", "Hello"), user("u2", "u1", "x".repeat(5000)), user("u3", "u2", "Still here"));
    let c = reading_bytes(big.as_bytes(), &claude::DIALECT, false, 1000);
    assert_eq!((told(&c), c.told.bad_lines), (vec!["User: Hello".to_owned(), "User: Still here".to_owned()], 1));
    let first = user("u1", "", "Hello").to_string().len() + 1;
    let size = user("u2", "u1", "x".repeat(5000)).to_string().len() + 1;
    assert_eq!(c.told.missing[0], format!("1 line was too long to be read (line 2 at byte {first}, {size} bytes)"));
    assert!(c.told.missing[1].starts_with("1 record follows one that is not in the file"), "{:?}", c.told.missing);
}

#[test]
fn kinds_nobody_knows_are_counted_and_pass_by() {
    let (_home, session) = session_with(&[json!({"type":"hologram-frame"}), user("u1", "", "Hello"), json!({"type":"hologram-frame"})]);
    let c = reading(&session);
    assert_eq!((told(&c), c.told.unknown), (vec!["User: Hello".to_owned()], BTreeMap::from([("hologram-frame".to_owned(), 2)])));
}

#[test]
fn without_a_transcript_the_audit_log_is_read_each_prompt_once() {
    let home = tempfile::tempdir().unwrap();
    let line = |session: &str, replay: bool| json!({"type":"user","uuid":"u1","session_id":session,"isReplay":replay,"message":{"content":"Hello"},"_audit_timestamp":"2026-10-02T09:14:03Z"});
    let child = json!({"type":"assistant","uuid":"a9","parent_tool_use_id":"t1","message":{"id":"m9","content":[says("Child.")]}});
    let call = claude("a1", "", "m1", json!({"type":"tool_use","id":"t1","name":"Task","input":{}}));
    let lines = [line("desk", false), line("cli", true), call, child, claude("a2", "", "m1", says("Hi."))];
    put(home.path(), "audit.jsonl", text(&lines).as_bytes());
    let session = Session { dir: Some(home.path().to_path_buf()), conversation: Some("gone".into()), ..Session::default() };
    let c = reading(&session);
    assert_eq!(told(&c), ["User: Hello", "Assistant: [Task → ?]|Hi.", "Injected: *Sub-agent*|*Answered*|Child."]);
    assert_eq!(c.told.missing[0], "the transcript is gone; this is from the audit log, which holds less");
    assert_eq!(c.turns[0].when, Some("2026-10-02T09:14:03Z".parse().unwrap()));
}

#[test]
fn a_session_with_neither_has_no_conversation() {
    let home = tempfile::tempdir().unwrap();
    let session = Session { dir: Some(home.path().to_path_buf()), ..Session::default() };
    assert!(read(&session).unwrap().is_none());
    assert!(read(&Session::default()).unwrap().is_none());
}

#[test]
fn of_several_transcripts_the_one_the_record_names_is_read_and_the_others_told() {
    let (home, session) = session_with(&[user("u1", "", "Named")]);
    put(home.path(), ".claude/projects/-other/more.jsonl", format!("{}\n", user("v1", "", "Other")).as_bytes());
    put(home.path(), ".claude/projects/-other/empty.jsonl", b"{\"type\":\"mode\"}\n");
    let c = reading(&session);
    assert_eq!(
        (told(&c), c.told.missing),
        (vec!["User: Named".to_owned()], vec!["1 other transcript beside this one is not in it".to_owned()])
    );
    let session = Session { conversation: Some("more".into()), ..session };
    assert_eq!(told(&reading(&session)), ["User: Other"]);
}

#[test]
fn a_sub_agent_stands_where_it_was_started_and_one_without_a_file_is_told() {
    let launch = |id: &str| json!({"type":"user","uuid":format!("r{id}"),"parentUuid":format!("a{id}"),"toolUseResult":{"agentId":id},"message":{"content":[{"type":"tool_result","tool_use_id":format!("t{id}"),"content":"launched"}]}});
    let call = |id: &str| claude(&format!("a{id}"), "u1", "m1", json!({"type":"tool_use","id":format!("t{id}"),"name":"Agent","input":{}}));
    let (home, session) = session_with(&[user("u1", "", "Do"), call("x"), call("y"), launch("x"), launch("y"), user("u2", "rx", "And?")]);
    let child = json!({"type":"assistant","isSidechain":true,"agentId":"x","uuid":"c1","message":{"id":"c","content":[says("Counted.")]}});
    put(home.path(), ".claude/projects/-s/conv/subagents/agent-x.jsonl", format!("{child}\n").as_bytes());
    put(home.path(), ".claude/projects/-s/conv/subagents/agent-x.meta.json", br#"{"description":"Count words"}"#);
    let c = reading(&session);
    assert_eq!(told(&c)[2..], ["Injected: *Sub-agent: Count words*|*Answered*|Counted.", "User: And?"]);
    assert_eq!(c.told.missing, ["1 sub-agent has no file"]);
}

#[test]
fn a_long_output_comes_back_from_its_file_and_is_told_when_that_is_gone() {
    let kept = |name: &str| {
        format!(
            "<persisted-output>\nOutput too large (1KB). Full output saved to: /elsewhere/conv/tool-results/{name}\n\nPreview\n</persisted-output>"
        )
    };
    let call = |id: &str| claude(id, "u1", "m1", json!({"type":"tool_use","id":id,"name":"Bash","input":{}}));
    let answer = |id: &str, name: &str| user(&format!("r{id}"), id, json!([{"type":"tool_result","tool_use_id":id,"content":kept(name)}]));
    let (home, session) = session_with(&[user("u1", "", "Do"), call("t1"), call("t2"), answer("t1", "a.txt"), answer("t2", "b.txt")]);
    put(home.path(), ".claude/projects/-s/conv/tool-results/a.txt", b"all of it");
    let c = reading(&session);
    assert!(told(&c)[1].starts_with("Assistant: [Bash → all of it]|[Bash → <persisted-output>"));
    assert_eq!(c.told.missing, ["1 long tool output is gone, its beginning is here"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_transcript_that_is_a_link_or_a_pipe_is_not_opened() {
    let home = tempfile::tempdir().unwrap();
    put(home.path(), "outside.jsonl", format!("{}\n", user("u1", "", "Outside")).as_bytes());
    let slug = home.path().join("s/.claude/projects/-s");
    std::fs::create_dir_all(&slug).unwrap();
    std::os::unix::fs::symlink(home.path().join("outside.jsonl"), slug.join("conv.jsonl")).unwrap();
    rustix::fs::mknodat(rustix::fs::CWD, slug.join("pipe.jsonl"), rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0).unwrap();
    let session = Session { dir: Some(home.path().join("s")), conversation: Some("conv".into()), ..Session::default() };
    assert!(read(&session).unwrap().is_none());
    assert!(peek(&slug.join("pipe.jsonl"), 100).is_err());
    assert!(peek(&slug.join("conv.jsonl"), 100).is_err());
}

#[test]
fn a_preview_reads_no_more_than_it_may() {
    let (home, _session) = session_with(&[user("u1", "", "Hello"), claude("a1", "u1", "m1", says("x".repeat(500).as_str()))]);
    let c = peek(&home.path().join(".claude/projects/-s/conv.jsonl"), 300).unwrap();
    assert_eq!((told(&c), c.told.bad_lines), (vec!["User: Hello".to_owned()], 0));
    assert!(c.told.missing[0].starts_with("only the first 300 of"), "{:?}", c.told.missing);
}

fn nasty_line() -> impl Strategy<Value = Vec<u8>> {
    let id = prop_oneof![Just("a"), Just("b"), Just(""), Just("c")];
    let kind = prop_oneof![Just("user"), Just("assistant"), Just("system"), Just("attachment"), Just("ai-title"), Just("zap")];
    let block = prop_oneof![
        "[a-c<]{0,6}".prop_map(|t| json!({"type":"text","text":t})),
        id.clone().prop_map(|i| json!({"type":"tool_use","id":i,"name":"Bash","input":[1]})),
        id.clone().prop_map(|i| json!({"type":"tool_result","tool_use_id":i,"content":[{"type":"text","text":"r"},7]})),
        Just(json!({"type":"image","source":{"data":7}})),
        Just(json!(null)),
    ];
    let content = prop_oneof![
        "[a-c ]{0,6}|<system-reminder>|</system-reminder>|<uploaded_files>".prop_map(Value::from),
        proptest::collection::vec(block, 0..4).prop_map(Value::from),
    ];
    let record = (kind, id.clone(), id.clone(), id, any::<[bool; 4]>(), content).prop_map(|(kind, uuid, parent, message, flags, content)| {
        json!({"type":kind,"uuid":uuid,"parentUuid":parent,"isMeta":flags[0],"isSidechain":flags[1],"isCompactSummary":flags[2],"agentId":message,
            "subtype":"compact_boundary","attachment":{"type":"queued_command","prompt":content},"toolUseResult":{"agentId":parent},
            "parent_tool_use_id":flags[3].then_some(parent),"message":{"id":message,"content":content}})
        .to_string()
        .into_bytes()
    });
    prop_oneof![8 => record, 1 => proptest::collection::vec(any::<u8>(), 0..20)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn whatever_the_lines_reading_ends_and_no_text_is_lost(lines in proptest::collection::vec(nasty_line(), 0..20)) {
        for dialect in [&claude::DIALECT, &audit::DIALECT] {
            let conversation = reading_bytes(&lines.join(&b'\n')[..], dialect, false, 1 << 16);
            let all = told(&conversation).join("\n");
            for line in &lines {
                let Ok(record) = serde_json::from_slice::<Value>(line) else { continue };
                for block in record["message"]["content"].as_array().into_iter().flatten() {
                    if matches!(record["type"].as_str(), Some("user" | "assistant")) && block["type"] == "text" {
                        prop_assert!(all.contains(block["text"].as_str().unwrap().trim()), "{all}");
                    }
                }
            }
        }
    }
}

/// Texts of the user and the model in a file, read with nothing of this room: text blocks and text content, by uuid.
fn texts_of(file: &Path) -> Vec<String> {
    let mut seen: HashMap<String, Vec<String>> = HashMap::new();
    let mut all = Vec::new();
    for (n, line) in std::fs::read(file).unwrap().split(|b| *b == b'\n').enumerate() {
        let Ok(value) = serde_json::from_slice::<Value>(line) else { continue };
        if !matches!(value["type"].as_str(), Some("user" | "assistant")) {
            continue;
        }
        let content = &value["message"]["content"];
        let mut here: Vec<String> = content.as_str().map(str::to_owned).into_iter().collect();
        here.extend(
            content.as_array().into_iter().flatten().filter(|b| b["type"] == "text").filter_map(|b| b["text"].as_str().map(str::to_owned)),
        );
        let uuid = value["uuid"].as_str().map_or_else(|| n.to_string(), str::to_owned);
        let before = seen.entry(uuid).or_default();
        all.extend(here.iter().filter(|t| !before.contains(t) && !t.is_empty()).cloned());
        before.extend(here);
    }
    all
}

/// Texts of a conversation; without its sub-agents where those have files of their own.
fn texts_in(conversation: &Conversation, one_file: bool) -> Vec<String> {
    let texts = conversation.turns.iter().filter(|t| one_file || !t.id.starts_with("agent-")).flat_map(|t| &t.blocks);
    texts.filter_map(|b| if let Block::Text(t) = b { Some(t.to_string()) } else { None }).collect()
}

fn same_texts(mut expected: Vec<String>, mut found: Vec<String>, of: &Path) {
    let typed = |t: &String| t.rsplit("</uploaded_files>").next().unwrap_or_default().trim().to_owned();
    expected = expected.iter().map(typed).collect();
    found = found.iter().map(|t| t.trim().to_owned()).collect();
    expected.sort();
    found.sort();
    assert_eq!(expected, found, "{}", of.display());
}

#[test]
fn every_text_of_a_genuine_session_is_read_exactly_once() {
    // The home of a genuine store, where one is at hand.
    let home = PathBuf::from(std::env::var_os("LIFEBOAT_REAL_STORE").unwrap_or_default());
    let root = &home.join(".config/Claude/local-agent-mode-sessions");
    let sessions: Vec<PathBuf> = walkdir::WalkDir::new(root)
        .min_depth(3)
        .max_depth(3)
        .into_iter()
        .filter_map(|e| e.ok().filter(|e| e.file_type().is_dir()).map(walkdir::DirEntry::into_path))
        .collect();
    if sessions.is_empty() {
        println!("skipped: no genuine store at {}", root.display());
    }
    for dir in sessions {
        let session = Session { dir: Some(dir.clone()), ..Session::default() };
        let conversation = reading(&session);
        assert_eq!((conversation.told.bad_lines, &conversation.told.unknown), (0, &BTreeMap::new()), "{}", dir.display());
        same_texts(texts_of(&conversation.told.sources[0].path), texts_in(&conversation, false), &dir);
        let audit = peek(&dir.join("audit.jsonl"), u64::MAX).unwrap();
        assert_eq!(audit.told.unknown, BTreeMap::new());
        same_texts(texts_of(&audit.told.sources[0].path), texts_in(&audit, true), &dir);
    }
}

#[test]
fn every_text_of_the_corpus_is_read_exactly_once() {
    let root = &Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    if !root.exists() {
        println!("skipped: no corpus at {}", root.display());
        return;
    }
    for file in
        walkdir::WalkDir::new(root).into_iter().filter_map(Result::ok).filter(|e| e.path().extension().is_some_and(|x| x == "jsonl"))
    {
        if file.path().to_string_lossy().contains("codex") {
            continue;
        }
        let is_agent = file.file_name().to_string_lossy().contains("subagent");
        let dialect = if file.file_name().to_string_lossy().contains("audit") { &audit::DIALECT } else { &claude::DIALECT };
        let conversation = reading_bytes(&std::fs::read(file.path()).unwrap(), dialect, is_agent, LONGEST);
        same_texts(texts_of(file.path()), texts_in(&conversation, true), file.path());
    }
}
