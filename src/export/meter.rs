//! How far the export of one session is.

use super::select::Chosen;
use crate::model::{Progress, Watch};
use crate::transcript::Tap;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts what was read and copied, and tells it on.
pub struct Meter<'w> {
    watch: &'w dyn Watch,
    all: Progress,
    /// Bytes of the conversation's files, each of which is read twice.
    conversation: u64,
    read: AtomicU64,
    copied: AtomicU64,
    files: AtomicU64,
}

impl<'w> Meter<'w> {
    /// One for a conversation of so many bytes and these files.
    pub fn new(verb: &'static str, conversation: u64, chosen: &[Chosen], watch: &'w dyn Watch) -> Self {
        let bytes = conversation + chosen.iter().map(|c| c.bytes).sum::<u64>();
        let all = Progress { verb, files_total: Some(chosen.len() as u64), bytes_total: Some(bytes), ..Progress::default() };
        let [read, copied, files] = Default::default();
        Self { watch, all, conversation, read, copied, files }
    }

    /// A file was copied, or is there already.
    pub fn copied(&self, bytes: u64) {
        self.copied.fetch_add(bytes, Ordering::Relaxed);
        self.files.fetch_add(1, Ordering::Relaxed);
        self.tell();
    }

    fn tell(&self) {
        let files = self.files.load(Ordering::Relaxed);
        // What stands in several places is read more often.
        let read = if files > 0 { self.conversation } else { (self.read.load(Ordering::Relaxed) / 2).min(self.conversation) };
        self.watch.at(&Progress { files, bytes: read + self.copied.load(Ordering::Relaxed), ..self.all.clone() });
    }
}

/// Counts the bytes of the conversation as they are read, and ends the reading when it is stopped.
impl Tap for &Meter<'_> {
    fn read(&self, bytes: u64) -> io::Result<()> {
        self.read.fetch_add(bytes, Ordering::Relaxed);
        self.tell();
        if self.watch.stopped() { Err(io::Error::other("stopped")) } else { Ok(()) }
    }
}
