//! Hashing a file as it is now.

use super::hash_large;
use crate::image::Content;
use crate::model::Stop;
use crate::platform::{changed_of, facts_of, open_beneath};
use sha2::{Digest, Sha256};
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::Path;

/// As much as is read at once.
const PIECE: usize = 1 << 20;

/// BLAKE3 of a regular file below a root, no link followed; `None` when stopped. Fails when the file is not as large
/// as it was said to be, or changes while it is read.
pub fn blake3_of(root: &Path, path: &Path, size: u64, stop: &Stop) -> io::Result<Option<blake3::Hash>> {
    let mut file = open_beneath(root, path)?;
    Ok(read(&mut file, path, size, &mut room(size), stop, Kind::Blake3)?.map(|read| blake3::Hash::from_bytes(read.hash)))
}

/// Which hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// What copies are compared by.
    Blake3,
    /// What Python's lists of files have.
    Sha256,
}

/// A hash, and what the file system said of the file all the while.
pub(super) struct Hashed {
    /// The hash.
    pub(super) hash: [u8; 32],
    /// The file's facts.
    pub(super) meta: Metadata,
}

enum Hasher {
    Blake3(Box<blake3::Hasher>),
    Sha256(Sha256),
}

impl Hasher {
    fn new(kind: Kind) -> Self {
        match kind {
            Kind::Blake3 => Self::Blake3(Box::default()),
            Kind::Sha256 => Self::Sha256(Sha256::new()),
        }
    }

    /// Takes everything up to the end and counts it; `None` when stopped.
    fn take_all(&mut self, from: &mut impl Read, buffer: &mut [u8], stop: &Stop) -> io::Result<Option<u64>> {
        let mut read = 0;
        loop {
            if stop.is_stopped() {
                return Ok(None);
            }
            match from.read(buffer) {
                Ok(0) => return Ok(Some(read)),
                Ok(n) => {
                    self.take(&buffer[..n]);
                    read += n as u64;
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        match self {
            Self::Blake3(hasher) => {
                hasher.update(bytes);
            }
            Self::Sha256(hasher) => hasher.update(bytes),
        }
    }

    fn done(self) -> [u8; 32] {
        match self {
            Self::Blake3(hasher) => *hasher.finalize().as_bytes(),
            Self::Sha256(hasher) => hasher.finalize().into(),
        }
    }
}

/// Room for reading a file of this size.
pub(super) fn room(size: u64) -> Vec<u8> {
    vec![0; usize::try_from(size).unwrap_or(PIECE).clamp(1, PIECE)]
}

/// Reads a file on an image to its end; `None` when stopped.
pub(super) fn read_content(mut content: Content, size: u64, buffer: &mut [u8], stop: &Stop, kind: Kind) -> io::Result<Option<[u8; 32]>> {
    let mut hasher = Hasher::new(kind);
    match hasher.take_all(&mut content, buffer, stop)? {
        None => Ok(None),
        Some(read) if read == size => Ok(Some(hasher.done())),
        Some(_) => Err(io::Error::other("it has another length than was told")),
    }
}

/// Reads an open file to its end; `None` when stopped. Fails as [`blake3_of`] does.
pub(super) fn read(file: &mut File, path: &Path, size: u64, buffer: &mut [u8], stop: &Stop, kind: Kind) -> io::Result<Option<Hashed>> {
    let before = file.metadata()?;
    let mut hasher = Hasher::new(kind);
    let mut read = 0;
    let mut whole = None;
    if kind == Kind::Blake3 && hash_large::is_large(size) && before.len() == size {
        let Some(hash) = hash_large::hash(file, size, stop)? else { return Ok(None) };
        (whole, read) = (Some(*hash.as_bytes()), size);
    }
    if whole.is_none() {
        let Some(all) = hasher.take_all(file, buffer, stop)? else { return Ok(None) };
        read = all;
    }
    let after = file.metadata()?;
    let (was, is) = (facts_of(&before, path), facts_of(&after, path));
    if read != size || is.size != size || is.mtime_ns != was.mtime_ns || changed_of(&after) != changed_of(&before) || was.placeholder {
        return Err(io::Error::other("it changed while it was read"));
    }
    Ok(Some(Hashed { hash: whole.unwrap_or_else(|| hasher.done()), meta: after }))
}
