//! Prompts that stand more than once, or only where they waited: typed while the model was at work, played back, taken together.

use super::*;

fn waits(text: &str) -> Value {
    json!({"type":"queue-operation","operation":"enqueue","timestamp":"2026-10-02T09:14:05Z","sessionId":"s","content":text})
}

fn leaves(operation: &str) -> Value {
    json!({"type":"queue-operation","operation":operation,"sessionId":"s"})
}

fn command(uuid: &str, parent: &str, text: &str, source: &str) -> Value {
    json!({"type":"attachment","uuid":uuid,"parentUuid":parent,"attachment":{"type":"queued_command","prompt":text,"source_uuid":source,"commandMode":"prompt"}})
}

fn told_of(lines: &[Value]) -> Vec<String> {
    told(&reading_bytes(text(lines).as_bytes(), &claude::DIALECT, false, LONGEST))
}

fn start() -> Vec<Value> {
    vec![waits("Go"), leaves("dequeue"), user("u1", "", "Go"), claude("a1", "u1", "m1", says("Working."))]
}

#[test]
fn a_prompt_that_was_never_taken_stands_where_it_was_typed() {
    let mut lines = start();
    lines.extend([waits("And this"), claude("a2", "a1", "m2", says("Done.")), user("u2", "a2", "Thanks")]);
    assert_eq!(told_of(&lines), ["User: Go", "Assistant: Working.", "User: And this", "Assistant: Done.", "User: Thanks"]);
    // Killed at work.
    let mut lines = start();
    lines.push(waits("Stop"));
    assert_eq!(told_of(&lines), ["User: Go", "Assistant: Working.", "User: Stop"]);
    assert_eq!(told_of(&[waits("First and last")]), ["User: First and last"]);
}

#[test]
fn a_prompt_that_was_taken_stands_once_where_it_was_taken() {
    let done = claude("a2", "a1", "m2", says("Done."));
    let begin = ["User: Go", "Assistant: Working.", "Assistant: Done."];
    for taken in [user("u2", "a2", "And this"), user("u2", "a2", json!([says("And this")])), command("q1", "a2", "And this", "x")] {
        let mut lines = start();
        lines.extend([waits("And this"), done.clone(), leaves("dequeue"), taken]);
        assert_eq!(told_of(&lines), [&begin[..], &["User: And this"]].concat());
    }
}

#[test]
fn the_same_words_typed_twice_stand_twice() {
    let mut lines = start();
    lines.extend([waits("Go"), waits("Go"), claude("a2", "a1", "m2", says("Done.")), user("u2", "a2", "Go")]);
    assert_eq!(told_of(&lines).iter().filter(|t| *t == "User: Go").count(), 3);
}

#[test]
fn prompts_that_were_taken_together_stand_once() {
    let taken = |content: Value| {
        let mut lines = start();
        lines.extend([waits("One"), waits("Left out"), waits("Two\nlines"), claude("a2", "a1", "m2", says("Done."))]);
        lines.push(user("u2", "a2", content));
        told_of(&lines)
    };
    let begin = ["User: Go", "Assistant: Working.", "User: Left out", "Assistant: Done."];
    assert_eq!(taken(json!("One\nTwo\nlines")), [&begin[..], &["User: One\nTwo\nlines"]].concat());
    assert_eq!(taken(json!([says("One"), says("Two\nlines")])), [&begin[..], &["User: One|Two\nlines"]].concat());
    // It says more than what waited.
    assert_eq!(taken(json!("One\nTwo\nlines and more")).len(), 7);
}

#[test]
fn a_command_that_waited_is_known_by_its_echo_and_what_the_tool_queued_is_nobodys_prompt() {
    let echo =
        "<command-name>/compact</command-name>\n  <command-message>compact</command-message>\n  <command-args>all of it</command-args>";
    let lines = [
        waits("/compact all of it"),
        user("u1", "", "Go"),
        user("c1", "u1", echo),
        waits("!ls"),
        waits("<task-notification>x</task-notification>"),
    ];
    assert_eq!(told_of(&lines)[0], "User: Go");
    assert!(told_of(&lines)[1].starts_with("Injected: *A command*"), "{:?}", told_of(&lines));
    assert_eq!(told_of(&lines)[2..], ["User: !ls"]);
}

#[test]
fn of_very_many_that_wait_none_is_lost() {
    let lines: Vec<Value> = (0..300).map(|n| waits(&format!("Prompt {n}"))).collect();
    assert_eq!(told_of(&lines).len(), 300);
}

#[test]
fn the_log_plays_prompts_back_alone_and_together_and_each_stands_once() {
    let line = |uuid: &str, text: &str, again: bool| json!({"type":"user","uuid":uuid,"session_id":"x","isReplay":again,"message":{"content":text},"_audit_timestamp":"2026-10-02T09:14:03Z"});
    let lines = [
        line("p1", "Go", false),
        line("p2", "One", false),
        line("p3", "Two", false),
        line("p1", "Go", true),
        claude("a1", "", "m1", says("Done.")),
        line("p2", "One", true),
        line("p3", "One\nTwo", true),
        claude("a2", "", "m2", says("Also.")),
    ];
    let c = reading_bytes(text(&lines).as_bytes(), &audit::DIALECT, false, LONGEST);
    assert_eq!(told(&c), ["User: Go", "User: One", "User: Two", "Assistant: Done.", "Assistant: Also."]);
}

#[test]
fn a_log_that_names_waiting_prompts_otherwise_doubles_none_of_them() {
    let log = |uuid: &str, text: &str| json!({"type":"user","uuid":uuid,"session_id":"x","message":{"content":text}});
    let both = |transcript: &[Value], prompts: &[Value]| {
        let (home, session) = session_with(transcript);
        put(home.path(), "audit.jsonl", text(prompts).as_bytes());
        let c = reading(&session);
        (told(&c), c.told.filled)
    };
    let mut lines = start();
    lines.extend([waits("This"), command("q1", "a1", "This", "p2"), claude("a2", "q1", "m2", says("Done."))]);
    let whole = ["User: Go", "Assistant: Working.", "User: This", "Assistant: Done."].map(str::to_owned).to_vec();
    assert_eq!(both(&lines, &[log("u1", "Go"), log("p2", "This")]), (whole, 0));

    let mut lines = start();
    lines.extend([waits("One"), waits("Two"), user("p3", "a1", "One\nTwo"), claude("a2", "p3", "m2", says("Done."))]);
    let whole = ["User: Go", "Assistant: Working.", "User: One\nTwo", "Assistant: Done."].map(str::to_owned).to_vec();
    assert_eq!(both(&lines, &[log("u1", "Go"), log("p2", "One"), log("p3", "Two")]), (whole, 0));
    // What the sweep took is still filled in, the same words or not.
    assert_eq!(both(&lines, &[log("u1", "Go"), log("p2", "One"), log("p3", "Two"), log("p4", "One"), log("p5", "Three")]).1, 2);
}
