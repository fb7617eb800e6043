//! Unpacks: the exact bytes again, where they were.

use super::make::{hash_of, time};
use super::place::unfinished;
use super::register::{Packed, Register, lines};
use super::settle::{drop_copies, settle_in};
use crate::error::Result;
use crate::model::{Failed, PathText, Progress, Skipped, Watch};
use crate::platform::{facts, free_space, open_beneath};
use crate::vault::own;
use crate::world::World;
use serde::Serialize;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// What was unpacked.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Unpacked {
    /// Files that are back.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files left alone, and why.
    pub skipped: Vec<Skipped>,
    /// Files that failed, and why.
    pub failed: Vec<Failed>,
    /// Whether it was stopped before its end.
    pub interrupted: bool,
}

/// Every file that was packed and not unpacked since.
pub fn packed(world: &World) -> Result<Vec<Packed>> {
    Ok(lines(world)?.0)
}

/// Writes these files again from their packed copies, reads them back, and drops the copies.
pub fn unpack(world: &World, which: &dyn Fn(&Packed) -> bool, watch: &dyn Watch) -> Result<Unpacked> {
    let mut register = Register::open(world)?;
    // What its tool unpacked itself meanwhile is packed no more.
    settle_in(&mut register)?;
    let chosen: Vec<Packed> = register.all.iter().filter(|p| which(p)).cloned().collect();
    let (mut done, mut back) = (Unpacked::default(), Vec::new());
    let mut progress = Progress { verb: "Unpacking", files_total: Some(chosen.len() as u64), ..Progress::default() };
    for entry in chosen {
        if watch.stopped() {
            done.interrupted = true;
            break;
        }
        let path = PathText::new(&entry.path);
        if facts(&entry.path).is_ok() {
            done.skipped.push(Skipped { path, reason: "something is there already, and nothing is overwritten".into() });
        } else {
            match one(world, &entry) {
                Ok(()) => {
                    done.files += 1;
                    done.bytes += entry.bytes;
                    back.push(entry.path.clone());
                }
                Err(e) => done.failed.push(Failed { path, error: format!("it cannot be unpacked: {e}") }),
            }
        }
        progress.files += 1;
        progress.bytes += entry.bytes;
        watch.at(&progress);
    }
    drop_copies(&mut register, |p| back.contains(&p.path));
    register.keep()?;
    Ok(done)
}

fn one(world: &World, entry: &Packed) -> io::Result<()> {
    let folder = entry.path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    beneath(&entry.root, folder)?;
    if free_space(folder)?.0 < entry.bytes + (1 << 20) {
        return Err(io::Error::new(io::ErrorKind::StorageFull, "there is no room for it"));
    }
    let partial = unfinished(&entry.path)?;
    own::discard(&partial);
    let written = write(world, entry, &partial).and_then(|()| {
        let (hash, bytes) = hash_of(&mut open_beneath(&entry.root, &partial)?)?;
        if hash.to_hex().as_str() != entry.blake3 || bytes != entry.bytes {
            return Err(io::Error::other("what came out is not what was packed"));
        }
        own::publish(&partial, &entry.path).map_err(io::Error::other)
    });
    if written.is_err() {
        own::discard(&partial);
    }
    written
}

/// Makes the folders that are gone meanwhile, below the store's root and through no link.
fn beneath(root: &Path, folder: &Path) -> io::Result<()> {
    let outside = || io::Error::other("it is not below its store");
    let mut at = root.to_path_buf();
    for part in folder.strip_prefix(root).map_err(|_| outside())?.components() {
        at.push(part);
        match facts(&at) {
            Ok(f) if f.kind == crate::model::Kind::Dir => {}
            Ok(_) => return Err(io::Error::other("a link or a file stands where one of its folders was")),
            Err(_) => std::fs::create_dir(&at)?,
        }
    }
    Ok(())
}

fn write(world: &World, entry: &Packed, partial: &Path) -> io::Result<()> {
    let folder = entry.packed.parent().ok_or(io::ErrorKind::InvalidInput)?;
    let mut text = zstd::stream::read::Decoder::new(open_beneath(folder, &entry.packed)?)?.take(entry.bytes.saturating_add(1));
    let mut how = File::options();
    how.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut how, entry.mode.unwrap_or(0o600) & 0o777);
    let mut file = how.open(partial)?;
    io::copy(&mut text, &mut file)?;
    // Claude Code sweeps what is old by its time, and would take it at once.
    let sweeps = entry.store == "claude-code";
    let when = if sweeps { std::time::SystemTime::from(world.now()) } else { time(entry.mtime_ns) };
    file.set_modified(when)?;
    file.sync_all()
}
