//! The rules, as the tables beside this file hold them.

use super::judge::{entropy, placeholder, words};
use regex::bytes::{Regex, RegexBuilder};
use std::sync::OnceLock;

/// Rules of ours, then rules kept by others: the earlier gives a secret its name.
const TABLES: [&str; 2] = [include_str!("own.tsv"), include_str!("kept.tsv")];

/// One rule.
#[derive(Debug)]
pub struct Rule {
    /// Its name, which stands in the place of what it finds.
    pub name: &'static str,
    /// Words of which one stands near; ways to write them in `kept.tsv`.
    pub keywords: &'static str,
    /// The least entropy of a secret, in bits a character.
    entropy: f64,
    marks: &'static str,
    pattern: Pattern,
    regex: OnceLock<Option<Regex>>,
}

#[derive(Debug)]
enum Pattern {
    Whole(&'static str),
    /// What gets the value, what the value is, and whether letters count in either case.
    Named(&'static str, &'static str, bool),
}

/// Every rule of the tables.
pub fn rules() -> Vec<Rule> {
    TABLES.iter().flat_map(|table| table.lines()).filter(|line| !line.starts_with('#')).filter_map(rule).collect()
}

fn rule(line: &'static str) -> Option<Rule> {
    let mut columns = line.split('\t');
    let mut next = || columns.next();
    let (name, keywords, entropy, marks, named, pattern) = (next()?, next()?, next()?, next()?, next()?, next()?);
    let pattern = if marks.contains(['i', 's']) { Pattern::Named(named, pattern, marks.contains('i')) } else { Pattern::Whole(pattern) };
    Some(Rule { name, keywords, entropy: entropy.parse().ok()?, marks, pattern, regex: OnceLock::new() })
}

impl Rule {
    /// The pattern made ready, on first use. Its group `secret` is the secret; without it all of the match is.
    pub fn regex(&self) -> Option<&Regex> {
        self.regex.get_or_init(|| RegexBuilder::new(&self.text()).unicode(false).build().ok()).as_ref()
    }

    /// Whether the pattern begins at the keyword.
    pub fn begins(&self) -> bool {
        self.marks.contains('p')
    }

    /// Whether what it finds is not within a word.
    pub fn bounded(&self) -> bool {
        self.marks.contains('b')
    }

    /// Whether it is found only in a URL with a user.
    pub fn in_url(&self) -> bool {
        self.marks.contains('u')
    }

    /// Whether a value is likely a secret by what else is known of it.
    pub fn likely(&self, value: &[u8]) -> bool {
        let not = |mark: char, out: bool| self.marks.contains(mark) && out;
        let out = not('d', !value.iter().any(u8::is_ascii_digit)) || not('w', words(value)) || not('h', placeholder(value));
        !out && (self.entropy <= 0.0 || entropy(value) >= self.entropy)
    }

    /// Whether it is a name that gets a value.
    pub fn named(&self) -> bool {
        matches!(self.pattern, Pattern::Named(..))
    }

    fn text(&self) -> String {
        match self.pattern {
            Pattern::Whole(text) => text.to_owned(),
            // Between the two stand what programs and configurations write there, escaped or not.
            Pattern::Named(name, value, any_case) => {
                let flag = if any_case { "i" } else { "-i" };
                format!(
                    r#"(?i:(?:{name})[ \t\w.-]{{0,20}})[\s'"`\\\]]{{0,6}}(?:=>|:{{1,3}}=|\|\||\?=|[=>:,])[\s'"`=\\]{{0,8}}(?{flag}:(?<secret>{value}))(?:[\s'"`\\;,)\]}}<&#]|$)"#
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_tables_is_a_rule_that_can_be_read() {
        let lines = TABLES.iter().flat_map(|t| t.lines()).filter(|l| !l.starts_with('#')).count();
        let rules = rules();
        assert!(rules.len() == lines && lines > 380, "{} of {lines}", rules.len());
        for rule in &rules {
            assert!(rule.regex().is_some(), "{}: {}", rule.name, rule.text());
            assert!(rule.keywords.split(' ').all(|k| k.trim_start_matches('=').chars().count() >= 3), "{}: {}", rule.name, rule.keywords);
            assert!(rule.name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), "{}", rule.name);
        }
    }
}
