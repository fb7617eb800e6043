//! Cowork's audit log: `snake_case` JSONL of every message of the Agent SDK; each prompt stands twice
//! (cowork.md 3.1; genuine-clients.md 3).

use super::dialect::{Dialect, Event, Message, Role};
use super::json::{field, is, text};
use serde_json::Value;

/// The dialect.
pub const DIALECT: Dialect = Dialect { wanted, event };

/// Kinds of record that hold no conversation, known ones.
const BOOKKEEPING: &[&str] = &[
    "result",
    "rate_limit_event",
    "command_lifecycle",
    "prompt_suggestion",
    "tool_result",
    "tool_progress",
    "stream_event",
    "auth_status",
];

fn wanted(kind: &str, _line: &[u8]) -> Option<bool> {
    match kind {
        "user" | "assistant" | "system" => Some(true),
        _ => BOOKKEEPING.contains(&kind).then_some(false),
    }
}

fn event(kind: &str, record: &Value) -> Event {
    match kind {
        "system" if text(field(record, &["subtype"])) == "compact_boundary" => {
            let facts = field(record, &["compact_metadata", "compactMetadata"]);
            Event::Boundary {
                uuid: text(field(record, &["uuid"])).to_owned(),
                when: when(record),
                tokens: field(facts, &["pre_tokens", "preTokens"]).as_u64(),
            }
        }
        "user" | "assistant" => Event::Message(Box::new(message(kind, record))),
        _ => Event::Nothing,
    }
}

fn when(record: &Value) -> Option<jiff::Timestamp> {
    text(field(record, &["timestamp", "_audit_timestamp"])).parse().ok()
}

fn message(kind: &str, record: &Value) -> Message {
    let body = field(record, &["message"]);
    let caller = field(record, &["parent_tool_use_id"]).as_str();
    let result = field(record, &["tool_use_result"]);
    Message {
        uuid: text(field(record, &["uuid"])).to_owned(),
        parent: String::new(),
        when: when(record),
        // The log does not mark summaries; they are known by their first words.
        role: Role::of(kind, is(record, "isSynthetic") && !is(record, "isReplay"), false),
        part_of: text(field(body, &["id"])).to_owned(),
        model: text(field(body, &["model"])).to_owned(),
        again: is(record, "isReplay"),
        agent: caller.map(str::to_owned),
        content: field(body, &["content"]).clone(),
        launched: text(field(result, &["agentId"])).to_owned(),
        left_out: field(record, &["_audit_redactions"]).as_array().map_or(0, Vec::len) as u64,
    }
}
