//! The truth about space: what is free is measured, not promised.

use crate::platform::{facts, free_space};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::PathBuf;

/// What a clean says of the space of what it moved.
pub const MOVED_IS_NOT_FREED: &str = "moved is not freed: the disk has the space back after a purge";

/// Differences smaller than this come from journals and folders.
const NOISE: u64 = 1 << 20;

/// The free bytes of the disks that some folders are on, each disk once.
pub(super) fn free(folders: &[PathBuf]) -> Option<u64> {
    let mut disks = BTreeMap::new();
    for folder in folders {
        let there = folder.ancestors().find_map(|above| facts(above).ok())?;
        if let Entry::Vacant(disk) = disks.entry(there.dev) {
            disk.insert(free_space(folder).ok()?.0);
        }
    }
    (!disks.is_empty()).then(|| disks.values().sum())
}

/// Bytes that are free afterwards and were not before; fewer are negative.
pub(super) fn change(before: Option<u64>, after: Option<u64>) -> Option<i64> {
    let (before, after) = before.zip(after)?;
    i64::try_from(i128::from(after) - i128::from(before)).ok()
}

/// Whether so much more free space is clearly less than what was removed.
pub fn is_less(allocated: u64, change: i64) -> bool {
    let missing = i128::from(allocated) - i128::from(change);
    missing > i128::from((allocated / 10).max(NOISE))
}

/// Why removed bytes need not be free bytes.
pub(super) fn why_less(allocated: u64, change: i64) -> Option<String> {
    let size = |bytes: u64| humansize::format_size(bytes, humansize::DECIMAL);
    let more = if change > 0 { format!("only {} more", size(change.unsigned_abs())) } else { "no more".to_owned() };
    is_less(allocated, change).then(|| {
        format!(
            "{} on disk were removed, but {more} is free: a snapshot or a clone may still hold the bytes, a hard link elsewhere, \
             a program that has a file open, or another program took the room meanwhile; some disks give it back only after a while",
            size(allocated)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn less_free_space_than_was_removed_is_explained_and_small_differences_are_not() {
        const MB: u64 = 1_000_000;
        for (allocated, change, less) in [(100, 10, true), (100, -5, true), (100, 95, false), (1, 0, false), (0, 0, false)] {
            assert_eq!(why_less(allocated * MB, change * MB.cast_signed()).is_some(), less, "{change} of {allocated} MB");
        }
        assert!(why_less(100 * MB, 20 * MB.cast_signed()).unwrap().contains("only 20 MB more"));
        for change in [0, -1] {
            assert!(why_less(100 * MB, change).unwrap().contains("no more is free"));
        }
        assert!(!is_less(NOISE, 0) && is_less(NOISE + 1, 0), "a difference as large as the noise is noise");
    }

    #[test]
    fn a_disk_with_two_folders_of_ours_is_counted_once() {
        let dir = tempfile::tempdir().unwrap();
        let one = free(&[dir.path().to_path_buf()]).unwrap();
        let two = free(&[dir.path().to_path_buf(), dir.path().join("not/there")]).unwrap();
        assert!(two < one + one / 2);
        assert_eq!(free(&[]), None);
    }
}
