//! What the fuzz targets have in common: a viewer of another make than ours.

use comrak::nodes::{AstNode, NodeValue};
use comrak::{Arena, Options, parse_document};
use lifeboat::transcript::{Event, Sink};

/// Reads a conversation and holds the order of its events against what they promise.
pub fn told(bytes: &[u8], name: &str, within: bool) {
    in_order(&|sink| drop(lifeboat::fuzzing::told(bytes, name, within, sink)));
}

/// The same with a chat of Gemini's.
pub fn chat(bytes: &[u8], document: bool) {
    in_order(&|sink| drop(lifeboat::fuzzing::chat(bytes, document, sink)));
}

/// The same with messages of opencode's, one a line.
pub fn rows(bytes: &[u8], second: bool) {
    in_order(&|sink| drop(lifeboat::fuzzing::rows(bytes, second, sink)));
}

fn in_order(tell: &dyn Fn(&mut Sink<'_>)) {
    let (mut depth, mut turn, mut left) = (0_usize, false, false);
    tell(&mut |event| {
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
    let mut seen = Seen::default();
    for node in parse_document(&arena, body, &options).children() {
        seen.look(node, true);
    }
    if seen.depth != 0 {
        seen.wrong.push(format!("{} folds are open at the end", seen.depth));
    }
    if seen.heads != turns {
        seen.wrong.push(format!("{} headings of turns where {turns} are", seen.heads));
    }
    assert!(seen.wrong.is_empty(), "{:#?} in\n{body}", seen.wrong);
}

/// What a viewer sees of a page.
#[derive(Default)]
struct Seen {
    depth: usize,
    heads: u64,
    wrong: Vec<String>,
}

impl Seen {
    fn look<'a>(&mut self, node: &'a AstNode<'a>, top: bool) {
        let value = node.data.borrow().value.clone();
        match &value {
            NodeValue::HtmlBlock(html) => self.markup(&html.literal, top),
            NodeValue::HtmlInline(html) => self.markup(html, top),
            NodeValue::Heading(heading) => {
                let mut words = String::new();
                text(node, &mut words);
                if ["You", "Claude"].iter().any(|name| words.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(" ·"))) {
                    self.heads += 1;
                    if !top || self.depth > 0 || heading.level != 2 {
                        self.wrong.push(format!("a turn's heading in a wrong place: {words}"));
                    }
                }
            }
            _ => {}
        }
        for child in node.children() {
            self.look(child, false);
        }
    }

    fn markup(&mut self, html: &str, top: bool) {
        for line in html.lines().map(str::trim).filter(|line| !line.is_empty()) {
            if line.starts_with("<details><summary>") && line.ends_with("</summary>") && top {
                self.depth += 1;
            } else if line == "</details>" && top && self.depth > 0 {
                self.depth -= 1;
            } else if !line.starts_with("<a id=\"t-") && !line.starts_with("<code>") && !["</a>", "</code>"].contains(&line) {
                self.wrong.push(format!("HTML that is not ours: {line}"));
            }
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
