//! The fingerprint of a folder's whole content, by which a changed one is told from the planned one.

use super::census::Census;
use crate::model::Kind;
use crate::vault::Tree;

/// Of a folder on the file system that was read; `None` for anything else.
pub fn of(census: &Census, folder: u32) -> Option<String> {
    let is_folder = |number| census.things.get(&number).is_some_and(|thing| thing.kind == Kind::Dir);
    if !is_folder(folder) {
        return None;
    }
    let mut tree = Tree::default();
    let mut todo: Vec<_> = census.in_folder(folder).rev().map(|(name, number)| (name, *number, 1)).collect();
    while let Some((name, number, depth)) = todo.pop() {
        let thing = census.things.get(&number)?;
        tree.feed(depth, &name.1, (thing.kind, number.into(), thing.size, thing.mtime_ns));
        if thing.kind == Kind::Dir {
            todo.extend(census.in_folder(number).rev().map(|(name, number)| (name, *number, depth + 1)));
        }
    }
    Some(tree.end())
}
