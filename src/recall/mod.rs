//! Lays a session's working folder out again: its files from wherever they still are, and scripts that make the rest.

mod compare;
mod layout;
mod rebuild;
mod script;
mod sources;
mod spoken;
#[cfg(test)]
mod tests;

pub use rebuild::{Trial, test, trials};
pub use script::NAMES as SCRIPTS;

use crate::error::Result;
use crate::manifest::Manifest;
use crate::model::{Failed, Session, Watch};
use crate::world::World;
use std::path::{Path, PathBuf};

/// What is known of the session that is called back.
pub struct Known<'a> {
    /// Its manifest.
    pub manifest: &'a Manifest,
    /// Its durable folder, where it has one.
    pub durable: Option<&'a Path>,
    /// The session itself, where its store still has it.
    pub session: Option<&'a Session>,
}

/// A file that is there again.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Recalled {
    /// Its path as the manifest has it.
    pub path: String,
    /// Where it is now, below the folder; `None`: it is where it always was, in the user's folders.
    pub to: Option<String>,
    /// Where its bytes came from (`the session`, `~/Documents/Reports/report.md`, `the conversation, record …`).
    pub from: String,
    /// Why they are not what the manifest tells, where they are not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub differs: Option<String>,
}

/// What came of it.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct Report {
    /// The folder.
    #[serde(serialize_with = "crate::model::json_path::lossy")]
    pub folder: PathBuf,
    /// Files that are there again.
    pub files: Vec<Recalled>,
    /// Files that could not be had, and why.
    pub missing: Vec<Failed>,
    /// The scripts that make the environments again, where there are any.
    pub scripts: Vec<String>,
    /// Environments they make, below the folder.
    pub environments: Vec<String>,
    /// What else there is to say.
    pub notes: Vec<String>,
    /// Stopped before all of it was done.
    pub interrupted: bool,
}

/// Lays a session out below a folder that is new or empty, or was laid out before.
pub fn recall(world: &World, known: &Known<'_>, to: &Path, dry_run: bool, watch: &dyn Watch) -> Result<Report> {
    layout::lay(world, known, to, dry_run, watch)
}
