//! What somebody wrote, as markdown that cannot reach beyond its place: no raw HTML, no open fence, no false heading.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use std::fmt::Write as _;
use std::ops::Range;

/// After so many passes every `<` of what still is HTML goes at once, and after as many again every `<` there is.
const PASSES: usize = 12;

/// Clean text as markdown for the body of a page.
pub fn prose(text: &str) -> String {
    let mut text = text.trim_end().trim_start_matches('\n').to_owned();
    for pass in 0..2 * PASSES {
        let edits = edits(&text, pass >= PASSES);
        if edits.is_empty() {
            return closed(text);
        }
        text = edited(&text, &edits);
    }
    closed(text.replace('<', "&lt;"))
}

fn parser(text: &str) -> pulldown_cmark::OffsetIter<'_> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    Parser::new_ext(text, options).into_offset_iter()
}

/// Places where something goes in or, for `<`, is replaced.
fn edits(text: &str, all: bool) -> Vec<(usize, &'static str)> {
    let mut edits = Vec::new();
    let mut block: Option<Range<usize>> = None;
    let mut heading: Option<String> = None;
    let (mut block_of_code, mut hidden, mut loose) = (false, false, Vec::new());
    for (event, range) in parser(text) {
        match &event {
            Event::Start(Tag::CodeBlock(_)) => block_of_code = true,
            Event::End(TagEnd::CodeBlock) => block_of_code = false,
            Event::Code(code) => hidden |= code.contains('<'),
            Event::Text(_) if !block_of_code => {
                loose.extend(backticks(text, range.clone()));
                // `<![cdata[` is HTML to GitHub's viewer, and to no other.
                edits.extend(before(text, range.clone(), "<!["));
            }
            _ => {}
        }
        match event {
            // Once the first `<` is no tag, the rest of the block is read anew: it may hold code.
            Event::Start(Tag::HtmlBlock) => block = Some(range),
            Event::End(TagEnd::HtmlBlock) => {
                if let Some(range) = block.take() {
                    tags(text, range, all, &mut edits);
                }
            }
            Event::InlineHtml(_) => tags(text, range, all, &mut edits),
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::End(TagEnd::Heading(_)) => {
                let words = heading.take().unwrap_or_default();
                edits.extend(is_turn(&words).then(|| heading_mark(text, range)).flatten().map(|at| (at, "\\")));
            }
            Event::Text(part) | Event::Code(part) => heading.iter_mut().for_each(|words| words.push_str(&part)),
            _ => {}
        }
    }
    if hidden {
        // GitHub's viewer finds no code behind backticks that open none, and acts on the tags in it.
        edits.extend(loose.into_iter().map(|at| (at, "\\")));
    }
    edits.sort_unstable();
    edits.dedup();
    edits
}

/// Where a sign of HTML begins within a range.
fn before<'a>(text: &'a str, range: Range<usize>, sign: &'a str) -> impl Iterator<Item = (usize, &'static str)> + 'a {
    let found = text.get(range.clone()).unwrap_or_default().match_indices('<').map(move |(at, _)| range.start + at);
    found.filter(move |at| text.get(*at..).is_some_and(|rest| rest.starts_with(sign)) && !escaped(text, *at)).map(|at| (at, "<"))
}

/// Whether a backslash makes the sign at a place plain text.
fn escaped(text: &str, at: usize) -> bool {
    text.as_bytes().get(..at).unwrap_or_default().iter().rev().take_while(|b| **b == b'\\').count() % 2 == 1
}

/// The backticks in plain text, but for those that are escaped.
fn backticks(text: &str, range: Range<usize>) -> impl Iterator<Item = usize> {
    let found = text.get(range.clone()).unwrap_or_default().match_indices('`');
    found.map(move |(at, _)| range.start + at).filter(move |at| !escaped(text, *at))
}

fn tags(text: &str, range: Range<usize>, all: bool, edits: &mut Vec<(usize, &'static str)>) {
    let part = text.get(range.clone()).unwrap_or_default();
    let found = part.match_indices('<').map(|(at, _)| (range.start + at, "<"));
    edits.extend(found.take(if all { usize::MAX } else { 1 }));
}

fn edited(text: &str, edits: &[(usize, &'static str)]) -> String {
    let mut out = String::with_capacity(text.len() + edits.len() * 4);
    let mut from = 0;
    for (at, what) in edits {
        out.push_str(text.get(from..*at).unwrap_or_default());
        let tag = *what == "<";
        out.push_str(if tag { "&lt;" } else { what });
        from = at + usize::from(tag);
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

/// Whether a heading of these words would pass for one of a turn.
fn is_turn(words: &str) -> bool {
    // Not every viewer takes the same signs for the heading's end.
    let words = words.trim().trim_end_matches(['#', ' ', '\t']);
    let rest = ["You", "Claude", "Asked", "Answered"].iter().find_map(|name| words.strip_prefix(name));
    rest.is_some_and(|rest| rest.is_empty() || rest.trim_start().starts_with('·'))
}

/// Where a heading is to be broken.
fn heading_mark(text: &str, range: Range<usize>) -> Option<usize> {
    let part = text.get(range.clone())?;
    let in_first = part.find('#').filter(|at| part.get(..*at).is_some_and(|s| s.trim().is_empty()));
    let underline = || part.trim_end().rfind('\n').map(|at| at + 1 + part.get(at + 1..).map_or(0, |l| l.len() - l.trim_start().len()));
    Some(range.start + in_first.or_else(underline)?)
}

/// The text with a fence that is still open at its end closed.
fn closed(mut text: String) -> String {
    const PROBE: &str = "\u{E000}\u{E001}";
    let probed = format!("{text}\n\n{PROBE}");
    let mut open: Option<usize> = None;
    for (event, range) in parser(&probed) {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_))) => open = Some(range.start),
            Event::End(TagEnd::CodeBlock) => open = None,
            Event::Text(t) if open.is_some() && t.contains(PROBE) => break,
            _ => {}
        }
    }
    if let Some(start) = open {
        let line = text.get(start..).unwrap_or_default().trim_start();
        let mark = line.chars().next().unwrap_or('`');
        let length = line.chars().take_while(|c| *c == mark).count();
        let _ = write!(text, "\n{}", mark.to_string().repeat(length));
    }
    text
}

/// Text in a fence longer than any run of backticks in it.
pub fn fenced(language: &str, text: &str) -> String {
    let mut longest = 0;
    let mut rest = text.as_bytes();
    while let Some(at) = memchr::memchr(b'`', rest) {
        rest = rest.get(at..).unwrap_or_default();
        let run = rest.iter().take_while(|b| **b == b'`').count();
        rest = rest.get(run..).unwrap_or_default();
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest.max(2) + 1);
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    format!("{fence}{language}\n{text}{end}{fence}")
}

/// Text as one line of HTML: no tag, no entity, no line break, at most so many characters.
pub fn html_line(text: &str, most: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut cut: String = line.chars().take(most).collect();
    if cut.len() < line.len() {
        cut.push('…');
    }
    cut.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A short text within a line of markdown, every sign that markdown could act on escaped.
pub fn plain(text: &str) -> String {
    let mut out = String::new();
    for c in text.split_whitespace().collect::<Vec<_>>().join(" ").chars() {
        if c.is_ascii_punctuation() && !".,:;/'\"()?%=@ -+".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_html_is_shown_and_not_acted_on_while_code_stays_as_it_is() {
        assert_eq!(prose("a <b>bold</b> word, `<i>` and\n\n```html\n<p>\n```"), "a &lt;b>bold&lt;/b> word, `<i>` and\n\n```html\n<p>\n```");
        assert_eq!(prose("<script>alert(1)</script>"), "&lt;script>alert(1)&lt;/script>");
        assert_eq!(prose("<![cdata[ x\n\n\\<![cdata["), "&lt;![cdata[ x\n\n\\<![cdata[");
        assert_eq!(prose("</details>\n\n1 < 2 and <https://example.org>"), "&lt;/details>\n\n1 < 2 and <https://example.org>");
    }

    #[test]
    fn backticks_that_open_no_code_make_no_viewer_act_on_tags_in_code() {
        assert_eq!(prose("a ```` b `c` d `</details>` e"), "a \\`\\`\\`\\` b `c` d `</details>` e");
        assert_eq!(prose("a ```` b `c` \\` d"), "a ```` b `c` \\` d");
    }

    #[test]
    fn a_fence_left_open_is_closed_with_its_own_sign_and_length() {
        assert_eq!(prose("see\n~~~~ rust\nfn x() {"), "see\n~~~~ rust\nfn x() {\n~~~~");
        assert_eq!(prose("`````\n```\nx"), "`````\n```\nx\n`````");
        assert_eq!(prose("```\ndone\n```"), "```\ndone\n```");
    }

    #[test]
    fn a_fence_hidden_in_html_is_seen_once_the_html_is_text() {
        assert_eq!(prose("<div>\n```\n</div>"), "&lt;div>\n```\n</div>\n```");
    }

    #[test]
    fn nobody_can_write_a_heading_that_passes_for_a_turn() {
        assert_eq!(prose("## Claude · 09:14\n\n# Mine"), "\\## Claude · 09:14\n\n# Mine");
        assert_eq!(prose("You · 09:14\n---"), "You · 09:14\n\\---");
        assert_eq!(prose("## You\n\n# **Claude** #\n\nClaude\n==="), "\\## You\n\n\\# **Claude** #\n\nClaude\n\\===");
        assert_eq!(prose("# Claude\t##"), "\\# Claude\t##");
        assert_eq!(prose("> ## Y&#111;u"), "> \\## Y&#111;u");
        assert_eq!(prose("## Yourself\n\n# You and me"), "## Yourself\n\n# You and me");
    }

    #[test]
    fn a_fence_is_longer_than_any_run_of_backticks_in_it() {
        assert_eq!(fenced("md", "````\nx\n````"), "`````md\n````\nx\n````\n`````");
        assert_eq!(fenced("", ""), "```\n```");
    }
}
