//! The file known hashes are kept in: one line that names it, records of one size, and a hash over all of it.

use super::hash::Kind;
use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::Path;

const NAME: &str = "hashes.bin";
const HEAD: &[u8] = b"lifeboat hashes 1\n";
/// Kind, device, inode, size, two times, hash.
const RECORD: usize = 1 + 5 * 8 + 32;
/// More than this is none of ours.
const LARGEST: u64 = 256 << 20;

/// What tells one content of one file from every other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Identity {
    pub(super) kind: Kind,
    pub(super) dev: u64,
    pub(super) ino: u64,
    pub(super) size: u64,
    pub(super) modified: i64,
    pub(super) changed: i64,
}

impl Identity {
    /// The file, whatever is in it.
    pub(super) fn file(&self) -> (Kind, u64, u64) {
        (self.kind, self.dev, self.ino)
    }

    fn bytes(&self) -> impl Iterator<Item = u8> {
        let numbers = [self.dev, self.ino, self.size, self.modified.cast_unsigned(), self.changed.cast_unsigned()];
        std::iter::once(u8::from(self.kind == Kind::Sha256)).chain(numbers.into_iter().flat_map(u64::to_le_bytes))
    }

    fn read(record: &[u8]) -> Option<(Self, [u8; 32])> {
        let kind = match record.first()? {
            0 => Kind::Blake3,
            1 => Kind::Sha256,
            _ => return None,
        };
        let number = |at: usize| Some(u64::from_le_bytes(record.get(1 + at * 8..9 + at * 8)?.try_into().ok()?));
        let (modified, changed) = (number(3)?.cast_signed(), number(4)?.cast_signed());
        let identity = Self { kind, dev: number(0)?, ino: number(1)?, size: number(2)?, modified, changed };
        Some((identity, record.get(41..)?.try_into().ok()?))
    }
}

/// The hashes kept below a state folder; `None` where there are none, or the file is torn, damaged, or of another
/// version.
pub(super) fn read(state: &Path) -> Option<HashMap<Identity, [u8; 32]>> {
    let path = state.join(NAME);
    if fs::symlink_metadata(&path).ok().is_none_or(|meta| !meta.is_file() || meta.len() > LARGEST) {
        return None;
    }
    let bytes = fs::read(path).ok()?;
    let (told, seal) = bytes.split_last_chunk::<32>()?;
    let records = told.strip_prefix(HEAD)?;
    if blake3::hash(told) != *seal || records.len() % RECORD != 0 {
        return None;
    }
    records.chunks_exact(RECORD).map(Identity::read).collect()
}

/// Keeps these hashes below a state folder in place of those that were there. A reader gets them whole or not at all: the
/// hash at the end is right for all of it only. Cut short, or written by two at once, they are lost, and read again from
/// the files themselves.
pub(super) fn write(state: &Path, kept: &[(Identity, [u8; 32])]) -> io::Result<()> {
    let mut bytes = HEAD.to_vec();
    bytes.reserve(kept.len() * RECORD + 32);
    for (identity, hash) in kept {
        bytes.extend(identity.bytes().chain(*hash));
    }
    let seal = blake3::hash(&bytes);
    bytes.extend(seal.as_bytes());
    fs::create_dir_all(state)?;
    let path = state.join(NAME);
    if fs::symlink_metadata(&path).is_ok_and(|meta| !meta.is_file()) {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    fs::write(path, bytes)
}
