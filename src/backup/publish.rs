//! Our own new files: written under a passing name, and given their name only when they are right.

use crate::error::Result;
use crate::vault::own;
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
        own::publish(&self.path, name)?;
        self.published = true;
        Ok(())
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.published {
            own::discard(&self.path);
        }
    }
}
