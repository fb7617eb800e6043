//! Disks of this machine that are nearly full: those that stores, our journal and the vault are on, each once.

use crate::doctor::{Problem, Scene, Severity};
use crate::platform::{facts, free_space};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Less than this is nearly nothing.
const NOTHING: u64 = 1 << 30;

/// Less than this is little, and so is less than a twentieth of the disk.
const LITTLE: u64 = 5 << 30;

/// Disks with little room.
pub fn look(scene: &Scene<'_>) -> Vec<Problem> {
    let stores = scene.catalog.stores.iter().map(|s| (format!("the store of {}", s.title), s.root.clone()));
    let ours = [("our journal", scene.world.state_dir.clone()), ("the vault", scene.world.vault_dir())];
    let places = stores.chain(ours.map(|(what, path)| (what.to_owned(), path)));
    let (mut seen, mut all) = (BTreeSet::new(), Vec::new());
    for (what, path) in places {
        let device = path.ancestors().find_map(|above| facts(above).ok()).map(|f| f.dev);
        if device.is_none_or(|device| !seen.insert(device)) {
            continue;
        }
        all.extend(free_space(&path).ok().and_then(|(free, total)| problem(&what, &path, free, total)));
    }
    all
}

fn problem(what: &str, path: &PathBuf, free: u64, total: u64) -> Option<Problem> {
    let severity = match free {
        _ if free < NOTHING => Severity::Bad,
        _ if free < LITTLE && free < total / 10 || free < total / 20 => Severity::Warn,
        _ => return None,
    };
    let says = format!("the disk that {what} is on is nearly full");
    let evidence = format!("{} of {} are free", Scene::size(free), Scene::size(total));
    let next = "`lifeboat clean --all` moves what comes back by itself into the vault, `lifeboat purge` gives its space back";
    Some(Problem::new(severity, says, next).shown_by([evidence]).at(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_is_nearly_full_by_its_free_bytes_and_by_its_share() {
        const GB: u64 = 1 << 30;
        let of = |free, total| problem("it", &PathBuf::from("/x"), free, total).map(|p| p.severity);
        assert_eq!([of(0, 100 * GB), of(GB / 2, GB)], [Some(Severity::Bad); 2]);
        assert_eq!([of(4 * GB, 100 * GB), of(40 * GB, 1000 * GB)], [Some(Severity::Warn); 2]);
        assert_eq!([of(4 * GB, 20 * GB), of(60 * GB, 1000 * GB)], [None, None]);
    }
}
