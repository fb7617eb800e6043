//! Whether a turn is open: somebody asked, or a tool was called, and the end is not written yet. Only the ends of files
//! are read. A session that crashed never closes its turn, so that an open one says something only together with a
//! change a moment ago; who asks here adds that.

use super::ends::end_of;
use super::folders::Name;
use crate::model::Kind;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// How much of a file's end is read: first little, and where no line of that tells anything, more.
const ENDS: [u64; 2] = [64 << 10, 4 << 20];

/// What the end of a file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// A turn has begun and not ended.
    Open,
    /// The last one ended.
    Closed,
    /// Nothing in what was read tells.
    Unclear,
}

/// Where a turn is open by the ends of these files, as the end of "a turn is open in …".
pub fn open(root: &Path, files: &[(&'static str, PathBuf)]) -> Option<String> {
    let told: Vec<(&str, Turn)> = files.iter().map(|(what, file)| (*what, of_file(root, file))).collect();
    let first = |turn: Turn| told.iter().find(|(_, t)| *t == turn).map(|(what, _)| *what);
    match (first(Turn::Open), first(Turn::Closed), first(Turn::Unclear)) {
        (Some(what), _, _) => Some(what.to_owned()),
        (None, None, Some(what)) => Some(format!("{what}, as far as its end can be read")),
        _ => None,
    }
}

/// The newest of these files.
pub fn newest(names: Vec<Name>) -> Option<Name> {
    names.into_iter().filter(|n| n.facts.kind == Kind::File).max_by_key(|n| n.facts.mtime_ns)
}

fn of_file(root: &Path, path: &Path) -> Turn {
    for most in ENDS {
        match end_of(root, path, most) {
            Ok((end, whole)) => match of_lines(&end, whole) {
                Turn::Unclear if !whole => {}
                turn => return turn,
            },
            Err(_) => return Turn::Unclear,
        }
    }
    Turn::Unclear
}

/// What lines say, the last that says anything. The first may be cut where they are not all of the file.
pub fn of_lines(text: &[u8], whole: bool) -> Turn {
    let mut lines: Vec<&[u8]> = text.split(|b| *b == b'\n').collect();
    if !whole && !lines.is_empty() {
        lines.remove(0);
    }
    // After the last line break comes nothing, or a line that is being written.
    let last = lines.pop().unwrap_or_default();
    if !last.trim_ascii().is_empty() && serde_json::from_slice::<Value>(last).is_err() {
        return Turn::Open;
    }
    let lines = lines.into_iter().chain([last]).rev().filter_map(|line| serde_json::from_slice::<Value>(line).ok());
    // Agents speak in between, and end before who called them does. In a file of their own only they speak.
    let mut aside = None;
    for line in lines {
        let Some(turn) = says(&line) else { continue };
        if line.get("isSidechain") == Some(&Value::Bool(true)) || line.get("parent_tool_use_id").is_some_and(Value::is_string) {
            aside = aside.or(Some(turn));
        } else {
            return turn;
        }
    }
    aside.unwrap_or(Turn::Unclear)
}

/// What one line says of the turn; `None` for bookkeeping, which may follow the end of a turn and opens none.
fn says(line: &Value) -> Option<Turn> {
    let is = |key: &str| line.get(key).and_then(Value::as_bool).unwrap_or(false);
    let text = |key: &str| line.get(key).and_then(Value::as_str).unwrap_or_default();
    match text("type") {
        "result" => Some(Turn::Closed),
        // What terminals write at the end of each turn.
        "system" if text("subtype") == "turn_duration" => Some(Turn::Closed),
        "system" if text("subtype") == "permission_request" => Some(Turn::Open),
        "queue-operation" if text("operation") == "enqueue" => Some(Turn::Open),
        // The log repeats each prompt once it has been taken; summaries and what the app puts in are not asked by anybody.
        "user" if is("isReplay") || is("isMeta") || is("isSynthetic") || is("isCompactSummary") => None,
        "user" => Some(if said(line).is_some_and(ends_it) { Turn::Closed } else { Turn::Open }),
        "assistant" => Some(assistant(line)),
        _ => None,
    }
}

/// What a user's line says, where that is plain text.
fn said(line: &Value) -> Option<&str> {
    let content = line.get("message")?.get("content")?;
    content.as_str().or_else(|| content.as_array()?.iter().find_map(|block| block.get("text")?.as_str()))
}

/// What stands in a user's line when a turn was broken off, or when a command answered without the model.
fn ends_it(text: &str) -> bool {
    text.starts_with("[Request interrupted by user") || text.starts_with("<local-command-stdout>")
}

fn assistant(line: &Value) -> Turn {
    let message = line.get("message");
    let stop = message.and_then(|m| m.get("stop_reason")).and_then(Value::as_str);
    let blocks = message.and_then(|m| m.get("content")).and_then(Value::as_array);
    let calls = blocks.is_some_and(|blocks| blocks.iter().any(|b| b.get("type").and_then(Value::as_str) == Some("tool_use")));
    let failed = line.get("isApiErrorMessage").and_then(Value::as_bool).unwrap_or(false);
    match stop {
        _ if failed => Turn::Closed,
        _ if calls => Turn::Open,
        Some("end_turn" | "stop_sequence" | "max_tokens" | "refusal" | "model_context_window_exceeded") => Turn::Closed,
        Some(_) => Turn::Open,
        // Older transcripts and the log give no reason: the text may be the last, or a tool may follow.
        None => Turn::Unclear,
    }
}
