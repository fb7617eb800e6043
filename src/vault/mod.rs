//! The vault: plan, move, undo, purge. The only room that may delete or rename what is not ours.

mod again;
mod batch;
mod check;
mod clean;
mod descend;
mod expire;
mod file;
mod fs;
mod homeward;
mod identity;
mod inside;
mod journal;
mod kept;
mod left_out;
mod named;
mod operation;
pub mod own;
mod place;
mod plan;
mod purge;
mod putback;
mod real;
mod recover;
mod remover;
mod reserve;
mod select;
pub mod space;
mod spare;
mod state;
pub mod swap;
mod turn;
mod undo;
mod vaulting;

#[cfg(test)]
pub(crate) mod tests;

pub use expire::expired;
pub use file::fingerprint;
pub use inside::Tree;
pub(crate) use journal::{believed, encode};
pub use named::Named;
pub use place::VAULT_FOLDER;

use crate::error::Result;
use crate::model::{Catalog, Class, NodeId, Operation, Plan, Proof, Receipt, SessionIx, Skipped, Watch};
use crate::world::World;
use fs::Fs;
use real::Real;
use std::path::{Path, PathBuf};
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
    /// Only sessions whose tool removes them by itself within so long.
    pub due: Option<Duration>,
}

/// Makes a plan of what is selected; changes nothing. Protected and live things are in its `skipped`, as is
/// whatever is of another class inside a selected folder.
pub fn plan(world: &World, catalog: &Catalog, selection: &Selection) -> Plan {
    plan::plan(world, &Real, catalog, selection)
}

/// Makes one plan of several selections, each with classes of its own; each thing stands in it once.
pub fn plan_all(world: &World, catalog: &Catalog, selections: &[Selection]) -> Plan {
    together(world, selections.iter().map(|s| plan(world, catalog, s)).collect())
}

/// Makes a plan of things that another room names; all of them are at risk. What is not there is left out.
pub fn plan_named(world: &World, named: &Named<'_>) -> Plan {
    named::plan(world, &Real, named)
}

/// One plan of several; each thing stands in it once.
pub fn together(world: &World, plans: Vec<Plan>) -> Plan {
    plan::together(world, plans)
}

/// What the user agreed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Consent {
    /// At-risk items too.
    pub at_risk: bool,
    /// Try everything, move nothing.
    pub dry_run: bool,
}

/// Says, for a thing and its proof, what still proves it or what is missing.
type Prove = dyn Fn(&World, &Path, &Proof) -> std::result::Result<String, String>;

/// Says, for each of some paths below some stores, why it is in use; see [`crate::scan::in_use`].
type InUse = dyn Fn(&World, &[PathBuf], &[PathBuf]) -> Vec<Option<String>>;

/// What a deed works with.
struct Desk<'a, F: Fs> {
    world: &'a World,
    fs: &'a F,
    prove: &'a Prove,
    in_use: &'a InUse,
    watch: &'a dyn Watch,
}

impl<'a> Desk<'a, Real> {
    fn here(world: &'a World, watch: &'a dyn Watch) -> Self {
        Self { world, fs: &Real, prove: &crate::classify::still_proven, in_use: &crate::scan::in_use, watch }
    }
}

/// Takes out of a plan that was made earlier what is in use by now and what a new scan says may not be moved, and names it.
pub fn again(world: &World, catalog: Catalog, plan: &mut Plan) -> Vec<Skipped> {
    again::again(world, catalog, plan)
}

/// Moves what a plan lists into the vault; whatever changed since, or is in use by now, is skipped and named.
pub fn clean(world: &World, plan: &Plan, consent: Consent, watch: &dyn Watch) -> Result<Receipt> {
    clean::clean(&Desk::here(world, watch), plan, consent)
}

/// Puts back the last operation that stands, or the named one (an id or a unique prefix). Everything is as it was, but what
/// its tool would remove at once for its age gets the time of now, and the receipt says so.
pub fn undo(world: &World, operation: Option<&str>, dry_run: bool, watch: &dyn Watch) -> Result<Receipt> {
    undo::undo(&Desk::here(world, watch), operation, dry_run)
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
pub fn purge(world: &World, what: &PurgeWhat, dry_run: bool, watch: &dyn Watch) -> Result<Receipt> {
    purge::purge(&Desk::here(world, watch), what, dry_run)
}

/// Removes what is older than the configuration says from the vault, and says so; `None` where nothing was removed.
/// Nothing goes where the configuration says nothing.
pub fn expire(world: &World) -> Result<Option<String>> {
    expire::expire(world)
}

/// Every operation, the newest first.
pub fn history(world: &World) -> Result<Vec<Operation>> {
    operation::history(&state::State::of(world, &Real))
}

/// Every thing that can still be put back, the latest last: its path as it was, and its place in the vault. For reading only.
pub fn kept(world: &World) -> Result<Vec<(PathBuf, PathBuf)>> {
    kept::kept(&state::State::of(world, &Real))
}

/// Sets a little room aside for a day when the disk is full, where there is ample room now; called at every start of an
/// acting verb and of the interface. Not having it is no error.
pub fn set_aside(world: &World) {
    let _ = reserve::set_aside(&Real, state::State::of(world, &Real).home());
}

/// Finishes or rolls back what an interrupted run left; called at every start of an acting verb and of the interface.
/// Gives a sentence for each operation it mended.
pub fn recover(world: &World) -> Result<Vec<String>> {
    recover::recover(world, &Real)
}
