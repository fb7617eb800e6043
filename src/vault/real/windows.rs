//! The disk as Windows has it: a folder in hand is kept in its place, so that its path goes on leading to it.

use super::{File, Folder, Path, PathBuf, io};
use crate::model::from_bytes;
use std::os::windows::fs::OpenOptionsExt;
use std::time::{Duration, SystemTime};

/// FILE_WRITE_ATTRIBUTES, and FILE_FLAG_BACKUP_SEMANTICS with which folders can be opened (winnt.h, winbase.h).
const WRITE_ATTRIBUTES: u32 = 0x100;
const FOLDERS_TOO: u32 = 0x0200_0000;
/// FILE_FLAG_OPEN_REPARSE_POINT, with which a link is opened itself.
const LINK_ITSELF: u32 = 0x0020_0000;

pub(super) fn top(path: &Path) -> io::Result<Folder> {
    Folder::hold(path)
}

pub(super) fn folder(dir: &Folder, name: &[u8]) -> io::Result<Folder> {
    Folder::hold(&dir.path().join(from_bytes(name)))
}

pub(super) fn down(top: &Folder, path: &Path) -> io::Result<Folder> {
    let mut at = Folder::hold(top.path())?;
    for name in crate::vault::fs::parts(path)? {
        at = folder(&at, &name)?;
    }
    Ok(at)
}

pub(super) fn up(dir: &Folder) -> io::Result<Folder> {
    Folder::hold(dir.path().parent().ok_or(io::ErrorKind::NotFound)?)
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

/// The path as it is named where no link is on the way; else what the links lead to.
#[expect(clippy::disallowed_methods, reason = "from here on the answer itself is what is opened, and no link in its place")]
pub(super) fn real_path(path: &Path) -> io::Result<PathBuf> {
    let no_folder = |above: &Path| crate::platform::facts(above).is_ok_and(|f| f.kind != crate::model::Kind::Dir);
    if path.ancestors().any(no_folder) { std::fs::canonicalize(path) } else { Ok(path.to_path_buf()) }
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
    renamore::rename_exclusive(verbatim(from, name), verbatim(to, as_name))
}

/// The path of a name that the system takes as it is, however long and with whatever dots and spaces at its end.
fn verbatim(dir: &Folder, name: &[u8]) -> PathBuf {
    use std::path::{Component, Prefix};
    let path = dir.path().join(from_bytes(name));
    let mut parts = path.components();
    let plain = match parts.next() {
        Some(Component::Prefix(p)) => match p.kind() {
            Prefix::Disk(letter) => format!(r"\\?\{}:\", char::from(letter)),
            Prefix::UNC(server, share) => {
                let mut start = std::ffi::OsString::from(r"\\?\UNC\");
                start.extend([server, r"\".as_ref(), share, r"\".as_ref()]);
                return rest(start, parts);
            }
            _ => return path,
        },
        _ => return path,
    };
    rest(plain.into(), parts)
}

fn rest(mut start: std::ffi::OsString, parts: std::path::Components<'_>) -> PathBuf {
    for (turn, part) in parts.filter(|p| matches!(p, std::path::Component::Normal(_))).enumerate() {
        if turn > 0 {
            start.push(r"\");
        }
        start.push(part.as_os_str());
    }
    start.into()
}

#[expect(clippy::disallowed_methods, reason = "the vault removes")]
pub(super) fn unlink(dir: &Folder, name: &[u8]) -> io::Result<()> {
    let path = dir.path().join(from_bytes(name));
    match std::fs::remove_file(&path) {
        // A link or junction to a folder is removed as a folder; its target is not touched.
        Err(e) => match std::fs::remove_dir(&path) {
            Err(_) if e.kind() == io::ErrorKind::PermissionDenied && unlock(dir, name).is_ok() => std::fs::remove_file(&path),
            done => done.map_err(|_| e),
        },
        done => done,
    }
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
    let folder = std::fs::OpenOptions::new().access_mode(WRITE_ATTRIBUTES).custom_flags(FOLDERS_TOO | LINK_ITSELF).open(dir.path())?;
    folder.set_times(std::fs::FileTimes::new().set_modified(time))
}

#[expect(clippy::unnecessary_wraps, reason = "as on Unix")]
pub(super) fn sync(_: &Folder) -> io::Result<()> {
    Ok(())
}

pub(super) fn log(dir: &Folder, name: &[u8], new: bool) -> io::Result<File> {
    let mut how = std::fs::OpenOptions::new();
    let file = how.read(true).write(true).create_new(new).custom_flags(LINK_ITSELF).open(dir.path().join(from_bytes(name)))?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rename_replaces_neither_a_file_nor_an_empty_folder() {
        let dir = tempfile::tempdir().unwrap();
        let top = top(dir.path()).unwrap();
        std::fs::write(dir.path().join("one"), "1").unwrap();
        std::fs::write(dir.path().join("two"), "2").unwrap();
        make(&top, b"folder", 0).unwrap();
        make(&top, b"empty", 0).unwrap();
        for (name, as_name) in
            [(b"one".as_slice(), b"two".as_slice()), (b"one", b"TWO"), (b"one", b"empty"), (b"folder", b"empty"), (b"folder", b"two")]
        {
            let refused = rename(&top, name, &top, as_name).unwrap_err();
            assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists, "{refused}");
        }
        assert_eq!(std::fs::read(dir.path().join("two")).unwrap(), b"2");
        assert_eq!(top.list().count(), 4);
    }

    #[test]
    fn a_path_longer_than_windows_takes_by_itself_is_moved_and_removed() {
        let dir = tempfile::tempdir().unwrap();
        let mut at = top(dir.path()).unwrap();
        for _ in 0..3 {
            make(&at, "n".repeat(120).as_bytes(), 0).unwrap();
            at = folder(&at, "n".repeat(120).as_bytes()).unwrap();
        }
        log(&at, b"deep", true).unwrap();
        rename(&at, b"deep", &at, b"deeper").unwrap();
        assert!(at.facts(b"deep").is_err() && at.facts(b"deeper").is_ok());
        unlink(&at, b"deeper").unwrap();
        assert_eq!(at.list().count(), 0);
    }

    #[test]
    fn a_read_only_file_is_removed() {
        let dir = tempfile::tempdir().unwrap();
        let top = top(dir.path()).unwrap();
        let path = dir.path().join("locked");
        std::fs::write(&path, "x").unwrap();
        let mut rights = std::fs::symlink_metadata(&path).unwrap().permissions();
        rights.set_readonly(true);
        std::fs::set_permissions(&path, rights).unwrap();
        unlink(&top, b"locked").unwrap();
        assert_eq!(top.list().count(), 0);
    }

    #[test]
    fn what_is_no_folder_is_not_held() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("file"), "x").unwrap();
        assert_eq!(folder(&top(dir.path()).unwrap(), b"file").unwrap_err().kind(), io::ErrorKind::NotADirectory);
    }
}
