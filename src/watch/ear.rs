//! How it is heard that something changed.

use crate::model::Watch;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Between two looks whether it is to end.
const NAP: Duration = Duration::from_secs(1);

/// What was heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// Nothing.
    Nothing,
    /// Something changed at these places.
    At(Vec<PathBuf>),
    /// It cannot be told what changed: everything is to be looked at.
    Anything,
}

/// Somebody who hears of changes.
pub trait Ear {
    /// Listens at these folders from now on, and at no others. `tops` hold all of them: where the system tells of everything
    /// below a folder, that is enough.
    fn attend(&mut self, places: &[PathBuf], tops: &[PathBuf]);
    /// Listens so long at least, then until something is heard, and no longer than at most.
    fn hear(&mut self, at_least: Duration, at_most: Duration, watch: &dyn Watch) -> Heard;
}

/// Hears nothing, so that everything is looked at again and again.
#[derive(Debug)]
pub struct Deaf;

impl Ear for Deaf {
    fn attend(&mut self, _: &[PathBuf], _: &[PathBuf]) {}

    fn hear(&mut self, at_least: Duration, at_most: Duration, watch: &dyn Watch) -> Heard {
        sleep(at_least.min(at_most), watch);
        Heard::Anything
    }
}

/// Sleeps, unless it is to end.
pub fn sleep(span: Duration, watch: &dyn Watch) {
    let until = Instant::now() + span;
    while !watch.stopped() {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return;
        }
        std::thread::sleep(left.min(NAP));
    }
}

/// Waits for something in a channel as long as it is not to end; `None`: it is, or the time is over.
pub fn next<T>(from: &std::sync::mpsc::Receiver<T>, until: Instant, watch: &dyn Watch) -> Option<T> {
    while !watch.stopped() {
        let left = until.saturating_duration_since(Instant::now());
        match from.recv_timeout(left.min(NAP)) {
            Ok(news) => return Some(news),
            Err(_) if left.is_zero() => return None,
            Err(_) => {}
        }
    }
    None
}
