//! A folder held open, so that what is below it is reached without its path being looked up again.
//!
//! On Unix this is a descriptor and works below paths longer than the system's limit; on Windows a handle, with the path
//! for what is only done by paths there.

use crate::model::Facts;
use std::io;
use std::path::Path;

/// One name in a folder.
#[derive(Debug)]
pub struct Listed {
    /// The name's bytes, as `model::to_bytes` makes them.
    pub name: Vec<u8>,
    /// What the file system says about it, or why it would not.
    pub facts: io::Result<Facts>,
}

#[cfg(unix)]
mod imp {
    use super::{Facts, Listed, io};
    use crate::model::Kind;
    use rustix::fs::{AtFlags, FileType, Mode, OFlags};
    use std::ffi::CStr;
    use std::fs::File;
    use std::os::fd::OwnedFd;
    use std::path::Path;

    /// A folder held open.
    #[derive(Debug)]
    pub struct Folder(OwnedFd);

    const AS_FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

    impl Folder {
        /// Opens a folder by its path; a link as its last part is refused.
        pub fn open(path: &Path) -> io::Result<Self> {
            Ok(Self(rustix::fs::open(path, AS_FOLDER, Mode::empty())?))
        }

        /// Opens a store's own root, which may be a link the user made.
        pub fn open_top(path: &Path) -> io::Result<Self> {
            Ok(Self(rustix::fs::open(path, AS_FOLDER.difference(OFlags::NOFOLLOW), Mode::empty())?))
        }

        /// Opens a folder in this one; a link is refused.
        pub fn folder(&self, name: &[u8]) -> io::Result<Self> {
            Ok(Self(rustix::fs::openat(&self.0, name, AS_FOLDER, Mode::empty())?))
        }

        /// Opens a regular file in this folder for reading; a link, and anything that would block, is refused.
        pub fn file(&self, name: &[u8]) -> io::Result<File> {
            let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
            let file = File::from(rustix::fs::openat(&self.0, name, flags, Mode::empty())?);
            if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")) }
        }

        /// Where a link in this folder points.
        pub fn link(&self, name: &[u8]) -> io::Result<Vec<u8>> {
            Ok(rustix::fs::readlinkat(&self.0, name, Vec::new())?.into_bytes())
        }

        /// What the file system says about a name in this folder, not following a link.
        pub fn facts(&self, name: &[u8]) -> io::Result<Facts> {
            Ok(facts(&rustix::fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW)?))
        }

        /// What the file system says about the folder itself.
        pub fn own_facts(&self) -> io::Result<Facts> {
            Ok(facts(&rustix::fs::fstat(&self.0)?))
        }

        /// Every name in the folder but `.` and `..`, in the file system's order; an error ends the list.
        pub fn list(&self) -> impl Iterator<Item = io::Result<Listed>> + '_ {
            let mut dir = Some(rustix::fs::Dir::read_from(&self.0));
            std::iter::from_fn(move || {
                loop {
                    let entry = match dir.as_mut()? {
                        Ok(open) => match open.next()? {
                            Ok(entry) => entry,
                            Err(e) => {
                                dir = None;
                                return Some(Err(e.into()));
                            }
                        },
                        Err(e) => {
                            let e = io::Error::from(*e);
                            dir = None;
                            return Some(Err(e));
                        }
                    };
                    let name: &CStr = entry.file_name();
                    if name == c"." || name == c".." {
                        continue;
                    }
                    let facts = rustix::fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW).map(|s| facts(&s)).map_err(io::Error::from);
                    return Some(Ok(Listed { name: name.to_bytes().to_vec(), facts }));
                }
            })
        }

        /// Tells every name in the folder but `.` and `..` with what the file system says about it; `None` for the
        /// name is the list itself failing. `buffer` is room to read into, kept from folder to folder.
        #[cfg(any(target_os = "linux", target_os = "android"))]
        pub fn visit(&self, buffer: &mut Vec<u8>, mut tell: impl FnMut(Option<&[u8]>, io::Result<Facts>)) {
            buffer.clear();
            buffer.reserve(32 << 10);
            let mut dir = rustix::fs::RawDir::new(&self.0, buffer.spare_capacity_mut());
            while let Some(entry) = dir.next() {
                match entry {
                    Ok(entry) if entry.file_name() == c"." || entry.file_name() == c".." => {}
                    Ok(entry) => {
                        let stat = rustix::fs::statat(&self.0, entry.file_name(), AtFlags::SYMLINK_NOFOLLOW);
                        tell(Some(entry.file_name().to_bytes()), stat.map(|s| facts(&s)).map_err(io::Error::from));
                    }
                    Err(e) => return tell(None, Err(e.into())),
                }
            }
        }

        /// The descriptor, for the few who need it.
        pub fn fd(&self) -> &OwnedFd {
            &self.0
        }
    }

    impl From<OwnedFd> for Folder {
        /// A folder that is open already.
        fn from(fd: OwnedFd) -> Self {
            Self(fd)
        }
    }

    #[allow(
        clippy::unnecessary_cast,
        clippy::cast_sign_loss,
        clippy::cast_possible_wrap,
        clippy::cast_lossless,
        clippy::allow_attributes,
        reason = "field types differ between Unixes"
    )]
    fn facts(stat: &rustix::fs::Stat) -> Facts {
        Facts {
            kind: match FileType::from_raw_mode(stat.st_mode) {
                FileType::RegularFile => Kind::File,
                FileType::Directory => Kind::Dir,
                FileType::Symlink => Kind::Symlink,
                _ => Kind::Other,
            },
            size: stat.st_size as u64,
            allocated: stat.st_blocks as u64 * 512,
            mtime_ns: (stat.st_mtime as i64).saturating_mul(1_000_000_000).saturating_add(stat.st_mtime_nsec as i64),
            dev: stat.st_dev as u64,
            ino: stat.st_ino as u64,
            nlink: u32::try_from(stat.st_nlink).unwrap_or(u32::MAX),
            placeholder: placeholder(stat),
        }
    }

    #[cfg(target_os = "macos")]
    fn placeholder(stat: &rustix::fs::Stat) -> bool {
        stat.st_flags & 0x4000_0000 != 0
    }

    #[cfg(not(target_os = "macos"))]
    fn placeholder(_: &rustix::fs::Stat) -> bool {
        false
    }
}

#[cfg(windows)]
#[path = "folder/windows.rs"]
mod imp;

pub use imp::Folder;

impl Folder {
    /// Tells every name in the folder with what the file system says about it; `None` for the name is the list itself
    /// failing.
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    pub fn visit(&self, _buffer: &mut Vec<u8>, mut tell: impl FnMut(Option<&[u8]>, io::Result<Facts>)) {
        for listed in self.list() {
            match listed {
                Ok(listed) => tell(Some(&listed.name), listed.facts),
                Err(e) => tell(None, Err(e)),
            }
        }
    }

    /// Opens the folder at a path below this one, part by part, refusing links on the way.
    pub fn folder_beneath(&self, path: &Path) -> io::Result<Option<Self>> {
        let mut at: Option<Self> = None;
        for part in path.components() {
            let name = crate::model::to_bytes(part.as_os_str()).into_owned();
            at = Some(at.as_ref().unwrap_or(self).folder(&name)?);
        }
        Ok(at)
    }
}
