//! The copies of a plan's files at risk: each session's made by its flush, and what came of each.

use super::Rescue;
use crate::export::{Copied, Options, Series};
use crate::model::{Catalog, Failed, NodeId, PathText, SessionIx, Skipped, Watch};
use crate::world::World;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::PathBuf;

/// What came of the flushes.
#[derive(Debug, Default)]
pub(super) struct Copies {
    /// Copies that were read back.
    pub made: Vec<Copied>,
    pub skipped: Vec<Skipped>,
    pub failed: Vec<Failed>,
    pub notes: Vec<String>,
    /// The durable folders that hold them.
    pub folders: BTreeSet<PathBuf>,
    /// Stopped before all were made.
    pub interrupted: bool,
}

/// Makes the copies.
pub(super) fn make(world: &World, catalog: &Catalog, rescue: &Rescue, dry_run: bool, watch: &dyn Watch) -> Copies {
    let mut all = Copies::default();
    let mut by: BTreeMap<SessionIx, HashSet<NodeId>> = BTreeMap::new();
    // Found again by their paths: the stores may have been looked at anew since the plan.
    for id in rescue.copies.iter().filter_map(|c| catalog.find(&c.path.to_path()?)) {
        if let Some(session) = catalog.node(id).session {
            by.entry(session).or_default().insert(id);
        }
    }
    let options = Options { to: rescue.to.clone(), dry_run, ..Options::default() };
    let mut series = Series::new(world, &options);
    for (session, these) in by {
        if watch.stopped() {
            all.interrupted = true;
            break;
        }
        match series.flush_these(catalog, session, &these, watch) {
            Ok(report) => {
                if !report.copies.is_empty() {
                    all.folders.insert(report.folder);
                }
                all.made.extend(report.copies);
                all.skipped.extend(report.skipped);
                all.failed.extend(report.failed);
                all.notes.extend(report.notes);
                all.interrupted |= report.interrupted;
            }
            Err(e) => {
                let failed =
                    |id: &NodeId| Failed { path: PathText::new(&catalog.path(*id)), error: format!("it could not be copied: {e}") };
                all.failed.extend(these.iter().map(failed));
            }
        }
    }
    all.failed.sort_by(|a, b| a.path.path.cmp(&b.path.path));
    all
}
