//! Everything a scan found: a tree of names with sums by class.

use super::node::{Facts, Marks, New, Node, NodeId, Spot};
use super::{Class, Hashing, Kind, Session, SessionIx, Store, StoreIx, Tally, Totals, Verdict, VerdictId, from_bytes};
use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

const NONE: u32 = u32::MAX;

/// Something that could not be read, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanError {
    /// Where.
    pub path: PathBuf,
    /// Why, in words.
    pub error: String,
}

/// Everything a scan found. Sums are right at every moment, whatever has arrived so far.
#[derive(Debug, Default)]
pub struct Catalog {
    nodes: Vec<Node>,
    names: Vec<u8>,
    sums: Vec<Totals>,
    devices: Vec<u64>,
    /// First name of each inode that has several, by device and inode.
    links: HashMap<(u32, u64), u32>,
    /// What was taken off files, since it is told of by itself inside of them.
    taken_off: HashMap<u32, Tally>,
    verdicts: Vec<Verdict>,
    roots: Vec<NodeId>,
    root_paths: Vec<PathBuf>,
    /// The stores found.
    pub stores: Vec<Store>,
    /// The sessions found, of every store.
    pub sessions: Vec<Session>,
    /// What could not be read.
    pub errors: Vec<ScanError>,
    /// Why things that belong to no session are in use, where it is not for the tool that runs.
    pub used: HashMap<NodeId, String>,
    /// What it took to tell files by their bytes.
    pub hashing: Hashing,
}

impl Catalog {
    /// Keeps a verdict and gives its place. Keep a verdict once and reuse its place.
    pub fn keep(&mut self, verdict: Verdict) -> VerdictId {
        self.verdicts.push(verdict);
        VerdictId(u32::try_from(self.verdicts.len() - 1).unwrap_or(NONE))
    }

    /// The verdict of a node.
    pub fn verdict(&self, id: NodeId) -> &Verdict {
        &self.verdicts[self.node(id).verdict.0 as usize]
    }

    /// The verdict at a place of the table.
    pub fn verdict_at(&self, id: VerdictId) -> &Verdict {
        &self.verdicts[id.0 as usize]
    }

    /// Adds a root: a folder (or a single file) walked for a store.
    pub fn add_root(&mut self, path: PathBuf, facts: &Facts, spot: Spot, verdict: VerdictId) -> NodeId {
        let name = super::to_bytes(path.as_os_str()).into_owned();
        let id = self.push(NONE, &New { name: &name, facts: *facts, spot, verdict, session: None, marks: Marks::default() });
        self.roots.push(id);
        self.root_paths.push(path);
        id
    }

    /// Adds a name below a folder, counting it in every folder above. A second name of an inode counts a file
    /// but no bytes.
    #[expect(clippy::too_many_arguments, reason = "one name has this many facts; `add_all` takes them as a struct")]
    pub fn add(
        &mut self,
        parent: NodeId,
        name: &[u8],
        facts: &Facts,
        spot: Spot,
        verdict: VerdictId,
        session: Option<SessionIx>,
        marks: Marks,
    ) -> NodeId {
        self.add_all(parent, &[New { name, facts: *facts, spot, verdict, session, marks }])
    }

    /// Adds names below a folder, counting them in every folder above; gives the first one's place, the others follow.
    pub fn add_all(&mut self, parent: NodeId, all: &[New<'_>]) -> NodeId {
        let first = u32::try_from(self.nodes.len()).unwrap_or(NONE);
        let mut counted = Totals::default();
        for new in all {
            let id = self.push(parent.0, new);
            let (own, class) = (self.own(id), self.node(id).class);
            *counted.of_mut(class) += own;
            self.nodes[id.0 as usize].next = self.nodes[parent.0 as usize].first_child;
            self.nodes[parent.0 as usize].first_child = id.0;
        }
        if counted != Totals::default() {
            self.up_from(parent.0, |t| *t += counted);
        }
        NodeId(first)
    }

    fn push(&mut self, parent: u32, new: &New<'_>) -> NodeId {
        let New { name, facts, spot, verdict, session, mut marks } = *new;
        let id = u32::try_from(self.nodes.len()).unwrap_or(NONE);
        let name_at = u32::try_from(self.names.len()).unwrap_or(NONE);
        self.names.extend_from_slice(name);
        let dev = self.device(facts.dev);
        if facts.placeholder {
            marks = marks.with(Marks::PLACEHOLDER);
        }
        if facts.nlink > 1 && facts.kind != Kind::Dir && facts.ino != 0 {
            if let std::collections::hash_map::Entry::Vacant(slot) = self.links.entry((dev, facts.ino)) {
                slot.insert(id);
            } else {
                marks = marks.with(Marks::LINKED);
            }
        }
        let sums = if facts.kind == Kind::Dir {
            self.sums.push(Totals::default());
            u32::try_from(self.sums.len() - 1).unwrap_or(NONE)
        } else {
            NONE
        };
        self.nodes.push(Node {
            parent,
            first_child: NONE,
            next: NONE,
            name_at,
            name_len: u16::try_from(name.len()).unwrap_or(u16::MAX),
            kind: facts.kind,
            class: self.verdicts[verdict.0 as usize].class,
            marks,
            spot,
            verdict,
            session,
            sums,
            dev,
            nlink: facts.nlink,
            size: facts.size,
            allocated: facts.allocated,
            mtime_ns: facts.mtime_ns,
            ino: facts.ino,
        });
        NodeId(id)
    }

    fn device(&mut self, dev: u64) -> u32 {
        let at = self.devices.iter().position(|d| *d == dev).unwrap_or_else(|| {
            self.devices.push(dev);
            self.devices.len() - 1
        });
        u32::try_from(at).unwrap_or(0)
    }

    /// What a name that is not a folder counts by itself.
    pub fn own(&self, id: NodeId) -> Tally {
        let n = self.node(id);
        match (n.kind, n.marks.has(Marks::LINKED)) {
            (Kind::Dir, _) if n.marks.has(Marks::UNREAD) => Tally { files: 1, bytes: 0, allocated: 0 },
            (Kind::Dir, _) => Tally::default(),
            (_, true) => Tally { files: 1, bytes: 0, allocated: 0 },
            (_, false) => Tally { files: 1, bytes: n.size, allocated: n.allocated },
        }
    }

    /// Takes bytes, and allocated ones, off a file and off the sums above it; never below nothing.
    pub(super) fn shrink(&mut self, id: NodeId, bytes: u64, allocated: u64) {
        let (before, class) = (self.own(id), self.node(id).class);
        let node = &mut self.nodes[id.0 as usize];
        node.size = node.size.saturating_sub(bytes);
        node.allocated = node.allocated.saturating_sub(allocated);
        let after = self.own(id);
        let taken = Tally { files: 0, bytes: before.bytes - after.bytes, allocated: before.allocated - after.allocated };
        *self.taken_off.entry(id.0).or_default() += taken;
        self.above(id, |t| {
            *t.of_mut(class) -= before;
            *t.of_mut(class) += after;
        });
    }

    /// What was taken off a file, since it is told of by itself inside of it.
    pub fn taken_off(&self, id: NodeId) -> Tally {
        self.taken_off.get(&id.0).copied().unwrap_or_default()
    }

    fn above(&mut self, id: NodeId, change: impl FnMut(&mut Totals)) {
        self.up_from(self.nodes[id.0 as usize].parent, change);
    }

    /// Changes the sums of a folder and every folder above it.
    fn up_from(&mut self, folder: u32, mut change: impl FnMut(&mut Totals)) {
        let mut at = folder;
        while at != NONE {
            let (sums, parent) = (self.nodes[at as usize].sums, self.nodes[at as usize].parent);
            if let Some(totals) = self.sums.get_mut(sums as usize) {
                change(totals);
            }
            at = parent;
        }
    }

    /// Says that a folder's content is not known, all or some of it. It counts as one thing of its verdict's class, so
    /// that no folder around it is taken for understood.
    pub fn unread(&mut self, id: NodeId, verdict: VerdictId) {
        let before = self.own(id);
        self.mark(id, Marks::UNREAD, true);
        let (class, after) = (self.verdicts[verdict.0 as usize].class, self.own(id));
        let from = self.node(id).class;
        let node = &mut self.nodes[id.0 as usize];
        (node.verdict, node.class) = (verdict, class);
        let own = node.sums as usize;
        if let Some(totals) = self.sums.get_mut(own) {
            *totals.of_mut(from) -= before;
            *totals.of_mut(class) += after;
        }
        self.above(id, |t| {
            *t.of_mut(from) -= before;
            *t.of_mut(class) += after;
        });
    }

    /// Gives a node another verdict, and moves what it counts between the classes above it. Its content, where it
    /// is a folder, keeps its own.
    pub fn judge(&mut self, id: NodeId, verdict: VerdictId) {
        let to = self.verdicts[verdict.0 as usize].class;
        let own = self.own(id);
        let node = &mut self.nodes[id.0 as usize];
        let from = node.class;
        node.verdict = verdict;
        node.class = to;
        node.marks = node.marks.without(Marks::CHECKING);
        if from != to && own != Tally::default() {
            self.above(id, |t| {
                *t.of_mut(from) -= own;
                *t.of_mut(to) += own;
            });
        }
    }

    /// Moves the bytes of an inode with several names to the name that matters most, so that the sums do not depend
    /// on the order of the walk. Call once, after the walk.
    pub fn settle_links(&mut self) {
        let mut names: HashMap<(u32, u64), Vec<u32>> = HashMap::new();
        for (at, node) in self.nodes.iter().enumerate() {
            if node.nlink > 1 && node.kind != Kind::Dir && node.ino != 0 {
                names.entry((node.dev, node.ino)).or_default().push(u32::try_from(at).unwrap_or(NONE));
            }
        }
        for group in names.into_values().filter(|g| g.len() > 1) {
            let best = group.iter().copied().min_by_key(|at| (self.nodes[*at as usize].class, self.path(NodeId(*at))));
            for at in group {
                self.set_linked(NodeId(at), Some(at) != best);
            }
        }
    }

    fn set_linked(&mut self, id: NodeId, linked: bool) {
        let (before, class) = (self.own(id), self.node(id).class);
        let node = &mut self.nodes[id.0 as usize];
        node.marks = if linked { node.marks.with(Marks::LINKED) } else { node.marks.without(Marks::LINKED) };
        let after = self.own(id);
        self.above(id, |t| {
            *t.of_mut(class) -= before;
            *t.of_mut(class) += after;
        });
    }

    /// A node.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// Sets or clears marks of a node.
    pub fn mark(&mut self, id: NodeId, marks: Marks, on: bool) {
        let node = &mut self.nodes[id.0 as usize];
        node.marks = if on { node.marks.with(marks) } else { node.marks.without(marks) };
    }

    /// Says which session a node belongs to.
    pub fn assign(&mut self, id: NodeId, session: Option<SessionIx>) {
        self.nodes[id.0 as usize].session = session;
    }

    /// Number of nodes.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The roots, in the order they were added.
    pub fn roots(&self) -> &[NodeId] {
        &self.roots
    }

    /// The folder a node is in; `None` for a root.
    pub fn parent(&self, id: NodeId) -> Option<NodeId> {
        let parent = self.node(id).parent;
        (parent != NONE).then_some(NodeId(parent))
    }

    /// What is directly in a folder, in no order.
    pub fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let mut at = self.node(id).first_child;
        std::iter::from_fn(move || {
            let id = (at != NONE).then_some(NodeId(at))?;
            at = self.node(id).next;
            Some(id)
        })
    }

    /// A node and everything below it, parents before children.
    pub fn below(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let mut stack = vec![id];
        std::iter::from_fn(move || {
            let id = stack.pop()?;
            stack.extend(self.children(id));
            Some(id)
        })
    }

    /// Every node, parents before children.
    pub fn ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..u32::try_from(self.nodes.len()).unwrap_or(NONE)).map(NodeId)
    }

    /// The bytes of a node's name; of a root, of its whole path.
    pub fn name_bytes(&self, id: NodeId) -> &[u8] {
        let node = self.node(id);
        let at = node.name_at as usize;
        if node.parent == NONE {
            self.names.get(at..).unwrap_or_default().get(..node.name_len as usize).unwrap_or_default()
        } else {
            &self.names[at..at + node.name_len as usize]
        }
    }

    /// A node's name; of a root, its whole path.
    pub fn name(&self, id: NodeId) -> OsString {
        from_bytes(self.name_bytes(id))
    }

    /// A node's absolute path.
    pub fn path(&self, id: NodeId) -> PathBuf {
        let mut names = Vec::new();
        let mut at = id;
        while let Some(parent) = self.parent(at) {
            names.push(self.name_bytes(at));
            at = parent;
        }
        let root = self.roots.iter().position(|r| *r == at).and_then(|i| self.root_paths.get(i)).cloned().unwrap_or_default();
        names.iter().rev().fold(root, |mut path, name| {
            path.push(from_bytes(name));
            path
        })
    }

    /// The node at an absolute path.
    pub fn find(&self, path: &Path) -> Option<NodeId> {
        self.roots.iter().zip(&self.root_paths).find_map(|(root, root_path)| {
            let rest = path.strip_prefix(root_path).ok()?;
            rest.components().try_fold(*root, |at, part| {
                let name = super::to_bytes(part.as_os_str()).into_owned();
                self.children(at).find(|c| self.name_bytes(*c) == name)
            })
        })
    }

    /// Device number of a node.
    pub fn dev(&self, id: NodeId) -> u64 {
        self.devices.get(self.node(id).dev as usize).copied().unwrap_or(0)
    }

    /// What a node counts: a folder its whole content, anything else itself.
    pub fn totals(&self, id: NodeId) -> Totals {
        let node = self.node(id);
        self.sums.get(node.sums as usize).copied().unwrap_or_else(|| {
            let mut totals = Totals::default();
            *totals.of_mut(node.class) += self.own(id);
            totals
        })
    }

    /// What all roots count together.
    pub fn grand_totals(&self) -> Totals {
        self.roots.iter().fold(Totals::default(), |mut sum, root| {
            sum += self.totals(*root);
            sum
        })
    }

    /// A session.
    pub fn session(&self, ix: SessionIx) -> &Session {
        &self.sessions[ix.index()]
    }

    /// A store.
    pub fn store(&self, ix: StoreIx) -> &Store {
        &self.stores[ix.0 as usize]
    }

    /// The short id of every session, as long as it takes to tell it from the others.
    pub fn short_ids(&self) -> Vec<&str> {
        super::session::short_ids(&self.sessions)
    }

    /// The store whose root a node is below.
    pub fn store_of(&self, id: NodeId) -> Option<StoreIx> {
        let mut at = id;
        while let Some(parent) = self.parent(at) {
            at = parent;
        }
        self.stores.iter().position(|s| s.node == Some(at)).map(|i| StoreIx(u16::try_from(i).unwrap_or(u16::MAX)))
    }

    /// Whether a node is in use, or that cannot be told.
    pub fn is_live(&self, id: NodeId) -> bool {
        let node = self.node(id);
        node.marks.has(Marks::LIVE) || node.session.is_some_and(|s| self.session(s).live.is_some())
    }

    /// Why a node is in use, in words; `None` where it is known not to be.
    pub fn live_because(&self, id: NodeId) -> Option<String> {
        let node = self.node(id);
        let session = node.session.and_then(|s| self.session(s).live.clone());
        session.or_else(|| {
            let mut above = std::iter::successors(Some(id), |id| self.parent(*id));
            let mut used = || above.find_map(|id| self.used.get(&id)).cloned();
            let tool = || self.store_of(id).and_then(|s| self.store(s).live.clone());
            let unknown = || "it changed moments ago, or whether it is in use cannot be told".to_owned();
            node.marks.has(Marks::LIVE).then(|| used().or_else(tool).unwrap_or_else(unknown))
        })
    }

    /// Approximate bytes of memory the tree itself takes.
    pub fn memory(&self) -> usize {
        self.nodes.capacity() * size_of::<Node>()
            + self.names.capacity()
            + self.sums.capacity() * size_of::<Totals>()
            + self.links.capacity() * 20
    }

    /// The class a folder is, when everything that counts in it has one class; `None` when mixed or empty.
    pub fn pure(&self, id: NodeId) -> Option<Class> {
        let totals = self.totals(id);
        let mut with = Class::ALL.into_iter().filter(|c| totals.of(*c).files > 0);
        with.next().filter(|_| with.next().is_none())
    }
}
