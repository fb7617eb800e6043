//! Finds environments below a folder, by the catalogue of a scan or by a walk of its own.

use super::place::child;
use super::{ECOSYSTEMS, Ecosystem, Environment, Place};
use crate::model::{Catalog, Kind, Marks, NodeId, SessionIx, Stop};
use crate::walk::{FolderKey, walk};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Everything installed below a session's folder, as the disk has it; folders are those the scan saw.
pub fn installed(catalog: &Catalog, session: SessionIx) -> Vec<Environment> {
    let session = catalog.session(session);
    let mut found = Vec::new();
    if let Some(dir) = &session.dir
        && let Some(top) = catalog.find(dir)
    {
        found.extend(read(dir, marked(catalog, top)));
    }
    in_order(found)
}

/// Everything installed below any folder, as the disk has it.
pub fn installed_in(folder: &Path) -> Vec<Environment> {
    let mut paths = HashMap::from([(FolderKey(0), PathBuf::new())]);
    let mut all = Vec::new();
    for listing in walk(vec![(FolderKey(0), folder.to_path_buf())], 2, |_| true, &Stop::default()).iter().flatten() {
        let Some(at) = paths.remove(&listing.key) else { continue };
        paths.extend(listing.entries().filter_map(|(name, entry)| Some((entry.key?, child(&at, name)))));
        let names: Vec<&str> = listing.entries().filter_map(|(name, _)| std::str::from_utf8(name).ok()).collect();
        all.extend(marks(&at, &names));
    }
    in_order(read(folder, all))
}

type Marked = (PathBuf, &'static dyn Ecosystem);

fn marks(at: &Path, names: &[&str]) -> Vec<Marked> {
    ECOSYSTEMS.iter().filter(|e| e.mark(at, names)).map(|e| (at.to_path_buf(), *e)).collect()
}

fn marked(catalog: &Catalog, top: NodeId) -> Vec<Marked> {
    let mut all = Vec::new();
    let mut stack = vec![(top, PathBuf::new())];
    while let Some((folder, at)) = stack.pop() {
        let names: Vec<&str> = catalog.children(folder).filter_map(|id| std::str::from_utf8(catalog.name_bytes(id)).ok()).collect();
        all.extend(marks(&at, &names));
        let inside = catalog.children(folder).filter(|id| {
            let node = catalog.node(*id);
            node.kind == Kind::Dir && !node.marks.has(Marks::PLACEHOLDER) && !node.marks.has(Marks::MOUNT)
        });
        stack.extend(inside.map(|id| (id, child(&at, catalog.name_bytes(id)))));
    }
    all
}

fn read(base: &Path, mut all: Vec<Marked>) -> Vec<Environment> {
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all.iter().filter_map(|(at, ecosystem)| ecosystem.read(&Place::new(base, at))).collect()
}

/// The environments in order; parts of one that stand in several folders (`lib` and `lib64`) are put together.
fn in_order(found: Vec<Environment>) -> Vec<Environment> {
    let mut all: Vec<Environment> = Vec::new();
    for mut environment in found {
        match all.iter_mut().find(|e| e.kind == environment.kind && e.folder == environment.folder) {
            Some(same) => {
                same.packages.append(&mut environment.packages);
                same.recipe.append(&mut environment.recipe);
                same.notes.append(&mut environment.notes);
            }
            None => all.push(environment),
        }
    }
    let mut all: Vec<Environment> = all.into_iter().map(Environment::in_order).collect();
    all.sort_by(|a, b| (&a.folder, &a.kind).cmp(&(&b.folder, &b.kind)));
    all
}
