//! What a plan takes out of a file system, what is left, and the commands that take it.

use super::census::{Census, Name};
use crate::model::Kind;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;

/// Names to be taken, and what that means for everything they name.
#[derive(Debug, Default)]
pub struct Removal {
    /// The names whose folders stay.
    tops: BTreeSet<Name>,
    /// Every name that goes.
    names: BTreeSet<Name>,
    /// How many names each thing loses.
    lost: BTreeMap<u32, u16>,
    /// How many folders each folder loses.
    folders: BTreeMap<u32, u16>,
}

impl Removal {
    /// Takes a name and everything below it.
    pub fn take(&mut self, census: &Census, top: &Name) {
        let mut todo = vec![top.clone()];
        while let Some(name) = todo.pop() {
            let Some(number) = census.names.get(&name).copied() else { continue };
            if !self.names.insert(name) {
                continue;
            }
            *self.lost.entry(number).or_default() += 1;
            if census.things.get(&number).is_some_and(|thing| thing.kind == Kind::Dir) {
                todo.extend(census.in_folder(number).map(|(name, _)| name.clone()));
            }
        }
        self.tops.insert(top.clone());
    }

    /// Settles what the names that were taken come to; to be called after the last.
    pub fn settle(&mut self, census: &Census) {
        let gone: BTreeSet<u32> = self.gone(census).collect();
        self.tops.retain(|top| !gone.contains(&top.0));
        for top in &self.tops {
            let folder = census.names.get(top).and_then(|number| census.things.get(number)).is_some_and(|t| t.kind == Kind::Dir);
            if folder {
                *self.folders.entry(top.0).or_default() += 1;
            }
        }
    }

    /// The things that go with their last name.
    pub fn gone<'c>(&'c self, census: &'c Census) -> impl Iterator<Item = u32> + 'c {
        let last = |(number, lost): (&u32, &u16)| {
            let thing = census.things.get(number)?;
            (thing.kind == Kind::Dir || thing.links <= *lost).then_some(*number)
        };
        self.lost.iter().filter_map(last)
    }

    /// Bytes that are free once it is done.
    pub fn freed(&self, census: &Census) -> u64 {
        self.gone(census).filter_map(|number| census.things.get(&number)).map(|thing| thing.allocated).sum()
    }

    /// What there is afterwards.
    pub fn rest(&self, census: &Census) -> Census {
        let mut rest = census.clone();
        rest.names.retain(|name, _| !self.names.contains(name));
        for number in self.gone(census) {
            rest.things.remove(&number);
        }
        for (number, links) in self.links(census) {
            if let Some(thing) = rest.things.get_mut(&number) {
                thing.links = links;
            }
        }
        rest
    }

    /// How many names each thing has that stays and loses some.
    fn links<'c>(&'c self, census: &'c Census) -> impl Iterator<Item = (u32, u16)> + 'c {
        let lost = self.lost.iter().chain(&self.folders);
        lost.filter_map(|(number, lost)| {
            let thing = census.things.get(number)?;
            // A folder with more folders than can be counted has one.
            let uncounted = thing.kind == Kind::Dir && thing.links == 1;
            let stays = self.folders.contains_key(number) || thing.links > *lost && thing.kind != Kind::Dir;
            (stays && !uncounted).then(|| (*number, thing.links.saturating_sub(*lost)))
        })
    }

    /// What `debugfs` is told; `e2fsck -p` ends what it cannot be told (a name with a line break).
    pub fn commands(&self, census: &Census) -> Vec<u8> {
        let mut out = Vec::new();
        let mut folder = None;
        for (at, name) in self.tops.iter().filter(|top| can_be_told(&top.1)) {
            if folder != Some(*at) {
                let _ = writeln!(out, "cd <{at}>");
                folder = Some(*at);
            }
            out.extend_from_slice(b"unlink \"");
            for byte in name {
                out.extend_from_slice(if *byte == b'"' { b"\"\"" } else { std::slice::from_ref(byte) });
            }
            out.extend_from_slice(b"\"\n");
        }
        for (number, links) in self.links(census) {
            let _ = writeln!(out, "sif <{number}> links_count {links}");
        }
        for number in self.gone(census) {
            let _ = write!(out, "sif <{number}> links_count 0\nkill_file <{number}>\n");
        }
        out
    }

    /// Whether a name can be taken on its own: one that cannot be told to `debugfs` goes only with what it names.
    pub fn can_take(census: &Census, name: &Name) -> bool {
        let only = |number| census.things.get(number).is_some_and(|thing| thing.kind == Kind::Dir || thing.links == 1);
        can_be_told(&name.1) || census.names.get(name).is_some_and(only)
    }
}

/// Whether `debugfs` reads a name as it is: it takes commands by lines.
fn can_be_told(name: &[u8]) -> bool {
    !name.iter().any(|byte| matches!(byte, b'\n' | b'\r' | 0))
}
