//! opencode's sessions: rows of both generations and the files before them say the same, each thing once.

use super::*;
use crate::model::Script;
use rusqlite::Connection;

/// A database with the tables that conversations stand in, of the first generation of them and, if wanted, of the second.
fn database(home: &Path, second: bool) -> Connection {
    let sql = Connection::open(home.join("opencode.db")).unwrap();
    sql.execute_batch(
        "CREATE TABLE session (id text PRIMARY KEY, parent_id text, directory text NOT NULL, title text NOT NULL, version text NOT NULL, revert text, time_created integer NOT NULL);
         CREATE TABLE message (id text PRIMARY KEY, session_id text NOT NULL, time_created integer NOT NULL, data text NOT NULL);
         CREATE TABLE part (id text PRIMARY KEY, message_id text NOT NULL, session_id text NOT NULL, time_created integer NOT NULL, data text NOT NULL);",
    )
    .unwrap();
    if second {
        sql.execute_batch(
            "CREATE TABLE session_v2 (title text, id text PRIMARY KEY, parent_id text, directory text NOT NULL, version text NOT NULL, revert text, time_created integer NOT NULL);
             CREATE TABLE session_message (id text PRIMARY KEY, session_id text NOT NULL, type text NOT NULL, seq integer NOT NULL, data text NOT NULL);",
        )
        .unwrap();
    }
    sql
}

/// A message with its parts.
type Made = (&'static str, Value, Vec<(&'static str, Value)>);

fn asked(text: &str) -> Value {
    json!({"type":"text","text":text})
}

fn by_user() -> Value {
    json!({"role":"user","time":{"created":1_795_292_351_978_i64},"summary":{"diffs":[]}})
}

fn by_model() -> Value {
    let tokens = json!({"input":10,"output":5,"reasoning":1,"cache":{"read":3,"write":2}});
    json!({"role":"assistant","time":{"created":1_795_292_351_999_i64},"modelID":"m-1","tokens":tokens})
}

fn called(tool: &str, state: &Value) -> Value {
    json!({"type":"tool","callID":format!("c-{tool}"),"tool":tool,"state":state})
}

fn messages() -> Vec<Made> {
    let read = asked("Called the Read tool");
    let synthetic = json!({"type":"text","text":read["text"],"synthetic":true});
    let picture = json!({"type":"file","mime":"image/png","filename":"p.png","url":"data:image/png;base64,aGVsbG8="});
    let diff = "--- a\n+++ a\n@@ -1,1 +1,1 @@\n-x\n+y\n";
    vec![
        ("msg_1", by_user(), vec![("prt_1", asked("<command-name>Look</command-name>")), ("prt_2", picture), ("prt_3", synthetic)]),
        (
            "msg_2",
            by_model(),
            vec![
                ("prt_1a", json!({"type":"step-start"})),
                ("prt_1b", json!({"type":"reasoning","text":"Hm."})),
                (
                    "prt_1c",
                    called("edit", &json!({"status":"completed","input":{"filePath":"/a"},"output":"done","metadata":{"diff":diff}})),
                ),
                ("prt_1d", called("bash", &json!({"status":"completed","input":{"command":"false"},"output":"no","metadata":{"exit":1}}))),
                ("prt_1e", called("read", &json!({"status":"error","input":{},"error":"not there"}))),
                (
                    "prt_1f",
                    called("invalid", &json!({"status":"completed","input":{"tool":"odd","error":"no such tool"},"output":"no such tool"})),
                ),
                ("prt_1g", called("wait", &json!({"status":"running","input":{},"metadata":{"output":"so far"}}))),
                ("prt_1h", asked("Looked.")),
            ],
        ),
        ("msg_3", by_user(), vec![("prt_4", json!({"type":"compaction","auto":true}))]),
        (
            "msg_4",
            {
                let mut m = by_model();
                m["summary"] = json!(true);
                m
            },
            vec![("prt_5", asked("In short."))],
        ),
        (
            "msg_5",
            {
                let mut m = by_model();
                m["error"] = json!({"name":"APIError","data":{"message":"refused"}});
                m
            },
            vec![],
        ),
    ]
}

fn expected() -> Vec<&'static str> {
    vec![
        "User: <command-name>Look</command-name>|+p.png",
        "Injected: *Added by the app*|Called the Read tool",
        "Assistant: (thinks Hm.)|[edit → done]|[bash → no]|[read → not there]|[odd → no such tool]|[wait → ?]|*It was still running; what it had said by then:\nso far*|Looked.",
        "Injected: *Here the conversation was compacted: the model went on with a summary of what stands above.*",
        "Injected: *The summary the model went on with*|In short.",
        "Assistant: *It failed: APIError: refused*",
    ]
}

fn put_rows(sql: &Connection, session: &str, parent: Option<&str>, revert: &Value, messages: &[Made]) {
    let revert = (!revert.is_null()).then(|| revert.to_string());
    sql.execute("INSERT INTO session VALUES (?1, ?2, '/p', ?3, '1.2.3', ?4, 1)", (session, parent, format!("Title {session}"), revert))
        .unwrap();
    for (n, (id, info, parts)) in (0_i64..).zip(messages) {
        let id = &format!("{session}/{id}");
        sql.execute("INSERT INTO message VALUES (?1, ?2, ?3, ?4)", (id, session, n, info.to_string())).unwrap();
        for (part, data) in parts {
            let part = format!("{session}/{part}");
            sql.execute("INSERT INTO part VALUES (?1, ?2, ?3, 1, ?4)", (part, id, session, data.to_string())).unwrap();
        }
    }
}

fn put_files(home: &Path, session: &str, revert: &Value, messages: &[Made]) {
    let info = json!({"id":session,"directory":"/p","version":"1.1.3","title":format!("Title {session}"),"revert":revert});
    put(home, &format!("storage/session/proj/{session}.json"), info.to_string().as_bytes());
    for (id, info, parts) in messages {
        put(home, &format!("storage/message/{session}/{id}.json"), serde_json::to_string_pretty(info).unwrap().as_bytes());
        for (part, data) in parts {
            put(home, &format!("storage/part/{id}/{part}.json"), data.to_string().as_bytes());
        }
    }
}

fn rows(home: &Path, id: &str) -> Conversation {
    reading(&Session { id: id.into(), script: Script::Rows(home.join("opencode.db")), ..Session::default() })
}

fn files(home: &Path, id: &str) -> Conversation {
    reading(&Session { id: id.into(), script: Script::Files(home.join("storage")), ..Session::default() })
}

#[test]
fn rows_and_files_are_told_alike_with_every_kind_of_part() {
    let home = tempfile::tempdir().unwrap();
    let sql = database(home.path(), false);
    put_rows(&sql, "ses_a", None, &Value::Null, &messages());
    drop(sql);
    put_files(home.path(), "ses_a", &Value::Null, &messages());
    for (c, version) in [(rows(home.path(), "ses_a"), "1.2.3"), (files(home.path(), "ses_a"), "1.1.3")] {
        assert_eq!(told(&c), expected());
        let tools: Vec<(bool, usize)> =
            c.turns[2].blocks.iter().filter_map(|b| if let Block::Tool(t) = b { Some((t.failed, t.patch.len())) } else { None }).collect();
        assert_eq!(tools, [(false, 49), (true, 0), (true, 0), (true, 0), (false, 0)]);
        assert_eq!(c.told.missing, ["1 tool call has no answer"]);
        assert_eq!(
            (c.told.title.as_deref(), c.told.version.as_deref(), c.told.cwd.as_deref()),
            (Some("Title ses_a"), Some(version), Some("/p"))
        );
        assert_eq!(
            (c.told.model.as_deref(), c.told.tokens),
            (Some("m-1"), Tokens { input: 30, output: 18, cache_read: 9, cache_write: 6 })
        );
    }
}

#[test]
fn what_was_reverted_was_left_from_a_message_or_from_a_part_on() {
    let all: Vec<Made> = vec![
        ("msg_1", by_user(), vec![("prt_1", asked("One"))]),
        ("msg_2", by_model(), vec![("prt_2", asked("1")), ("prt_3", asked("1b"))]),
        ("msg_3", by_user(), vec![("prt_4", asked("Two"))]),
        ("msg_4", by_model(), vec![("prt_5", asked("2"))]),
    ];
    let left = |from: &str| format!("Injected: *What follows was left: the conversation went on from {from} instead, as it stands above.*");
    let cases = [
        (json!({"messageID":"msg_3"}), vec!["User: One", "Assistant: 1|1b", "LEFT", "User: Two", "Assistant: 2"]),
        (
            json!({"messageID":"msg_2","partID":"prt_3"}),
            vec!["User: One", "Assistant: 1", "LEFT", "Assistant: 1b", "User: Two", "Assistant: 2"],
        ),
        (json!({"messageID":"msg_1"}), vec!["LEFT", "User: One", "Assistant: 1|1b", "User: Two", "Assistant: 2"]),
    ];
    for (revert, expected) in cases {
        let home = tempfile::tempdir().unwrap();
        put_files(home.path(), "ses_a", &revert, &all);
        let told = told(&files(home.path(), "ses_a"));
        assert_eq!(
            told,
            expected.iter().map(|t| if *t == "LEFT" { left("an earlier point") } else { (*t).to_owned() }).collect::<Vec<_>>(),
            "{revert}"
        );
    }
}

#[test]
fn a_session_that_another_started_is_told_where_it_was_called_and_one_that_nobody_called_at_the_end() {
    let home = tempfile::tempdir().unwrap();
    let sql = database(home.path(), false);
    let task = called(
        "task",
        &json!({"status":"completed","input":{"description":"Count","prompt":"Count"},"output":"4","metadata":{"sessionId":"ses_b"}}),
    );
    let all: Vec<Made> =
        vec![("msg_1", by_user(), vec![("prt_1", asked("Ask"))]), ("msg_2", by_model(), vec![("prt_2", task), ("prt_3", asked("Four."))])];
    let child: Vec<Made> = vec![("msg_1", by_user(), vec![("prt_1", asked("Count"))]), ("msg_2", by_model(), vec![("prt_2", asked("4"))])];
    put_rows(&sql, "ses_a", None, &Value::Null, &all);
    put_rows(&sql, "ses_b", Some("ses_a"), &Value::Null, &child);
    put_rows(&sql, "ses_c", Some("ses_a"), &Value::Null, &child);
    drop(sql);
    let c = rows(home.path(), "ses_a");
    let session = Session { id: "ses_a".into(), script: Script::Rows(home.path().join("opencode.db")), ..Session::default() };
    let mut book = Book::open(&session, &Arc::default()).unwrap().unwrap();
    let mut texts = Vec::new();
    for at in 0..book.entries().len() {
        book.blocks(at, &mut |block| texts.extend(if let Block::Text(t) = block { Some(t.into_owned()) } else { None })).unwrap();
    }
    assert_eq!(texts, ["Ask", "Four.", "Count", "4", "Count", "4"]);
    let agent = |id: &str| format!("Injected: *Sub-agent: Title {id}*|*Asked*|Count|*Answered*|4");
    assert_eq!(told(&c), ["User: Ask".to_owned(), "Assistant: [task → 4]|Four.".to_owned(), agent("ses_b"), agent("ses_c")]);
    assert_eq!((c.told.agents, c.told.missing.len(), c.told.sources.len()), (2, 0, 3));
    assert!(c.told.sources[1].path.ends_with("opencode.db!/session/ses_b"));
    put_files(home.path(), "ses_a", &Value::Null, &all);
    let missing = files(home.path(), "ses_a").told.missing;
    assert_eq!(missing, ["1 sub-agent has no file"]);
}

#[test]
fn the_third_generation_wins_where_it_has_the_session_and_leaves_the_others_to_the_second() {
    let home = tempfile::tempdir().unwrap();
    let sql = database(home.path(), true);
    let old: Vec<Made> = vec![("msg_1", by_user(), vec![("prt_1", asked("Stale"))])];
    for id in ["ses_a", "ses_b", "ses_c"] {
        put_rows(&sql, id, None, &Value::Null, &old);
    }
    let say = |id: &str, seq: i64, kind: &str, data: Value| {
        sql.execute("INSERT INTO session_message VALUES (?1, 'ses_a', ?2, ?3, ?4)", (id, kind, seq, data.to_string())).unwrap();
    };
    for id in ["ses_a", "ses_c"] {
        sql.execute("INSERT INTO session_v2 VALUES (NULL, ?1, NULL, '/p', '2.0.26', NULL, 1)", [id]).unwrap();
    }
    let at = json!({"created":1_795_292_351_978_i64});
    let file = json!({"uri":"data:text/plain;base64,aGVsbG8=","mime":"text/plain","name":"n.txt"});
    say("m1", 0, "user", json!({"text":"Hello","files":[file],"time":at}));
    say("m2", 1, "system", json!({"text":"Tools were renamed","time":at}));
    say(
        "m3",
        5,
        "assistant",
        json!({"agent":"build","model":{"id":"m-2"},"time":at,"tokens":{"input":1,"output":2,"reasoning":0,"cache":{"read":0,"write":0}},"content":[
        {"type":"reasoning","text":"Hm."},
        {"type":"tool","id":"c1","name":"shell","state":{"status":"completed","input":{"command":"ls"},"content":[{"type":"text","text":"a"}],"metadata":{}}},
        {"type":"tool","id":"c2","name":"shell","state":{"status":"error","input":{},"error":{"type":"x","message":"no"}}},
        {"type":"text","text":"Hi."}]}),
    );
    say("m4", 6, "shell", json!({"command":"ls","status":"completed","exit":0,"output":{"output":"b"},"time":at}));
    say("m5", 9, "compaction", json!({"status":"completed","summary":"In short.","time":at}));
    say("m6", 10, "idle", json!({"outcome":"interrupted","time":at}));
    say("m7", 11, "model-switched", json!({"model":{"id":"m-3"},"time":at}));
    say("m8", 12, "synthetic", json!({"text":"put in","time":at}));
    say("m9", 13, "skill", json!({"name":"pdf","text":"How to","time":at}));
    say("m10", 14, "novel", json!({"time":at}));
    drop(sql);
    let c = rows(home.path(), "ses_a");
    let expected = [
        "User: Hello|+n.txt",
        "Injected: *From the tool to the model*|Tools were renamed",
        "Assistant: (thinks Hm.)|[shell → a]|[shell → no]|Hi.",
        "Injected: *A command that you ran*|[shell → b]",
        "Injected: *Here the conversation was compacted: the model went on with a summary of what stands above.*",
        "Injected: *The summary the model went on with*|In short.",
        "Injected: *The turn ended: interrupted*",
        "Injected: *The model from here on: m-3*",
        "Injected: *Added by the app*|put in",
        "Injected: *Skill pdf*|How to",
        "Injected: *A message of kind novel stands here, which this version cannot show.*",
    ];
    assert_eq!(told(&c), expected);
    assert_eq!((c.told.missing.len(), c.told.unknown.get("novel"), c.told.version.as_deref()), (0, Some(&1), Some("2.0.26")));
    // Not taken over, and taken over with nothing in it.
    assert_eq!([told(&rows(home.path(), "ses_b")), told(&rows(home.path(), "ses_c"))], [["User: Stale"], ["User: Stale"]]);
}

#[test]
fn a_row_that_is_no_json_costs_that_row_and_large_diffs_cost_nothing() {
    let home = tempfile::tempdir().unwrap();
    let sql = database(home.path(), false);
    let mut large = by_user();
    large["summary"] = json!({"diffs":[{"file":"a","patch":"x".repeat(3 << 20)}]});
    let all: Vec<Made> = vec![
        ("msg_1", large, vec![("prt_1", asked("One"))]),
        ("msg_2", by_model(), vec![("prt_2", asked("1")), ("prt_3", asked("2")), ("prt_4", asked("3"))]),
    ];
    put_rows(&sql, "ses_a", None, &Value::Null, &all);
    sql.execute("UPDATE part SET data='{\"type\":\"te' WHERE id='ses_a/prt_3'", []).unwrap();
    drop(sql);
    let c = rows(home.path(), "ses_a");
    assert_eq!(
        (told(&c), c.told.missing),
        (vec!["User: One".to_owned(), "Assistant: 1|3".to_owned()], vec!["1 record could not be read".to_owned()])
    );
    assert!(c.told.sources[0].bytes < 10_000, "{}", c.told.sources[0].bytes);
}

#[test]
fn an_output_that_was_cut_is_whole_while_its_file_is_there() {
    let home = tempfile::tempdir().unwrap();
    let sql = database(home.path(), false);
    let state = |path: &str| json!({"status":"completed","input":{},"output":"…cut…","metadata":{"truncated":true,"outputPath":path}});
    let parts = vec![
        ("prt_1", called("a", &state("/elsewhere/tool-output/tool_1"))),
        ("prt_2", called("b", &state("/elsewhere/tool-output/tool_2"))),
    ];
    put_rows(&sql, "ses_a", None, &Value::Null, &[("msg_1", by_model(), parts)]);
    drop(sql);
    put(home.path(), "tool-output/tool_1", b"all of it");
    let c = rows(home.path(), "ses_a");
    assert_eq!(told(&c), ["Assistant: [a → all of it]|[b → …cut…]"]);
    assert!(c.told.missing.contains(&"1 long tool output is gone, its beginning is here".to_owned()), "{:?}", c.told.missing);
}

#[test]
fn it_is_read_at_any_place_as_it_is_told() {
    let home = tempfile::tempdir().unwrap();
    put_files(home.path(), "ses_a", &Value::Null, &messages());
    let session = Session { id: "ses_a".into(), script: Script::Files(home.path().join("storage")), ..Session::default() };
    let mut book = Book::open(&session, &Arc::default()).unwrap().unwrap();
    let mut texts = Vec::new();
    for at in (0..book.entries().len()).rev() {
        book.blocks(at, &mut |block| texts.extend(if let Block::Text(t) = block { Some(t.into_owned()) } else { None })).unwrap();
    }
    texts.reverse();
    assert_eq!(texts, ["<command-name>Look</command-name>", "Called the Read tool", "Looked.", "In short."]);
    assert!(Book::first(&session, 300).unwrap().unwrap().entries().len() < book.entries().len());
}
