//! What waits in the vault: where each thing was, and where it is now.

use super::fs::Fs;
use super::state::State;
use crate::error::Result;
use std::path::PathBuf;

/// Every thing that can still be put back, the latest last: its path as it was, and its place in the vault.
pub(super) fn kept<F: Fs>(state: &State<'_, F>) -> Result<Vec<(PathBuf, PathBuf)>> {
    let mut all = Vec::new();
    for record in state.records()?.iter().filter(|r| r.stands()) {
        for item in record.kept() {
            let (Some(root), Some(place), Some(path)) = (record.roots.get(&item.root), record.place(item.root), item.path.to_path()) else {
                continue;
            };
            all.push((root.join(path), place.join(item.item.to_string())));
        }
    }
    Ok(all)
}
