//! What the fuzz targets have in common: a viewer of another make than ours.

use comrak::nodes::{AstNode, NodeValue};
use comrak::{Arena, Options, parse_document};
use lifeboat::transcript::Event;

/// Reads a conversation and holds the order of its events against what they promise.
pub fn told(bytes: &[u8], name: &str, within: bool) {
    let (mut depth, mut turn, mut left) = (0_usize, false, false);
    lifeboat::fuzzing::told(bytes, name, within, &mut |event| {
        match event {
            Event::Turn(_) => turn = true,
            Event::Block(_) => assert!(turn, "a piece without a turn"),
            Event::Agent(_) => {
                depth += 1;
                turn = false;
            }
            Event::AgentEnd => {
                depth = depth.checked_sub(1).expect("a sub-agent's end without its beginning");
                turn = false;
            }
            Event::Left(_) => {
                left = true;
                turn = false;
            }
        }
        Ok(())
    });
    let _ = left;
    assert_eq!(depth, 0, "a sub-agent without its end");
}

/// Panics where a page is not as it should be: folds that do not end, headings that are not ours or not where they belong.
pub fn well_formed(body: &str, turns: u64, github: bool) {
    let mut options = Options::default();
    let with = &mut options.extension;
    (with.table, with.strikethrough, with.tasklist, with.autolink, with.footnotes) = (github, github, github, github, github);
    let arena = Arena::new();
    let root = parse_document(&arena, body, &options);
    let (mut depth, mut heads) = (0_usize, 0);
    for node in root.children() {
        look(node, true, &mut depth, &mut heads);
    }
    assert_eq!(depth, 0, "folds are open at the end:\n{body}");
    assert_eq!(heads, turns, "headings of turns:\n{body}");
}

fn look<'a>(node: &'a AstNode<'a>, top: bool, depth: &mut usize, heads: &mut u64) {
    let value = node.data.borrow().value.clone();
    match &value {
        NodeValue::HtmlBlock(html) => markup(&html.literal, top, depth),
        NodeValue::HtmlInline(html) => markup(html, top, depth),
        NodeValue::Heading(heading) => {
            let mut words = String::new();
            text(node, &mut words);
            if words == "You" || words == "Claude" || words.starts_with("You ·") || words.starts_with("Claude ·") {
                assert!(top && *depth == 0 && heading.level == 2, "a turn's heading in a wrong place: {words}");
                *heads += 1;
            }
        }
        _ => {}
    }
    for child in node.children() {
        look(child, false, depth, heads);
    }
}

fn markup(html: &str, top: bool, depth: &mut usize) {
    for line in html.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if line.starts_with("<details><summary>") && line.ends_with("</summary>") {
            assert!(top, "a fold within something: {line}");
            *depth += 1;
        } else if line == "</details>" {
            assert!(top, "a fold's end within something");
            *depth = depth.checked_sub(1).expect("a fold's end without its beginning");
        } else {
            let ours = line.starts_with("<a id=\"t-") || line.starts_with("<code>") || ["</a>", "</code>"].contains(&line);
            assert!(ours, "HTML that is not ours: {line}");
        }
    }
}

fn text<'a>(node: &'a AstNode<'a>, out: &mut String) {
    match &node.data.borrow().value {
        NodeValue::Text(text) => out.push_str(text),
        NodeValue::Code(code) => out.push_str(&code.literal),
        _ => {}
    }
    for child in node.children() {
        text(child, out);
    }
}
