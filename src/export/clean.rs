//! Text without what a terminal or viewer would act on: escape sequences and control characters.

use std::borrow::Cow;

/// The text with ANSI escape sequences and control characters gone and every line break a single `\n`.
pub fn clean(text: &str) -> Cow<'_, str> {
    let (mut out, mut from, mut at) = (String::new(), 0, 0);
    while let Some(found) = odd(text.as_bytes(), at) {
        let mut after = text.get(found..).unwrap_or_default().chars();
        let Some(c) = after.next().filter(|c| c.is_control()) else {
            at = found + 2;
            continue;
        };
        out.push_str(text.get(from..found).unwrap_or_default());
        let after = after.as_str();
        let rest = match c {
            '\x1b' => escape(after),
            '\u{9b}' => csi(after),
            '\r' => {
                out.push('\n');
                after.strip_prefix('\n').unwrap_or(after)
            }
            _ => after,
        };
        from = text.len() - rest.len();
        at = from;
    }
    if from == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(text.get(from..).unwrap_or_default());
    Cow::Owned(out)
}

/// Where the next control character is, or `0xC2`, which begins U+0080 to U+009F, and U+00A0 to U+00BF as well.
fn odd(text: &[u8], from: usize) -> Option<usize> {
    let odd = |b: &u8| (*b < b' ' && *b != b'\n' && *b != b'\t') || *b == 0x7F || *b == 0xC2;
    let mut at = from;
    // Of a whole piece it is told at once whether anything in it is.
    for piece in text.get(from..)?.chunks(64) {
        if piece.iter().fold(false, |any, b| any | odd(b)) {
            return piece.iter().position(odd).map(|n| at + n);
        }
        at += piece.len();
    }
    None
}

/// What follows an escape sequence that began with ESC.
fn escape(after: &str) -> &str {
    match after.chars().next() {
        Some('[') => csi(&after[1..]),
        // Titles and hyperlinks end with BEL or ESC \, on the same line; one that does not end loses only its start.
        Some(']' | 'P' | '_' | '^' | 'X') => {
            let line = after.split('\n').next().unwrap_or_default();
            let ends = [("\x07", 1), ("\x1b\\", 2), ("\u{9c}", 2)];
            let end = ends.iter().filter_map(|(end, len)| line.find(end).map(|at| at + len)).min();
            after.get(end.unwrap_or(1)..).unwrap_or_default()
        }
        Some('(' | ')' | '*' | '+' | '#' | '%') => {
            let mut chars = after.chars();
            chars.next();
            let set = chars.clone().next().filter(char::is_ascii_alphanumeric);
            if set.is_some() { chars.as_str().get(1..).unwrap_or_default() } else { chars.as_str() }
        }
        Some(c) if c.is_ascii_alphanumeric() || "=>".contains(c) => &after[1..],
        _ => after,
    }
}

/// What follows a control sequence: parameters, then one final character.
fn csi(after: &str) -> &str {
    let parameters = after.bytes().take_while(|b| (0x20..=0x3F).contains(b)).count();
    match after.as_bytes().get(parameters) {
        Some(0x40..=0x7E) => after.get(parameters + 1..).unwrap_or_default(),
        _ => after,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_and_links_go_and_the_words_stay() {
        assert_eq!(clean("\x1b[1;31mred\x1b[0m \x1b]8;;http://x\x1b\\link\x1b]8;;\x07 \u{9b}2Kend"), "red link end");
        assert_eq!(clean("\x1b]0;no end\nnext line\x1b"), "0;no end\nnext line");
        assert_eq!(clean("a\r\nb\rc\0d\u{85}\te\x1b(Bf"), "a\nb\ncd\te\u{66}");
    }
}
