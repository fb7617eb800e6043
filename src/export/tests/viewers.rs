//! Pages of conversations made at random, read by a viewer of another make than the parser they were written with: as
//! `CommonMark` has it and as GitHub does. Nothing is swallowed by a fence, every fold ends where it should, and what
//! everybody said stands there once, in order.

use super::*;
use crate::transcript::tests::made::{lines, steps, words};
use comrak::nodes::{AstNode, NodeValue};
use comrak::{Arena, parse_document};

/// What a viewer sees of a page.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Headings of turns.
    pub(super) turns: u64,
    /// Anchors.
    anchors: Vec<String>,
    /// Words like `w12w` outside folds, in order.
    said: Vec<String>,
    /// The same within folds.
    folded: Vec<String>,
    /// What should not be.
    pub(super) wrong: Vec<String>,
}

/// The page's body as a viewer reads it.
pub(super) fn seen(body: &str, github: bool) -> Seen {
    let mut options = comrak::Options::default();
    let with = &mut options.extension;
    (with.table, with.strikethrough, with.tasklist, with.autolink, with.footnotes) = (github, github, github, github, github);
    let arena = Arena::new();
    let root = parse_document(&arena, body, &options);
    let (mut seen, mut depth) = (Seen::default(), 0_usize);
    for node in root.children() {
        look(node, true, &mut depth, &mut seen);
    }
    if depth != 0 {
        seen.wrong.push(format!("{depth} folds are open at the end"));
    }
    seen
}

fn look<'a>(node: &'a AstNode<'a>, top: bool, depth: &mut usize, seen: &mut Seen) {
    let value = node.data.borrow().value.clone();
    match &value {
        NodeValue::HtmlBlock(html) => markup(&html.literal, top, depth, seen),
        NodeValue::HtmlInline(html) => markup(html, top, depth, seen),
        NodeValue::Heading(heading) => {
            let mut words = String::new();
            text_of(node, &mut words);
            if ["You", "Claude"].iter().any(|name| words.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(" ·")))
            {
                seen.turns += 1;
                if !top || *depth > 0 || heading.level != 2 {
                    seen.wrong.push(format!("a turn's heading in a wrong place: {words}"));
                }
            }
        }
        NodeValue::Text(text) => marks(text, *depth, seen),
        NodeValue::Code(code) => marks(&code.literal, *depth, seen),
        NodeValue::CodeBlock(block) => {
            marks(&block.literal, *depth, seen);
            marks(&block.info, *depth, seen);
        }
        _ => {}
    }
    for child in node.children() {
        look(child, false, depth, seen);
    }
}

/// HTML is ours alone: anchors, folds, and code in the line that names a fold.
fn markup(html: &str, top: bool, depth: &mut usize, seen: &mut Seen) {
    for line in html.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let anchor = line.strip_prefix("<a id=\"").and_then(|rest| rest.strip_suffix("\"></a>").or_else(|| rest.strip_suffix("\">")));
        if let Some(id) = anchor {
            seen.anchors.push(id.to_owned());
        } else if line.starts_with("<details><summary>") && line.ends_with("</summary>") && top {
            *depth += 1;
        } else if line == "</details>" && top && *depth > 0 {
            *depth -= 1;
        } else if !["</a>", "</code>"].contains(&line) && !line.starts_with("<code>") {
            seen.wrong.push(format!("HTML that is not ours: {line}"));
        }
    }
}

fn marks(text: &str, depth: usize, seen: &mut Seen) {
    let is_mark = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let found = text.split('w').filter(is_mark).map(str::to_owned);
    if depth == 0 { seen.said.extend(found) } else { seen.folded.extend(found) }
}

fn text_of<'a>(node: &'a AstNode<'a>, out: &mut String) {
    match &node.data.borrow().value {
        NodeValue::Text(text) => out.push_str(text),
        NodeValue::Code(code) => out.push_str(&code.literal),
        _ => {}
    }
    for child in node.children() {
        text_of(child, out);
    }
}

/// The page of a file of a conversation, how many turns it says it has, and the conversation itself.
fn made(file: &str) -> (String, u64, transcript::Conversation) {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join(".claude/projects/-s/conv.jsonl");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, file).unwrap();
    let session = Session { dir: Some(home.path().to_path_buf()), ..Session::default() };
    let (mut body, about) = (Vec::new(), About { raw: true, ..about() });
    let mut beside = crate::export::beside::Folder::new(home.path(), Vec::new(), false);
    let scratch = home.path().join("x.partial");
    let mut page = Page::new(Desk::new(&mut body, &about, Redactor::new(true, &[]), &mut beside, scratch));
    let talk = transcript::open(&session).unwrap().unwrap();
    let told = talk.tell(&mut |event| page.take(&event).map_err(|e| crate::error::Error::io("", &path, e))).unwrap();
    let turns = Box::new(page).finish(&told).unwrap().turns;
    (String::from_utf8(body).unwrap(), turns, transcript::read(&session).unwrap().unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn in_two_viewers_everything_said_stands_once_in_order_and_nothing_is_swallowed(steps in steps(20)) {
        let (body, turns, conversation) = made(&lines(&steps));
        let said = conversation.turns.iter().filter(|t| t.who != Who::Injected).flat_map(|t| &t.blocks);
        let mut expected = Seen::default();
        for block in said {
            if let Block::Text(text) = block {
                marks(text, 0, &mut expected);
            }
        }
        for github in [false, true] {
            let seen = seen(&body, github);
            prop_assert_eq!(&seen.wrong, &Vec::<String>::new(), "{}", body);
            prop_assert_eq!(seen.turns, turns, "{}", body);
            prop_assert_eq!(&seen.said, &expected.said, "{}", body);
            let anchors = body.lines().filter(|l| l.starts_with("<a id=\"t-") && l.ends_with("\"></a>")).count();
            prop_assert!(seen.anchors.len() <= anchors && seen.anchors.len() as u64 >= turns, "{}", body);
            let different: std::collections::HashSet<&String> = seen.anchors.iter().collect();
            prop_assert_eq!(different.len(), seen.anchors.len());
        }
    }

    #[test]
    fn in_two_viewers_tools_and_what_they_answer_stay_folded(words in proptest::collection::vec(words(), 3)) {
        let line = |kind: &str, id: &str, content: serde_json::Value| json!({"type":kind,"uuid":id,"message":{"id":id,"content":content}}).to_string() + "\n";
        let [ask, call, answer] = &words[..] else { unreachable!() };
        let tools = ["Bash", "Write", "Edit", "Read", "Agent", "mcp__x__y", "Odd`<b>"];
        let mut file = line("user", "u1", json!(format!("w1w\n\n{ask}")));
        for (n, tool) in tools.iter().enumerate() {
            let input = json!({"command":call,"file_path":call,"content":call,"old_string":call,"new_string":answer,"prompt":call,"description":call});
            file += &line("assistant", &format!("a{n}"), json!([{"type":"tool_use","id":format!("t{n}"),"name":tool,"input":input}]));
            file += &line("user", &format!("r{n}"), json!([{"type":"tool_result","tool_use_id":format!("t{n}"),"content":format!("w{n}w {answer}")}]));
        }
        file += &line("user", "u2", json!("w2w"));
        let (body, turns, _) = made(&file);
        for github in [false, true] {
            let seen = seen(&body, github);
            prop_assert_eq!(&seen.wrong, &Vec::<String>::new(), "{}", body);
            prop_assert_eq!((seen.turns, &seen.said), (turns, &vec!["1".to_owned(), "2".to_owned()]), "{}", body);
        }
    }
}
