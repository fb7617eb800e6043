//! BLAKE3 of a large file by every core: each half of the hash tree is read and hashed where it lies.
//!
//! The tree's shape is that of the BLAKE3 paper, section 2.1, as `blake3::hazmat` cuts it.

use crate::model::Stop;
use crate::platform::read_at;
use blake3::Hasher;
use blake3::hazmat::{ChainingValue, HasherExt, Mode, left_subtree_len, merge_subtrees_non_root, merge_subtrees_root};
use std::fs::File;
use std::io;

/// As much as one core reads and hashes by itself; a power of two.
const PART: u64 = 4 << 20;

/// As much as is read at once: it stays in a core's own cache.
const PIECE: usize = 256 << 10;

/// Whether a file of this size is worth more than one core.
pub(super) fn is_large(size: u64) -> bool {
    size > 4 * PART
}

/// BLAKE3 of the first `size` bytes of a large file; `None` when stopped. Fails where the file is shorter.
pub(super) fn hash(file: &File, size: u64, stop: &Stop) -> io::Result<Option<blake3::Hash>> {
    let left = left_subtree_len(size);
    let (one, two) = rayon::join(|| part(file, 0, left, stop), || part(file, left, size - left, stop));
    Ok(one?.zip(two?).map(|(one, two)| merge_subtrees_root(&one, &two, Mode::Hash)))
}

fn part(file: &File, at: u64, length: u64, stop: &Stop) -> io::Result<Option<ChainingValue>> {
    if length <= PART {
        return leaf(file, at, length, stop);
    }
    let left = left_subtree_len(length);
    let (one, two) = rayon::join(|| part(file, at, left, stop), || part(file, at + left, length - left, stop));
    Ok(one?.zip(two?).map(|(one, two)| merge_subtrees_non_root(&one, &two, Mode::Hash)))
}

fn leaf(file: &File, at: u64, length: u64, stop: &Stop) -> io::Result<Option<ChainingValue>> {
    let mut hasher = Hasher::new();
    hasher.set_input_offset(at);
    let mut buffer = vec![0; PIECE];
    let mut done = 0;
    while done < length {
        if stop.is_stopped() {
            return Ok(None);
        }
        let most = usize::try_from(length - done).unwrap_or(PIECE).min(PIECE);
        let room = buffer.get_mut(..most).unwrap_or_default();
        match read_at(file, room, at + done) {
            Ok(0) => return Err(io::Error::other("it became shorter while it was read")),
            Ok(n) => {
                hasher.update(room.get(..n).unwrap_or_default());
                done += n as u64;
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(Some(hasher.finalize_non_root()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_large_file_has_the_hash_it_has_read_from_its_beginning_whatever_its_size() {
        let part = usize::try_from(PART).unwrap();
        for size in [4 * part + 1, 5 * part, 8 * part, 8 * part + 1023, 8 * part + 1025, 11 * part + 7] {
            let mut bytes = vec![0; size];
            Hasher::new().update(&size.to_le_bytes()).finalize_xof().fill(&mut bytes);
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(&bytes).unwrap();
            assert!(is_large(size as u64));
            assert_eq!(hash(&file, size as u64, &Stop::default()).unwrap(), Some(blake3::hash(&bytes)), "{size}");
            assert!(hash(&file, size as u64 + 1, &Stop::default()).is_err());
            let stop = Stop::default();
            stop.stop();
            assert_eq!(hash(&file, size as u64, &stop).unwrap(), None);
        }
    }
}
