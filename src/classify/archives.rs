//! Files of `node_modules` compared, byte for byte, with the archives they were installed from.

use super::node_lock::Lock;
use super::npm_cache::{archive, as_installed, each_file};
use super::rule::{Unit, UnitEntry};
use crate::model::{Kind, Stop};
use std::collections::{HashMap, HashSet};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// What the comparison found.
#[derive(Debug, Default)]
pub struct Archives {
    /// Package folders, below `node_modules`, whose archive was at hand and was read to its end.
    pub packages: HashSet<PathBuf>,
    /// Files that hold the very bytes of their package's archive.
    pub same: HashSet<PathBuf>,
}

impl Archives {
    /// Looks for the archive of every package of the lock in npm's caches, and compares what is installed with it.
    pub fn compare(unit: &Unit, lock: &Lock, stop: &Stop) -> Self {
        let caches = unit.around.npm_caches(unit);
        let wanted: Vec<(PathBuf, &[u8])> = lock.folders.iter().filter_map(|(key, p)| Some((folder(key)?, p.sha512.as_deref()?))).collect();
        let found = Mutex::new(Self::default());
        if caches.is_empty() {
            return found.into_inner().unwrap_or_else(PoisonError::into_inner);
        }
        let (entries, next) = (unit.by_path(), AtomicUsize::new(0));
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(8);
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    while let Some((folder, sha512)) = wanted.get(next.fetch_add(1, Ordering::Relaxed)) {
                        if stop.is_stopped() {
                            return;
                        }
                        let Some(bytes) = archive(&caches, sha512) else { continue };
                        let mut same = HashSet::new();
                        let whole =
                            each_file(&bytes, |path, size, reader| same.extend(equal(unit, &entries, &folder.join(path), size, reader)));
                        if whole.is_some() {
                            let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
                            found.packages.insert(folder.clone());
                            found.same.extend(same);
                        }
                    }
                });
            }
        });
        found.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether another file of the folder, one that equals its archive, has the same bytes as this one: programs that
    /// run at installation put a file of one package in the place of another's.
    pub fn elsewhere(&self, unit: &Unit, entry: &UnitEntry) -> bool {
        let mut near = unit.entries.iter().filter(|e| e.size == entry.size && e.size > 0 && self.same.contains(&e.path)).peekable();
        let own = near.peek().is_some().then(|| read(unit, entry)).flatten();
        own.is_some_and(|own| near.any(|e| read(unit, e).as_ref() == Some(&own)))
    }
}

/// The folder of a lock's key (`node_modules/a/node_modules/@b/c`) below the topmost `node_modules`.
fn folder(key: &str) -> Option<PathBuf> {
    Some(key.strip_prefix("node_modules/")?.split('/').collect())
}

/// The installed file that this file of an archive became, where it holds the same bytes.
fn equal(unit: &Unit, entries: &HashMap<&Path, &UnitEntry>, path: &Path, size: u64, reader: &mut dyn Read) -> Option<PathBuf> {
    // npm gives `.gitignore` another name, so that it does nothing where it is installed.
    let renamed = path.with_file_name(".npmignore");
    let entry = match entries.get(path) {
        None if path.ends_with(".gitignore") => entries.get(renamed.as_path())?,
        found => found?,
    };
    if entry.kind != Kind::File || entry.sealed || size.abs_diff(entry.size) > 1 {
        return None;
    }
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).ok()?;
    let installed = read(unit, entry)?;
    as_installed(bytes).contains(&installed).then(|| entry.path.clone())
}

fn read(unit: &Unit, entry: &UnitEntry) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    unit.ground.open(&unit.path.join(&entry.path)).ok()?.take(entry.size + 1).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 == entry.size).then_some(bytes)
}
