//! The durable folder of a session: `transcript.md`, `outputs/` and `manifest.toml` in the user's Documents.

mod account;
mod agents;
mod aside;
mod beside;
mod bound;
mod clean;
mod deed;
mod diff;
mod facts;
mod folder;
mod form;
mod fresh;
mod front;
#[cfg(fuzzing)]
pub(crate) mod fuzzing;
mod growing;
mod html;
mod jsonl;
mod keep;
mod markdown;
mod meter;
mod names;
mod noise;
mod page;
mod prose;
mod recipe;
mod redact;
mod select;
mod shelf;
mod signs;
mod skim;
mod spool;
mod starts;
mod synced;
#[cfg(test)]
mod tests;
mod tools;
mod turn;
mod viewed;
mod work;
mod write;

pub use account::emails;
pub use clean::clean;
pub use diff::diff;
pub(crate) use folder::make_below;
pub use form::{FORMATS, Format, SubAgents};
pub use growing::{Growing, Look, look, nests, places};
pub(crate) use keep::is_below;
pub(crate) use redact::Redactor;
pub use tools::short_path;

use crate::error::Result;
use crate::manifest::{Entry, Installed, Manifest};
use crate::model::{Catalog, Failed, NodeId, PathText, SessionIx, Skipped, Watch};
use crate::world::World;
use select::What;
pub use select::below_own;
pub use shelf::Shelf;
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
pub(crate) use synced::carrier;

/// How an export is made.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The folder that takes the durable folders; `None`: `~/Documents/Claude Cowork`.
    pub to: Option<PathBuf>,
    /// How the conversation is written.
    pub format: &'static Format,
    /// How sub-agents are shown.
    pub agents: SubAgents,
    /// Keep secrets in the text.
    pub raw: bool,
    /// Only say what would be done.
    pub dry_run: bool,
}

/// A file of the session, and the copy of it that was read back and holds the same bytes.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Copied {
    /// The file.
    #[serde(flatten)]
    pub path: PathText,
    /// The copy.
    pub copy: PathText,
    /// BLAKE3 of both, 64 hex digits.
    pub blake3: String,
    /// Whether it was written now; else it was there already.
    pub now: bool,
}

/// What an export wrote.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct Report {
    /// The durable folder.
    #[serde(serialize_with = "crate::model::json_path::lossy")]
    pub folder: PathBuf,
    /// The transcript, where there is a conversation.
    #[serde(serialize_with = "crate::model::json_path::lossy_option")]
    pub transcript: Option<PathBuf>,
    /// Turns in it.
    pub turns: u64,
    /// Output files copied now.
    pub copied: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Every file that has its copy in the durable folder now.
    pub copies: Vec<Copied>,
    /// What was left out of the transcript: how often, by rule.
    pub redacted: BTreeMap<String, u64>,
    /// Nothing had changed since the last export, and nothing was done.
    pub up_to_date: bool,
    /// Stopped before all of it was done.
    pub interrupted: bool,
    /// What else there is to say, as sentences.
    pub notes: Vec<String>,
    /// Left alone, and why.
    pub skipped: Vec<Skipped>,
    /// Could not be written.
    pub failed: Vec<Failed>,
}

impl Report {
    /// Tells of the transcript that is there now.
    fn transcript(&mut self, top: &Path, entry: &Entry) {
        self.transcript = Some(top.join(&entry.path));
        if let Some(made) = &entry.made {
            self.turns = made.turns;
            self.redacted.clone_from(&made.redacted);
        }
    }
}

/// What a flush would do, as far as that can be told before it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Foreseen {
    /// The durable folder, which may not be there yet.
    pub folder: PathBuf,
    /// The files that would be copied, each with the place of its copy.
    pub copies: Vec<(NodeId, PathBuf)>,
    /// What would not be copied, and why.
    pub left: Vec<Skipped>,
    /// What else there is to say of the folder, as a sentence.
    pub note: Option<String>,
}

/// Exports one after the other: what was looked up for one is known for the next.
pub struct Series<'a> {
    world: &'a World,
    options: &'a Options,
    shelf: Shelf,
    /// What came of tests of environments.
    tested: Vec<Installed>,
}

impl<'a> Series<'a> {
    /// One with the same options for every session.
    pub fn new(world: &'a World, options: &'a Options) -> Self {
        Self::going_on(world, options, Shelf::default())
    }

    /// One that knows what an earlier one found.
    pub fn going_on(world: &'a World, options: &'a Options, shelf: Shelf) -> Self {
        Self { world, options, shelf, tested: Vec::new() }
    }

    /// What was found, for a later one.
    pub fn into_shelf(self) -> Shelf {
        self.shelf
    }

    /// Writes or updates the durable folder of a session; never overwrites a file the user changed.
    pub fn export(&mut self, catalog: &Catalog, session: SessionIx, watch: &dyn Watch) -> Result<Report> {
        deed::run(self, catalog, session, What::Outputs, watch).map(|(report, _)| report)
    }

    /// Writes into the manifest of the next session what came of tests of its environments.
    pub fn tell_tested(&mut self, tested: Vec<Installed>) {
        self.tested = tested;
    }

    /// Brings a session's manifest up to date, and nothing else; gives it.
    pub fn manifest(&mut self, catalog: &Catalog, session: SessionIx, watch: &dyn Watch) -> Result<(Report, Manifest)> {
        deed::run(self, catalog, session, What::Recipe, watch)
    }

    /// Where a flush of these files of a session would put them, and which it would not copy; nothing is read for it.
    pub fn foresee(&mut self, catalog: &Catalog, session: SessionIx, these: &HashSet<NodeId>) -> Result<Foreseen> {
        deed::foresee(self, catalog, session, these)
    }

    /// Whether a session has files that a flush would copy.
    pub fn is_unflushed(catalog: &Catalog, session: SessionIx) -> bool {
        !select::choose(catalog, session, What::AtRisk).files.is_empty()
    }

    /// Copies a session's at-risk files to its durable folder, reads them back, and says which are flushed now.
    pub fn flush(&mut self, catalog: &Catalog, session: SessionIx, watch: &dyn Watch) -> Result<Report> {
        deed::run(self, catalog, session, What::AtRisk, watch).map(|(report, _)| report)
    }

    /// The same for these of its files alone.
    pub fn flush_these(&mut self, catalog: &Catalog, session: SessionIx, these: &HashSet<NodeId>, watch: &dyn Watch) -> Result<Report> {
        deed::run(self, catalog, session, What::These(these), watch).map(|(report, _)| report)
    }
}

/// Puts a new file into its place, read back and whole or not at all; fails where something is there. `hash` is its BLAKE3.
pub(crate) fn put_new(
    target: &Path,
    from: &mut dyn std::io::Read,
    hash: blake3::Hash,
    modified: Option<std::time::SystemTime>,
) -> std::io::Result<()> {
    write::write(target, from, (hash, modified), write::Place::New).map(drop)
}

/// The durable folders there are, each with its manifest: those of every tool, and those in folders named for a flush.
pub fn durable(world: &World) -> Vec<(PathBuf, Manifest)> {
    let tools = crate::stores::TOOLS.iter().map(|t| world.documents.join(t.title()));
    let mut parents: Vec<PathBuf> = tools.chain(world.kept_folders()).collect();
    parents.sort();
    parents.dedup();
    parents.iter().flat_map(|parent| shelf::all(parent)).collect()
}

/// Exports one session.
pub fn export(world: &World, catalog: &Catalog, session: SessionIx, options: &Options, watch: &dyn Watch) -> Result<Report> {
    Series::new(world, options).export(catalog, session, watch)
}

/// Flushes one session.
pub fn flush(world: &World, catalog: &Catalog, session: SessionIx, options: &Options, watch: &dyn Watch) -> Result<Report> {
    Series::new(world, options).flush(catalog, session, watch)
}
