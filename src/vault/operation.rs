//! Operations as their journals tell of them.

use super::fs::Fs;
use super::journal::{Entry, FolderWas, Intent, Spans, decode};
use super::state::State;
use crate::error::Result;
use crate::model::{Held, OpState, Operation};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What one journal tells.
#[derive(Debug, Default)]
pub(super) struct Record {
    pub id: String,
    /// The journal's name, and the number of the folder it lies in (see `State::dir`).
    pub file: String,
    pub lies_in: usize,
    pub when: Timestamp,
    pub roots: BTreeMap<u32, PathBuf>,
    pub vaults: BTreeMap<u32, PathBuf>,
    pub probes: Vec<Probed>,
    pub folders: Vec<FolderWas>,
    pub intents: Vec<Intent>,
    /// The items in the vault and the times of folders, when it was done.
    pub commit: Option<(Spans, BTreeMap<u32, i64>)>,
    pub rolled_back: bool,
    pub undos: Vec<Undo>,
    pub purge: Option<Purge>,
    /// Bytes of the journal that can be believed, and bytes there are.
    pub good: u64,
    pub length: u64,
}

/// A file of ours that may have been left in a folder.
#[derive(Debug)]
pub(super) struct Probed {
    pub root: u32,
    pub folder: PathBuf,
    pub name: String,
    pub mtime_ns: i64,
}

/// One undo.
#[derive(Debug)]
pub(super) struct Undo {
    pub id: String,
    pub when: Timestamp,
    pub put_back: Spans,
    pub restored: Option<Spans>,
}

/// The purge.
#[derive(Debug)]
pub(super) struct Purge {
    pub id: String,
    pub when: Timestamp,
    pub done: bool,
}

impl Record {
    /// Reads a journal's bytes.
    pub(super) fn read(bytes: &[u8]) -> Self {
        let (entries, good) = decode(bytes);
        let mut record = Self { good, length: bytes.len() as u64, ..Self::default() };
        for entry in entries {
            record.take(entry);
        }
        record
    }

    /// Takes one more line in.
    pub(super) fn take(&mut self, entry: Entry) {
        match entry {
            Entry::Begin { id, when } => (self.id, self.when) = (id, when),
            Entry::Root { root, path } => drop(self.roots.insert(root, path.to_path().unwrap_or_default())),
            Entry::Vault { root, path } => drop(self.vaults.insert(root, path.to_path().unwrap_or_default())),
            Entry::Probe { root, path, name, mtime_ns } => {
                self.probes.push(Probed { root, folder: path.to_path().unwrap_or_default(), name, mtime_ns });
            }
            Entry::Folder(folder) => self.folders.push(folder),
            Entry::Intent(intent) => match self.intents.iter_mut().rev().find(|known| known.item <= intent.item) {
                // Another thing was caught under its name.
                Some(known) if known.item == intent.item => *known = intent,
                _ => self.intents.push(intent),
            },
            Entry::Commit { moved, after } => self.commit = Some((moved, after.into_iter().collect())),
            Entry::RolledBack {} => self.rolled_back = true,
            Entry::UndoBegin { id, when, put_back } => self.undos.push(Undo { id, when, put_back, restored: None }),
            Entry::UndoEnd { restored } => {
                if let Some(undo) = self.undos.last_mut() {
                    undo.restored = Some(restored);
                }
            }
            Entry::PurgeBegin { id, when } => self.purge = Some(Purge { id, when, done: false }),
            Entry::PurgeEnd {} => {
                if let Some(purge) = &mut self.purge {
                    purge.done = true;
                }
            }
        }
    }

    /// The items the operation moved.
    pub(super) fn moved(&self) -> impl Iterator<Item = &Intent> {
        let moved = self.commit.as_ref().map(|c| &c.0);
        self.intents.iter().filter(move |i| moved.is_some_and(|m| m.has(i.item)))
    }

    /// The items that are still in the vault.
    pub(super) fn kept(&self) -> impl Iterator<Item = &Intent> {
        self.moved().filter(|i| !self.undos.iter().any(|u| u.restored.as_ref().is_some_and(|r| r.has(i.item))))
    }

    /// How much of it is in the vault.
    fn held(&self) -> Held {
        if self.purge.as_ref().is_some_and(|purge| purge.done) {
            return Held::default();
        }
        self.kept().fold(Held::default(), |sum, item| Held {
            items: sum.items + 1,
            bytes: sum.bytes + item.bytes,
            allocated: sum.allocated + item.allocated,
        })
    }

    /// How the operation stands; `None` where it came to nothing.
    pub(super) fn state(&self) -> Option<OpState> {
        if self.rolled_back || self.id.is_empty() {
            return None;
        }
        let open = self.commit.is_none() || self.undos.last().is_some_and(|u| u.restored.is_none());
        Some(match &self.purge {
            Some(purge) if purge.done => OpState::Purged,
            Some(_) => OpState::Unfinished,
            None if open => OpState::Unfinished,
            None if self.kept().next().is_none() => OpState::Undone,
            None if self.kept().count() < self.moved().count() => OpState::PartlyUndone,
            None => OpState::Stands,
        })
    }

    /// Whether something of it can still be put back or purged.
    pub(super) fn stands(&self) -> bool {
        matches!(self.state(), Some(OpState::Stands | OpState::PartlyUndone))
    }

    /// The folder in the vault that a root's items are in.
    pub(super) fn place(&self, root: u32) -> Option<PathBuf> {
        self.vaults.get(&root).map(|vault| vault.join(&self.id))
    }

    /// The roots whose items are in this folder.
    pub(super) fn roots_of(&self, place: &Path) -> impl Iterator<Item = &PathBuf> {
        self.roots.iter().filter(move |(root, _)| self.place(**root).as_deref() == Some(place)).map(|(_, path)| path)
    }

    /// Every folder the operation has in a vault.
    pub(super) fn places(&self) -> Vec<PathBuf> {
        let mut all: Vec<PathBuf> = self.vaults.keys().filter_map(|root| self.place(*root)).collect();
        all.sort();
        all.dedup();
        all
    }

    /// The operation, and each undo and purge of it.
    fn operations(&self) -> Vec<Operation> {
        let Some(state) = self.state() else { return Vec::new() };
        let told = |id: &str, verb: &str, when: Timestamp, items: Vec<&Intent>, state: OpState| Operation {
            id: id.to_owned(),
            verb: verb.to_owned(),
            when,
            items: items.len() as u64,
            bytes: items.iter().map(|i| i.bytes).sum(),
            allocated: items.iter().map(|i| i.allocated).sum(),
            held: if verb == "clean" { self.held() } else { Held::default() },
            state,
            of: (verb != "clean").then(|| self.id.clone()),
            vault: self.places().into_iter().next(),
        };
        let mut all = vec![told(&self.id, "clean", self.when, self.moved().collect(), state)];
        for undo in &self.undos {
            let items = self.moved().filter(|i| undo.restored.as_ref().is_some_and(|r| r.has(i.item))).collect();
            all.push(told(&undo.id, "undo", undo.when, items, undo.restored.as_ref().map_or(OpState::Unfinished, |_| OpState::Undone)));
        }
        if let Some(purge) = &self.purge {
            let state = if purge.done { OpState::Purged } else { OpState::Unfinished };
            all.push(told(&purge.id, "purge", purge.when, self.kept().collect(), state));
        }
        all
    }
}

/// Every operation, the newest first.
pub(super) fn history<F: Fs>(state: &State<'_, F>) -> Result<Vec<Operation>> {
    let mut all: Vec<Operation> = state.records()?.iter().flat_map(Record::operations).collect();
    all.sort_by(|a, b| (b.when, &b.id).cmp(&(a.when, &a.id)));
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PathText;

    #[test]
    fn a_thing_that_was_caught_under_the_name_of_an_item_takes_its_place_in_the_record() {
        let intent = |item, inode| {
            let path = PathText::new(Path::new("a"));
            Intent { item, root: 0, path, folder: false, device: 1, inode, size: 0, mtime_ns: 0, bytes: 0, allocated: 0 }
        };
        let mut record = Record::default();
        for (item, inode) in [(0, 10), (1, 11), (2, 12), (1, 21), (3, 13), (0, 20)] {
            record.take(Entry::Intent(intent(item, inode)));
        }
        let known: Vec<(u64, u64)> = record.intents.iter().map(|i| (i.item, i.inode)).collect();
        assert_eq!(known, [(0, 20), (1, 21), (2, 12), (3, 13)]);
    }
}
