//! Looks in the user's own folders for files with the same bytes.

use super::ground::{Bytes, Ground};
use super::hashes::Hashes;
use super::index::{Copy, Index, Places};
use super::packed;
use super::rule::Judged;
use crate::model::{Class, Evidence, NodeId, Proof, Stop, Verdict};
use crate::platform::open_beneath;
use crate::world::World;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// A file that a copy is looked for.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Its node.
    pub id: NodeId,
    /// Its absolute path.
    pub path: PathBuf,
    /// Where its bytes are.
    pub ground: Ground,
    /// Apparent size in bytes.
    pub size: u64,
    /// Device number.
    pub dev: u64,
    /// Inode or file index; 0 where the platform has none at hand.
    pub ino: u64,
    /// Names the file has, as far as the platform tells.
    pub nlink: u32,
    /// A packed copy beside it, which the tool reads where the file is gone.
    pub packed: Option<PathBuf>,
    /// The folders a copy counts in, the session's own first.
    pub folders: Arc<[PathBuf]>,
    /// What it is when no copy is found.
    pub without: Arc<Verdict>,
}

/// Where copies are looked for.
#[derive(Clone, Copy)]
pub struct Search<'a> {
    /// The files of the user's folders.
    pub index: &'a Index,
    /// Hashes, the known ones from an earlier scan.
    pub hashes: &'a Hashes,
}

/// The verdict of a file no copy of which was found: what it was before, and where was looked.
pub fn nothing_found(world: &World, before: &Verdict, places: &Places, bound: &[PathBuf], index: &Index) -> Verdict {
    let mut verdict = before.clone();
    verdict.class = Class::AtRisk;
    let mut say = |says: String| verdict.evidence.push(Evidence::new("copies/none", says));
    for folder in bound {
        match places.looked_at(folder) {
            Some(_) => say(format!("no copy with these bytes in {} (checked)", world.short(folder))),
            None => say(format!("{} is gone, or is no folder of your own, so it was not looked in", world.short(folder))),
        }
    }
    let common: Vec<String> = places.common.iter().map(|p| world.short(p)).collect();
    if common.is_empty() {
        say("there is no Documents, Desktop or Downloads folder to look in".into());
    } else {
        say(format!("no copy with these bytes in {} (checked)", common.join(", ")));
    }
    for (path, error) in index.blind.iter().take(3) {
        say(format!("could not look in {}: {error}", world.short(path)));
    }
    verdict
}

/// Looks for copies and gives each file its verdict, in portions as they come.
pub fn find_copies(world: &World, search: &Search, files: &[Wanted], threads: usize, stop: &Stop, found: &(dyn Fn(Judged) + Sync)) {
    let next = AtomicUsize::new(0);
    let seen = Mutex::new(HashMap::new());
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if stop.is_stopped() {
                        return;
                    }
                    if let Some(verdict) = judge(world, search, file, &seen, stop) {
                        found(Judged { verdicts: vec![verdict], nodes: vec![(file.id, 0)], ..Judged::default() });
                    }
                }
            });
        }
    });
}

type Seen = Mutex<HashMap<PathBuf, Option<blake3::Hash>>>;

/// `None` only when stopped: then the file stays as it is, at risk.
fn judge(world: &World, search: &Search, file: &Wanted, seen: &Seen, stop: &Stop) -> Option<Verdict> {
    let same = |c: &Copy| file.ino != 0 && (c.dev, c.ino) == (file.dev, file.ino);
    // A file with one name is no copy of itself, whichever way it was reached.
    let counts = |c: &&Copy| file.nlink > 1 || !same(c);
    let all = search.index.of_size(file.size).iter().filter(counts);
    let mut placed: Vec<(usize, &Copy)> = all.filter_map(|c| Some((file.folders.iter().position(|f| lies_in(&c.path, f))?, c))).collect();
    placed.sort_by_key(|(folder, _)| *folder);
    let near: Vec<&Copy> = placed.into_iter().map(|(_, copy)| copy).collect();
    if let Some(copy) = near.iter().find(|c| same(c)) {
        let says = format!("the same file, under a second name: {}", world.short(&copy.path));
        return Some(flushed(says, &copy.path, world, Proof::SameInode { copy: copy.path.clone() }));
    }
    if near.is_empty() {
        let Some(copy) = &file.packed else { return Some((*file.without).clone()) };
        let own = || search.hashes.blake3(file.ground.open(&file.path)?, &file.path, file.size, stop);
        let judged = packed::judge(world, file, copy, &own, stop)?;
        return Some(judged.unwrap_or_else(|why| with(&file.without, "copies/packed", why)));
    }
    let own = match file.ground.open(&file.path).and_then(|open| search.hashes.blake3(open, &file.path, file.size, stop)) {
        Ok(hash) => hash?,
        Err(e) => return Some(with(&file.without, "copies/unreadable", format!("it could not be read to look for a copy: {e}"))),
    };
    for copy in &near {
        let known = seen.lock().unwrap_or_else(PoisonError::into_inner).get(&copy.path).copied();
        let hash = match known {
            Some(hash) => hash,
            None => {
                let open = open_beneath(&copy.root, &copy.path).map(Bytes::Disk);
                let hash = match open.and_then(|open| search.hashes.blake3(open, &copy.path, file.size, stop)) {
                    Ok(hash) => Some(hash?),
                    Err(_) => None,
                };
                seen.lock().unwrap_or_else(PoisonError::into_inner).insert(copy.path.clone(), hash);
                hash
            }
        };
        if hash == Some(own) {
            let hex = own.to_hex();
            let says = format!("the same bytes are in {} (BLAKE3 {}…, both read)", world.short(&copy.path), &hex[..12]);
            return Some(flushed(says, &copy.path, world, Proof::SameBytes { copy: copy.path.clone(), blake3: hex.to_string() }));
        }
    }
    let says = format!("{} has the same size, but other bytes", world.short(&near[0].path));
    Some(with(&file.without, "copies/differs", says))
}

/// Whether a path lies in a folder, told by their bytes: a thousand sessions may each have a file of one size, and a
/// thousand copies of it.
fn lies_in(path: &Path, folder: &Path) -> bool {
    let (path, folder) = (path.as_os_str().as_encoded_bytes(), folder.as_os_str().as_encoded_bytes());
    let parts = |b: &u8| *b == b'/' || cfg!(windows) && *b == b'\\';
    path.strip_prefix(folder).is_some_and(|rest| rest.first().is_none_or(parts) || folder.last().is_some_and(parts))
}

fn flushed(says: String, copy: &Path, world: &World, proof: Proof) -> Verdict {
    let rule = if matches!(proof, Proof::SameInode { .. }) { "copies/same-inode" } else { "copies/same-bytes" };
    Verdict {
        class: Class::Flushed,
        evidence: vec![Evidence::new(rule, says)],
        comes_back: Some(format!("copy it back from {}", world.short(copy)).into()),
        proof: Some(proof),
    }
}

fn with(verdict: &Verdict, rule: &'static str, says: String) -> Verdict {
    let mut verdict = verdict.clone();
    verdict.evidence.push(Evidence::new(rule, says));
    verdict
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_lies_in_a_folder_by_whole_names_alone() {
        let is = |path: &str, folder: &str| lies_in(Path::new(path), Path::new(folder));
        assert!(is("/home/u/Work/a", "/home/u/Work") && is("/home/u/Work", "/home/u/Work") && is("/a", "/"));
        assert!(!is("/home/u/Works/a", "/home/u/Work") && !is("/home/u", "/home/u/Work"));
    }
}
