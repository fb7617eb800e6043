//! A conversation's beginning and end: lines of which the last with an id counts, or in the first versions one document.

use crate::platform;
use crate::stores::ends::end_of;
use crate::stores::names::ends;
use crate::stores::text::first_words;
use crate::stores::torn;
use jiff::Timestamp;
use serde_json::Value;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

/// How much of the beginning is looked through for what the user typed first.
const BEGINNING: u64 = 1 << 20;
/// The largest document that is read.
const DOCUMENT: u64 = 16 << 20;
/// How much of the end is read for the time of the last line: first little, then more.
const ENDS: [u64; 2] = [16 << 10, 1 << 20];

/// What a conversation's ends tell.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// The session's id.
    pub id: Option<String>,
    /// When it began.
    pub started: Option<Timestamp>,
    /// When its last line was written.
    pub last: Option<Timestamp>,
    /// The first words the user typed.
    pub title: Option<String>,
    /// Whether it is a sub-agent's.
    pub agent: bool,
    /// Why it could not be read.
    pub broken: Option<String>,
}

/// Whether a name is that of a conversation: `session-<time>-<id>.jsonl`, in the first versions `.json`.
pub fn is_chat(name: &[u8]) -> bool {
    name.starts_with(b"session-") && ends(name, &[".jsonl", ".json"])
}

/// Reads both ends of a conversation below a root.
pub fn read(root: &Path, path: &Path) -> Told {
    let told = platform::open_beneath(root, path)
        .and_then(|file| if path.extension().is_some_and(|e| e == "json") { document(file) } else { beginning(BufReader::new(file)) });
    let mut told = told.unwrap_or_else(|e| Told { broken: Some(e.to_string()), ..Told::default() });
    if told.last.is_none() {
        told.last = ENDS.iter().find_map(|most| last(&end_of(root, path, *most).ok()?.0));
    }
    told
}

fn document(file: impl Read) -> io::Result<Told> {
    let mut text = Vec::new();
    file.take(DOCUMENT).read_to_end(&mut text)?;
    let torn = torn::read(&text);
    let whole = Value::Object(torn.fields);
    let mut told = of_first(&whole);
    told.last = time(&whole, "lastUpdated");
    told.title = messages(&whole).find_map(typed);
    told.broken = torn.broken;
    Ok(told)
}

fn beginning(text: impl BufRead) -> io::Result<Told> {
    let mut text = text.take(BEGINNING);
    let mut line = Vec::new();
    text.read_until(b'\n', &mut line)?;
    let mut told = match serde_json::from_slice::<Value>(&line) {
        Ok(first) => of_first(&first),
        Err(e) => Told { broken: Some(if line.is_empty() { "it is empty".into() } else { e.to_string() }), ..Told::default() },
    };
    loop {
        line.clear();
        if told.title.is_some() || text.read_until(b'\n', &mut line)? == 0 {
            return Ok(told);
        }
        let Ok(said) = serde_json::from_slice::<Value>(&line) else { continue };
        told.title = match said.get("$set") {
            Some(set) => messages(set).find_map(typed),
            None => typed(&said),
        };
    }
}

fn of_first(line: &Value) -> Told {
    Told {
        id: line.get("sessionId").and_then(Value::as_str).map(str::to_owned),
        started: time(line, "startTime"),
        agent: line.get("kind").and_then(Value::as_str) == Some("subagent"),
        ..Told::default()
    }
}

fn messages(value: &Value) -> impl Iterator<Item = &Value> {
    value.get("messages").and_then(Value::as_array).into_iter().flatten()
}

fn time(value: &Value, key: &str) -> Option<Timestamp> {
    value.get(key)?.as_str()?.parse().ok()
}

/// The first words of a message the user typed. What tools answered stands under the user's name too, and so does what Gemini
/// puts before a conversation.
fn typed(message: &Value) -> Option<String> {
    if message.get("type").and_then(Value::as_str) != Some("user") {
        return None;
    }
    let shown = message.get("displayContent").filter(|c| !c.is_null());
    let content = shown.or_else(|| message.get("content"))?;
    let text = match content {
        Value::String(text) => text,
        Value::Array(parts) if parts.iter().any(|p| p.get("functionResponse").is_some()) => return None,
        Value::Array(parts) => parts.iter().find_map(|p| p.as_str().or_else(|| p.get("text")?.as_str()))?,
        _ => return None,
    };
    first_words(text).filter(|_| !text.trim_start().starts_with("<session_context>"))
}

/// The time of the last whole line that tells one.
fn last(end: &[u8]) -> Option<Timestamp> {
    end.split(|b| *b == b'\n').rev().find_map(|line| {
        let line: Value = serde_json::from_slice(line).ok()?;
        let set = line.get("$set").and_then(|set| time(set, "lastUpdated"));
        set.or_else(|| time(&line, "timestamp")).or_else(|| time(&line, "lastUpdated"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = r#"{"sessionId":"59f00784-29bb-4708-9f39-1fabdb4e37b0","projectHash":"x","startTime":"2026-07-01T10:00:00Z","lastUpdated":"2026-07-01T10:00:00Z","kind":"main"}"#;

    fn told(lines: &[&str]) -> Told {
        beginning(io::Cursor::new(lines.join("\n"))).unwrap()
    }

    #[test]
    fn the_title_is_what_was_typed_and_neither_context_nor_a_tools_answer() {
        let told = told(&[
            FIRST,
            r#"{"$set":{"messages":[{"id":"a","type":"user","content":[{"text":"<session_context>\nThis is"}]}]}}"#,
            r#"{"id":"b","type":"user","content":[{"functionResponse":{"name":"x"}},{"text":"not me"}]}"#,
            "torn {",
            r#"{"id":"c","type":"gemini","content":"nor me"}"#,
            r#"{"id":"d","type":"user","content":[{"text":"Please run the test."}]}"#,
        ]);
        assert_eq!(told.title.as_deref(), Some("Please run the test."));
        assert_eq!((told.id.as_deref(), told.agent), (Some("59f00784-29bb-4708-9f39-1fabdb4e37b0"), false));
    }

    #[test]
    fn the_last_time_is_that_of_a_message_or_of_a_change() {
        let first = r#"{"id":"b","timestamp":"2026-07-01T10:05:00Z"}"#;
        assert_eq!(last(first.as_bytes()), Some("2026-07-01T10:05:00Z".parse().unwrap()));
        let text = format!("{first}\n{{\"$set\":{{\"lastUpdated\":\"2026-07-01T10:06:00Z\"}}}}\n{{\"id\":\"c\",\"timest");
        assert_eq!(last(text.as_bytes()), Some("2026-07-01T10:06:00Z".parse().unwrap()));
    }

    #[test]
    fn a_document_of_the_first_versions_is_read_too_also_where_it_is_torn() {
        let whole = r#"{"sessionId":"s","startTime":"2026-07-01T10:00:00Z","lastUpdated":"2026-07-01T11:00:00Z","messages":[{"type":"user","content":"Hello there"}]}"#;
        let told = document(whole.as_bytes()).unwrap();
        assert_eq!((told.title.as_deref(), told.broken), (Some("Hello there"), None));
        assert_eq!(told.last, Some("2026-07-01T11:00:00Z".parse().unwrap()));
        let torn = document(&whole.as_bytes()[..60]).unwrap();
        assert_eq!(torn.id.as_deref(), Some("s"));
        assert!(torn.broken.is_some());
    }
}
