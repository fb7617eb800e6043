//! Secrets in text: where they stand, by rules that are data (`own.tsv`, `kept.tsv`). Nothing here knows what is done about them.

mod assigned;
mod chunks;
mod judge;
mod keywords;
mod near;
mod pem;
mod places;
mod table;
#[cfg(test)]
mod tests;

pub use chunks::{Chunks, Piece};
pub use places::{Place, places};

use keywords::Keywords;
use memchr::memchr2;
use regex::bytes::{Regex, RegexBuilder};
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::LazyLock;
use table::Rule;

/// The name given to the account's own e-mail address.
pub const EMAIL: &str = "account-email";

/// A secret in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Where it stands, in bytes.
    pub range: Range<usize>,
    /// The rule that found it.
    pub rule: &'static str,
}

/// What finds secrets: the rules, and what is known of the account.
#[derive(Debug, Clone, Default)]
pub struct Finder {
    emails: Option<Regex>,
}

/// The rules and their keywords, made ready once.
struct Known {
    rules: Vec<Rule>,
    keywords: Keywords,
}

/// What is tried besides the rules of the tables; numbered after them.
const KEY: usize = 0;
const ASSIGNED: usize = 1;

static KNOWN: LazyLock<Known> = LazyLock::new(|| {
    let rules = table::rules();
    let of_rules = rules.iter().enumerate().flat_map(|(n, r)| r.keywords.split(' ').map(move |k| (k, n)));
    let more = assigned::KEYWORDS.iter().map(|k| (*k, rules.len() + ASSIGNED)).chain([("=-----BEGIN", rules.len() + KEY)]);
    let keywords = Keywords::new(of_rules.chain(more));
    Known { rules, keywords }
});

impl Finder {
    /// One that also finds these e-mail addresses, the account's own; `%40` may stand for their sign.
    pub fn with_emails<'a>(emails: impl IntoIterator<Item = &'a str>) -> Self {
        let whole = |e: &&str| e.len() >= 6 && e.matches('@').count() == 1 && !e.starts_with('@');
        let each: BTreeSet<String> =
            emails.into_iter().map(str::trim).filter(whole).map(|e| regex::escape(e).replace('@', "(?:@|%40)")).collect();
        let text = each.into_iter().collect::<Vec<_>>().join("|");
        let emails = (!text.is_empty()).then(|| RegexBuilder::new(&text).case_insensitive(true).unicode(false).build().ok()).flatten();
        Self { emails }
    }

    /// Every secret in a text, in order, none touching another.
    pub fn find(&self, text: &[u8]) -> Vec<Found> {
        let known = &*KNOWN;
        // With each, its rank: where two find the same, the lower gives the name.
        let mut all: Vec<(Range<usize>, usize, &'static str)> = Vec::new();
        known.keywords.each(text, |from, to, word| {
            for index in &word.tries {
                let index = *index;
                match known.rules.get(index) {
                    Some(rule) => near::near(rule, text, &(from..to), |range| all.push((range, index, rule.name))),
                    None if index == known.rules.len() + KEY => all.extend(pem::key(text, from).map(|range| (range, index, "private-key"))),
                    None => all.extend(assigned::value(text, from..to).map(|(name, range)| (range, index, name))),
                }
            }
        });
        let byte = |at: Option<usize>| at.and_then(|at| text.get(at)).copied().unwrap_or(b' ');
        // An address has its sign, as it is or as `%40`.
        let emails = self.emails.iter().filter(|_| memchr2(b'@', b'%', text).is_some());
        for email in emails.flat_map(|e| e.find_iter(text)) {
            let (before, after) = (byte(email.start().checked_sub(1)), byte(Some(email.end())));
            let goes_on = b"._+-".contains(&before) || (before.is_ascii_alphanumeric() && !near::begins_word(text, email.start()));
            if !goes_on && !after.is_ascii_alphanumeric() {
                all.push((email.range(), 0, EMAIL));
            }
        }
        if all.is_empty() { Vec::new() } else { apart(all) }
    }
}

/// In order, those that overlap as one, by the name of the lowest rank.
fn apart(mut all: Vec<(Range<usize>, usize, &'static str)>) -> Vec<Found> {
    all.sort_by_key(|(range, rank, _)| (range.start, *rank));
    let mut out: Vec<(Found, usize)> = Vec::new();
    for (range, rank, rule) in all {
        match out.last_mut().filter(|(last, _)| range.start < last.range.end) {
            Some((last, lowest)) => {
                last.range.end = last.range.end.max(range.end);
                if rank < *lowest {
                    (last.rule, *lowest) = (rule, rank);
                }
            }
            None => out.push((Found { range, rule }, rank)),
        }
    }
    out.into_iter().map(|(found, _)| found).collect()
}
