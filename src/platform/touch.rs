//! Sets when a file was changed last.

use std::io;
use std::path::Path;
use std::time::SystemTime;

/// Sets when the content of a regular file was changed last. Below `root` no link is followed.
#[cfg(unix)]
pub fn touch(root: &Path, path: &Path, at: SystemTime) -> io::Result<()> {
    super::open_beneath(root, path)?.set_modified(at)
}

/// Sets when the content of a regular file was changed last. Below `root` no link is followed.
#[cfg(windows)]
pub fn touch(root: &Path, path: &Path, at: SystemTime) -> io::Result<()> {
    use std::os::windows::fs::OpenOptionsExt;
    const WRITE_ATTRIBUTES: u32 = 0x100;
    const NO_LINKS: u32 = 0x0020_0000;
    // What is opened here is a file of its own; it is opened once more, since reading does not allow to set times.
    drop(super::open_beneath(root, path)?);
    std::fs::OpenOptions::new().access_mode(WRITE_ATTRIBUTES).custom_flags(NO_LINKS).open(path)?.set_modified(at)
}
