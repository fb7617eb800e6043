//! Makes one packed copy: written beside its place, read back, and only then given its name.

use super::place::{folder, make_folder, place, unfinished};
use super::register::Packed;
use super::{Item, LEVEL};
use crate::classify::packed::blake3_within;
use crate::model::{Catalog, Stop};
use crate::platform::{facts, free_space, open_beneath};
use crate::stores::Packing;
use crate::vault::own;
use crate::world::World;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Room that is left on the disk besides.
const SPARE: u64 = 16 << 20;
/// From this size on more than one core packs a file.
const LARGE: u64 = 64 << 20;

/// A packed copy that is finished but has no name yet.
pub(super) struct Fresh {
    pub(super) entry: Packed,
    pub(super) partial: PathBuf,
}

/// Writes the packed copy of a file and reads it back; nothing has its name yet.
pub(super) fn make(world: &World, catalog: &Catalog, item: &Item) -> io::Result<Fresh> {
    let path = catalog.path(item.node);
    let root = catalog.store_of(item.node).map(|ix| catalog.store(ix).root.clone()).ok_or(io::ErrorKind::NotFound)?;
    let folder = folder(world, item, &path);
    if item.way == Packing::Aside {
        make_folder(&folder)?;
    }
    if free_space(&folder)?.0 < item.packed_bytes.max(item.bytes / 8) + SPARE {
        return Err(io::Error::new(io::ErrorKind::StorageFull, "there is no room for the packed copy; purge what is in the vault first"));
    }
    let partial = unfinished(&folder.join(path.file_name().ok_or(io::ErrorKind::InvalidInput)?))?;
    own::discard(&partial);
    let written = write(&root, &path, &partial, item.way);
    let made = written.and_then(|(hash, bytes, mode, mtime_ns)| {
        let within = blake3_within(&folder, &partial, bytes, &Stop::default())?;
        if within != Some(hash) {
            return Err(io::Error::other("what was read back is not what was packed"));
        }
        let (packed_hash, packed_bytes) = hash_of(&mut open_beneath(&folder, &partial)?)?;
        let entry = Packed {
            path: path.clone(),
            packed: place(world, item, &path, hash),
            root: root.clone(),
            store: item.store.clone(),
            session: item.session.clone(),
            title: item.title.clone(),
            bytes,
            packed_bytes,
            blake3: hash.to_hex().to_string(),
            packed_blake3: packed_hash.to_hex().to_string(),
            mtime_ns,
            mode,
            when: world.now(),
        };
        Ok(Fresh { entry, partial: partial.clone() })
    });
    if made.is_err() {
        own::discard(&partial);
    }
    made
}

type Written = (blake3::Hash, u64, Option<u32>, i64);

/// Packs a file into a new one, with its times and, where the tool will read it, its mode.
fn write(root: &Path, path: &Path, partial: &Path, way: Packing) -> io::Result<Written> {
    let before = facts(path)?;
    let mut plain = open_beneath(root, path)?;
    let mode = mode_of(&plain)?;
    let mut how = File::options();
    how.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut how, if way == Packing::Beside { mode.unwrap_or(0o600) & 0o777 } else { 0o600 });
    #[cfg(not(unix))]
    let _ = way;
    let mut packer = zstd::stream::write::Encoder::new(how.open(partial)?, LEVEL)?;
    packer.include_checksum(true)?;
    packer.set_pledged_src_size(Some(before.size))?;
    if before.size >= LARGE {
        packer.multithread(2)?;
    }
    let (mut hasher, mut buffer, mut read) = (blake3::Hasher::new(), vec![0; 1 << 18], 0_u64);
    loop {
        match plain.read(&mut buffer)? {
            0 => break,
            n => {
                hasher.update(&buffer[..n]);
                packer.write_all(&buffer[..n])?;
                read += n as u64;
            }
        }
    }
    let file = packer.finish()?;
    file.set_modified(time(before.mtime_ns))?;
    file.sync_all()?;
    let after = facts(path)?;
    if read != before.size || (after.size, after.mtime_ns, after.ino) != (before.size, before.mtime_ns, before.ino) {
        return Err(io::Error::other("it changed while it was packed"));
    }
    Ok((hasher.finalize(), read, mode, before.mtime_ns))
}

/// BLAKE3 and bytes of an open file.
pub(super) fn hash_of(file: &mut File) -> io::Result<(blake3::Hash, u64)> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(file)?;
    Ok((hasher.finalize(), hasher.count()))
}

/// A time in nanoseconds since 1970.
pub(super) fn time(ns: i64) -> SystemTime {
    let apart = Duration::from_nanos(ns.unsigned_abs());
    if ns < 0 { SystemTime::UNIX_EPOCH - apart } else { SystemTime::UNIX_EPOCH + apart }
}

#[cfg(unix)]
fn mode_of(file: &File) -> io::Result<Option<u32>> {
    Ok(Some(std::os::unix::fs::MetadataExt::mode(&file.metadata()?)))
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "other platforms have a mode")]
fn mode_of(_: &File) -> io::Result<Option<u32>> {
    Ok(None)
}
