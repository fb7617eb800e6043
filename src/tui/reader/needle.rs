//! What is searched for in a conversation: words as they are typed, in any script; a capital makes capitals count.

use regex::{Regex, RegexBuilder};
use std::ops::Range;

/// Something to search for.
#[derive(Debug, Clone)]
pub struct Needle(Regex);

impl Needle {
    /// The needle for what was typed; `None`: nothing was. Any white space between words fits a blank.
    pub fn new(typed: &str) -> Option<Self> {
        let words: Vec<String> = typed.split_whitespace().map(regex::escape).collect();
        let capital = typed.chars().any(char::is_uppercase);
        let regex = (!words.is_empty()).then(|| RegexBuilder::new(&words.join(r"\s+")).case_insensitive(!capital).build().ok()).flatten();
        regex.map(Self)
    }

    /// Where it stands in a text.
    pub fn places(&self, text: &str) -> Vec<Range<usize>> {
        self.0.find_iter(text).map(|found| found.range()).collect()
    }

    /// How often it stands in a text.
    pub fn count(&self, text: &str) -> u32 {
        u32::try_from(self.0.find_iter(text).count()).unwrap_or(u32::MAX)
    }

    /// Whether it stands in a text.
    pub fn is_in(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitals_count_only_where_one_was_typed() {
        let count = |needle: &str, text: &str| Needle::new(needle).unwrap().count(text);
        assert_eq!((count("report", "Report REPORT"), count("Report", "Report REPORT")), (2, 1));
        assert_eq!((count("пРиВ", "привет"), count("приВ", "ПРИВ")), (0, 0));
        assert_eq!((count("привет", "ПРИВЕТ Привет"), count("σ", "ΣΑΣ"), count("報告", "四半期報告書")), (2, 2, 1));
    }

    #[test]
    fn words_are_found_over_the_end_of_a_line_and_signs_mean_themselves() {
        let found = |needle: &str, text: &str| {
            Needle::new(needle).unwrap().places(text).into_iter().map(|r| text[r].to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(found("two words", "these two\n  words"), ["two\n  words"]);
        assert_eq!(found("a.b*(", "aab a.b*("), ["a.b*("]);
        assert!(Needle::new("  ").is_none());
    }
}
