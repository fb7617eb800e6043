//! A folder held open on Windows: by a handle, and by its path for what is only done by paths there.

use super::{Facts, Listed, io};
use crate::model::{Kind, from_bytes, to_bytes};
use crate::platform::facts::facts_of_open;
use std::fs::{File, OpenOptions};
use std::os::windows::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

// FILE_LIST_DIRECTORY and FILE_READ_ATTRIBUTES; FILE_SHARE_READ, _WRITE and _DELETE; FILE_FLAG_BACKUP_SEMANTICS, without
// which no folder is opened, and FILE_FLAG_OPEN_REPARSE_POINT, with which a link is opened itself (winnt.h, winbase.h).
const LOOK: u32 = 0x1 | 0x80;
const SHARE: u32 = 0x1 | 0x2;
const SHARE_DELETE: u32 = 0x4;
const FOLDERS_TOO: u32 = 0x0200_0000;
const LINK_ITSELF: u32 = 0x0020_0000;

/// A folder held open.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    held: File,
}

impl Folder {
    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Opens a folder by its path; a link is refused. Others may rename and remove it while it is open.
    pub fn open(path: &Path) -> io::Result<Self> {
        Self::opened(path, SHARE | SHARE_DELETE, LINK_ITSELF)
    }

    /// Opens a store's own root, which may be a link the user made.
    pub fn open_top(path: &Path) -> io::Result<Self> {
        Self::opened(path, SHARE | SHARE_DELETE, 0)
    }

    /// Opens a folder by its path and keeps it there: while it is open the system lets nobody rename or remove it or a
    /// folder above it, so that its path goes on leading to it. A link is refused.
    pub fn hold(path: &Path) -> io::Result<Self> {
        Self::opened(path, SHARE, LINK_ITSELF)
    }

    fn opened(path: &Path, share: u32, flags: u32) -> io::Result<Self> {
        let held = OpenOptions::new().access_mode(LOOK).share_mode(share).custom_flags(FOLDERS_TOO | flags).open(path)?;
        if facts_of_open(&held)?.kind != Kind::Dir {
            return Err(io::Error::new(io::ErrorKind::NotADirectory, "not a folder"));
        }
        Ok(Self { path: path.to_path_buf(), held })
    }

    /// Opens a folder in this one; a link is refused.
    pub fn folder(&self, name: &[u8]) -> io::Result<Self> {
        Self::open(&self.path.join(from_bytes(name)))
    }

    /// Opens a regular file in this folder for reading; a link is refused.
    pub fn file(&self, name: &[u8]) -> io::Result<File> {
        let path = self.path.join(from_bytes(name));
        let facts = crate::platform::facts(&path)?;
        if facts.kind != Kind::File {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
        }
        let file = File::open(path)?;
        let open = facts_of_open(&file)?;
        if facts.ino == 0 || (open.dev, open.ino) == (facts.dev, facts.ino) {
            Ok(file)
        } else {
            Err(io::Error::other("it was exchanged while it was opened"))
        }
    }

    /// Where a link in this folder points.
    pub fn link(&self, name: &[u8]) -> io::Result<Vec<u8>> {
        Ok(to_bytes(std::fs::read_link(self.path.join(from_bytes(name)))?.as_os_str()).into_owned())
    }

    /// What the file system says about a name in this folder, not following a link.
    pub fn facts(&self, name: &[u8]) -> io::Result<Facts> {
        crate::platform::facts(&self.path.join(from_bytes(name)))
    }

    /// What the file system says about the folder itself.
    pub fn own_facts(&self) -> io::Result<Facts> {
        facts_of_open(&self.held)
    }

    /// Every name in the folder, in the file system's order; an error ends the list. A list tells no index and no link
    /// count; what is on another volume is a link in it.
    pub fn list(&self) -> impl Iterator<Item = io::Result<Listed>> + '_ {
        let opened = self.own_facts().and_then(|own| Ok((own.dev, std::fs::read_dir(&self.path)?)));
        let (dir, failed) = match opened {
            Ok(dir) => (Some(dir), None),
            Err(e) => (None, Some(Err(e))),
        };
        let named = dir.into_iter().flat_map(|(dev, dir)| dir.map(move |entry| (dev, entry)));
        failed.into_iter().chain(named.map(|(dev, entry)| {
            let entry = entry?;
            let facts = entry.metadata().map(|m| Facts { dev, ..crate::platform::facts_of(&m, &self.path) });
            Ok(Listed { name: to_bytes(&entry.file_name()).into_owned(), facts })
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home() -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let inner = dir.path().join("outer").join("inner");
        std::fs::create_dir_all(&inner).unwrap();
        (dir, inner)
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "what others try meanwhile")]
    fn nobody_renames_or_removes_a_folder_that_is_held() {
        let (_dir, inner) = home();
        let held = Folder::hold(&inner).unwrap();
        assert!(std::fs::rename(&inner, inner.with_file_name("elsewhere")).is_err());
        assert!(std::fs::remove_dir(&inner).is_err());
        assert!(Folder::hold(&inner).is_ok(), "a second handle of ours was refused");
        drop(held);
        std::fs::rename(&inner, inner.with_file_name("elsewhere")).unwrap();
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "what others try meanwhile")]
    fn looking_stands_in_nobodys_way() {
        let (_dir, inner) = home();
        let open = Folder::open(&inner).unwrap();
        std::fs::rename(&inner, inner.with_file_name("elsewhere")).unwrap();
        assert!(open.own_facts().is_ok());
    }

    #[test]
    fn a_folder_is_known_by_volume_and_index_and_files_by_their_names_too() {
        let (_dir, inner) = home();
        std::fs::write(inner.join("one"), "x").unwrap();
        std::fs::hard_link(inner.join("one"), inner.join("two")).unwrap();
        let folder = Folder::open(&inner).unwrap();
        let outer = Folder::open(inner.parent().unwrap()).unwrap();
        assert_ne!(folder.own_facts().unwrap().ino, outer.own_facts().unwrap().ino);
        assert_eq!(folder.own_facts().unwrap().ino, outer.facts(b"inner").unwrap().ino);
        let (one, two) = (folder.facts(b"one").unwrap(), folder.facts(b"two").unwrap());
        assert_eq!((one.ino, one.nlink), (two.ino, 2));
        assert!(one.ino != 0 && folder.list().all(|l| l.unwrap().facts.unwrap().dev == one.dev));
        assert_eq!(Folder::open(&inner.join("one")).unwrap_err().kind(), io::ErrorKind::NotADirectory);
    }
}
