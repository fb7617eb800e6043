//! What a platform keeps about a file beside its bytes: modes, owners, times, extended attributes, devices, holes.

use super::manifest::EntryKind;

/// An extended attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Xattr {
    /// Its name, `user.` and the like included.
    pub name: Vec<u8>,
    /// Its value.
    pub value: Vec<u8>,
}

/// What the file system keeps about one name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meta {
    /// What it is; `None` for a socket and anything else no archive can hold. Never `Hardlink`.
    pub kind: Option<EntryKind>,
    /// Permission bits.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Last change, nanoseconds since 1970.
    pub mtime_ns: i64,
    /// Apparent bytes.
    pub size: u64,
    /// Bytes on disk.
    pub allocated: u64,
    /// Device it is on.
    pub dev: u64,
    /// Inode.
    pub ino: u64,
    /// Names the inode has.
    pub nlink: u64,
    /// Major and minor number, of a device.
    pub device: (u32, u32),
}

/// What is set on a restored thing.
#[derive(Debug, Clone, Copy, Default)]
#[cfg_attr(windows, expect(dead_code, reason = "only the time is set there"))]
pub struct Stamp {
    /// Permission bits.
    pub mode: u32,
    /// Owner; set only by the superuser.
    pub uid: u32,
    /// Group; set only by the superuser.
    pub gid: u32,
    /// Last change, nanoseconds since 1970.
    pub mtime_ns: i64,
}

#[cfg(unix)]
mod imp {
    use super::{EntryKind, Meta, Stamp, Xattr};
    use crate::platform::Folder;
    use rustix::fs::{AtFlags, FileType, Gid, Mode, SeekFrom, Timespec, Timestamps, Uid, XattrFlags};
    use std::fs::File;
    use std::io;
    use std::os::fd::AsFd;

    /// What is kept about a name in a folder; a link is told of, not followed.
    pub fn of_name(folder: &Folder, name: &[u8]) -> io::Result<Meta> {
        Ok(meta(&rustix::fs::statat(folder.fd(), name, AtFlags::SYMLINK_NOFOLLOW)?))
    }

    /// What is kept about an open file.
    pub fn of_file(file: &File) -> io::Result<Meta> {
        Ok(meta(&rustix::fs::fstat(file)?))
    }

    /// What is kept about an open folder.
    pub fn of_folder(folder: &Folder) -> io::Result<Meta> {
        Ok(meta(&rustix::fs::fstat(folder.fd())?))
    }

    #[allow(
        clippy::unnecessary_cast,
        clippy::cast_sign_loss,
        clippy::cast_possible_wrap,
        clippy::cast_lossless,
        clippy::useless_conversion,
        clippy::allow_attributes,
        reason = "field types differ between Unixes"
    )]
    fn meta(stat: &rustix::fs::Stat) -> Meta {
        Meta {
            kind: match FileType::from_raw_mode(stat.st_mode) {
                FileType::RegularFile => Some(EntryKind::File),
                FileType::Directory => Some(EntryKind::Dir),
                FileType::Symlink => Some(EntryKind::Symlink),
                FileType::Fifo => Some(EntryKind::Fifo),
                FileType::CharacterDevice => Some(EntryKind::Char),
                FileType::BlockDevice => Some(EntryKind::Block),
                FileType::Socket | FileType::Unknown => None,
            },
            mode: stat.st_mode as u32 & 0o7777,
            uid: stat.st_uid,
            gid: stat.st_gid,
            mtime_ns: (stat.st_mtime as i64).saturating_mul(1_000_000_000).saturating_add(stat.st_mtime_nsec as i64),
            size: stat.st_size as u64,
            allocated: stat.st_blocks as u64 * 512,
            dev: stat.st_dev as u64,
            ino: stat.st_ino as u64,
            nlink: stat.st_nlink as u64,
            device: (rustix::fs::major(stat.st_rdev) as u32, rustix::fs::minor(stat.st_rdev) as u32),
        }
    }

    /// Set by the system on every file and not settable by anybody, or a matter of this machine's policy.
    const NOT_OURS: [&[u8]; 2] = [b"com.apple.provenance", b"security.selinux"];

    /// The extended attributes of an open file or folder; none where the file system knows none.
    pub fn xattrs(open: impl AsFd) -> io::Result<Vec<Xattr>> {
        let mut names = vec![0_u8; 64 << 10];
        let length = match rustix::fs::flistxattr(&open, names.as_mut_slice()) {
            Ok(length) => length,
            Err(rustix::io::Errno::NOTSUP) => return Ok(Vec::new()),
            Err(e) => return Err(e.into()),
        };
        let mut found = Vec::new();
        for name in names[..length].split(|b| *b == 0).filter(|n| !n.is_empty() && !NOT_OURS.contains(n)) {
            let mut value = vec![0_u8; rustix::fs::fgetxattr_query(&open, name)?.max(1)];
            let length = rustix::fs::fgetxattr(&open, name, value.as_mut_slice())?;
            value.truncate(length);
            found.push(Xattr { name: name.to_vec(), value });
        }
        found.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(found)
    }

    /// The extended attributes of an open file.
    pub fn file_xattrs(file: &File) -> io::Result<Vec<Xattr>> {
        xattrs(file)
    }

    /// The extended attributes of an open folder.
    pub fn folder_xattrs(folder: &Folder) -> io::Result<Vec<Xattr>> {
        xattrs(folder.fd())
    }

    /// Where a file's data is, as offset and length; `None` where it has no holes or they cannot be told.
    pub fn extents(file: &File, size: u64) -> Option<Vec<(u64, u64)>> {
        let mut found = Vec::new();
        let mut at = 0;
        while at < size {
            let start = match rustix::fs::seek(file, SeekFrom::Data(at)) {
                Ok(start) => start,
                Err(rustix::io::Errno::NXIO) => break,
                Err(_) => return None,
            };
            let end = rustix::fs::seek(file, SeekFrom::Hole(start)).ok()?.min(size);
            if end <= start {
                break;
            }
            found.push((start, end - start));
            at = end;
        }
        (found.iter().map(|e| e.1).sum::<u64>() < size).then_some(found)
    }

    /// Forgets what memory holds of a file, so that it is read from the disk again.
    pub fn forget_cached(file: &File) {
        #[cfg(target_os = "linux")]
        let _ = rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed);
        #[cfg(not(target_os = "linux"))]
        let _ = file;
    }

    fn times(mtime_ns: i64) -> Timestamps {
        let (seconds, ns) = (mtime_ns.div_euclid(1_000_000_000), mtime_ns.rem_euclid(1_000_000_000));
        Timestamps {
            last_access: Timespec { tv_sec: 0, tv_nsec: rustix::fs::UTIME_OMIT },
            last_modification: Timespec { tv_sec: seconds, tv_nsec: ns },
        }
    }

    fn superuser() -> bool {
        rustix::process::geteuid().is_root()
    }

    /// The mode that may be set: without set-user and set-group bits where the owner is not the one they were for.
    #[allow(clippy::useless_conversion, clippy::allow_attributes, reason = "the mode's type differs between Unixes")]
    fn mode(stamp: &Stamp) -> Mode {
        let kept = if superuser() || rustix::process::geteuid().as_raw() == stamp.uid { 0o7777 } else { 0o1777 };
        Mode::from_bits_truncate(rustix::fs::RawMode::try_from(stamp.mode & kept).unwrap_or(0o600))
    }

    /// Sets what is kept about an open file or folder; gives the attributes that could not be set.
    pub fn set(open: impl AsFd, stamp: &Stamp, xattrs: &[Xattr]) -> io::Result<Vec<Vec<u8>>> {
        if superuser() {
            rustix::fs::fchown(&open, Some(Uid::from_raw(stamp.uid)), Some(Gid::from_raw(stamp.gid)))?;
        }
        let failed = xattrs
            .iter()
            .filter(|x| rustix::fs::fsetxattr(&open, x.name.as_slice(), &x.value, XattrFlags::empty()).is_err())
            .map(|x| x.name.clone())
            .collect();
        rustix::fs::fchmod(&open, mode(stamp))?;
        rustix::fs::futimens(&open, &times(stamp.mtime_ns))?;
        Ok(failed)
    }

    /// Sets what is kept about an open file.
    pub fn set_file(file: &File, stamp: &Stamp, xattrs: &[Xattr]) -> io::Result<Vec<Vec<u8>>> {
        set(file, stamp, xattrs)
    }

    /// Sets what is kept about an open folder.
    pub fn set_folder(folder: &Folder, stamp: &Stamp, xattrs: &[Xattr]) -> io::Result<Vec<Vec<u8>>> {
        set(folder.fd(), stamp, xattrs)
    }

    /// Sets what is kept about a link, pipe or device, never following it.
    pub fn set_name(folder: &Folder, name: &[u8], stamp: &Stamp, kind: EntryKind) -> io::Result<()> {
        if superuser() {
            let (uid, gid) = (Some(Uid::from_raw(stamp.uid)), Some(Gid::from_raw(stamp.gid)));
            rustix::fs::chownat(folder.fd(), name, uid, gid, AtFlags::SYMLINK_NOFOLLOW)?;
        }
        // A link has no mode of its own; the system offers no change of mode that does not follow one.
        if kind != EntryKind::Symlink && of_name(folder, name)?.kind == Some(kind) {
            rustix::fs::chmodat(folder.fd(), name, mode(stamp), AtFlags::empty())?;
        }
        Ok(rustix::fs::utimensat(folder.fd(), name, &times(stamp.mtime_ns), AtFlags::SYMLINK_NOFOLLOW)?)
    }

    /// Sets a folder's time alone.
    pub fn set_folder_time(folder: &Folder, mtime_ns: i64) -> io::Result<()> {
        Ok(rustix::fs::futimens(folder.fd(), &times(mtime_ns))?)
    }
}

#[cfg(windows)]
mod imp {
    use super::{EntryKind, Meta, Stamp, Xattr};
    use crate::model::{Facts, Kind};
    use crate::platform::Folder;
    use std::fs::{File, FileTimes, OpenOptions};
    use std::io;
    use std::os::windows::fs::OpenOptionsExt;
    use std::path::Path;
    use std::time::{Duration, UNIX_EPOCH};

    fn meta(facts: &Facts) -> Meta {
        let kind = match facts.kind {
            Kind::File => Some(EntryKind::File),
            Kind::Dir => Some(EntryKind::Dir),
            Kind::Symlink => Some(EntryKind::Symlink),
            Kind::Other => None,
        };
        Meta {
            kind,
            mode: if kind == Some(EntryKind::Dir) { 0o755 } else { 0o644 },
            uid: 0,
            gid: 0,
            mtime_ns: facts.mtime_ns,
            size: facts.size,
            allocated: facts.size,
            dev: facts.dev,
            ino: facts.ino,
            nlink: 1,
            device: (0, 0),
        }
    }

    pub fn of_name(folder: &Folder, name: &[u8]) -> io::Result<Meta> {
        Ok(meta(&folder.facts(name)?))
    }

    pub fn of_file(file: &File) -> io::Result<Meta> {
        Ok(meta(&crate::platform::facts_of(&file.metadata()?, Path::new(""))))
    }

    pub fn of_folder(folder: &Folder) -> io::Result<Meta> {
        Ok(meta(&folder.own_facts()?))
    }

    pub fn file_xattrs(_: &File) -> io::Result<Vec<Xattr>> {
        Ok(Vec::new())
    }

    pub fn folder_xattrs(_: &Folder) -> io::Result<Vec<Xattr>> {
        Ok(Vec::new())
    }

    pub fn extents(_: &File, _: u64) -> Option<Vec<(u64, u64)>> {
        None
    }

    pub fn forget_cached(_: &File) {}

    /// FILE_WRITE_ATTRIBUTES; FILE_FLAG_BACKUP_SEMANTICS, with which folders can be opened; FILE_FLAG_OPEN_REPARSE_POINT,
    /// with which links are opened themselves (winnt.h, winbase.h).
    const WRITE_ATTRIBUTES: u32 = 0x100;
    const FOLDERS_AND_LINKS: u32 = 0x0200_0000 | 0x0020_0000;

    fn set_time(file: &File, mtime_ns: i64) -> io::Result<()> {
        let distance = Duration::from_nanos(mtime_ns.unsigned_abs());
        let time = if mtime_ns < 0 { UNIX_EPOCH.checked_sub(distance) } else { UNIX_EPOCH.checked_add(distance) };
        file.set_times(FileTimes::new().set_modified(time.ok_or(io::ErrorKind::InvalidInput)?))
    }

    fn set_path_time(path: &Path, mtime_ns: i64) -> io::Result<()> {
        let file = OpenOptions::new().access_mode(WRITE_ATTRIBUTES).custom_flags(FOLDERS_AND_LINKS).open(path)?;
        set_time(&file, mtime_ns)
    }

    pub fn set_file(file: &File, stamp: &Stamp, _: &[Xattr]) -> io::Result<Vec<Vec<u8>>> {
        set_time(file, stamp.mtime_ns).map(|()| Vec::new())
    }

    pub fn set_folder(folder: &Folder, stamp: &Stamp, _: &[Xattr]) -> io::Result<Vec<Vec<u8>>> {
        set_path_time(folder.path(), stamp.mtime_ns).map(|()| Vec::new())
    }

    pub fn set_name(folder: &Folder, name: &[u8], stamp: &Stamp, _: EntryKind) -> io::Result<()> {
        set_path_time(&folder.path().join(crate::model::from_bytes(name)), stamp.mtime_ns)
    }

    pub fn set_folder_time(folder: &Folder, mtime_ns: i64) -> io::Result<()> {
        set_path_time(folder.path(), mtime_ns)
    }
}

pub use imp::{
    extents, file_xattrs, folder_xattrs, forget_cached, of_file, of_folder, of_name, set_file, set_folder, set_folder_time, set_name,
};
