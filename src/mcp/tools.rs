//! The tools there are. To add one: a file with its `run`, and an entry here.

use super::Place;
use super::{brief, risk, search, sessions, turns};
use crate::error::{Error, Result};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// One tool.
pub struct Tool {
    /// Its name.
    pub name: &'static str,
    /// What it is for, for the model.
    pub about: &'static str,
    /// What it takes, as a JSON schema.
    pub takes: fn() -> Value,
    /// What it does; the answer is text.
    pub run: fn(&Place, Value) -> Result<String>,
}

/// Every tool.
pub const TOOLS: &[Tool] = &[
    Tool {
        name: "list_sessions",
        about: "Sessions of AI coding tools on this computer, the latest first: id, tool, title, when, folders. Narrow by words of the \
title, tool, folder or time.",
        takes: || {
            object(
                &[],
                &json!({
                    "title": {"type": "string", "description": "a piece of the title"},
                    "store": store(),
                    "folder": {"type": "string", "description": "only sessions bound to this folder, or one in it"},
                    "since": time("only sessions that were active at this time or later"),
                    "limit": number("how many, 1 to 100", 20),
                    "from": number("how many to pass over: the `next` of an earlier answer", 0),
                }),
            )
        },
        run: sessions::run,
    },
    Tool {
        name: "search",
        about: "Full-text search over every conversation. All words must stand in one text, whole or as beginnings of words; \"in quotes\" \
a phrase. Answers with the lines, the session, the turn's record and its time; the best and latest first.",
        takes: || {
            object(
                &["text"],
                &json!({
                    "text": {"type": "string", "description": "words, or a \"phrase in quotes\""},
                    "role": {"type": "string", "enum": ["user", "assistant", "tool"], "description": "only what one of them said"},
                    "tool_output": {"type": "boolean", "description": "also what tools answered", "default": false},
                    "session": {"type": "string", "description": "only in this session: id, start of it, or a piece of its title"},
                    "store": store(),
                    "since": time("only what was said at this time or later"),
                    "until": time("only what was said before this time"),
                    "limit": number("how many, 1 to 50", 10),
                }),
            )
        },
        run: search::run,
    },
    Tool {
        name: "read_turns",
        about: "Turns of one conversation, in order: who said what, tool calls and their answers (long ones cut, and said so). Begin at \
a turn's number or around a record that `search` gave; without either, the last turns.",
        takes: || {
            object(
                &["session"],
                &json!({
                    "session": {"type": "string", "description": "id, start of it, or a piece of its title"},
                    "record": {"type": "string", "description": "the record of a hit: the turns around it"},
                    "turn": {"type": "integer", "minimum": 0, "description": "the first turn: the `next` of an earlier answer"},
                    "count": number("how many turns, 1 to 50", 8),
                }),
            )
        },
        run: turns::run,
    },
    Tool {
        name: "brief",
        about: "A short, cited summary to begin work with: what was wanted, decided, tried, made and left open in these sessions, or in \
every session that touched a folder. Each line names the session and record it stands in.",
        takes: || {
            object(
                &[],
                &json!({
                    "sessions": {"type": "array", "items": {"type": "string"}, "description": "ids, starts of them, or pieces of titles"},
                    "folder": {"type": "string", "description": "an absolute path, in place of sessions"},
                    "tokens": number("how many tokens it may take, 400 to 8000", 2000),
                }),
            )
        },
        run: brief::run,
    },
    Tool {
        name: "at_risk",
        about: "Files that exist only in a session's own folders, as far as is known: what would be lost with them. Largest first.",
        takes: || {
            object(
                &[],
                &json!({
                    "session": {"type": "string", "description": "only of this session: id, start of it, or a piece of its title"},
                    "limit": number("how many files, 1 to 200", 50),
                }),
            )
        },
        run: risk::run,
    },
];

fn object(required: &[&str], properties: &Value) -> Value {
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

fn store() -> Value {
    json!({"type": "string", "enum": ["cowork", "claude-code", "opencode", "codex", "gemini"], "description": "only this tool"})
}

fn time(about: &str) -> Value {
    json!({"type": "string", "description": format!("{about}: 2026-11-21, a time in RFC 3339, or 7d for seven days ago")})
}

fn number(about: &str, usual: u64) -> Value {
    json!({"type": "integer", "minimum": 0, "description": about, "default": usual})
}

/// What a tool was given.
pub fn given<T: DeserializeOwned>(with: Value) -> Result<T> {
    serde_json::from_value(with).map_err(|e| Error::usage("what the tool was given is not as its schema has it").because(e))
}
