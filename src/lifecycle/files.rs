//! Files that go with rows: through the vault, as one with the deed.

use super::STORE;
use super::book::{Book, Line};
use super::deed::Desk;
use crate::error::Result;
use crate::model::{Evidence, Receipt};
use crate::vault::{self, Consent, Named};
use std::path::PathBuf;

/// Moves the files of these groups into the vault, and notes which operation has them.
pub fn move_out(desk: &Desk<'_>, book: &mut Book, groups: &[u64], receipt: &mut Receipt) -> Result<()> {
    let chosen: Vec<_> = groups.iter().filter_map(|group| book.record.groups.get(group)).cloned().collect();
    let Some(root) = chosen.first().map(|group| group.root.clone()) else { return Ok(()) };
    let things: Vec<(PathBuf, String)> = chosen.into_iter().flat_map(|group| group.files).collect();
    if things.is_empty() {
        return Ok(());
    }
    let why = Evidence::new("lifecycle/pruned", "it belongs to a session that was pruned");
    let plan = vault::plan_named(desk.world, &Named { store: STORE, root: &root, things, why, group: "files of pruned sessions" });
    receipt.skipped.extend(plan.skipped.iter().cloned());
    if plan.items.is_empty() {
        return Ok(());
    }
    let moved = vault::clean(desk.world, &plan, Consent { at_risk: true, dry_run: false }, desk.watch)?;
    if !moved.operation.is_empty() {
        book.write(Line::Moved { operation: moved.operation })?;
    }
    receipt.bytes += moved.bytes;
    receipt.allocated += moved.allocated;
    receipt.skipped.extend(moved.skipped);
    receipt.failed.extend(moved.failed);
    receipt.vault = receipt.vault.take().or(moved.vault);
    Ok(())
}
