//! Single files out of an archive, each into a new file.

use super::manifest::Manifest;
use super::reader::{Piece, Reader};
use super::unpack::Unpacked;
use super::verify::sidecar;
use crate::platform::facts;
use crate::world::World;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Where verified archives are written down, each a line: size, time, path.
pub fn list(world: &World) -> PathBuf {
    world.state_dir.join("backups.txt")
}

/// The verified archives that are there as they were, the newest first, each with what it holds.
pub fn known(world: &World) -> Vec<(PathBuf, Manifest)> {
    let list = std::fs::read_to_string(list(world)).unwrap_or_default();
    let archive = |line: &str| {
        let mut words = line.splitn(3, ' ');
        let (size, time, path) = (words.next()?, words.next()?, PathBuf::from(words.next()?));
        let same = |f: crate::model::Facts| f.size.to_string() == size && f.mtime_ns.to_string() == time;
        facts(&path).is_ok_and(same).then_some(())?;
        let manifest = serde_json::from_slice(&std::fs::read(sidecar(&path)).ok()?).ok()?;
        Some((path, manifest))
    };
    list.lines().rev().filter_map(archive).collect()
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
