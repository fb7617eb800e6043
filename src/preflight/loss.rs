//! What lies at some paths: whose it is, of which class, and what of it exists elsewhere.

use crate::model::{Catalog, Class, Marks, NodeId, Proof, Row, SessionIx, Tally, Totals};
use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;

/// What is known of a row besides its class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Marked {
    /// A verified archive of ours holds these bytes.
    pub backed_up: bool,
    /// A durable folder of ours holds these bytes.
    pub exported: bool,
}

/// What one session would lose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lost {
    /// The session; `None`: things that belong to none.
    pub session: Option<SessionIx>,
    /// What of it lies there.
    pub there: Totals,
    /// What of that is at risk and in no archive or durable folder of ours: gone for good.
    pub only_copy: Tally,
    /// Whether anything of the session stays.
    pub all_of_it: bool,
}

/// What would be lost.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Loss {
    /// By session, the one that loses most first.
    pub sessions: Vec<Lost>,
    /// Everything there, by class.
    pub there: Totals,
    /// What of it exists nowhere else.
    pub only_copy: Tally,
    /// What is at risk there and in a verified archive of ours.
    pub backed_up: Tally,
    /// What is at risk there and in a durable folder of ours.
    pub exported: Tally,
    /// Sessions there that are in use.
    pub live: Vec<SessionIx>,
    /// Paths that are in no store: nothing is known of what is in them.
    pub outside: Vec<PathBuf>,
}

/// Counts what lies at or below some paths.
pub fn loss(catalog: &Catalog, paths: &[PathBuf], marked: &dyn Fn(&Row) -> Marked) -> Loss {
    let mut loss = Loss::default();
    let tops = tops(catalog, paths, &mut loss.outside);
    let mut by_session: BTreeMap<Option<SessionIx>, (Totals, Tally)> = BTreeMap::new();
    for top in &tops {
        for row in catalog.rows(*top) {
            let entry = by_session.entry(catalog.node(row.id).session).or_default();
            // What brings it back goes as well.
            let class = if goes_with(catalog, &row, paths, marked) { Class::AtRisk } else { row.class };
            *entry.0.of_mut(class) += row.tally;
            *loss.there.of_mut(class) += row.tally;
            if class != Class::AtRisk {
                continue;
            }
            let known = marked(&row);
            if known.backed_up {
                loss.backed_up += row.tally;
            }
            if known.exported {
                loss.exported += row.tally;
            }
            if known == Marked::default() {
                entry.1 += row.tally;
                loss.only_copy += row.tally;
            }
        }
    }
    let whole = whole(catalog);
    loss.live = by_session.keys().flatten().copied().filter(|s| catalog.session(*s).live.is_some()).collect();
    let lost = by_session.into_iter().map(|(session, (there, only_copy))| {
        let all_of_it = session.is_some_and(|s| whole.get(&s) == Some(&there.all().files));
        Lost { session, there, only_copy, all_of_it }
    });
    loss.sessions = lost.collect();
    loss.sessions.sort_by_key(|l| (std::cmp::Reverse(l.only_copy.bytes), l.session));
    loss
}

/// Whether what a thing would be had again from goes with these paths too: its copy, the database that it is in, its recipe where
/// that is kept nowhere else.
fn goes_with(catalog: &Catalog, row: &Row, paths: &[PathBuf], marked: &dyn Fn(&Row) -> Marked) -> bool {
    if catalog.node(row.id).marks.has(Marks::INSIDE) {
        return true;
    }
    let from = match &catalog.verdict(row.id).proof {
        Some(Proof::SameInode { copy } | Proof::SameBytes { copy, .. } | Proof::Packed { copy, .. }) => copy,
        Some(Proof::Recipe { path }) => path,
        None => return false,
    };
    let kept = |recipe: NodeId| {
        let class = catalog.node(recipe).class;
        marked(&Row { id: recipe, class, tally: catalog.own(recipe) }) != Marked::default()
    };
    let is_kept = matches!(&catalog.verdict(row.id).proof, Some(Proof::Recipe { .. })) && catalog.find(from).is_some_and(kept);
    !is_kept && paths.iter().any(|path| from.starts_with(path))
}

/// How many files each session has.
fn whole(catalog: &Catalog) -> BTreeMap<SessionIx, u64> {
    let mut all = BTreeMap::new();
    for row in catalog.all_rows() {
        if let Some(session) = catalog.node(row.id).session {
            *all.entry(session).or_default() += row.tally.files;
        }
    }
    all
}

/// The nodes at these paths, no one below another; a store that lies below a path counts whole, and so do the things inside a
/// database that lies there.
fn tops(catalog: &Catalog, paths: &[PathBuf], outside: &mut Vec<PathBuf>) -> Vec<NodeId> {
    let mut all: Vec<NodeId> = Vec::new();
    for path in paths {
        let below: Vec<NodeId> = catalog.roots().iter().copied().filter(|r| catalog.path(*r).starts_with(path)).collect();
        let own = catalog.find(path);
        if below.is_empty() && own.is_none() {
            outside.push(path.clone());
        }
        all.extend(own);
        all.extend(below);
        let mut inner = path.clone().into_os_string();
        inner.push("!");
        all.extend(catalog.find(&PathBuf::from(inner)).filter(|id| catalog.node(*id).marks.has(Marks::INSIDE)));
    }
    let chosen: HashSet<NodeId> = all.iter().copied().collect();
    let covered = |id: NodeId| std::iter::successors(catalog.parent(id), |p| catalog.parent(*p)).any(|p| chosen.contains(&p));
    all.sort_unstable();
    all.dedup();
    all.retain(|id| !covered(*id));
    all
}
