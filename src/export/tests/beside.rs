//! What stands beside the page: pictures, long outputs, sub-agents' pages; and the conversation as lines.

use super::*;
use base64::Engine;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\nnot a picture, but its bytes";

fn base64(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// A secret as a tool would print it.
fn token() -> String {
    ["gh", "p_"].concat() + &"Xy9".repeat(12)
}

impl Home {
    fn records(&self, lines: &[serde_json::Value]) {
        let lines: String = lines.iter().map(|l| l.to_string() + "\n").collect();
        self.session(".claude/projects/-s/conv.jsonl", lines.as_bytes());
    }

    fn agent(&self, id: &str, lines: &[serde_json::Value]) {
        let lines: String = lines.iter().map(|l| l.to_string() + "\n").collect();
        self.session(&format!(".claude/projects/-s/conv/subagents/agent-{id}.jsonl"), lines.as_bytes());
    }

    fn page(&self) -> String {
        read(self.durable("transcript.md"))
    }

    /// What lies in the durable folder below this one, by name.
    fn below(&self, folder: &str) -> Vec<(String, Vec<u8>)> {
        let start = format!("Claude Cowork/Quarterly report/{folder}/");
        self.documents().into_iter().filter_map(|(name, bytes, _)| Some((name.strip_prefix(&start)?.to_owned(), bytes))).collect()
    }
}

#[expect(clippy::needless_pass_by_value, reason = "literals read better")]
pub(super) fn user(id: &str, content: serde_json::Value) -> serde_json::Value {
    json!({"type":"user","uuid":id,"timestamp":"2026-10-02T09:14:03Z","message":{"content":content}})
}

#[expect(clippy::needless_pass_by_value, reason = "literals read better")]
pub(super) fn says(id: &str, content: serde_json::Value) -> serde_json::Value {
    json!({"type":"assistant","uuid":id,"timestamp":"2026-10-02T09:15:03Z","message":{"id":format!("m-{id}"),"content":[content]}})
}

fn ran(call: &str, output: &str) -> [serde_json::Value; 3] {
    [
        user("u0", json!("Make it")),
        says(&format!("a-{call}"), json!({"type":"tool_use","id":call,"name":"Bash","input":{"command":"make"}})),
        user(&format!("r-{call}"), json!([{"type":"tool_result","tool_use_id":call,"content":output}])),
    ]
}

fn picture(bytes: &[u8]) -> serde_json::Value {
    json!({"type":"image","source":{"type":"base64","media_type":"image/png","data":base64(bytes)}})
}

#[test]
fn a_picture_is_one_file_however_often_it_is_shown_and_never_base64() {
    let home = Home::new();
    let pdf = json!({"type":"document","title":"Terms [1].pdf","source":{"type":"base64","media_type":"application/pdf","data":base64(b"%PDF-1.7")}});
    home.records(&[
        user("u1", json!([picture(PNG), pdf, {"type":"text","text":"What is it?"}])),
        says("a1", json!({"type":"tool_use","id":"t1","name":"Read","input":{"file_path":"/s/outputs/a.png"}})),
        user("u2", json!([{"type":"tool_result","tool_use_id":"t1","content":[picture(PNG)]}])),
    ]);
    let report = home.export();
    assert!(report.failed.is_empty() && report.skipped.is_empty(), "{report:?}");
    let hash = |bytes: &[u8]| blake3::hash(bytes).to_hex()[..32].to_owned();
    let (image, document) = (format!("{}.png", hash(PNG)), format!("{}.pdf", hash(b"%PDF-1.7")));
    assert_eq!(home.below("images"), [(image.clone(), PNG.to_vec())]);
    assert_eq!(home.below("documents"), [(document.clone(), b"%PDF-1.7".to_vec())]);
    let page = home.page();
    assert_eq!(page.matches(&format!("![image/png](images/{image})")).count(), 2, "{page}");
    assert!(page.contains(&format!("[Terms \\[1\\].pdf](documents/{document})")), "{page}");
    assert!(!page.contains(&base64(PNG)[..20]) && !page.contains("bytes]"), "{page}");
    let before = home.documents();
    home.export();
    assert_eq!(home.documents(), before);
}

#[test]
fn a_picture_that_cannot_be_read_is_named_and_the_rest_stands() {
    let home = Home::new();
    let broken = json!({"type":"image","source":{"type":"base64","media_type":"image/png","data":"not base64!"}});
    home.records(&[user("u1", json!([broken, {"type":"text","text":"What is it?"}]))]);
    home.export();
    assert!(home.page().contains("*(attached: image/png, 8 B)*\n\nWhat is it?"), "{}", home.page());
    assert_eq!(home.below("images"), []);
}

#[test]
fn a_document_that_is_text_is_kept_as_text_without_secrets() {
    let home = Home::new();
    let document =
        json!({"type":"document","title":"notes","source":{"type":"text","media_type":"text/plain","data":format!("key {}", token())}});
    home.records(&[user("u1", json!([document]))]);
    home.export();
    let kept = home.below("documents");
    assert_eq!(kept.iter().map(|(_, bytes)| String::from_utf8_lossy(bytes)).collect::<Vec<_>>(), ["key [redacted: github-token]"]);
    assert!(home.page().contains(&format!("](documents/{})", kept[0].0)), "{}", home.page());
}

#[test]
fn a_long_output_stands_whole_in_a_file_and_both_its_ends_on_the_page() {
    let home = Home::new();
    let output =
        (0..3_000).map(|n| format!("line {n} \x1b[31m{}\n", if n == 1_500 { token() } else { String::new() })).collect::<Vec<_>>().concat();
    home.records(&ran("toolu_1", &output));
    home.export();
    let whole = output.replace("\x1b[31m", "").replace(&token(), "[redacted: github-token]");
    assert_eq!(home.below("artifacts"), [("toolu_1.txt".to_owned(), whole.clone().into_bytes())]);
    let page = home.page();
    let told = "*(31,914 bytes, 3,000 lines; the whole is in [artifacts/toolu\\_1.txt](artifacts/toolu_1.txt)";
    assert_eq!(whole.len(), 31_914);
    assert!(page.contains(told), "{page}");
    assert!(page.contains("\nline 59 \n```\n") && page.contains("\n```\nline 2980 \n") && !page.contains("line 100 "), "{page}");
    assert!(page.contains("complete: true") && page.contains("redacted: {github-token: 1}"), "{page}");
}

#[test]
fn an_output_the_client_put_into_a_file_is_brought_in_whole_however_long_it_is() {
    let home = Home::new();
    let line = "a line of a log that is as long as such lines are, with a number: ";
    let mut all = (0..60_000).map(|n| format!("{line}{n}\n")).collect::<Vec<_>>();
    all[30_000] = format!("export TOKEN={}\n", token());
    let all = all.concat();
    let spilled = "<persisted-output>\nOutput too large (4MB). Full output saved to: /x/tool-results/b1.txt\n\nPreview (first 2KB):\na line\n</persisted-output>";
    home.records(&ran("toolu_2", spilled));
    home.session(".claude/projects/-s/conv/tool-results/b1.txt", all.as_bytes());
    home.export();
    let kept = home.below("artifacts");
    assert_eq!(kept.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["toolu_2.txt"]);
    assert!(kept[0].1 == all.replace(&token(), "[redacted: github-token]").into_bytes());
    let page = home.page();
    assert!(page.contains("60,000 lines; the whole is in") && page.contains(&format!("{line}59999\n```")), "{page}");
    assert!(page.contains("complete: true") && page.contains("redacted: {github-token: 1}"), "{page}");
    assert!(!home.documents().iter().any(|(_, bytes, _)| String::from_utf8_lossy(bytes).contains(&token())));
    home.export_with(&Options { raw: true, ..Options::default() });
    assert!(home.below("artifacts")[0].1 == all.into_bytes());
}

#[test]
fn a_side_file_the_user_changed_stays_and_the_page_leads_to_ours() {
    let home = Home::new();
    home.records(&ran("toolu_1", &"x\n".repeat(1_000)));
    home.export();
    std::fs::write(home.durable("artifacts/toolu_1.txt"), "mine").unwrap();
    home.records(&ran("toolu_1", &"y\n".repeat(1_000)));
    let report = home.export();
    let texts: Vec<(String, usize)> = home.below("artifacts").into_iter().map(|(name, bytes)| (name, bytes.len())).collect();
    assert_eq!(texts, [("toolu_1 (2).txt".to_owned(), 2_000), ("toolu_1.txt".to_owned(), 4)]);
    assert!(home.page().contains("(artifacts/toolu_1%20%282%29.txt)"), "{}", home.page());
    assert_eq!((report.skipped.len(), report.failed.len()), (1, 0));
    let before = home.documents();
    home.export();
    assert_eq!(home.documents(), before);
}

/// A conversation with a sub-agent in the background that has one of its own.
fn with_agents(home: &Home) {
    let ask = |id: &str, call: &str| {
        says(id, json!({"type":"tool_use","id":call,"name":"Agent","input":{"description":"Count","prompt":"Count them"}}))
    };
    let started = |id: &str, call: &str, agent: &str| {
        let mut line = user(id, json!([{"type":"tool_result","tool_use_id":call,"content":"Async agent launched successfully."}]));
        line["toolUseResult"] = json!({"isAsync":true,"agentId":agent});
        line
    };
    let mut ended = user("u3", json!("<task-notification>\n<task-id>aa1</task-id>\n<result>Seven.</result>\n</task-notification>"));
    ended["origin"] = json!({"kind":"task-notification"});
    home.records(&[
        user("u1", json!("Ask somebody")),
        ask("a1", "t1"),
        started("u2", "t1", "aa1"),
        says("a2", json!({"type":"text","text":"Asked."})),
        ended,
    ]);
    home.agent(
        "aa1",
        &[
            user("s1", json!("Count them")),
            ask("s2", "t2"),
            started("s3", "t2", "bb2"),
            says("s4", json!({"type":"text","text":"Seven, I think."})),
        ],
    );
    home.agent("bb2", &[user("b1", json!("Count the small ones")), says("b2", json!({"type":"text","text":"Three."}))]);
}

#[test]
fn a_sub_agent_in_the_background_and_what_became_of_it_lead_to_each_other() {
    let home = Home::new();
    with_agents(&home);
    home.export();
    let page = home.page();
    assert!(page.contains("<summary>Sub-agent: aa1") || page.contains("<summary>Sub-agent — in the background</summary>"), "{page}");
    for part in
        ["[what became of it](#t-answer-aa1)", "<a id=\"t-answer-aa1\"></a>", "[the sub-agent](#t-agent-aa1)", "<a id=\"t-agent-aa1\"></a>"]
    {
        assert_eq!(page.matches(part).count(), 1, "{part}: {page}");
    }
    let at = |part: &str| page.find(part).unwrap();
    assert!(at("Seven, I think.") < at("(#t-answer-aa1)") && at("(#t-answer-aa1)") < at("id=\"t-answer-aa1\""), "{page}");
}

#[test]
fn a_sub_agent_nobody_heard_of_again_is_told_so_at_the_end() {
    let home = Home::new();
    with_agents(&home);
    let text = read(home.session_dir().join(".claude/projects/-s/conv.jsonl"));
    let cut: String = text.lines().take(4).map(|l| l.to_owned() + "\n").collect();
    home.session(".claude/projects/-s/conv.jsonl", cut.as_bytes());
    home.export();
    assert!(
        home.page().trim_end().ends_with("> <a id=\"t-answer-aa1\"></a>*Nothing was heard again of [the sub-agent](#t-agent-aa1).*"),
        "{}",
        home.page()
    );
}

#[test]
fn sub_agents_in_files_have_pages_of_their_own_that_lead_back() {
    let home = Home::new();
    with_agents(&home);
    let report = home.export_with(&Options { agents: SubAgents::Files, ..Options::default() });
    assert!(report.failed.is_empty(), "{report:?}");
    let names: Vec<String> = home.below("agents").into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["aa1.md", "bb2.md"]);
    let (page, outer, inner) = (home.page(), read(home.durable("agents/aa1.md")), read(home.durable("agents/bb2.md")));
    assert!(page.contains("(agents/aa1.md)") && !page.contains("Seven, I think.") && !page.contains("Three."), "{page}");
    assert!(
        outer.contains("(../transcript.md#t-agent-aa1)") && outer.contains("Seven, I think.") && outer.contains("(../agents/bb2.md)"),
        "{outer}"
    );
    assert!(
        inner.contains("(aa1.md#t-agent-bb2)") && inner.contains("## Asked · 09:14\n\nCount the small ones") && inner.contains("Three."),
        "{inner}"
    );
    let before = home.documents();
    home.export_with(&Options { agents: SubAgents::Files, ..Options::default() });
    assert_eq!(home.documents(), before);
}

#[test]
fn sub_agents_in_short_say_what_was_asked_and_answered_and_the_page_that_it_is_less() {
    let home = Home::new();
    with_agents(&home);
    home.export_with(&Options { agents: SubAgents::Summary, ..Options::default() });
    let page = home.page();
    assert!(page.contains("> **Sub-agent** — in the background — Asked: Count them — Answered: Seven, I think."), "{page}");
    assert!(page.contains("missing: [\"a sub-agent is here in short, as was asked for\"]") && !page.contains("Three."), "{page}");
}

#[test]
fn the_lines_hold_every_event_once_without_secrets_and_without_base64() {
    let home = Home::new();
    with_agents(&home);
    let mut lines: Vec<serde_json::Value> =
        read(home.session_dir().join(".claude/projects/-s/conv.jsonl")).lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    lines.push(user("u9", json!([picture(PNG), {"type":"text","text":format!("Use {}", token())}])));
    lines.push(says("a9", json!({"type":"tool_use","id":"t9","name":"x","input":{"password":"tr0ub4dor","n":1}})));
    home.records(&lines);
    let format = FORMATS.iter().find(|f| f.name == "jsonl").unwrap();
    let report = home.export_with(&Options { format, ..Options::default() });
    assert_eq!((report.transcript, report.turns), (Some(home.durable("transcript.jsonl")), 5));
    let text = read(home.durable("transcript.jsonl"));
    assert!(!text.contains(&token()) && !text.contains("tr0ub4dor") && !text.contains(&base64(PNG)[..20]), "{text}");
    let all: Vec<serde_json::Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!((all[0]["schema"].as_str(), all[0]["complete"].as_bool()), (Some("lifeboat.conversation/1"), Some(false)));
    assert!(all[1..].iter().all(|l| l["schema"] == "lifeboat.event/1"), "{text}");
    let kinds: Vec<&str> = all[1..].iter().map(|l| l["event"].as_str().unwrap()).collect();
    let expected = "turn text turn tool agent turn text turn tool agent turn text turn text agent-end turn text agent-end \
        turn text turn note text turn attachment text turn tool";
    assert_eq!(kinds.join(" "), expected.split_whitespace().collect::<Vec<_>>().join(" "), "{text}");
    let words = |agent: Option<&str>| {
        let of = all.iter().filter(|l| l["event"] == "text" && l["agent"].as_str() == agent);
        of.map(|l| l["text"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(
        (words(Some("bb2")), words(Some("aa1"))),
        (vec!["Count the small ones".into(), "Three.".into()], vec!["Count them".into(), "Seven, I think.".into()])
    );
    let error =
        export(&home.world, &home.catalog(), SessionIx::at(0), &Options { format, agents: SubAgents::Files, ..Options::default() }, &Quiet);
    assert_eq!(error.unwrap_err().exit_code(), 2);
}

#[test]
fn tokens_models_and_sources_are_told_each_once() {
    let home = Home::new();
    let part = |id: &str, message: &str, model: &str, output: u64| {
        json!({"type":"assistant","uuid":id,"sessionId":"cli-1","cwd":"/home/u/p","gitBranch":"main","message":{"id":message,"model":model,
            "content":[{"type":"text","text":id}],"usage":{"input_tokens":10,"output_tokens":output,"cache_read_input_tokens":5}}})
    };
    let lines = [part("a1", "m1", "one", 1), part("a2", "m1", "one", 7), part("a3", "m2", "two", 4)];
    home.records(&lines);
    home.export();
    let bytes = std::fs::read(home.session_dir().join(".claude/projects/-s/conv.jsonl")).unwrap();
    let page = home.page();
    for line in [
        "cli_session: cli-1",
        "cwd: \"/home/u/p\"",
        "git_branch: main",
        "model: two",
        "models: [\"one\", \"two\"]",
        "tokens: {input: 20, output: 11, cache_read: 10, cache_write: 0}",
        &format!("  - {{path: \".claude/projects/-s/conv.jsonl\", bytes: {}, blake3: \"{}\"}}", bytes.len(), blake3::hash(&bytes)),
    ] {
        assert!(page.contains(&format!("\n{line}\n")), "{line}: {page}");
    }
}

#[test]
fn a_path_of_the_virtual_machine_stands_beside_the_one_of_this_machine() {
    let home = Home::new();
    let write = |id: &str, path: &str| says(id, json!({"type":"tool_use","id":format!("t-{id}"),"name":"Read","input":{"file_path":path}}));
    home.records(&[write("a1", "/sessions/brave-noether/mnt/outputs/a b.md"), write("a2", "/sessions/brave-noether/work/x")]);
    let mut catalog = home.catalog();
    catalog.sessions[0].vm_name = Some("brave-noether".into());
    export(&home.world, &catalog, SessionIx::at(0), &Options::default(), &Quiet).unwrap();
    let page = home.page();
    let here = ["~", "store", ID, "outputs"].join(std::path::MAIN_SEPARATOR_STR);
    let file = [&here, "a b.md"].join(std::path::MAIN_SEPARATOR_STR);
    assert!(
        page.contains(&format!(
            "<code>/sessions/brave-noether/mnt/outputs/a b.md</code> in the virtual machine, <code>{file}</code> on this one"
        )),
        "{page}"
    );
    assert!(page.contains("<code>/sessions/brave-noether/work/x</code> in the virtual machine alone"), "{page}");
    assert!(page.contains(&format!("| `/sessions/brave-noether/mnt/outputs` | `{here}` |")), "{page}");
}
