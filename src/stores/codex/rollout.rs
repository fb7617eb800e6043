//! A rollout's beginning and end: a conversation may have gigabytes, and is never read whole for a list.

use super::said::{payload, time, typed};
use crate::platform;
use crate::stores::ends::end_of;
use jiff::Timestamp;
use serde_json::Value;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// The longest first line that is read; it holds the instructions, 20 KB and more.
const FIRST: u64 = 4 << 20;
/// How much of the beginning is looked through for what the user typed first.
const BEGINNING: u64 = 512 << 10;
/// How much of the end is read for the time of the last line: first little, then more.
const ENDS: [u64; 2] = [16 << 10, 1 << 20];

/// What a rollout's ends tell.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// The folder it worked in.
    pub cwd: Option<PathBuf>,
    /// When it began.
    pub started: Option<Timestamp>,
    /// When its last line was written, where its end was read.
    pub last: Option<Timestamp>,
    /// The session that started it.
    pub starter: Option<String>,
    /// The session it is a branch of.
    pub forked: Option<String>,
    /// The first words the user typed.
    pub title: Option<String>,
    /// Why its first line says nothing.
    pub broken: Option<String>,
}

/// Reads both ends of a rollout below a root; of a packed one the beginning alone.
pub fn read(root: &Path, path: &Path, packed: bool) -> Told {
    let mut told = match beginning(root, path, packed) {
        Ok(told) => told,
        Err(e) => return Told { broken: Some(e.to_string()), ..Told::default() },
    };
    if !packed {
        told.last = ENDS.iter().find_map(|most| {
            let (end, _) = end_of(root, path, *most).ok()?;
            last(&end)
        });
    }
    told
}

fn beginning(root: &Path, path: &Path, packed: bool) -> io::Result<Told> {
    let file = platform::open_beneath(root, path)?;
    let plain: Box<dyn Read> = if packed { Box::new(zstd::stream::read::Decoder::new(file)?) } else { Box::new(file) };
    of_beginning(BufReader::with_capacity(64 << 10, plain))
}

/// What the beginning tells.
fn of_beginning(mut text: impl BufRead) -> io::Result<Told> {
    let mut line = Vec::new();
    text.by_ref().take(FIRST).read_until(b'\n', &mut line)?;
    let mut told = match serde_json::from_slice::<Value>(&line) {
        Ok(first) => of_first(&first),
        Err(_) if line.is_empty() => Told { broken: Some("it is empty".into()), ..Told::default() },
        Err(e) => Told { broken: Some(e.to_string()), ..Told::default() },
    };
    let mut left = BEGINNING;
    while told.title.is_none() && left > 0 {
        line.clear();
        let read = text.by_ref().take(left).read_until(b'\n', &mut line)?;
        if read == 0 {
            break;
        }
        left = left.saturating_sub(read as u64);
        told.title = serde_json::from_slice(&line).ok().and_then(|line: Value| typed(&line));
    }
    Ok(told)
}

fn of_first(line: &Value) -> Told {
    let said = payload(line);
    let text = |key: &str| said.get(key).and_then(Value::as_str).filter(|t| !t.is_empty()).map(str::to_owned);
    // A sub-agent's source says who spawned it, in some versions there alone.
    let spawned = || Some(said.get("source")?.get("subagent")?.get("thread_spawn")?.get("parent_thread_id")?.as_str()?.to_owned());
    Told {
        cwd: text("cwd").map(PathBuf::from),
        started: time(said).or_else(|| time(line)),
        starter: text("parent_thread_id").or_else(spawned),
        forked: text("forked_from_id"),
        ..Told::default()
    }
}

/// The time of the last whole line that tells one.
fn last(end: &[u8]) -> Option<Timestamp> {
    end.split(|b| *b == b'\n').rev().find_map(|line| time(&serde_json::from_slice::<Value>(line).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const META: &str = r#"{"timestamp":"2026-07-01T10:00:00.500Z","type":"session_meta","payload":{"id":"x","timestamp":"2026-07-01T10:00:00Z","cwd":"/u/p","source":{"subagent":{"thread_spawn":{"parent_thread_id":"mother","depth":1}}}}}"#;

    fn told(lines: &[&str]) -> Told {
        of_beginning(io::Cursor::new(lines.join("\n"))).unwrap()
    }

    #[test]
    fn the_first_line_tells_folder_time_and_who_started_it() {
        let told = told(&[META]);
        assert_eq!(told.cwd, Some("/u/p".into()));
        assert_eq!(told.started, Some("2026-07-01T10:00:00Z".parse().unwrap()));
        assert_eq!((told.starter.as_deref(), told.broken), (Some("mother"), None));
    }

    #[test]
    fn the_title_is_what_the_user_typed_and_not_what_codex_put_in() {
        let context = r#"{"type":"response_item","payload":{"type":"message","role":"user","content":[{"type":"input_text","text":"<environment_context>\n x"}]}}"#;
        for said in [
            r#"{"type":"event_msg","payload":{"type":"item_completed","item":{"type":"UserMessage","content":[{"type":"text","text":"Make a plan"}]}}}"#,
            r#"{"type":"event_msg","payload":{"type":"user_message","message":"Make a plan"}}"#,
            r#"{"type":"response_item","payload":{"type":"message","role":"user","content":[{"type":"input_text","text":"Make a plan"}]}}"#,
            r#"{"type":"message","role":"user","content":[{"type":"input_text","text":"Make a plan"}]}"#,
        ] {
            assert_eq!(told(&[META, "torn {", context, said]).title.as_deref(), Some("Make a plan"), "{said}");
        }
    }

    #[test]
    fn a_torn_first_line_is_said_and_the_rest_still_read() {
        let told = told(&[r#"{"timestamp":"2026"#, r#"{"type":"event_msg","payload":{"type":"user_message","message":"Hello"}}"#]);
        assert!(told.broken.is_some());
        assert_eq!(told.title.as_deref(), Some("Hello"));
        assert!(of_beginning(io::Cursor::new("")).unwrap().broken.is_some());
    }

    #[test]
    fn the_last_whole_line_with_a_time_counts() {
        let text = b"cut\"}\n{\"timestamp\":\"2026-07-01T10:00:00Z\"}\n{\"other\":1}\n{\"timestamp\":\"2026-07-02T10:00";
        assert_eq!(last(text), Some("2026-07-01T10:00:00Z".parse().unwrap()));
        assert_eq!(last(b""), None);
    }
}
