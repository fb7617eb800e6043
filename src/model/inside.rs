//! What stands inside a file and is told of by itself: a session's rows in a database, its free pages.

use super::node::{Facts, Marks, NodeId, Spot};
use super::{Catalog, Class, Kind, SessionIx, VerdictId};

/// One thing inside a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inner {
    /// The way to it, as paths say it after the file's name and a `!`: folders, then its own name.
    pub way: Vec<String>,
    /// Its bytes.
    pub bytes: u64,
    /// The session it belongs to.
    pub session: Option<SessionIx>,
    /// What place of the layout it is.
    pub spot: Spot,
    /// What it is, and why.
    pub verdict: VerdictId,
}

impl Catalog {
    /// Tells things inside of a file by themselves, below `<file>!`. Their bytes are taken off the file's own, and where those
    /// do not suffice off those of `spill` (the file that holds what was written last), so that the sums stay what they are.
    /// Where not even that suffices nothing is told.
    pub fn tell_inside(&mut self, file: NodeId, spill: Option<NodeId>, inners: &[Inner]) {
        let wanted: u64 = inners.iter().map(|i| i.bytes).sum();
        let own = self.node(file).size;
        let rest = wanted.saturating_sub(own);
        let spare = spill.map_or(0, |s| self.node(s).size);
        let Some(parent) = self.parent(file).filter(|_| rest <= spare && !inners.is_empty()) else { return };
        let (spot, verdict) = (self.node(file).spot, self.node(file).verdict);
        let marks = Marks::INSIDE.with(if self.node(file).marks.has(Marks::LIVE) { Marks::LIVE } else { Marks::default() });
        self.shrink(file, wanted.min(own), wanted.min(own));
        if let Some(spill) = spill {
            self.shrink(spill, rest, rest);
        }
        let top = self.top_inside(file, parent, spot, verdict);
        for inner in inners {
            let Some((last, folders)) = inner.way.split_last() else { continue };
            let folder = folders.iter().fold(top, |at, folder| self.folder_inside(at, folder.as_bytes(), spot, verdict));
            let facts = Facts { kind: Kind::Other, size: inner.bytes, allocated: inner.bytes, ..self.folder_facts(file) };
            self.add(folder, last.as_bytes(), &facts, inner.spot, inner.verdict, inner.session, marks);
        }
    }

    /// The folder that what is on a disk image is told in: `<image>!`. `None`: the image is a root by itself.
    pub fn open_inside(&mut self, image: NodeId, spot: Spot, verdict: VerdictId) -> Option<NodeId> {
        let parent = self.parent(image)?;
        Some(self.top_inside(image, parent, spot, verdict))
    }

    /// Whether it is on a disk image: it has an inode there, which rows of databases have not.
    pub fn is_on_disk(&self, id: NodeId) -> bool {
        let node = self.node(id);
        node.marks.has(Marks::INSIDE) && node.ino != 0
    }

    /// The path of something on a disk image, from the disk's topmost folder on, as text.
    pub fn path_on_disk(&self, id: NodeId) -> Option<String> {
        let on_disk = |at: &NodeId| self.is_on_disk(*at);
        let names: Vec<NodeId> = std::iter::successors(Some(id), |at| self.parent(*at)).take_while(on_disk).collect();
        let parts: Vec<_> = names.iter().rev().map(|at| String::from_utf8_lossy(self.name_bytes(*at))).collect();
        (!parts.is_empty()).then(|| format!("/{}", parts.join("/")))
    }

    /// Takes what was told inside of an image off the image's own row, which keeps the rest: its own structures, free space.
    pub fn told_inside(&mut self, image: NodeId, top: NodeId) {
        let told = Class::ALL.iter().map(|class| self.totals(top).of(*class)).fold((0, 0), |sum, t| (sum.0 + t.bytes, sum.1 + t.allocated));
        self.shrink(image, told.0, told.1);
    }

    fn top_inside(&mut self, file: NodeId, parent: NodeId, spot: Spot, verdict: VerdictId) -> NodeId {
        let mut name = self.name_bytes(file).to_vec();
        name.push(b'!');
        self.folder_inside(parent, &name, spot, verdict)
    }

    fn folder_inside(&mut self, parent: NodeId, name: &[u8], spot: Spot, verdict: VerdictId) -> NodeId {
        if let Some(there) = self.children(parent).find(|c| self.name_bytes(*c) == name && self.node(*c).marks.has(Marks::INSIDE)) {
            return there;
        }
        let facts = self.folder_facts(parent);
        self.add(parent, name, &facts, spot, verdict, None, Marks::INSIDE)
    }

    /// Facts of something that no file system knows: when it changed is when that did.
    fn folder_facts(&self, of: NodeId) -> Facts {
        let mtime_ns = self.node(of).mtime_ns;
        Facts { kind: Kind::Dir, size: 0, allocated: 0, mtime_ns, dev: 0, ino: 0, nlink: 1, placeholder: false }
    }
}
