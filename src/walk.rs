//! The parallel walk: names and facts of everything below some folders, nothing opened, no link followed, no mount
//! crossed.

use crate::held::{Held, Way};
use crate::model::{Facts, Kind, Stop};
use crate::platform::Folder;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// A number the walk gives each folder, so that its content can be told of later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FolderKey(pub u32);

/// One name of a listing.
#[derive(Debug)]
pub struct Entry {
    /// Where its bytes end in the listing's names; they begin where the entry before ends.
    end: usize,
    /// What the file system says about it.
    pub facts: Facts,
    /// For a folder that will be listed too: its key.
    pub key: Option<FolderKey>,
    /// Another file system is mounted here; it is not entered.
    pub mount: bool,
}

/// What one folder holds.
#[derive(Debug)]
pub struct Listing {
    /// The folder.
    pub key: FolderKey,
    /// The bytes of all names, one after the other.
    names: Vec<u8>,
    /// What it holds, in the file system's order.
    entries: Vec<Entry>,
    /// Names (empty: the folder itself) that could not be read, and why.
    pub errors: Vec<(Vec<u8>, String)>,
}

impl Listing {
    /// A listing that another walk made: of a folder with this key, and what is in it.
    pub fn told(key: FolderKey, named: impl Iterator<Item = (Vec<u8>, Facts, Option<FolderKey>)>) -> Self {
        let mut listing = Self { key, names: Vec::new(), entries: Vec::new(), errors: Vec::new() };
        for (name, facts, key) in named {
            listing.names.extend_from_slice(&name);
            listing.entries.push(Entry { end: listing.names.len(), facts, key, mount: false });
        }
        listing
    }

    /// Every name in the folder, as `model::to_bytes` makes them, with what is known of it.
    pub fn entries(&self) -> impl Iterator<Item = (&[u8], &Entry)> {
        let mut from = 0;
        self.entries.iter().map(move |entry| {
            let name = &self.names[from..entry.end];
            from = entry.end;
            (name, entry)
        })
    }
}

/// Folders to list, handed from worker to worker: the newest first, so that few folders are held open.
struct Job {
    key: FolderKey,
    at: Place,
}

enum Place {
    Top(PathBuf),
    Below(Arc<Held>, Vec<u8>),
}

struct Shared {
    jobs: Mutex<Vec<Job>>,
    news: Condvar,
    /// Jobs not finished yet, waiting or in hand.
    open: AtomicUsize,
    idle: AtomicUsize,
    held: Arc<AtomicUsize>,
    next_key: AtomicU32,
    enter: Enter,
    stop: Stop,
}

/// Whether a folder is entered, by its name.
pub type Enter = Box<dyn Fn(&[u8]) -> bool + Send + Sync>;

/// How many names a worker gathers before it hands them over.
const PORTION: usize = 512;

/// Walks these folders with so many threads, entering every folder below them whose name `enter` says yes to. A
/// parent's listing always arrives before its children's. The channel closes when the walk is over or stopped.
pub fn walk(
    tops: Vec<(FolderKey, PathBuf)>,
    threads: usize,
    enter: impl Fn(&[u8]) -> bool + Send + Sync + 'static,
    stop: &Stop,
) -> Receiver<Vec<Listing>> {
    let (send, receive) = sync_channel(64);
    let next = tops.iter().map(|(k, _)| k.0 + 1).max().unwrap_or(0);
    let shared = Arc::new(Shared {
        open: AtomicUsize::new(tops.len()),
        jobs: Mutex::new(tops.into_iter().rev().map(|(key, path)| Job { key, at: Place::Top(path) }).collect()),
        news: Condvar::new(),
        idle: AtomicUsize::new(0),
        held: Arc::new(AtomicUsize::new(0)),
        next_key: AtomicU32::new(next),
        enter: Box::new(enter),
        stop: stop.clone(),
    });
    for _ in 0..threads.max(1) {
        let (shared, send) = (Arc::clone(&shared), send.clone());
        std::thread::spawn(move || {
            Worker { shared: &shared, send, mine: Vec::new(), ready: Vec::new(), gathered: 0, buffer: Vec::new(), way: Way::default() }
                .run();
        });
    }
    receive
}

struct Worker<'a> {
    shared: &'a Shared,
    send: SyncSender<Vec<Listing>>,
    mine: Vec<Job>,
    ready: Vec<Listing>,
    gathered: usize,
    buffer: Vec<u8>,
    way: Way,
}

impl Worker<'_> {
    fn run(mut self) {
        while let Some(job) = self.next() {
            if !self.shared.stop.is_stopped() {
                self.list(&job);
                self.share();
            }
            if self.shared.open.fetch_sub(1, Ordering::AcqRel) == 1 {
                self.shared.news.notify_all();
            }
            if self.gathered >= PORTION && !self.hand_over() {
                self.shared.stop.stop();
            }
        }
        self.hand_over();
    }

    fn next(&mut self) -> Option<Job> {
        if let Some(job) = self.mine.pop() {
            return Some(job);
        }
        self.hand_over();
        self.shared.idle.fetch_add(1, Ordering::AcqRel);
        let mut jobs = self.shared.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let job = loop {
            if let Some(job) = jobs.pop() {
                break Some(job);
            }
            if self.shared.open.load(Ordering::Acquire) == 0 {
                break None;
            }
            jobs = self.shared.news.wait_timeout(jobs, Duration::from_millis(5)).unwrap_or_else(PoisonError::into_inner).0;
        };
        self.shared.idle.fetch_sub(1, Ordering::AcqRel);
        job
    }

    /// Gives half of our own jobs away when somebody has none. What we know of their parents is handed over first,
    /// so that a parent's listing arrives before its children's.
    fn share(&mut self) {
        if self.mine.len() < 2 || self.shared.idle.load(Ordering::Acquire) == 0 {
            return;
        }
        // The way to a folder that is not held open is short only from here.
        let open = |job: &&Job| matches!(&job.at, Place::Below(above, _) if above.is_open());
        let some = self.mine.iter().take(self.mine.len() / 2).take_while(open).count();
        if some > 0 && self.hand_over() {
            let mut jobs = self.shared.jobs.lock().unwrap_or_else(PoisonError::into_inner);
            jobs.extend(self.mine.drain(..some));
            drop(jobs);
            self.shared.news.notify_all();
        }
    }

    fn hand_over(&mut self) -> bool {
        self.gathered = 0;
        self.ready.is_empty() || self.send.send(std::mem::take(&mut self.ready)).is_ok()
    }

    fn list(&mut self, job: &Job) {
        let mut listing = Listing { key: job.key, names: Vec::new(), entries: Vec::new(), errors: Vec::new() };
        let opened = match &job.at {
            Place::Top(path) => Folder::open_top(path).and_then(|f| Ok((f.own_facts()?.dev, f))),
            Place::Below(above, name) => self.way.below(above, name).map(|f| (above.device, f)),
        };
        match opened {
            Ok((dev, folder)) => self.read(job, dev, folder, &mut listing),
            Err(e) => listing.errors.push((Vec::new(), e.to_string())),
        }
        self.gathered += listing.entries.len() + 1;
        self.ready.push(listing);
    }

    fn read(&mut self, job: &Job, dev: u64, folder: Folder, listing: &mut Listing) {
        let (shared, mine) = (self.shared, &mut self.mine);
        let mut below = Vec::new();
        folder.visit(&mut self.buffer, |name, facts| {
            let (name, facts) = match (name, facts) {
                (Some(name), Ok(facts)) => (name, facts),
                (name, Err(e)) => return listing.errors.push((name.unwrap_or_default().to_vec(), e.to_string())),
                (None, Ok(_)) => return,
            };
            let mount = facts.kind == Kind::Dir && facts.dev != dev;
            let enter = facts.kind == Kind::Dir && !mount && !facts.placeholder && (shared.enter)(name);
            let key = enter.then(|| {
                let key = FolderKey(shared.next_key.fetch_add(1, Ordering::Relaxed));
                shared.open.fetch_add(1, Ordering::AcqRel);
                below.push((key, name.to_vec()));
                key
            });
            listing.names.extend_from_slice(name);
            listing.entries.push(Entry { end: listing.names.len(), facts, key, mount });
        });
        if below.is_empty() {
            return;
        }
        let above = match &job.at {
            Place::Top(_) => None,
            Place::Below(above, name) => Some((Arc::clone(above), name.clone())),
        };
        let held = self.way.keep(folder, dev, above, &shared.held);
        mine.extend(below.into_iter().map(|(key, name)| Job { key, at: Place::Below(Arc::clone(&held), name) }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn names(listings: &[Listing]) -> HashSet<String> {
        listings.iter().flat_map(|l| l.entries().map(|(n, _)| String::from_utf8_lossy(n).into_owned())).collect()
    }

    #[test]
    fn every_name_is_told_once_and_links_are_not_entered() {
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(home.path().join("a/b/c")).unwrap();
        std::fs::write(home.path().join("a/b/c/file"), "x").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink("..", home.path().join("a/b/up")).unwrap();
        let found: Vec<Listing> = walk(vec![(FolderKey(0), home.path().into())], 3, |_| true, &Stop::default()).iter().flatten().collect();
        let told: usize = found.iter().map(|l| l.entries.len()).sum();
        assert_eq!(told, names(&found).len());
        assert!(names(&found).is_superset(&["a", "b", "c", "file"].map(String::from).into()));
    }

    #[test]
    fn a_parent_is_told_before_its_children_whoever_lists_them() {
        let home = tempfile::tempdir().unwrap();
        for i in 0..40 {
            for j in 0..10 {
                std::fs::create_dir_all(home.path().join(format!("{i}/{j}/deep"))).unwrap();
            }
        }
        let mut known: HashSet<u32> = [0].into();
        for listing in walk(vec![(FolderKey(0), home.path().into())], 4, |_| true, &Stop::default()).iter().flatten() {
            assert!(known.contains(&listing.key.0), "folder {} came before its parent", listing.key.0);
            known.extend(listing.entries.iter().filter_map(|e| e.key).map(|k| k.0));
        }
        assert_eq!(known.len(), 1 + 40 + 400 + 400);
    }

    #[test]
    fn a_folder_that_is_gone_is_an_error_and_not_the_end() {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("there"), "x").unwrap();
        let tops = vec![(FolderKey(0), home.path().join("gone")), (FolderKey(1), home.path().to_path_buf())];
        let found: Vec<Listing> = walk(tops, 2, |_| true, &Stop::default()).iter().flatten().collect();
        assert_eq!(found.iter().filter(|l| !l.errors.is_empty()).count(), 1);
        assert!(names(&found).contains("there"));
    }

    #[test]
    fn a_stopped_walk_ends() {
        let stop = Stop::default();
        stop.stop();
        assert_eq!(walk(vec![(FolderKey(0), std::env::temp_dir())], 2, |_| true, &stop).iter().count(), 0);
    }
}
