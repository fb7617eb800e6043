//! What a manifest tells of a session besides what we wrote: files that went in and came out, and commands.

use crate::packages::{Environment, Package};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// A fact that stands in a list of the manifest, each by its key.
pub trait Fact: Serialize + DeserializeOwned {
    /// The list's name: the table's in `manifest.toml`, `put` in `manifest.jsonl`.
    const LIST: &'static str;
    /// What makes it this one: a later fact of the same key takes its place.
    fn key(&self) -> String;
}

/// A file that the session was given: uploaded, or read in a folder of the user's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// Where it is outside of the session (`~/Downloads/input.xlsx`); of an upload nobody knows the original of, its path in the session.
    pub path: String,
    /// BLAKE3 of its bytes, 64 hex digits; none: it was gone or could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blake3: Option<String>,
    /// Its size in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Where it is in the session, and how that is known (`uploads/input.xlsx, same file`).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub seen: String,
    /// What tells it: a path below the session's folder, or `record <id>` of the conversation.
    pub from: String,
}

/// A file that the session made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// Its path below the session's folder; of one that was in the virtual machine alone, its path there.
    pub path: String,
    /// BLAKE3 of its bytes, 64 hex digits; none: only the conversation knows of it, and not all of its bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blake3: Option<String>,
    /// Its size in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// When it last changed, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<jiff::Timestamp>,
    /// Where a copy of the same bytes is, in the user's folders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flushed: Option<String>,
    /// What tells it: `record <id>` of the conversation where it was written; none: the file itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
}

/// A file on the way: neither given nor handed over.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Intermediate(pub Output);

/// A place where packages are installed; the packages themselves stand in a list of their own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Installed {
    /// Where it is, and what runs there.
    #[serde(flatten)]
    pub environment: Environment,
    /// What came of rebuilding it elsewhere and comparing: `identical`, `equivalent`, `failed`; none: not tested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rebuild: Option<String>,
    /// What differed, or why it failed, as sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differs: Vec<String>,
    /// When that was, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tested: Option<jiff::Timestamp>,
}

/// A command that made something.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// The command, secrets left out.
    pub command: String,
    /// When, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<jiff::Timestamp>,
    /// `record <id>` of the conversation.
    pub from: String,
    /// It failed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub failed: bool,
}

impl Fact for Input {
    const LIST: &'static str = "input";
    fn key(&self) -> String {
        self.path.clone()
    }
}

impl Fact for Installed {
    const LIST: &'static str = "environment";
    fn key(&self) -> String {
        format!("{} {}", self.environment.kind, self.environment.folder)
    }
}

impl Fact for Package {
    const LIST: &'static str = "package";
    fn key(&self) -> String {
        let place = self.place.as_deref().unwrap_or_default();
        format!("{} {} {} {place}", self.ecosystem, self.environment, self.name)
    }
}

impl Fact for Output {
    const LIST: &'static str = "output";
    fn key(&self) -> String {
        self.path.clone()
    }
}

impl Fact for Intermediate {
    const LIST: &'static str = "intermediate";
    fn key(&self) -> String {
        self.0.path.clone()
    }
}

impl Fact for Command {
    const LIST: &'static str = "command";
    fn key(&self) -> String {
        self.from.clone()
    }
}
