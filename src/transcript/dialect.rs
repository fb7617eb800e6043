//! What every dialect of conversation gives. To add one: a file with a [`Dialect`] in it, and its line in [`DIALECTS`].
//!
//! A file is read twice: once every line for its [`Head`], which says where it belongs, then those that say something for
//! what they say, in the order of the conversation.

use super::content::Piece;
use super::facts::Tokens;
use super::scan::{Quoted, Step};
use super::{audit, claude, codex};
use jiff::Timestamp;
use std::borrow::Cow;

/// The dialects that are told by a file's name, the usual one first.
pub const DIALECTS: &[Dialect] = &[claude::DIALECT, audit::DIALECT, codex::DIALECT];

/// One way tools write conversations.
#[derive(Debug)]
pub struct Dialect {
    /// Whether a file of this name is written so.
    pub is: fn(name: &str) -> bool,
    /// What a line is.
    pub head: for<'a> fn(line: &'a [u8]) -> Step<Head<'a>>,
    /// What a line says.
    pub said: for<'a> fn(line: &'a [u8]) -> Step<Said<'a>>,
}

/// The dialect of a file, by its name; Claude Code's where nothing else is known.
pub fn of(name: &str) -> &'static Dialect {
    DIALECTS.iter().rev().find(|d| (d.is)(name)).unwrap_or(&claude::DIALECT)
}

/// Which record a record follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Parent<'a> {
    /// The one before it in the file.
    #[default]
    Previous,
    /// None: it begins the conversation, or begins it anew.
    Nothing,
    /// The one with this id.
    Record(Quoted<'a>),
}

/// What a record is, for its place in the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Weight {
    /// It says nothing.
    #[default]
    Nothing,
    /// The user speaks.
    Typed,
    /// The model speaks.
    Speech,
    /// The model's tool failed to answer and said so in the model's name.
    Error,
    /// The tool says something, in whoever's name.
    Added,
    /// A tool answers, and nobody says anything.
    Answer,
    /// The conversation was compacted here.
    Boundary,
    /// The summary the model went on with after that.
    Summary,
}

/// What a record has to do with prompts that stand more than once: when they are given, and when the model takes them,
/// several at once as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Prompt {
    /// Nothing.
    #[default]
    Other,
    /// It was typed while the model was at work, and only counts where no other says it.
    Waits,
    /// It may say what waited.
    Takes,
    /// The prompt as it was given.
    Given,
    /// What was given stands here again, and counts only where it is something else.
    Again,
}

/// What one line is.
#[expect(clippy::struct_excessive_bools, reason = "as the records have them")]
#[derive(Debug, Default)]
pub struct Head<'a> {
    /// The record's kind.
    pub kind: Quoted<'a>,
    /// A kind not known here.
    pub unknown: bool,
    /// How many bytes of the line it takes.
    pub length: usize,
    /// What it is to the conversation; `None`: it has no place in it.
    pub weight: Option<Weight>,
    /// The record's id, or empty.
    pub uuid: Quoted<'a>,
    /// What it follows.
    pub parent: Parent<'a>,
    /// The id of the whole message that it is a part of, or empty.
    pub part_of: Quoted<'a>,
    /// The calls it answers.
    pub answers: Vec<Quoted<'a>>,
    /// Its first text, as it stands.
    pub first_text: Quoted<'a>,
    /// Its further texts.
    pub more_texts: Vec<Quoted<'a>>,
    /// What it has to do with prompts that stand more than once.
    pub prompt: Prompt,
    /// The id that it has in the audit log, where that is another.
    pub alias: Quoted<'a>,
    /// Whose sub-agent's it is: an agent's id or the call that started it; empty: its parent tells.
    pub agent: Option<Quoted<'a>>,
    /// Only counts where nothing else says the same.
    pub weak: bool,
    /// What it says may stand elsewhere in weak records, whoever speaks.
    pub heard: bool,
    /// So many prompts, with all that followed, were taken back.
    pub back: u32,
    /// It stands for something that could not be read.
    pub lost: bool,
    /// Tokens of all requests so far.
    pub usage: Option<Tokens>,
    /// Where the conversation stood when this was written.
    pub leaf: Quoted<'a>,
    /// A title, and whether the user gave it, which counts more.
    pub title: Option<(Quoted<'a>, bool)>,
}

/// Who a record says speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Role {
    /// The user, or the tool in the user's name: the text tells.
    #[default]
    User,
    /// The user, for certain: nothing of it was put in by the tool.
    Typed,
    /// The model.
    Assistant,
    /// The tool, for certain.
    Added,
    /// The tool, with the summary after a compaction.
    Summary,
    /// Nobody: the conversation was compacted here.
    Boundary,
}

/// What one record says.
#[derive(Debug, Default)]
pub struct Said<'a> {
    /// The record's id, or empty.
    pub uuid: Cow<'a, str>,
    /// When.
    pub when: Option<Timestamp>,
    /// Who speaks.
    pub role: Role,
    /// The id of the whole message that this is a part of, or empty.
    pub part_of: Cow<'a, str>,
    /// The model, or empty.
    pub model: Cow<'a, str>,
    /// The pieces of the message.
    pub pieces: Vec<Piece<'a>>,
    /// The sub-agent that this result says was started, or empty.
    pub launched: Cow<'a, str>,
    /// Whether that one answers later.
    pub later: bool,
    /// The file with the whole of an answer, as the record names it, or empty.
    pub kept: Cow<'a, str>,
    /// Whether it has all of an answer of which another record has a part.
    pub whole: bool,
    /// What a tool changed in a file, in JSON; or nothing.
    pub patch: &'a [u8],
    /// Tokens of the request, as far as it was by then.
    pub usage: Option<Tokens>,
    /// The conversation's id with the client, or empty.
    pub session: Quoted<'a>,
    /// The folder it ran in, or empty.
    pub cwd: Quoted<'a>,
    /// The branch of the repository, or empty.
    pub branch: Quoted<'a>,
    /// The client's version, or empty.
    pub version: Quoted<'a>,
    /// Tokens before a compaction.
    pub tokens: Option<u64>,
    /// Parts the log itself left out.
    pub left_out: u64,
}

/// What the content of a message weighs.
pub fn weigh(kind: &str, added: bool, summary: bool, content: &super::content::Outline<'_>) -> Weight {
    match (kind, summary, added) {
        ("assistant", ..) if content.says => Weight::Speech,
        (_, true, _) => Weight::Summary,
        (_, _, true) if content.says => Weight::Added,
        ("user", ..) if content.typed => Weight::Typed,
        ("user", ..) if content.says => Weight::Added,
        _ if !content.answers.is_empty() => Weight::Answer,
        _ => Weight::Nothing,
    }
}
