//! What a selection covers, and the largest things in it that can be moved as one.

use super::Selection;
use super::inside::on_image;
use super::left_out::{LeftOut, Why};
use super::place::VAULT_FOLDER;
use crate::model::{Catalog, Class, Kind, Marks, NodeId};
use crate::world::World;
use std::collections::HashSet;
use std::path::PathBuf;

/// A thing to be moved as one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pick {
    pub id: NodeId,
    pub class: Class,
    /// The folder handled as one that it lies in or is.
    pub unit: Option<NodeId>,
}

/// A selection at work on a catalogue.
pub(super) struct Picker<'a> {
    catalog: &'a Catalog,
    wanted: &'a [Class],
    selection: &'a Selection,
    named: HashSet<NodeId>,
    sessions: Vec<bool>,
    narrowed: bool,
    vault: PathBuf,
    /// For every node: whether something at or below it must stay.
    stuck: Vec<bool>,
}

/// Why a node must stay, whatever is selected.
fn held(catalog: &Catalog, id: NodeId) -> Option<Why> {
    let marks = catalog.node(id).marks;
    if marks.has(Marks::INSIDE) && !on_image(catalog, id) {
        Some(Why::Inside)
    } else if marks.has(Marks::MOUNT) {
        Some(Why::Mount)
    } else if marks.has(Marks::PROTECTED) {
        Some(Why::Protected)
    } else if catalog.is_live(id) {
        Some(Why::Live)
    } else if marks.has(Marks::CHECKING) {
        Some(Why::Checking)
    } else if marks.has(Marks::UNREAD) {
        Some(Why::Unread)
    } else if marks.has(Marks::PLACEHOLDER) {
        Some(Why::Placeholder)
    } else {
        None
    }
}

impl<'a> Picker<'a> {
    pub(super) fn new(world: &World, catalog: &'a Catalog, selection: &'a Selection) -> Self {
        let wanted: &[Class] = if selection.classes.is_empty() { &[Class::Rebuildable] } else { &selection.classes };
        let chosen: HashSet<_> = selection.sessions.iter().copied().collect();
        let old = |at: usize| match (selection.older_than, catalog.sessions.get(at).and_then(|s| s.last_active)) {
            (None, _) => true,
            // When it was last active is not known, so it is not known to be old.
            (Some(_), None) => false,
            (Some(age), Some(last)) => world.now() >= last && world.now().duration_since(last).unsigned_abs() >= age,
        };
        let due = |at: usize| {
            let within = |span| catalog.sessions.get(at).is_some_and(|s| s.is_due(world.now(), span));
            selection.due.is_none_or(within)
        };
        let ix = crate::model::SessionIx::at;
        let sessions =
            (0..catalog.sessions.len()).map(|at| (chosen.is_empty() || chosen.contains(&ix(at))) && old(at) && due(at)).collect();
        let mut this = Self {
            catalog,
            wanted,
            selection,
            named: selection.nodes.iter().copied().collect(),
            sessions,
            narrowed: !chosen.is_empty() || selection.older_than.is_some() || selection.due.is_some(),
            vault: world.vault_dir(),
            stuck: Vec::new(),
        };
        this.stuck = this.find_stuck();
        this
    }

    fn find_stuck(&self) -> Vec<bool> {
        let mut stuck = vec![false; self.catalog.len()];
        // A node comes after its parent, so that going backwards meets what is below first.
        for id in self.catalog.ids().collect::<Vec<_>>().into_iter().rev() {
            let at = id.0 as usize;
            let own = held(self.catalog, id).is_some() || self.ours(id) || !self.covers(id);
            if stuck.get(at).copied().unwrap_or_default() || own {
                for hit in [Some(id), self.catalog.parent(id)].into_iter().flatten() {
                    if let Some(flag) = stuck.get_mut(hit.0 as usize) {
                        *flag = true;
                    }
                }
            }
        }
        stuck
    }

    /// Whether it is a vault of ours.
    fn ours(&self, id: NodeId) -> bool {
        let node = self.catalog.node(id);
        if node.kind != Kind::Dir || self.catalog.parent(id).is_none() {
            return false;
        }
        let name = self.catalog.name_bytes(id);
        name == VAULT_FOLDER.as_bytes()
            || self.vault.file_name().is_some_and(|n| *crate::model::to_bytes(n) == *name) && self.catalog.path(id) == self.vault
    }

    /// Whether the sessions that are selected include a node's; folders that belong to none are no obstacle.
    fn covers(&self, id: NodeId) -> bool {
        match self.catalog.node(id).session {
            Some(session) => self.sessions.get(session.index()).copied().unwrap_or(false),
            None => !self.narrowed || self.catalog.node(id).kind == Kind::Dir,
        }
    }

    fn is_wanted(&self, class: Class) -> bool {
        self.wanted.contains(&class)
    }

    /// The largest things that can be moved as one; what is selected and stays is told to `left`.
    pub(super) fn picks(&self, left: &mut LeftOut<'_>) -> Vec<Pick> {
        let mut tops: Vec<NodeId> =
            if self.selection.nodes.is_empty() { self.catalog.roots().to_vec() } else { self.selection.nodes.clone() };
        tops.sort_unstable();
        tops.dedup();
        tops.retain(|id| self.selection.nodes.is_empty() || !self.above(*id).any(|above| self.named.contains(&above)));
        tops.retain(|id| self.in_stores(*id));
        let mut picks = Vec::new();
        for top in tops {
            let unit = self.above(top).filter(|id| self.catalog.node(*id).marks.has(Marks::UNIT)).last();
            self.pick(top, unit, left, &mut picks);
        }
        picks
    }

    fn above(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::successors(self.catalog.parent(id), |id| self.catalog.parent(*id))
    }

    fn in_stores(&self, id: NodeId) -> bool {
        let names = &self.selection.stores;
        let store = self.catalog.store_of(id).map(|ix| self.catalog.store(ix).name);
        names.is_empty() || store.is_some_and(|name| names.iter().any(|n| n == name))
    }

    fn pick(&self, top: NodeId, unit: Option<NodeId>, left: &mut LeftOut<'_>, picks: &mut Vec<Pick>) {
        let catalog = self.catalog;
        // Something above a selected node may hold it too.
        if let Some((above, why)) = self.above(top).find_map(|a| held(catalog, a).filter(|w| *w != Why::Protected).map(|w| (a, w))) {
            left.out(above, why, catalog.totals(top).all().files);
            return;
        }
        let mut stack = vec![(top, unit)];
        while let Some((id, unit)) = stack.pop() {
            let node = catalog.node(id);
            if self.ours(id) {
                continue;
            }
            let why = held(catalog, id);
            let root = catalog.parent(id).is_none();
            if node.kind != Kind::Dir {
                if root || !self.covers(id) {
                    continue;
                }
                match why {
                    Some(Why::Protected) if !self.named.contains(&id) => {}
                    // A verb of its own takes it, and no clean is poorer for it.
                    Some(Why::Inside) if (node.kind, node.class) == (Kind::Other, Class::Rebuildable) && !self.named.contains(&id) => {}
                    Some(Why::Checking) => left.out(id, Why::Checking, 1),
                    Some(why) if self.is_wanted(node.class) || self.named.contains(&id) => left.out(id, why, 1),
                    None if self.is_wanted(node.class) => picks.push(Pick { id, class: node.class, unit }),
                    None if self.named.contains(&id) || unit.is_some_and(|u| self.is_wanted(catalog.node(u).class)) => {
                        left.other(unit.unwrap_or(id), node.class, catalog.own(id));
                    }
                    _ => {}
                }
                continue;
            }
            match why {
                Some(Why::Mount) => {
                    left.out(id, Why::Mount, 1);
                    continue;
                }
                Some(Why::Live) => {
                    let files: u64 = self.wanted.iter().map(|class| catalog.totals(id).of(*class).files).sum();
                    let meant = node.session.is_some() || !self.narrowed;
                    if files > 0 && meant && self.covers(id) {
                        left.out(id, Why::Live, files);
                    }
                    if self.covers(id) {
                        continue;
                    }
                }
                Some(Why::Checking) => {
                    left.out(id, Why::Checking, catalog.totals(id).all().files);
                    continue;
                }
                Some(Why::Unread) if self.is_wanted(node.class) => left.out(id, Why::Unread, 1),
                Some(Why::Protected) if self.named.contains(&id) => left.out(id, Why::Protected, 1),
                _ => {}
            }
            let unit = unit.or_else(|| node.marks.has(Marks::UNIT).then_some(id));
            if let Some(class) = self.as_one(id, unit).filter(|_| !root) {
                picks.push(Pick { id, class, unit });
                continue;
            }
            stack.extend(catalog.children(id).map(|below| (below, unit)));
        }
    }

    /// The class of a folder that can be moved as one. Flushed files each have a copy of their own to be proven again,
    /// so they go one by one.
    fn as_one(&self, id: NodeId, unit: Option<NodeId>) -> Option<Class> {
        let unit = unit?;
        let stuck = self.stuck.get(id.0 as usize).copied().unwrap_or(true);
        let class = self.catalog.pure(id).filter(|class| *class != Class::Flushed && self.is_wanted(*class))?;
        let named = id != unit || self.catalog.node(id).class == class;
        (!stuck && named).then_some(class)
    }
}
