//! A conversation as an HTML page: all of it is there, nothing of it runs, nothing is fetched.

use super::*;
use crate::export::FORMATS;

const SCRIPT: &str = "<script>alert(1)</script>";
const EVENT: &str = "<img src=x onerror=\"alert(2)\">";

fn page(home: &Home, title: &str) -> String {
    let mut catalog = home.catalog();
    catalog.sessions[0].title = title.into();
    let format = FORMATS.iter().find(|f| f.name == "html").unwrap();
    let options = Options { format, ..Options::default() };
    let report = export(&home.world, &catalog, SessionIx::at(0), &options, &Quiet).unwrap();
    assert!(report.failed.is_empty(), "{report:?}");
    read(report.transcript.unwrap())
}

fn home_with(lines: &[serde_json::Value]) -> Home {
    let home = Home::new();
    home.session(".claude/projects/-s/conv.jsonl", lines.iter().map(|l| l.to_string() + "\n").collect::<String>().as_bytes());
    home
}

/// Every element that is opened, with its attributes, outside of the style.
fn elements(html: &str) -> Vec<&str> {
    let (head, rest) = html.split_once("<style>").unwrap();
    let (_, body) = rest.split_once("</style>").unwrap();
    [head, body].into_iter().flat_map(|part| part.split('<').skip(1)).map(|tag| tag.split_once('>').unwrap().0).collect()
}

fn vile() -> Home {
    let tool = |name: &str, input: serde_json::Value| json!({"type":"tool_use","id":format!("t-{name}"),"name":name,"input":input});
    let result = |name: &str, text: &str| json!({"type":"tool_result","tool_use_id":format!("t-{name}"),"content":text});
    let evil = format!("x__{SCRIPT}");
    home_with(&[
        json!({"type":"user","uuid":"u1\" onclick=\"x","message":{"content":format!("First words {SCRIPT} {EVENT} [a](javascript:alert(3)) <a href=\"javascript:alert(4)\">b</a>")}}),
        json!({"type":"assistant","uuid":"a1","message":{"id":"m1","model":format!("m{SCRIPT}"),"content":[
            {"type":"thinking","thinking":SCRIPT},
            {"type":"text","text":format!("Second words\n\n{EVENT}\n\n```{SCRIPT}\n{SCRIPT}\n```")},
            tool("Bash", json!({"command": SCRIPT, "description": EVENT, SCRIPT: EVENT})),
            tool("Edit", json!({"file_path": format!("/x/{EVENT}"), "old_string": SCRIPT, "new_string": EVENT})),
            tool(&evil, json!({SCRIPT: [EVENT]}))]}}),
        json!({"type":"user","uuid":"u2","message":{"content":[result("Bash", "</pre></details></main><script>alert(5)</script>"), result("Edit", "ok"), result(&evil, EVENT)]}}),
        json!({"type":"user","uuid":"u3","message":{"content":[{"type":"text","text":format!("<system-reminder>{SCRIPT}</system-reminder>\n\nThird words")},
            {"type":"image","source":{"type":"base64","media_type":"image/png\" onerror=\"alert(6)","data":"AAAA"}},
            {"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw0KGgo="}},
            {"type":"image","source":{"type":"base64","media_type":"image/png","data":"\"><script>alert(7)</script>"}}]}}),
        json!({"type":format!("odd{SCRIPT}"),"uuid":"x"}),
    ])
}

#[test]
fn nothing_that_somebody_wrote_becomes_an_element_or_an_attribute_of_the_page() {
    let html = page(&vile(), &format!("Title {SCRIPT} {EVENT}\" onload=\"alert(8)"));
    for tag in elements(&html) {
        let name = tag.trim_start_matches('/').split([' ', '\n']).next().unwrap().to_lowercase();
        assert!(!matches!(name.as_str(), "script" | "iframe" | "object" | "embed" | "form" | "link" | "base" | "svg"), "{tag}");
        let outside: String = tag.split('"').step_by(2).collect();
        assert!(!outside.contains(" on") && !outside.contains("style="), "{tag}");
        if let Some(to) = tag.split("href=\"").nth(1) {
            assert!(["#", "https://", "images/", "documents/", "artifacts/"].iter().any(|s| to.starts_with(s)), "{tag}");
        }
        if let Some(from) = tag.split("src=\"").nth(1) {
            assert!(from.starts_with("data:image/png;base64,") || from.starts_with("images/"), "{tag}");
        }
    }
    assert_eq!(html.matches("data:image/png;base64,iVBORw0KGgo=").count(), 1);
}

#[test]
fn a_page_forbids_the_browser_everything_but_its_own_style_and_pictures() {
    let html = page(&Home::new(), "Plain");
    let policy = html.split("Content-Security-Policy\" content=\"").nth(1).unwrap().split('"').next().unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-") && !policy.contains("unsafe"), "{policy}");
    let style = html.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
    let hash = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, <sha2::Sha256 as sha2::Digest>::digest(style.as_bytes()));
    assert!(policy.contains(&hash), "the style is not the one that is let through");
}

#[test]
fn every_word_is_there_once_in_its_order_and_every_element_is_closed() {
    let html = page(&vile(), "Plain");
    let (_, main) = html.split_once("<main>").unwrap();
    let at = ["First words", "Second words", "Third words"].map(|words| {
        assert_eq!(main.matches(words).count(), 1, "{words}: {html}");
        main.find(words).unwrap()
    });
    assert!(at.is_sorted());
    let mut open: Vec<&str> = Vec::new();
    for tag in elements(&html) {
        let name = tag.trim_start_matches('/').split([' ', '\n', '/']).next().unwrap();
        if matches!(name, "!doctype" | "meta" | "br" | "hr" | "img" | "input") || name == "style" {
            continue;
        }
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name), "{html}");
        } else {
            open.push(name);
        }
    }
    assert_eq!(open, Vec::<&str>::new());
    assert_eq!(main.matches("<details class=\"app\"").count(), 1);
    for anchor in html.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert_eq!(html.matches(&format!("id=\"{anchor}\"")).count(), 1, "{anchor}");
    }
}

#[test]
fn a_prompt_stands_in_the_contents_by_its_words_and_by_its_file_where_it_has_none() {
    let picture = json!({"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw0KGgo="}});
    let prompt = |uuid: &str, content: serde_json::Value| json!({"type":"user","uuid":uuid,"message":{"content":content}});
    let home = home_with(&[
        prompt("u1", json!([picture, {"type":"text","text":"What is this?"}])),
        json!({"type":"assistant","uuid":"a1","message":{"id":"m1","content":[{"type":"text","text":"A dot."}]}}),
        prompt("u2", json!([picture])),
    ]);
    let html = page(&home, "Plain");
    let contents: Vec<&str> = html.lines().filter(|line| line.starts_with("<li><a href=\"#")).collect();
    assert_eq!(contents, ["<li><a href=\"#t-u1\">What is this?</a></li>", "<li><a href=\"#t-u2\">image/png</a></li>"]);
}

#[test]
fn secrets_are_out_of_a_page_and_counted_in_it() {
    let key = ["gh", "p_"].concat() + &"aB3x".repeat(9);
    let home = home_with(&[json!({"type":"user","uuid":"u1","message":{"content":format!("Use {key}")}})]);
    let html = page(&home, &format!("With {key}"));
    assert!(!html.contains(&key) && html.contains("Use [redacted: github-token]") && html.contains("github-token: "), "{html}");
}
