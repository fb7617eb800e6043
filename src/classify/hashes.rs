//! Hashes known from an earlier scan: a file that did not change is not read again.
//!
//! They serve a scan's verdicts only; right before a file is moved its bytes are read, whatever is known. A file is the
//! same when device, inode, size and both its times are: the time of the content, and the system's own, which programs
//! cannot set. Where a platform does not tell the latter, nothing is remembered. Nor is a file that changed within two
//! seconds before it was read: it might change again with the same times.

use super::ground::Bytes;
use super::hash::{self, Kind};
use super::hash_file::{self, Identity};
use crate::model::{Hashing, Stop};
use crate::platform::{changed_of, facts_of};
use crate::world::World;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

/// How old the last change of a file must be for its hash to be remembered, in nanoseconds.
const SETTLED: i64 = 2_000_000_000;
/// As many hashes as are remembered: 81 bytes each on disk.
const MOST: usize = 400_000;

/// The known hashes, read from the state folder at first need.
#[derive(Default)]
pub struct Hashes {
    /// `None`: nothing is remembered.
    world: Option<World>,
    earlier: OnceLock<HashMap<Identity, [u8; 32]>>,
    now: Mutex<HashMap<Identity, [u8; 32]>>,
    news: AtomicBool,
    files: AtomicU64,
    bytes: AtomicU64,
    known: AtomicU64,
}

impl Hashes {
    /// The hashes that are remembered in this world.
    pub fn of(world: &World) -> Self {
        Self { world: Some(world.clone()), ..Self::default() }
    }

    /// BLAKE3 of a file, as [`hash::blake3_of`] has it, or as it was when the file was read last and has not changed since.
    pub fn blake3(&self, file: Bytes, path: &Path, size: u64, stop: &Stop) -> io::Result<Option<blake3::Hash>> {
        let mut buffer = hash::room(size);
        Ok(self.hash(file, path, size, &mut buffer, stop, Kind::Blake3)?.map(blake3::Hash::from_bytes))
    }

    /// SHA-256 of an open file in the same way; `buffer` is room to read into.
    pub fn sha256(&self, file: Bytes, path: &Path, size: u64, buffer: &mut [u8], stop: &Stop) -> io::Result<Option<[u8; 32]>> {
        self.hash(file, path, size, buffer, stop, Kind::Sha256)
    }

    fn hash(&self, file: Bytes, path: &Path, size: u64, buffer: &mut [u8], stop: &Stop, kind: Kind) -> io::Result<Option<[u8; 32]>> {
        let mut file = match file {
            Bytes::Disk(file) => file,
            // What is on an image is not remembered: its inodes' times are told by another system.
            Bytes::Image(content) => {
                let found = hash::read_content(content, size, buffer, stop, kind)?;
                self.files.fetch_add(found.iter().len() as u64, Ordering::Relaxed);
                self.bytes.fetch_add(found.map_or(0, |_| size), Ordering::Relaxed);
                return Ok(found);
            }
        };
        let began = self.world.as_ref().map_or(i64::MIN, |w| i64::try_from(w.now().as_nanosecond()).unwrap_or(i64::MIN));
        let identity = identity(&file.metadata()?, path, kind).filter(|i| i.size == size && self.world.is_some());
        if let Some((identity, hash)) = identity.and_then(|i| Some((i, *self.earlier().get(&i)?))) {
            self.known.fetch_add(1, Ordering::Relaxed);
            self.now.lock().unwrap_or_else(PoisonError::into_inner).insert(identity, hash);
            return Ok(Some(hash));
        }
        let Some(found) = hash::read(&mut file, path, size, buffer, stop, kind)? else { return Ok(None) };
        self.files.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(size, Ordering::Relaxed);
        let settled = |i: &Identity| i.modified.max(i.changed).saturating_add(SETTLED) < began;
        if let Some(identity) = identity.filter(settled).filter(|i| self::identity(&found.meta, path, kind) == Some(*i)) {
            self.now.lock().unwrap_or_else(PoisonError::into_inner).insert(identity, found.hash);
            self.news.store(true, Ordering::Relaxed);
        }
        Ok(Some(found.hash))
    }

    fn earlier(&self) -> &HashMap<Identity, [u8; 32]> {
        self.earlier.get_or_init(|| self.world.as_ref().and_then(|w| hash_file::read(&w.state_dir)).unwrap_or_default())
    }

    /// What hashing took so far.
    pub fn told(&self) -> Hashing {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Hashing { files: of(&self.files), bytes: of(&self.bytes), known: of(&self.known) }
    }

    /// Remembers what was learnt, this scan's first. That it cannot is no failure: the next scan reads the files again.
    pub fn keep(&self) {
        let Some(world) = self.world.as_ref().filter(|_| self.news.swap(false, Ordering::Relaxed)) else { return };
        let now = self.now.lock().unwrap_or_else(PoisonError::into_inner).clone();
        // A file that changed has another identity now; what it was before is of no use.
        let seen: HashSet<(Kind, u64, u64)> = now.keys().map(Identity::file).collect();
        let before = self.earlier().iter().filter(|(identity, _)| !seen.contains(&identity.file()));
        let kept: Vec<(Identity, [u8; 32])> = now.iter().chain(before).take(MOST).map(|(i, h)| (*i, *h)).collect();
        let _ = hash_file::write(&world.state_dir, &kept);
    }
}

impl fmt::Debug for Hashes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.told().fmt(f)
    }
}

fn identity(meta: &std::fs::Metadata, path: &Path, kind: Kind) -> Option<Identity> {
    let facts = facts_of(meta, path);
    let changed = changed_of(meta)?;
    (facts.ino != 0).then_some(Identity { kind, dev: facts.dev, ino: facts.ino, size: facts.size, modified: facts.mtime_ns, changed })
}
