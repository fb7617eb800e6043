//! What times tell of a folder that an installer filled: whether a file is as it was when the installer finished.
//!
//! Installers write a list of their own last. A file's time of change can be set to anything, but the system's own time
//! of the last change of any sort cannot, so a file whose own is later than the list's was changed afterwards, whatever
//! its other time says. That holds where the list was written once and by the installer itself; in a copy, the system's
//! times are those of the copying.

use super::rule::{Unit, UnitEntry};
use crate::model::Kind;
use crate::platform::Times;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// How far apart times of one writing may be, in nanoseconds.
const AT_ONCE: i64 = 10_000_000;
/// How long the list itself may take to be written; running an installer a second time takes longer.
const WRITING: i64 = 200_000_000;
/// How long an installer may seem to do nothing. A file that is later than its package by more was changed by hand.
const PAUSE: i64 = 2_000_000_000;

/// What times can be held against.
pub enum Since {
    /// The list as the installer left it, at this time.
    Finished(i64),
    /// A copy that kept the times.
    Copied(Copied),
    /// Nothing; why.
    Untold(String),
}

/// A copy that kept the times: the times of the original, and when the copying of each folder ended.
pub struct Copied {
    list: i64,
    /// The system's time of each folder that kept its own time; "" is the unit's folder.
    ended: HashMap<PathBuf, i64>,
    /// By file: which pause between two writings of the original comes after it.
    burst: HashMap<PathBuf, usize>,
}

impl Since {
    /// Reads what times tell. `list` is the file the installer writes last; `package` gives the package a listed file
    /// belongs to.
    pub fn read(unit: &Unit, list: &Path, package: impl Fn(&UnitEntry) -> Option<PathBuf>) -> Self {
        let told = match unit.times(list) {
            Ok(told) => told,
            Err(e) => return Self::Untold(format!("{} could not be looked at: {e}", list.display())),
        };
        let Some(changed) = told.changed else {
            return Self::Untold("this system does not tell when a file was really changed, so an edit could not be seen".into());
        };
        if changed.saturating_sub(told.modified) > AT_ONCE {
            return Self::Copied(Copied::read(unit, told.modified));
        }
        match told.born {
            Some(born) if told.modified.saturating_sub(born) <= WRITING => {}
            Some(_) => return Self::Untold("the installer ran more than once, so times do not tell what was changed in between".into()),
            None => {
                return Self::Untold("this file system does not tell when the installer first ran, so an edit could not be seen".into());
            }
        }
        match arrived_later(unit, changed, package) {
            Some(package) => Self::Untold(format!(
                "{} came here after the installer had finished, as in a copy, so times tell nothing",
                package.display()
            )),
            None => Self::Finished(changed),
        }
    }

    /// Whether a file is as it was when the installer finished, as far as times tell.
    pub fn tells(&self, unit: &Unit, entry: &UnitEntry, package: &Path) -> Result<(), String> {
        let changed = |told: &Times| told.changed.unwrap_or(i64::MAX);
        let told = unit.times(&entry.path).map_err(|e| format!("it could not be looked at: {e}"))?;
        match self {
            Self::Untold(why) => Err(why.clone()),
            Self::Finished(at) if told.modified <= *at && changed(&told) <= *at => Ok(()),
            Self::Finished(at) if told.modified <= *at => {
                Err("changed after the installer finished; its time was set back, or it was given another name or owner".into())
            }
            Self::Finished(_) => Err("changed after the installer finished".into()),
            Self::Copied(copied) => {
                let linked = unit.facts(&entry.path).is_ok_and(|f| f.nlink > 1);
                copied.tells(entry, told.modified, changed(&told), linked, package)
            }
        }
    }

    /// In words, for the evidence; `None` where times tell nothing.
    pub fn says(&self) -> Option<&'static str> {
        match self {
            Self::Finished(_) => Some("was changed after the installer finished, by the system's own times"),
            Self::Copied(_) => Some(
                "is younger than the installer's list or was changed after the folder was copied here; an edit made before that and dated back would not be seen",
            ),
            Self::Untold(_) => None,
        }
    }
}

/// A package of the list all files of which, and whose folder, are later than the list.
fn arrived_later(unit: &Unit, list: i64, package: impl Fn(&UnitEntry) -> Option<PathBuf>) -> Option<PathBuf> {
    let later = |path: &Path| unit.times(path).is_ok_and(|t| t.changed.is_none_or(|c| c > list));
    let mut young: HashMap<PathBuf, bool> = HashMap::new();
    for entry in unit.entries.iter().filter(|e| e.kind == Kind::File) {
        if let Some(package) = package(entry)
            && *young.entry(package.clone()).or_insert(true)
            && !later(&entry.path)
        {
            young.insert(package, false);
        }
    }
    young.into_iter().find(|(package, young)| *young && later(package)).map(|(package, _)| package)
}

impl Copied {
    fn read(unit: &Unit, list: i64) -> Self {
        let folders = unit.entries.iter().filter(|e| e.kind == Kind::Dir).map(|e| e.path.clone()).chain([PathBuf::new()]);
        let ended = folders.filter_map(|folder| {
            let told = unit.times(&folder).ok()?;
            (told.modified <= list).then_some((folder, told.changed?))
        });
        let mut files: Vec<&UnitEntry> = unit.entries.iter().filter(|e| e.kind == Kind::File).collect();
        files.sort_by_key(|e| e.mtime_ns);
        let (mut at, mut before) = (0, files.first().map_or(0, |e| e.mtime_ns));
        let burst = files.into_iter().map(|e| {
            at += usize::from(e.mtime_ns.saturating_sub(before) > PAUSE);
            before = e.mtime_ns;
            (e.path.clone(), at)
        });
        Self { list, ended: ended.collect(), burst: burst.collect() }
    }

    fn tells(&self, entry: &UnitEntry, modified: i64, changed: i64, linked: bool, package: &Path) -> Result<(), String> {
        if modified > self.list {
            return Err("changed after the installer finished".into());
        }
        let near = entry.path.parent().unwrap_or(Path::new(""));
        if !self.ended.contains_key(near) {
            return Err("the folder it lies in was changed after the installer finished, or was copied without its time".into());
        }
        // A second name is made, and changes the file's times, after the folder of the first is done.
        let around = near.ancestors().filter(|a| !linked || a.as_os_str().is_empty());
        match around.filter_map(|a| self.ended.get(a)).min() {
            Some(ended) if changed <= *ended => {}
            Some(_) => return Err("changed after the folder was copied here".into()),
            None => return Err("nothing tells when the folder was copied here".into()),
        }
        let burst = |path: &Path| self.burst.get(path);
        let later = burst(&package.join("package.json")).zip(burst(&entry.path)).is_some_and(|(package, own)| own != package);
        if later { Err("changed at another time than its package was installed".into()) } else { Ok(()) }
    }
}
