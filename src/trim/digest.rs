//! The fingerprint of a folder's whole content, by which a changed one is told from the planned one.

use super::census::Census;
use crate::model::{Catalog, Kind, NodeId};

/// Of a folder on the file system that was read; `None` for anything else.
pub fn of(census: &Census, folder: u32) -> Option<String> {
    let mut hasher = blake3::Hasher::new();
    let is_folder = |number| census.things.get(&number).is_some_and(|thing| thing.kind == Kind::Dir);
    if !is_folder(folder) {
        return None;
    }
    let mut todo: Vec<_> = census.in_folder(folder).rev().map(|(name, number)| (name, *number, 1)).collect();
    while let Some((name, number, depth)) = todo.pop() {
        let thing = census.things.get(&number)?;
        feed(&mut hasher, depth, &name.1, (thing.kind, number.into(), thing.size, thing.mtime_ns));
        if thing.kind == Kind::Dir {
            todo.extend(census.in_folder(number).rev().map(|(name, number)| (name, *number, depth + 1)));
        }
    }
    Some(hasher.finalize().to_hex().to_string())
}

/// Of a folder as a catalogue has it; `None` for anything else.
pub fn known(catalog: &Catalog, folder: NodeId) -> Option<String> {
    if catalog.node(folder).kind != Kind::Dir {
        return None;
    }
    let mut hasher = blake3::Hasher::new();
    let sorted = |id: NodeId| {
        let mut names: Vec<NodeId> = catalog.children(id).collect();
        names.sort_unstable_by(|a, b| catalog.name_bytes(*b).cmp(catalog.name_bytes(*a)));
        names
    };
    let mut todo: Vec<(NodeId, u64)> = sorted(folder).into_iter().map(|id| (id, 1)).collect();
    while let Some((id, depth)) = todo.pop() {
        let node = catalog.node(id);
        feed(&mut hasher, depth, catalog.name_bytes(id), (node.kind, node.ino, node.size, node.mtime_ns));
        if node.kind == Kind::Dir {
            todo.extend(sorted(id).into_iter().map(|below| (below, depth + 1)));
        }
    }
    Some(hasher.finalize().to_hex().to_string())
}

fn feed(hasher: &mut blake3::Hasher, depth: u64, name: &[u8], (kind, inode, size, mtime_ns): (Kind, u64, u64, i64)) {
    hasher.update(&depth.to_le_bytes());
    hasher.update(&(name.len() as u64).to_le_bytes());
    hasher.update(name);
    hasher.update(&[kind as u8]);
    // Of a folder its names say everything.
    if kind != Kind::Dir {
        hasher.update(&inode.to_le_bytes());
        hasher.update(&size.to_le_bytes());
        hasher.update(&mtime_ns.to_le_bytes());
    }
}
