//! Where the record stands that is told just now.

use std::path::PathBuf;

/// A record, by its id and its place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Whence {
    /// Its id; empty: it has none.
    pub id: String,
    /// The file it was read from; of what was laid out first, that file.
    pub file: PathBuf,
    /// The byte it begins at.
    pub byte: u64,
}
