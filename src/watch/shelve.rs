//! Archiving by itself: sessions in which nothing happened for long, and sub-sessions that are done. Neither unless the
//! configuration says after how long.

use super::keeper::Tell;
use super::news::News;
use crate::lifecycle::opencode::archive;
use crate::lifecycle::{Desk, KEEPERS, STORE};
use crate::model::{Receipt, Watch};
use crate::world::World;
use serde_json::json;
use std::path::PathBuf;

pub use crate::lifecycle::opencode::archive::Shelve;

/// Archives what is due in opencode's stores; says what was done, and what could not be.
pub fn keep(world: &World, given: &[PathBuf], rule: Shelve, dry_run: bool, tell: Tell<'_>, watch: &dyn Watch) {
    let desk = Desk::here(world, watch);
    let Some(keeper) = KEEPERS.iter().find(|keeper| keeper.tool().name() == STORE) else { return };
    for root in keeper.tool().roots(world, given) {
        let done = archive::due(&desk, &root, rule)
            .and_then(|ids| if ids.is_empty() { Ok(Receipt::new("archive")) } else { keeper.archive(&desk, &root, &ids, true, dry_run) });
        match done {
            Ok(receipt) if receipt.moved > 0 => {
                let would = if dry_run { "would be " } else { "" };
                let says = format!("{} sessions {would}archived by the standing rule, operation {}", receipt.moved, receipt.operation);
                tell(News::new(world, "archived", says, json!({"receipt": receipt})));
            }
            Ok(_) => {}
            // While the tool runs, its sessions wait for the next time.
            Err(e) if e.kind == crate::error::Kind::Refused => {}
            Err(e) => tell(News::new(world, "failed", format!("nothing was archived: {e}"), json!({}))),
        }
    }
}
