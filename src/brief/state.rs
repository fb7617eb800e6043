//! How a file stands that a conversation wrote: by what is on the disk now.

use super::made::Made;
use crate::classify::blake3_of;
use crate::model::{Catalog, Class, Kind, Proof, Session, Stop};
use crate::platform::facts;
use crate::world::World;
use std::path::{Component, Path, PathBuf};

/// How a file stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Where it is, or was; `None`: in the virtual machine alone.
    pub path: Option<PathBuf>,
    /// Whether anything is to be done about it: it is gone, at risk, or another than it was.
    pub matters: bool,
    /// In words.
    pub says: String,
}

/// Where a path of the conversation is on this machine; `None`: in the virtual machine alone.
pub fn place(world: &World, session: &Session, cwd: Option<&str>, path: &str) -> Option<PathBuf> {
    let within = |vm: &str| path.strip_prefix(vm).filter(|rest| rest.is_empty() || rest.starts_with('/'));
    if let Some(here) = session.mounts().iter().find_map(|(vm, here)| Some(here.join(within(vm)?.trim_start_matches('/')))) {
        return Some(here);
    }
    if path.starts_with("/sessions/") {
        return None;
    }
    // A session's folder has a name of its own, wherever the store stood when the path was written.
    if let Some((dir, name)) = session.dir.as_ref().and_then(|dir| Some((dir, dir.file_name()?.to_str()?)))
        && let Some((_, below)) = path.split_once(&format!("/{name}/"))
    {
        return Some(joined(dir, Path::new(below)));
    }
    let path = world.expand(Path::new(path));
    if path.is_absolute() {
        return Some(path);
    }
    let folder = cwd.filter(|cwd| !cwd.starts_with("/sessions/")).map(PathBuf::from).or_else(|| session.folders.first().cloned())?;
    let whole = joined(&folder, &path);
    // Some conversations name files from the session's folder, wherever they run.
    let below = session.dir.as_ref().map(|dir| joined(dir, &path)).filter(|below| facts(&whole).is_err() && facts(below).is_ok());
    Some(below.unwrap_or(whole))
}

/// A path from a folder; parts are taken away as they are written, and no link is looked up.
fn joined(folder: &Path, path: &Path) -> PathBuf {
    path.components().fold(folder.to_path_buf(), |mut whole, part| {
        match part {
            Component::ParentDir => drop(whole.pop()),
            Component::CurDir => {}
            part => whole.push(part),
        }
        whole
    })
}

/// How a file stands that the conversation wrote; `made` is what it wrote, where it tells.
pub fn standing(world: &World, catalog: &Catalog, path: Option<PathBuf>, made: Option<&Made>) -> Standing {
    let Some(path) = path else {
        return Standing {
            path: None,
            matters: true,
            says: "in the virtual machine alone; how it stands cannot be seen from here".to_owned(),
        };
    };
    let found = facts(&path).ok();
    let Some(found) = found.filter(|f| f.kind == Kind::File) else {
        let removed = made.is_some_and(|m| m.gone);
        let says = match (removed, found) {
            (true, None) => "removed in the session, and not there",
            (_, Some(_)) => "no file any more",
            (false, None) => "gone: not there any more",
        };
        return Standing { path: Some(path), matters: !removed, says: says.to_owned() };
    };
    if found.placeholder {
        return Standing { path: Some(path), matters: false, says: "in a cloud, not on this disk; not looked into".to_owned() };
    }
    let same = made.map(|made| match made.held {
        None => "there; whether it is as the session left it cannot be told".to_owned(),
        Some((_, bytes)) if bytes != found.size => "changed since the session wrote it".to_owned(),
        Some((hash, _)) => match path.parent().map(|parent| blake3_of(parent, &path, found.size, &Stop::default())) {
            Some(Ok(Some(now))) if now == hash => "there, as the session wrote it".to_owned(),
            Some(Ok(Some(_))) => "changed since the session wrote it".to_owned(),
            _ => "there, and could not be read".to_owned(),
        },
    });
    let same = same.unwrap_or_else(|| "there".to_owned());
    let changed = !same.starts_with("there");
    let (risk, class) = match catalog.find(&path) {
        None => (false, String::new()),
        Some(node) => {
            let verdict = catalog.verdict(node);
            let copy = match &verdict.proof {
                Some(Proof::SameInode { copy } | Proof::SameBytes { copy, .. }) => super::quote::quote(&world.short(copy), 200),
                _ => None,
            };
            match (verdict.class, copy) {
                (Class::AtRisk, _) => (true, "; at risk: no other copy is known".to_owned()),
                (Class::Flushed, Some(copy)) => (false, format!("; flushed to {copy}")),
                (Class::Flushed, None) => (false, "; flushed".to_owned()),
                (Class::Rebuildable, _) => (false, "; rebuildable".to_owned()),
            }
        }
    };
    Standing { path: Some(path), matters: risk || changed, says: format!("{same}{class}") }
}
