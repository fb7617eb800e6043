//! opencode (anomalyco/opencode, formerly sst/opencode): one database for all sessions, and what lies beside it.
//!
//! Three generations stand side by side: files in `storage/` (up to 1.1), the tables `session`, `message`, `part` (1.2 on),
//! and `session_v2`, `session_message` in the same file (2.x). Nothing moves from one to the next unless the client that
//! does it was run: 1.18 takes nothing over from `storage/`, and 2.x nothing that was made after its one import
//! (anomalyco/opencode#49641). So every session of every generation is listed, each once, the newest generation first.

mod inside;
mod json;
mod layout;
mod meaning;
pub mod orphans;
mod outputs;
mod place;
mod process;
mod read;
mod roots;
pub mod rows;
pub mod spans;
pub mod spare;
#[cfg(test)]
mod tests;

use super::{Found, Inside, Meaning, Seen, Tool};
use crate::model::{Session, Spot, Stop};
use crate::platform::Process;
use crate::world::World;
use place::Place;
use std::path::{Path, PathBuf};

pub use process::is_opencode;
pub use read::databases;

/// The columns of its databases that hold tokens.
pub const SECRETS: &crate::database::Scrub = &[
    ("account", "access_token"),
    ("account", "refresh_token"),
    ("control_account", "access_token"),
    ("control_account", "refresh_token"),
    ("credential", "value"),
    ("session_share", "secret"),
];

/// opencode.
#[derive(Debug)]
pub struct Opencode;

impl Tool for Opencode {
    fn name(&self) -> &'static str {
        "opencode"
    }
    fn title(&self) -> &'static str {
        "opencode"
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
    fn running(&self, world: &World, _root: &Path) -> Option<String> {
        process::running(world)
    }
    fn is_own(&self, process: &Process) -> bool {
        is_opencode(process)
    }
    fn database(&self, spot: Spot) -> Option<&'static crate::database::Scrub> {
        (Place::of(spot) == Place::Database).then_some(SECRETS)
    }
    fn inside(&self, root: &Path, sessions: &[Session], stop: &Stop) -> Vec<Inside> {
        inside::inside(root, sessions, stop)
    }
    fn owned(&self, root: &Path, _sessions: &[Session], stop: &Stop) -> Vec<(PathBuf, String)> {
        outputs::owned(root, stop)
    }
    fn inside_goes_by(&self, spot: Spot) -> &'static str {
        match Place::of(spot) {
            Place::Replaced | Place::Superseded | Place::PutAside => "`lifeboat reclaim` takes such rows out and keeps them",
            Place::Orphan => "`lifeboat reclaim --orphans` takes such rows out and keeps them",
            Place::FreePages => "`lifeboat vacuum` gives free pages back",
            _ => "`lifeboat prune` removes a session from there",
        }
    }
}
