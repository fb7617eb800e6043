//! Makes new things in a folder held open: never over something that is there, never through a link.

use super::manifest::EntryKind;
use crate::platform::Folder;
use std::fs::File;
use std::io;
use std::path::Path;

/// A folder things are made in.
#[derive(Debug)]
pub struct Place {
    /// The folder, held open.
    pub folder: Folder,
}

impl Place {
    /// Opens a folder by its path.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self { folder: Folder::open(path)? })
    }

    /// Opens a folder in this one; a link is refused.
    pub fn enter(&self, name: &[u8]) -> io::Result<Self> {
        Ok(Self { folder: self.folder.folder(name)? })
    }

    /// Takes a file away again that this restore made a moment ago and that did not become what it should be.
    pub fn take_back(&self, name: &[u8]) {
        crate::vault::own::discard_in(&self.folder, name);
    }
}

#[cfg(unix)]
impl Place {
    /// Makes a folder only the user can enter.
    pub fn make_folder(&self, name: &[u8]) -> io::Result<()> {
        Ok(rustix::fs::mkdirat(self.folder.fd(), name, rustix::fs::Mode::RWXU)?)
    }

    /// Makes an empty file only the user can read.
    pub fn make_file(&self, name: &[u8]) -> io::Result<File> {
        use rustix::fs::{Mode, OFlags};
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(File::from(rustix::fs::openat(self.folder.fd(), name, flags, Mode::RUSR | Mode::WUSR)?))
    }

    /// Makes a symbolic link.
    pub fn make_symlink(&self, name: &[u8], target: &[u8]) -> io::Result<()> {
        Ok(rustix::fs::symlinkat(target, self.folder.fd(), name)?)
    }

    /// Gives what `from` calls `old` a further name here.
    pub fn make_hard_link(&self, name: &[u8], from: &Self, old: &[u8]) -> io::Result<()> {
        Ok(rustix::fs::linkat(from.folder.fd(), old, self.folder.fd(), name, rustix::fs::AtFlags::empty())?)
    }

    /// Makes a pipe or a device.
    pub fn make_special(&self, name: &[u8], kind: EntryKind, device: (u32, u32)) -> io::Result<()> {
        special(self.folder.fd(), name, kind, device)
    }
}

#[cfg(all(unix, not(target_vendor = "apple")))]
fn special(fd: &std::os::fd::OwnedFd, name: &[u8], kind: EntryKind, device: (u32, u32)) -> io::Result<()> {
    use rustix::fs::{FileType, Mode};
    let kind = match kind {
        EntryKind::Fifo => FileType::Fifo,
        EntryKind::Char => FileType::CharacterDevice,
        EntryKind::Block => FileType::BlockDevice,
        _ => return Err(io::ErrorKind::InvalidInput.into()),
    };
    Ok(rustix::fs::mknodat(fd, name, kind, Mode::RUSR | Mode::WUSR, rustix::fs::makedev(device.0, device.1))?)
}

#[cfg(target_vendor = "apple")]
fn special(_: &std::os::fd::OwnedFd, _: &[u8], _: EntryKind, _: (u32, u32)) -> io::Result<()> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "pipes and devices are not made on this system"))
}

#[cfg(windows)]
impl Place {
    fn at(&self, name: &[u8]) -> std::path::PathBuf {
        self.folder.path().join(crate::model::from_bytes(name))
    }

    /// Makes a folder.
    pub fn make_folder(&self, name: &[u8]) -> io::Result<()> {
        std::fs::create_dir(self.at(name))
    }

    /// Makes an empty file.
    pub fn make_file(&self, name: &[u8]) -> io::Result<File> {
        std::fs::OpenOptions::new().read(true).write(true).create_new(true).open(self.at(name))
    }

    /// Makes a symbolic link.
    pub fn make_symlink(&self, name: &[u8], target: &[u8]) -> io::Result<()> {
        std::os::windows::fs::symlink_file(crate::model::from_bytes(target), self.at(name))
    }

    /// Gives what `from` calls `old` a further name here.
    pub fn make_hard_link(&self, name: &[u8], from: &Self, old: &[u8]) -> io::Result<()> {
        std::fs::hard_link(from.at(old), self.at(name))
    }

    /// Pipes and devices are not files here.
    pub fn make_special(&self, _: &[u8], _: EntryKind, _: (u32, u32)) -> io::Result<()> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "pipes and devices are not made on this system"))
    }
}
