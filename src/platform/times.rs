//! When a file was changed in any way, and when it came to be, where the platform tells.

use std::io;
use std::path::Path;

/// The times of one name, nanoseconds since 1970; a link's are its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// Last change of the content. Anybody may set it to anything.
    pub modified: i64,
    /// Last change of content, name or facts. The system sets it and programs cannot; `None` where it is not told.
    pub changed: Option<i64>,
    /// When this file was made here, whatever it was a copy of; `None` where it is not told.
    pub born: Option<i64>,
}

/// The times of a path, no link followed.
#[cfg(target_os = "linux")]
pub fn times(path: &Path) -> io::Result<Times> {
    use rustix::fs::{AtFlags, CWD, StatxFlags, StatxTimestamp, statx};
    let ns = |t: &StatxTimestamp| t.tv_sec.saturating_mul(1_000_000_000).saturating_add(i64::from(t.tv_nsec));
    let wanted = StatxFlags::MTIME | StatxFlags::CTIME | StatxFlags::BTIME;
    let told = statx(CWD, path, AtFlags::SYMLINK_NOFOLLOW, wanted)?;
    let has = |flag: StatxFlags| told.stx_mask & flag.bits() != 0;
    Ok(Times {
        modified: ns(&told.stx_mtime),
        changed: has(StatxFlags::CTIME).then(|| ns(&told.stx_ctime)),
        born: has(StatxFlags::BTIME).then(|| ns(&told.stx_btime)),
    })
}

/// The times of a path, no link followed.
#[cfg(not(target_os = "linux"))]
pub fn times(path: &Path) -> io::Result<Times> {
    let meta = std::fs::symlink_metadata(path)?;
    let born = meta.created().ok().and_then(|t| i64::try_from(t.duration_since(std::time::UNIX_EPOCH).ok()?.as_nanos()).ok());
    Ok(Times { modified: super::facts_of(&meta, path).mtime_ns, changed: changed_of(&meta), born })
}

/// When a file was last changed in any way, from metadata at hand; `None` where the platform does not tell.
#[cfg(unix)]
pub fn changed_of(meta: &std::fs::Metadata) -> Option<i64> {
    use std::os::unix::fs::MetadataExt;
    Some(meta.ctime().saturating_mul(1_000_000_000).saturating_add(meta.ctime_nsec()))
}

/// When a file was last changed in any way, from metadata at hand; `None` where the platform does not tell.
#[cfg(not(unix))]
pub fn changed_of(_meta: &std::fs::Metadata) -> Option<i64> {
    None
}
