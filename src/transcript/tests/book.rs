//! A conversation read at any place says there what it says when it is told from its beginning.

use super::*;

/// Every event of a telling as a line; the entries of a list come out the same.
fn line(block: &Block<'_>) -> String {
    format!("  {block:?}")
}

fn telling(session: &Session) -> Vec<String> {
    let mut all = Vec::new();
    let told = open(session).unwrap().unwrap().tell(&mut |event| {
        match event {
            Event::Turn(turn) => all.push(format!("{:?} {:?}", turn.who, turn.when)),
            Event::Block(block) => all.push(line(&block)),
            Event::Agent(agent) => all.push(format!("<{}", agent.about)),
            Event::AgentEnd => all.push(">".to_owned()),
            Event::Left(_) => all.push("left".to_owned()),
        }
        Ok(())
    });
    told.unwrap();
    all
}

fn book(session: &Session) -> Book {
    Book::open(session, &Arc::default()).unwrap().unwrap()
}

fn blocks(book: &mut Book, entry: usize) -> Vec<String> {
    let mut all = Vec::new();
    book.blocks(entry, &mut |block| all.push(line(&block))).unwrap();
    all
}

/// What a book says, its entries asked for from the last to the first and then in order.
fn leafed(book: &mut Book) -> Vec<String> {
    let entries = book.entries().to_vec();
    for at in (0..entries.len()).rev() {
        blocks(book, at);
    }
    let (mut all, mut open) = (Vec::new(), Vec::new());
    for (at, entry) in entries.iter().enumerate() {
        while open.last() == Some(&at) {
            open.pop();
            all.push(">".to_owned());
        }
        match entry.what {
            What::Turn(who) => all.push(format!("{who:?} {:?}", entry.when)),
            What::Left => all.push("left".to_owned()),
            What::Agent => {
                let about = book.abouts().iter().find(|(of, _)| *of as usize == at);
                all.push(format!("<{}", about.map_or("", |(_, about)| about)));
                open.push(entry.end as usize);
            }
        }
        all.extend(blocks(book, at));
    }
    all.extend(open.iter().map(|_| ">".to_owned()));
    all
}

fn the_same(session: &Session) {
    assert_eq!(leafed(&mut book(session)), telling(session));
}

#[test]
fn parallel_tools_answers_without_calls_and_injected_text_read_the_same() {
    let (_home, session) = session_with(&[
        user("u1", "", "<system-reminder>Mind.</system-reminder>Do it<system-reminder>Too.</system-reminder>"),
        claude("a1", "u1", "m1", says("I will.")),
        claude("a2", "a1", "m1", json!({"type":"tool_use","id":"t1","name":"Bash","input":{"command":"ls"}})),
        claude("a3", "a2", "m1", json!({"type":"tool_use","id":"t2","name":"Read","input":{}})),
        user("r2", "a3", json!([{"type":"tool_result","tool_use_id":"t2","content":"two"}])),
        user(
            "r1",
            "r2",
            json!([{"type":"tool_result","tool_use_id":"t1","content":"one"},{"type":"tool_result","tool_use_id":"gone","content":"three"},{"type":"tool_result","tool_use_id":"gone","content":"three"}]),
        ),
        json!({"type":"system","subtype":"compact_boundary","uuid":"b1","parentUuid":null,"logicalParentUuid":"r1"}),
        json!({"type":"user","uuid":"s1","parentUuid":"b1","isCompactSummary":true,"message":{"content":"Sum."}}),
        claude("a4", "s1", "m2", says("Done.")),
        user("u2", "a1", "Another way"),
    ]);
    the_same(&session);
}

#[test]
fn sub_agents_and_records_of_the_audit_log_read_the_same_and_their_files_are_opened_when_wanted() {
    let call = |id: &str, parent: &str, call: &str| claude(id, parent, id, json!({"type":"tool_use","id":call,"name":"Agent","input":{}}));
    let mut lines = vec![user("u1", "", "Do")];
    for n in 0..9 {
        let parent = lines.last().unwrap()["uuid"].as_str().unwrap().to_owned();
        lines.push(call(&format!("c{n}"), &parent, &format!("t{n}")));
    }
    lines.push(user("u2", "c8", "And then?"));
    let (home, session) = session_with(&lines);
    let base = ".claude/projects/-s/conv/subagents/agent-";
    for n in 0..9 {
        let file = text(&[user("o1", "", "Count?"), claude("o2", "o1", "o2", says(&format!("Counted {n}.")))]);
        put(home.path(), &format!("{base}{n}.jsonl"), file.as_bytes());
        let about = json!({"description":format!("no. {n}"),"toolUseId":format!("t{n}")});
        put(home.path(), &format!("{base}{n}.meta.json"), about.to_string().as_bytes());
    }
    let mut log = lines.clone();
    log.insert(1, user("gone", "u1", "Typed and swept away"));
    put(home.path(), "audit.jsonl", text(&log).as_bytes());
    the_same(&session);
    let mut book = book(&session);
    assert_eq!(book.told().filled, 1);
    let all = leafed(&mut book).join("\n");
    assert!(all.contains("<no. 8") && all.contains("Counted 0.") && all.contains("swept away"), "{all}");
}

#[test]
fn the_entry_of_a_record_is_found_also_where_the_record_is_in_the_middle_of_a_message() {
    let (_home, session) = session_with(&[
        user("u1", "", "First"),
        claude("a1", "u1", "m1", says("One.")),
        claude("a2", "a1", "m1", says("More.")),
        user("u2", "a2", "Second"),
    ]);
    let book = book(&session);
    let at = |id| book.entry_of(id);
    assert_eq!((at("u1"), at("a1"), at("a2"), at("u2"), at("nobody")), (Some(0), Some(1), Some(1), Some(2), None));
    let turns: Vec<u32> = book.entries().iter().map(|e| e.turn).collect();
    assert_eq!(turns, [1, 2, 3]);
}

#[test]
fn the_first_turns_are_there_from_the_first_bytes() {
    let lines: Vec<Value> =
        (0..50).map(|n| user(&format!("u{n}"), &if n == 0 { String::new() } else { format!("u{}", n - 1) }, "Words")).collect();
    let (_home, session) = session_with(&lines);
    let mut first = Book::first(&session, 2_000).unwrap().unwrap();
    let some = first.entries().len();
    assert!((5..20).contains(&some), "{some}");
    assert_eq!(blocks(&mut first, some - 1), [line(&Block::Text("Words".into()))]);
    assert_eq!(first.entries()[..], book(&session).entries()[..some]);
}

#[test]
fn a_reading_that_is_not_wanted_any_more_ends() {
    let (_home, session) = session_with(&[user("u1", "", "First")]);
    let meter = Arc::new(Meter::default());
    meter.stop();
    assert!(Book::open(&session, &meter).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_conversation_reads_the_same_at_any_place(lines in random::lines(30)) {
        let (_home, session) = session_of(lines.as_bytes());
        prop_assert_eq!(leafed(&mut book(&session)), telling(&session));
    }
}
