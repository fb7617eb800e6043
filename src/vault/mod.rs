//! The vault: plan, move, undo, purge. The only room that may delete or rename what is not ours.

use crate::error::Result;
use crate::model::{Catalog, Class, NodeId, Operation, Plan, Receipt, SessionIx, Watch};
use crate::world::World;
use std::time::Duration;

/// What a plan is made of.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// These nodes and everything below them; empty: every root.
    pub nodes: Vec<NodeId>,
    /// Only these sessions; empty: all, and what belongs to none.
    pub sessions: Vec<SessionIx>,
    /// Only these classes; empty: rebuildable.
    pub classes: Vec<Class>,
    /// Only stores with these names; empty: all.
    pub stores: Vec<String>,
    /// Only items of at least so many bytes.
    pub min_size: Option<u64>,
    /// Only sessions that have not been active for so long.
    pub older_than: Option<Duration>,
}

/// Makes a plan of what is selected; changes nothing. Protected and live things are in its `skipped`, as is
/// whatever is of another class inside a selected folder.
pub fn plan(_world: &World, _catalog: &Catalog, _selection: &Selection) -> Plan {
    todo!()
}

/// What the user agreed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Consent {
    /// At-risk items too.
    pub at_risk: bool,
    /// Try everything, move nothing.
    pub dry_run: bool,
}

/// Moves what a plan lists into the vault; whatever changed since is skipped and named.
pub fn clean(_world: &World, _plan: &Plan, _consent: Consent, _watch: &dyn Watch) -> Result<Receipt> {
    todo!()
}

/// Puts back the last operation that stands, or the named one (an id or a unique prefix).
pub fn undo(_world: &World, _operation: Option<&str>, _dry_run: bool, _watch: &dyn Watch) -> Result<Receipt> {
    todo!()
}

/// Which operations a purge is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PurgeWhat {
    /// All that stand.
    All,
    /// One, by id or unique prefix.
    One(String),
    /// Those older than this.
    OlderThan(Duration),
}

/// Removes operations' items from the vault for good.
pub fn purge(_world: &World, _what: &PurgeWhat, _dry_run: bool, _watch: &dyn Watch) -> Result<Receipt> {
    todo!()
}

/// Every operation, the newest first.
pub fn history(_world: &World) -> Result<Vec<Operation>> {
    todo!()
}

/// Finishes or rolls back what an interrupted run left; called at every start of an acting verb and of the interface.
/// Gives a sentence for each operation it mended.
pub fn recover(_world: &World) -> Result<Vec<String>> {
    todo!()
}
