//! The sample home: several sessions and every odd case, made by the program itself.

use crate::error::Result;
use crate::world::World;
use std::path::Path;

/// What a sample home looks like.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// The moment everything is relative to.
    pub now: jiff::Timestamp,
    /// Bulk files in each plugin copy; 0 for the smallest home.
    pub bulk: usize,
}

/// Makes a sample home in an empty or new folder: the same shape always makes the same bytes and times.
pub fn make(_home: &Path, _shape: &Shape) -> Result<()> {
    todo!()
}

/// The world of a sample home: its own state and vault, nothing of the real home.
pub fn world(_home: &Path) -> World {
    todo!()
}
