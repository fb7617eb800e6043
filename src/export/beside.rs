//! Files beside the page: pictures, long outputs, sub-agents' own pages. They are kept as the page itself is.

use super::keep::{Source, Wanted, keep_by};
use super::{names, write};
use crate::manifest::Entry;
use crate::model::{Failed, PathText, Skipped};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

/// Takes what is to stand in files beside the page.
pub trait Beside {
    /// Where a file of this run is, whatever happened to its place.
    fn there(&self, place: &str) -> Option<String>;
    /// Keeps a file at a place below the durable folder and gives where it is; `None`: it could not be written.
    fn keep(&mut self, place: &str, source: &mut dyn Source) -> Option<String>;
}

/// The durable folder as it takes them.
#[derive(Debug)]
pub struct Folder<'a> {
    top: &'a Path,
    dry_run: bool,
    /// What the manifest says of each place.
    entries: BTreeMap<String, Entry>,
    /// What this run kept, by its place, and where that is.
    kept: HashMap<String, String>,
    taken: HashSet<String>,
    /// What was written and is not known to last yet.
    written: Vec<PathBuf>,
    /// Left alone, and why.
    pub skipped: Vec<Skipped>,
    /// Could not be written.
    pub failed: Vec<Failed>,
}

impl<'a> Folder<'a> {
    /// One that holds these already.
    pub fn new(top: &'a Path, entries: Vec<Entry>, dry_run: bool) -> Self {
        let entries = entries.into_iter().map(|e| (e.source().to_owned(), e)).collect();
        Self {
            top,
            dry_run,
            entries,
            kept: HashMap::new(),
            taken: HashSet::new(),
            written: Vec::new(),
            skipped: Vec::new(),
            failed: Vec::new(),
        }
    }

    /// Waits until all of them last, and gives what the manifest is to say, in the order of their places.
    pub fn settle(&mut self) -> Vec<Entry> {
        let failed = write::settle(&std::mem::take(&mut self.written));
        self.failed.extend(failed.into_iter().map(|(path, e)| Failed { path: PathText::new(&path), error: e.to_string() }));
        self.entries.values().cloned().collect()
    }
}

impl Beside for Folder<'_> {
    fn there(&self, place: &str) -> Option<String> {
        self.kept.get(place).cloned()
    }

    fn keep(&mut self, place: &str, source: &mut dyn Source) -> Option<String> {
        let mut place = place.to_owned();
        let (folder, name) = place.rsplit_once('/').map_or((String::new(), place.clone()), |(f, n)| (format!("{f}/"), n.to_owned()));
        for n in 2.. {
            if !self.kept.contains_key(&place) {
                break;
            }
            place = format!("{folder}{}", names::numbered(&name, n));
        }
        let wanted = Wanted { path: Path::new(&place), source: &place, taken: &self.taken, before: self.entries.get(&place) };
        match keep_by(write::write_soon, self.top, &wanted, source, None, self.dry_run) {
            Ok(kept) => {
                if let Some(there) = &kept.instead_of {
                    let reason =
                        format!("not ours or changed since, so left as it is; what belongs there is beside it as {}", kept.entry.path);
                    self.skipped.push(Skipped { path: PathText::new(&self.top.join(there)), reason });
                }
                let path = kept.entry.path.clone();
                self.written.extend(kept.written.filter(|_| !self.dry_run).map(|_| self.top.join(&path)));
                self.taken.insert(path.clone());
                self.kept.insert(place.clone(), path.clone());
                self.entries.insert(place, kept.entry);
                Some(path)
            }
            Err(e) => {
                self.failed.push(Failed { path: PathText::new(&self.top.join(&place)), error: e.to_string() });
                None
            }
        }
    }
}
