//! The items of a plan, sorted to the roots they lie below.

use super::{Consent, Fs};
use crate::error::{Error, Result};
use crate::model::{Class, Failed, Plan, PlanItem, Proof, Receipt, Skipped};
use std::collections::HashSet;
use std::path::{Component, Path, PathBuf};

/// A root held open.
pub(super) struct Root<D> {
    /// Its real path.
    pub path: PathBuf,
    pub top: D,
    pub device: u64,
}

/// One item to be moved.
pub(super) struct Todo<'p> {
    /// Its number, also its name in the vault.
    pub number: u64,
    /// The position of its root.
    pub root: u32,
    /// Its path below the root.
    pub rel: PathBuf,
    pub item: &'p PlanItem,
}

/// What is to be done.
pub(super) struct Work<'p, F: Fs> {
    pub roots: Vec<Root<F::Dir>>,
    pub todos: Vec<Todo<'p>>,
}

/// The items the user agreed to; refused where none is left for want of consent.
pub(super) fn allowed<'p>(plan: &'p Plan, consent: Consent, receipt: &mut Receipt) -> Result<Vec<&'p PlanItem>> {
    let (take, leave): (Vec<_>, Vec<_>) = plan.items.iter().partition(|i| consent.at_risk || i.class != Class::AtRisk);
    if take.is_empty() && !leave.is_empty() {
        let hint = "Back it up or export it first; --include-at-risk moves it all the same.";
        return Err(Error::refused(format!("all {} items are at risk: they exist only here", leave.len())).hint(hint));
    }
    receipt.skipped.extend(leave.into_iter().map(|item| Skipped {
        path: item.path.clone(),
        reason: "at risk: it exists only here; --include-at-risk moves it all the same".into(),
    }));
    Ok(take)
}

/// What is proven by something else goes before that: a folder before the lock file it comes back from, and all of
/// it before what is at risk.
fn in_order(mut items: Vec<&PlanItem>) -> Vec<&PlanItem> {
    let proven = items.iter().any(|i| i.proof.is_some());
    let paths: HashSet<PathBuf> = items.iter().filter(|_| proven).filter_map(|i| i.path.to_path()).collect();
    let leans = |item: &PlanItem| match &item.proof {
        Some(
            Proof::Recipe { path }
            | Proof::SameInode { copy: path }
            | Proof::SameBytes { copy: path, .. }
            | Proof::Packed { copy: path, .. },
        ) => {
            // What is its own proof (the tag of a cache, an environment's pyvenv.cfg) leans on nothing else.
            let own = item.path.to_path();
            path.ancestors().any(|above| paths.contains(above) && own.as_deref() != Some(above))
        }
        None => false,
    };
    items.sort_by_cached_key(|item| (item.class == Class::AtRisk, !leans(item)));
    items
}

/// A root as the plan names it, and what came of opening it: its real path and its position.
struct Known {
    named: PathBuf,
    opened: Result<(PathBuf, u32), String>,
}

impl Known {
    /// The rest of a path that lies below this root, by either of its names.
    fn rest(&self, path: &Path) -> Option<PathBuf> {
        let real = self.opened.as_ref().ok().map(|(real, _)| real);
        [Some(&self.named), real].into_iter().flatten().find_map(|root| path.strip_prefix(root).ok()).map(Path::to_path_buf)
    }
}

/// Opens the roots and gives each item its root and number.
pub(super) fn work<'p, F: Fs>(fs: &F, plan: &Plan, items: Vec<&'p PlanItem>, receipt: &mut Receipt) -> Work<'p, F> {
    let mut work = Work { roots: Vec::new(), todos: Vec::new() };
    let mut named: Vec<PathBuf> = plan.roots.iter().filter_map(crate::model::PathText::to_path).collect();
    // The deepest root first: a store inside another's folder is reached from its own root.
    named.sort_by_key(|path| std::cmp::Reverse(path.components().count()));
    let mut open = |named: PathBuf| {
        let opened = fs.root(&named).and_then(|(path, top)| fs.own(&top).map(|own| Root { path, top, device: own.dev }));
        let opened = opened.map_err(|e| format!("the store's folder cannot be opened: {e}")).map(|root| {
            let real = root.path.clone();
            work.roots.push(root);
            (real, u32::try_from(work.roots.len() - 1).unwrap_or(u32::MAX))
        });
        Known { named, opened }
    };
    let known: Vec<Known> = named.into_iter().map(&mut open).collect();
    for item in in_order(items) {
        let path = item.path.to_path().unwrap_or_default();
        let below = known.iter().find_map(|root| root.rest(&path).map(|rel| (rel, &root.opened)));
        let fits = |rel: &PathBuf| rel.file_name().is_some() && rel.components().all(|part| matches!(part, Component::Normal(_)));
        match below {
            Some((rel, Ok((_, root)))) if fits(&rel) => {
                let number = work.todos.len() as u64;
                work.todos.push(Todo { number, root: *root, rel, item });
            }
            Some((rel, Err(error))) if fits(&rel) => receipt.failed.push(Failed { path: item.path.clone(), error: error.clone() }),
            _ => {
                let error = "it lies below none of the plan's stores".to_owned();
                receipt.failed.push(Failed { path: item.path.clone(), error });
            }
        }
    }
    work
}
