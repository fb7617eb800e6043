//! Claude Cowork (local agent mode) of Claude Desktop.

use super::{Found, Meaning, Seen, Tool};
use crate::model::Spot;
use crate::world::World;
use std::path::{Path, PathBuf};

/// Claude Cowork.
#[derive(Debug)]
pub struct Cowork;

impl Tool for Cowork {
    fn name(&self) -> &'static str {
        "cowork"
    }
    fn title(&self) -> &'static str {
        "Claude Cowork"
    }
    fn roots(&self, _world: &World, _given: &[PathBuf]) -> Vec<PathBuf> {
        todo!()
    }
    fn read(&self, _world: &World, _root: &Path) -> Found {
        todo!()
    }
    fn child(&self, _folder: Spot, _seen: Seen<'_>) -> Spot {
        todo!()
    }
    fn meaning(&self, _spot: Spot) -> Meaning {
        todo!()
    }
    fn running(&self, _world: &World, _root: &Path) -> Option<String> {
        todo!()
    }
}
