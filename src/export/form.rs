//! The formats that a conversation is written in, and what each is given for it. To add one: a file with a [`Form`] in it,
//! and its line in [`FORMATS`].

use super::beside::Beside;
use super::clean::clean;
use super::redact::Redactor;
use super::{html, jsonl, markdown};
use crate::transcript::{Event, Told};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// One format.
#[derive(Debug)]
pub struct Format {
    /// Its name on the command line.
    pub name: &'static str,
    /// The file's name in the durable folder.
    pub file: &'static str,
    /// How it can show sub-agents.
    pub agents: &'static [SubAgents],
    /// Begins a conversation.
    pub begin: for<'d> fn(Desk<'d>) -> Box<dyn Form + 'd>,
}

/// The formats, the usual one first.
pub const FORMATS: &[Format] = &[MARKDOWN, HTML, JSONL];

const MARKDOWN: Format = Format {
    name: "md",
    file: "transcript.md",
    agents: &[SubAgents::Inline, SubAgents::Files, SubAgents::Summary],
    begin: |desk| Box::new(markdown::Page::new(desk)),
};

const HTML: Format =
    Format { name: "html", file: "transcript.html", agents: &[SubAgents::Inline], begin: |desk| Box::new(html::Page::new(desk)) };

const JSONL: Format =
    Format { name: "jsonl", file: "transcript.jsonl", agents: &[SubAgents::Inline], begin: |desk| Box::new(jsonl::Lines::new(desk)) };

impl Default for &'static Format {
    fn default() -> Self {
        const { &MARKDOWN }
    }
}

/// A conversation in the making: takes its events one after the other.
pub trait Form {
    /// Writes what an event says.
    fn take(&mut self, event: &Event<'_>) -> io::Result<()>;
    /// Writes what is still to be written, and gives what stands before all of it.
    fn finish(self: Box<Self>, told: &Told) -> io::Result<Head>;
}

/// What is known only at the end.
#[derive(Debug, Default)]
pub struct Head {
    /// What stands before what was written.
    pub text: String,
    /// Turns: stretches of one speaker under one heading.
    pub turns: u64,
    /// How often something was left out, by rule.
    pub redacted: BTreeMap<&'static str, u64>,
}

/// What is known of the session before its conversation is told.
#[derive(Debug, Default)]
pub struct About<'a> {
    /// The session's title.
    pub title: &'a str,
    /// The store's name (`cowork`).
    pub source: &'a str,
    /// What people call the tool.
    pub tool: Option<&'a str>,
    /// What people call who answers; empty: Claude.
    pub speaker: &'a str,
    /// The session's id.
    pub session: &'a str,
    /// When it began.
    pub started: Option<jiff::Timestamp>,
    /// The model, where the conversation names none.
    pub model: Option<&'a str>,
    /// The folder below which the conversation's files are named, where they have one.
    pub dir: Option<&'a Path>,
    /// Where folders of this machine stand inside the session's virtual machine, as texts.
    pub mounts: Vec<(String, String)>,
    /// Keep secrets.
    pub raw: bool,
}

impl<'a> About<'a> {
    /// What people call who answers.
    pub fn speaker(&self) -> &'a str {
        if self.speaker.is_empty() { "Claude" } else { self.speaker }
    }
}

/// What a form writes with.
pub struct Desk<'d> {
    /// Where it writes to.
    pub out: &'d mut dyn Write,
    /// What is known of the session.
    pub about: &'d About<'d>,
    /// What leaves secrets out.
    pub redactor: Redactor,
    /// What takes files beside it.
    pub beside: &'d mut dyn Beside,
    /// Where a file may lie while it is made.
    pub scratch: PathBuf,
    /// How many were made there.
    pub scratches: u64,
    /// How sub-agents are shown.
    pub agents: SubAgents,
    /// What leads from the page that is written to the durable folder: nothing, or `../`.
    pub up: &'static str,
    /// Long outputs that could not be put into files whole.
    pub cut: u64,
    /// Sub-agents that are shown in short.
    pub shortened: u64,
    /// What else is missing, as sentences.
    pub missing: Vec<String>,
    /// Whether a path of the virtual machine was shown.
    pub in_vm: bool,
}

/// How sub-agents are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SubAgents {
    /// Each in its place, folded.
    #[default]
    Inline,
    /// Each in a page of its own, linked from its place.
    Files,
    /// Each as one line: what it was asked, and its last answer.
    Summary,
}

impl<'d> Desk<'d> {
    /// What is needed to write to `out`, with files beside it and in the making.
    pub fn new(out: &'d mut dyn Write, about: &'d About<'d>, redactor: Redactor, beside: &'d mut dyn Beside, scratch: PathBuf) -> Self {
        Self {
            out,
            about,
            redactor,
            beside,
            scratch,
            scratches: 0,
            agents: SubAgents::Inline,
            up: "",
            cut: 0,
            shortened: 0,
            missing: Vec::new(),
            in_vm: false,
        }
    }

    /// A place for one more file in the making.
    pub fn scratch(&mut self) -> PathBuf {
        self.scratches += 1;
        self.scratch.with_extension(format!("{}.partial", self.scratches))
    }

    /// Text fit to be shown: no escape sequences, no secrets.
    pub fn clean<'a>(&mut self, text: &'a str) -> Cow<'a, str> {
        match clean(text) {
            Cow::Borrowed(text) => self.redactor.text(text),
            Cow::Owned(text) => {
                let without = match self.redactor.text(&text) {
                    Cow::Owned(without) => Some(without),
                    Cow::Borrowed(_) => None,
                };
                Cow::Owned(without.unwrap_or(text))
            }
        }
    }

    /// The text of a field, whose name may say that it is secret.
    pub fn named(&mut self, name: &str, text: &str) -> String {
        match self.redactor.named(name, &Value::from(&*clean(text))) {
            Value::String(text) => text,
            other => other.to_string(),
        }
    }

    /// A JSON value whose texts are fit to be shown.
    pub fn value(&mut self, value: &Value) -> Value {
        fn cleaned(value: &Value) -> Value {
            match value {
                Value::String(s) => Value::String(clean(s).into_owned()),
                Value::Array(all) => Value::Array(all.iter().map(cleaned).collect()),
                Value::Object(map) => Value::Object(map.iter().map(|(k, v)| (clean(k).into_owned(), cleaned(v))).collect()),
                other => other.clone(),
            }
        }
        self.redactor.value(&cleaned(value))
    }
}
