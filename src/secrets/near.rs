//! One rule tried where its keyword stands.

use super::table::Rule;
use std::ops::Range;

/// How far before a keyword what belongs to it may begin.
const BEFORE: usize = 160;

/// How far after it one looks at first; farther only when what was found reaches the end of that.
const AFTER: usize = 640;

/// The same for a name that gets a value.
const NAMED: (usize, usize) = (48, 160);

/// Where one stops to look further: nothing that is a secret is longer.
const LONGEST: usize = 1 << 16;

/// What the rule finds where its keyword stands.
pub fn near(rule: &Rule, text: &[u8], keyword: &Range<usize>, mut found: impl FnMut(Range<usize>)) {
    if rule.bounded() && rule.begins() && !begins_word(text, keyword.start) {
        return;
    }
    if (rule.named() && !leads_to_value(text, keyword.end)) || (rule.in_url() && !has_user(text, keyword.end)) {
        return;
    }
    let (before, after) = match () {
        () if rule.named() => NAMED,
        () if rule.in_url() => (32, AFTER),
        () => (BEFORE, AFTER),
    };
    let mut from = if rule.begins() { keyword.start } else { keyword.start.saturating_sub(before) };
    while let Some((secret, end)) = next(rule, text, from, keyword, after) {
        let secret = secret.start..whole_word(text, secret.end);
        from = end.max(from + 1);
        if text.get(secret.clone()).is_some_and(|value| rule.likely(value)) {
            found(secret);
        }
        // A name and what begins at the keyword is there once; near a word there may be several.
        if rule.begins() || rule.named() {
            break;
        }
    }
}

/// The next match: its secret, and where it ends. Nothing of it is cut off where one stops to look.
fn next(rule: &Rule, text: &[u8], from: usize, keyword: &Range<usize>, mut after: usize) -> Option<(Range<usize>, usize)> {
    loop {
        let to = text.len().min(keyword.end + after);
        if from > to {
            return None;
        }
        let (secret, end) = within(rule, text.get(..to)?, from, keyword)?;
        if end < to || to == text.len() || after > LONGEST {
            return Some((secret, end));
        }
        after *= 4;
    }
}

/// The secret of the first match that begins no word in the middle, and where the match ends.
fn within(rule: &Rule, text: &[u8], mut from: usize, keyword: &Range<usize>) -> Option<(Range<usize>, usize)> {
    let regex = rule.regex()?;
    loop {
        let captures = regex.captures_at(text, from)?;
        let whole = captures.get(0)?;
        if rule.begins() && whole.start() != keyword.start {
            return None;
        }
        if rule.begins() || !rule.bounded() || begins_word(text, whole.start()) {
            return Some((captures.name("secret").unwrap_or(whole).range(), whole.end()));
        }
        from = whole.start() + 1;
    }
}

/// Whether no word goes on across this place. What an escape (`\n`, `%3D`) ends with is no part of a word.
pub fn begins_word(text: &[u8], at: usize) -> bool {
    let back = |n: usize| at.checked_sub(n).and_then(|i| text.get(i)).copied().unwrap_or(b' ');
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    !word(back(1))
        || (back(2) == b'\\' && b"nrtbf".contains(&back(1)))
        || (back(3) == b'%' && back(1).is_ascii_hexdigit() && back(2).is_ascii_hexdigit())
        || (back(6) == b'\\' && back(5) == b'u')
}

/// Whether soon after a name something stands that gives it a value.
fn leads_to_value(text: &[u8], from: usize) -> bool {
    let soon = text.get(from..text.len().min(from + 64)).unwrap_or_default();
    let name = soon.iter().take_while(|b| b.is_ascii_alphanumeric() || b" \t_.-".contains(b)).count();
    let mut rest = soon.get(name..).unwrap_or_default().iter().skip_while(|b| b"'\"`\\] \t\r\n".contains(b));
    rest.next().is_none_or(|b| b"=:,>|?".contains(b))
}

/// Whether the URL that goes on here names a user before its host.
fn has_user(text: &[u8], from: usize) -> bool {
    let soon = text.get(from..text.len().min(from + 600)).unwrap_or_default();
    soon.iter().take_while(|b| !b.is_ascii_whitespace() && !b"/\"'<>`".contains(b)).any(|b| *b == b'@')
}

/// The end of the word that is cut here: of a key that is longer than expected no part is to stay.
fn whole_word(text: &[u8], end: usize) -> usize {
    let part = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_' || *b == b'-';
    if !end.checked_sub(1).and_then(|i| text.get(i)).is_some_and(part) {
        return end;
    }
    end + text.get(end..).unwrap_or_default().iter().take_while(|b| part(b)).count()
}
