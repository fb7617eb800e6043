//! An image that was walked wholly, so that its files are found by their paths at once.

use super::content::Content;
use super::inode::Inode;
use super::walk::{Folder, Limits};
use super::{Image, Trouble};
use crate::model::{Facts, Kind, Stop, to_bytes};
use crate::platform::Times;
use std::collections::HashMap;
use std::io;
use std::path::{Component, Path, PathBuf};

/// An image that was walked wholly.
#[derive(Debug)]
pub struct Known {
    /// The image.
    pub image: Image,
    /// How paths on it begin: the image's own path and a `!`.
    pub top: PathBuf,
    /// What stands for the device in facts of its files; no real device has it.
    pub device: u64,
    /// Inodes by the hash of their path.
    inodes: HashMap<[u8; 16], u32>,
}

impl Known {
    /// Walks an image; `top` is how paths on it begin.
    pub fn walk(image: Image, top: PathBuf, stop: &Stop, mut each: impl FnMut(Folder)) -> Result<Self, Trouble> {
        let mut inodes = HashMap::new();
        image.walk(&Limits::default(), stop, |folder| {
            inodes.insert(key(&folder.path), folder.inode);
            for entry in folder.entries.iter().flatten().filter(|e| e.kind != Kind::Dir) {
                inodes.insert(key(&super::walk::below(&folder.path, &entry.name)), entry.inode);
            }
            each(folder);
        })?;
        let device = super::numbers::le64(blake3::hash(&to_bytes(top.as_os_str())).as_bytes(), 0) | 1 << 63;
        Ok(Self { image, top, device, inodes })
    }

    /// The path on the image, from `/` on, that a path of this machine's kind stands for.
    pub fn inside(&self, path: &Path) -> Option<Vec<u8>> {
        let mut inside = Vec::new();
        for part in path.strip_prefix(&self.top).ok()?.components() {
            let Component::Normal(name) = part else { return None };
            inside.push(b'/');
            inside.extend_from_slice(&to_bytes(name));
        }
        Some(if inside.is_empty() { b"/".to_vec() } else { inside })
    }

    /// The inode at a path.
    pub fn inode(&self, path: &Path) -> io::Result<Inode> {
        let number = self.inside(path).and_then(|inside| self.inodes.get(&key(&inside)));
        Ok(self.image.inode(*number.ok_or(io::ErrorKind::NotFound)?)?)
    }

    /// The content of the regular file at a path.
    pub fn content(&self, path: &Path) -> io::Result<Content> {
        Ok(self.image.content(self.inode(path)?.number)?)
    }

    /// Where the link at a path points.
    pub fn link(&self, path: &Path) -> io::Result<PathBuf> {
        Ok(crate::model::from_bytes(&self.image.link(self.inode(path)?.number)?).into())
    }

    /// What its file system says about a path.
    pub fn facts(&self, path: &Path) -> io::Result<Facts> {
        let inode = self.inode(path)?;
        let kind = inode.kind().ok_or(io::ErrorKind::InvalidData)?;
        Ok(Facts {
            kind,
            size: inode.size,
            allocated: inode.allocated,
            mtime_ns: inode.mtime_ns,
            dev: self.device,
            ino: inode.number.into(),
            nlink: inode.links,
            placeholder: false,
        })
    }

    /// The times of a path.
    pub fn times(&self, path: &Path) -> io::Result<Times> {
        let inode = self.inode(path)?;
        Ok(Times { modified: inode.mtime_ns, changed: Some(inode.changed_ns), born: inode.born_ns })
    }
}

fn key(inside: &[u8]) -> [u8; 16] {
    let mut key = [0; 16];
    key.copy_from_slice(blake3::hash(inside).as_bytes().get(..16).unwrap_or(&[0; 16]));
    key
}
