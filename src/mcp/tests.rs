//! A client's requests, line by line, as they come over standard input.

use super::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};

const ID: &str = "795493e5-715d-4144-aeeb-2b59a096feb3";

fn home() -> (tempfile::TempDir, World) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(format!(".claude/projects/-home-u-project/{ID}.jsonl"));
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let token = ["gh", "p_"].concat() + &"a1B2c3D4e5".repeat(4)[..36];
    let line = |id: &str, parent: Option<&str>, kind: &str, content: Value| {
        json!({"parentUuid": parent, "type": kind, "uuid": id, "sessionId": ID, "cwd": "/home/u/project", "version": "2.1.0",
            "timestamp": "2026-11-20T10:00:00.000Z", "message": {"role": kind, "id": format!("m-{id}"), "content": content}})
    };
    let call = json!([{"type": "tool_use", "id": "t1", "name": "Bash", "input": {"command": format!("curl -H 'token: {token}' x")}}]);
    let lines = [
        line("r1", None, "user", json!(format!("Deploy the walrus service, the token is {token}."))),
        line("r2", Some("r1"), "assistant", call),
        line("r3", Some("r2"), "user", json!([{"type": "tool_result", "tool_use_id": "t1", "content": "x".repeat(9000)}])),
        line("r4", Some("r3"), "assistant", json!([{"type": "text", "text": "The walrus service is deployed."}])),
    ];
    let text: String = lines.iter().flat_map(|line| [line.to_string(), "\n".to_owned()]).collect();
    std::fs::write(path, text).unwrap();
    let world = World::at(dir.path(), BTreeMap::new());
    (dir, world)
}

/// What the server answers to requests, each by its number.
fn answers(world: &World, read_only: bool, requests: &[(&str, Value)]) -> Vec<Value> {
    let place = Place { world: world.clone(), roots: Vec::new(), read_only };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (ours, theirs) = tokio::io::duplex(1 << 20);
        tokio::spawn(async move { Server { place: Arc::new(place) }.serve(theirs).await.unwrap().waiting().await });
        let (read, mut write) = tokio::io::split(ours);
        let mut lines = BufReader::new(read).lines();
        let client = json!({"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}});
        let mut all = Vec::new();
        let begin = std::iter::once(("initialize", client));
        for (id, (method, params)) in begin.chain(requests.iter().map(|(m, p)| (*m, p.clone()))).enumerate() {
            let request = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
            write.write_all(format!("{request}\n").as_bytes()).await.unwrap();
            let answer: Value = serde_json::from_str(&lines.next_line().await.unwrap().unwrap()).unwrap();
            assert_eq!(answer["id"], id);
            all.push(answer);
            if id == 0 {
                write.write_all(b"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n").await.unwrap();
            }
        }
        all
    })
}

fn call(tool: &str, with: &Value) -> (&'static str, Value) {
    ("tools/call", json!({"name": tool, "arguments": with}))
}

/// The text of an answer, and whether it is an error.
fn text(answer: &Value) -> (String, bool) {
    let result = &answer["result"];
    (result["content"][0]["text"].as_str().unwrap_or_default().to_owned(), result["isError"] == true)
}

#[test]
fn a_client_lists_the_tools_all_of_which_only_read() {
    let (_dir, world) = home();
    let all = answers(&world, true, &[("tools/list", json!({}))]);
    assert_eq!(all[0]["result"]["serverInfo"]["name"], "lifeboat");
    let tools = all[1]["result"]["tools"].as_array().unwrap();
    let names: Vec<&str> = tools.iter().map(|tool| tool["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["list_sessions", "search", "read_turns", "brief", "at_risk"]);
    for tool in tools {
        assert_eq!((&tool["annotations"]["readOnlyHint"], &tool["inputSchema"]["type"]), (&json!(true), &json!("object")), "{tool}");
    }
}

#[test]
fn every_tool_answers_within_bounds_and_without_secrets() {
    let (_dir, world) = home();
    let all = answers(
        &world,
        true,
        &[
            call("list_sessions", &json!({"store": "claude-code"})),
            call("search", &json!({"text": "walrus token"})),
            call("read_turns", &json!({"session": ID, "turn": 0})),
            call("brief", &json!({"sessions": [ID], "tokens": 800})),
            call("at_risk", &json!({"session": ID})),
        ],
    );
    let told: Vec<(String, bool)> = all[1..].iter().map(text).collect();
    for (text, is_error) in &told {
        assert!(!is_error && !text.is_empty() && !text.contains("a1B2c3D4e5") && text.len() < 60_000, "{text}");
    }
    let sessions: Value = serde_json::from_str(&told[0].0).unwrap();
    assert_eq!((&sessions["total"], &sessions["sessions"][0]["session"]), (&json!(1), &json!(ID)));
    let hits: Value = serde_json::from_str(&told[1].0).unwrap();
    assert_eq!((&hits["total"], &hits["hits"][0]["record"]), (&json!(1), &json!("r1")));
    let turns: Value = serde_json::from_str(&told[2].0).unwrap();
    let tool = &turns["turns"][1]["said"][0];
    assert!(tool["answer"].as_str().unwrap().ends_with("[7500 more characters]"), "{turns}");
    assert_eq!(turns["turns"][2]["said"][0]["text"], "The walrus service is deployed.");
    let risk: Value = serde_json::from_str(&told[4].0).unwrap();
    assert!(risk["files"].as_u64().unwrap() >= 1, "{risk}");
}

#[test]
fn nothing_is_written_but_the_index_and_read_only_not_even_that() {
    let (dir, world) = home();
    let list = |dir: &std::path::Path| -> Vec<String> {
        let files = walkdir::WalkDir::new(dir).into_iter().flatten().filter(|e| e.file_type().is_file());
        files.map(|e| e.file_name().to_string_lossy().into_owned()).filter(|name| !name.starts_with("find.sqlite")).collect()
    };
    let before = list(dir.path());
    let search = [call("search", &json!({"text": "walrus"})), call("at_risk", &json!({}))];
    let read = answers(&world, true, &search);
    assert!(!world.state_dir.exists());
    let indexed = answers(&world, false, &search);
    assert_eq!((text(&read[1]), list(dir.path())), (text(&indexed[1]), before));
    assert!(world.state_dir.join("find.sqlite").exists());
}

#[test]
fn what_cannot_be_answered_is_told_in_words() {
    let (_dir, world) = home();
    let all = answers(
        &world,
        true,
        &[
            call("search", &json!({"text": " -- "})),
            call("read_turns", &json!({"session": "nobody"})),
            call("read_turns", &json!({"session": ID, "record": "r9"})),
            call("list_sessions", &json!({"remove": true})),
            call("delete_session", &json!({})),
        ],
    );
    for answer in &all[1..5] {
        assert!(text(answer).1 && !text(answer).0.is_empty(), "{answer}");
    }
    assert!(all[5]["error"]["message"].as_str().unwrap().contains("delete_session"));
}
