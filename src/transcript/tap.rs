//! Watches a conversation being read: how far it is, and whether to go on.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Watches the reading of files.
pub trait Tap: Send + Sync {
    /// A file of so many bytes was opened to be read.
    fn opened(&self, _bytes: u64) {}
    /// So many bytes were read; an error ends the reading.
    fn read(&self, bytes: u64) -> io::Result<()>;
}

/// Lets everything through.
#[derive(Debug)]
pub struct Open;

impl Tap for Open {
    fn read(&self, _: u64) -> io::Result<()> {
        Ok(())
    }
}

/// How far the reading of a conversation is, told to another thread, which may also end it.
#[derive(Debug, Default)]
pub struct Meter {
    read: AtomicU64,
    size: AtomicU64,
    stop: AtomicBool,
}

impl Meter {
    /// How much is done, of a thousand: a file is opened as often as it is read.
    pub fn per_mille(&self) -> u64 {
        let size = self.size.load(Ordering::Relaxed).max(1);
        (self.read.load(Ordering::Relaxed).saturating_mul(1000) / size).min(999)
    }

    /// Lets every further reading fail.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

impl Tap for Meter {
    fn opened(&self, bytes: u64) {
        self.size.fetch_add(bytes, Ordering::Relaxed);
    }

    fn read(&self, bytes: u64) -> io::Result<()> {
        self.read.fetch_add(bytes, Ordering::Relaxed);
        if self.stop.load(Ordering::Relaxed) { Err(io::Error::other("not wanted any more")) } else { Ok(()) }
    }
}

/// A file whose reading is watched.
pub struct Tapped<'t> {
    file: File,
    tap: Arc<dyn Tap + 't>,
}

impl<'t> Tapped<'t> {
    /// A file that was just opened, and who watches it.
    pub fn new(file: File, tap: &Arc<dyn Tap + 't>) -> io::Result<Self> {
        tap.opened(file.metadata()?.len());
        Ok(Self { file, tap: tap.clone() })
    }
}

impl Read for Tapped<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.file.read(buffer)?;
        self.tap.read(n as u64)?;
        Ok(n)
    }
}

impl Seek for Tapped<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}
