//! Where the bytes of a store's files are: on this machine's disk, or on a disk image that lies there.

use crate::image::{Content, Known};
use crate::model::Facts;
use crate::platform::{self, Times};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where the bytes of a store's files are. Nothing that rules ask of it follows a link.
#[derive(Debug, Clone)]
pub enum Ground {
    /// On this machine's disk, below this folder.
    Disk(PathBuf),
    /// On a disk image.
    Image(Arc<Known>),
}

/// A file that is open, wherever it is.
#[derive(Debug)]
pub enum Bytes {
    /// On this machine's disk.
    Disk(File),
    /// On a disk image.
    Image(Content),
}

impl Read for Bytes {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Disk(file) => file.read(into),
            Self::Image(content) => content.read(into),
        }
    }
}

impl Ground {
    /// Opens a regular file.
    pub fn open(&self, path: &Path) -> io::Result<Bytes> {
        match self {
            Self::Disk(root) => platform::open_beneath(root, path).map(Bytes::Disk),
            Self::Image(known) => known.content(path).map(Bytes::Image),
        }
    }

    /// What the file system says about a path.
    pub fn facts(&self, path: &Path) -> io::Result<Facts> {
        match self {
            Self::Disk(_) => platform::facts(path),
            Self::Image(known) => known.facts(path),
        }
    }

    /// The times of a path.
    pub fn times(&self, path: &Path) -> io::Result<Times> {
        match self {
            Self::Disk(_) => platform::times(path),
            Self::Image(known) => known.times(path),
        }
    }

    /// Where a link points.
    pub fn link(&self, path: &Path) -> io::Result<PathBuf> {
        match self {
            Self::Disk(root) => platform::read_link_beneath(root, path),
            Self::Image(known) => known.link(path),
        }
    }

    /// Where everything on it begins.
    pub fn root(&self) -> &Path {
        match self {
            Self::Disk(root) => root,
            Self::Image(known) => &known.top,
        }
    }
}
