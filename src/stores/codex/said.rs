//! What a line of a rollout says, in the forms of every version.

use crate::stores::text::first_words;
use jiff::Timestamp;
use serde_json::Value;

/// What a line carries: its payload, or in the first versions the line itself.
pub fn payload(line: &Value) -> &Value {
    line.get("payload").unwrap_or(line)
}

/// When a line was written.
pub fn time(line: &Value) -> Option<Timestamp> {
    line.get("timestamp")?.as_str()?.parse().ok()
}

/// The first words of what the user typed, where a line has that.
pub fn typed(line: &Value) -> Option<String> {
    let said = payload(line);
    let is = |value: &Value, key: &str, what: &str| value.get(key).and_then(Value::as_str) == Some(what);
    let text = if is(line, "type", "event_msg") {
        match said.get("item") {
            Some(item) if is(item, "type", "UserMessage") => words(item.get("content")?)?,
            None if is(said, "type", "user_message") => said.get("message")?.as_str()?,
            _ => return None,
        }
    } else if is(said, "type", "message") && is(said, "role", "user") {
        words(said.get("content")?)?
    } else {
        return None;
    };
    first_words(text)
}

/// The first text of a message that the user wrote; what Codex puts before it is passed over.
fn words(content: &Value) -> Option<&str> {
    const PUT_IN: &[&str] = &[
        "<environment_context",
        "<user_instructions",
        "<permissions",
        "<skills_instructions",
        "# AGENTS.md instructions",
        "<turn_aborted",
        "<subagent",
    ];
    let texts = content.as_array()?.iter().filter_map(|part| part.get("text")?.as_str());
    let mut own = texts.filter(|text| !PUT_IN.iter().any(|start| text.trim_start().starts_with(start)));
    own.find(|text| !text.trim().is_empty())
}
