//! Whether an environment really comes back: made again in a folder of its own, and compared.

use super::compare::compare;
use super::script;
use crate::error::{Error, Result};
use crate::export::{make_below, put_new};
use crate::manifest::{Installed, Manifest};
use crate::packages::installed_in;
use crate::platform::open_beneath;
use crate::walk::{FolderKey, walk};
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

/// An environment that can be tested, and what that takes.
#[derive(Debug, Clone)]
pub struct Trial {
    /// The environment as the manifest has it.
    pub installed: Installed,
    /// Its packages.
    pub packages: usize,
    /// Its files.
    pub files: u64,
    /// Their bytes: about as many are downloaded, unpacked.
    pub bytes: u64,
}

/// Every environment of a session that is on disk and that the scripts can make.
pub fn trials(manifest: &Manifest, dir: &Path) -> Vec<Trial> {
    let mut all = Vec::new();
    for installed in &manifest.environments {
        let part = part(manifest, installed);
        let folder = content(dir, installed);
        if script::of(&part).environments.is_empty() || !folder.is_dir() {
            continue;
        }
        let (mut files, mut bytes) = (0, 0);
        for listing in walk(vec![(FolderKey(0), folder)], 2, |_| true, &crate::model::Stop::default()).iter().flatten() {
            for (_, entry) in listing.entries().filter(|(_, e)| e.facts.kind == crate::model::Kind::File) {
                files += 1;
                bytes += entry.facts.size;
            }
        }
        all.push(Trial { installed: installed.clone(), packages: part.packages.len(), files, bytes });
    }
    all
}

/// A manifest of one environment alone.
fn part(manifest: &Manifest, installed: &Installed) -> Manifest {
    let folder = &installed.environment.folder;
    Manifest {
        task: manifest.task.clone(),
        environments: vec![installed.clone()],
        packages: manifest.packages.iter().filter(|p| p.environment == *folder).cloned().collect(),
        outputs: manifest.outputs.clone(),
        intermediates: manifest.intermediates.clone(),
        ..Manifest::default()
    }
}

/// The folder that is compared.
fn content(dir: &Path, installed: &Installed) -> PathBuf {
    let folder = dir.join(&installed.environment.folder);
    if installed.environment.kind == "node_modules" { folder.join("node_modules") } else { folder }
}

/// Makes an environment again below `scratch`, an empty folder of ours, and compares; `run` runs the script and says how
/// it ended.
pub fn test(
    manifest: &Manifest,
    dir: &Path,
    trial: &Trial,
    scratch: &Path,
    now: Timestamp,
    run: &mut dyn FnMut(&Path) -> std::io::Result<std::result::Result<(), String>>,
) -> Result<Installed> {
    let part = part(manifest, &trial.installed);
    let recipe = script::of(&part);
    for (name, text) in &recipe.files {
        let bytes = text.as_bytes();
        put(scratch, name, bytes)?;
    }
    for lock in &trial.installed.environment.recipe {
        let mut bytes = Vec::new();
        let ours = recipe.files.iter().any(|(name, _)| name == lock) || lock.contains("node_modules/");
        if !ours && open_beneath(dir, &dir.join(lock)).and_then(|mut f| f.read_to_end(&mut bytes)).is_ok() {
            put(scratch, lock, &bytes)?;
        }
    }
    let ended = run(scratch).map_err(|e| Error::io("cannot run the script", scratch, e))?;
    let verdict = |rebuild: &str, differs: Vec<String>| Installed {
        rebuild: Some(rebuild.to_owned()),
        differs,
        tested: Some(now),
        ..trial.installed.clone()
    };
    if let Err(why) = ended {
        return Ok(verdict("failed", vec![why]));
    }
    let named = |packages: Vec<crate::packages::Package>| -> BTreeSet<(String, String, Option<String>)> {
        packages.into_iter().map(|p| (p.name, p.version, p.place)).collect()
    };
    let folder = &trial.installed.environment.folder;
    let now = named(installed_in(scratch).into_iter().filter(|e| e.folder == *folder).flat_map(|e| e.packages).collect());
    let before = named(part.packages);
    if now != before {
        let lost = before.difference(&now).map(|(name, version, _)| format!("{name} {version} did not come back"));
        let more = now.difference(&before).map(|(name, version, _)| format!("{name} {version} came as well"));
        return Ok(verdict("failed", lost.chain(more).collect()));
    }
    let differs = compare(&content(dir, &trial.installed), &content(scratch, &trial.installed))?;
    Ok(if differs.is_empty() { verdict("identical", differs) } else { verdict("equivalent", differs) })
}

fn put(scratch: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    let place = scratch.join(name);
    make_below(scratch, Path::new(name).parent().unwrap_or(Path::new("")))
        .and_then(|()| put_new(&place, &mut Cursor::new(bytes), blake3::hash(bytes), None))
        .map_err(|e| Error::io("cannot write what makes the environment", &place, e))
}
