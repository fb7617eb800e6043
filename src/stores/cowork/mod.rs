//! Claude Cowork (local agent mode) of Claude Desktop.
//!
//! Nobody publishes the format; what is known comes from the app's own listing of its data folder
//! (claude.com/docs/cowork/3p/data-storage), readings of the app's bundle and issues of anthropics/claude-code.

mod cloud;
mod coming;
mod ghost;
mod layout;
mod live;
mod meaning;
mod names;
mod place;
mod process;
mod read;
mod record;
mod roots;
mod session;
mod session_layout;
mod turn;

#[cfg(test)]
mod tests;

pub use ghost::{Ghost, ghost};

use super::{Found, Meaning, Seen, Tool};
use crate::model::{Session, Spot};
use crate::platform::Process;
use crate::world::World;
use place::Place;
use std::path::{Path, PathBuf};

/// Whether the app would take a record that holds this.
pub fn is_whole(bytes: &[u8]) -> bool {
    record::Record::read(bytes).faults().is_none()
}

/// The fields of a record as far as they can be read, and whether it is broken.
pub fn fields_of(bytes: &[u8]) -> (serde_json::Map<String, serde_json::Value>, bool) {
    let torn = super::torn::read(bytes);
    (torn.fields, torn.broken.is_some())
}

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
    fn roots(&self, world: &World, given: &[PathBuf]) -> Vec<PathBuf> {
        roots::roots(world, given)
    }
    fn read(&self, world: &World, root: &Path) -> Found {
        read::read(world, root)
    }
    fn child(&self, folder: Spot, seen: Seen<'_>) -> Spot {
        layout::child(Place::of(folder), seen).spot()
    }
    fn meaning(&self, spot: Spot) -> Meaning {
        meaning::meaning(Place::of(spot))
    }
    fn running(&self, world: &World, root: &Path) -> Option<String> {
        live::running(world, root, world.processes().as_deref())
    }
    fn open_turn(&self, root: &Path, session: &Session) -> Option<String> {
        turn::open(root, session)
    }
    fn coming(&self, world: &World, root: &Path) -> Vec<(String, &'static str)> {
        coming::coming(world, root)
    }
    fn disk(&self, file: Spot) -> Option<Spot> {
        (Place::of(file) == Place::VmSession).then(|| Place::VmDisk.spot())
    }
    fn without_session(&self, spot: Spot) -> Spot {
        if Place::of(spot) == Place::VmDiskHome { Place::VmDiskLeft.spot() } else { spot }
    }
    fn keeps_in_bound(&self) -> bool {
        true
    }
    fn is_own(&self, process: &Process) -> bool {
        process::is_app(process)
    }
}
