//! The order of the conversation: what it went through, what was left, what is merely parallel.

use super::*;

fn call(uuid: &str, parent: &str, message: &str, id: &str) -> Value {
    claude(uuid, parent, message, json!({"type":"tool_use","id":id,"name":"Read","input":{}}))
}

fn answer(uuid: &str, parent: &str, id: &str) -> Value {
    user(uuid, parent, json!([{"type":"tool_result","tool_use_id":id,"content":format!("of {id}")}]))
}

fn told_of(lines: &[Value]) -> Vec<String> {
    told(&reading_bytes(text(lines).as_bytes(), &claude::DIALECT, false, LONGEST))
}

#[test]
fn parallel_tools_are_no_rewind_whichever_answer_the_model_went_on_from() {
    let start = [user("u1", "", "Look at both"), call("a1", "u1", "m1", "t1"), call("a2", "a1", "m1", "t2")];
    for last in ["r1", "r2"] {
        let mut lines = start.to_vec();
        lines.extend([answer("r2", "a2", "t2"), answer("r1", "a1", "t1"), claude("a3", last, "m2", says("Both."))]);
        assert_eq!(told_of(&lines), ["User: Look at both", "Assistant: [Read → of t1]|[Read → of t2]", "Assistant: Both."], "{last}");
    }
    // Both calls beside each other, not one below the other.
    let lines = [user("u1", "", "Look"), call("a1", "u1", "m1", "t1"), call("a2", "u1", "m1", "t2"), answer("r1", "a1", "t1")];
    let more = [answer("r2", "a2", "t2"), claude("a3", "r2", "m2", says("Both."))];
    assert_eq!(told_of(&[&lines[..], &more[..]].concat()), ["User: Look", "Assistant: [Read → of t1]|[Read → of t2]", "Assistant: Both."]);
}

#[test]
fn an_answer_that_comes_late_does_not_turn_the_conversation_round() {
    let lines = [
        user("u1", "", "Go"),
        call("a1", "u1", "m1", "t1"),
        call("a2", "a1", "m1", "t2"),
        answer("r2", "a2", "t2"),
        user("u2", "r2", "Meanwhile"),
        claude("a3", "u2", "m2", says("Yes.")),
        answer("r1", "a1", "t1"),
    ];
    assert_eq!(told_of(&lines), ["User: Go", "Assistant: [Read → of t1]|[Read → of t2]", "User: Meanwhile", "Assistant: Yes."]);
}

#[test]
fn order_is_by_what_follows_what_and_not_by_the_place_in_the_file() {
    let lines = [claude("a2", "u2", "m2", says("4")), user("u2", "a1", "3"), user("u1", "", "1"), claude("a1", "u1", "m1", says("2"))];
    assert_eq!(told_of(&lines), ["User: 1", "Assistant: 2", "User: 3", "Assistant: 4"]);
}

#[test]
fn of_several_branches_the_last_is_the_conversation_and_the_others_follow_each_under_its_mark() {
    let lines = [
        user("u1", "", "Start"),
        claude("a1", "u1", "m1", says("Ok.")),
        user("u2", "a1", "Way one"),
        claude("a2", "u2", "m2", says("One.")),
        user("u3", "a2", "On way one"),
        user("u4", "a2", "Way one, otherwise"),
        user("u5", "a1", "Way two"),
        claude("a5", "u5", "m5", says("Two.")),
    ];
    let all = told_of(&lines);
    assert_eq!(all[..4], ["User: Start", "Assistant: Ok.", "User: Way two", "Assistant: Two."]);
    let rest: Vec<&str> = all[4..].iter().map(|t| if t.contains("was left") { "|" } else { t.as_str() }).collect();
    assert_eq!(rest, ["|", "User: Way one", "Assistant: One.", "User: Way one, otherwise", "|", "User: On way one"]);
}

#[test]
fn where_the_file_says_that_the_conversation_went_back_what_came_after_was_left() {
    let mut lines = vec![user("u1", "", "One"), claude("a1", "u1", "m1", says("1")), user("u2", "a1", "Two")];
    let leaf = json!({"type":"last-prompt","leafUuid":"a1","lastPrompt":"One"});
    lines.insert(2, leaf.clone());
    assert_eq!(told_of(&lines), ["User: One", "Assistant: 1", "User: Two"], "it went on after that was written");
    lines.push(leaf);
    let all = told_of(&lines);
    assert!(all[2].contains("was left") && all[3] == "User: Two", "{all:?}");
}

#[test]
fn a_conversation_begun_anew_keeps_what_was_said_first() {
    let lines = [
        user("u1", "", "First try"),
        claude("a1", "u1", "m1", says("Hm.")),
        user("u2", "", "Second try"),
        claude("a2", "u2", "m2", says("Ah.")),
    ];
    let all = told_of(&lines);
    assert_eq!(all[..2], ["User: Second try", "Assistant: Ah."]);
    assert!(all[2].contains("from its beginning"), "{all:?}");
    assert_eq!(all[3..], ["User: First try", "Assistant: Hm."]);
}

#[test]
fn a_torn_line_in_the_middle_breaks_no_conversation_in_two() {
    let lines = [user("u1", "", "One"), claude("a1", "u1", "m1", says("1")), user("u2", "a1", "Two"), claude("a2", "u2", "m2", says("2"))];
    let broken = text(&lines).replacen("{\"type\":\"user\",\"uuid\":\"u2\"", "{\"type\":\"user\",\"uu\u{0}", 1);
    let c = reading_bytes(broken.as_bytes(), &claude::DIALECT, false, LONGEST);
    assert_eq!(told(&c), ["User: One", "Assistant: 1", "Assistant: 2"]);
    assert_eq!(c.told.left, 0);
    assert!(c.told.missing[0].starts_with("1 line could not be read (line 3"), "{:?}", c.told.missing);
}

#[test]
fn two_records_on_one_line_are_both_read() {
    let one = format!("{}{}\n", user("u1", "", "One"), claude("a1", "u1", "m1", says("1")));
    let c = reading_bytes(one.as_bytes(), &claude::DIALECT, false, LONGEST);
    assert_eq!((told(&c), c.told.bad_lines), (vec!["User: One".to_owned(), "Assistant: 1".to_owned()], 0));
    // The last line needs no end.
    let bare = one.trim_end().as_bytes();
    assert_eq!(told(&reading_bytes(bare, &claude::DIALECT, false, LONGEST)), ["User: One", "Assistant: 1"]);
    let mode = format!("{}{}\n", json!({"type":"mode","mode":"x"}), user("u1", "", "One"));
    assert_eq!(told(&reading_bytes(mode.as_bytes(), &claude::DIALECT, false, LONGEST)), ["User: One"]);
}

#[test]
fn links_that_lead_round_in_a_circle_end() {
    let lines = [user("u1", "u2", "One"), user("u2", "u1", "Two"), user("u3", "u3", "Three")];
    let all = told_of(&lines);
    for words in ["User: One", "User: Two", "User: Three"] {
        assert_eq!(all.iter().filter(|t| *t == words).count(), 1, "{all:?}");
    }
}

#[test]
fn what_was_kept_over_a_compaction_stands_once_and_the_mark_where_it_was() {
    // The new prompt follows a record from before the boundary.
    let lines = [
        user("u1", "", "First"),
        claude("a1", "u1", "m1", says("One.")),
        json!({"type":"system","subtype":"compact_boundary","uuid":"b1","parentUuid":null,"logicalParentUuid":"a1"}),
        json!({"type":"user","uuid":"s1","parentUuid":"b1","isCompactSummary":true,"message":{"content":"Summary."}}),
        user("u2", "a1", "Second"),
    ];
    let all = told_of(&lines);
    assert_eq!((all.len(), all[1].as_str(), all[4].as_str()), (5, "Assistant: One.", "User: Second"));
    assert!(all[2].contains("compacted") && all[3].contains("The summary"), "{all:?}");
}

#[test]
fn a_branch_of_old_sub_agents_among_the_records_stands_with_the_call_it_came_from() {
    let side = |uuid: &str, parent: Option<&str>, role: &str, text: &str| json!({"type":role,"isSidechain":true,"uuid":uuid,"parentUuid":parent,"message":{"content":[says(text)]}});
    let task = |uuid: &str, parent: &str, id: &str, prompt: &str| {
        claude(uuid, parent, "m1", json!({"type":"tool_use","id":id,"name":"Task","input":{"prompt":prompt}}))
    };
    let lines = [
        user("u1", "", "Do"),
        task("a1", "u1", "t1", "Count"),
        task("a2", "a1", "t2", "Weigh"),
        side("s1", None, "user", "Weigh"),
        side("c1", None, "user", "Count"),
        side("s2", Some("s1"), "assistant", "Heavy."),
        side("c2", Some("c1"), "assistant", "Five."),
        answer("r1", "a1", "t1"),
        answer("r2", "a2", "t2"),
        claude("a3", "r2", "m2", says("Done.")),
    ];
    let all = told_of(&lines);
    let agents: Vec<&String> = all.iter().filter(|t| t.contains("Sub-agent")).collect();
    assert_eq!(agents, ["Injected: *Sub-agent*|*Asked*|Count|*Answered*|Five.", "Injected: *Sub-agent*|*Asked*|Weigh|*Answered*|Heavy."]);
    assert_eq!(all.last().unwrap(), "Assistant: Done.");
}

#[test]
fn a_repeated_record_that_says_something_else_keeps_both() {
    let lines = [user("u1", "", "/compact"), user("u1", "", "<command-name>/compact</command-name>"), user("u1", "", "/compact")];
    let all = told_of(&lines);
    assert_eq!(all, ["User: /compact", "Injected: *A command*|<command-name>/compact</command-name>"]);
}

#[test]
fn words_beside_the_answer_of_a_parallel_tool_are_no_going_back() {
    let mut with_words = answer("r1", "a1", "t1");
    with_words["message"]["content"].as_array_mut().unwrap().push(says("Not that one"));
    let lines = [
        user("u1", "", "Look at both"),
        call("a1", "u1", "m1", "t1"),
        call("a2", "a1", "m1", "t2"),
        with_words,
        answer("r2", "a2", "t2"),
        claude("a3", "r2", "m2", says("Both.")),
    ];
    let c = reading_bytes(text(&lines).as_bytes(), &claude::DIALECT, false, LONGEST);
    assert_eq!(c.told.left, 0);
    assert_eq!(told(&c).iter().filter(|t| t.starts_with("User")).count(), 2, "{:?}", told(&c));
    assert_eq!(told(&c).last().unwrap(), "Assistant: Both.");
}

#[test]
fn branches_that_were_left_stand_in_the_order_they_began_in() {
    let lines = [
        user("u1", "", "Start"),
        claude("a1", "u1", "m1", says("Ok.")),
        user("u2", "a1", "Way one"),
        claude("a2", "u2", "m2", says("One.")),
        user("u3", "a1", "Way two"),
        user("u4", "u2", "Within way one"),
        user("u5", "a1", "Way three"),
    ];
    let typed: Vec<String> = told_of(&lines).into_iter().filter(|t| t.starts_with("User")).collect();
    assert_eq!(typed, ["User: Start", "User: Way three", "User: Way one", "User: Within way one", "User: Way two"]);
}
