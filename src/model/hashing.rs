//! What it took to tell files by their bytes.

use serde::Serialize;

/// What hashing took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Hashing {
    /// Files that were read and hashed.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files whose hash was known from an earlier scan.
    pub known: u64,
}
