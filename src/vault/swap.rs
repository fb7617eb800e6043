//! A file that was made anew takes the place of the one it was made from.

use super::fs::Fs;
use super::real::Real;
use crate::error::{Error, Result};
use crate::model::to_bytes;
use crate::platform::{Folder, facts};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// What an old file begins with once another is in its place.
const REPLACED: &[u8] = b"replaced by a packed copy of itself; open the database again\n";

/// The old file, by another name beside the new one, until it is let go.
#[derive(Debug)]
pub struct Swapped {
    /// Where the new file is.
    place: PathBuf,
    /// Where the old one is; `None` where the file system has no second names.
    aside: Option<PathBuf>,
}

/// Puts `new`, which must be whole, synced and in the same folder, in the place of `place`. The old file keeps the name
/// `aside`, where nothing may be. At every moment one of the two is at `place`, whole.
#[expect(clippy::disallowed_methods, reason = "the new file takes the place of the one it was made from, which keeps a second name")]
pub fn swap(new: &Path, place: &Path, aside: &Path) -> Result<Swapped> {
    let failed = |e| Error::io("cannot put the new file in the place of the old one", place, e);
    let aside = match std::fs::hard_link(place, aside) {
        Ok(()) => Some(aside.to_path_buf()),
        Err(e) if matches!(e.kind(), io::ErrorKind::Unsupported | io::ErrorKind::PermissionDenied) => None,
        Err(e) => return Err(failed(e)),
    };
    let swapped = Swapped { place: place.to_path_buf(), aside };
    let done = std::fs::rename(new, place).and_then(|()| sync_folder(place));
    match done {
        Ok(()) => Ok(swapped),
        Err(e) => {
            swapped.aside.iter().for_each(|aside| remove(aside));
            Err(failed(e))
        }
    }
}

impl Swapped {
    /// The old file is let go; its space is free once nobody has it open. Whoever opened it a moment before the swap reads an
    /// error from now on, and writes nothing where nobody would look again.
    pub fn let_go(self) {
        let Some(aside) = &self.aside else { return };
        let apart = matches!((facts(aside), facts(&self.place)), (Ok(old), Ok(new)) if (old.dev, old.ino) != (new.dev, new.ino));
        if apart {
            let ended = std::fs::File::options().write(true).open(aside).and_then(|mut old| {
                old.write_all(REPLACED)?;
                old.sync_all()
            });
            // Where it cannot be written to, nobody else can either.
            drop(ended);
        }
        remove(aside);
    }

    /// The old file goes back to its place; whether it could.
    #[expect(clippy::disallowed_methods, reason = "the old file goes back to its own place")]
    pub fn take_back(self) -> bool {
        self.aside.is_some_and(|aside| std::fs::rename(aside, &self.place).and_then(|()| sync_folder(&self.place)).is_ok())
    }
}

/// Exchanges two files of one folder in one step: at every moment each of the names has one of them, whole. An error where
/// the file system cannot, and then nothing has changed.
#[cfg(any(target_os = "linux", target_os = "android", target_os = "macos"))]
#[expect(clippy::disallowed_methods, reason = "both files keep a name")]
pub fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)?;
    sync_folder(one)
}

/// Exchanges two files of one folder in one step: not known on this platform.
#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "macos")))]
pub fn exchange(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Removes the files that an interrupted swap left beside a file: the unfinished new one, or the old one's second name.
pub fn tidy(left: &[PathBuf]) {
    for path in left {
        remove(path);
    }
}

fn remove(path: &Path) {
    if let (Some(folder), Some(name)) = (path.parent(), path.file_name()) {
        let _ = Folder::open_top(folder).and_then(|folder| Real.unlink(&folder, &to_bytes(name)));
    }
}

fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if cfg!(unix) => std::fs::File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}
