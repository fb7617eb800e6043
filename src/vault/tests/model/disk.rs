//! A disk in memory that keeps apart what is seen and what is sure to last, and what a power cut may leave of it.

use super::tree::{Node, TOP, Tree, What};
use crate::model::to_bytes;
use std::collections::BTreeMap;
use std::io;
use std::path::{Component, Path};
use std::rc::Rc;

/// A change that is not sure to last yet.
#[derive(Debug)]
pub enum Change {
    /// Names that lead elsewhere from now on, or nowhere, all at once. `emptied`: the thing was a folder, and removed.
    Names { thing: u64, names: Vec<(u64, Vec<u8>, Option<u64>)>, emptied: bool },
    /// A folder's time was set.
    Time { of: u64, mtime: i64 },
    /// Bytes were written.
    Write { to: u64, at: usize, bytes: Vec<u8> },
    /// A file was cut off, or made longer.
    Length { of: u64, length: usize },
}

/// What becomes of a change in a power cut. Only what is written to a file can be there in part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fate {
    Lost,
    Kept,
    /// The length is there, the bytes are not.
    Zeroed,
    /// So many bytes are there, in thousandths, and then zeros up to the length (or nothing).
    Torn(usize, bool),
}

#[derive(Debug, Clone)]
pub struct Disk {
    /// What every program sees.
    pub seen: Tree,
    /// What lasts whatever happens.
    pub sure: Tree,
    pub pending: Vec<Rc<(u64, i64, Change)>>,
    /// The time it is.
    pub now: i64,
    next: u64,
    stamp: u64,
}

impl Disk {
    pub fn new() -> Self {
        Self { seen: Tree::new(), sure: Tree::new(), pending: Vec::new(), now: 0, next: TOP + 1, stamp: 0 }
    }

    /// A new thing that has no name yet.
    pub fn thing(&mut self, what: &What, mode: u32, dev: u64) -> u64 {
        let ino = self.next;
        self.next += 1;
        for tree in [&mut self.seen, &mut self.sure] {
            tree.put(ino, Node { what: what.clone(), mtime: self.now, stamp: self.stamp, mode, dev });
        }
        ino
    }

    pub fn does(&mut self, change: Change) {
        self.stamp += 1;
        apply(&mut self.seen, &change, self.stamp, self.now, Fate::Kept);
        self.pending.push(Rc::new((self.stamp, self.now, change)));
    }

    /// Makes a folder and what is missing above it.
    pub fn folders(&mut self, path: &Path) -> u64 {
        path.components().fold(TOP, |at, part| match part {
            Component::Normal(name) => {
                let name = to_bytes(name);
                self.seen.at(at, &name).unwrap_or_else(|_| self.make(at, &name, &What::Dir(BTreeMap::new()), 0o755).unwrap())
            }
            _ => at,
        })
    }

    /// Moves a name; nothing is replaced.
    pub fn rename(&mut self, from: u64, name: &[u8], to: u64, as_name: &[u8]) -> io::Result<()> {
        let thing = self.seen.at(from, name)?;
        if self.seen.at(to, as_name).is_ok() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        if self.seen.node(from)?.dev != self.seen.node(to)?.dev {
            return Err(io::ErrorKind::CrossesDevices.into());
        }
        let names = vec![(from, name.to_vec(), None), (to, as_name.to_vec(), Some(thing))];
        self.does(Change::Names { thing, names, emptied: false });
        Ok(())
    }

    /// Gives a new thing a name.
    pub fn make(&mut self, dir: u64, name: &[u8], what: &What, mode: u32) -> io::Result<u64> {
        if self.seen.at(dir, name).is_ok() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let dev = self.seen.node(dir)?.dev;
        let thing = self.thing(what, mode, dev);
        self.does(Change::Names { thing, names: vec![(dir, name.to_vec(), Some(thing))], emptied: false });
        Ok(thing)
    }

    pub fn remove(&mut self, dir: u64, name: &[u8]) -> io::Result<()> {
        let thing = self.seen.at(dir, name)?;
        let emptied = matches!(self.seen.node(thing)?.what, What::Dir(_));
        if emptied && !self.seen.names(thing)?.is_empty() {
            return Err(io::ErrorKind::DirectoryNotEmpty.into());
        }
        self.does(Change::Names { thing, names: vec![(dir, name.to_vec(), None)], emptied });
        Ok(())
    }

    /// Makes what happened in a folder last, and the folder's time.
    pub fn sync_folder(&mut self, dir: u64) {
        self.settle(|change| match change {
            Change::Names { names, .. } => names.iter().any(|name| name.0 == dir),
            Change::Time { of, .. } => *of == dir,
            Change::Write { .. } | Change::Length { .. } => false,
        });
    }

    /// Makes a file's content last; not its name.
    pub fn sync_file(&mut self, file: u64) {
        self.settle(|change| match change {
            Change::Write { to, .. } => *to == file,
            Change::Length { of, .. } => *of == file,
            Change::Names { .. } | Change::Time { .. } => false,
        });
    }

    /// Does something that lasts from then on, with no more of what was there before than it rests on.
    pub fn lasting<T>(&mut self, deed: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.stamp;
        let done = deed(self);
        self.settle_those(|stamp, _| stamp > before);
        done
    }

    fn settle(&mut self, what: impl Fn(&Change) -> bool) {
        self.settle_those(|_, change| what(change));
    }

    fn settle_those(&mut self, what: impl Fn(u64, &Change) -> bool) {
        let mut chosen: Vec<bool> = self.pending.iter().map(|pending| what(pending.0, &pending.2)).collect();
        self.with_needed(&mut chosen);
        let mut chosen = chosen.into_iter();
        let sure = &mut self.sure;
        self.pending.retain(|pending| {
            let lasts = chosen.next().unwrap_or(false);
            if lasts {
                apply(sure, &pending.2, pending.0, pending.1, Fate::Kept);
            }
            !lasts
        });
    }

    /// Chooses also what the chosen changes rest on: an earlier change of the same name or of the same thing, and
    /// what emptied a folder that is gone. That much order every file system keeps.
    fn with_needed(&self, chosen: &mut [bool]) {
        for late in (0..chosen.len()).rev().filter(|at| chosen[*at]).collect::<Vec<_>>() {
            let mut todo = vec![late];
            while let Some(late) = todo.pop() {
                for (early, chosen) in chosen.iter_mut().enumerate().take(late).filter(|(_, chosen)| !**chosen) {
                    if rests_on(&self.pending[late].2, &self.pending[early].2) {
                        *chosen = true;
                        todo.push(early);
                    }
                }
            }
        }
    }

    /// What really becomes of the changes when these are to: what a kept one rests on is kept too.
    pub fn fates(&self, mut fates: Vec<Fate>) -> Vec<Fate> {
        let mut chosen: Vec<bool> = fates.iter().map(|fate| *fate != Fate::Lost).collect();
        self.with_needed(&mut chosen);
        for (fate, chosen) in fates.iter_mut().zip(chosen) {
            if chosen && *fate == Fate::Lost {
                *fate = Fate::Kept;
            }
        }
        fates
    }

    /// The disk after a power cut that leaves this of the changes.
    pub fn cut(&self, fates: &[Fate]) -> Self {
        let mut sure = self.sure.clone();
        for (pending, fate) in self.pending.iter().zip(fates).filter(|(_, fate)| **fate != Fate::Lost) {
            apply(&mut sure, &pending.2, pending.0, pending.1, *fate);
        }
        sure.prune();
        Self { seen: sure.clone(), sure, pending: Vec::new(), now: self.now, next: self.next, stamp: self.stamp }
    }
}

impl std::fmt::Display for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let plain = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        match self {
            Self::Names { thing, names, .. } => {
                let names: Vec<String> = names.iter().map(|(dir, name, to)| format!("#{dir}/{} -> {to:?}", plain(name))).collect();
                write!(f, "#{thing}: {}", names.join(", "))
            }
            Self::Time { of, mtime } => write!(f, "time of #{of}: {mtime}"),
            Self::Write { to, at, bytes } => write!(f, "#{to} from {at}: {}", plain(bytes)),
            Self::Length { of, length } => write!(f, "#{of}: cut at {length}"),
        }
    }
}

fn rests_on(late: &Change, early: &Change) -> bool {
    let (Change::Names { thing, names, emptied }, Change::Names { thing: before, names: earlier, .. }) = (late, early) else {
        return false;
    };
    let same_name = || names.iter().any(|a| earlier.iter().any(|b| (a.0, &a.1) == (b.0, &b.1)));
    thing == before || same_name() || *emptied && earlier.iter().any(|name| name.0 == *thing)
}

fn apply(tree: &mut Tree, change: &Change, stamp: u64, now: i64, fate: Fate) {
    match change {
        Change::Names { names, .. } => {
            for (dir, name, thing) in names {
                tree.set_name(*dir, name, *thing);
                tree.set_time(*dir, now, stamp);
            }
        }
        Change::Time { of, mtime } => tree.set_time(*of, *mtime, stamp),
        Change::Length { of, length } => tree.resize(*of, *length),
        Change::Write { to, at, bytes } => match fate {
            Fate::Kept | Fate::Lost => tree.write(*to, *at, bytes),
            Fate::Zeroed => tree.write(*to, *at, &vec![0; bytes.len()]),
            Fate::Torn(thousandths, long) => {
                let there = bytes.len() * thousandths / 1000;
                if long {
                    tree.write(*to, *at, &vec![0; bytes.len()]);
                }
                tree.write(*to, *at, &bytes[..there]);
            }
        },
    }
}
