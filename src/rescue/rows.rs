//! A plan by session: what is copied, what is removed, what is kept.

use super::Copying;
use crate::model::{Catalog, PathText, Plan, SessionIx, Tally};
use crate::world::World;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

/// One session's part of a plan, or that of what belongs to none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// The session's title.
    pub name: String,
    /// The session's folder.
    pub dir: Option<PathBuf>,
    /// Where copies go, shortened for people; none where nothing is copied.
    pub folder: Option<String>,
    /// Places in the plan's copies.
    pub copies: Vec<usize>,
    /// What they count.
    pub copied: Tally,
    /// Places in the plan's items.
    pub items: Vec<usize>,
    /// What they count.
    pub removed: Tally,
    /// Places in what the plan leaves alone.
    pub kept: Vec<usize>,
}

/// The rows, what frees most first.
pub(super) fn rows(world: &World, catalog: &Catalog, plan: &Plan, copies: &[Copying], folders: &HashMap<SessionIx, PathBuf>) -> Vec<Row> {
    let dirs: HashMap<&Path, SessionIx> = catalog
        .sessions
        .iter()
        .enumerate()
        .flat_map(|(at, s)| s.dir.iter().chain(&s.record).chain(&s.extra).map(move |dir| (dir.as_path(), SessionIx::at(at))))
        .collect();
    let session = |path: &PathText| {
        let path = path.to_path()?;
        let node = catalog.find(&path).and_then(|id| catalog.node(id).session);
        node.or_else(|| path.ancestors().find_map(|above| dirs.get(above).copied()))
    };
    let mut by: BTreeMap<Option<SessionIx>, Row> = BTreeMap::new();
    for (at, copy) in copies.iter().enumerate() {
        let row = by.entry(session(&copy.path)).or_default();
        row.copies.push(at);
        row.copied += Tally { files: 1, bytes: copy.bytes, allocated: copy.bytes };
    }
    for (at, item) in plan.items.iter().enumerate() {
        let row = by.entry(session(&item.path)).or_default();
        row.items.push(at);
        row.removed += Tally { files: item.files, bytes: item.bytes, allocated: item.allocated };
    }
    for (at, kept) in plan.skipped.iter().enumerate() {
        by.entry(session(&kept.path)).or_default().kept.push(at);
    }
    let named = |(ix, mut row): (Option<SessionIx>, Row)| {
        row.name = ix.map_or_else(|| "of no session".to_owned(), |ix| catalog.session(ix).title.clone());
        row.dir = ix.and_then(|ix| catalog.session(ix).dir.clone());
        row.folder = ix.and_then(|ix| folders.get(&ix)).filter(|_| !row.copies.is_empty()).map(|folder| world.short(folder));
        row
    };
    let mut rows: Vec<Row> = by.into_iter().map(named).collect();
    rows.sort_by_key(|row| std::cmp::Reverse((row.removed.bytes, row.copied.bytes, row.kept.len())));
    rows
}
