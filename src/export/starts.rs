//! What a line of markdown begins: a fence, a quote, an item of a list.

use super::skim::Fence;
use memchr::memchr;

/// What a line begins with.
pub enum Start {
    Fence(Fence),
    Quote,
    /// An item of a list whose content is indented so far; one that may not interrupt a paragraph.
    Item(usize, bool),
    Rule,
    Text,
    /// Something that is better left to the parser.
    Odd,
}

/// What the words of a line begin.
pub fn begins(words: &[u8], indent: usize) -> Start {
    match words.first() {
        Some(mark @ (b'`' | b'~')) => {
            let length = run(words, 0);
            let cut = *mark == b'`' && memchr(b'`', words.get(length..).unwrap_or_default()).is_some();
            if length < 3 || cut { Start::Text } else { Start::Fence(Fence { mark: *mark, length }) }
        }
        Some(b'>') => Start::Quote,
        Some(mark @ (b'-' | b'*' | b'+')) => {
            let (mut signs, mut other, mut blank) = (0, false, false);
            for byte in words {
                signs += usize::from(byte == mark);
                blank |= matches!(byte, b' ' | b'\t');
                other |= byte != mark && !matches!(byte, b' ' | b'\t');
                if other {
                    break;
                }
            }
            match () {
                () if !other && signs >= 3 && *mark != b'+' => Start::Rule,
                () if !other && (blank || signs == 1) => Start::Odd,
                () => item(words, 1, indent, false),
            }
        }
        Some(b'0'..=b'9') => {
            let digits = words.iter().take_while(|b| b.is_ascii_digit()).count();
            match words.get(digits) {
                Some(b'.' | b')') if digits < 10 => item(words, digits + 1, indent, words.get(..digits) != Some(b"1")),
                _ => Start::Text,
            }
        }
        _ => Start::Text,
    }
}

/// An item of a list with a marker of so many bytes; else text.
fn item(words: &[u8], marker: usize, indent: usize, waits: bool) -> Start {
    let after = words.get(marker..).unwrap_or_default();
    match after.first() {
        None | Some(b'\t') => return Start::Odd,
        Some(b' ') => {}
        Some(_) => return Start::Text,
    }
    let spaces = after.iter().take_while(|b| **b == b' ').count();
    let content = after.get(spaces..).unwrap_or_default();
    // An item without content, or with nothing but a box to tick, goes its own ways; `- |` may draw a table's line.
    let empty = content.iter().all(|b| b" \t-*+|:".contains(b));
    let box_alone = content.first() == Some(&b'[') && content.trim_ascii_end().len() < 5;
    if empty || box_alone || content.first() == Some(&b'\t') {
        return Start::Odd;
    }
    Start::Item(indent + marker + if spaces > 4 { 1 } else { spaces }, waits)
}

/// The columns a line is indented by, and its words.
pub fn indent(line: &[u8]) -> (usize, &[u8]) {
    let mut columns = 0;
    for (at, byte) in line.iter().enumerate() {
        match byte {
            b' ' => columns += 1,
            b'\t' => columns = (columns / 4 + 1) * 4,
            _ => return (columns, line.get(at..).unwrap_or_default()),
        }
    }
    (columns, &[])
}

/// How often the sign that stands here stands here.
pub fn run(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    rest.iter().take_while(|b| Some(*b) == rest.first()).count()
}
