//! Hashing a file as it is now.

use crate::model::Stop;
use crate::platform::open_beneath;
use std::io::{self, Read};
use std::path::Path;

/// BLAKE3 of a regular file below a root, no link followed; `None` when stopped. Fails when the file is not as large
/// as it was said to be, or changes while it is read.
pub fn blake3_of(root: &Path, path: &Path, size: u64, stop: &Stop) -> io::Result<Option<blake3::Hash>> {
    let mut file = open_beneath(root, path)?;
    let before = crate::platform::facts_of(&file.metadata()?, path);
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; 256 << 10];
    let mut read = 0;
    loop {
        if stop.is_stopped() {
            return Ok(None);
        }
        match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => {
                hasher.update(&buffer[..n]);
                read += n as u64;
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    let after = crate::platform::facts_of(&file.metadata()?, path);
    if read != size || after.size != size || after.mtime_ns != before.mtime_ns || before.placeholder {
        return Err(io::Error::other("it changed while it was read"));
    }
    Ok(Some(hasher.finalize()))
}
