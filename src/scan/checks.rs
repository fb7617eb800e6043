//! The content checks after the walk: folders by their rules first, then copies in the user's own folders.

use super::Options;
use super::absorb::{Absorb, Candidate};
use crate::classify::copies::nothing_found;
use crate::classify::{Around, Index, Judged, Places, Search, Unit, UnitEntry, Wanted, find_copies};
use crate::model::{Catalog, Class, Hashing, Kind, Marks, NodeId, Session, SessionIx, Stop, StoreIx, Verdict, VerdictId};
use crate::stores::{Packing, Tool, tool};
use crate::world::World;
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Running checks.
pub struct Checks {
    world: World,
    absorb: Absorb,
    threads: usize,
    stop: Stop,
    places: Arc<Places>,
    around: Arc<Around>,
    stage: Stage,
    done: usize,
    all: usize,
    copies: bool,
}

enum Stage {
    Folders { waiting: Vec<Candidate>, ready: Option<Unit>, send: Option<SyncSender<Unit>>, answers: Receiver<Judged>, open: usize },
    Looking(Receiver<Index>),
    Copies(Receiver<Judged>),
    Over,
}

impl Checks {
    /// Starts the checks of everything that was walked. A root of the options may be another home, whose folders hold copies too.
    pub fn start(world: &World, catalog: &Catalog, mut absorb: Absorb, options: &Options, threads: usize, stop: &Stop) -> Self {
        let around = if options.read_only { Around::passing(world) } else { Around::of(world) };
        let bound: Vec<PathBuf> = catalog.sessions.iter().flat_map(|s| bound_to(catalog, s)).cloned().collect();
        let homes: Vec<PathBuf> =
            options.roots.iter().flat_map(|root| ["Documents", "Desktop", "Downloads"].map(|folder| root.join(folder))).collect();
        let stores: Vec<PathBuf> = catalog.stores.iter().map(|s| s.root.clone()).collect();
        let mut places = Places::of(world, &bound, &stores);
        let more = Places::of(world, &homes, &stores).bound.into_iter().filter(|p| !places.common.contains(p)).collect::<Vec<_>>();
        places.common.extend(more);
        let (places, around) = (Arc::new(places), Arc::new(around));
        let waiting = std::mem::take(&mut absorb.candidates);
        let (all, open) = (waiting.len() + 1, waiting.len());
        let (send, units) = sync_channel::<Unit>(1);
        let (answer, answers) = channel();
        let units = Arc::new(Mutex::new(units));
        for _ in 0..threads.max(1) {
            let (units, answer, stop) = (Arc::clone(&units), answer.clone(), stop.clone());
            std::thread::spawn(move || {
                loop {
                    let unit = units.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok(unit) = unit else { return };
                    if answer.send(unit.rule.check(&unit, &stop)).is_err() {
                        return;
                    }
                }
            });
        }
        let stage = Stage::Folders { waiting, ready: None, send: Some(send), answers, open };
        Self { world: world.clone(), absorb, threads, stop: stop.clone(), places, around, stage, done: 0, all, copies: true }
    }

    /// Leaves copies out: what is still to be checked for one stays so.
    pub fn without_copies(&mut self) {
        self.copies = false;
    }

    /// Checks done, and checks in all as far as known.
    pub fn progress(&self) -> (usize, usize) {
        (self.done, self.all)
    }

    /// What hashing took so far.
    pub fn hashing(&self) -> Hashing {
        self.around.hashes.told()
    }

    /// Whether every check is done.
    pub fn over(&self) -> bool {
        matches!(self.stage, Stage::Over)
    }

    /// Takes in answers for at most about this long; whether anything happened.
    pub fn pump(&mut self, catalog: &mut Catalog, budget: Duration) -> bool {
        let until = Instant::now() + budget;
        let left = until.saturating_duration_since(Instant::now());
        match &mut self.stage {
            Stage::Folders { open: 0, .. } if !self.copies => {
                self.stage = Stage::Over;
                true
            }
            Stage::Folders { open: 0, .. } => {
                self.look(catalog);
                true
            }
            Stage::Folders { .. } => self.folders(catalog, left),
            Stage::Looking(index) => match index.recv_timeout(left) {
                Ok(index) => {
                    self.copies(catalog, index);
                    true
                }
                Err(RecvTimeoutError::Timeout) => false,
                Err(RecvTimeoutError::Disconnected) => {
                    self.stage = Stage::Over;
                    true
                }
            },
            Stage::Copies(answers) => match answers.recv_timeout(left) {
                Ok(judged) => {
                    self.done += judged.nodes.len();
                    enter(catalog, judged);
                    true
                }
                Err(RecvTimeoutError::Timeout) => false,
                Err(RecvTimeoutError::Disconnected) => {
                    self.stage = Stage::Over;
                    true
                }
            },
            Stage::Over => false,
        }
    }

    fn folders(&mut self, catalog: &mut Catalog, left: Duration) -> bool {
        let Stage::Folders { waiting, ready, send, answers, open } = &mut self.stage else { return false };
        while let Some(unit) = ready.take().or_else(|| waiting.pop().map(|c| unit_of(catalog, &self.absorb, c, &self.around, self.threads)))
        {
            match send.as_ref().map(|s| s.try_send(unit)) {
                Some(Ok(())) => {}
                Some(Err(TrySendError::Full(unit))) => {
                    *ready = Some(unit);
                    break;
                }
                Some(Err(TrySendError::Disconnected(_))) | None => break,
            }
        }
        if waiting.is_empty() && ready.is_none() {
            *send = None;
        }
        match answers.recv_timeout(left) {
            Ok(judged) => {
                *open -= 1;
                self.done += 1;
                enter(catalog, judged);
                true
            }
            Err(RecvTimeoutError::Timeout) => false,
            Err(RecvTimeoutError::Disconnected) => {
                *open = 0;
                true
            }
        }
    }

    /// Files still at risk whose content may have a copy.
    fn wanted(&mut self, catalog: &mut Catalog) -> Vec<(NodeId, StoreIx)> {
        let mut wanted = Vec::new();
        for at in 0..catalog.roots().len() {
            let Some(store) = catalog.store_of(catalog.roots()[at]) else { continue };
            let ids: Vec<NodeId> = catalog.below(catalog.roots()[at]).collect();
            for id in ids {
                let node = catalog.node(id);
                let open = node.kind == Kind::File && node.class == Class::AtRisk && node.size > 0 && !node.marks.has(Marks::PLACEHOLDER);
                let spot = node.spot;
                if open && self.absorb.known(catalog, store, spot).meaning.copies {
                    wanted.push((id, store));
                }
            }
        }
        wanted
    }

    fn look(&mut self, catalog: &mut Catalog) {
        let wanted = self.wanted(catalog);
        let sizes: HashSet<u64> = wanted.iter().map(|(id, _)| catalog.node(*id).size).collect();
        let (send, receive) = channel();
        let (places, threads, stop) = (Arc::clone(&self.places), self.threads, self.stop.clone());
        std::thread::spawn(move || {
            // The receiver is gone only when the scan was given up.
            let _ = send.send(Index::make(&places, &sizes, threads, &stop));
        });
        self.stage = Stage::Looking(receive);
    }

    fn copies(&mut self, catalog: &mut Catalog, index: Index) {
        self.done += 1;
        let mut without: HashMap<(Option<SessionIx>, VerdictId), Without> = HashMap::new();
        let all_packed = packed_files(catalog);
        let mut files = Vec::new();
        for (id, store) in self.wanted(catalog) {
            let (session, before, size) = (catalog.node(id).session, catalog.node(id).verdict, catalog.node(id).size);
            let none = without.entry((session, before)).or_insert_with(|| self.without(catalog, &index, session, before));
            let packed = packed_copy(catalog, id, store, &all_packed);
            if index.of_size(size).is_empty() && packed.is_none() {
                catalog.judge(id, none.kept);
                continue;
            }
            let (ground, ino, nlink, dev) =
                (self.absorb.ground(catalog, id), catalog.node(id).ino, catalog.node(id).nlink, catalog.dev(id));
            let (folders, without) = (Arc::clone(&none.folders), Arc::clone(&none.verdict));
            files.push(Wanted { id, path: catalog.path(id), ground, size, dev, ino, nlink, packed, folders, without });
        }
        self.all += files.len();
        let (send, receive) = channel();
        let (world, threads, stop, around) = (self.world.clone(), self.threads, self.stop.clone(), Arc::clone(&self.around));
        std::thread::spawn(move || {
            let send = Mutex::new(send);
            find_copies(&world, &Search { index: &index, hashes: &around.hashes }, &files, threads, &stop, &|judged| {
                // The receiver is gone only when the scan was given up.
                let _ = send.lock().unwrap_or_else(PoisonError::into_inner).send(judged);
            });
        });
        self.stage = Stage::Copies(receive);
    }

    fn without(&self, catalog: &mut Catalog, index: &Index, session: Option<SessionIx>, before: VerdictId) -> Without {
        let bound = session.map(|s| bound_to(catalog, catalog.session(s)).to_vec()).unwrap_or_default();
        let verdict = nothing_found(&self.world, &without_pending(catalog.verdict_at(before)), &self.places, &bound, index);
        let near = bound.iter().filter_map(|f| self.places.looked_at(f));
        let folders: Vec<PathBuf> = near.chain(self.places.common.iter().cloned()).collect();
        Without { kept: catalog.keep(verdict.clone()), verdict: Arc::new(verdict), folders: folders.into() }
    }
}

impl Drop for Checks {
    fn drop(&mut self) {
        self.around.hashes.keep();
    }
}

/// The folders bound to a session in which copies of its files count.
fn bound_to<'c>(catalog: &'c Catalog, session: &'c Session) -> &'c [PathBuf] {
    let tool = session.store.and_then(|ix| tool(catalog.store(ix).name));
    if tool.is_some_and(Tool::keeps_in_bound) { &session.folders } else { &[] }
}

/// Packed files, by their folder and the name without `.zst`.
fn packed_files(catalog: &Catalog) -> HashMap<(NodeId, Vec<u8>), NodeId> {
    let packed = |id: NodeId| {
        let stem = catalog.name_bytes(id).strip_suffix(b".zst").filter(|_| catalog.node(id).kind == Kind::File)?;
        Some(((catalog.parent(id)?, stem.to_vec()), id))
    };
    catalog.ids().filter_map(packed).collect()
}

/// The packed copy beside a file that its tool reads in its place.
fn packed_copy(catalog: &Catalog, id: NodeId, store: StoreIx, packed: &HashMap<(NodeId, Vec<u8>), NodeId>) -> Option<PathBuf> {
    let name = catalog.name_bytes(id);
    let copy = packed.get(&(catalog.parent(id).filter(|_| !packed.is_empty())?, name.to_vec()))?;
    let beside = tool(catalog.store(store).name)?.packing(catalog.node(id).spot, name) == Packing::Beside;
    beside.then(|| catalog.path(*copy))
}

/// What the files of one session and kind are when no copy is found, and where one is looked for.
struct Without {
    kept: VerdictId,
    verdict: Arc<Verdict>,
    folders: Arc<[PathBuf]>,
}

fn without_pending(verdict: &Verdict) -> Verdict {
    let mut verdict = verdict.clone();
    verdict.evidence.retain(|e| e.rule != "check/pending");
    verdict
}

/// A candidate with everything below it, as the walk saw it.
fn unit_of(catalog: &Catalog, absorb: &Absorb, candidate: Candidate, around: &Arc<Around>, threads: usize) -> Unit {
    let path = catalog.path(candidate.top);
    let ground = absorb.ground(catalog, candidate.top);
    let mut entries = Vec::new();
    let mut stack: Vec<(NodeId, PathBuf)> = vec![(candidate.top, PathBuf::new())];
    while let Some((folder, path)) = stack.pop() {
        for id in catalog.children(folder) {
            let node = catalog.node(id);
            let path = path.join(catalog.name(id));
            let sealed = node.marks.has(Marks::PLACEHOLDER) || node.marks.has(Marks::PROTECTED);
            entries.push(UnitEntry { id, path: path.clone(), kind: node.kind, size: node.size, mtime_ns: node.mtime_ns, sealed });
            if node.kind == Kind::Dir {
                stack.push((id, path));
            }
        }
    }
    Unit { rule: candidate.rule, top: candidate.top, path, ground, entries, threads, around: Arc::clone(around) }
}

/// Takes verdicts into the catalogue. What is protected or a placeholder stays what it is.
fn enter(catalog: &mut Catalog, judged: Judged) {
    let kept: Vec<VerdictId> = judged.verdicts.into_iter().map(|v| catalog.keep(v)).collect();
    for (id, verdict) in judged.nodes {
        let marks = catalog.node(id).marks;
        let fixed = [Marks::PROTECTED, Marks::PLACEHOLDER, Marks::UNREAD].into_iter().any(|m| marks.has(m));
        if let (false, Some(verdict)) = (fixed, kept.get(verdict)) {
            catalog.judge(id, *verdict);
        }
    }
    for id in judged.units {
        if !catalog.node(id).marks.has(Marks::UNREAD) {
            catalog.mark(id, Marks::UNIT, true);
        }
    }
    catalog.errors.extend(judged.errors);
}
