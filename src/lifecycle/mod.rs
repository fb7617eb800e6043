//! The lifecycle of sessions that live in databases: stats, archive, prune, reclaim, vacuum, and their undo.
//!
//! Rows go as files do: what goes is kept first, in the vault, synced and read back, and undo inserts it again where it is
//! absent. [`pen`] alone writes into a database, and files go through [`crate::vault`] alone.

mod book;
mod cells;
mod chunk;
mod compare;
mod deed;
mod files;
mod keeper;
mod live;
pub mod opencode;
mod pen;
mod recover;
mod table;
mod undo;
mod vacuum;

pub use deed::Desk;
pub use keeper::{KEEPERS, Keeper};
pub use live::in_use;
pub use vacuum::{Outlook, Vacuum, vacuum};

use crate::error::Result;
use crate::model::{Operation, Plan, Receipt, Watch};
use crate::trim;
use crate::vault::{self, Consent, PurgeWhat};
use crate::world::World;

/// The store whose databases are meant here, by its name on the command line.
pub const STORE: &str = "opencode";

impl<'a> Desk<'a> {
    /// A desk that tells by processes, open files and locks what is in use.
    pub fn here(world: &'a World, watch: &'a dyn Watch) -> Self {
        Self { world, watch, in_use: &live::in_use }
    }
}

/// Every operation, on files, on databases and inside disk images, the newest first.
pub fn history(world: &World) -> Result<Vec<Operation>> {
    undo::history(world)
}

/// Puts back the last operation that stands, or the named one (an id or a unique prefix).
pub fn undo(world: &World, operation: Option<&str>, dry_run: bool, watch: &dyn Watch) -> Result<Receipt> {
    undo::undo(&Desk::here(world, watch), operation, dry_run)
}

/// Removes what operations keep for good.
pub fn purge(world: &World, what: &PurgeWhat, dry_run: bool, watch: &dyn Watch) -> Result<Receipt> {
    undo::purge(&Desk::here(world, watch), what, dry_run)
}

/// Finishes or rolls back what an interrupted run left; called at every start of an acting verb and of the interface.
pub fn recover(world: &World) -> Result<Vec<String>> {
    let mut told = vault::recover(world)?;
    told.extend(recover::recover(&Desk::here(world, &crate::model::Quiet))?);
    told.extend(trim::recover(&trim::Desk::here(world, &crate::model::Quiet))?);
    told.extend(crate::repair::recover(world)?);
    Ok(told)
}

/// Carries a plan out: what lies on this machine's disk goes into the vault, and what lies inside disk images out of those.
pub fn clean(world: &World, plan: &Plan, consent: Consent, watch: &dyn Watch) -> Result<Receipt> {
    trim::clean(&trim::Desk::here(world, watch), plan, consent)
}

/// Removes what is older than the configuration says, and says so; `None` where nothing was removed.
pub fn expire(world: &World) -> Result<Option<String>> {
    let Some(age) = world.purge_after else { return Ok(None) };
    let what = PurgeWhat::OlderThan(age);
    let quiet = &crate::model::Quiet;
    // Where nothing is old enough, nobody waits for another lifeboat.
    if purge(world, &what, true, quiet)?.moved == 0 {
        return Ok(None);
    }
    let receipt = purge(world, &what, false, quiet)?;
    Ok(Some(vault::expired(age, &receipt)))
}

#[cfg(test)]
pub(crate) mod tests;
