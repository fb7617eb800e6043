//! Reads conversations: one event model, a file a dialect.

use crate::error::Result;
use crate::model::Session;
use jiff::Timestamp;
use std::path::{Path, PathBuf};

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// The user, typing.
    User,
    /// The model.
    Assistant,
    /// Text put in by the tool in the user's name: skills, reminders, command echoes.
    Injected,
}

/// One piece of a turn.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// Words, markdown.
    Text(String),
    /// The model's thinking, where it was kept.
    Thinking(String),
    /// A tool call, with its result where there is one.
    Tool {
        /// The tool's name.
        name: String,
        /// Its input.
        input: serde_json::Value,
        /// What it answered.
        result: Option<String>,
        /// Whether it failed.
        failed: bool,
    },
    /// A picture or document in the conversation, by its media type and size in bytes.
    Attachment {
        /// A file name or media type.
        name: String,
        /// Bytes, decoded.
        bytes: u64,
    },
    /// A mark of the tool itself ("the conversation was compacted here").
    Note(String),
}

/// One turn.
#[derive(Debug, Clone, PartialEq)]
pub struct Turn {
    /// The record's id, for anchors and evidence.
    pub id: String,
    /// Who speaks.
    pub who: Who,
    /// When, where the record says.
    pub when: Option<Timestamp>,
    /// What.
    pub blocks: Vec<Block>,
}

/// A whole conversation.
#[derive(Debug, Clone, Default)]
pub struct Conversation {
    /// The turns, in order.
    pub turns: Vec<Turn>,
    /// The model that answered last.
    pub model: Option<String>,
    /// A title found in the conversation itself.
    pub title: Option<String>,
    /// What is missing, as sentences; empty: nothing known to be.
    pub missing: Vec<String>,
    /// The files it was read from.
    pub sources: Vec<PathBuf>,
    /// Lines that could not be read.
    pub bad_lines: u64,
}

/// Reads a session's conversation: the transcript, else the audit log. `None`: the session has neither.
pub fn read(_session: &Session) -> Result<Option<Conversation>> {
    todo!()
}

/// Reads the first turns of the conversation in one file, reading at most `limit` bytes; for previews.
pub fn peek(_file: &Path, _limit: u64) -> Result<Conversation> {
    todo!()
}
