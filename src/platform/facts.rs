//! What the file system says about one path, never following a link.

use crate::model::{Facts, Kind};
use std::fs::Metadata;
use std::io;
use std::path::Path;

/// What the file system says about a path; a link is told of, not followed.
#[cfg(not(windows))]
pub fn facts(path: &Path) -> io::Result<Facts> {
    let meta = std::fs::symlink_metadata(path)?;
    Ok(facts_of(&meta, path))
}

fn kind(meta: &Metadata) -> Kind {
    let t = meta.file_type();
    if t.is_symlink() {
        Kind::Symlink
    } else if t.is_dir() {
        Kind::Dir
    } else if t.is_file() {
        Kind::File
    } else {
        Kind::Other
    }
}

/// Facts from metadata at hand, taken without following a link.
#[cfg(unix)]
pub fn facts_of(meta: &Metadata, _path: &Path) -> Facts {
    use std::os::unix::fs::MetadataExt;
    Facts {
        kind: kind(meta),
        size: meta.size(),
        allocated: meta.blocks() * 512,
        mtime_ns: meta.mtime().saturating_mul(1_000_000_000).saturating_add(meta.mtime_nsec()),
        dev: meta.dev(),
        ino: meta.ino(),
        nlink: u32::try_from(meta.nlink()).unwrap_or(u32::MAX),
        placeholder: placeholder(meta),
    }
}

/// `SF_DATALESS`: the content is in iCloud or another provider (sys/stat.h).
#[cfg(target_os = "macos")]
fn placeholder(meta: &Metadata) -> bool {
    use std::os::darwin::fs::MetadataExt;
    meta.st_flags() & 0x4000_0000 != 0
}

#[cfg(all(unix, not(target_os = "macos")))]
fn placeholder(_: &Metadata) -> bool {
    false
}

/// What the file system says about a path; a link is told of, not followed. Volume, index and link count stay 0, 0 and 1
/// where the file cannot be opened, as one can that a program keeps to itself.
#[cfg(windows)]
pub fn facts(path: &Path) -> io::Result<Facts> {
    use std::os::windows::fs::OpenOptionsExt;
    // FILE_READ_ATTRIBUTES; FILE_FLAG_BACKUP_SEMANTICS, FILE_FLAG_OPEN_REPARSE_POINT (winnt.h, winbase.h)
    let opened = std::fs::OpenOptions::new().access_mode(0x80).custom_flags(0x0200_0000 | 0x0020_0000).open(path);
    match opened.and_then(|file| facts_of_open(&file)) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Ok(facts_of(&std::fs::symlink_metadata(path)?, path)),
        done => done,
    }
}

/// What the file system says about an open file or folder.
#[cfg(windows)]
pub(super) fn facts_of_open(file: &std::fs::File) -> io::Result<Facts> {
    let told = winapi_util::file::information(file)?;
    Ok(Facts {
        dev: told.volume_serial_number(),
        ino: told.file_index(),
        nlink: u32::try_from(told.number_of_links()).unwrap_or(u32::MAX),
        ..facts_of(&file.metadata()?, Path::new(""))
    })
}

/// Facts from metadata at hand, taken without following a link. Index and link count need the file opened and stay 0
/// and 1 here; `allocated` is the size rounded up to 4 KiB clusters.
#[cfg(windows)]
pub fn facts_of(meta: &Metadata, _path: &Path) -> Facts {
    use std::os::windows::fs::MetadataExt;
    // FILE_ATTRIBUTE_REPARSE_POINT, _OFFLINE, _RECALL_ON_OPEN, _RECALL_ON_DATA_ACCESS (winnt.h)
    const REPARSE: u32 = 0x400;
    const CLOUD: u32 = 0x1000 | 0x4_0000 | 0x40_0000;
    let attributes = meta.file_attributes();
    let placeholder = attributes & CLOUD != 0;
    let kind = if attributes & REPARSE != 0 && !placeholder { Kind::Symlink } else { kind(meta) };
    let size = meta.file_size();
    // FILETIME counts 100 ns since 1601.
    let mtime = i128::from(meta.last_write_time()) * 100 - 11_644_473_600_000_000_000;
    Facts {
        kind,
        size,
        allocated: if kind == Kind::File && !placeholder { size.div_ceil(4096) * 4096 } else { 0 },
        mtime_ns: i64::try_from(mtime).unwrap_or(i64::MAX),
        dev: 0,
        ino: 0,
        nlink: 1,
        placeholder,
    }
}
