//! Free space.

use std::io;
use std::path::Path;

/// Bytes free for this user, and bytes in all, on the disk that holds `path` or its nearest folder that exists.
pub fn free_space(path: &Path) -> io::Result<(u64, u64)> {
    let mut at = path;
    while !at.exists() {
        let Some(parent) = at.parent() else { break };
        at = parent;
    }
    let stats = fs4::statvfs(at)?;
    Ok((stats.available_space(), stats.total_space()))
}
