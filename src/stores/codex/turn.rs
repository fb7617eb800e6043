//! Whether a turn is open: a task was started, and its end is not written yet. Only the end of the file is read.

use super::said::payload;
use crate::model::Session;
use crate::stores::ends::end_of;
use serde_json::Value;
use std::path::Path;

/// How much of a file's end is read: first little, and where no line of that tells anything, more.
const ENDS: [u64; 2] = [64 << 10, 4 << 20];

/// Where a turn of a session is open, as the end of "a turn is open in …".
pub fn open(root: &Path, session: &Session) -> Option<String> {
    let path = session.record.as_deref().filter(|p| p.extension().is_some_and(|e| e == "jsonl"))?;
    for most in ENDS {
        let (end, whole) = end_of(root, path, most).ok()?;
        match of_lines(&end) {
            Some(true) => return Some("the conversation".into()),
            Some(false) => return None,
            None if whole => return None,
            None => {}
        }
    }
    Some("the conversation, as far as its end can be read".into())
}

/// Whether the last line that tells of a turn opens one.
fn of_lines(text: &[u8]) -> Option<bool> {
    text.split(|b| *b == b'\n').rev().filter_map(|line| serde_json::from_slice::<Value>(line).ok()).find_map(|line| {
        match payload(&line).get("type")?.as_str()? {
            "task_started" | "turn_started" => Some(true),
            "task_complete" | "turn_complete" | "turn_aborted" => Some(false),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_start_or_end_of_a_task_tells() {
        let line = |what: &str| format!("{{\"type\":\"event_msg\",\"payload\":{{\"type\":\"{what}\"}}}}\n");
        let of = |all: &[&str]| of_lines(all.iter().map(|w| line(w)).collect::<String>().as_bytes());
        assert_eq!(of(&["task_started", "token_count"]), Some(true));
        assert_eq!(of(&["task_started", "task_complete", "token_count"]), Some(false));
        assert_eq!(of(&["task_started", "turn_aborted"]), Some(false));
        assert_eq!(of(&["token_count"]), None);
    }
}
