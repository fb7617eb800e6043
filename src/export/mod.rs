//! The durable folder of a session: `transcript.md`, `outputs/` and `manifest.toml` in the user's Documents.

use crate::error::Result;
use crate::model::{Catalog, Failed, SessionIx, Skipped, Watch};
use crate::world::World;
use std::path::PathBuf;

/// How an export is made.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The folder that takes the durable folders; `None`: `~/Documents/Claude Cowork`.
    pub to: Option<PathBuf>,
    /// Keep secrets in the text.
    pub raw: bool,
    /// Only say what would be done.
    pub dry_run: bool,
}

/// What an export wrote.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct Report {
    /// The durable folder.
    pub folder: PathBuf,
    /// The transcript, where there is a conversation.
    pub transcript: Option<PathBuf>,
    /// Turns in it.
    pub turns: u64,
    /// Output files copied now.
    pub copied: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Left alone, and why.
    pub skipped: Vec<Skipped>,
    /// Could not be written.
    pub failed: Vec<Failed>,
}

/// Writes or updates the durable folder of a session; never overwrites a file the user changed.
pub fn export(_world: &World, _catalog: &Catalog, _session: SessionIx, _options: &Options, _watch: &dyn Watch) -> Result<Report> {
    todo!()
}

/// Copies a session's at-risk files to its durable folder, reads them back, and says which are flushed now.
pub fn flush(_world: &World, _catalog: &Catalog, _session: SessionIx, _options: &Options, _watch: &dyn Watch) -> Result<Report> {
    todo!()
}
