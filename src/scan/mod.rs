//! Walks the stores in parallel and fills the catalogue.

use crate::model::Catalog;
use crate::world::World;
use std::path::PathBuf;
use std::time::Duration;

/// What is scanned, and how.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// `--root` folders; empty: the defaults.
    pub roots: Vec<PathBuf>,
    /// Only stores with these names; empty: all.
    pub stores: Vec<String>,
    /// Threads for the walk; 0: one a processor.
    pub threads: usize,
    /// Leave content checks out: classes by place alone.
    pub walk_only: bool,
}

/// Where a scan stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Looking for stores.
    Finding,
    /// Walking them.
    Walking,
    /// Checking content: this many checks done, this many in all.
    Checking(usize, usize),
    /// Done.
    Done,
    /// Stopped before its end; what was found is kept, and what was not checked is at risk.
    Stopped,
}

/// A running scan. It works in its own threads; what they find enters the catalogue in [`Scan::pump`].
pub struct Scan {
    /// What was found so far.
    pub catalog: Catalog,
}

impl Scan {
    /// Starts a scan; returns before any disk access.
    pub fn start(_world: &World, _options: Options) -> Self {
        todo!()
    }

    /// Takes in what has arrived, for at most about `budget`, waiting for news no longer than that.
    pub fn pump(&mut self, _budget: Duration) -> Phase {
        todo!()
    }

    /// Where the scan stands.
    pub fn phase(&self) -> Phase {
        todo!()
    }

    /// Asks the scan to stop; what was found stays.
    pub fn stop(&self) {}

    /// Time since the start, up to the end of the scan.
    pub fn elapsed(&self) -> Duration {
        todo!()
    }

    /// Waits for the end.
    pub fn finish(mut self) -> Catalog {
        while !matches!(self.pump(Duration::from_millis(50)), Phase::Done | Phase::Stopped) {}
        self.catalog
    }
}

/// Scans and waits for the end.
pub fn run(world: &World, options: Options) -> Catalog {
    Scan::start(world, options).finish()
}
