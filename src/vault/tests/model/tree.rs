//! What a disk in memory holds: folders and files by number.

use crate::model::{Facts, Kind, from_bytes, to_bytes};
use std::collections::BTreeMap;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;

/// The number of the folder everything is in.
pub const TOP: u64 = 1;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    Dir(BTreeMap<Vec<u8>, u64>),
    File(Vec<u8>),
}

#[derive(Debug, Clone)]
pub struct Node {
    pub what: What,
    pub mtime: i64,
    /// Which of two times is the later one set.
    pub stamp: u64,
    pub mode: u32,
    /// The disk it is on.
    pub dev: u64,
}

#[derive(Debug, Clone)]
pub struct Tree(Rc<BTreeMap<u64, Rc<Node>>>);

impl Tree {
    pub fn new() -> Self {
        let top = Node { what: What::Dir(BTreeMap::new()), mtime: 0, stamp: 0, mode: 0o755, dev: 1 };
        Self(Rc::new(BTreeMap::from([(TOP, Rc::new(top))])))
    }

    pub fn put(&mut self, ino: u64, node: Node) {
        Rc::make_mut(&mut self.0).insert(ino, Rc::new(node));
    }

    pub fn node(&self, ino: u64) -> io::Result<&Node> {
        self.0.get(&ino).map(|node| &**node).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    pub fn node_mut(&mut self, ino: u64) -> Option<&mut Node> {
        Rc::make_mut(&mut self.0).get_mut(&ino).map(Rc::make_mut)
    }

    pub fn names(&self, dir: u64) -> io::Result<&BTreeMap<Vec<u8>, u64>> {
        match &self.node(dir)?.what {
            What::Dir(names) => Ok(names),
            What::File(_) => Err(io::ErrorKind::NotADirectory.into()),
        }
    }

    pub fn at(&self, dir: u64, name: &[u8]) -> io::Result<u64> {
        self.names(dir)?.get(name).copied().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// What a path leads to; links are not followed.
    pub fn find(&self, path: &Path) -> io::Result<u64> {
        path.components().try_fold(TOP, |at, part| match part {
            Component::Normal(name) => self.at(at, &to_bytes(name)),
            _ => Ok(at),
        })
    }

    /// The folder that a folder is in.
    pub fn above(&self, dir: u64) -> io::Result<u64> {
        let is_above = |node: &Node| matches!(&node.what, What::Dir(names) if names.values().any(|ino| *ino == dir));
        self.0.iter().find(|(_, node)| is_above(node)).map(|(ino, _)| *ino).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    pub fn facts(&self, ino: u64) -> io::Result<Facts> {
        let node = self.node(ino)?;
        let (kind, size) = match &node.what {
            What::Dir(_) => (Kind::Dir, 0),
            What::File(bytes) => (Kind::File, bytes.len() as u64),
        };
        Ok(Facts { kind, size, allocated: size, mtime_ns: node.mtime, dev: node.dev, ino, nlink: 1, placeholder: false })
    }

    pub fn set_name(&mut self, dir: u64, name: &[u8], ino: Option<u64>) {
        if let Some(Node { what: What::Dir(names), .. }) = self.node_mut(dir) {
            match ino {
                Some(ino) => names.insert(name.to_vec(), ino),
                None => names.remove(name),
            };
        }
    }

    pub fn set_time(&mut self, ino: u64, mtime: i64, stamp: u64) {
        if let Some(node) = self.node_mut(ino).filter(|node| node.stamp < stamp) {
            (node.mtime, node.stamp) = (mtime, stamp);
        }
    }

    pub fn write(&mut self, ino: u64, at: usize, bytes: &[u8]) {
        if let Some(Node { what: What::File(all), .. }) = self.node_mut(ino) {
            all.resize(all.len().max(at + bytes.len()), 0);
            all[at..at + bytes.len()].copy_from_slice(bytes);
        }
    }

    pub fn resize(&mut self, ino: u64, length: usize) {
        if let Some(Node { what: What::File(all), .. }) = self.node_mut(ino) {
            all.resize(length, 0);
        }
    }

    /// Everything below a path, folders before what is in them.
    pub fn walk(&self, path: &Path) -> Vec<(PathBuf, &Node)> {
        let Ok(top) = self.find(path) else { return Vec::new() };
        let (mut all, mut todo) = (Vec::new(), vec![(path.to_path_buf(), top)]);
        while let Some((path, ino)) = todo.pop() {
            let Ok(node) = self.node(ino) else { continue };
            if let What::Dir(names) = &node.what {
                todo.extend(names.iter().map(|(name, ino)| (path.join(from_bytes(name)), *ino)));
            }
            all.push((path, node));
        }
        all
    }

    /// Forgets what no name leads to.
    pub fn prune(&mut self) {
        let (mut reached, mut todo) = (std::collections::BTreeSet::new(), vec![TOP]);
        while let Some(ino) = todo.pop() {
            if reached.insert(ino)
                && let Ok(names) = self.names(ino)
            {
                todo.extend(names.values());
            }
        }
        if reached.len() < self.0.len() {
            Rc::make_mut(&mut self.0).retain(|ino, _| reached.contains(ino));
        }
    }

    /// The same for two trees with the same content, names, times and numbers.
    pub fn digest(&self) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new();
        for (ino, node) in self.0.iter() {
            hasher.update(&[ino.to_le_bytes(), node.mtime.to_le_bytes()].concat());
            match &node.what {
                What::Dir(names) => {
                    for (name, ino) in names {
                        hasher.update(name).update(&ino.to_le_bytes());
                    }
                }
                What::File(bytes) => drop(hasher.update(b"file").update(bytes)),
            }
        }
        *hasher.finalize().as_bytes()
    }
}
