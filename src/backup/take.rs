//! Single files out of an archive, each into a new file.

use super::manifest::Manifest;
use super::reader::{Piece, Reader};
use super::unpack::Unpacked;
use super::verified::{self, Verified};
use super::verify::sidecar;
use crate::world::World;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// The verified archives that are there as they were, the newest first, each with what it holds.
pub fn known(world: &World) -> Vec<(PathBuf, Manifest)> {
    let archive = |archive: Verified| {
        let manifest = serde_json::from_slice(&std::fs::read(sidecar(&archive.path)).ok()?).ok()?;
        Some((archive.path, manifest))
    };
    verified::list(world).into_iter().rev().filter(Verified::is_there).filter_map(archive).collect()
}

/// Writes files of an archive, by their names in it, each to a place where nothing is yet; gives those that are written.
/// Whether they hold what they should is for the caller to check.
pub fn take(archive: &Path, wanted: &BTreeMap<Vec<u8>, PathBuf>) -> io::Result<Vec<Vec<u8>>> {
    let mut reader = Reader::new(Unpacked::open(archive)?);
    let mut done = Vec::new();
    while let Some(member) = reader.next()? {
        let Some(place) = wanted.get(&member.name) else { continue };
        let mut file = File::create_new(place)?;
        reader.content(&member, &mut |piece| match piece {
            Piece::Data(bytes) => file.write_all(bytes),
            Piece::Hole(bytes) => file.seek(SeekFrom::Current(i64::try_from(bytes).unwrap_or(i64::MAX))).map(drop),
        })?;
        file.set_len(member.size)?;
        done.push(member.name);
        if done.len() == wanted.len() {
            break;
        }
    }
    Ok(done)
}
