//! Hears from the system what changed, and looks for itself where the system does not tell.

use super::ear::{Ear, Heard, next, sleep};
use crate::model::Watch;
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// Where the system refused to listen, everything is looked at this often.
const BLIND: Duration = Duration::from_secs(10);

/// Whether the system tells of everything below a folder at no cost; else each folder is listened at by itself.
const DEEP: bool = cfg!(any(windows, target_os = "macos"));

/// An ear of the system's.
pub struct Listening {
    watcher: RecommendedWatcher,
    heard: Receiver<notify::Result<Event>>,
    at: BTreeSet<PathBuf>,
    /// Somewhere it does not hear.
    blind: bool,
}

impl Listening {
    /// One that listens nowhere yet; `None` where the system has none.
    pub fn new() -> Option<Self> {
        let (send, heard) = channel();
        let tell = move |event: notify::Result<Event>| {
            // Reading is no change; whoever listened is gone at the end only.
            if !matches!(&event, Ok(e) if e.kind.is_access()) {
                let _ = send.send(event);
            }
        };
        let watcher = RecommendedWatcher::new(tell, notify::Config::default().with_follow_symlinks(false)).ok()?;
        Some(Self { watcher, heard, at: BTreeSet::new(), blind: false })
    }

    fn listen(&mut self, place: &Path) -> bool {
        let mode = if DEEP { RecursiveMode::Recursive } else { RecursiveMode::NonRecursive };
        match self.watcher.watch(place, mode) {
            Ok(()) => true,
            // Of what is gone there is nothing to hear.
            Err(e) => {
                self.blind |= !gone(&e) && crate::platform::facts(place).is_ok();
                false
            }
        }
    }
}

fn gone(error: &notify::Error) -> bool {
    match &error.kind {
        notify::ErrorKind::PathNotFound => true,
        notify::ErrorKind::Io(e) => e.kind() == std::io::ErrorKind::NotFound,
        _ => false,
    }
}

impl Ear for Listening {
    fn attend(&mut self, places: &[PathBuf], tops: &[PathBuf]) {
        let wanted: BTreeSet<PathBuf> = if DEEP { tops } else { places }.iter().cloned().collect();
        for old in self.at.difference(&wanted).cloned().collect::<Vec<_>>() {
            // It may be gone, and with it the listening.
            let _ = self.watcher.unwatch(&old);
            self.at.remove(&old);
        }
        self.blind = false;
        for new in wanted {
            if !self.at.contains(&new) && self.listen(&new) {
                self.at.insert(new);
            }
        }
    }

    fn hear(&mut self, at_least: Duration, at_most: Duration, watch: &dyn Watch) -> Heard {
        let began = Instant::now();
        let most = if self.blind { at_most.min(BLIND.max(at_least)) } else { at_most };
        let mut paths = BTreeSet::new();
        let mut lost = false;
        if let Some(first) = next(&self.heard, began + most, watch) {
            sleep(at_least.saturating_sub(began.elapsed()), watch);
            for event in std::iter::once(first).chain(std::iter::from_fn(|| self.heard.try_recv().ok())) {
                match event {
                    Ok(event) => {
                        lost |= event.need_rescan();
                        // A folder that came anew under an old name is listened at again.
                        if matches!(event.kind, EventKind::Remove(_) | EventKind::Modify(notify::event::ModifyKind::Name(_))) {
                            self.at.retain(|place| !event.paths.contains(place));
                        }
                        paths.extend(event.paths);
                    }
                    Err(_) => lost = true,
                }
            }
        }
        match (lost || self.blind, paths.is_empty()) {
            (true, _) => Heard::Anything,
            (false, true) => Heard::Nothing,
            (false, false) => Heard::At(paths.into_iter().collect()),
        }
    }
}
