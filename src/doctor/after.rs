//! What is gone since it was seen last, and from where each can be had again.

use super::Scene;
use super::places::{Had, Places};
use super::seen::{self, File, Seen};
use crate::backup::manifest::{self, Manifest};
use crate::error::Result;
use crate::model::{Class, PathText};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;

/// What is gone of one session.
#[derive(Debug, Clone, Serialize)]
pub struct Lost {
    /// The session's id; none: it belonged to none.
    pub session: Option<String>,
    /// Its title.
    pub title: String,
    /// Its store.
    pub store: String,
    /// Whether nothing of it is there any more.
    pub whole: bool,
    /// When it was seen last.
    pub seen: Timestamp,
    /// What is gone.
    pub files: Vec<Gone>,
    /// What brings it back, the surest first; of what no command does, nothing.
    pub next: Vec<String>,
}

/// A file that is gone.
#[derive(Debug, Clone, Serialize)]
pub struct Gone {
    /// Where it was.
    #[serde(flatten)]
    pub path: PathText,
    /// Its size then.
    pub bytes: u64,
    /// Where it can be had again, the surest first; empty: nowhere that is known.
    pub had: Vec<Had>,
}

/// What came of the comparison.
#[derive(Debug, Clone, Serialize)]
pub struct After {
    /// What it was compared with, in words, the newest first.
    pub against: Vec<String>,
    /// What is gone, what was seen last coming first.
    pub lost: Vec<Lost>,
}

/// Compares what is there with what was seen on earlier days, and with the last backup.
pub fn after(scene: &Scene<'_>) -> Result<After> {
    let mut records = seen::all(scene.world);
    let mut against: Vec<String> = records.iter().map(|s| format!("the scan of {}", s.at.strftime("%Y-%m-%d %H:%M"))).collect();
    if let Some((_, manifest)) = scene.archives.iter().max_by_key(|(_, m)| m.made) {
        against.push(format!("the backup of {}", manifest.made.strftime("%Y-%m-%d %H:%M")));
        records.push(of_backup(manifest));
    }
    records.sort_by_key(|seen| std::cmp::Reverse(seen.at));
    let there: HashSet<PathBuf> = scene.catalog.ids().map(|id| scene.catalog.path(id)).collect();
    let sessions: HashSet<&str> = scene.catalog.sessions.iter().map(|s| s.id.as_str()).collect();
    let mut places = Places::of(scene)?;
    let mut lost: BTreeMap<Option<String>, Lost> = BTreeMap::new();
    let mut told: HashSet<PathBuf> = HashSet::new();
    for record in &records {
        for file in record.files.iter().filter(|file| !there.contains(&file.path)) {
            if !told.insert(file.path.clone()) {
                continue;
            }
            let of = file.of.and_then(|at| record.sessions.get(at));
            let id = of.map(|s| s.id.clone());
            let had = places.had(scene.catalog, id.as_deref(), file);
            let one = lost.entry(id.clone()).or_insert_with(|| Lost {
                whole: id.as_deref().is_some_and(|id| !sessions.contains(id)),
                title: of.map_or_else(|| "(of no session)".to_owned(), |s| s.title.clone()),
                store: of.map(|s| s.store.clone()).unwrap_or_default(),
                session: id,
                seen: record.at,
                files: Vec::new(),
                next: Vec::new(),
            });
            one.files.push(Gone { path: PathText::new(&file.path), bytes: file.bytes, had });
        }
    }
    let mut lost: Vec<Lost> = lost.into_values().collect();
    for one in &mut lost {
        one.files.sort_by(|a, b| a.path.path.cmp(&b.path.path));
        one.next = next(one);
    }
    lost.sort_by(|a, b| (b.seen, &a.session).cmp(&(a.seen, &b.session)));
    Ok(After { against, lost })
}

/// The commands that bring something of a session back, those first that bring most.
fn next(lost: &Lost) -> Vec<String> {
    let mut count: HashMap<String, usize> = HashMap::new();
    let session = lost.session.as_deref().unwrap_or_default();
    // Of each file the surest way counts; a copy that lies somewhere needs no command.
    for had in lost.files.iter().filter_map(|f| f.had.first()) {
        if !matches!(had, Had::Copy { .. }) {
            *count.entry(had.next(session)).or_default() += 1;
        }
    }
    let mut all: Vec<(String, usize)> = count.into_iter().collect();
    all.sort_by(|a, b| (b.1, &a.0).cmp(&(a.1, &b.0)));
    all.into_iter().map(|(command, _)| command).collect()
}

/// What a backup saw.
fn of_backup(manifest: &Manifest) -> Seen {
    let (mut sessions, mut places): (Vec<seen::Session>, HashMap<String, usize>) = (Vec::new(), HashMap::new());
    let mut files = Vec::new();
    for entry in manifest.entries.iter().filter(|e| e.blake3.is_some() && e.class != Class::Rebuildable) {
        let Some(name) = manifest::bytes(&entry.path) else { continue };
        let (Some(path), Some(id)) = (manifest.original(&name), &entry.session) else { continue };
        let of = *places.entry(id.clone()).or_insert_with(|| {
            let root = manifest.roots.iter().find(|r| manifest::bytes(&r.top).is_some_and(|top| name.starts_with(&top)));
            let store = root.map(|r| r.store.clone()).unwrap_or_default();
            sessions.push(seen::Session { id: id.clone(), title: id.clone(), store });
            sessions.len() - 1
        });
        files.push(File { path, bytes: entry.size, of: Some(of), copy: None });
    }
    Seen { at: manifest.made, sessions, files }
}
