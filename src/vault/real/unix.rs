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
    Ok(own && mode(dir)? & 0o77 < 1)
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
    let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let flags = if new { flags | OFlags::CREATE | OFlags::EXCL } else { flags };
    Ok(File::from(rustix::fs::openat(dir.fd(), name, flags, Mode::RUSR | Mode::WUSR)?))
}
