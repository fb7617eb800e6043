//! Gemini's chats: of several records with one id the last counts, and what was rewound was left.

use super::*;
use crate::model::Script;

fn user(id: &str, text: &str) -> Value {
    json!({"id":id,"timestamp":"2026-11-21T20:21:49.920Z","type":"user","content":[{"text":text}]})
}

fn model(id: &str, text: &str) -> Value {
    json!({"id":id,"timestamp":"2026-11-21T20:21:50.000Z","type":"gemini","content":text,"model":"g-1","tokens":{"input":10,"output":2,"cached":4,"thoughts":1,"tool":0}})
}

fn meta() -> Value {
    json!({"sessionId":"s-1","projectHash":"x","startTime":"2026-11-21T20:21:49.854Z","kind":"main"})
}

fn set(messages: &[Value]) -> Value {
    json!({"$set":{"messages":messages}})
}

fn chat(lines: &[Value]) -> Conversation {
    let home = tempfile::tempdir().unwrap();
    put(home.path(), "p/.project_root", b"/p\n");
    put(home.path(), "p/chats/session-1.jsonl", text(lines).as_bytes());
    reading(&Session { id: "s-1".into(), script: Script::Gemini(home.path().join("p/chats/session-1.jsonl")), ..Session::default() })
}

const LEFT: &str = "Injected: *What follows was left: the conversation went on from an earlier point instead, as it stands above.*";

#[test]
fn the_last_record_of_an_id_counts_and_an_answer_stands_with_its_call_alone() {
    let mut called = model("g1", "");
    let response = json!({"functionResponse":{"id":"c1","name":"replace","response":{"output":"changed"}}});
    let diff = "Index: a\n--- a\tCurrent\n+++ a\tProposed\n@@ -3,1 +3,1 @@\n-x\n+y\n";
    called["toolCalls"] = json!([
        {"id":"c1","name":"replace","args":{"file_path":"/a"},"result":[response],"status":"success","resultDisplay":{"fileDiff":diff}},
        {"id":"c2","name":"x","args":{},"result":[{"functionResponse":{"id":"c2","response":{"error":"no"}}}],"status":"error"},
    ]);
    let environment = user("e", "<session_context>\nThis is the Gemini CLI.\n</session_context>");
    let answer = json!({"id":"r1","type":"user","content":[response, {"functionResponse":{"id":"c2","response":{"error":"no"}}}]});
    let c = chat(&[meta(), set(&[environment]), user("u1", "Fix it"), model("g1", ""), called, answer, model("g2", "Fixed.")]);
    assert_eq!(told(&c)[1..], ["User: Fix it", "Assistant: [replace → changed]|[x → no]", "Assistant: Fixed."]);
    assert!(told(&c)[0].starts_with("Injected: *The environment*|"));
    let (Block::Tool(one), Block::Tool(two)) = (&c.turns[2].blocks[0], &c.turns[2].blocks[1]) else { panic!() };
    assert_eq!((&*one.patch, one.failed, two.failed), (r#"[{"oldStart":3,"newStart":3,"lines":["-x","+y"]}]"#, false, true));
    assert!(c.told.missing.is_empty(), "{:?}", c.told.missing);
    let tokens = Tokens { input: 12, output: 6, cache_read: 8, cache_write: 0 };
    assert_eq!((c.told.tokens, c.told.model.as_deref(), c.told.cwd.as_deref()), (tokens, Some("g-1"), Some("/p")));
}

#[test]
fn what_was_rewound_was_left() {
    let said = [meta(), user("u1", "One"), model("g1", "1"), user("u2", "Two"), model("g2", "2")];
    let rewound = [&said[..], &[json!({"$rewindTo":"u2"})]].concat();
    assert_eq!(told(&chat(&rewound)), ["User: One", "Assistant: 1", LEFT, "User: Two", "Assistant: 2"]);
    let on = [&rewound[..], &[user("u3", "Three"), model("g3", "3")]].concat();
    assert_eq!(told(&chat(&on)), ["User: One", "Assistant: 1", "User: Three", "Assistant: 3", LEFT, "User: Two", "Assistant: 2"]);
    // A turn that was broken off is taken out of what the model is given.
    let rolled = [&said[..], &[set(&[user("u1", "One"), model("g1", "1")])]].concat();
    assert_eq!(told(&chat(&rolled)), told(&chat(&rewound)));
}

#[test]
fn what_a_compaction_drops_stays_and_what_it_says_again_under_other_ids_is_said_once() {
    let summary = user("s", "<state_snapshot>So far.</state_snapshot>");
    let c =
        chat(&[meta(), user("u1", "One"), model("g1", "1"), user("u2", "Two"), set(&[summary, user("other", "Two")]), model("g2", "2")]);
    let mark = "Injected: *Here the conversation was compacted: the model went on with a summary of what stands above.*";
    let summary = "Injected: *Added by the app*|<state_snapshot>So far.</state_snapshot>";
    assert_eq!(told(&c), ["User: One", "Assistant: 1", "User: Two", mark, summary, "Assistant: 2"]);
}

#[test]
fn an_older_chat_is_one_document() {
    let home = tempfile::tempdir().unwrap();
    let messages =
        [user("u1", "One"), model("g1", "1"), json!({"id":"i","type":"info","content":"Update available"}), json!({"id":"z","type":"odd"})];
    let mut document = meta();
    document["messages"] = json!(messages);
    let whole = serde_json::to_string_pretty(&document).unwrap();
    put(home.path(), "chats/session-1.json", whole.as_bytes());
    put(home.path(), "chats/session-2.json", &whole.as_bytes()[..whole.len() - 40]);
    let of = |name: &str| {
        reading(&Session { id: "s-1".into(), script: Script::Gemini(home.path().join("chats").join(name)), ..Session::default() })
    };
    let c = of("session-1.json");
    assert_eq!(told(&c)[..3], ["User: One", "Assistant: 1", "Injected: *Gemini CLI says (info):*|Update available"]);
    assert_eq!((c.told.missing.len(), c.told.unknown.get("odd"), c.told.cli_session.as_deref()), (0, Some(&1), Some("s-1")));
    assert_eq!(c.told.sources[0].blake3, blake3::hash(whole.as_bytes()).to_hex().to_string());
    let torn = of("session-2.json");
    assert_eq!((told(&torn)[..2].to_vec(), torn.told.missing), (told(&c)[..2].to_vec(), vec!["1 record could not be read".to_owned()]));
}

#[test]
fn a_sub_agent_s_chat_is_told_where_it_was_called() {
    let home = tempfile::tempdir().unwrap();
    let mut called = model("g1", "");
    called["toolCalls"] = json!([{"id":"c1","name":"helper","args":{},"result":[{"functionResponse":{"id":"c1","response":{"output":"4"}}}],"agentId":"a-1"}]);
    put(home.path(), "chats/session-1.jsonl", text(&[meta(), user("u1", "Ask"), called, model("g2", "Four.")]).as_bytes());
    put(
        home.path(),
        "chats/s-1/a-1.jsonl",
        text(&[json!({"sessionId":"a-1","kind":"subagent"}), user("v1", "Count"), model("h1", "4")]).as_bytes(),
    );
    let session = Session { id: "s-1".into(), script: Script::Gemini(home.path().join("chats/session-1.jsonl")), ..Session::default() };
    let c = reading(&session);
    assert_eq!(told(&c), ["User: Ask", "Assistant: [helper → 4]", "Injected: *Sub-agent*|*Asked*|Count|*Answered*|4", "Assistant: Four."]);
    assert_eq!(c.told.sources.len(), 2);
}
