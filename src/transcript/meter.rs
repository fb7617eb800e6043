//! How far the reading of a conversation is, told to another thread, which may also end it.

use super::lines::Source;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Counts the bytes that are read, and stops reading when asked to.
#[derive(Debug, Default)]
pub struct Meter {
    read: AtomicU64,
    size: AtomicU64,
    stop: AtomicBool,
}

impl Meter {
    /// How much is done, of a thousand: everything is read twice.
    pub fn per_mille(&self) -> u64 {
        let size = self.size.load(Ordering::Relaxed).max(1);
        (self.read.load(Ordering::Relaxed).saturating_mul(500) / size).min(999)
    }

    /// Lets every further reading fail.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

/// A source whose readings are counted.
pub(super) struct Metered<S> {
    source: S,
    meter: Arc<Meter>,
}

impl<S> Metered<S> {
    /// A source of so many bytes.
    pub fn new(source: S, size: u64, meter: Arc<Meter>) -> Self {
        meter.size.fetch_add(size, Ordering::Relaxed);
        Self { source, meter }
    }
}

impl<S: Source> Read for Metered<S> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.meter.stop.load(Ordering::Relaxed) {
            return Err(io::Error::other("not wanted any more"));
        }
        let n = self.source.read(into)?;
        self.meter.read.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

impl<S: Source> Seek for Metered<S> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.source.seek(to)
    }
}
