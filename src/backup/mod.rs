//! One archive of all that is not rebuildable, read back before it is trusted; and the way back.

mod add;
mod collect;
mod create;
mod database;
mod foreign;
mod gzip;
mod header;
mod images;
mod inside;
pub mod manifest;
pub(crate) mod meta;
mod pack;
mod place;
mod publish;
mod reader;
mod restore;
mod sparse;
mod sums;
mod take;
mod tell;
mod tree;
mod unpack;
pub mod verified;
mod verify;
mod wanted;
mod way;

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests change trees in temporary folders")]
mod tests;

use crate::error::Result;
use crate::model::{Catalog, Failed, NodeId, Skipped, Watch};
use crate::world::World;
use std::path::{Path, PathBuf};

/// How the archive is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// PAX tar, gzip: opens everywhere.
    #[default]
    TarGz,
    /// PAX tar, zstd: faster.
    TarZst,
}

/// What goes into a backup, and where it goes.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The folder the archive is written to; `None`: `~/Documents/Lifeboat Backups`.
    pub to: Option<PathBuf>,
    /// Only stores with these names; empty: all.
    pub stores: Vec<String>,
    /// Only these nodes and what is below them; empty: everything.
    pub nodes: Vec<NodeId>,
    /// Secrets too.
    pub with_secrets: bool,
    /// How it is packed.
    pub format: Format,
    /// Only say what would be done.
    pub dry_run: bool,
}

/// What a backup holds.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct Report {
    /// The archive.
    #[serde(serialize_with = "crate::model::json_path::lossy")]
    pub archive: PathBuf,
    /// Files in it.
    pub files: u64,
    /// Their apparent bytes.
    pub bytes: u64,
    /// The archive's own bytes.
    pub packed: u64,
    /// Left out on purpose (secrets, sockets), and why.
    pub skipped: Vec<Skipped>,
    /// Could not be read, or changed while it was read.
    pub failed: Vec<Failed>,
    /// Whether it was stopped (then there is no archive).
    pub interrupted: bool,
}

/// Writes an archive and reads it back whole; only then does it get its name.
pub fn create(world: &World, catalog: &Catalog, options: &Options, watch: &dyn Watch) -> Result<Report> {
    create::create(world, catalog, options, watch)
}

pub use take::{known, take};

/// What reading an archive back showed.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct Verified {
    /// Always `lifeboat.verify/1`.
    pub schema: String,
    /// The archive.
    #[serde(serialize_with = "crate::model::json_path::lossy")]
    pub archive: PathBuf,
    /// Files and links that were read, as the backup counted them.
    pub files: u64,
    /// Bytes that were read and hashed.
    pub bytes: u64,
    /// Files that are missing, damaged, or not in the manifest; the manifest beside the archive where it differs.
    pub failed: Vec<Failed>,
    /// Things worth telling besides.
    pub notes: Vec<String>,
    /// Whether every byte is as the manifest says.
    pub ok: bool,
}

pub use verify::sidecar;

/// Reads every byte of an archive back against its own manifest.
pub fn verify(archive: &Path, watch: &dyn Watch) -> Result<Verified> {
    verify::watched(archive, watch)
}

/// Where a restore goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// An empty or new folder.
    Folder(PathBuf),
    /// Where everything was; only what is missing, nothing overwritten.
    InPlace,
}

/// What a restore did.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct Restored {
    /// Always `lifeboat.restore/1`.
    pub schema: String,
    /// Things put back (folders not counted).
    pub files: u64,
    /// Their apparent bytes.
    pub bytes: u64,
    /// Left alone because something is there already, and the like.
    pub skipped: Vec<Skipped>,
    /// Could not be put back.
    pub failed: Vec<Failed>,
    /// Things worth telling besides.
    pub notes: Vec<String>,
    /// Whether it was stopped before its end.
    pub interrupted: bool,
}

/// Restores an archive, or one session of it.
pub fn restore(
    world: &World,
    archive: &Path,
    target: &Target,
    session: Option<&str>,
    dry_run: bool,
    watch: &dyn Watch,
) -> Result<Restored> {
    restore::restore(world, archive, target, session, dry_run, watch)
}
