//! Packing: old conversations are written once more, packed with zstd and read back; then the originals go into the vault.
//! Nothing is lost: unpacking gives the exact bytes. Codex reads its packed ones itself; those of other tools are kept here
//! and unpacked on demand.

mod choose;
mod deed;
mod make;
mod measure;
mod place;
mod register;
mod settle;
#[cfg(test)]
mod tests;
mod unpack;

pub use choose::{Choice, choose};
pub use deed::{Done, carry_out};
pub use measure::measure;
pub use register::Packed;
pub use settle::settle;
pub use unpack::{Unpacked, packed, unpack};

use crate::model::{NodeId, PathText, Skipped};
use crate::stores::Packing;
use serde::Serialize;
use std::time::Duration;

/// How long a session must not have been active to be packed, unless told otherwise.
pub const CUT: Duration = Duration::from_hours(30 * 24);

/// The level: 8 times smaller on real transcripts, and as fast as most disks.
const LEVEL: i32 = 3;

/// A file to be packed.
#[derive(Debug, Clone, Serialize)]
pub struct Item {
    /// The file.
    #[serde(flatten)]
    pub path: PathText,
    /// The store it is in.
    pub store: String,
    /// The session it belongs to, by id.
    pub session: String,
    /// The session's title.
    pub title: String,
    /// Its bytes.
    pub bytes: u64,
    /// Its bytes when packed, as measured; 0 before that.
    pub packed_bytes: u64,
    /// Whether the tool reads the packed file itself.
    pub read_packed: bool,
    #[serde(skip)]
    node: NodeId,
    #[serde(skip)]
    way: Packing,
}

/// What is to be packed, and what was asked for and is not.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Pack {
    /// The files, by path.
    pub items: Vec<Item>,
    /// What is left alone, and why.
    pub skipped: Vec<Skipped>,
}

impl Pack {
    /// The bytes of all files, and what they take packed.
    pub fn bytes(&self) -> (u64, u64) {
        self.items.iter().fold((0, 0), |sum, item| (sum.0 + item.bytes, sum.1 + item.packed_bytes))
    }
}
