//! Codex's rollouts: what the conversation is, said twice as it stands there, is told once.

use super::*;

fn line(kind: &str, payload: &Value) -> Value {
    json!({"timestamp":"2026-11-21T20:20:58.508Z","type":kind,"payload":payload})
}

fn item(payload: &Value) -> Value {
    line("response_item", payload)
}

fn shown(payload: &Value) -> Value {
    line("event_msg", payload)
}

fn said(role: &str, text: &str) -> Value {
    let kind = if role == "assistant" { "output_text" } else { "input_text" };
    item(&json!({"type":"message","role":role,"content":[{"type":kind,"text":text}]}))
}

fn read_lines(lines: &[Value]) -> Conversation {
    reading_bytes(text(lines).as_bytes(), &codex::DIALECT, false, LONGEST)
}

fn begin() -> Vec<Value> {
    vec![
        line(
            "session_meta",
            &json!({"id":"t-1","cwd":"/p","cli_version":"0.169.0","git":{"branch":"main"},"base_instructions":{"text":"You are"}}),
        ),
        said("user", "<environment_context>\n  <cwd>/p</cwd>\n</environment_context>"),
        line("turn_context", &json!({"cwd":"/p","model":"m-1"})),
    ]
}

#[test]
fn what_was_shown_is_not_said_again_and_a_command_has_all_of_its_output() {
    let mut lines = begin();
    lines.extend([
        said("user", "Do \"it\""),
        shown(&json!({"type":"user_message","message":"Do \"it\""})),
        shown(&json!({"type":"item_completed","item":{"type":"UserMessage","id":"x","content":[{"type":"text","text":"Do \"it\""}]}})),
        item(&json!({"type":"reasoning","summary":[{"type":"summary_text","text":"Hm."}],"encrypted_content":"x"})),
        shown(&json!({"type":"agent_reasoning","text":"Hm."})),
        item(&json!({"type":"function_call","name":"exec_command","arguments":"{\"cmd\":\"ls\"}","call_id":"c1"})),
        shown(&json!({"type":"item_completed","item":{"type":"CommandExecution","id":"c1","aggregated_output":"a\nb\nc\n","exit_code":3}})),
        item(&json!({"type":"function_call_output","call_id":"c1","output":"Process exited with code 3\nOutput:\na\n…"})),
        shown(&json!({"type":"item_completed","item":{"type":"AgentMessage","id":"y","content":[{"type":"Text","text":"Done."}]}})),
        said("assistant", "Done."),
        shown(&json!({"type":"agent_message","message":"Done."})),
        shown(&json!({"type":"token_count","info":{"total_token_usage":{"input_tokens":10,"cached_input_tokens":4,"output_tokens":3}}})),
        shown(&json!({"type":"token_count","info":{"total_token_usage":{"input_tokens":30,"cached_input_tokens":9,"output_tokens":5}}})),
    ]);
    let c = read_lines(&lines);
    let environment = "Injected: *The environment*|<environment_context>\n  <cwd>/p</cwd>\n</environment_context>";
    let expected = [environment, "User: Do \"it\"", "Assistant: (thinks Hm.)", "Assistant: [exec_command → a\nb\nc\n]", "Assistant: Done."];
    assert_eq!(told(&c), expected);
    let told = &c.told;
    assert!(told.missing.is_empty() && told.unknown.is_empty(), "{told:?}");
    let facts = [&told.model, &told.cli_session, &told.cwd, &told.version, &told.branch].map(|f| f.as_deref().unwrap_or_default());
    assert_eq!(facts, ["m-1", "t-1", "/p", "0.169.0", "main"]);
    assert_eq!(told.tokens, Tokens::default(), "counted by who tells the whole");
    let Block::Tool(tool) = &c.turns[3].blocks[0] else { panic!() };
    assert!(tool.failed);
}

#[test]
fn what_was_only_shown_is_told() {
    let mut lines = begin();
    lines.extend([
        shown(&json!({"type":"user_message","message":"Hello"})),
        shown(&json!({"type":"agent_message","message":"Hi."})),
        shown(&json!({"type":"turn_aborted","reason":"interrupted"})),
    ]);
    assert_eq!(told(&read_lines(&lines))[1..], ["User: Hello", "Assistant: Hi.", "Injected: *The turn was broken off: interrupted*"]);
}

#[test]
fn prompts_that_were_taken_back_were_left() {
    let mut lines = begin();
    lines.extend([said("user", "One"), said("assistant", "1"), said("user", "Two"), said("assistant", "2"), said("user", "Three")]);
    lines.push(shown(&json!({"type":"thread_rolled_back","num_turns":2})));
    let taken = "Injected: *What was said last was taken back.*";
    let left = "Injected: *What follows was left: the conversation went on from an earlier point instead, as it stands above.*";
    assert_eq!(told(&read_lines(&lines))[1..], ["User: One", "Assistant: 1", taken, left, "User: Two", "Assistant: 2", "User: Three"]);
    lines.extend([said("user", "Four"), said("assistant", "4")]);
    assert_eq!(told(&read_lines(&lines))[3..6], [taken, "User: Four", "Assistant: 4"]);
}

#[test]
fn a_compaction_is_marked_with_its_summary_and_what_it_keeps_is_not_said_again() {
    let mut lines = begin();
    lines.extend([said("user", "One"), said("assistant", "1")]);
    lines.push(line("compacted", &json!({"message":"So far: one.","replacement_history":[{"type":"message","role":"user","content":[{"type":"input_text","text":"One"}]}]})));
    lines.push(said("user", "Two"));
    let c = read_lines(&lines);
    assert!(told(&c)[3].starts_with("Injected: *Here the conversation was compacted"), "{:?}", told(&c));
    assert_eq!(told(&c)[4..], ["Injected: *The summary the model went on with*|So far: one.", "User: Two"]);
}

#[test]
fn older_ones_without_a_shell_and_with_outputs_in_json_are_read() {
    let lines = [
        json!({"id":"t-0","timestamp":"2025-07-01T10:00:00Z","instructions":null,"git":{"branch":"old"}}),
        json!({"record_type":"state"}),
        json!({"type":"message","role":"user","content":[{"type":"input_text","text":"Go"}]}),
        json!({"type":"function_call","name":"shell","arguments":"{\"command\":[\"ls\"]}","call_id":"c1"}),
        json!({"type":"function_call_output","call_id":"c1","output":"{\"output\":\"a\\nb\",\"metadata\":{\"exit_code\":1,\"duration_seconds\":0.1}}"}),
        json!({"type":"custom_tool_call","name":"apply_patch","input":"*** Begin Patch","call_id":"c2"}),
    ];
    let c = read_lines(&lines);
    assert_eq!(told(&c), ["User: Go", "Assistant: [shell → a\nb]", "Assistant: [apply_patch → ?]"]);
    let Block::Tool(tool) = &c.turns[2].blocks[0] else { panic!() };
    assert_eq!((&*tool.input, c.told.branch.as_deref()), ("{\"patch\":\"*** Begin Patch\"}", Some("old")));
}

#[test]
fn a_packed_rollout_says_what_the_plain_one_says() {
    let home = tempfile::tempdir().unwrap();
    let mut lines = begin();
    lines.extend((0..500).map(|n| said(if n % 2 == 0 { "user" } else { "assistant" }, &format!("Line {n}"))));
    let plain = text(&lines);
    let packed = zstd::encode_all(plain.as_bytes(), 3).unwrap();
    put(home.path(), "rollout-1.jsonl", plain.as_bytes());
    put(home.path(), "rollout-2.jsonl.zst", &packed);
    put(home.path(), "rollout-3.jsonl.zst", &packed[..packed.len() / 2]);
    let of = |name: &str| {
        reading(&Session { id: "t-1".into(), script: crate::model::Script::Codex(home.path().join(name)), ..Session::default() })
    };
    let (one, two) = (of("rollout-1.jsonl"), of("rollout-2.jsonl.zst"));
    assert_eq!((told(&one), one.told.missing.len(), two.told.missing.len()), (told(&two), 0, 0));
    assert_eq!(two.told.sources[0].blake3, blake3::hash(&packed).to_hex().to_string());
    assert!(!of("rollout-3.jsonl.zst").told.missing.is_empty());
}
