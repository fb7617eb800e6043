//! The folder a restore writes below: reached part by part, no link followed, its own folders' times kept.

use super::meta::{self, Stamp, Xattr};
use super::place::Place;
use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::{Path, PathBuf};

/// A folder that is written below. Names are parts joined by `/`; the empty name is the folder itself.
pub struct Tree {
    path: PathBuf,
    top: Option<Place>,
    at: Option<(Vec<u8>, Place)>,
    /// Folders made here, with what is to be set on them at the end.
    made: BTreeMap<Vec<u8>, Option<(Stamp, Vec<Xattr>)>>,
    /// Times of folders that were here before.
    times: HashMap<Vec<u8>, i64>,
}

/// A name's folder and its last part.
pub fn split(name: &[u8]) -> (&[u8], &[u8]) {
    name.iter().rposition(|b| *b == b'/').map_or((&[], name), |at| (&name[..at], &name[at + 1..]))
}

impl Tree {
    /// A tree at a folder; nothing is opened or made yet.
    pub fn new(path: PathBuf) -> Self {
        Self { path, top: None, at: None, made: BTreeMap::new(), times: HashMap::new() }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn top(&mut self, make: bool) -> io::Result<&Place> {
        if self.top.is_none() {
            if make {
                std::fs::create_dir_all(&self.path)?;
            }
            // The base is what its path names, links and all; below it none is followed.
            self.top = Some(Place::open(&self.path.join("."))?);
        }
        self.top.as_ref().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// The folder of that name, opened; where `make` says so, made where it is missing.
    pub fn folder(&mut self, name: &[u8], make: bool) -> io::Result<&Place> {
        self.top(make)?;
        if name.is_empty() {
            return self.top(make);
        }
        let below = |at: &[u8]| name == at || (name.starts_with(at) && name.get(at.len()) == Some(&b'/'));
        let (mut done, mut here) = match self.at.take() {
            Some((at, place)) if below(&at) => (at.len(), Some(place)),
            _ => (0, None),
        };
        while done < name.len() {
            let from = if done == 0 { 0 } else { done + 1 };
            let end = name[from..].iter().position(|b| *b == b'/').map_or(name.len(), |n| from + n);
            let above = match &here {
                Some(place) => place,
                None => self.top.as_ref().ok_or(io::ErrorKind::NotFound)?,
            };
            let part = &name[from..end];
            let next = match above.enter(part) {
                Err(e) if make && e.kind() == io::ErrorKind::NotFound => {
                    self.times.entry(name[..done].to_vec()).or_insert(above.folder.own_facts()?.mtime_ns);
                    above.make_folder(part)?;
                    self.made.insert(name[..end].to_vec(), None);
                    above.enter(part)?
                }
                other => other?,
            };
            here = Some(next);
            done = end;
        }
        let place = here.ok_or(io::ErrorKind::NotFound)?;
        Ok(&self.at.insert((name.to_vec(), place)).1)
    }

    /// The folder a name is made in, made itself where it is missing; its time is kept.
    pub fn parent(&mut self, name: &[u8]) -> io::Result<&Place> {
        let above = split(name).0;
        let time = self.folder(above, true)?.folder.own_facts()?.mtime_ns;
        self.times.entry(above.to_vec()).or_insert(time);
        self.folder(above, true)
    }

    /// Says what is set on a folder at the end, where this restore made it.
    pub fn at_the_end(&mut self, name: &[u8], stamp: Stamp, xattrs: Vec<Xattr>) {
        if let Some(slot) = self.made.get_mut(name) {
            *slot = Some((stamp, xattrs));
        }
    }

    /// Sets what was to be set on folders, the deepest first; gives what failed.
    pub fn finish(&mut self) -> Vec<(Vec<u8>, String)> {
        let mut failed = Vec::new();
        let made = std::mem::take(&mut self.made);
        let mut order: Vec<_> =
            self.times.iter().filter(|(name, _)| !made.contains_key(*name)).map(|(n, t)| (n.clone(), Err(*t))).collect();
        order.extend(made.into_iter().filter_map(|(name, end)| end.map(|end| (name, Ok(end)))));
        order.sort_by_cached_key(|(name, _)| {
            std::cmp::Reverse((name.split(|b| *b == b'/').filter(|p| !p.is_empty()).count(), name.clone()))
        });
        for (name, end) in order {
            let outcome = self.folder(&name, false).and_then(|place| match &end {
                Ok((stamp, xattrs)) => meta::set_folder(&place.folder, stamp, xattrs),
                Err(time) => meta::set_folder_time(&place.folder, *time).map(|()| Vec::new()),
            });
            // A folder that was here before may belong to somebody else; its time is a courtesy then.
            let ours = end.is_ok();
            match outcome {
                Err(e) if ours => failed.push((name, format!("its mode and time could not be set: {e}"))),
                Ok(xattrs) if !xattrs.is_empty() => {
                    let names: Vec<_> = xattrs.iter().map(|x| String::from_utf8_lossy(x).into_owned()).collect();
                    failed.push((name, format!("its attributes {} could not be set", names.join(", "))));
                }
                _ => {}
            }
        }
        failed
    }
}
