//! What is marked: rows, by what they stand for, so that marks survive sorting, filtering and moving about.

use super::index::Index;
use super::key::{Key, Labels};
use super::rows::Source;
use crate::model::{Catalog, Class, Kind, Marks, NodeId, SessionIx, Totals};
use std::collections::{BTreeSet, HashSet};

/// Marks that are listed one by one.
pub const LISTED: usize = 1_000;

/// A node and the classes of its content that are chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// The node.
    pub node: NodeId,
    /// The classes; what is of another class below it is not chosen.
    pub classes: Vec<Class>,
}

/// The marks and what they count.
#[derive(Debug, Default)]
pub struct Marked {
    keys: HashSet<Key>,
    /// What they count, by class.
    pub totals: Totals,
}

impl Marked {
    /// Whether nothing is marked.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Number of marks.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// The marks.
    pub fn keys(&self) -> impl Iterator<Item = Key> + '_ {
        self.keys.iter().copied()
    }

    /// Whether this very row is marked.
    pub fn has(&self, key: Key) -> bool {
        self.keys.contains(&key)
    }

    /// Takes all marks away.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Takes a mark away.
    pub fn remove(&mut self, key: Key, catalog: &Catalog, index: &Index) {
        self.keys.remove(&key);
        self.recount(catalog, index);
    }

    /// Marks rows; marks that a new one covers go.
    pub fn add(&mut self, keys: impl IntoIterator<Item = Key>, catalog: &Catalog, index: &Index) {
        self.keys.extend(keys);
        let all = self.keys.clone();
        self.keys.retain(|k| !covered(*k, &all, catalog, index));
        self.recount(catalog, index);
    }

    /// Whether a row lies inside a marked one.
    pub fn covers(&self, key: Key, catalog: &Catalog, index: &Index) -> bool {
        !self.keys.is_empty() && covered(key, &self.keys, catalog, index)
    }

    /// Puts other marks in place of these: after a new scan.
    pub fn replace(&mut self, keys: HashSet<Key>, catalog: &Catalog, index: &Index) {
        self.keys = keys;
        self.recount(catalog, index);
    }

    /// The marks, the largest first; of very many only the largest.
    pub fn largest(&self, source: &Source<'_>) -> Vec<Key> {
        let mut all: Vec<(u64, Key)> = self.keys().map(|k| (u64::MAX - source.tally(k).bytes, k)).collect();
        if all.len() > LISTED {
            all.select_nth_unstable_by_key(LISTED, |a| a.0);
            all.truncate(LISTED);
        }
        all.sort_by_cached_key(|(size, key)| (*size, source.name(*key, 0), key.node()));
        all.into_iter().map(|(_, key)| key).collect()
    }

    /// Counts anew what is marked.
    pub fn recount(&mut self, catalog: &Catalog, index: &Index) {
        let labels = Labels::default();
        let source = Source { catalog, index, labels: &labels, filter: None };
        self.totals = self.keys.iter().fold(Totals::default(), |mut sum, key| {
            sum += source.totals(*key);
            sum
        });
    }
}

/// Whether some row above this one, in whichever grouping, is among `keys`.
fn covered(key: Key, keys: &HashSet<Key>, catalog: &Catalog, index: &Index) -> bool {
    let class = key.class();
    let wider = if class.is_some() { [class, None] } else { [None, None] };
    let has = |make: &dyn Fn(Option<Class>) -> Key| wider.into_iter().any(|c| make(c) != key && keys.contains(&make(c)));
    if class.is_some_and(|c| Key::Class(c) != key && keys.contains(&Key::Class(c))) {
        return true;
    }
    let session = match key {
        Key::Session(_, s) | Key::GroupSession(_, s) => Some(s),
        Key::Node(_, id) => catalog.node(id).session,
        _ => None,
    };
    let of_tool = |tool: &super::index::Tool| match (session, key) {
        (Some(session), _) => tool.sessions.binary_search(&session).is_ok(),
        (None, Key::Loose(_, label)) => tool.loose.contains(&label),
        _ => false,
    };
    if keys.iter().any(|k| matches!(k, Key::Tool(l) if *k != key && index.tools.get(l).is_some_and(of_tool))) {
        return true;
    }
    if session.is_some_and(|s| has(&|c| Key::Session(c, s))) {
        return true;
    }
    if let Key::GroupSession(label, _) = key {
        return keys.contains(&Key::Group(label));
    }
    let mut at = key.node();
    while let Some(id) = at {
        if has(&|c| Key::Node(c, id)) {
            return true;
        }
        at = catalog.parent(id);
    }
    key.node().is_some_and(|id| in_marked_group(id, class, keys, catalog, index))
}

fn in_marked_group(id: NodeId, class: Option<Class>, keys: &HashSet<Key>, catalog: &Catalog, index: &Index) -> bool {
    let below = |nodes: &[NodeId]| {
        let mut at = Some(id);
        while let Some(node) = at {
            // They were found in the order of their places.
            if nodes.binary_search(&node).is_ok() {
                return true;
            }
            at = catalog.parent(node);
        }
        false
    };
    keys.iter().any(|k| match k {
        Key::Group(l) if class == Some(Class::Rebuildable) => {
            index.groups.get(l).is_some_and(|g| below(&g.loose) || g.sessions.values().any(|(nodes, _)| below(nodes)))
        }
        Key::GroupSession(l, s) if class == Some(Class::Rebuildable) => {
            index.groups.get(l).and_then(|g| g.sessions.get(s)).is_some_and(|(nodes, _)| below(nodes))
        }
        Key::Loose(c, l) if c.is_none() || *c == class => index.loose.get(l).is_some_and(|(nodes, _)| below(nodes)),
        Key::Tool(l) => {
            let loose = index.tools.get(l).map_or(&[][..], |t| &t.loose);
            loose.iter().any(|l| index.loose.get(l).is_some_and(|(nodes, _)| below(nodes)))
        }
        _ => false,
    })
}

/// The nodes a row stands for, each with the classes that are meant.
pub fn chosen(key: Key, catalog: &Catalog, index: &Index) -> Vec<Chosen> {
    let nodes: Vec<NodeId> = match key {
        Key::Class(_) => catalog.roots().to_vec(),
        Key::Tool(l) => index.tools.get(&l).map_or_else(Vec::new, |tool| {
            let sessions = tool.sessions.iter().filter_map(|s| index.tops.get(s.index()));
            let loose = tool.loose.iter().filter_map(|l| index.loose.get(l)).map(|l| &l.0);
            sessions.chain(loose).flatten().copied().collect()
        }),
        Key::Session(_, s) => index.tops.get(s.index()).cloned().unwrap_or_default(),
        Key::Loose(_, l) => index.loose.get(&l).map(|l| l.0.clone()).unwrap_or_default(),
        Key::Group(l) => index.groups.get(&l).map_or_else(Vec::new, |g| {
            g.loose.iter().copied().chain(g.sessions.values().flat_map(|(nodes, _)| nodes.iter().copied())).collect()
        }),
        Key::GroupSession(l, s) => index.groups.get(&l).and_then(|g| g.sessions.get(&s)).map(|l| l.0.clone()).unwrap_or_default(),
        Key::Node(_, id) => vec![id],
    };
    let classes = key.class().map_or_else(|| Class::ALL.to_vec(), |c| vec![c]);
    nodes.into_iter().map(|node| Chosen { node, classes: classes.clone() }).collect()
}

/// The sessions that rows belong to.
pub fn sessions(keys: impl Iterator<Item = Key>, catalog: &Catalog) -> Vec<SessionIx> {
    let of = keys.filter_map(|key| match key {
        Key::Session(_, s) | Key::GroupSession(_, s) => Some(s),
        Key::Node(_, id) => catalog.node(id).session,
        _ => None,
    });
    of.collect::<BTreeSet<_>>().into_iter().collect()
}

/// What is safe to choose at or below these nodes: rebuildable or flushed, and nowhere live, protected or being
/// checked. Whole folders where all of them is, else what is in them.
pub fn safe(chosen: &[Chosen], catalog: &Catalog) -> Vec<Key> {
    let mut out = Vec::new();
    for one in chosen {
        for class in [Class::Flushed, Class::Rebuildable] {
            if one.classes.contains(&class)
                && safe_below(one.node, class, catalog, &mut out)
                && catalog.totals(one.node).of(class).files > 0
            {
                out.push(Key::Node(Some(class), one.node));
            }
        }
    }
    out
}

/// Whether everything of a class at or below `id` is safe; where not, the safe parts of it go to `out`.
fn safe_below(top: NodeId, class: Class, catalog: &Catalog, out: &mut Vec<Key>) -> bool {
    let mut unsafe_folders = HashSet::new();
    let mut all = true;
    for id in catalog.below(top) {
        let node = catalog.node(id);
        let counts = node.kind != Kind::Dir && node.class == class;
        let forbidden =
            [Marks::PROTECTED, Marks::CHECKING, Marks::MOUNT, Marks::INSIDE].iter().any(|m| node.marks.has(*m)) || catalog.is_live(id);
        if forbidden && (counts || node.kind == Kind::Dir) && catalog.totals(id).of(class).files > 0 {
            all = false;
            let mut at = Some(id);
            while let Some(above) = at.filter(|a| unsafe_folders.insert(*a)) {
                at = (above != top).then(|| catalog.parent(above)).flatten();
            }
        }
    }
    if all {
        return true;
    }
    let mut stack = vec![top];
    while let Some(id) = stack.pop() {
        if !unsafe_folders.contains(&id) {
            if catalog.totals(id).of(class).files > 0 {
                out.push(Key::Node(Some(class), id));
            }
        } else if !catalog.is_live(id) {
            stack.extend(catalog.children(id));
        }
    }
    false
}

/// Why a row must not be marked, where it must not.
pub fn refusal(key: Key, catalog: &Catalog) -> Option<String> {
    let session = match key {
        Key::Session(_, s) | Key::GroupSession(_, s) => Some(s),
        Key::Node(_, id) => catalog.node(id).session,
        _ => None,
    };
    if let Some(why) = session.and_then(|s| catalog.sessions.get(s.index())?.live.as_deref()) {
        return Some(format!("in use, so never selected: {why}"));
    }
    let id = key.node()?;
    let node = catalog.node(id);
    if node.marks.has(Marks::PROTECTED) && node.kind != Kind::Dir {
        return Some("protected: secrets, settings or structure the app needs are never selected".into());
    }
    if let Some(why) = catalog.live_because(id) {
        return Some(format!("in use, so never selected: {why}"));
    }
    node.marks.has(Marks::MOUNT).then(|| "another disk is mounted here: never moved".into())
}
