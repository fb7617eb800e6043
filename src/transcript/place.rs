//! Where a part of a conversation is read from: a file, or lines laid out from what is no lines.

use super::facts::SourceFile;
use super::lines::{Extent, Source};
use super::tap::{Tap, Tapped};
use crate::error::{Error, Result};
use crate::platform;
use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// Where a part of a conversation is read from.
#[derive(Debug, Clone)]
pub enum Place {
    /// A file; below the folder no link is followed.
    File {
        /// The folder.
        root: PathBuf,
        /// The file's path, below the folder.
        path: PathBuf,
    },
    /// Lines that were laid out.
    Laid(Arc<Laid>),
}

/// Lines that were laid out in a file which has no name and is gone with this.
#[derive(Debug)]
pub struct Laid {
    /// What they were laid out from.
    pub of: SourceFile,
    file: Mutex<File>,
}

impl Place {
    /// A file below a folder.
    pub fn file(root: &Path, path: &Path) -> Self {
        Self::File { root: root.to_path_buf(), path: path.to_path_buf() }
    }

    /// The path that is told to people.
    pub fn path(&self) -> &Path {
        match self {
            Self::File { path, .. } => path,
            Self::Laid(laid) => &laid.of.path,
        }
    }

    /// Opens it to be read, which somebody watches.
    pub fn open<'t>(&self, tap: &Arc<dyn Tap + 't>) -> io::Result<Box<dyn Source + 't>> {
        Ok(match self {
            Self::File { root, path } => Box::new(Tapped::new(platform::open_beneath(root, path)?, tap)?),
            Self::Laid(laid) => Box::new(Reader { laid: laid.clone(), at: 0, tap: tap.clone() }),
        })
    }
}

/// Lines while they are laid out.
pub struct Laying<'t> {
    out: BufWriter<File>,
    left: u64,
    tap: Arc<dyn Tap + 't>,
}

impl<'t> Laying<'t> {
    /// None yet. The file has no name from the start, so that nothing of it is left behind whatever happens.
    pub fn new(extent: Extent, tap: &Arc<dyn Tap + 't>) -> Result<Self> {
        let file = tempfile::tempfile().map_err(|e| Error::io("cannot lay the conversation out", std::env::temp_dir(), e))?;
        Ok(Self { out: BufWriter::with_capacity(1 << 16, file), left: extent.end(), tap: tap.clone() })
    }

    /// Whether no more are wanted.
    pub fn is_full(&self) -> bool {
        self.left == 0
    }

    /// Tells how much of the source was read; an error ends the reading.
    pub fn took(&self, bytes: u64) -> io::Result<()> {
        // What else is told of is read twice.
        self.tap.read(2 * bytes)
    }

    /// All of them, laid out from this.
    pub fn done(mut self, of: SourceFile) -> io::Result<Place> {
        self.out.flush()?;
        let file = self.out.into_inner().map_err(io::IntoInnerError::into_error)?;
        Ok(Place::Laid(Arc::new(Laid { of, file: Mutex::new(file) })))
    }
}

impl Write for Laying<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.out.write(bytes)?;
        self.left = self.left.saturating_sub(n as u64);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// One of those that read the same lines, each at its own place.
struct Reader<'t> {
    laid: Arc<Laid>,
    at: u64,
    tap: Arc<dyn Tap + 't>,
}

impl Reader<'_> {
    fn file<T>(&self, with: impl FnOnce(&mut File) -> io::Result<T>) -> io::Result<T> {
        with(&mut *self.laid.file.lock().map_err(|_| io::Error::other("another reader broke off"))?)
    }
}

impl Read for Reader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.file(|file| {
            file.seek(SeekFrom::Start(self.at))?;
            file.read(buffer)
        })?;
        self.at += n as u64;
        self.tap.read(0)?;
        Ok(n)
    }
}

impl Seek for Reader<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::Current(by) => self.at.saturating_add_signed(by),
            SeekFrom::End(by) => self.file(|file| file.seek(SeekFrom::End(0)))?.saturating_add_signed(by),
        };
        Ok(self.at)
    }
}
