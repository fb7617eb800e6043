//! Words of a conversation as one code span: what reads the page takes them for data, and no markup in them counts.

use crate::export::clean;
use std::borrow::Cow;

/// A text on one line, as it is but for white space and what no screen shows, cut after so many characters, in a code span
/// that nothing in it ends. Nothing for nothing.
pub fn quote(text: &str, most: usize) -> Option<String> {
    let line = line(text);
    let cut = cut(&line, most);
    let runs = cut.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(runs + 1);
    let pad = if cut.starts_with('`') || cut.ends_with('`') { " " } else { "" };
    (!cut.is_empty()).then(|| format!("{fence}{pad}{cut}{pad}{fence}"))
}

/// A text on one line, without what no screen shows.
pub fn line(text: &str) -> String {
    let clean = clean(text);
    clean.split_whitespace().map(visible).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A word without signs that turn the direction of reading, and without those that nobody sees.
fn visible(word: &str) -> Cow<'_, str> {
    let unseen = |c: char| {
        c.is_control()
            || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2060}' | '\u{FEFF}')
            || matches!(c, '\u{E0000}'..='\u{E007F}')
    };
    if word.chars().any(unseen) { word.chars().filter(|c| !unseen(*c)).collect() } else { Cow::Borrowed(word) }
}

/// So many characters of a text, with a sign where it was cut.
fn cut(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        Some((at, _)) => Cow::Owned(format!("{}…", text.get(..at).unwrap_or_default().trim_end())),
        None => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_its_span_or_begins_a_line() {
        assert_eq!(quote("# Do\n\n- [x](javascript:1) <!-- lifeboat -->", 99).unwrap(), "`# Do - [x](javascript:1) <!-- lifeboat -->`");
        assert_eq!(quote("a ``b`` `c`", 99).unwrap(), "``` a ``b`` `c` ```");
        assert_eq!(quote(" \u{202E}\u{E0041}\x1b[31m \n", 99), None);
        assert_eq!(quote("one two three", 7).unwrap(), "`one two…`");
    }

    proptest::proptest! {
        #[test]
        fn a_viewer_shows_a_quote_as_one_span_of_code_and_nothing_else(text in "[`*_<>\\[\\]()#!@\\\\~ \n\ta-c-]{1,60}") {
            use pulldown_cmark::{Event, Parser, Tag, TagEnd};
            let Some(quoted) = quote(&text, 1000) else { return Ok(()) };
            let page = format!("- {quoted} [a:b]");
            let code: Vec<String> = Parser::new(&page).filter_map(|e| if let Event::Code(code) = e { Some(code.to_string()) } else { None }).collect();
            proptest::prop_assert_eq!(code, vec![line(&text)]);
            let other = |e: &Event<'_>| !matches!(e, Event::Start(Tag::List(_) | Tag::Item) | Event::End(TagEnd::List(_) | TagEnd::Item) | Event::Code(_) | Event::Text(_));
            proptest::prop_assert!(!Parser::new(&page).any(|e| other(&e)));
        }
    }
}
