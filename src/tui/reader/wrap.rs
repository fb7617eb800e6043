//! Text of several tones broken into rows of so many columns, nothing lost on the way.

use super::row::{Part, Tone};
use std::ops::Range;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Signs that no row begins with.
const CLOSING: &str = "、。，．！？：；）］｝」』】〉》”’…,.!?:;)]}";

/// A character as people count them.
struct Sign<'a> {
    text: &'a str,
    tone: Tone,
    found: bool,
    width: usize,
}

impl Sign<'_> {
    fn is_blank(&self) -> bool {
        self.text == " "
    }
}

/// A line in its tones; `found` are the parts of its text that a search found.
pub struct Toned<'a> {
    /// Its parts, in order.
    pub parts: &'a [(Tone, String)],
    /// What was found, in bytes of the parts put together.
    pub found: &'a [Range<usize>],
}

/// The rows of a line. `words`: broken at blanks where it can be, else wherever it must.
pub fn wrap(line: &Toned<'_>, columns: usize, words: bool) -> Vec<Vec<Part>> {
    let columns = columns.max(2);
    let signs = signs(line);
    let (mut rows, mut start, mut used, mut place) = (Vec::new(), 0, 0, 0);
    let mut at = 0;
    while let Some(sign) = signs.get(at) {
        let before = at.checked_sub(1).and_then(|b| signs.get(b));
        let wide = sign.width > 1 && !CLOSING.contains(sign.text);
        if words
            && at > start
            && (before.is_some_and(Sign::is_blank)
                || wide
                || before.is_some_and(|b| b.width > 1 && !sign.is_blank() && !CLOSING.contains(sign.text)))
        {
            place = at;
        }
        // A blank that does not fit is not missed.
        if used + sign.width > columns && at > start && !(words && sign.is_blank()) {
            let cut = if place > start { place } else { at };
            rows.push(row(signs.get(start..cut).unwrap_or_default(), words));
            (start, place) = (cut, cut);
            used = signs.get(start..at).unwrap_or_default().iter().map(|s| s.width).sum();
            continue;
        }
        used += sign.width;
        at += 1;
    }
    rows.push(row(signs.get(start..).unwrap_or_default(), words && !rows.is_empty()));
    rows
}

fn signs<'a>(line: &Toned<'a>) -> Vec<Sign<'a>> {
    let (mut all, mut from, mut found) = (Vec::new(), 0, line.found.iter().peekable());
    for (tone, text) in line.parts {
        for sign in text.graphemes(true) {
            while found.next_if(|range| range.end <= from).is_some() {}
            let hit = found.peek().is_some_and(|range| range.start < from + sign.len());
            let width = if sign.len() == 1 { 1 } else { sign.width() };
            all.push(Sign { text: sign, tone: *tone, found: hit, width });
            from += sign.len();
        }
    }
    all
}

/// One row; blanks at its end are dropped where it was broken at them.
fn row(signs: &[Sign<'_>], trimmed: bool) -> Vec<Part> {
    let length = if trimmed { signs.iter().rposition(|s| !s.is_blank()).map_or(0, |at| at + 1) } else { signs.len() };
    let mut parts: Vec<Part> = Vec::new();
    for sign in signs.iter().take(length) {
        match parts.last_mut().filter(|p| p.tone == sign.tone && p.found == sign.found) {
            Some(part) => part.text.push_str(sign.text),
            None => parts.push(Part { tone: sign.tone, found: sign.found, text: sign.text.to_owned() }),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str, columns: usize, words: bool) -> Vec<String> {
        let parts = [(Tone::Plain, text.to_owned())];
        let rows = wrap(&Toned { parts: &parts, found: &[] }, columns, words);
        rows.into_iter().map(|r| r.into_iter().map(|p| p.text).collect()).collect()
    }

    #[test]
    fn words_stay_whole_where_they_fit_and_nothing_is_lost_where_they_do_not() {
        assert_eq!(rows("one two three", 8, true), ["one two", "three"]);
        assert_eq!(rows("a veryverylongword", 8, true), ["a", "veryvery", "longword"]);
        assert_eq!(rows("    let x = 1;", 8, false), ["    let ", "x = 1;"]);
        assert_eq!(rows("", 8, true), [""]);
    }

    #[test]
    fn wide_text_breaks_between_signs_and_not_before_a_full_stop() {
        assert_eq!(rows("四半期報告書です。", 12, true), ["四半期報告書", "です。"]);
        assert_eq!(rows("四半期報告書。次", 12, true), ["四半期報告", "書。次"]);
    }

    #[test]
    fn no_row_is_wider_than_it_may_be_in_any_script() {
        for text in ["👨‍👩‍👧 family 写真 👍🏽👍🏽👍🏽", "مرحبا بالعالم مرحبا", "e\u{301}a\u{308}\u{323} ไทยไทยไทยไทย", "नमस्ते नमस्ते", "x🇩🇪🇩🇪🇩🇪🇩🇪"]
        {
            for columns in 2..20 {
                for words in [false, true] {
                    let rows = rows(text, columns, words);
                    assert!(rows.iter().all(|r| r.width() <= columns), "{columns} {rows:?}");
                    let (all, whole): (String, String) = (rows.concat().replace(' ', ""), text.replace(' ', ""));
                    assert_eq!(all, whole);
                }
            }
        }
    }

    #[test]
    fn what_was_found_is_apart_also_where_the_row_breaks_in_it() {
        let parts = [(Tone::Plain, "see the ".to_owned()), (Tone::Code, "needle".to_owned())];
        let place = 4..11;
        let rows = wrap(&Toned { parts: &parts, found: std::slice::from_ref(&place) }, 11, false);
        let found: Vec<String> = rows.iter().flatten().filter(|p| p.found).map(|p| p.text.clone()).collect();
        assert_eq!(found, ["the ", "nee"]);
    }
}
