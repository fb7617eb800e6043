//! How long work tells of itself, and how it is stopped.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Where a deed stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// What is being done, as one word or two (`Backing up`).
    pub verb: &'static str,
    /// Files done.
    pub files: u64,
    /// Files in all, where that is known.
    pub files_total: Option<u64>,
    /// Bytes done.
    pub bytes: u64,
    /// Bytes in all, where that is known.
    pub bytes_total: Option<u64>,
    /// Items passed over.
    pub skipped: u64,
    /// Which larger thing it is at (a session), by name.
    pub name: String,
    /// Which of how many that is.
    pub of: Option<(u64, u64)>,
}

/// Somebody who watches a deed and may stop it.
pub trait Watch: Send + Sync {
    /// Told now and then how far the deed is.
    fn at(&self, progress: &Progress);
    /// Asked before each item; yes stops the deed after the item in hand.
    fn stopped(&self) -> bool;
}

/// A watcher that says nothing and never stops.
#[derive(Debug, Default)]
pub struct Quiet;

impl Watch for Quiet {
    fn at(&self, _: &Progress) {}
    fn stopped(&self) -> bool {
        false
    }
}

/// A flag that asks running work to stop; clones share it.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Asks the work to stop.
    pub fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was asked to stop.
    pub fn is_stopped(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
