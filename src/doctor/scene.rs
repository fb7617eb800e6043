//! What the checks look at, read once.

use crate::backup::{self, manifest::Manifest};
use crate::error::Result;
use crate::lifecycle;
use crate::model::{Catalog, Operation};
use crate::world::World;
use std::path::PathBuf;

/// What the checks look at.
pub struct Scene<'a> {
    /// The world.
    pub world: &'a World,
    /// What a scan found.
    pub catalog: &'a Catalog,
    /// Our operations, the newest first.
    pub operations: Vec<Operation>,
    /// Archives that were read back and are there as they were, the newest first, each with what it holds.
    pub archives: Vec<(PathBuf, Manifest)>,
}

impl<'a> Scene<'a> {
    /// All of it as it is now.
    pub fn of(world: &'a World, catalog: &'a Catalog) -> Result<Self> {
        Ok(Self { world, catalog, operations: lifecycle::history(world)?, archives: backup::known(world) })
    }

    /// Bytes for people.
    pub(super) fn size(bytes: u64) -> String {
        humansize::format_size(bytes, humansize::DECIMAL)
    }
}
