//! Flush first, then clean: what exists only here is copied to the user's folder and proven there; then it goes into the vault,
//! with what comes back by itself, as one operation.

mod carry;
mod copied;
mod plan;
mod rows;
#[cfg(test)]
mod tests;

pub use rows::Row;

use crate::error::Result;
use crate::export::Copied;
use crate::model::{Catalog, NodeId, PathText, Plan, Receipt, Skipped, Watch};
use crate::vault::Selection;
use crate::world::World;
use serde::Serialize;
use std::path::PathBuf;

/// A file to be copied before it goes, and where to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Copying {
    /// The file.
    #[serde(flatten)]
    pub path: PathText,
    /// Where its copy is to be.
    pub copy: PathText,
    /// Its bytes.
    pub bytes: u64,
}

/// What is copied, removed and kept, before anything happens.
#[derive(Debug, Clone, Serialize)]
pub struct Rescue {
    /// What goes into the vault; what of it is at risk has its line in `copies`. What stays is in `skipped`.
    #[serde(flatten)]
    pub plan: Plan,
    /// What is copied first.
    pub copies: Vec<Copying>,
    /// The same three by session, the largest first.
    #[serde(skip)]
    pub rows: Vec<Row>,
    /// What else there is to say, as sentences.
    pub notes: Vec<String>,
    /// The folder named for flushes; none: each tool's own in the documents.
    #[serde(skip)]
    to: Option<PathBuf>,
}

/// What was done: a receipt of the clean, with the copies that were made for it.
#[derive(Debug, Clone, Serialize)]
pub struct Done {
    /// What became of the plan. Its bytes are those that went into the vault.
    #[serde(flatten)]
    pub receipt: Receipt,
    /// Every file that was copied, or had its copy already, and was proven by it.
    pub copies: Vec<Copied>,
    /// What the plan left alone from the beginning, and why.
    pub kept: Vec<Skipped>,
}

/// Makes the plan of what is selected; changes nothing, and reads no file for it. What is at risk and can have no proven copy stays.
pub fn plan(world: &World, catalog: &Catalog, selections: &[Selection]) -> Rescue {
    plan::plan(world, catalog, selections)
}

/// Copies, reads back, and moves into the vault what is proven then; what is not stays and is named. With `dry_run` the same is
/// tried and nothing written or moved.
pub fn carry_out(world: &World, catalog: &Catalog, rescue: &Rescue, dry_run: bool, watch: &dyn Watch) -> Result<Done> {
    carry::carry_out(world, catalog, rescue, dry_run, watch)
}

/// The files at risk at or below a node.
fn at_risk_below(catalog: &Catalog, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
    use crate::model::{Class, Kind};
    catalog.below(id).filter(|id| catalog.node(*id).kind != Kind::Dir && catalog.node(*id).class == Class::AtRisk)
}
