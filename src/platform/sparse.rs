//! Files with holes: clones, punched holes, and copies that are never larger on disk than what they were made from.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::ControlFlow;
use std::path::Path;

/// What is zero from a whole block of this size on is a hole in a copy.
const BLOCK: usize = 4096;
/// So many bytes are read at once.
const CHUNK: u64 = 1 << 20;

/// Makes a new file that shares all its content with another, block by block, until one of them is written to; an error
/// where the file system cannot, and then an empty file may be left.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub fn clone_to(from: &File, path: &Path) -> io::Result<()> {
    let to = File::create_new(path)?;
    Ok(rustix::fs::ioctl_ficlone(&to, from)?)
}

/// Makes a new file that shares all its content with another, block by block, until one of them is written to; an error
/// where the file system cannot.
#[cfg(target_os = "macos")]
pub fn clone_to(from: &File, path: &Path) -> io::Result<()> {
    Ok(rustix::fs::fclonefileat(from, rustix::fs::CWD, path, rustix::fs::CloneFlags::empty())?)
}

/// Makes a new file that shares all its content with another: not known on this platform.
#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "macos")))]
pub fn clone_to(_: &File, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Gives the room of a range of a file back to the disk; it is read as zeros from then on.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub fn punch(file: &File, at: u64, length: u64) -> io::Result<()> {
    use rustix::fs::FallocateFlags;
    Ok(rustix::fs::fallocate(file, FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE, at, length)?)
}

/// Gives the room of a range of a file back to the disk: not known on this platform.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub fn punch(_: &File, _: u64, _: u64) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Copies these ranges (offset and length) of a file into an empty one and makes it as long; everything else, and every
/// block of zeros, is a hole there. `told` hears how many bytes were read and may end the work.
pub fn copy_ranges(
    from: &File,
    to: &File,
    size: u64,
    ranges: &[(u64, u64)],
    told: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> io::Result<()> {
    let (mut source, mut target) = (from, to);
    to.set_len(size)?;
    let mut buffer = Vec::new();
    let mut done = 0;
    for (at, length) in ranges.iter().copied() {
        let mut at = at;
        let end = at.saturating_add(length).min(size);
        while at < end {
            // Chunks end where blocks do, so that a block of zeros is seen as one.
            let next = (at / CHUNK + 1).saturating_mul(CHUNK).min(end);
            buffer.resize(usize::try_from(next - at).map_err(io::Error::other)?, 0);
            source.seek(SeekFrom::Start(at))?;
            source.read_exact(&mut buffer)?;
            for (from, length) in filled(&buffer) {
                target.seek(SeekFrom::Start(at + from as u64))?;
                target.write_all(buffer.get(from..from + length).unwrap_or_default())?;
            }
            done += next - at;
            at = next;
            if told(done).is_break() {
                return Err(io::ErrorKind::Interrupted.into());
            }
        }
    }
    Ok(())
}

/// The parts of some bytes that are not blocks of zeros, as offset and length.
fn filled(bytes: &[u8]) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    for (at, block) in (0..).step_by(BLOCK).zip(bytes.chunks(BLOCK)) {
        if block.iter().all(|byte| *byte == 0) {
            continue;
        }
        match found.last_mut() {
            Some(last) if last.0 + last.1 == at => last.1 += block.len(),
            _ => found.push((at, block.len())),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_has_the_same_bytes_and_is_no_larger_on_disk_than_what_was_written() {
        let dir = tempfile::tempdir().unwrap();
        let (one, other) = (dir.path().join("one"), dir.path().join("other"));
        let size = 64 << 20;
        let from = File::create_new(&one).unwrap();
        from.set_len(size).unwrap();
        let write = |at: u64, bytes: &[u8]| (&from).seek(SeekFrom::Start(at)).and_then(|_| (&from).write_all(bytes)).unwrap();
        write(5_000_000, &[7; 10_000]);
        write(20 << 20, &vec![0; 4 << 20]);
        write(size - 3, b"end");
        let (from, to) = (File::open(&one).unwrap(), File::create_new(&other).unwrap());
        copy_ranges(&from, &to, size, &[(0, size)], &mut |_| ControlFlow::Continue(())).unwrap();
        assert_eq!(std::fs::read(&one).unwrap(), std::fs::read(&other).unwrap());
        if cfg!(unix) {
            let on_disk = |path| crate::platform::facts(path).unwrap().allocated;
            assert!(on_disk(&other) < 64 << 10, "{} of {}", on_disk(&other), on_disk(&one));
        }
        let part = File::create_new(dir.path().join("part")).unwrap();
        copy_ranges(&from, &part, size, &[(5_000_000, 10_000)], &mut |_| ControlFlow::Continue(())).unwrap();
        let bytes = std::fs::read(dir.path().join("part")).unwrap();
        assert_eq!((bytes.len() as u64, bytes.iter().filter(|b| **b != 0).count()), (size, 10_000));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_punched_range_is_zeros_and_takes_no_room() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        std::fs::write(&path, vec![1; 1 << 20]).unwrap();
        let file = File::options().write(true).open(&path).unwrap();
        let Ok(()) = punch(&file, 4096, 1 << 19) else {
            println!("skipped: holes cannot be punched here");
            return;
        };
        assert!(crate::platform::facts(&path).unwrap().allocated <= (1 << 19) + 4096);
        let bytes = std::fs::read(&path).unwrap();
        let range = 4096..4096 + (1 << 19);
        assert!(bytes.iter().enumerate().all(|(at, byte)| u8::from(!range.contains(&at)) == *byte));
    }
}
