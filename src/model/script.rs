//! Where a session's conversation stands.

use std::path::PathBuf;

/// Where a session's conversation stands, and how it is written. A session's id tells which of several in one place it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Script {
    /// Below the session's folder, as Cowork keeps it: transcripts in `.claude/projects`, and an audit log.
    #[default]
    Below,
    /// A transcript of Claude Code's; what belongs to it lies in the folder of the same name beside it.
    Claude(PathBuf),
    /// A rollout of Codex's, plain or packed (`.jsonl.zst`).
    Codex(PathBuf),
    /// A chat of Gemini CLI's: JSONL, or one JSON document.
    Gemini(PathBuf),
    /// Rows of an opencode database.
    Rows(PathBuf),
    /// JSON files in an opencode `storage` folder.
    Files(PathBuf),
}

/// A session that another one started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Helper {
    /// Its id.
    pub id: String,
    /// Its title, or empty.
    pub title: String,
    /// Where its conversation stands.
    pub script: Script,
}

impl Script {
    /// What people call who answers in it.
    pub fn speaker(&self) -> &'static str {
        match self {
            Self::Below | Self::Claude(_) => "Claude",
            Self::Codex(_) => "Codex",
            Self::Gemini(_) => "Gemini",
            Self::Rows(_) | Self::Files(_) => "opencode",
        }
    }

    /// The file or folder it stands in; `None`: in the session's own folder.
    pub fn path(&self) -> Option<&PathBuf> {
        match self {
            Self::Below => None,
            Self::Claude(path) | Self::Codex(path) | Self::Gemini(path) | Self::Rows(path) | Self::Files(path) => Some(path),
        }
    }
}
