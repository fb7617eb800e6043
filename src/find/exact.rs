//! Signs as they are, and patterns: what a literal scan finds.

use super::fit::{Fit, Found, Look, Room};
use crate::error::{Error, Result};
use memchr::memmem::Finder;
use regex::Regex;
use std::ops::Range;

/// More places in one text are not marked.
const MARKS: usize = 256;

/// A text that must stand there sign by sign.
#[derive(Debug)]
pub struct Literal(Finder<'static>);

/// A pattern.
#[derive(Debug)]
pub struct Pattern(Regex);

impl Literal {
    /// These signs.
    pub fn of(text: &str) -> Result<Self> {
        if text.is_empty() {
            return Err(Error::usage("nothing is to be found"));
        }
        Ok(Self(Finder::new(text).into_owned()))
    }
}

impl Pattern {
    /// The pattern of a regular expression.
    pub fn of(text: &str) -> Result<Self> {
        let hint = "the syntax is that of https://docs.rs/regex; `--exact` takes the text as it is";
        Regex::new(text).map(Self).map_err(|e| Error::usage(format!("`{text}` is no regular expression")).because(e).hint(hint))
    }
}

impl Look for Literal {
    fn look(&self, text: &str, _: &mut Room) -> Option<Found> {
        let length = self.0.needle().len();
        found(self.0.find_iter(text.as_bytes()).map(|at| at..at + length))
    }
}

impl Look for Pattern {
    fn look(&self, text: &str, _: &mut Room) -> Option<Found> {
        found(self.0.find_iter(text).map(|m| m.range()).filter(|range| !range.is_empty()))
    }
}

fn found(places: impl Iterator<Item = Range<usize>>) -> Option<Found> {
    let marks: Vec<_> = places.take(MARKS).map(|range| (range, 0)).collect();
    (!marks.is_empty()).then_some(Found { fit: Fit::Exact, marks })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(look: &dyn Look, text: &str) -> Vec<String> {
        let found = look.look(text, &mut Room::default());
        found.into_iter().flat_map(|f| f.marks).map(|(range, _)| text[range].to_owned()).collect()
    }

    #[test]
    fn signs_are_found_as_they_are_and_patterns_as_they_match() {
        assert_eq!(marks(&Literal::of("--no-verify").unwrap(), "git commit --no-verify"), ["--no-verify"]);
        assert_eq!(marks(&Literal::of("A").unwrap(), "a"), Vec::<String>::new());
        assert_eq!(marks(&Pattern::of(r"v\d+(\.\d+)*").unwrap(), "from v1.2 to v30"), ["v1.2", "v30"]);
        assert_eq!(marks(&Pattern::of("x*").unwrap(), "yyy"), Vec::<String>::new());
        assert_eq!(Pattern::of("(").unwrap_err().exit_code(), 2);
    }
}
