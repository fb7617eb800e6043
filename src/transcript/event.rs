//! What a conversation is told as: one event after the other, each borrowed from the record it stands in.

use super::content::Picture;
use crate::error::Result;
use jiff::Timestamp;
use std::borrow::Cow;
use std::path::PathBuf;

/// Takes the events of a conversation.
pub type Sink<'s> = dyn FnMut(Event<'_>) -> Result<()> + 's;

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

/// One step of a conversation.
#[derive(Debug, Clone, PartialEq)]
pub enum Event<'a> {
    /// Somebody begins to speak; the blocks that follow are theirs.
    Turn(Turn<'a>),
    /// A piece of the turn.
    Block(Block<'a>),
    /// A sub-agent's own conversation follows, up to its end.
    Agent(Agent<'a>),
    /// The sub-agent's conversation ends.
    AgentEnd,
    /// What follows was left: the conversation went on from an earlier point. Everything that was not left stands above.
    Left(Left<'a>),
}

/// The beginning of a turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn<'a> {
    /// The record's id, for anchors and evidence.
    pub id: Cow<'a, str>,
    /// Who speaks.
    pub who: Who,
    /// When, where the record says.
    pub when: Option<Timestamp>,
}

/// One piece of a turn.
#[derive(Debug, Clone, PartialEq)]
pub enum Block<'a> {
    /// Words, markdown.
    Text(Cow<'a, str>),
    /// The model's thinking, where it was kept.
    Thinking(Cow<'a, str>),
    /// A tool call, with its answer where there is one.
    Tool(Tool<'a>),
    /// A picture or document.
    Attachment(Picture<'a>),
    /// A mark of the tool itself ("the conversation was compacted here").
    Note(Cow<'a, str>),
}

/// A tool call.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tool<'a> {
    /// The call's id, or empty.
    pub id: Cow<'a, str>,
    /// The tool's name.
    pub name: Cow<'a, str>,
    /// Its input, as JSON; empty: not known.
    pub input: Cow<'a, str>,
    /// What it answered.
    pub answer: Option<Answer<'a>>,
    /// Whether it failed.
    pub failed: bool,
    /// What it changed in a file, as the record has it, in JSON; or empty.
    pub patch: Cow<'a, str>,
}

/// What a tool answered.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Answer<'a> {
    /// Its text; of a very long one that has a file of its own the first part.
    pub text: Cow<'a, str>,
    /// Pictures and documents in it.
    pub pictures: Vec<Picture<'a>>,
    /// The file with all of it, where only the first part is here.
    pub whole: Option<Kept>,
}

/// A file that the client itself put a long output into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The folder below which no link is followed.
    pub root: PathBuf,
    /// The file's path, below that.
    pub path: PathBuf,
}

/// A sub-agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent<'a> {
    /// Its id, or that of the call that started it.
    pub id: Cow<'a, str>,
    /// What it was started for, or empty.
    pub about: Cow<'a, str>,
    /// Whether it answers later than its call.
    pub later: bool,
}

/// A branch that was left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left<'a> {
    /// The record it has last in common with the conversation, or empty: it begins anew.
    pub after: Cow<'a, str>,
}

impl Left<'_> {
    /// What it is, in a sentence.
    pub fn sentence(&self) -> String {
        let from = if self.after.is_empty() { "its beginning" } else { "an earlier point" };
        format!("What follows was left: the conversation went on from {from} instead, as it stands above.")
    }
}

impl Block<'_> {
    /// The block with everything it borrows copied.
    pub fn into_owned(self) -> Block<'static> {
        let own = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        match self {
            Self::Text(text) => Block::Text(own(text)),
            Self::Thinking(text) => Block::Thinking(own(text)),
            Self::Note(text) => Block::Note(own(text)),
            Self::Attachment(picture) => Block::Attachment(picture.into_owned()),
            Self::Tool(tool) => Block::Tool(Tool {
                id: own(tool.id),
                name: own(tool.name),
                input: own(tool.input),
                answer: tool.answer.map(|a| Answer {
                    text: own(a.text),
                    pictures: a.pictures.into_iter().map(Picture::into_owned).collect(),
                    whole: a.whole,
                }),
                failed: tool.failed,
                patch: own(tool.patch),
            }),
        }
    }
}

impl Picture<'_> {
    /// The picture with everything it borrows copied.
    pub fn into_owned(self) -> Picture<'static> {
        let own = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        Picture { name: own(self.name), media: own(self.media), bytes: self.bytes, data: own(self.data), text: own(self.text) }
    }
}
