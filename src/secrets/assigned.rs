//! A value given to a name that says it is secret: `api_key = "…"`, `DB_PASSWORD=…`, `"client_secret": "…"`.

use super::judge::{entropy, placeholder, uuid, words};
use std::ops::Range;

/// Words that names of secrets hold.
pub const KEYWORDS: &[&str] = &[
    "secret",
    "token",
    "passw",
    "passphrase",
    "pwd",
    "_pass",
    "credential",
    "apikey",
    "api_key",
    "api-key",
    "access_key",
    "accesskey",
    "access-key",
    "private_key",
    "privatekey",
    "private-key",
    "auth_key",
    "authkey",
    "auth-key",
    "encryption_key",
    "encryptionkey",
    "signing_key",
    "signingkey",
    "master_key",
    "masterkey",
    "master-key",
    "_key=",
    "_key␠=",
    "_key:",
];

/// Ends of names that are secret, whatever stands before.
const SECRET: &[&str] = &[
    "secret",
    "secretkey",
    "token",
    "credential",
    "credentials",
    "apikey",
    "accesskey",
    "privatekey",
    "authkey",
    "encryptionkey",
    "signingkey",
    "masterkey",
    "secretaccesskey",
];

/// Ends of names of passwords.
const PASSWORD: &[&str] = &["password", "passwd", "passphrase", "pwd"];

/// Words in names that say the value is none, though the name ends like one.
const PUBLIC: &[&str] = &["public", "next", "page", "continuation", "sync", "max", "num", "count", "eos", "bos", "pad", "cursor", "oldpwd"];

/// The longest value.
const LONGEST: usize = 1 << 16;

/// What a value may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Password,
    Secret,
    /// A variable of the environment, in capitals: whatever it says.
    Variable,
}

/// The value, where the word that stands here is in a name that says it is secret.
pub fn value(text: &[u8], word: Range<usize>) -> Option<(&'static str, Range<usize>)> {
    let part = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_' || *b == b'-';
    let before = text.get(..word.start)?.iter().rev().take(60).take_while(|b| part(b)).count();
    let name_start = unescaped(text, word.start - before);
    let length = text.get(word.start..)?.iter().take(60).take_while(|b| part(b)).count();
    let name = text.get(name_start..word.start + length)?;
    let (at, operator) = operator(text, name_start, word.start + length)?;
    let kind = kind(name, operator, text.get(word.start + length))?;
    let (range, quoted) = given(text, at, operator)?;
    let value = text.get(range.clone())?;
    let rule = if kind == Kind::Secret { "assigned-secret" } else { "assigned-password" };
    likely(kind, name, value, quoted).then_some((rule, range))
}

/// The start of a name, without the end of an escape before it (`\nPASSWORD=`).
fn unescaped(text: &[u8], start: usize) -> usize {
    let escaped = start > 0 && text.get(start - 1) == Some(&b'\\') && text.get(start).is_some_and(|b| b"nrt".contains(b));
    start + usize::from(escaped)
}

/// Where the value may begin, and what gives it.
fn operator(text: &[u8], name: usize, from: usize) -> Option<(usize, &'static [u8])> {
    let next = text.get(from);
    // `--password hunter2`, `<password>hunter2</password>`
    if next == Some(&b' ') && text.get(name..)?.starts_with(b"--") {
        return Some((from + 1, b"="));
    }
    if next == Some(&b'>') && name.checked_sub(1).and_then(|at| text.get(at)) == Some(&b'<') {
        return Some((from + 1, b">"));
    }
    let rest = text.get(from..text.len().min(from + 12))?;
    let skip = rest.iter().take(6).take_while(|b| b" \t\"'`\\]".contains(b)).count();
    let closed = rest.get(..skip)?.iter().any(|b| b"\"'`".contains(b));
    let rest = rest.get(skip..)?;
    for sign in [&b"=>"[..], b":=", b"===", b"==", b"!=", b"=", b"::", b":", b","] {
        if rest.starts_with(sign) {
            // `("api_key", "…")` gives a value; a list of names gives none.
            let before = text.get(..name).unwrap_or_default().iter().rev().find(|b| !b"\"'`\\".contains(b));
            let call = closed && before == Some(&b'(');
            let ok = sign != b"::" && (sign != b"," || call);
            return ok.then_some((from + skip + sign.len(), sign));
        }
    }
    None
}

fn kind(name: &[u8], operator: &[u8], next: Option<&u8>) -> Option<Kind> {
    let plain = std::str::from_utf8(name).ok()?;
    let capitals = !plain.bytes().any(|b| b.is_ascii_lowercase()) && plain.len() >= 4;
    let lower = plain.to_ascii_lowercase().replace(['_', '-'], " ");
    let ends = ["base", "prod", "dev", "live", "test", "staging", "v1", "v2"];
    let name = lower.trim_end_matches(|c: char| c.is_ascii_digit() || c == ' ');
    let name = ends.iter().find_map(|e| name.strip_suffix(e).and_then(|n| n.strip_suffix(' '))).unwrap_or(name);
    let split: Vec<&str> = name.split(' ').collect();
    let humps = plain.replace(['_', '-'], "").to_ascii_lowercase();
    if split.iter().any(|w| PUBLIC.contains(w)) || PUBLIC.iter().any(|p| humps.starts_with(p)) {
        return None;
    }
    let joined = name.replace(' ', "");
    let ends = |all: &[&str]| all.iter().any(|end| joined.ends_with(end));
    if capitals && operator == b"=" && next.is_some_and(|b| *b == b'=') {
        let last = split.last().copied().unwrap_or_default();
        let password = ends(PASSWORD) || last == "pass";
        let within = ["secret", "token", "password", "passwd", "apikey"].iter().any(|w| split.contains(w)) && !SHAPE.contains(&last);
        let key = last == "key"
            && !["primary", "foreign", "sort", "partition", "cache", "hot", "short", "host", "lookup", "group"]
                .iter()
                .any(|w| split.contains(w));
        return (password || within || ends(SECRET) || key).then_some(Kind::Variable);
    }
    match () {
        () if ends(PASSWORD) => Some(Kind::Password),
        () if ends(SECRET) => Some(Kind::Secret),
        () => None,
    }
}

/// Last words of names in capitals that say what a secret is like, not what it is.
const SHAPE: &[&str] = &[
    "name", "id", "type", "length", "len", "size", "file", "path", "url", "uri", "ttl", "expiry", "count", "limit", "header", "field",
    "prefix", "regex", "pattern", "endpoint", "version", "hash", "min", "max", "policy", "dir", "arn",
];

/// The value given here, and whether it stands between quotes.
fn given(text: &[u8], from: usize, operator: &[u8]) -> Option<(Range<usize>, bool)> {
    let blank = |at: usize| text.get(at..).unwrap_or_default().iter().take(4).take_while(|b| **b == b' ' || **b == b'\t').count();
    let mut at = from + blank(from);
    // A type between a name and its value: `password: String = "…"`, `token: &str = "…"`.
    if operator == b":" {
        let soon = text.get(at..text.len().min(at + 32))?;
        let typed = soon.iter().take_while(|b| b.is_ascii_alphanumeric() || b"&<>'_ |?".contains(b)).count();
        if soon.get(typed) == Some(&b'=') && soon.get(..typed)?.ends_with(b" ") {
            at += typed + 1;
            at += blank(at);
        }
    }
    let slashes = text.get(at..)?.iter().take(4).take_while(|b| **b == b'\\').count();
    let prefixed = usize::from(
        slashes == 0 && text.get(at).is_some_and(|b| b"bruf@".contains(b)) && text.get(at + 1).is_some_and(|b| b"\"'".contains(b)),
    );
    let quote = text.get(at + slashes + prefixed).copied().filter(|b| b"\"'`".contains(b));
    let Some(quote) = quote else { return bare(text, at).map(|r| (r, false)) };
    let start = at + slashes + prefixed + 1;
    let rest = text.get(start..text.len().min(start + LONGEST))?;
    let end = rest.iter().position(|b| *b == quote || *b == b'\n' || *b == b'\r').unwrap_or(rest.len());
    let end = if slashes > 0 && end > 0 && rest.get(end) == Some(&quote) { end - slashes.min(end) } else { end };
    (end > 0).then_some((start..start + end, true))
}

/// A value without quotes; `None` where it is code.
fn bare(text: &[u8], at: usize) -> Option<Range<usize>> {
    let rest = text.get(at..text.len().min(at + LONGEST))?;
    let end = rest.iter().position(|b| b.is_ascii_whitespace() || b"\"'`<>,;)}](){[\\|".contains(b)).unwrap_or(rest.len());
    let end = parameter(rest.get(..end)?);
    let tag = rest.get(end..).is_some_and(|r| r.starts_with(b"</"));
    if end == 0 || (!tag && rest.get(end).is_some_and(|b| b"([{<".contains(b))) {
        return None;
    }
    Some(at..at + end)
}

/// The end of a value in a URL's query, where another name follows it.
fn parameter(value: &[u8]) -> usize {
    let another = |at: usize| value.get(at + 1..).and_then(|rest| rest.iter().position(|b| *b == b'=')).is_some_and(|n| n > 0);
    value.iter().enumerate().position(|(at, b)| *b == b'&' && another(at)).unwrap_or(value.len())
}

fn likely(kind: Kind, name: &[u8], value: &[u8], quoted: bool) -> bool {
    let any = |test: fn(&u8) -> bool| value.iter().any(test);
    let path = value.starts_with(b"/")
        || value.starts_with(b"~")
        || value.starts_with(b"./")
        || value.starts_with(b"arn:")
        || value.windows(3).any(|w| w == b"://");
    if placeholder(value) || path || value.starts_with(b"\\u") || any(u8::is_ascii_control) {
        return false;
    }
    if !quoted && reference(value) {
        return false;
    }
    let (digit, letter) = (any(u8::is_ascii_digit), any(u8::is_ascii_alphabetic));
    let sign = value.iter().any(|b| b.is_ascii_punctuation() && !b"_-.:()[]{}<>/,;=".contains(b));
    let blank = any(u8::is_ascii_whitespace);
    match kind {
        Kind::Password if quoted && blank => name.to_ascii_lowercase().ends_with(b"passphrase") && value.len() >= 12,
        Kind::Password if quoted => value.len() >= 4 && letter && (digit || sign) && !code(value),
        Kind::Password => value.len() >= 6 && (digit || value.ends_with(b"=")) && letter && !code(value),
        Kind::Variable if blank => false,
        Kind::Variable => value.len() >= 4 && !value.iter().all(|b| b.is_ascii_digit() && value.len() < 6) && !code(value),
        Kind::Secret => {
            let own = |b: &u8| b.is_ascii_alphanumeric() || b"+/=_.~!@#$%^&*:-".contains(b);
            let least = if value.len() < 24 { 3.0 } else { 3.4 };
            value.len() >= 16 && value.iter().all(own) && (digit || !letter) && !words(value) && !uuid(value) && entropy(value) >= least
        }
    }
}

/// Whether it reads as code: a call, a path of names, a type.
fn code(value: &[u8]) -> bool {
    let named = |w: &[u8]| w.windows(2).any(|p| p == b"::" || p == b"->" || p == b"=>");
    let dotted = value.contains(&b'.') && words(value);
    named(value) || dotted || value.contains(&b'(') || value.ends_with(b":")
}

/// Whether a value without quotes is a number, a constant or a field of a program: what it names is given elsewhere.
fn reference(value: &[u8]) -> bool {
    let text = String::from_utf8_lossy(value);
    let lower = text.to_ascii_lowercase();
    let number = lower.starts_with("0x")
        || lower
            .trim_start_matches('-')
            .trim_end_matches(|c: char| c.is_ascii_digit())
            .trim_end_matches(['i', 'u', 'f', '_'])
            .bytes()
            .all(|b| b.is_ascii_digit() || b == b'_');
    let constant = !text.bytes().any(|b| b.is_ascii_lowercase()) && text.matches('_').count() >= 2;
    let named = ["token", "secret", "passw", "pwd", "_key", "key_", "self.", "this."].iter().any(|w| lower.contains(w));
    number || constant || named || text.starts_with(['&', '@', '!'])
}
