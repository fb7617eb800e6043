//! A file we wrote into a durable folder, as the manifest has it: what it holds, what of, and how both looked then.

use crate::model::{Facts, Kind};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use toml::Value;

/// How a file looks from outside: nothing of this is read from its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Its size in bytes.
    pub size: u64,
    /// When it last changed, in nanoseconds since 1970.
    pub mtime_ns: i64,
}

impl Stamp {
    /// How a file looks; `None`: it is none, or its bytes are not here.
    pub fn of(facts: &Facts) -> Option<Self> {
        (facts.kind == Kind::File && !facts.placeholder).then_some(Self { size: facts.size, mtime_ns: facts.mtime_ns })
    }
}

/// A file we wrote into the durable folder.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Entry {
    /// Its path below the durable folder, parts joined by `/`.
    pub path: String,
    /// BLAKE3 of what we wrote, 64 hex digits.
    pub blake3: String,
    /// What it is a copy of, below the session's folder, where that is not `path`.
    pub from: Option<String>,
    /// How the file in the session looked before it was copied.
    pub seen: Option<Stamp>,
    /// How our copy looked when it was there.
    pub copy: Option<Stamp>,
    /// BLAKE3 of what is being put in its place: a run that was killed leaves one or the other there.
    pub next: Option<String>,
    /// Of a transcript: what it was made of.
    pub made: Option<Made>,
}

/// What a transcript was made of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Made {
    /// A hash of everything but the conversation that decides what is written: options, title, version.
    pub how: String,
    /// Secrets were kept.
    pub raw: bool,
    /// Turns in it.
    pub turns: u64,
    /// When the last one was.
    pub said: Option<Timestamp>,
    /// The file it was told from, below the session's folder.
    pub main: String,
    /// How often something was left out, by rule.
    pub redacted: BTreeMap<String, u64>,
    /// The conversation's files as they looked before they were read.
    pub parts: Vec<(String, Stamp)>,
    /// Parts of it are gone since and nothing was said: a hash of what is left, so that it is not read each time.
    pub left: Option<String>,
}

impl Made {
    /// Whether something it was made of is gone by now, wholly or in part: logs only ever grow.
    pub fn lost(&self, now: &[(String, Stamp)]) -> bool {
        let beside = format!("{}/", self.main.trim_end_matches(".jsonl"));
        let own = |path: &str| path == self.main || path.starts_with(&beside) || path == "audit.jsonl";
        let size = |path: &str| now.iter().find(|(p, _)| p == path).map(|(_, s)| s.size);
        self.parts.iter().filter(|(path, _)| own(path)).any(|(path, then)| size(path).is_none_or(|now| now < then.size))
    }
}

impl Entry {
    /// What it is a copy of, below the session's folder.
    pub fn source(&self) -> &str {
        self.from.as_deref().unwrap_or(&self.path)
    }

    /// An entry of ours: one with no keys but those we write.
    pub fn parse(value: &Value) -> Option<Self> {
        const KEYS: &[&str] =
            &["path", "blake3", "from", "source", "copy", "next", "how", "raw", "turns", "said", "main", "redacted", "parts", "left"];
        let table = value.as_table()?;
        let text = |key: &str| table.get(key).and_then(Value::as_str).map(str::to_owned);
        let both = |key: &str| table.get(key).and_then(Value::as_array).and_then(|a| stamp(a));
        let odd = |key: &str| table.contains_key(key) && both(key).is_none();
        if table.keys().any(|k| !KEYS.contains(&k.as_str())) || odd("source") || odd("copy") {
            return None;
        }
        let made = text("how").map(|how| Made {
            how,
            raw: table.get("raw").and_then(Value::as_bool).unwrap_or_default(),
            turns: table.get("turns").and_then(number).unwrap_or_default(),
            said: table.get("said").and_then(|v| v.as_datetime()?.to_string().parse().ok()),
            main: text("main").unwrap_or_default(),
            redacted: counts(table.get("redacted")),
            parts: parts(table.get("parts")),
            left: text("left"),
        });
        Some(Self {
            path: text("path")?,
            blake3: text("blake3")?,
            from: text("from"),
            seen: both("source"),
            copy: both("copy"),
            next: text("next"),
            made,
        })
    }

    /// The entry's lines below its heading.
    pub fn text(&self) -> String {
        let mut out = format!("path   = {}\nblake3 = {}\n", quoted(&self.path), quoted(&self.blake3));
        let mut line = |key: &str, value: String| {
            let _ = writeln!(out, "{key:<6} = {value}");
        };
        if let Some(from) = &self.from {
            line("from", quoted(from));
        }
        for (key, stamp) in [("source", self.seen), ("copy", self.copy)] {
            if let Some(Stamp { size, mtime_ns }) = stamp {
                line(key, format!("[{size}, {mtime_ns}]"));
            }
        }
        if let Some(next) = &self.next {
            line("next", quoted(next));
        }
        let Some(made) = &self.made else { return out };
        line("how", quoted(&made.how));
        if made.raw {
            line("raw", "true".to_owned());
        }
        line("turns", made.turns.to_string());
        if let Some(said) = made.said {
            line("said", said.to_string());
        }
        line("main", quoted(&made.main));
        if !made.redacted.is_empty() {
            let all: Vec<String> = made.redacted.iter().map(|(rule, n)| format!("{} = {n}", quoted(rule))).collect();
            line("redacted", format!("{{ {} }}", all.join(", ")));
        }
        if let Some(left) = &made.left {
            line("left", quoted(left));
        }
        let part = |(path, s): &(String, Stamp)| format!("\n  [{}, {}, {}],", quoted(path), s.size, s.mtime_ns);
        line("parts", format!("[{}\n]", made.parts.iter().map(part).collect::<String>()));
        out
    }
}

/// A text as TOML has it.
pub fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

fn number(value: &Value) -> Option<u64> {
    u64::try_from(value.as_integer()?).ok()
}

fn stamp(values: &[Value]) -> Option<Stamp> {
    let [size, mtime] = values else { return None };
    Some(Stamp { size: number(size)?, mtime_ns: mtime.as_integer()? })
}

fn counts(value: Option<&Value>) -> BTreeMap<String, u64> {
    let all = value.and_then(Value::as_table).into_iter().flatten();
    all.filter_map(|(rule, n)| Some((rule.clone(), number(n)?))).collect()
}

fn parts(value: Option<&Value>) -> Vec<(String, Stamp)> {
    let part = |value: &Value| -> Option<(String, Stamp)> {
        let (path, rest) = value.as_array()?.split_first()?;
        Some((path.as_str()?.to_owned(), stamp(rest)?))
    };
    value.and_then(Value::as_array).into_iter().flatten().filter_map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_comes_back_from_its_text_and_one_with_keys_of_others_is_not_ours() {
        let stamp = |size| Some(Stamp { size, mtime_ns: -1_790_932_443_000_000_001 });
        let made = Made {
            how: "9f86".into(),
            raw: true,
            turns: 3,
            said: Some("2026-10-02T09:14:03.25Z".parse().unwrap()),
            main: "m.jsonl".into(),
            redacted: [("github-token".to_owned(), 2)].into(),
            parts: vec![("a \"b\"\n.jsonl".into(), stamp(8).unwrap()), ("c".into(), stamp(0).unwrap())],
            left: Some("00".into()),
        };
        for made in [None, Some(made), Some(Made { how: "x".into(), ..Made::default() })] {
            let entry = Entry {
                path: "a (2).md".into(),
                blake3: "ab".into(),
                from: Some("a.md".into()),
                seen: stamp(1),
                copy: stamp(2),
                next: Some("cd".into()),
                made,
            };
            let table: toml::Table = entry.text().parse().unwrap_or_else(|e| panic!("{e}: {}", entry.text()));
            assert_eq!(Entry::parse(&Value::Table(table.clone())), Some(entry));
            let theirs = table.into_iter().chain([("note".to_owned(), Value::from("mine"))]).collect();
            assert_eq!(Entry::parse(&Value::Table(theirs)), None);
        }
    }
}
