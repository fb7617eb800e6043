//! A session's manifest: what went in, what made it, what came out, and what we wrote of it.
//!
//! `manifest.toml` is for people and programs to read; `manifest.jsonl` beside it grows with the session, each line whole
//! or absent after a crash, and says the same (`text`, [`lines`]). Both stand in the durable folder. To tell of something
//! more: a [`Fact`] in [`facts`], a list here, and a line in `text` and in `book`.

mod book;
mod entry;
pub mod facts;
mod heard;
pub mod lines;
mod looks;
mod text;

pub use entry::{Entry, Made, Stamp};
pub use facts::{Command, Fact, Input, Installed, Intermediate, Output};
pub use heard::{Heard, Written};

use crate::packages::Package;

/// The schema of the file.
pub const SCHEMA: &str = "lifeboat.manifest/1";

/// The name of the file.
pub const NAME: &str = "manifest.toml";

/// A manifest as far as we write it; what else is in it stays.
#[derive(Debug, Clone, Default)]
pub struct Manifest {
    /// The session's title.
    pub task: String,
    /// Its id.
    pub session: String,
    /// The tool it was with (`cowork`).
    pub tool: String,
    /// The client's version when it was begun.
    pub version: Option<String>,
    /// The model that answered last.
    pub model: Option<String>,
    /// When it began.
    pub started: Option<jiff::Timestamp>,
    /// When it last did something.
    pub ended: Option<jiff::Timestamp>,
    /// A hash of how the conversation's files looked when it was heard last.
    pub heard: Option<String>,
    /// The user's folders that were bound to it.
    pub folders: Vec<String>,
    /// What it was given.
    pub inputs: Vec<Input>,
    /// Where packages are or were installed.
    pub environments: Vec<Installed>,
    /// The packages.
    pub packages: Vec<Package>,
    /// What it ran.
    pub commands: Vec<Command>,
    /// What it made on the way.
    pub intermediates: Vec<Intermediate>,
    /// What it made.
    pub outputs: Vec<Output>,
    /// The transcripts we wrote, one a format.
    pub transcripts: Vec<Entry>,
    /// Files the transcripts refer to: pictures, long outputs, sub-agents' pages.
    pub beside: Vec<Entry>,
    /// Transcripts we wrote earlier that hold what is gone from the session since.
    pub earlier: Vec<Entry>,
    /// Copies we made of the session's files.
    pub copies: Vec<Entry>,
    /// Tables we do not know.
    pub rest: toml::Table,
}

impl Manifest {
    /// The transcript that goes into this file by default.
    pub fn transcript(&self, file: &str) -> Option<&Entry> {
        self.transcripts.iter().find(|e| e.source() == file)
    }

    /// Copies of a file of the session.
    pub fn copies<'a>(&'a self, source: &'a str) -> impl Iterator<Item = &'a Entry> {
        self.copies.iter().filter(move |e| e.source() == source)
    }
}
