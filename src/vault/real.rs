//! The disk itself.

use super::fs::Fs;
use crate::model::Facts;
use crate::platform::Folder;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// The disk itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct Real;

impl Fs for Real {
    type Dir = Folder;
    type Log = File;

    fn top(&self, path: &Path) -> io::Result<Folder> {
        Folder::open(path)
    }
    fn root(&self, path: &Path) -> io::Result<(PathBuf, Folder)> {
        let real = imp::real_path(path)?;
        Folder::open(&real).map(|folder| (real, folder))
    }
    fn folder(&self, dir: &Folder, name: &[u8]) -> io::Result<Folder> {
        dir.folder(name)
    }
    fn up(&self, dir: &Folder) -> io::Result<Folder> {
        imp::up(dir)
    }
    fn facts(&self, dir: &Folder, name: &[u8]) -> io::Result<Facts> {
        dir.facts(name)
    }
    fn own(&self, dir: &Folder) -> io::Result<Facts> {
        dir.own_facts()
    }
    fn mode(&self, dir: &Folder) -> io::Result<u32> {
        imp::mode(dir)
    }
    fn list(&self, dir: &Folder) -> io::Result<Vec<(Vec<u8>, Facts)>> {
        dir.list().map(|entry| entry.and_then(|e| Ok((e.name, e.facts?)))).collect()
    }
    fn make(&self, dir: &Folder, name: &[u8], mode: u32) -> io::Result<()> {
        imp::make(dir, name, mode)
    }
    #[track_caller]
    fn make_all(&self, path: &Path) -> io::Result<Vec<PathBuf>> {
        let missing: Vec<&Path> = path.ancestors().take_while(|p| std::fs::symlink_metadata(p).is_err()).collect();
        for folder in missing.iter().rev() {
            match imp::private_folder(folder) {
                // Another lifeboat made it in this moment.
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
                made => made?,
            }
            if let Some(parent) = folder.parent() {
                File::open(parent).and_then(|f| f.sync_all()).or_else(imp::no_folder_sync)?;
            }
        }
        Ok(missing.into_iter().rev().map(Path::to_path_buf).collect())
    }
    fn touch(&self, dir: &Folder, name: &[u8]) -> io::Result<()> {
        imp::log(dir, name, true).map(|_| ())
    }
    fn rename(&self, from: &Folder, name: &[u8], to: &Folder, as_name: &[u8]) -> io::Result<()> {
        imp::rename(from, name, to, as_name)
    }
    fn unlink(&self, dir: &Folder, name: &[u8]) -> io::Result<()> {
        imp::unlink(dir, name)
    }
    fn rmdir(&self, dir: &Folder, name: &[u8]) -> io::Result<()> {
        imp::rmdir(dir, name)
    }
    fn unlock(&self, dir: &Folder, name: &[u8]) -> io::Result<()> {
        imp::unlock(dir, name)
    }
    fn set_time(&self, dir: &Folder, mtime_ns: i64) -> io::Result<()> {
        imp::set_time(dir, mtime_ns)
    }
    #[track_caller]
    fn sync(&self, dir: &Folder) -> io::Result<()> {
        imp::sync(dir)
    }
    fn mounts(&self) -> Vec<PathBuf> {
        let table = if cfg!(target_os = "linux") { std::fs::read("/proc/self/mountinfo").unwrap_or_default() } else { Vec::new() };
        mount_points(&table)
    }

    fn log(&self, dir: &Folder, name: &[u8], new: bool) -> io::Result<File> {
        imp::log(dir, name, new)
    }
    fn read(&self, mut log: &File) -> io::Result<Vec<u8>> {
        use std::io::{Read, Seek};
        let mut all = Vec::new();
        log.rewind()?;
        log.read_to_end(&mut all)?;
        Ok(all)
    }
    fn append(&self, mut log: &File, bytes: &[u8]) -> io::Result<()> {
        use std::io::{Seek, Write};
        log.seek(io::SeekFrom::End(0))?;
        log.write_all(bytes)
    }
    #[track_caller]
    fn sync_log(&self, log: &File) -> io::Result<()> {
        log.sync_all()
    }
    fn reserve(&self, log: &File, bytes: u64) -> io::Result<()> {
        imp::reserve(log, bytes)
    }
    fn cut(&self, log: &File, length: u64) -> io::Result<()> {
        log.set_len(length)
    }
}

/// The mount points of `/proc/self/mountinfo` (see its page in section 5 of the manual): the fifth field, with `\040` and its kin for
/// characters that would end it.
fn mount_points(table: &[u8]) -> Vec<PathBuf> {
    let unescape = |field: &[u8]| {
        let mut out = Vec::with_capacity(field.len());
        let mut at = 0;
        while let Some(&byte) = field.get(at) {
            let octal = field.get(at + 1..at + 4).and_then(|d| std::str::from_utf8(d).ok()).and_then(|d| u8::from_str_radix(d, 8).ok());
            let (code, length) = octal.filter(|_| byte == b'\\').map_or((byte, 1), |code| (code, 4));
            out.push(code);
            at += length;
        }
        out
    };
    table
        .split(|b| *b == b'\n')
        .filter_map(|line| line.split(|b| *b == b' ').nth(4))
        .map(|field| crate::model::from_bytes(&unescape(field)).into())
        .collect()
}

#[cfg(unix)]
mod imp {
    use super::{File, Folder, Path, PathBuf, io};
    use rustix::fs::{AtFlags, Mode, OFlags};
    use std::os::unix::fs::DirBuilderExt;

    pub(super) fn up(dir: &Folder) -> io::Result<Folder> {
        dir.folder(b"..")
    }

    #[allow(clippy::unnecessary_cast, clippy::cast_lossless, clippy::allow_attributes, reason = "its type differs between Unixes")]
    pub(super) fn mode(dir: &Folder) -> io::Result<u32> {
        Ok(rustix::fs::fstat(dir.fd())?.st_mode as u32 & 0o7777)
    }

    pub(super) fn make(dir: &Folder, name: &[u8], mode: u32) -> io::Result<()> {
        rustix::fs::mkdirat(dir.fd(), name, Mode::RWXU)?;
        let folder = dir.folder(name)?;
        Ok(rustix::fs::fchmod(folder.fd(), bits(mode))?)
    }

    #[allow(
        clippy::unnecessary_cast,
        clippy::cast_possible_truncation,
        clippy::allow_attributes,
        reason = "its type differs between Unixes"
    )]
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
}

#[cfg(windows)]
mod imp {
    use super::{File, Folder, Path, PathBuf, io};
    use crate::model::from_bytes;
    use std::os::windows::fs::OpenOptionsExt;
    use std::time::{Duration, SystemTime};

    /// FILE_WRITE_ATTRIBUTES, and FILE_FLAG_BACKUP_SEMANTICS with which folders can be opened (winnt.h, winbase.h).
    const WRITE_ATTRIBUTES: u32 = 0x100;
    const FOLDERS_TOO: u32 = 0x0200_0000;

    pub(super) fn up(dir: &Folder) -> io::Result<Folder> {
        Folder::open(dir.path().parent().ok_or(io::ErrorKind::NotFound)?)
    }

    #[expect(clippy::unnecessary_wraps, reason = "as on Unix")]
    pub(super) fn mode(_: &Folder) -> io::Result<u32> {
        Ok(0o700)
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mount_points_with_spaces_in_them_are_read() {
        let table = b"36 35 98:0 / /mnt/a\\040b rw - ext3 /dev/root rw\n37 36 0:5 / /proc rw - proc proc rw\n";
        assert_eq!(mount_points(table), [PathBuf::from("/mnt/a b"), PathBuf::from("/proc")]);
    }
}
