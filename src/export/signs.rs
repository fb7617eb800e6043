//! Single signs of markdown: what may begin at one, and whether it is plain text.

use memchr::memmem;
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

/// Where within a range of plain text a tag may begin, or would but for the backslash before it.
pub fn openings(text: &str, range: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let found = text.get(range.clone()).unwrap_or_default().match_indices('<').map(move |(at, _)| range.start + at);
    found.filter(|at| may_open(text.as_bytes(), *at)).map(|at| with_escape(text, at))
}

/// The sign at a place, and the backslash before it if that makes it plain text: to some viewers it may be a part of an address.
pub fn with_escape(text: &str, at: usize) -> Range<usize> {
    if escaped(text, at) { at.saturating_sub(1)..at + 1 } else { at..at + 1 }
}

/// Whether a backslash makes the sign at a place plain text.
fn escaped(text: &str, at: usize) -> bool {
    text.as_bytes().get(..at).unwrap_or_default().iter().rev().take_while(|b| **b == b'\\').count() % 2 == 1
}

/// Whether backticks that stand here open no code for GitHub's viewer, whatever follows.
pub fn opens_no_code(text: &[u8], at: usize) -> bool {
    // It counts no further.
    const MOST: usize = 80;
    let run = text.get(at..).unwrap_or_default().iter().take(MOST + 1).take_while(|b| **b == b'`').count();
    run > MOST || after_address(text, at)
}

/// Whether what stands here goes on a word that GitHub's viewer makes a link of.
fn after_address(text: &[u8], at: usize) -> bool {
    const LONGEST: usize = 512;
    let before = text.get(..at).unwrap_or_default();
    let length = before.iter().rev().take(LONGEST).take_while(|b| !b.is_ascii_whitespace() && **b != b'<').count();
    let word = before.get(at.saturating_sub(length)..).unwrap_or_default();
    length == LONGEST || memmem::find(word, b"://").is_some() || memmem::find(word, b"www.").is_some()
}
