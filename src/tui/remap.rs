//! From one scan to the next: cursor, open rows and marks find their things again by session id and path.

use super::key::Key;
use crate::model::{Catalog, Kind, NodeId, SessionIx};
use std::collections::HashMap;

/// The way from an old catalogue to a new one.
pub struct Remap<'a> {
    old: &'a Catalog,
    new: &'a Catalog,
    sessions: HashMap<(&'a str, &'static str), SessionIx>,
    nodes: HashMap<NodeId, Option<NodeId>>,
    names: HashMap<NodeId, HashMap<&'a [u8], NodeId>>,
}

impl<'a> Remap<'a> {
    /// The way between these two.
    pub fn new(old: &'a Catalog, new: &'a Catalog) -> Self {
        let store = |c: &'a Catalog, at: usize| c.sessions[at].store.map_or("", |s| c.store(s).name);
        let sessions = (0..new.sessions.len()).map(|at| ((new.sessions[at].id.as_str(), store(new, at)), SessionIx::at(at)));
        Self { old, new, sessions: sessions.collect(), nodes: HashMap::new(), names: HashMap::new() }
    }

    /// The same row in the new catalogue.
    pub fn key(&mut self, key: Key) -> Option<Key> {
        Some(match key {
            Key::Class(_) | Key::Loose(..) | Key::Group(_) => key,
            Key::Session(c, s) => Key::Session(c, self.session(s)?),
            Key::GroupSession(l, s) => Key::GroupSession(l, self.session(s)?),
            Key::Node(c, id) => Key::Node(c, self.node(id)?),
        })
    }

    fn session(&self, old: SessionIx) -> Option<SessionIx> {
        let session = self.old.sessions.get(old.index())?;
        let store = session.store.map_or("", |s| self.old.store(s).name);
        self.sessions.get(&(session.id.as_str(), store)).copied()
    }

    /// The same path in the new catalogue.
    fn node(&mut self, old: NodeId) -> Option<NodeId> {
        if let Some(known) = self.nodes.get(&old) {
            return *known;
        }
        let found = match self.old.parent(old) {
            None => self.new.roots().iter().copied().find(|r| self.new.name_bytes(*r) == self.old.name_bytes(old)),
            Some(parent) => self.node(parent).and_then(|p| self.child(p, self.old.name_bytes(old))),
        };
        self.nodes.insert(old, found);
        found
    }

    fn child(&mut self, parent: NodeId, name: &[u8]) -> Option<NodeId> {
        let new = self.new;
        let names = self.names.entry(parent).or_insert_with(|| new.children(parent).map(|c| (new.name_bytes(c), c)).collect());
        names.get(name).copied()
    }

    /// The same mark, if its thing is unchanged.
    pub fn mark(&mut self, key: Key) -> Option<Key> {
        let new = self.key(key)?;
        let (Some(a), Some(b)) = (key.node(), new.node()) else { return Some(new) };
        let (a, b) = (self.old.node(a), self.new.node(b));
        let same = a.kind == b.kind && (a.kind == Kind::Dir || (a.size, a.mtime_ns, a.class) == (b.size, b.mtime_ns, b.class));
        same.then_some(new)
    }
}
