//! Roots that are no other's.

use std::path::{Path, PathBuf};

/// Leaves out what another root names too, and what lies below another root.
pub fn distinct(found: &[PathBuf]) -> Vec<PathBuf> {
    let real: Vec<Option<PathBuf>> = found.iter().map(|dir| compared(dir)).collect();
    let kept = |at: usize| {
        let own = real[at].as_ref()?;
        let covered = real
            .iter()
            .enumerate()
            .any(|(other, path)| path.as_ref().is_some_and(|p| if p == own { other < at } else { own.starts_with(p) }));
        (!covered).then(|| found[at].clone())
    };
    (0..found.len()).filter_map(kept).collect()
}

/// A folder's real path, to compare with; `None` where there is no such folder.
#[expect(clippy::disallowed_methods, reason = "used to compare roots, never to act on")]
fn compared(dir: &Path) -> Option<PathBuf> {
    dir.is_dir().then(|| std::fs::canonicalize(dir).unwrap_or_else(|_| dir.to_path_buf()))
}
