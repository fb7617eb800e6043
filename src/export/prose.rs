//! What somebody wrote, as markdown that cannot reach beyond its place: no raw HTML, no open fence, no false heading.
//!
//! Viewers differ in what they see in odd texts, and one's code is another's tag. So a text goes into a page only in a form
//! of which [`skim`] is sure what every viewer sees. Where there is none, it is shown letter by letter, in a fence.

use super::skim::{Fence, Told, skim};
use super::viewed::viewed;
use memchr::memchr_iter;

/// Clean text as markdown for the body of a page.
pub fn prose(text: &str) -> String {
    let text = text.trim_end().trim_start_matches('\n');
    match skim(text) {
        Told::Harmless(None) => text.to_owned(),
        Told::Harmless(Some(fence)) => closed(text.to_owned(), fence),
        Told::Unsure => match changed(text) {
            Some((text, Some(fence))) => closed(text, fence),
            Some((text, None)) => text,
            None => in_parts(text),
        },
    }
}

/// The text with as little changed as makes it sure, and the fence that is open at its end.
fn changed(text: &str) -> Option<(String, Option<Fence>)> {
    [false, true].into_iter().map(|every| viewed(text, every)).find(|(text, open)| skim(text) == Told::Harmless(*open))
}

/// The text with its fences as they are, and what lies between them changed, or else in a fence of its own. Where it cannot
/// be parted it is in a fence as a whole.
fn in_parts(text: &str) -> String {
    let (mut out, mut words, mut fence): (Option<Vec<String>>, usize, Option<(Fence, usize)>) = (Some(Vec::new()), 0, None);
    let mut add = |new: Option<String>| out = out.take().zip(new).map(|(all, new)| [all, vec![new]].concat());
    let mut from = 0;
    for end in memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1).chain([text.len()]) {
        let line = text.get(from..end).unwrap_or_default();
        match fence {
            None => {
                if let Some(opened) = opens(line) {
                    add(part(text.get(words..from).unwrap_or_default()));
                    fence = Some((opened, from));
                }
            }
            Some((opened, start)) if opened.is_closed_by(line) => {
                add(Some(code(text.get(start..from).unwrap_or_default(), opened)));
                (fence, words) = (None, end);
            }
            Some(_) => {}
        }
        from = end;
    }
    match fence {
        Some((opened, start)) => add(Some(code(text.get(start..).unwrap_or_default(), opened))),
        None => add(part(text.get(words..).unwrap_or_default())),
    }
    out.map_or_else(|| fenced("", text), |out| out.concat().trim_matches('\n').to_owned())
}

/// The fence that a line opens at its very beginning, where no list and no quote goes on.
fn opens(line: &str) -> Option<Fence> {
    let mark = *line.as_bytes().first().filter(|mark| b"`~".contains(mark))?;
    let length = line.bytes().take_while(|b| *b == mark).count();
    let rest = line.get(length..)?;
    (length >= 3 && !rest.contains(['`', '~', '\\'])).then_some(Fence { mark, length })
}

/// A fence with its code, both ends bare: a tab behind one is told in several ways.
fn code(text: &str, fence: Fence) -> String {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let end = if rest.is_empty() || rest.ends_with('\n') { "" } else { "\n" };
    let mark = String::from(char::from(fence.mark)).repeat(fence.length);
    [first.trim_end(), "\n", rest, end, &mark, "\n"].concat()
}

/// Words between fences, set apart from them; `None` where a fence of theirs may be open at their end.
fn part(text: &str) -> Option<String> {
    let words = text.trim_end().trim_start_matches('\n');
    let sure = match skim(words) {
        _ if words.is_empty() => return Some(String::new()),
        Told::Harmless(None) => words.to_owned(),
        Told::Harmless(Some(_)) => return None,
        Told::Unsure => match changed(words) {
            Some((_, Some(_))) => return None,
            Some((changed, None)) => changed,
            None => fenced("", words),
        },
    };
    Some(["\n", &sure, "\n\n"].concat())
}

/// The text with the fence that is open at its end closed.
fn closed(mut text: String, fence: Fence) -> String {
    text.push('\n');
    text.extend(std::iter::repeat_n(char::from(fence.mark), fence.length));
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
    [&fence, language, "\n", text, end, &fence].concat()
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
