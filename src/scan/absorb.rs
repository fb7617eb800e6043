//! Takes listings of the walk into the catalogue and gives every name its place, session and first class.

use super::spots::Spots;
use crate::classify::{self, Ground, WorkRule};
use crate::image::Known;
use crate::model::{Catalog, Class, Kind, Marks, New, NodeId, ScanError, SessionIx, Spot, StoreIx, Verdict, VerdictId, from_bytes};
use crate::stores::{Seen, Tool};
use crate::walk::{Entry, FolderKey, Listing};
use crate::world::VAULT_FOLDER;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

/// A folder that may be had again, to be checked after the walk.
#[derive(Clone, Copy)]
pub struct Candidate {
    /// The folder.
    pub top: NodeId,
    /// The rule that named it.
    pub rule: &'static dyn WorkRule,
}

#[derive(Clone, Copy)]
struct FolderState {
    node: NodeId,
    store: StoreIx,
    /// Whether it lies below a candidate.
    inside: bool,
}

/// What is known while the walk goes on.
#[derive(Default)]
pub struct Absorb {
    spots: Vec<Spots>,
    folders: HashMap<FolderKey, FolderState>,
    /// Sessions by the folder their own folder or record lies in, then by name.
    owned: HashMap<PathBuf, HashMap<Vec<u8>, SessionIx>>,
    /// The topmost folders of disks, and the disks.
    disks: Vec<(NodeId, Arc<Known>)>,
    /// Folders to be checked.
    pub candidates: Vec<Candidate>,
    /// Whether content checks will follow.
    pub checks: bool,
    /// Names taken in that are not folders.
    pub files: u64,
}

impl Absorb {
    /// Nothing known yet.
    pub fn new(checks: bool) -> Self {
        Self { checks, ..Self::default() }
    }

    /// Knows a store's root, and which paths belong to which session.
    pub fn store(&mut self, catalog: &Catalog, store: StoreIx, key: FolderKey, tool: &'static dyn Tool, root: NodeId) {
        self.spots.push(Spots::new(tool));
        self.folders.insert(key, FolderState { node: root, store, inside: false });
        for (at, session) in catalog.sessions.iter().enumerate().filter(|(_, s)| s.store == Some(store)) {
            for path in session.dir.iter().chain(&session.record).chain(&session.extra) {
                if let (Some(parent), Some(name)) = (path.parent(), path.file_name()) {
                    let name = crate::model::to_bytes(name).into_owned();
                    self.owned.entry(parent.to_path_buf()).or_default().insert(name, SessionIx::at(at));
                }
            }
        }
    }

    /// Knows a disk with homes of sessions: the folder its content is told in, and which homes belong to which session.
    pub fn disk(&mut self, catalog: &Catalog, store: StoreIx, key: FolderKey, top: NodeId, known: Arc<Known>) {
        self.folders.insert(key, FolderState { node: top, store, inside: false });
        let homes = self.owned.entry(catalog.path(top)).or_default();
        for (at, session) in catalog.sessions.iter().enumerate().filter(|(_, s)| s.store == Some(store)) {
            if let Some(name) = &session.vm_name {
                homes.insert(name.clone().into_bytes(), SessionIx::at(at));
            }
        }
        self.disks.push((top, known));
    }

    /// Where the bytes of a node are.
    pub fn ground(&self, catalog: &Catalog, id: NodeId) -> Ground {
        let mut above = std::iter::successors(Some(id), |id| catalog.parent(*id));
        let on = if catalog.node(id).marks.has(Marks::INSIDE) {
            above.find_map(|id| self.disks.iter().find(|(top, _)| *top == id))
        } else {
            None
        };
        match on {
            Some((_, known)) => Ground::Image(Arc::clone(known)),
            None => Ground::Disk(catalog.store_of(id).map_or_else(|| catalog.path(id), |s| catalog.store(s).root.clone())),
        }
    }

    /// The tool of a store.
    pub fn tool(&self, store: StoreIx) -> &'static dyn Tool {
        self.spots[usize::from(store.0)].tool()
    }

    /// The verdict of a store's root folder.
    pub fn root(catalog: &mut Catalog, tool: &'static dyn Tool, spot: Spot) -> VerdictId {
        Spots::new(tool).get(catalog, spot).verdict
    }

    /// Takes in one listing.
    pub fn listing(&mut self, catalog: &mut Catalog, listing: &Listing) {
        let Some(mut folder) = self.folders.remove(&listing.key) else { return };
        if !listing.errors.is_empty() {
            Self::unread(catalog, folder.node, &listing.errors);
        }
        // A vault inside a store is ours, not the store's; on a machine's disk nothing is ours.
        let inside = catalog.node(folder.node).marks.has(Marks::INSIDE);
        let entries = || listing.entries().filter(|(name, _)| inside || *name != VAULT_FOLDER.as_bytes());
        let names: Vec<&[u8]> = entries().map(|(name, _)| name).collect();
        if !folder.inside {
            folder.inside = self.candidate(catalog, folder, &names);
        }
        let inherited = catalog.node(folder.node).session;
        let owned = if inherited.is_some() { None } else { self.owned.get(&catalog.path(folder.node)).cloned() };
        let session = |name: &[u8]| owned.as_ref().and_then(|o| o.get(name).copied()).or(inherited);
        let new: Vec<New<'_>> =
            entries().map(|(name, entry)| self.new_entry(catalog, folder, (name, entry), &names, session(name))).collect();
        let first = catalog.add_all(folder.node, &new).0;
        for (id, (_, entry)) in (first..).map(NodeId).zip(entries()) {
            self.entered(catalog, folder, id, entry);
        }
    }

    /// A folder that could not be listed, or not wholly: what is in it is unknown, and unknown is at risk.
    fn unread(catalog: &mut Catalog, folder: NodeId, errors: &[(Vec<u8>, String)]) {
        let at = catalog.path(folder);
        let says = format!("what is in this folder is not all known: {}", errors.first().map_or("", |e| e.1.as_str()));
        let verdict = catalog.keep(Verdict::at_risk("scan/unread", says));
        catalog.unread(folder, verdict);
        catalog.errors.extend(errors.iter().map(|(name, error)| {
            let path = if name.is_empty() { at.clone() } else { at.join(from_bytes(name)) };
            ScanError { path, error: error.clone() }
        }));
    }

    fn candidate(&mut self, catalog: &mut Catalog, folder: FolderState, names: &[&[u8]]) -> bool {
        // A work area's own top folder is never taken as a whole, whatever lies in it.
        let spots = &mut self.spots[usize::from(folder.store.0)];
        let above = catalog.parent(folder.node).map(|p| catalog.node(p).spot);
        let here = catalog.node(folder.node).spot;
        if ![Some(here), above].into_iter().all(|spot| spot.is_some_and(|s| spots.get(catalog, s).meaning.work)) {
            return false;
        }
        let Some(rule) = classify::candidate(catalog.name_bytes(folder.node), names) else { return false };
        self.candidates.push(Candidate { top: folder.node, rule });
        true
    }

    fn new_entry<'n>(
        &mut self,
        catalog: &mut Catalog,
        folder: FolderState,
        (name, entry): (&'n [u8], &Entry),
        names: &[&[u8]],
        session: Option<SessionIx>,
    ) -> New<'n> {
        let spots = &mut self.spots[usize::from(folder.store.0)];
        let inside = catalog.node(folder.node).marks.has(Marks::INSIDE);
        let spot = spots.tool().child(catalog.node(folder.node).spot, Seen { name, kind: entry.facts.kind, beside: names });
        let spot = if inside && session.is_none() { spots.tool().without_session(spot) } else { spot };
        let known = spots.get(catalog, spot);
        let file = entry.facts.kind == Kind::File;
        let waits =
            file && known.meaning.verdict.class == Class::AtRisk && (folder.inside || (known.meaning.copies && entry.facts.size > 0));
        let mut marks = known.marks();
        if entry.mount {
            marks = marks.with(Marks::MOUNT);
        }
        if inside {
            marks = marks.with(Marks::INSIDE);
        }
        if known.meaning.live_with_tool && catalog.stores[usize::from(folder.store.0)].live.is_some() {
            marks = marks.with(Marks::LIVE);
        }
        let verdict = match (waits, self.checks) {
            (false, _) => known.verdict,
            (true, false) => known.bare,
            (true, true) => {
                marks = marks.with(Marks::CHECKING);
                known.pending
            }
        };
        New { name, facts: entry.facts, spot, verdict, session, marks }
    }

    fn entered(&mut self, catalog: &mut Catalog, folder: FolderState, id: NodeId, entry: &Entry) {
        self.files += u64::from(entry.facts.kind != Kind::Dir);
        match entry.key {
            Some(key) => {
                self.folders.insert(key, FolderState { node: id, ..folder });
            }
            None if entry.facts.kind == Kind::Dir => {
                let says = if entry.mount {
                    "another disk is mounted here; it is not looked into"
                } else if entry.facts.placeholder {
                    "its content is in a cloud; it is not looked into"
                } else {
                    "nobody asked about it; it is not looked into"
                };
                let verdict = catalog.keep(Verdict::at_risk("scan/closed", says));
                catalog.unread(id, verdict);
            }
            None => {}
        }
    }

    /// What a place of a store means.
    pub fn known(&mut self, catalog: &mut Catalog, store: StoreIx, spot: Spot) -> &super::spots::Known {
        self.spots[usize::from(store.0)].get(catalog, spot)
    }
}
