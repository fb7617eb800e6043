//! A little room set aside on an earlier day: given back when the disk is full, so that there is room for a journal.

use super::fs::Fs;
use crate::platform::free_space;
use std::io;
use std::path::Path;

/// The reserve's name in the folder of journals.
pub(super) const NAME: &[u8] = b"reserve";

/// Its bytes: the journal of an operation of some ten thousand items.
pub(super) const SIZE: u64 = 4 << 20;

/// Whether so many free bytes, of so many in all, are ample.
fn ample(free: u64, total: u64) -> bool {
    free >= (total / 20).clamp(4 * SIZE, 1 << 30)
}

/// Sets the room aside where there is ample room and none is set aside yet. Its content is nothing.
pub(super) fn set_aside<F: Fs>(fs: &F, folder: &Path) -> io::Result<()> {
    let there = fs.top(folder).and_then(|dir| fs.facts(&dir, NAME));
    if there.is_ok_and(|facts| facts.allocated >= SIZE) || !free_space(folder).is_ok_and(|(free, total)| ample(free, total)) {
        return Ok(());
    }
    fs.make_all(folder)?;
    let dir = fs.top(folder)?;
    let _ = fs.unlink(&dir, NAME);
    let log = fs.log(&dir, NAME, true)?;
    let made = fs.reserve(&log, SIZE).and_then(|()| {
        if fs.facts(&dir, NAME)?.allocated >= SIZE {
            return Ok(());
        }
        // Where no room can be had without writing: bytes that no disk stores in less.
        let mut bytes = vec![0; usize::try_from(SIZE).unwrap_or_default()];
        blake3::Hasher::new().finalize_xof().fill(&mut bytes);
        fs.append(&log, &bytes)
    });
    made.inspect_err(|_| drop(fs.unlink(&dir, NAME)))
}

/// Gives the room back; whether there was any.
pub(super) fn give_back<F: Fs>(fs: &F, folder: &Path) -> bool {
    fs.top(folder).and_then(|dir| fs.unlink(&dir, NAME).and_then(|()| fs.sync(&dir))).is_ok()
}

/// Whether a disk, or the user's share of it, is full.
pub(super) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_of_ample_room_a_little_is_set_aside() {
        const GB: u64 = 1_000_000_000;
        for (free, total, wanted) in
            [(19 << 20, 20 << 20, true), (15 << 20, 20 << 20, false), (2 * GB, 500 * GB, true), (GB, 500 * GB, false)]
        {
            assert_eq!(ample(free, total), wanted, "{free} of {total}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn room_is_set_aside_once_without_writing_and_anew_where_what_is_there_is_too_little() {
        use crate::vault::real::Real;
        use std::os::unix::fs::{FileExt, MetadataExt};
        let dir = tempfile::tempdir().unwrap();
        let (free, total) = free_space(dir.path()).unwrap();
        if !ample(free, total) {
            println!("skipped: there is no ample room here");
            return;
        }
        let path = dir.path().join("reserve");
        std::fs::write(&path, "too little").unwrap();
        set_aside(&Real, dir.path()).unwrap();
        let made = std::fs::symlink_metadata(&path).unwrap();
        assert!(made.blocks() * 512 >= SIZE && made.len() == 0, "{made:?}");
        std::fs::File::options().write(true).open(&path).unwrap().write_at(b"mark", 0).unwrap();
        set_aside(&Real, dir.path()).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"mark", "it was made again");
    }

    #[test]
    fn only_a_disk_or_a_share_of_it_without_room_is_full() {
        use io::ErrorKind as E;
        for (kind, full) in [(E::StorageFull, true), (E::QuotaExceeded, true), (E::PermissionDenied, false), (E::NotFound, false)] {
            assert_eq!(is_full(&kind.into()), full, "{kind}");
        }
    }
}
