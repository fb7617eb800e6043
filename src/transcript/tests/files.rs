//! What lies in several files: the audit log beside the transcript, sub-agents, long outputs.

use super::*;

fn logged(record: &Value) -> Value {
    let mut record = record.clone();
    let at = record["timestamp"].take();
    let map = record.as_object_mut().unwrap();
    map.remove("parentUuid");
    map.insert("_audit_timestamp".into(), at);
    record
}

fn session_with_log(transcript: &[Value], log: &[Value]) -> (tempfile::TempDir, Session) {
    let (home, session) = session_with(transcript);
    put(home.path(), "audit.jsonl", text(&log.iter().map(logged).collect::<Vec<_>>()).as_bytes());
    (home, session)
}

fn whole() -> Vec<Value> {
    vec![
        user("u1", "", "First"),
        claude("a1", "u1", "m1", says("One.")),
        claude("c1", "a1", "m1", json!({"type":"tool_use","id":"t1","name":"Bash","input":{}})),
        user("r1", "c1", json!([{"type":"tool_result","tool_use_id":"t1","content":"out"}])),
        user("u2", "r1", "Second"),
        claude("a2", "u2", "m2", says("Two.")),
        user("u3", "a2", "Third"),
        claude("a3", "u3", "m3", says("Three.")),
    ]
}

#[test]
fn what_the_sweep_took_from_the_transcript_comes_back_from_the_audit_log_in_its_place() {
    let all = whole();
    let (_home, complete) = session_with_log(&all, &all);
    let expected = reading(&complete);
    assert_eq!((expected.told.missing.clone(), expected.told.filled), (vec![], 0));
    // The beginning, the middle, the end, and each without its neighbours.
    for gone in [0..4, 2..4, 4..6, 6..8, 1..8, 0..7] {
        let kept: Vec<Value> = all.iter().enumerate().filter(|(i, _)| !gone.contains(i)).map(|(_, r)| r.clone()).collect();
        let (_home, session) = session_with_log(&kept, &all);
        let c = reading(&session);
        assert_eq!(told(&c), told(&expected), "{gone:?}");
        assert_eq!(c.told.filled, gone.len() as u64);
        let sentence = format!("{} records are gone from the transcript and stand here from the audit log, which holds less", gone.len());
        assert!(c.told.missing.contains(&sentence), "{:?}", c.told.missing);
        assert!(!c.told.missing.iter().any(|m| m.contains("beginning")), "{:?}", c.told.missing);
        assert_eq!(c.told.sources.len(), 2);
    }
}

#[test]
fn a_log_that_names_its_records_differently_doubles_nothing() {
    let all = whole();
    let other: Vec<Value> = all
        .iter()
        .map(|record| {
            let mut record = record.clone();
            record["uuid"] = json!(format!("other-{}", record["uuid"].as_str().unwrap()));
            record
        })
        .collect();
    let (_home, session) = session_with_log(&all, &other);
    assert_eq!(told(&reading(&session)).len(), 6);
}

#[test]
fn a_sub_agent_whose_file_is_gone_comes_back_from_the_audit_log() {
    let mut all = whole();
    all[2] = claude("c1", "a1", "m1", json!({"type":"tool_use","id":"t1","name":"Agent","input":{"prompt":"Count"}}));
    all[3]["toolUseResult"] = json!({"agentId":"x"});
    let mut log = all.clone();
    log.insert(4, json!({"type":"assistant","uuid":"s1","parent_tool_use_id":"t1","message":{"id":"m9","content":[says("Counted.")]}}));
    let (_home, session) = session_with_log(&all, &log);
    let c = reading(&session);
    assert_eq!(told(&c)[2], "Injected: *Sub-agent*|*Answered*|Counted.");
    assert_eq!((c.told.filled, c.told.missing.len()), (1, 1));
}

#[test]
fn sub_agents_stand_within_each_other_by_the_call_that_started_them() {
    let agent = |id: &str, agent: &str| claude(id, "u1", id, json!({"type":"tool_use","id":agent,"name":"Agent","input":{}}));
    let (home, session) = session_with(&[user("u1", "", "Do"), agent("a1", "t-outer"), user("u2", "a1", "And?")]);
    let base = ".claude/projects/-s/conv/subagents/agent-";
    let file = |name: &str, lines: &[Value], call: &str| {
        put(home.path(), &format!("{base}{name}.jsonl"), text(lines).as_bytes());
        put(home.path(), &format!("{base}{name}.meta.json"), json!({"description":name,"toolUseId":call}).to_string().as_bytes());
    };
    file("outer", &[user("o1", "", "Outer?"), agent("o2", "t-inner"), claude("o3", "o2", "o3", says("Outer."))], "t-outer");
    file("inner", &[user("i1", "", "Inner?"), claude("i2", "i1", "i2", says("Inner."))], "t-inner");
    let mut events = Vec::new();
    let told = open(&session).unwrap().unwrap().tell(&mut |event| {
        events.push(match event {
            Event::Agent(agent) => format!("<{}", agent.about),
            Event::AgentEnd => ">".to_owned(),
            Event::Block(Block::Text(text)) => text.to_string(),
            _ => return Ok(()),
        });
        Ok(())
    });
    assert_eq!(events, ["Do", "<outer", "Outer?", "<inner", "Inner?", "Inner.", ">", "Outer.", ">", "And?"]);
    assert_eq!(told.unwrap().agents, 2);
}

#[test]
fn a_sink_that_fails_stops_the_telling() {
    let (_home, session) = session_with(&whole());
    let mut n = 0;
    let outcome = open(&session).unwrap().unwrap().tell(&mut |_| {
        n += 1;
        if n < 3 { Ok(()) } else { Err(Error::refused("enough")) }
    });
    assert_eq!((outcome.unwrap_err().to_string().contains("enough"), n), (true, 3));
}

#[test]
fn a_long_output_of_a_session_that_was_copied_comes_from_where_the_first_one_has_it() {
    let kept = "<persisted-output>\nOutput too large (1KB). Full output saved to: /home/x/.claude/projects/-s/first/tool-results/a.txt\n\nPreview\n</persisted-output>";
    let (home, session) = session_with(&[
        user("u1", "", "Do"),
        claude("c1", "u1", "m1", json!({"type":"tool_use","id":"t1","name":"Bash","input":{}})),
        user("r1", "c1", json!([{"type":"tool_result","tool_use_id":"t1","content":kept}])),
    ]);
    assert_eq!(reading(&session).told.missing, ["1 long tool output is gone, its beginning is here"]);
    put(home.path(), ".claude/projects/-s/first/tool-results/a.txt", b"all of it");
    assert_eq!(told(&reading(&session))[1], "Assistant: [Bash → all of it]");
}

#[test]
fn what_is_said_after_a_sub_agent_is_a_turn_of_its_own_even_within_one_message() {
    let (home, session) = session_with(&[
        user("u1", "", "Do"),
        claude("a1", "u1", "m1", says("I ask.")),
        claude("c1", "a1", "m1", json!({"type":"tool_use","id":"t1","name":"Agent","input":{}})),
        // The same record once more, with other words.
        claude("a1", "u1", "m1", says("I asked.")),
    ]);
    let base = ".claude/projects/-s/conv/subagents/agent-x";
    put(home.path(), &format!("{base}.jsonl"), text(&[user("i1", "", "Inner?")]).as_bytes());
    put(home.path(), &format!("{base}.meta.json"), json!({"toolUseId":"t1"}).to_string().as_bytes());
    assert_eq!(told(&reading(&session))[2..], ["Injected: *Sub-agent*|*Asked*|Inner?", "Assistant: I asked."]);
}
