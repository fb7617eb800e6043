//! Bytes that can be read anywhere: a file, a part of one, a container's disk.

use crate::platform::read_exact_at;
use std::fmt::Debug;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes that can be read anywhere, by several threads.
pub trait Source: Send + Sync + Debug {
    /// How many there are.
    fn size(&self) -> u64;
    /// Fills `into` from `at` on; an error where they end before.
    fn read_at(&self, at: u64, into: &mut [u8]) -> io::Result<()>;
}

/// So many bytes from a place on.
pub fn bytes_at(source: &dyn Source, at: u64, count: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; count];
    source.read_at(at, &mut bytes)?;
    Ok(bytes)
}

/// A file as it is.
#[derive(Debug)]
pub struct Plain {
    file: File,
    size: u64,
}

impl Plain {
    /// A file that is open; how long it is now is how long it is taken for.
    pub fn new(file: File) -> io::Result<Self> {
        let size = file.metadata()?.len();
        Ok(Self { file, size })
    }
}

impl Source for Plain {
    fn size(&self) -> u64 {
        self.size
    }
    fn read_at(&self, at: u64, into: &mut [u8]) -> io::Result<()> {
        read_exact_at(&self.file, at, into)
    }
}

/// A part of another source: a partition.
#[derive(Debug)]
pub struct Part {
    /// What it is a part of.
    pub whole: Arc<dyn Source>,
    /// Where it begins.
    pub from: u64,
    /// How long it is.
    pub size: u64,
}

impl Source for Part {
    fn size(&self) -> u64 {
        self.size
    }
    fn read_at(&self, at: u64, into: &mut [u8]) -> io::Result<()> {
        let inside = at.checked_add(into.len() as u64).is_some_and(|end| end <= self.size);
        let from = self.from.checked_add(at).filter(|_| inside).ok_or(io::ErrorKind::UnexpectedEof)?;
        self.whole.read_at(from, into)
    }
}

/// A disk that a container's reader gives at one place at a time.
pub struct Turns<R> {
    reader: Mutex<R>,
    size: u64,
}

impl<R> Debug for Turns<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Turns").field("size", &self.size).finish_non_exhaustive()
    }
}

impl<R: Read + Seek + Send> Turns<R> {
    /// A reader, and how long its disk is.
    pub fn new(reader: R, size: u64) -> Self {
        Self { reader: Mutex::new(reader), size }
    }
}

impl<R: Read + Seek + Send> Source for Turns<R> {
    fn size(&self) -> u64 {
        self.size
    }
    fn read_at(&self, at: u64, into: &mut [u8]) -> io::Result<()> {
        // The readers compute with offsets they do not check themselves.
        if at.checked_add(into.len() as u64).is_none_or(|end| end > self.size) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        reader.seek(SeekFrom::Start(at))?;
        reader.read_exact(into)
    }
}

/// A file for the readers of containers, which fill tables as long as the file says: none longer than this is given.
#[derive(Debug)]
pub struct Guarded {
    file: File,
    most: Arc<AtomicUsize>,
}

impl Guarded {
    /// A file, and the most bytes that are read at once, which can be lowered later.
    pub fn new(file: File, most: usize) -> (Self, Arc<AtomicUsize>) {
        let most = Arc::new(AtomicUsize::new(most));
        (Self { file, most: Arc::clone(&most) }, most)
    }
}

impl Read for Guarded {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.len() > self.most.load(Ordering::Relaxed) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a table in it is longer than any can be"));
        }
        self.file.read(into)
    }
}

impl Seek for Guarded {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}
