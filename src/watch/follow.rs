//! Follows sessions: tells which of them grew and pause now. What does not change costs nothing.

use super::ear::{Ear, Heard};
use crate::export::{Growing, Look, look, nests, places};
use crate::model::{Catalog, Session, SessionIx, Watch};
use crate::world::World;
use crate::{platform, scan};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::time::Duration;

/// Looks are never closer together.
const LEAST: Duration = Duration::from_millis(200);

/// Between two looks whether a scan is to end.
const PUMP: Duration = Duration::from_millis(50);

/// Of the time one session's export took so many times as much passes before its next.
const RATIO: u32 = 20;

/// Where sessions stand.
pub struct Follow {
    options: scan::Options,
    every: Duration,
    growing: Growing,
    /// What was found last; after [`Follow::next`] only what is due was walked.
    pub catalog: Catalog,
    /// Where new sessions appear, and when that last changed.
    nests: Vec<(PathBuf, i64)>,
    /// Sessions that may have changed, looked at until they rest.
    awake: BTreeSet<String>,
    /// Which folders each session is listened at.
    places: HashMap<String, Vec<PathBuf>>,
    /// The ear listens where it should.
    attends: bool,
    /// Until when a session is left alone.
    rest: HashMap<String, Timestamp>,
}

impl Follow {
    /// Scans everything once, or only reads which sessions there are.
    pub fn new(world: &World, options: scan::Options, every: Duration, whole: bool, watch: &dyn Watch) -> Self {
        let mut this = Self {
            options,
            every: every.max(LEAST),
            growing: Growing::default(),
            catalog: Catalog::default(),
            nests: Vec::new(),
            awake: BTreeSet::new(),
            places: HashMap::new(),
            attends: false,
            rest: HashMap::new(),
        };
        this.scan(world, if whole { None } else { Some(BTreeSet::new()) }, watch);
        this
    }

    /// Scans these sessions, or all of them and everything else.
    pub fn scan(&mut self, world: &World, only: Option<BTreeSet<String>>, watch: &dyn Watch) {
        let before: HashMap<PathBuf, i64> = nests_at(self.nests.iter().map(|(path, _)| path.clone())).into_iter().collect();
        let mut scan = scan::Scan::start(world, scan::Options { only, ..self.options.clone() });
        while !matches!(scan.pump(PUMP), scan::Phase::Done | scan::Phase::Stopped) {
            if watch.stopped() {
                scan.stop();
            }
        }
        self.catalog = scan.finish();
        self.nests = nests_of(&self.catalog);
        // What comes while it is read counts for the next time.
        for (path, time) in &mut self.nests {
            *time = before.get(path).copied().unwrap_or(*time);
        }
        self.attends = false;
        for session in self.catalog.sessions.iter().filter(|s| !self.growing.knows(&s.id)) {
            self.awake.insert(session.id.clone());
        }
    }

    /// The sessions there are, with their ids.
    pub fn sessions(&self) -> impl Iterator<Item = (SessionIx, &Session)> {
        self.catalog.sessions.iter().enumerate().map(|(at, s)| (SessionIx::at(at), s))
    }

    /// The place of a session in the catalogue.
    pub fn find(&self, id: &str) -> Option<SessionIx> {
        self.sessions().find(|(_, s)| s.id == id).map(|(ix, _)| ix)
    }

    /// A session was exported as it looked before, and that took so long.
    pub fn exported(&mut self, world: &World, id: &str, before: Look, took: Duration) {
        self.growing.exported(id, before);
        self.awake.insert(id.to_owned());
        self.rest_for(world, id, took.saturating_mul(RATIO));
    }

    /// A session could not be exported; it is tried again after so long.
    pub fn put_off(&mut self, world: &World, id: &str, span: Duration) {
        self.awake.insert(id.to_owned());
        self.rest_for(world, id, span);
    }

    fn rest_for(&mut self, world: &World, id: &str, span: Duration) {
        let span = SignedDuration::try_from(span).unwrap_or_default();
        self.rest.insert(id.to_owned(), world.now().saturating_add(span).unwrap_or(world.now()));
    }

    /// Waits until sessions grew and pause, or at most so long; gives those that do. `wanted` says which are of interest.
    pub fn next(
        &mut self,
        world: &World,
        ear: &mut dyn Ear,
        at_most: Duration,
        wanted: &dyn Fn(&Catalog, SessionIx) -> bool,
        watch: &dyn Watch,
    ) -> Vec<SessionIx> {
        self.attend(ear);
        let most = if self.awake.is_empty() { at_most } else { self.every };
        match ear.hear(self.every, most.max(LEAST), watch) {
            Heard::Nothing => {}
            Heard::At(paths) => self.wake(&paths),
            Heard::Anything => self.wake_all(),
        }
        if watch.stopped() {
            return Vec::new();
        }
        if nests_at(self.nests.iter().map(|(path, _)| path.clone())) != self.nests || self.catalog.stores.is_empty() {
            self.scan(world, Some(BTreeSet::new()), watch);
        }
        let due = self.look(world, wanted);
        if due.is_empty() {
            return Vec::new();
        }
        // What is to be copied is known anew, and with it every number of a session.
        self.scan(world, Some(due.clone()), watch);
        self.sessions().filter(|(_, s)| due.contains(&s.id)).map(|(ix, _)| ix).collect()
    }

    /// Looks at every session that may have changed; gives those that are due. Whoever rests is no longer looked at.
    fn look(&mut self, world: &World, wanted: &dyn Fn(&Catalog, SessionIx) -> bool) -> BTreeSet<String> {
        let (mut due, mut still) = (BTreeSet::new(), BTreeSet::new());
        for id in std::mem::take(&mut self.awake) {
            let Some(ix) = self.find(&id) else {
                self.places.remove(&id);
                continue;
            };
            if !wanted(&self.catalog, ix) {
                continue;
            }
            let session = self.catalog.session(ix);
            let resting = self.rest.get(&id).is_some_and(|until| world.now() < *until);
            if !resting && self.growing.is_due(world.now(), &id, look(session)) {
                due.insert(id.clone());
            }
            if resting || !self.growing.rests(&id) {
                still.insert(id);
            } else {
                let places = places(session);
                if self.places.get(&id) != Some(&places) {
                    // What happened there before somebody listened was not heard.
                    self.places.insert(id.clone(), places);
                    self.attends = false;
                    still.insert(id);
                }
            }
        }
        self.awake = still;
        due
    }

    /// Has the ear listen where something may be heard.
    fn attend(&mut self, ear: &mut dyn Ear) {
        if std::mem::replace(&mut self.attends, true) {
            return;
        }
        let tops: Vec<PathBuf> = self.catalog.stores.iter().map(|s| s.root.clone()).collect();
        let nests = self.nests.iter().map(|(path, _)| path.clone());
        let all: Vec<PathBuf> = self.places.values().flatten().cloned().chain(nests).collect();
        ear.attend(&all, &tops);
    }

    /// Looks at everything the next time.
    pub fn wake_all(&mut self) {
        self.awake.extend(self.catalog.sessions.iter().map(|s| s.id.clone()));
    }

    fn wake(&mut self, paths: &[PathBuf]) {
        // A folder that went and came again is to be listened at again.
        self.attends = false;
        let mut owners: HashMap<&PathBuf, &str> = HashMap::new();
        for session in &self.catalog.sessions {
            owners.extend(session.dir.iter().chain(&session.record).chain(&session.extra).map(|path| (path, session.id.as_str())));
        }
        let owner = |path: &PathBuf| path.ancestors().find_map(|above| owners.get(&above.to_path_buf()).map(|id| (*id).to_owned()));
        let woken: Vec<String> = paths.iter().filter_map(owner).collect();
        self.awake.extend(woken);
    }
}

fn nests_of(catalog: &Catalog) -> Vec<(PathBuf, i64)> {
    let of = |store: &crate::model::Store| nests(catalog.sessions.iter(), &store.root);
    nests_at(catalog.stores.iter().flat_map(of))
}

fn nests_at(paths: impl Iterator<Item = PathBuf>) -> Vec<(PathBuf, i64)> {
    paths.map(|path| (platform::facts(&path).map_or(0, |f| f.mtime_ns), path)).map(|(time, path)| (path, time)).collect()
}
