//! Tells a watcher how far a deed is, now and then.

use crate::model::{Progress, Watch};

/// Counts, and tells the watcher every few files or megabytes.
pub struct Teller<'a> {
    watch: &'a dyn Watch,
    at: Progress,
    told: (u64, u64),
}

impl<'a> Teller<'a> {
    /// Begins to tell of a deed of so many files and bytes, where that is known.
    pub fn new(watch: &'a dyn Watch, verb: &'static str, total: Option<(u64, u64)>) -> Self {
        let at = Progress { verb, files_total: total.map(|t| t.0), bytes_total: total.map(|t| t.1), ..Progress::default() };
        watch.at(&at);
        Self { watch, at, told: (0, 0) }
    }

    /// One more thing done.
    pub fn file(&mut self) {
        self.at.files += 1;
        self.now_and_then();
    }

    /// So many more bytes done.
    pub fn bytes(&mut self, count: u64) {
        self.at.bytes += count;
        self.now_and_then();
    }

    /// One more thing passed over.
    pub fn skipped(&mut self) {
        self.at.skipped += 1;
    }

    fn now_and_then(&mut self) {
        if self.at.files >= self.told.0 + 64 || self.at.bytes >= self.told.1 + (4 << 20) {
            self.end();
        }
    }

    /// Tells the watcher where the deed stands.
    pub fn end(&mut self) {
        self.told = (self.at.files, self.at.bytes);
        self.watch.at(&self.at);
    }

    /// Whether the watcher wants it stopped.
    pub fn stopped(&self) -> bool {
        self.watch.stopped()
    }
}
