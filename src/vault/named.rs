//! A plan of paths that another room names: files that belong to rows of a database, say.

use super::file::fingerprint;
use super::fs::Fs;
use super::identity::identify;
use crate::model::{Action, Class, Evidence, Kind, PathText, Plan, PlanItem, Skipped, Tally, Totals, to_bytes};
use crate::world::World;
use std::path::{Path, PathBuf};

/// Things to be moved because of what they belong to.
#[derive(Debug, Clone)]
pub struct Named<'a> {
    /// The store they are in.
    pub store: &'a str,
    /// Its root; each path lies below it.
    pub root: &'a Path,
    /// Each thing, and the session it belongs to.
    pub things: Vec<(PathBuf, String)>,
    /// Why they go, as evidence.
    pub why: Evidence,
    /// A name for what they are.
    pub group: &'a str,
}

/// The plan; what is not there any more is left out without a word. Everything in it is at risk.
pub(super) fn plan<F: Fs>(world: &World, fs: &F, named: &Named<'_>) -> Plan {
    let (mut items, mut skipped, mut totals) = (Vec::new(), Vec::new(), Totals::default());
    for (path, session) in &named.things {
        match item(fs, named, path, session) {
            Ok(item) => {
                *totals.of_mut(Class::AtRisk) += Tally { files: item.files, bytes: item.bytes, allocated: item.allocated };
                items.push(item);
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            Err(e) => skipped.push(Skipped { path: PathText::new(path), reason: format!("it cannot be read whole: {e}") }),
        }
    }
    let roots = vec![PathText::new(named.root)];
    Plan { schema: "lifeboat.plan/1".into(), created: world.now(), roots, fingerprint: fingerprint(&items), items, skipped, totals }
}

fn item<F: Fs>(fs: &F, named: &Named<'_>, path: &Path, session: &str) -> std::io::Result<PlanItem> {
    let rel = path.strip_prefix(named.root).map_err(std::io::Error::other)?;
    let name = to_bytes(rel.file_name().ok_or(std::io::ErrorKind::InvalidInput)?).into_owned();
    let (_, top) = fs.root(named.root)?;
    let parent = fs.down(&top, rel.parent().unwrap_or(Path::new("")))?;
    let (facts, identity, _) = identify(fs, &parent, &name)?;
    let mut tally = Tally { files: 1, bytes: facts.size, allocated: facts.allocated };
    if facts.kind == Kind::Dir {
        tally = Tally::default();
        let mut folders = vec![path.to_path_buf()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder)? {
                let (below, facts) = entry.and_then(|e| crate::platform::facts(&e.path()).map(|facts| (e.path(), facts)))?;
                if facts.kind == Kind::Dir {
                    folders.push(below);
                } else {
                    tally += Tally { files: 1, bytes: facts.size, allocated: facts.allocated };
                }
            }
        }
    }
    Ok(PlanItem {
        path: PathText::new(path),
        store: named.store.to_owned(),
        session: Some(session.to_owned()),
        class: Class::AtRisk,
        bytes: tally.bytes,
        allocated: tally.allocated,
        files: tally.files,
        identity,
        action: Action::Vault,
        evidence: vec![named.why.clone()],
        comes_back: None,
        proof: None,
        group: named.group.to_owned(),
        image: None,
    })
}
