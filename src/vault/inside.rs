//! Items inside disk images: which image, where in it, and which thing exactly. What is inside of a database is none.

use crate::model::{Catalog, Facts, Identity, InImage, Kind, Marks, NodeId, PathText, from_bytes};
use crate::platform::{facts, read_exact_at};
use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};

/// The fingerprint of a folder's whole content inside an image: name for name, each folder before what is in it.
#[derive(Debug, Default)]
pub struct Tree(blake3::Hasher);

impl Tree {
    /// Takes in a name: its depth, kind, inode, size and time. Of a folder its names say everything.
    pub fn feed(&mut self, depth: u64, name: &[u8], (kind, inode, size, mtime_ns): (Kind, u64, u64, i64)) {
        self.0.update(&depth.to_le_bytes());
        self.0.update(&(name.len() as u64).to_le_bytes());
        self.0.update(name);
        self.0.update(&[kind as u8]);
        if kind != Kind::Dir {
            self.0.update(&inode.to_le_bytes());
            self.0.update(&size.to_le_bytes());
            self.0.update(&mtime_ns.to_le_bytes());
        }
    }

    /// 64 hex digits.
    pub fn end(self) -> String {
        self.0.finalize().to_hex().to_string()
    }
}

/// Whether a node is on a disk image, or holds what is on one.
pub(super) fn on_image(catalog: &Catalog, id: NodeId) -> bool {
    catalog.is_on_disk(id) || catalog.node(id).marks.has(Marks::INSIDE) && catalog.children(id).any(|below| catalog.is_on_disk(below))
}

/// Images as they stand, each looked at once.
#[derive(Default)]
pub(super) struct Images(HashMap<NodeId, Result<(PathBuf, Identity), String>>);

impl Images {
    /// Which thing a node on an image is. An image that nothing can be taken out of is an error, with its own node.
    pub(super) fn identity(&mut self, catalog: &Catalog, id: NodeId) -> Result<(Identity, InImage), (NodeId, String)> {
        let mut top = id;
        let mut names = Vec::new();
        while let Some(above) = catalog.parent(top).filter(|above| catalog.node(*above).marks.has(Marks::INSIDE)) {
            names.push(catalog.name_bytes(top).to_vec());
            top = above;
        }
        names.reverse();
        let image = self.0.entry(top).or_insert_with(|| image(catalog, top));
        let (path, identity) = image.clone().map_err(|why| (top, why))?;
        let node = catalog.node(id);
        let own = Identity { device: 0, inode: node.ino, size: node.size, mtime_ns: node.mtime_ns, tree: tree(catalog, id) };
        let inner = names.join(&b'/');
        Ok((own, InImage { image: PathText::new(&path), inner: PathText::new(Path::new(&from_bytes(&inner))), identity }))
    }
}

/// The image that a folder stands for, as it is now.
fn image(catalog: &Catalog, top: NodeId) -> Result<(PathBuf, Identity), String> {
    let path = catalog.path(top);
    let shown = crate::model::to_bytes(path.as_os_str()).strip_suffix(b"!").map(from_bytes).unwrap_or_default();
    let path = PathBuf::from(shown);
    let scanned = catalog.find(&path).map(|id| (catalog.node(id).ino, catalog.node(id).mtime_ns));
    let now = facts(&path).map_err(|e| format!("the disk image cannot be read: {e}"))?;
    if scanned != Some((now.ino, now.mtime_ns)) {
        return Err("the disk image changed since it was scanned".into());
    }
    if !is_raw(&path) || cfg!(windows) {
        let kind =
            if cfg!(windows) { "on Windows nothing is removed from a disk image" } else { "only from a raw image files are removed" };
        return Err(format!(
            "{kind}; save what you need (`lifeboat flush`), and have the running session free its own folder: `lifeboat plan SESSION --script FILE`"
        ));
    }
    let Facts { dev, ino, size, mtime_ns, .. } = now;
    Ok((path, Identity { device: dev, inode: ino, size, mtime_ns, tree: None }))
}

/// Whether an image holds an ext4 file system from its first byte on.
fn is_raw(path: &Path) -> bool {
    let mut magic = [0; 2];
    File::open(path).and_then(|file| read_exact_at(&file, 1024 + 0x38, &mut magic)).is_ok() && magic == [0x53, 0xEF]
}

/// The fingerprint of a folder as a catalogue has it; `None` for anything else.
fn tree(catalog: &Catalog, folder: NodeId) -> Option<String> {
    if catalog.node(folder).kind != Kind::Dir {
        return None;
    }
    let mut tree = Tree::default();
    let sorted = |id: NodeId| {
        let mut names: Vec<NodeId> = catalog.children(id).collect();
        names.sort_unstable_by(|a, b| catalog.name_bytes(*b).cmp(catalog.name_bytes(*a)));
        names
    };
    let mut todo: Vec<(NodeId, u64)> = sorted(folder).into_iter().map(|id| (id, 1)).collect();
    while let Some((id, depth)) = todo.pop() {
        let node = catalog.node(id);
        tree.feed(depth, catalog.name_bytes(id), (node.kind, node.ino, node.size, node.mtime_ns));
        if node.kind == Kind::Dir {
            todo.extend(sorted(id).into_iter().map(|below| (below, depth + 1)));
        }
    }
    Some(tree.end())
}
