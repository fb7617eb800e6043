//! Removes files inside a virtual machine's disk image (`sessiondata.img`), and gives their space back to this machine.
//!
//! All work is done on a copy beside the image: its journal is replayed, `e2fsck` judges it, the planned files go by their
//! inodes, `e2fsck` judges again, everything that stays is compared byte for byte, free ranges become holes, and all of that is
//! looked at once more. Only then the two are exchanged in one step, and the image that was goes into the vault. On any doubt
//! the image stays what it is.

mod book;
mod census;
mod deed;
mod digest;
mod ext4;
mod plan;
mod recover;
mod removal;
mod script;
mod tools;
mod undo;
mod uses;
mod working;

#[cfg(test)]
mod tests;

pub use book::{Record, Shelf};
pub use deed::Desk;
pub use plan::clean;
pub use recover::recover;
pub use script::{SESSIONS, Script, folders, script};
pub use undo::undo;
pub use uses::in_use;

use crate::model::Watch;
use crate::world::World;

impl<'a> Desk<'a> {
    /// A desk that tells by processes, open files and locks what is in use.
    pub fn here(world: &'a World, watch: &'a dyn Watch) -> Self {
        Self { world, watch, in_use: &uses::in_use }
    }
}
