//! Titles and times out of fields.

use jiff::Timestamp;
use serde_json::Value;

/// 2010 and 2100 in milliseconds: a time outside was never meant.
const SENSIBLE: std::ops::Range<i64> = 1_262_304_000_000..4_102_444_800_000;

/// A time given in milliseconds since 1970; `None` where it is no such number or an absurd one.
pub fn time(value: &Value) -> Option<Timestamp> {
    #[expect(clippy::cast_possible_truncation, reason = "`as` saturates, and what is out of range is refused right after")]
    let ms = value.as_i64().or_else(|| value.as_f64().map(|f| f as i64)).or_else(|| value.as_str()?.parse().ok())?;
    SENSIBLE.contains(&ms).then(|| Timestamp::from_millisecond(ms).ok()).flatten()
}

/// The first words of a message, without the list of uploaded files, on one line of at most about 60 characters.
pub fn first_words(message: &str) -> Option<String> {
    const LONGEST: usize = 60;
    let mut plain = String::new();
    let mut rest = message;
    while let Some((before, after)) = rest.split_once("<uploaded_files>") {
        plain.push_str(before);
        rest = after.split_once("</uploaded_files>").map_or("", |(_, after)| after);
    }
    plain.push_str(rest);
    let mut title = String::new();
    for word in plain.split_whitespace() {
        if !title.is_empty() && title.chars().count() + word.chars().count() >= LONGEST {
            return Some(title + " …");
        }
        if !title.is_empty() {
            title.push(' ');
        }
        title.extend(word.chars().take(LONGEST));
    }
    (!title.is_empty()).then_some(title)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_first_words_leave_uploaded_files_out_and_stay_on_one_line() {
        let message = "<uploaded_files>\n<file>/x</file>\n</uploaded_files>\n\nPlease make\nthe report.";
        assert_eq!(first_words(message).as_deref(), Some("Please make the report."));
        assert_eq!(first_words("<uploaded_files> never closed"), None);
        assert!(first_words(&"word ".repeat(99)).unwrap().chars().count() < 70);
    }

    #[test]
    fn absurd_times_are_no_times() {
        assert_eq!(time(&json!(1_783_372_201_477_i64)).unwrap().to_string(), "2026-07-06T21:10:01.477Z");
        for absurd in [json!(0), json!(-1), json!(1e300), json!(17_833_722), json!(u64::MAX), json!("soon"), json!(null), json!({})] {
            assert_eq!(time(&absurd), None, "{absurd}");
        }
    }
}
