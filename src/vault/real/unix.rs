//! The disk as Unix has it.

use super::beneath;
use super::{File, Folder, Path, PathBuf, io};
use rustix::fs::{AtFlags, Mode, OFlags};
use std::os::unix::fs::DirBuilderExt;

pub(super) fn top(path: &Path) -> io::Result<Folder> {
    Folder::open(path)
}

pub(super) fn folder(dir: &Folder, name: &[u8]) -> io::Result<Folder> {
    beneath::one(dir, name)
}

pub(super) fn down(top: &Folder, path: &Path) -> io::Result<Folder> {
    beneath::down(top, &crate::vault::fs::parts(path)?)
}

pub(super) fn up(dir: &Folder) -> io::Result<Folder> {
    dir.folder(b"..")
}

#[allow(clippy::unnecessary_cast, clippy::cast_lossless, clippy::allow_attributes, reason = "its type differs between Unixes")]
pub(super) fn mode(dir: &Folder) -> io::Result<u32> {
    Ok(rustix::fs::fstat(dir.fd())?.st_mode as u32 & 0o7777)
}

pub(super) fn private(dir: &Folder) -> io::Result<bool> {
    let own = rustix::fs::fstat(dir.fd())?.st_uid == rustix::process::geteuid().as_raw();
    Ok(own && !bits(mode(dir)?).intersects(Mode::RWXG.union(Mode::RWXO)))
}

pub(super) fn make(dir: &Folder, name: &[u8], mode: u32) -> io::Result<()> {
    rustix::fs::mkdirat(dir.fd(), name, Mode::RWXU)?;
    let folder = dir.folder(name)?;
    Ok(rustix::fs::fchmod(folder.fd(), bits(mode))?)
}

#[allow(clippy::unnecessary_cast, clippy::cast_possible_truncation, clippy::allow_attributes, reason = "its type differs between Unixes")]
fn bits(mode: u32) -> Mode {
    Mode::from_raw_mode(mode as rustix::fs::RawMode)
}

#[expect(clippy::disallowed_methods, reason = "from here on the answer itself is what is opened, and no link in its place")]
pub(super) fn real_path(path: &Path) -> io::Result<PathBuf> {
    std::fs::canonicalize(path)
}

/// Room beyond the end, the length as it is. Where the disk knows no such thing, there is nothing to be had.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn reserve(log: &File, bytes: u64) -> io::Result<()> {
    use rustix::io::Errno;
    match rustix::fs::fallocate(log, rustix::fs::FallocateFlags::KEEP_SIZE, log.metadata()?.len(), bytes) {
        Err(Errno::OPNOTSUPP | Errno::NOSYS) => Ok(()),
        done => Ok(done?),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
#[expect(clippy::unnecessary_wraps, reason = "as on Linux")]
pub(super) fn reserve(_: &File, _: u64) -> io::Result<()> {
    Ok(())
}

pub(super) fn private_folder(path: &Path) -> io::Result<()> {
    std::fs::DirBuilder::new().mode(0o700).create(path)
}

pub(super) fn no_folder_sync(error: io::Error) -> io::Result<()> {
    Err(error)
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that moves what is not ours")]
pub(super) fn rename(from: &Folder, name: &[u8], to: &Folder, as_name: &[u8]) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
    match rustix::fs::renameat_with(from.fd(), name, to.fd(), as_name, rustix::fs::RenameFlags::NOREPLACE) {
        Ok(()) => return Ok(()),
        // A file system that has no such flag: look first, then move.
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS | rustix::io::Errno::NOTSUP) => {}
        Err(e) => return Err(e.into()),
    }
    match rustix::fs::statat(to.fd(), as_name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
        Err(rustix::io::Errno::NOENT) => Ok(rustix::fs::renameat(from.fd(), name, to.fd(), as_name)?),
        Err(e) => Err(e.into()),
    }
}

#[expect(clippy::disallowed_methods, reason = "the vault removes")]
pub(super) fn unlink(dir: &Folder, name: &[u8]) -> io::Result<()> {
    Ok(rustix::fs::unlinkat(dir.fd(), name, AtFlags::empty())?)
}

#[expect(clippy::disallowed_methods, reason = "the vault removes")]
pub(super) fn rmdir(dir: &Folder, name: &[u8]) -> io::Result<()> {
    Ok(rustix::fs::unlinkat(dir.fd(), name, AtFlags::REMOVEDIR)?)
}

pub(super) fn unlock(dir: &Folder, name: &[u8]) -> io::Result<()> {
    Ok(rustix::fs::chmodat(dir.fd(), name, Mode::RWXU, AtFlags::empty())?)
}

pub(super) fn set_time(dir: &Folder, mtime_ns: i64) -> io::Result<()> {
    use rustix::fs::{Timespec, Timestamps, UTIME_OMIT};
    let time = Timespec { tv_sec: mtime_ns.div_euclid(1_000_000_000), tv_nsec: mtime_ns.rem_euclid(1_000_000_000) as _ };
    let times = Timestamps { last_access: Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT }, last_modification: time };
    Ok(rustix::fs::futimens(dir.fd(), &times)?)
}

pub(super) fn sync(dir: &Folder) -> io::Result<()> {
    // Through `File`, whose sync reaches the disk itself on macOS too.
    File::from(dir.fd().try_clone()?).sync_all()
}

pub(super) fn log(dir: &Folder, name: &[u8], new: bool) -> io::Result<File> {
    const OLD: OFlags = OFlags::RDWR.union(OFlags::NOFOLLOW).union(OFlags::NONBLOCK).union(OFlags::CLOEXEC);
    const NEW: OFlags = OLD.union(OFlags::CREATE).union(OFlags::EXCL);
    Ok(File::from(rustix::fs::openat(dir.fd(), name, if new { NEW } else { OLD }, bits(0o600))?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::fs::Fs;
    use crate::vault::real::Real;

    #[test]
    fn a_journal_is_opened_by_its_own_name_alone_and_not_for_the_programs_that_are_started() {
        use std::io::Read;
        let dir = tempfile::tempdir().unwrap();
        let folder = Real.top(dir.path()).unwrap();
        let new = log(&folder, b"a.journal", true).unwrap();
        assert!(log(&folder, b"a.journal", true).is_err(), "one is there already");
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&new.metadata().unwrap().permissions()) & 0o777, 0o600);
        Real.append(&new, b"line").unwrap();
        let mut again = log(&folder, b"a.journal", false).unwrap();
        let mut text = String::new();
        again.read_to_string(&mut text).unwrap();
        assert_eq!(text, "line");
        for open in [&new, &again] {
            assert!(rustix::io::fcntl_getfd(open).unwrap().contains(rustix::io::FdFlags::CLOEXEC));
            let flags = rustix::fs::fcntl_getfl(open).unwrap();
            assert!(flags.contains(OFlags::RDWR.union(OFlags::NONBLOCK)), "{flags:?}");
        }
        std::os::unix::fs::symlink("a.journal", dir.path().join("link.journal")).unwrap();
        for name in [&b"link.journal"[..], b"missing.journal"] {
            assert!(log(&folder, name, false).is_err());
        }
    }

    #[test]
    fn a_folder_whose_names_cannot_be_made_to_last_is_told() {
        let failed = no_folder_sync(io::ErrorKind::PermissionDenied.into());
        assert_eq!(failed.unwrap_err().kind(), io::ErrorKind::PermissionDenied);
    }
}
