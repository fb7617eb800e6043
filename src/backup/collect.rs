//! What goes into a backup: everything selected that is not rebuildable, and the folders it is in.

use super::Options;
use super::manifest::{self, Root};
use crate::model::{Catalog, Class, Failed, Kind, Marks, NodeId, PathText, Skipped, to_bytes};
use std::collections::{HashMap, HashSet};
use std::path::Path;

/// One thing to be packed.
#[derive(Debug, Clone, Copy)]
pub struct Item {
    /// The thing.
    pub id: NodeId,
    /// Which of the roots it is below.
    pub root: usize,
}

/// All of it.
#[derive(Debug, Default)]
pub struct Collected {
    /// Parents before what is in them; in a folder everything else before folders.
    pub items: Vec<Item>,
    /// The roots that hold any of it.
    pub roots: Vec<Root>,
    /// Left out on purpose.
    pub skipped: Vec<Skipped>,
    /// Known beforehand to be unreadable.
    pub failed: Vec<Failed>,
    /// Things other than folders.
    pub files: u64,
    /// Their apparent bytes; a further name of an inode adds nothing.
    pub bytes: u64,
    /// The most room their bytes can take: the smaller of apparent and allocated.
    pub room: u64,
}

/// Finds what is to be packed. Changes nothing and opens nothing.
pub fn collect(catalog: &Catalog, options: &Options) -> Collected {
    let chosen: HashSet<NodeId> = options.nodes.iter().copied().collect();
    let above: HashSet<NodeId> = chosen.iter().flat_map(|id| std::iter::successors(catalog.parent(*id), |p| catalog.parent(*p))).collect();
    let mut all = Collected::default();
    let mut tops = HashMap::new();
    for root in catalog.roots() {
        let store = catalog.store_of(*root).map_or("other", |s| catalog.store(s).name);
        if !options.stores.is_empty() && !options.stores.iter().any(|s| s == store) {
            continue;
        }
        let path = catalog.path(*root);
        let found = below(catalog, *root, &chosen, &above, options.with_secrets, &mut all.skipped);
        unreadable(catalog, *root, &chosen, &mut all.failed);
        if found.is_empty() {
            continue;
        }
        let top = top(store, &path, &mut tops);
        all.roots.push(Root { store: store.into(), top: manifest::text(&top), original: PathText::new(&path) });
        for id in found {
            let node = catalog.node(id);
            if node.kind != Kind::Dir {
                // What is told inside of it is packed with it.
                let own = catalog.own(id) + catalog.taken_off(id);
                all.files += 1;
                all.bytes += own.bytes;
                all.room += own.bytes.min(own.allocated.max(4096));
            }
            all.items.push(Item { id, root: all.roots.len() - 1 });
        }
    }
    all
}

/// The name a root has in the archive: its store's, and its own last part, made unique.
fn top(store: &str, path: &Path, taken: &mut HashMap<Vec<u8>, u32>) -> Vec<u8> {
    let last = path.file_name().map_or_else(|| b"root".to_vec(), |n| to_bytes(n).into_owned());
    let name = [store.as_bytes(), b"/", &last].concat();
    let mut unique = name.clone();
    while taken.contains_key(&unique) {
        let count = taken.entry(name.clone()).or_insert(1);
        *count += 1;
        unique = [name.as_slice(), format!("-{count}").as_bytes()].concat();
    }
    taken.insert(unique.clone(), 1);
    unique
}

/// Everything below a root that goes in, parents first.
fn below(
    catalog: &Catalog,
    root: NodeId,
    chosen: &HashSet<NodeId>,
    above: &HashSet<NodeId>,
    with_secrets: bool,
    skipped: &mut Vec<Skipped>,
) -> Vec<NodeId> {
    let mut leave = |id: NodeId, reason: &str| skipped.push(Skipped { path: PathText::new(&catalog.path(id)), reason: reason.into() });
    let mut order: Vec<NodeId> = Vec::new();
    let mut wanted: HashSet<NodeId> = HashSet::new();
    let mut stack = vec![(root, chosen.is_empty())];
    while let Some((id, inside)) = stack.pop() {
        let inside = inside || chosen.contains(&id);
        if !inside && !above.contains(&id) {
            continue;
        }
        let node = catalog.node(id);
        if inside && node.marks.has(Marks::SECRET) && !with_secrets && (node.kind == Kind::Dir || node.class != Class::Rebuildable) {
            leave(id, "a secret; `--with-secrets` takes it in");
            continue;
        }
        let above_inside = catalog.parent(id).is_some_and(|p| catalog.node(p).marks.has(Marks::INSIDE));
        if node.marks.has(Marks::INSIDE) && !above_inside && !super::images::is_entered(catalog, id, chosen) {
            continue;
        }
        order.push(id);
        if node.kind != Kind::Dir {
            if inside && node.class != Class::Rebuildable {
                if node.marks.has(Marks::PLACEHOLDER) {
                    leave(id, "its content is in a cloud, not on this disk; it was not fetched");
                } else {
                    wanted.insert(id);
                }
            }
            continue;
        }
        if inside && node.marks.has(Marks::MOUNT) {
            leave(id, "another file system is mounted here; it is not entered");
            continue;
        }
        let totals = catalog.totals(id);
        if inside && node.class != Class::Rebuildable && totals.rebuildable.files == 0 {
            wanted.insert(id);
        }
        let mut children: Vec<NodeId> = catalog.children(id).collect();
        // The stack turns the order round: folders are pushed first so that they are popped last.
        children.sort_by_cached_key(|c| (catalog.node(*c).kind != Kind::Dir, std::cmp::Reverse(catalog.name_bytes(*c).to_vec())));
        stack.extend(children.into_iter().map(|c| (c, inside)));
    }
    // A folder goes in when anything in it does.
    for id in order.iter().rev() {
        if wanted.contains(id) {
            wanted.extend(catalog.parent(*id));
        }
    }
    order.retain(|id| wanted.contains(id));
    order
}

/// What the scan could not read below a root and nothing else stands for: a hole the backup must tell of.
fn unreadable(catalog: &Catalog, root: NodeId, chosen: &HashSet<NodeId>, failed: &mut Vec<Failed>) {
    let tops: Vec<_> = if chosen.is_empty() { vec![catalog.path(root)] } else { chosen.iter().map(|id| catalog.path(*id)).collect() };
    let root_path = catalog.path(root);
    for error in &catalog.errors {
        let here = error.path.starts_with(&root_path) && tops.iter().any(|top| error.path.starts_with(top));
        // A file with an error of its own (a record that cannot be parsed) is packed like any other.
        let whole = |id: NodeId| catalog.node(id).kind != Kind::Dir || catalog.node(id).marks.has(Marks::INSIDE);
        let packed = catalog.find(&error.path).is_some_and(whole);
        if here && !packed {
            failed.push(Failed { path: PathText::new(&error.path), error: error.error.clone() });
        }
    }
}
