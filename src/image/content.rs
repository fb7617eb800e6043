//! A file's content, piece by piece.

use super::runs::Run;
use super::source::Source;
use std::io::{self, Read};
use std::sync::Arc;

/// A file's content; holes and blocks that were never written read as zeros.
#[derive(Debug)]
pub struct Content {
    source: Arc<dyn Source>,
    block: u64,
    runs: Vec<Run>,
    next: usize,
    at: u64,
    size: u64,
}

impl Content {
    pub(super) fn new(source: Arc<dyn Source>, block: u64, runs: Vec<Run>, size: u64) -> Self {
        Self { source, block, runs, next: 0, at: 0, size }
    }

    /// Bytes in all.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Whether what comes next is a hole, and how long that or the run goes on.
    fn ahead(&mut self) -> (Option<u64>, u64) {
        let left = self.size - self.at;
        while let Some(run) = self.runs.get(self.next) {
            let (from, length) = (run.from.saturating_mul(self.block), run.count.saturating_mul(self.block));
            if self.at < from {
                return (None, left.min(from - self.at));
            }
            let within = self.at - from;
            if within < length {
                return (Some(run.at * self.block + within), left.min(length - within));
            }
            self.next += 1;
        }
        (None, left)
    }
}

/// The longest piece that is read at once.
const PIECE: usize = 1 << 20;

impl Read for Content {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.size || into.is_empty() {
            return Ok(0);
        }
        let (place, goes_on) = self.ahead();
        let take = usize::try_from(goes_on).unwrap_or(usize::MAX).min(into.len()).min(PIECE);
        let now = into.get_mut(..take).unwrap_or_default();
        match place {
            Some(place) => self.source.read_at(place, now)?,
            None => now.fill(0),
        }
        self.at += take as u64;
        Ok(take)
    }
}
