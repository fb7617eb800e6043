//! What every dialect of conversation gives, and the loop that reads one.

use super::build::Builder;
use super::json;
use super::lines::{Line, Lines};
use jiff::Timestamp;
use serde_json::Value;
use std::io::{self, BufRead};

/// One way tools write conversations.
pub struct Dialect {
    /// Whether a record of this kind is worth reading whole; `None`: the kind is not known.
    pub wanted: fn(kind: &str, line: &[u8]) -> Option<bool>,
    /// What a record says.
    pub event: fn(kind: &str, record: &Value) -> Event,
}

/// What one record says.
#[derive(Debug)]
pub enum Event {
    /// Somebody speaks, or a tool answers.
    Message(Box<Message>),
    /// The conversation was compacted here.
    Boundary {
        /// The record's id.
        uuid: String,
        /// When.
        when: Option<Timestamp>,
        /// Tokens before it.
        tokens: Option<u64>,
    },
    /// A title.
    Title {
        /// It.
        text: String,
        /// Whether the user gave it, which counts more.
        given: bool,
    },
    /// Nothing of the conversation.
    Nothing,
}

/// Who a record says speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Role {
    /// The user, or the tool in the user's name: the text tells.
    #[default]
    User,
    /// The model.
    Assistant,
    /// The tool, for certain.
    Added,
    /// The tool, with the summary after a compaction.
    Summary,
}

impl Role {
    /// The role of a `user` or `assistant` record.
    pub fn of(kind: &str, added: bool, summary: bool) -> Self {
        match (kind, summary, added) {
            ("assistant", ..) => Self::Assistant,
            (_, true, _) => Self::Summary,
            (_, _, true) => Self::Added,
            _ => Self::User,
        }
    }
}

/// A message, or a part of one.
#[derive(Debug, Default)]
pub struct Message {
    /// The record's id, or empty.
    pub uuid: String,
    /// The id of the record it follows, or empty.
    pub parent: String,
    /// When.
    pub when: Option<Timestamp>,
    /// Who speaks.
    pub role: Role,
    /// The id of the whole message that this is a part of, or empty.
    pub part_of: String,
    /// The model, or empty.
    pub model: String,
    /// Said to be a repetition.
    pub again: bool,
    /// Whose sub-agent's it is: an agent's id, or the id of the call that started it.
    pub agent: Option<String>,
    /// The content as the record has it.
    pub content: Value,
    /// The sub-agent that this result says was started, or empty.
    pub launched: String,
    /// Parts the log itself left out.
    pub left_out: u64,
}

/// Reads every line of a dialect into a conversation.
pub fn read(reader: impl BufRead, cap: usize, dialect: &Dialect, into: &mut Builder) -> io::Result<()> {
    let mut lines = Lines::new(reader, cap);
    while let Some(line) = lines.next()? {
        match line {
            Line::TooLong => into.too_long(),
            Line::Whole(bytes, _) if bytes.iter().all(|b| b.is_ascii_whitespace() || *b == 0) => {}
            Line::Whole(bytes, ended) => {
                if !take(bytes, dialect, into) {
                    into.bad_line(ended);
                }
            }
        }
    }
    Ok(())
}

fn take(line: &[u8], dialect: &Dialect, into: &mut Builder) -> bool {
    let Some(head) = json::head(line) else { return false };
    into.saw(&head.uuid);
    match (dialect.wanted)(&head.kind, line) {
        Some(true) => match json::record(line) {
            Some(record) => into.take((dialect.event)(&head.kind, &record)),
            None => return false,
        },
        Some(false) => {}
        None => into.unknown(&head.kind),
    }
    true
}
