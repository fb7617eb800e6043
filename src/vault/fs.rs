//! The few operations on a disk that the vault is made of, so that a test can stand in for the disk.

use crate::model::Facts;
use std::io;
use std::path::{Path, PathBuf};

/// A disk as the vault uses it. No operation follows a link in its last name, and none replaces anything.
pub trait Fs {
    /// A folder held open.
    type Dir;
    /// A journal held open.
    type Log;

    /// Opens a folder by its path; a link as its last part is refused.
    fn top(&self, path: &Path) -> io::Result<Self::Dir>;
    /// Opens a store's own root, which may be reached through links that the user made: gives its real path and the
    /// folder, so that both stay the same place whatever becomes of the links.
    fn root(&self, path: &Path) -> io::Result<(PathBuf, Self::Dir)>;
    /// Opens a folder in a folder; `.` is a second handle on the folder itself.
    fn folder(&self, dir: &Self::Dir, name: &[u8]) -> io::Result<Self::Dir>;
    /// Opens the folder at a relative path of plain names below an open one, no link on the way; an empty path is a
    /// second handle on the open one.
    fn down(&self, top: &Self::Dir, path: &Path) -> io::Result<Self::Dir> {
        let mut at = None;
        for name in parts(path)? {
            at = Some(self.folder(at.as_ref().unwrap_or(top), &name)?);
        }
        at.map_or_else(|| self.folder(top, b"."), Ok)
    }
    /// Opens the folder that a folder is in; the caller compares its identity.
    fn up(&self, dir: &Self::Dir) -> io::Result<Self::Dir>;
    /// What the file system says about a name in a folder.
    fn facts(&self, dir: &Self::Dir, name: &[u8]) -> io::Result<Facts>;
    /// What the file system says about an open folder.
    fn own(&self, dir: &Self::Dir) -> io::Result<Facts>;
    /// An open folder's permission bits; 0o700 where there are none.
    fn mode(&self, dir: &Self::Dir) -> io::Result<u32>;
    /// Whether an open folder is this user's and nobody else may look into it or change it.
    fn private(&self, dir: &Self::Dir) -> io::Result<bool>;
    /// Every name in a folder, in no order.
    fn list(&self, dir: &Self::Dir) -> io::Result<Vec<(Vec<u8>, Facts)>>;
    /// Makes a folder in a folder with these permission bits.
    fn make(&self, dir: &Self::Dir, name: &[u8], mode: u32) -> io::Result<()>;
    /// Makes a folder and what is missing above it, all for this user alone; gives those it made, outermost first.
    #[track_caller]
    fn make_all(&self, path: &Path) -> io::Result<Vec<PathBuf>>;
    /// Makes an empty file.
    fn touch(&self, dir: &Self::Dir, name: &[u8]) -> io::Result<()>;
    /// Moves a name from a folder to another; what is there already stays, and the move fails.
    fn rename(&self, from: &Self::Dir, name: &[u8], to: &Self::Dir, as_name: &[u8]) -> io::Result<()>;
    /// Removes a name that is not a folder.
    fn unlink(&self, dir: &Self::Dir, name: &[u8]) -> io::Result<()>;
    /// Removes an empty folder.
    fn rmdir(&self, dir: &Self::Dir, name: &[u8]) -> io::Result<()>;
    /// Gives this user every right to a folder.
    fn unlock(&self, dir: &Self::Dir, name: &[u8]) -> io::Result<()>;
    /// Sets an open folder's time of last change, nanoseconds since 1970.
    fn set_time(&self, dir: &Self::Dir, mtime_ns: i64) -> io::Result<()>;
    /// Makes what happened in a folder last.
    #[track_caller]
    fn sync(&self, dir: &Self::Dir) -> io::Result<()>;
    /// Where file systems are mounted, by real path; empty where the system does not tell.
    fn mounts(&self) -> Vec<PathBuf>;

    /// Opens a journal in a folder, a new one (which must not be there yet) or an old one.
    fn log(&self, dir: &Self::Dir, name: &[u8], new: bool) -> io::Result<Self::Log>;
    /// Everything in a journal.
    fn read(&self, log: &Self::Log) -> io::Result<Vec<u8>>;
    /// Adds to the end of a journal.
    fn append(&self, log: &Self::Log, bytes: &[u8]) -> io::Result<()>;
    /// Makes room for so many more bytes beyond a journal's end; nothing where the disk cannot.
    fn reserve(&self, log: &Self::Log, bytes: u64) -> io::Result<()>;
    /// Makes what was added last.
    #[track_caller]
    fn sync_log(&self, log: &Self::Log) -> io::Result<()>;
    /// Cuts a journal off at a length.
    fn cut(&self, log: &Self::Log, length: u64) -> io::Result<()>;
}

/// The names of a path below a root, as bytes; a path with anything but plain names is refused.
pub(super) fn parts(path: &Path) -> io::Result<Vec<Vec<u8>>> {
    path.components()
        .map(|part| match part {
            std::path::Component::Normal(name) => Ok(crate::model::to_bytes(name).into_owned()),
            _ => Err(io::Error::new(io::ErrorKind::InvalidInput, "the path leaves the folder it should be in")),
        })
        .collect()
}
