//! A file's clone: the same blocks under another inode, made at once and without room, where the file system can.

use std::fs::File;
use std::io;
use std::path::Path;

/// A clone of a file as it is at this moment. It has no name and is gone with the program. An error where the file system
/// cannot clone: never a copy.
#[cfg(target_os = "linux")]
pub fn clone_of(path: &Path) -> io::Result<File> {
    let from = File::open(path)?;
    let clone = tempfile::tempfile_in(path.parent().unwrap_or(Path::new("/")))?;
    rustix::fs::ioctl_ficlone(&clone, &from)?;
    Ok(clone)
}

/// A clone of a file as it is at this moment. It lies in a private folder that is gone when this returns, the file with
/// the program. An error where the file system cannot clone: never a copy.
#[cfg(target_os = "macos")]
pub fn clone_of(path: &Path) -> io::Result<File> {
    use rustix::fs::{CloneFlags, fclonefileat};
    let from = File::open(path)?;
    let folder = tempfile::tempdir()?;
    fclonefileat(&from, File::open(folder.path())?, "clone", CloneFlags::empty())?;
    File::open(folder.path().join("clone"))
}

/// A clone of a file: not made on this platform.
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
pub fn clone_of(_path: &Path) -> io::Result<File> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "files are not cloned on this system"))
}
