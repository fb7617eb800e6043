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
            Key::Class(_) | Key::Tool(_) | Key::Loose(..) | Key::Group(_) => key,
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

    /// The same path in the new catalogue: up to the nearest folder whose place is known, then down again.
    fn node(&mut self, old: NodeId) -> Option<NodeId> {
        let mut way = vec![old];
        while let Some(last) = way.last().copied().filter(|n| !self.nodes.contains_key(n)) {
            let Some(parent) = self.old.parent(last) else { break };
            way.push(parent);
        }
        let mut found = None;
        for at in way.into_iter().rev() {
            if let Some(known) = self.nodes.get(&at) {
                found = *known;
                continue;
            }
            let name = self.old.name_bytes(at);
            found = match (self.old.parent(at), found) {
                (None, _) => self.new.roots().iter().copied().find(|r| self.new.name_bytes(*r) == name),
                (Some(_), above) => above.and_then(|p| self.child(p, name)),
            };
            self.nodes.insert(at, found);
        }
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
