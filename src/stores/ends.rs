//! The ends of files that only grow.

use crate::platform;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// The end of a file, and whether that is all of it.
pub fn end_of(root: &Path, path: &Path, most: u64) -> io::Result<(Vec<u8>, bool)> {
    let mut file = platform::open_beneath(root, path)?;
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(length.saturating_sub(most)))?;
    let mut end = Vec::new();
    file.take(most).read_to_end(&mut end)?;
    Ok((end, length <= most))
}
