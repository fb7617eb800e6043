//! Walks the stores in parallel and fills the catalogue.

mod absorb;
mod again;
mod checks;
mod disks;
mod inside;
mod live;
mod spots;
#[cfg(test)]
mod tests;

pub use again::in_use;

use crate::model::{Catalog, Marks, ScanError, Session, Stop, Store, StoreIx};
use crate::platform::{self, Uses};
use crate::retention;
use crate::stores::{Found, TOOLS, Tool};
use crate::walk::{FolderKey, Listing, walk};
use crate::world::{VAULT_FOLDER, World};
use absorb::Absorb;
use checks::Checks;
use inside::{Asked, Told};
use std::collections::{BTreeSet, HashSet};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

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
    /// Write nothing, not even what was learnt for the next scan.
    pub read_only: bool,
    /// Only what these sessions have is walked, and no copies of it are looked for: enough to export them, never to clean.
    pub only: Option<BTreeSet<String>>,
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

enum Work {
    Finding(Receiver<Vec<(&'static dyn Tool, Found)>>),
    Walking(Receiver<Vec<Listing>>),
    Counting(Receiver<Vec<Told>>),
    Disks(Receiver<Vec<disks::Read>>, Uses),
    Checking(Box<Checks>),
    Over(Phase),
}

/// A running scan. It works in its own threads; what they find enters the catalogue in [`Scan::pump`].
pub struct Scan {
    /// What was found so far.
    pub catalog: Catalog,
    world: World,
    options: Options,
    absorb: Absorb,
    inside: Option<Receiver<Vec<Told>>>,
    work: Work,
    stop: Stop,
    began: Instant,
    took: Option<Duration>,
}

impl Scan {
    /// Starts a scan; returns before any disk access.
    pub fn start(world: &World, options: Options) -> Self {
        let (send, receive) = channel();
        let (finder, roots, only) = (world.clone(), options.roots.clone(), options.stores.clone());
        std::thread::spawn(move || {
            // The receiver is gone only when the scan was given up.
            let _ = send.send(find(&finder, &roots, &only));
        });
        Self {
            catalog: Catalog::default(),
            world: world.clone(),
            absorb: Absorb::new(!options.walk_only),
            options,
            inside: None,
            work: Work::Finding(receive),
            stop: Stop::default(),
            began: Instant::now(),
            took: None,
        }
    }

    /// Takes in what has arrived, for at most about `budget`, waiting for news no longer than that.
    pub fn pump(&mut self, budget: Duration) -> Phase {
        let until = Instant::now() + budget;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let went_on = match &mut self.work {
                Work::Finding(found) => match found.recv_timeout(left) {
                    Ok(found) => {
                        self.walk(found);
                        true
                    }
                    Err(RecvTimeoutError::Timeout) => false,
                    Err(RecvTimeoutError::Disconnected) => self.end(Phase::Stopped),
                },
                Work::Walking(listings) => match listings.recv_timeout(left) {
                    Ok(portion) => {
                        for listing in portion {
                            self.absorb.listing(&mut self.catalog, &listing);
                        }
                        true
                    }
                    Err(RecvTimeoutError::Timeout) => false,
                    Err(RecvTimeoutError::Disconnected) => self.walked(),
                },
                Work::Counting(told) => match told.recv_timeout(left) {
                    Err(RecvTimeoutError::Timeout) => false,
                    told => self.counted(told.unwrap_or_default()),
                },
                Work::Disks(read, _) => match read.recv_timeout(left) {
                    Err(RecvTimeoutError::Timeout) => false,
                    read => self.disks_read(read.unwrap_or_default()),
                },
                Work::Checking(checks) => {
                    let went_on = checks.pump(&mut self.catalog, left);
                    if checks.over() { self.end(Phase::Done) } else { went_on }
                }
                Work::Over(_) => false,
            };
            if self.stop.is_stopped() && !matches!(self.work, Work::Over(_) | Work::Walking(_) | Work::Counting(_) | Work::Disks(..)) {
                self.end(Phase::Stopped);
            }
            if !went_on || Instant::now() >= until {
                return self.phase();
            }
        }
    }

    fn end(&mut self, phase: Phase) -> bool {
        self.catalog.settle_links();
        if let Work::Checking(checks) = &self.work {
            self.catalog.hashing = checks.hashing();
        }
        self.took = Some(self.began.elapsed());
        self.work = Work::Over(phase);
        false
    }

    fn walk(&mut self, found: Vec<(&'static dyn Tool, Found)>) {
        let mut tops = Vec::new();
        let mut asked = Vec::new();
        for (tool, found) in found {
            let Found { store, sessions, root_spot, errors } = found;
            self.catalog.errors.extend(errors);
            let ix = StoreIx(u16::try_from(self.catalog.stores.len()).unwrap_or(u16::MAX));
            let facts = match platform::Folder::open_top(&store.root).and_then(|f| f.own_facts()) {
                Ok(facts) => facts,
                Err(e) => {
                    self.catalog.errors.push(ScanError { path: store.root.clone(), error: e.to_string() });
                    continue;
                }
            };
            asked.push(Asked { store: ix, tool, root: store.root.clone(), sessions: sessions.clone() });
            self.catalog.sessions.extend(sessions.into_iter().map(|mut s| {
                s.store = Some(ix);
                s
            }));
            let verdict = Absorb::root(&mut self.catalog, tool, root_spot);
            let root = self.catalog.add_root(store.root.clone(), &facts, root_spot, verdict);
            self.catalog.mark(root, Marks::PROTECTED, true);
            let key = FolderKey(u32::from(ix.0));
            tops.push((key, store.root.clone()));
            self.catalog.stores.push(Store { node: Some(root), ..store });
            self.absorb.store(&self.catalog, ix, key, tool, root);
        }
        if !self.options.walk_only {
            self.inside = Some(inside::start(asked, &self.stop));
        }
        let others = self.others();
        let enter = move |name: &[u8]| name != VAULT_FOLDER.as_bytes() && !others.contains(name);
        self.work = Work::Walking(walk(tops, self.threads(), enter, &self.stop));
    }

    /// The names of the folders of sessions that are not asked about.
    fn others(&self) -> HashSet<Vec<u8>> {
        let Some(only) = &self.options.only else { return HashSet::new() };
        let name = |dir: &PathBuf| dir.file_name().map(|n| crate::model::to_bytes(n).into_owned());
        let of = |asked: bool| {
            self.catalog.sessions.iter().filter(move |s| only.contains(&s.id) == asked).filter_map(move |s| name(s.dir.as_ref()?))
        };
        let asked: HashSet<Vec<u8>> = of(true).collect();
        of(false).filter(|name| !asked.contains(name)).collect()
    }

    fn threads(&self) -> usize {
        match self.options.threads {
            0 => std::thread::available_parallelism().map_or(2, usize::from),
            n => n,
        }
    }

    /// The walk is over; what is inside of files is still to come, or not asked for.
    fn walked(&mut self) -> bool {
        match self.inside.take() {
            Some(told) => {
                self.work = Work::Counting(told);
                true
            }
            None => self.counted(Vec::new()),
        }
    }

    fn counted(&mut self, told: Vec<Told>) -> bool {
        inside::take(&mut self.catalog, &mut self.absorb, told);
        let roots: Vec<PathBuf> = self.catalog.stores.iter().map(|s| s.root.clone()).collect();
        let uses = platform::uses(&roots);
        let disks = if self.options.walk_only { Vec::new() } else { disks::find(&self.catalog, &mut self.absorb, &uses) };
        if disks.is_empty() {
            return self.all_told(&uses);
        }
        self.work = Work::Disks(disks::start(&self.world, disks, &self.stop), uses);
        true
    }

    fn disks_read(&mut self, read: Vec<disks::Read>) -> bool {
        let Work::Disks(_, uses) = &mut self.work else { return false };
        let uses = std::mem::take(uses);
        disks::take(&mut self.catalog, &mut self.absorb, read);
        self.all_told(&uses)
    }

    /// Every name is told, wherever it stands.
    fn all_told(&mut self, uses: &Uses) -> bool {
        self.catalog.settle_links();
        live::mark(&self.world, &mut self.catalog, uses);
        retention::mark(&self.world, &mut self.catalog);
        if self.stop.is_stopped() {
            return self.end(Phase::Stopped);
        }
        if self.options.walk_only {
            return self.end(Phase::Done);
        }
        let absorb = std::mem::take(&mut self.absorb);
        self.work = Work::Checking(Box::new(Checks::start(&self.world, &self.catalog, absorb, &self.options, self.threads(), &self.stop)));
        if let (Work::Checking(checks), true) = (&mut self.work, self.options.only.is_some()) {
            checks.without_copies();
        }
        true
    }

    /// Where the scan stands.
    pub fn phase(&self) -> Phase {
        match &self.work {
            Work::Finding(_) => Phase::Finding,
            Work::Walking(_) | Work::Counting(_) | Work::Disks(..) => Phase::Walking,
            Work::Checking(checks) => {
                let (done, all) = checks.progress();
                Phase::Checking(done, all)
            }
            Work::Over(phase) => *phase,
        }
    }

    /// Asks the scan to stop; what was found stays.
    pub fn stop(&self) {
        self.stop.stop();
    }

    /// Time since the start, up to the end of the scan.
    pub fn elapsed(&self) -> Duration {
        self.took.unwrap_or_else(|| self.began.elapsed())
    }

    /// Waits for the end.
    pub fn finish(mut self) -> Catalog {
        while !matches!(self.pump(Duration::from_millis(50)), Phase::Done | Phase::Stopped) {}
        std::mem::take(&mut self.catalog)
    }
}

impl Drop for Scan {
    fn drop(&mut self) {
        self.stop.stop();
    }
}

fn find(world: &World, roots: &[PathBuf], only: &[String]) -> Vec<(&'static dyn Tool, Found)> {
    let wanted = TOOLS.iter().filter(|t| only.is_empty() || only.iter().any(|o| o == t.name()));
    wanted.flat_map(|tool| tool.roots(world, roots).into_iter().map(|root| (*tool, tool.read(world, &root)))).collect()
}

/// The stores and their sessions, as the records tell of them: no folder is walked, and nothing is known to be in use.
pub fn sessions(world: &World, options: &Options) -> Catalog {
    let mut catalog = Catalog::default();
    for (_, found) in find(world, &options.roots, &options.stores) {
        let ix = StoreIx(u16::try_from(catalog.stores.len()).unwrap_or(u16::MAX));
        catalog.errors.extend(found.errors);
        catalog.sessions.extend(found.sessions.into_iter().map(|session| Session { store: Some(ix), ..session }));
        catalog.stores.push(found.store);
    }
    catalog
}

/// Scans and waits for the end.
pub fn run(world: &World, options: Options) -> Catalog {
    Scan::start(world, options).finish()
}
