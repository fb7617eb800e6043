//! Single signs of markdown: what may begin at one, and whether it is plain text.

use super::address::after_address;
use std::ops::Range;

/// Whether a tag may begin here, or anything else that is raw HTML.
pub fn may_open(text: &[u8], at: usize) -> bool {
    let rest = text.get(at + 1..).unwrap_or_default();
    let name = rest.strip_prefix(b"/").unwrap_or(rest);
    match rest.first() {
        Some(b'!' | b'?') => true,
        _ if !name.first().is_some_and(u8::is_ascii_alphabetic) => false,
        _ => {
            let behind = name.iter().find(|b| !b.is_ascii_alphanumeric() && **b != b'-');
            behind.is_none_or(|b| b.is_ascii_whitespace() || matches!(b, b'/' | b'>' | 0x0B))
        }
    }
}

/// Where within a range of plain text a tag may begin, or for a viewer to whom the backslash before it is a part of an address,
/// an address between `<` and `>`.
pub fn openings(text: &str, range: Range<usize>) -> impl Iterator<Item = (usize, &'static str)> {
    let bytes = text.as_bytes();
    let found = text.get(range.clone()).unwrap_or_default().match_indices('<').map(move |(at, _)| range.start + at);
    found.flat_map(move |at| {
        let escape = escaped(text, at).then(|| at.saturating_sub(1));
        let opens = if escape.is_some() { after_address(bytes, at) } else { may_open(bytes, at) };
        let edits = [escape.map(|at| (at, "\\")), Some((at, "<"))];
        edits.into_iter().flatten().filter(move |_| opens)
    })
}

/// Whether a backslash makes the sign at a place plain text.
fn escaped(text: &str, at: usize) -> bool {
    text.as_bytes().get(..at).unwrap_or_default().iter().rev().take_while(|b| **b == b'\\').count() % 2 == 1
}

/// The backticks within a range, but for those that are escaped.
pub fn backticks(text: &str, range: Range<usize>) -> impl Iterator<Item = usize> {
    let found = text.get(range.clone()).unwrap_or_default().match_indices('`');
    found.map(move |(at, _)| range.start + at).filter(move |at| !escaped(text, *at))
}

/// Whether a line of code, but for the first, may begin a block of HTML: to some viewers it does where a quote goes on without
/// its sign.
pub fn begins_html(code: &str) -> bool {
    code.split('\n').skip(1).any(|line| {
        let words = line.trim_start_matches(['>', ' ', '\t']);
        words.starts_with('<') && may_open(words.as_bytes(), 0)
    })
}
