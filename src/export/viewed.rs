//! Words as one viewer's parser sees them, changed until nothing in them is raw HTML, a turn's heading or a definition.

use super::signs::{openings, with_escape};
use super::skim::{Fence, NAMES};
use memchr::memchr_iter;
use pulldown_cmark::{CodeBlockKind, Event, LinkType, Options, Parser, Tag, TagEnd};
use std::ops::Range;

/// After so many passes every `<` of what still is HTML goes at once, and after as many again every `<` there is.
const PASSES: usize = 12;

/// A paragraph that nobody writes.
const PROBE: &str = "\n\n\u{E000}\u{E001}";

/// The text with what has to change changed, and the fence that is open at its end; with `every`, no `<` stays in words, nor
/// anything that may look like a definition.
pub fn viewed(text: &str, every: bool) -> (String, Option<Fence>) {
    // What stands behind it tells whether a fence is open there.
    let mut text = format!("{text}{PROBE}");
    for pass in 0..2 * PASSES {
        let Seen { mut edits, signs, open } = seen(&text, pass >= PASSES, every);
        // What is code and what is not is known once nothing else has to change.
        if edits.is_empty() {
            edits = signs;
        }
        if edits.is_empty() {
            return ended(text, open);
        }
        edits.sort_unstable();
        edits.dedup_by_key(|edit| edit.at);
        text = edited(&text, &edits);
    }
    let text = text.replace('<', "&lt;");
    let open = seen(&text, true, every).open;
    ended(text, open)
}

fn ended(mut text: String, open: Option<Fence>) -> (String, Option<Fence>) {
    text.truncate(text.len() - PROBE.len());
    (text, open)
}

/// What goes in at a place, in the stead of so many bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Edit {
    at: usize,
    length: usize,
    new: &'static str,
}

/// What the parser sees in a text.
struct Seen {
    /// What has to change.
    edits: Vec<Edit>,
    /// The same for each `<` in words that is no tag to this parser, and may be one to another.
    signs: Vec<Edit>,
    /// The fence that is open at the end.
    open: Option<Fence>,
}

fn seen(text: &str, all: bool, every: bool) -> Seen {
    let (mut edits, mut signs) = (Vec::new(), Vec::new());
    let (mut block, mut open): (Option<Range<usize>>, Option<usize>) = (None, None);
    let end = text.len() - PROBE.trim_start().len();
    let (mut heading, mut block_of_code, mut code): (Option<String>, bool, Vec<Range<usize>>) = (None, false, Vec::new());
    let options = Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS | Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES;
    let events = Parser::new_ext(text, options).into_offset_iter();
    // What a text defines would hold for every other text of the page, and is not shown itself.
    edits.extend(events.reference_definitions().iter().filter_map(|(_, definition)| colon(text, definition.span.clone())));
    for (event, range) in events {
        match &event {
            Event::Start(Tag::FootnoteDefinition(_)) => edits.extend(colon(text, range.clone())),
            Event::Start(Tag::CodeBlock(_)) => {
                block_of_code = true;
                code.push(range.clone());
            }
            Event::Code(_) | Event::Start(Tag::Link { link_type: LinkType::Autolink, .. }) => code.push(range.clone()),
            Event::End(TagEnd::CodeBlock) => block_of_code = false,
            Event::Text(_) if !block_of_code => {
                signs.extend(openings(text, range.clone()).filter(|_| !every).map(tag));
                signs.extend(label_end(text, range.clone()).filter(|_| every));
            }
            _ => {}
        }
        match event {
            // Once the first `<` is no tag, the rest of the block is read anew: it may hold code.
            Event::Start(Tag::HtmlBlock) => block = Some(range),
            Event::End(TagEnd::HtmlBlock) => {
                if let Some(range) = block.take() {
                    edits.extend(tags(text, range, all));
                }
            }
            Event::InlineHtml(_) => edits.extend(tags(text, range, all)),
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::End(TagEnd::Heading(_)) => {
                let words = heading.take().unwrap_or_default();
                let mark = is_turn(&words).then(|| heading_mark(text, range)).flatten();
                edits.extend(mark.map(|at| Edit { at, length: 0, new: "\\" }));
            }
            Event::Text(part) | Event::Code(part) => heading.iter_mut().for_each(|words| words.push_str(&part)),
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_))) if range.end > end => open = Some(range.start),
            _ => {}
        }
    }
    if every {
        // Also in what no viewer shows, as a cell too many in a table.
        let words = |at: &usize| !code.iter().any(|range| range.contains(at));
        signs.extend(memchr_iter(b'<', text.as_bytes()).filter(words).map(|at| tag(with_escape(text, at))));
    }
    let mark = |start: usize| {
        let line = text.get(start..).unwrap_or_default().trim_start().as_bytes();
        let mark = line.first().copied().unwrap_or(b'`');
        Fence { mark, length: line.iter().take_while(|b| **b == mark).count() }
    };
    Seen { edits, signs, open: open.map(mark) }
}

/// Breaks a definition behind its label.
fn colon(text: &str, range: Range<usize>) -> Option<Edit> {
    let at = range.start + text.get(range)?.find("]:")? + 1;
    Some(Edit { at, length: 0, new: "\\" })
}

/// The same where words go on as they do behind a label.
fn label_end(text: &str, range: Range<usize>) -> Option<Edit> {
    let behind = text.get(..range.start)?.ends_with(']') && text.get(range.clone())?.starts_with(':');
    if behind { Some(Edit { at: range.start, length: 0, new: "\\" }) } else { colon(text, range) }
}

/// A `<` as text, and the backslash before it if there is one.
fn tag(range: Range<usize>) -> Edit {
    Edit { at: range.start, length: range.len(), new: "&lt;" }
}

fn tags(text: &str, range: Range<usize>, all: bool) -> impl Iterator<Item = Edit> {
    let part = text.get(range.clone()).unwrap_or_default();
    let found = part.match_indices('<').map(move |(at, _)| tag(range.start + at..range.start + at + 1));
    found.take(if all { usize::MAX } else { 1 })
}

fn edited(text: &str, edits: &[Edit]) -> String {
    let mut out = String::with_capacity(text.len() + edits.len() * 4);
    let mut from = 0;
    for edit in edits {
        out.push_str(text.get(from..edit.at).unwrap_or_default());
        out.push_str(edit.new);
        from = edit.at + edit.length;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

/// Whether a heading of these words would pass for one of a turn.
fn is_turn(words: &str) -> bool {
    // Not every viewer takes the same signs for the heading's end.
    let words = words.trim().trim_end_matches(['#', ' ', '\t']);
    let rest = NAMES.iter().find_map(|name| words.strip_prefix(name));
    rest.is_some_and(|rest| rest.is_empty() || rest.trim_start().starts_with('·'))
}

/// Where a heading is to be broken.
fn heading_mark(text: &str, range: Range<usize>) -> Option<usize> {
    let part = text.get(range.clone())?;
    let in_first = part.find('#').filter(|at| part.get(..*at).is_some_and(|s| s.trim().is_empty()));
    let underline = || part.trim_end().rfind('\n').map(|at| at + 1 + part.get(at + 1..).map_or(0, |l| l.len() - l.trim_start().len()));
    Some(range.start + in_first.or_else(underline)?)
}
