//! What a deed did.

use super::Skipped;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A thing that failed, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failed {
    /// The thing.
    #[serde(flatten)]
    pub path: super::PathText,
    /// Why it failed.
    pub error: String,
}

/// What a deed did: `lifeboat.receipt/1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Always `lifeboat.receipt/1`.
    pub schema: String,
    /// The operation's id; empty where nothing was to be done.
    pub operation: String,
    /// `clean`, `undo`, `purge` …
    pub verb: String,
    /// Items moved (or, for a purge, removed).
    pub moved: u64,
    /// Their apparent bytes.
    pub bytes: u64,
    /// Their allocated bytes.
    pub allocated: u64,
    /// Items left alone, and why.
    pub skipped: Vec<Skipped>,
    /// Items that failed, and why.
    pub failed: Vec<Failed>,
    /// The vault folder the items are in; `None` where none is.
    #[serde(serialize_with = "super::json_path::lossy_option")]
    pub vault: Option<PathBuf>,
    /// Things worth telling besides (where an undone file went, that a vault lies inside the store …).
    #[serde(default)]
    pub notes: Vec<String>,
    /// Change of the disk's free space in bytes as measured around the deed; `None` where it could not be measured.
    #[serde(default)]
    pub free_change: Option<i64>,
    /// Whether the deed was stopped before its end.
    #[serde(default)]
    pub interrupted: bool,
    /// Whether nothing was really done.
    #[serde(default)]
    pub dry_run: bool,
}

impl Receipt {
    /// An empty receipt of a verb.
    pub fn new(verb: &str) -> Self {
        Self {
            schema: "lifeboat.receipt/1".into(),
            operation: String::new(),
            verb: verb.into(),
            moved: 0,
            bytes: 0,
            allocated: 0,
            skipped: Vec::new(),
            failed: Vec::new(),
            vault: None,
            notes: Vec::new(),
            free_change: None,
            interrupted: false,
            dry_run: false,
        }
    }
}

impl Receipt {
    /// Takes in what another deed of the same command did; the first one's operation is named, the others in notes.
    pub fn join(&mut self, other: Self) {
        if self.operation.is_empty() {
            self.operation = other.operation;
        } else if !other.operation.is_empty() {
            self.notes.push(format!("and operation {}", other.operation));
        }
        self.moved += other.moved;
        self.bytes += other.bytes;
        self.allocated += other.allocated;
        self.skipped.extend(other.skipped);
        self.failed.extend(other.failed);
        self.notes.extend(other.notes);
        self.vault = self.vault.take().or(other.vault);
        self.free_change = match (self.free_change, other.free_change) {
            (Some(a), Some(b)) => Some(a.saturating_add(b)),
            (a, b) => a.or(b),
        };
        self.interrupted |= other.interrupted;
        self.dry_run |= other.dry_run;
    }
}

/// How an operation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OpState {
    /// In the vault, to be undone or purged.
    Stands,
    /// Put back.
    Undone,
    /// Some of it put back; the rest is still in the vault.
    PartlyUndone,
    /// Gone for good.
    Purged,
    /// Interrupted; the next start rolls it back.
    Unfinished,
    /// Done; it took nothing away, so that there is nothing to put back.
    Done,
}

/// What is in the vault: of one operation or of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Held {
    /// Items.
    pub items: u64,
    /// Their apparent bytes.
    pub bytes: u64,
    /// Their allocated bytes.
    pub allocated: u64,
}

impl Held {
    /// What these operations have in the vault together.
    pub fn by(operations: &[Operation]) -> Self {
        operations.iter().fold(Self::default(), |sum, o| Self {
            items: sum.items + o.held.items,
            bytes: sum.bytes + o.held.bytes,
            allocated: sum.allocated + o.held.allocated,
        })
    }
}

/// One operation as `history` tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// Its id, sortable by time.
    pub id: String,
    /// `clean`, `prune`, `reclaim`, `archive`, `vacuum` …, `undo` or `purge`.
    pub verb: String,
    /// When it happened.
    pub when: Timestamp,
    /// Items it moved.
    pub items: u64,
    /// Their apparent bytes.
    pub bytes: u64,
    /// Their allocated bytes.
    pub allocated: u64,
    /// Items of it that are still in the vault.
    pub held: Held,
    /// How it stands.
    pub state: OpState,
    /// For an undo or a purge: the operation it was about.
    pub of: Option<String>,
    /// The vault folder its items are in.
    #[serde(serialize_with = "super::json_path::lossy_option")]
    pub vault: Option<PathBuf>,
}
