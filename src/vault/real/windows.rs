//! The disk as Windows has it.

use super::{File, Folder, Path, PathBuf, io};
use crate::model::from_bytes;
use std::os::windows::fs::OpenOptionsExt;
use std::time::{Duration, SystemTime};

/// FILE_WRITE_ATTRIBUTES, and FILE_FLAG_BACKUP_SEMANTICS with which folders can be opened (winnt.h, winbase.h).
const WRITE_ATTRIBUTES: u32 = 0x100;
const FOLDERS_TOO: u32 = 0x0200_0000;

pub(super) fn folder(dir: &Folder, name: &[u8]) -> io::Result<Folder> {
    dir.folder(name)
}

pub(super) fn down(top: &Folder, path: &Path) -> io::Result<Folder> {
    let mut at = Folder::open(top.path())?;
    for name in crate::vault::fs::parts(path)? {
        at = at.folder(&name)?;
    }
    Ok(at)
}

pub(super) fn up(dir: &Folder) -> io::Result<Folder> {
    Folder::open(dir.path().parent().ok_or(io::ErrorKind::NotFound)?)
}

#[expect(clippy::unnecessary_wraps, reason = "as on Unix")]
pub(super) fn mode(_: &Folder) -> io::Result<u32> {
    Ok(0o700)
}

/// What this user makes in his temporary folder is his.
#[expect(clippy::unnecessary_wraps, reason = "as on Unix")]
pub(super) fn private(_: &Folder) -> io::Result<bool> {
    Ok(true)
}

pub(super) fn make(dir: &Folder, name: &[u8], _mode: u32) -> io::Result<()> {
    std::fs::create_dir(dir.path().join(from_bytes(name)))
}

/// The path as it is named where it is a folder; where it is a link, what that leads to.
#[expect(clippy::disallowed_methods, reason = "from here on the answer itself is what is opened, and no link in its place")]
pub(super) fn real_path(path: &Path) -> io::Result<PathBuf> {
    if crate::platform::facts(path)?.kind == crate::model::Kind::Dir { Ok(path.to_path_buf()) } else { std::fs::canonicalize(path) }
}

/// Room beyond the end cannot be had without making the file longer.
#[expect(clippy::unnecessary_wraps, reason = "as on Linux")]
pub(super) fn reserve(_: &File, _: u64) -> io::Result<()> {
    Ok(())
}

pub(super) fn private_folder(path: &Path) -> io::Result<()> {
    std::fs::create_dir(path)
}

/// Folders cannot be opened for a sync; the file system journals its own names.
#[expect(clippy::unnecessary_wraps, clippy::needless_pass_by_value, reason = "as on Unix")]
pub(super) fn no_folder_sync(_: io::Error) -> io::Result<()> {
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that moves what is not ours")]
pub(super) fn rename(from: &Folder, name: &[u8], to: &Folder, as_name: &[u8]) -> io::Result<()> {
    let target = to.path().join(from_bytes(as_name));
    match std::fs::symlink_metadata(&target) {
        Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => std::fs::rename(from.path().join(from_bytes(name)), target),
        Err(e) => Err(e),
    }
}

#[expect(clippy::disallowed_methods, reason = "the vault removes")]
pub(super) fn unlink(dir: &Folder, name: &[u8]) -> io::Result<()> {
    let path = dir.path().join(from_bytes(name));
    // A link or junction to a folder is removed as a folder; its target is not touched.
    std::fs::remove_file(&path).or_else(|e| std::fs::remove_dir(&path).map_err(|_| e))
}

#[expect(clippy::disallowed_methods, reason = "the vault removes")]
pub(super) fn rmdir(dir: &Folder, name: &[u8]) -> io::Result<()> {
    std::fs::remove_dir(dir.path().join(from_bytes(name)))
}

pub(super) fn unlock(dir: &Folder, name: &[u8]) -> io::Result<()> {
    let path = dir.path().join(from_bytes(name));
    let mut rights = std::fs::symlink_metadata(&path)?.permissions();
    #[expect(clippy::permissions_set_readonly_false, reason = "Windows has only this bit")]
    rights.set_readonly(false);
    std::fs::set_permissions(path, rights)
}

pub(super) fn set_time(dir: &Folder, mtime_ns: i64) -> io::Result<()> {
    let span = Duration::from_nanos(mtime_ns.unsigned_abs());
    let time = if mtime_ns < 0 { SystemTime::UNIX_EPOCH.checked_sub(span) } else { SystemTime::UNIX_EPOCH.checked_add(span) };
    let time = time.ok_or(io::ErrorKind::InvalidInput)?;
    let folder = std::fs::OpenOptions::new().access_mode(WRITE_ATTRIBUTES).custom_flags(FOLDERS_TOO).open(dir.path())?;
    folder.set_times(std::fs::FileTimes::new().set_modified(time))
}

#[expect(clippy::unnecessary_wraps, reason = "as on Unix")]
pub(super) fn sync(_: &Folder) -> io::Result<()> {
    Ok(())
}

pub(super) fn log(dir: &Folder, name: &[u8], new: bool) -> io::Result<File> {
    std::fs::OpenOptions::new().read(true).write(true).create_new(new).open(dir.path().join(from_bytes(name)))
}
