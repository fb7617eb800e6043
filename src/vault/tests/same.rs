//! Whether two trees are the same: names, bytes, kinds, links, modes and times to the nanosecond.

use crate::model::{Kind, from_bytes};
use crate::platform::Folder;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

#[derive(PartialEq, Eq, Clone)]
pub(crate) struct Tree(BTreeMap<PathBuf, String>);

impl std::fmt::Debug for Tree {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map().entries(&self.0).finish()
    }
}

impl Tree {
    pub(crate) fn of(top: &Path) -> Self {
        let mut all = BTreeMap::new();
        let Ok(folder) = Folder::open(top) else { return Self(all) };
        all.insert(PathBuf::new(), format!("Dir at {}", folder.own_facts().unwrap().mtime_ns));
        let mut todo = vec![(folder, PathBuf::new())];
        while let Some((folder, path)) = todo.pop() {
            for entry in folder.list() {
                let entry = entry.unwrap();
                let facts = entry.facts.unwrap();
                let path = path.join(from_bytes(&entry.name));
                let content = match facts.kind {
                    // A sparse gigabyte takes seconds; its inode and time must do.
                    Kind::File if facts.size < 1 << 24 => {
                        let mut hasher = blake3::Hasher::new();
                        hasher.update_reader(folder.file(&entry.name).unwrap()).unwrap();
                        hasher.finalize().to_hex().to_string()
                    }
                    Kind::Symlink => format!("{:?}", folder.link(&entry.name).unwrap()),
                    _ => String::new(),
                };
                let size = if facts.kind == Kind::Dir { 0 } else { facts.size };
                let links = if facts.kind == Kind::Dir { 0 } else { facts.nlink };
                all.insert(path.clone(), format!("{:?} {size} x{links} #{} at {} {content}", facts.kind, facts.ino, facts.mtime_ns));
                if facts.kind == Kind::Dir {
                    todo.push((folder.folder(&entry.name).unwrap(), path));
                }
            }
        }
        Self(all)
    }

    pub(super) fn has(&self, path: &str) -> bool {
        self.0.contains_key(Path::new(path))
    }

    /// The same but for the times of folders.
    pub(super) fn without_folder_times(&self) -> Self {
        let plain = |facts: &String| if facts.starts_with("Dir") { "Dir".to_owned() } else { facts.clone() };
        Self(self.0.iter().map(|(path, facts)| (path.clone(), plain(facts))).collect())
    }

    /// The names of what is no folder.
    pub(super) fn files(&self) -> Vec<String> {
        self.0.iter().filter(|(_, facts)| !facts.starts_with("Dir")).map(|(path, _)| path.to_string_lossy().into_owned()).collect()
    }

    /// The names alone.
    pub(super) fn names(&self) -> Vec<String> {
        self.0.keys().map(|p| p.to_string_lossy().into_owned()).filter(|n| !n.is_empty()).collect()
    }
}
