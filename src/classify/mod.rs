//! Rules and proofs that give every file its class and evidence.
//!
//! By place: what a store says its places mean (`stores::Meaning`). By content: folders in the user's work area that
//! look rebuildable are checked by a [`WorkRule`]; files are looked for in the user's own folders ([`find_copies`]).
//! To add a rule: a file here with a [`WorkRule`] in it, and a line in [`RULES`].

use crate::model::{Kind, NodeId, Stop, Verdict};
use crate::world::World;
use std::path::PathBuf;

/// Every rule for folders in a work area, the more specific first.
pub const RULES: &[&dyn WorkRule] = &[];

/// A folder of a work area by its names alone.
#[derive(Debug, Clone, Copy)]
pub struct FolderSeen<'a> {
    /// Its name.
    pub name: &'a [u8],
    /// The names in it.
    pub inside: &'a [&'a [u8]],
    /// The names beside it, itself included.
    pub beside: &'a [&'a [u8]],
}

/// One name below a candidate folder.
#[derive(Debug, Clone)]
pub struct UnitEntry {
    /// Its node.
    pub id: NodeId,
    /// Its path below the unit's folder.
    pub path: PathBuf,
    /// What sort of thing it is.
    pub kind: Kind,
    /// Apparent size in bytes.
    pub size: u64,
    /// Last change, nanoseconds since 1970.
    pub mtime_ns: i64,
    /// Whether it must not be opened.
    pub placeholder: bool,
}

/// A candidate folder with everything below it, for a rule to check.
pub struct Unit {
    /// The rule that named it a candidate.
    pub rule: &'static dyn WorkRule,
    /// The candidate folder itself.
    pub top: NodeId,
    /// Its absolute path.
    pub path: PathBuf,
    /// The store's root it lies below.
    pub root: PathBuf,
    /// Everything below it, parents first.
    pub entries: Vec<UnitEntry>,
}

/// What a check found: verdicts, and which node has which. Nodes not named keep what they have.
#[derive(Debug, Default)]
pub struct Judged {
    /// The verdicts.
    pub verdicts: Vec<Verdict>,
    /// Nodes, each with the index of its verdict.
    pub nodes: Vec<(NodeId, usize)>,
    /// Folders that are listed and handled as one.
    pub units: Vec<NodeId>,
    /// What could not be read while checking.
    pub errors: Vec<crate::model::ScanError>,
}

/// A kind of folder that can be had again.
pub trait WorkRule: Send + Sync {
    /// Its id (`work/node-modules`).
    fn id(&self) -> &'static str;
    /// A name for what it finds, for people (`node_modules`).
    fn group(&self) -> &'static str;
    /// Whether a folder may be such a one, by names alone; cheap.
    fn candidate(&self, seen: FolderSeen<'_>) -> bool;
    /// Reads what it must and judges the folder and everything below it. What is not proven is not named, and so
    /// stays at risk; the top folder always gets a verdict that says what was found or missing.
    fn check(&self, unit: &Unit, stop: &Stop) -> Judged;
}

/// The rule a folder is a candidate of.
pub fn candidate(seen: FolderSeen<'_>) -> Option<&'static dyn WorkRule> {
    RULES.iter().copied().find(|r| r.candidate(seen))
}

/// A file that a copy is looked for.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Its node.
    pub id: NodeId,
    /// Its absolute path.
    pub path: PathBuf,
    /// The store's root it lies below.
    pub root: PathBuf,
    /// Apparent size in bytes.
    pub size: u64,
    /// Device number.
    pub dev: u64,
    /// Inode or file index.
    pub ino: u64,
    /// Number of names the inode has.
    pub nlink: u32,
    /// Index into [`CopySearch::folders`] of the folders bound to its session; `None` for no session.
    pub session: Option<usize>,
}

/// What is looked for, and where.
#[derive(Debug, Default)]
pub struct CopySearch {
    /// The files.
    pub files: Vec<Wanted>,
    /// For each session with files here: the user's folders bound to it.
    pub folders: Vec<Vec<PathBuf>>,
    /// The roots of every store found: nothing below them is a copy.
    pub stores: Vec<PathBuf>,
}

/// Looks for copies in the user's own folders and gives each file its verdict (flushed, or at risk with what was
/// looked at), in portions as they come.
pub fn find_copies(_world: &World, _search: CopySearch, _stop: &Stop, _found: &mut dyn FnMut(Judged)) {
    todo!()
}

/// Whether, at this moment, `original` is still proven by `proof`; the words say what was found. Used right before
/// a move.
pub fn still_proven(_world: &World, _original: &std::path::Path, _proof: &crate::model::Proof) -> Result<String, String> {
    todo!()
}
