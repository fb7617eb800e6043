//! Private keys, as blocks of text over many lines: whole or torn, indented, numbered, quoted, or with their line breaks escaped.

use super::judge::words;
use std::ops::Range;

/// The longest header or line of a block.
const LINE: usize = 400;

/// Where a private key ends that begins here with its `-----BEGIN`; `None` where none does.
pub fn key(text: &[u8], at: usize) -> Option<Range<usize>> {
    let head = text.get(at..text.len().min(at + 120))?;
    let dashes = head.get(11..)?.windows(5).position(|w| w == b"-----")? + 11;
    let title = head.get(..dashes)?;
    if !title.ends_with(b"PRIVATE KEY") && !title.ends_with(b"PRIVATE KEY BLOCK") {
        return None;
    }
    let (mut end, mut held) = (at + dashes + 5, 0);
    let mut next = end;
    while next < text.len() {
        let (line, after) = line(text, next);
        let body = body(line);
        if let Some(dashes) = body.windows(8).position(|w| w == b"-----END") {
            held += letters(body.get(..dashes).unwrap_or_default());
            let close = body.get(dashes + 8..).and_then(|rest| rest.windows(5).position(|w| w == b"-----"));
            let start = next + (line.len() - body.len());
            end = start + close.map_or(body.len(), |c| dashes + 8 + c + 5);
            return (held >= 6).then_some(at..end);
        }
        let letters = letters(body);
        // A fence ends what it holds, and a word alone on a line is prose; but a key's last line may be short.
        if body.starts_with(b"```") || body.starts_with(b"~~~") {
            break;
        }
        if letters > 0 {
            held += letters;
            if letters >= 16 || !words(body) {
                end = next + line.len();
            }
        } else if !body.iter().all(u8::is_ascii_whitespace) && !header(body) {
            break;
        }
        next = after;
    }
    (held >= 16).then_some(at..end)
}

/// The line that begins here, and where the next one does; `\n` written out ends a line too.
fn line(text: &[u8], from: usize) -> (&[u8], usize) {
    let rest = text.get(from..).unwrap_or_default();
    for (at, byte) in rest.iter().enumerate() {
        let escaped = || rest.get(at + 1).is_some_and(|b| *b == b'n' || *b == b'r' || *b == b'\\');
        if *byte == b'\n' || *byte == b'\r' {
            return (rest.get(..at).unwrap_or_default(), from + at + 1);
        }
        if *byte == b'\\' && escaped() {
            let slashes = rest.get(at..).unwrap_or_default().iter().take_while(|b| **b == b'\\').count();
            return (rest.get(..at).unwrap_or_default(), from + at + slashes + 1);
        }
    }
    (rest, text.len())
}

/// The line without what is put before it: blanks, a number and its sign, marks of a quotation, a comment or a change.
fn body(line: &[u8]) -> &[u8] {
    let blank = |b: &u8| b.is_ascii_whitespace() || b">#*|+-\"';".contains(b) || !b.is_ascii();
    let skip = |line: &[u8], part: &dyn Fn(&u8) -> bool| line.iter().take_while(|b| part(b)).count();
    // The five dashes of the end are no mark of a change.
    let stop = line.windows(5).position(|w| w == b"-----").unwrap_or(line.len());
    let start = skip(line.get(..stop).unwrap_or_default(), &blank);
    let rest = line.get(start..).unwrap_or_default();
    let digits = skip(rest, &u8::is_ascii_digit);
    let numbered = rest.get(digits..).is_some_and(|r| r.starts_with("→".as_bytes()) || r.starts_with(b"\t") || r.starts_with(b":"));
    if digits == 0 || !numbered {
        return rest;
    }
    let after = rest.get(digits..).unwrap_or_default();
    let sign = if after.starts_with("→".as_bytes()) { "→".len() } else { 1 };
    after.get(sign..).unwrap_or_default()
}

/// How many letters of a key a line holds.
fn code(body: &[u8]) -> usize {
    body.iter().filter(|b| b.is_ascii_alphanumeric() || b"+/=".contains(b)).count()
}

/// How many letters of a key a line holds that is nearly nothing else; 0 for any other line.
fn letters(body: &[u8]) -> usize {
    let mut words = body.split(u8::is_ascii_whitespace).filter(|w| !w.is_empty()).peekable();
    let mut all = 0;
    while let Some(word) = words.next() {
        let letters = code(word);
        // Prose is short words; a key written on one line is long ones.
        if letters * 10 < word.len() * 8 || (words.peek().is_some() && letters < 24) {
            return 0;
        }
        all += letters;
    }
    all
}

fn header(body: &[u8]) -> bool {
    let name = body.iter().take_while(|b| b.is_ascii_alphabetic() || **b == b'-').count();
    name > 2
        && body.len() < LINE
        && body.get(name..).is_some_and(|r| r.starts_with(b": "))
        && body.first().is_some_and(u8::is_ascii_uppercase)
}
