//! The plan: the only way to anything destructive.

use super::{Class, Evidence, PathText, Proof, Totals};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Which thing exactly, so that a changed one is told from the planned one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Device number.
    pub device: u64,
    /// Inode or file index.
    pub inode: u64,
    /// Apparent size in bytes.
    pub size: u64,
    /// Last change, nanoseconds since 1970.
    pub mtime_ns: i64,
    /// Of a folder: BLAKE3 over every name, kind, size, time and inode below it, 64 hex digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tree: Option<String>,
}

/// What is done with an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Into the vault, by rename.
    Vault,
    /// Out of the disk image it lies in; the image as it was goes into the vault.
    OutOfImage,
}

/// Where an item lies that is inside a disk image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InImage {
    /// The image, by its absolute path.
    pub image: PathText,
    /// The path inside, from the root of its file system.
    pub inner: PathText,
    /// What the image was when the plan was made; the item's own identity is that inside.
    pub identity: Identity,
}

/// One line of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanItem {
    /// The thing, by its absolute path.
    #[serde(flatten)]
    pub path: PathText,
    /// The store it is in.
    pub store: String,
    /// The session it belongs to, by id.
    pub session: Option<String>,
    /// Its class when the plan was made.
    pub class: Class,
    /// Its apparent bytes, a folder's whole content.
    pub bytes: u64,
    /// Its allocated bytes.
    pub allocated: u64,
    /// Number of files, 1 for a file.
    pub files: u64,
    /// What it was when the plan was made.
    pub identity: Identity,
    /// What is done with it.
    pub action: Action,
    /// Why it has its class.
    pub evidence: Vec<Evidence>,
    /// How it is had again.
    #[serde(default)]
    pub comes_back: Option<String>,
    /// What must still be true when it moves.
    #[serde(default)]
    pub proof: Option<Proof>,
    /// A name for the group it is shown in ("plugin copies").
    #[serde(default)]
    pub group: String,
    /// Where it lies inside a disk image; `None` for what lies on this machine's disk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<InImage>,
}

/// A thing left out of a plan or a deed, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// The thing.
    #[serde(flatten)]
    pub path: PathText,
    /// Why it was left alone.
    pub reason: String,
}

/// What is to be done, all of it: `lifeboat.plan/1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Always `lifeboat.plan/1`.
    pub schema: String,
    /// When it was made.
    pub created: Timestamp,
    /// The stores' roots: every item lies below one, and is reached from it without following a link.
    #[serde(default)]
    pub roots: Vec<PathText>,
    /// What is to be moved.
    pub items: Vec<PlanItem>,
    /// What was asked for and is left alone.
    pub skipped: Vec<Skipped>,
    /// The items by class.
    pub totals: Totals,
    /// BLAKE3 over every item, 64 hex digits: the same plan has the same one.
    pub fingerprint: String,
}
