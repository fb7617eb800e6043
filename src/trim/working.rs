//! The copy of an image that is worked on, beside it.

use crate::backup::meta;
use crate::error::{Error, Kind, Result};
use crate::model::{Progress, Watch};
use crate::platform::{clone_to, copy_ranges, free_space, punch};
use crate::vault::own;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::path::Path;

/// Bytes left over beyond what a copy needs: journals, folders, what repairs write.
const MARGIN: u64 = 64 << 20;
/// So many bytes are compared at once.
const CHUNK: usize = 1 << 20;

/// How a copy came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    /// It shares its blocks with the original.
    Cloned,
    /// It was copied, holes left out.
    Copied,
}

/// Makes the copy; what cannot be made whole is no copy, and is removed again by whoever asked.
pub fn make(image: &Path, to: &Path, watch: &dyn Watch) -> Result<Made> {
    let failed = |e: io::Error| match e.kind() {
        io::ErrorKind::Interrupted => Error::new(Kind::Interrupted, "stopped; nothing was changed").at(image),
        _ => Error::io("cannot copy the disk image", image, e),
    };
    let from = File::open(image).map_err(failed)?;
    let size = from.metadata().map_err(failed)?.len();
    own::discard(to);
    if room(image, MARGIN, 0)? && clone_to(&from, to).is_ok() {
        like(&from, to).map_err(failed)?;
        return Ok(Made::Cloned);
    }
    own::discard(to);
    let all = vec![(0, size)];
    let ranges = meta::extents(&from, size).unwrap_or(all);
    let data: u64 = ranges.iter().map(|(_, length)| length).sum();
    let needed = data.min(meta::of_file(&from).map_err(failed)?.allocated.max(1 << 20));
    if !room(image, needed, MARGIN)? {
        let size = |bytes: u64| humansize::format_size(bytes, humansize::DECIMAL);
        let says = format!("its disk cannot clone files and has no {} free for a copy of the image", size(needed + MARGIN));
        return Err(Error::refused(says).at(image).hint("`lifeboat purge` empties the vault"));
    }
    let target = private(to).map_err(failed)?;
    let mut progress = Progress { verb: "Copying the image", bytes_total: Some(data), ..Progress::default() };
    let mut told = |done| {
        progress.bytes = done;
        watch.at(&progress);
        if watch.stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    copy_ranges(&from, &target, size, &ranges, &mut told).map_err(failed)?;
    same(&from, &target, size, &ranges).map_err(failed)?;
    like(&from, to).map_err(failed)?;
    Ok(Made::Copied)
}

fn room(image: &Path, needed: u64, margin: u64) -> Result<bool> {
    let folder = image.parent().unwrap_or(Path::new("."));
    let (free, _) = free_space(folder).map_err(|e| Error::io("cannot tell how much room is free", folder, e))?;
    Ok(free >= needed + margin)
}

fn private(path: &Path) -> io::Result<File> {
    let mut how = File::options();
    how.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut how, 0o600);
    how.open(path)
}

/// Gives a copy the owner, mode and attributes of the original; an error where one of them cannot be set.
fn like(from: &File, to: &Path) -> io::Result<()> {
    let to = File::options().read(true).write(true).open(to)?;
    let was = meta::of_file(from)?;
    let stamp = meta::Stamp { mode: was.mode, uid: was.uid, gid: was.gid, mtime_ns: was.mtime_ns };
    let attributes = meta::file_xattrs(from)?;
    meta::set_file(&to, &stamp, &attributes)?;
    let now = meta::of_file(&to)?;
    let alike = (now.mode, now.uid, now.gid) == (was.mode, was.uid, was.gid) && meta::file_xattrs(&to)? == attributes;
    if alike { Ok(()) } else { Err(io::Error::other("the copy cannot have the owner, mode or attributes of the original")) }
}

/// Whether both hold the same in these ranges.
fn same(mut one: &File, mut other: &File, size: u64, ranges: &[(u64, u64)]) -> io::Result<()> {
    let (mut a, mut b) = (vec![0; CHUNK], vec![0; CHUNK]);
    let long = other.metadata()?.len() == size;
    for (at, length) in ranges.iter().copied() {
        one.seek(SeekFrom::Start(at))?;
        other.seek(SeekFrom::Start(at))?;
        let mut left = length.min(size.saturating_sub(at));
        while left > 0 {
            let count = usize::try_from(left).unwrap_or(CHUNK).min(CHUNK);
            let (a, b) = (a.get_mut(..count).unwrap_or_default(), b.get_mut(..count).unwrap_or_default());
            one.read_exact(a)?;
            other.read_exact(b)?;
            if a != b {
                return Err(io::Error::other("the copy is not the same as the original"));
            }
            left -= count as u64;
        }
    }
    if long { Ok(()) } else { Err(io::Error::other("the copy is not as long as the original")) }
}

/// Gives the room of free ranges back: by holes, or where none can be made by another copy without them. Whether it did.
pub fn give_back(copy: &Path, spare: &Path, free: &[(u64, u64)], watch: &dyn Watch) -> Result<()> {
    let failed = |e: io::Error| Error::io("cannot give the free space back", copy, e);
    let file = File::options().read(true).write(true).open(copy).map_err(failed)?;
    let mut progress = Progress { verb: "Giving space back", files_total: Some(free.len() as u64), ..Progress::default() };
    for (at, length) in free {
        match punch(&file, *at, *length) {
            Ok(()) => progress.files += 1,
            // Here no holes can be made.
            Err(_) if progress.files == 0 => return rewrite(copy, spare, free),
            Err(e) => return Err(failed(e)),
        }
        if progress.files.is_multiple_of(256) {
            watch.at(&progress);
        }
    }
    file.sync_all().map_err(failed)
}

/// Writes the copy anew without its free ranges.
pub fn rewrite(copy: &Path, spare: &Path, free: &[(u64, u64)]) -> Result<()> {
    let failed = |e: io::Error| Error::io("cannot give the free space back", copy, e);
    let from = File::open(copy).map_err(failed)?;
    let size = from.metadata().map_err(failed)?.len();
    let mut used = Vec::new();
    let mut at = 0;
    for (from, length) in free.iter().copied().chain([(size, 0)]) {
        if from > at {
            used.push((at, from - at));
        }
        at = from + length;
    }
    let needed: u64 = used.iter().map(|(_, length)| length).sum();
    if !room(copy, needed, MARGIN)? {
        return Err(Error::refused("there is no room to write the image without its free space").at(copy));
    }
    own::discard(spare);
    let to = private(spare).map_err(failed)?;
    copy_ranges(&from, &to, size, &used, &mut |_| ControlFlow::Continue(())).map_err(failed)?;
    like(&from, spare).map_err(failed)?;
    to.sync_all().map_err(failed)?;
    own::succeed(spare, copy)
}
