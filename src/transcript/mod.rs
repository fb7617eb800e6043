//! Reads conversations: one event model, a file a dialect ([`claude`], [`audit`]).
//!
//! `lines` gives lines in bounded memory, `json` reads one leniently, a dialect says what it means, `build` puts the
//! conversation together and `gaps` says what is missing. To add a dialect: a file with a `Dialect` in it.

mod agents;
mod audit;
mod build;
mod claude;
mod content;
mod dialect;
mod find;
mod gaps;
mod injected;
mod json;
mod lines;
mod outputs;
#[cfg(test)]
mod tests;

use crate::error::{Error, Result};
use crate::model::{Kind, Session};
use crate::platform;
use build::Builder;
use dialect::Dialect;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::io::{BufReader, Read};
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
    /// Kinds of record that are not known here, and how many of each.
    pub unknown: BTreeMap<String, u64>,
}

/// Reads a session's conversation: the transcript, else the audit log. `None`: the session has neither.
pub fn read(session: &Session) -> Result<Option<Conversation>> {
    let Some(dir) = &session.dir else { return Ok(None) };
    let found = find::find(dir, session.conversation.as_deref());
    if let Some(main) = &found.transcript {
        let mut conversation = whole(dir, main, &claude::DIALECT, Some(&found))?;
        if !conversation.turns.is_empty() || found.audit.is_none() {
            conversation.sources.insert(0, main.clone());
            return Ok(Some(conversation));
        }
    }
    let Some(audit) = found.audit else { return Ok(None) };
    let mut conversation = whole(dir, &audit, &audit::DIALECT, None)?;
    let why = if found.transcript.is_some() { "the transcript says nothing" } else { "the transcript is gone" };
    conversation.missing.insert(0, format!("{why}; this is from the audit log, which holds less"));
    conversation.sources.insert(0, audit);
    Ok(Some(conversation))
}

fn whole(dir: &Path, file: &Path, dialect: &Dialect, found: Option<&find::Found>) -> Result<Conversation> {
    let mut builder = Builder::default();
    fill(dir, file, dialect, &mut builder).map_err(|e| Error::io("cannot read the conversation", file, e))?;
    let (mut conversation, mut gaps, launched) = builder.finish();
    if let Some(found) = found {
        if !found.named {
            gaps.others.push("the transcript that the record names is gone; this is another one of the session".to_owned());
        }
        gaps.others.extend(gaps::counted(
            found.others as u64,
            "other transcript beside this one is not in it",
            "other transcripts beside this one are not in it",
        ));
        outputs::fetch(dir, file, &mut conversation, &mut gaps);
        agents::add(dir, file, &mut conversation, &mut gaps, &launched);
    } else {
        gaps.others.extend(gaps::counted(
            launched.len() as u64,
            "sub-agent is not in the audit log",
            "sub-agents are not in the audit log",
        ));
    }
    conversation.turns.retain(|t| !t.blocks.is_empty());
    conversation.missing = gaps.sentences();
    Ok(conversation)
}

fn fill(root: &Path, file: &Path, dialect: &Dialect, builder: &mut Builder) -> std::io::Result<()> {
    let open = platform::open_beneath(root, file)?;
    dialect::read(BufReader::with_capacity(1 << 16, open), lines::LONGEST, dialect, builder)
}

/// Reads the first turns of the conversation in one file, reading at most `limit` bytes; for previews.
pub fn peek(file: &Path, limit: u64) -> Result<Conversation> {
    let failed = |e| Error::io("cannot read the conversation", file, e);
    let facts = platform::facts(file).map_err(failed)?;
    if facts.kind != Kind::File || facts.placeholder {
        return Err(Error::refused("not a file that can be opened here").at(file));
    }
    let root = file.parent().unwrap_or(Path::new("."));
    let open = platform::open_beneath(root, file).map_err(failed)?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let dialect = if name.starts_with("audit") { &audit::DIALECT } else { &claude::DIALECT };
    let mut builder = if name.starts_with("agent-") { Builder::within_agent() } else { Builder::default() };
    dialect::read(BufReader::new(open.take(limit)), lines::LONGEST, dialect, &mut builder).map_err(failed)?;
    let (mut conversation, mut gaps, _) = builder.finish();
    if facts.size > limit {
        // The limit, not the tool, cut the last line and what follows it.
        conversation.bad_lines = conversation.bad_lines.saturating_sub(u64::from(gaps.torn));
        (gaps.torn, gaps.unanswered) = (false, 0);
        gaps.others.push(format!("only the first {limit} of {} bytes were read", facts.size));
    }
    conversation.turns.retain(|t| !t.blocks.is_empty());
    conversation.missing = gaps.sentences();
    conversation.sources = vec![file.to_path_buf()];
    Ok(conversation)
}
