//! Our own new files: written under a passing name, and given their name only when they are right.

use crate::error::{Error, Result};
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// A file of ours that has no name yet; dropped before it has one, it is gone.
#[derive(Debug)]
pub struct Partial {
    path: PathBuf,
    published: bool,
}

impl Partial {
    /// Makes the file, for the user alone. Fails where the name is taken.
    pub fn create(path: PathBuf) -> io::Result<(Self, File)> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path)?;
        Ok((Self { path, published: false }, file))
    }

    /// Where it is for now.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Gives it its name; what has that name already is never replaced.
    pub fn publish(mut self, name: &Path) -> Result<()> {
        place(&self.path, name).map_err(|e| Error::io("cannot give the file its name", name, e))?;
        self.published = true;
        Ok(())
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.published {
            discard(&self.path);
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "our own file, made by this run and never given a name")]
fn discard(path: &Path) {
    let _ = std::fs::remove_file(path);
}

#[cfg(unix)]
#[expect(clippy::disallowed_methods, reason = "our own new file, and the rename refuses to replace anything")]
fn place(from: &Path, to: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // Some file systems know no such rename; a second name is refused where one exists, just the same.
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOTSUP | rustix::io::Errno::NOSYS) => {
            std::fs::hard_link(from, to)?;
            std::fs::remove_file(from)
        }
        other => Ok(other?),
    }
}

#[cfg(windows)]
#[expect(clippy::disallowed_methods, reason = "our own new file; a second name is refused where one exists")]
fn place(from: &Path, to: &Path) -> io::Result<()> {
    std::fs::hard_link(from, to)?;
    std::fs::remove_file(from)
}

/// Brings a folder's names to the disk.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(path)?.sync_all()?;
    #[cfg(windows)]
    let _ = path;
    Ok(())
}
