//! What was put back into Claude Code's folder gets a new time where its own would have the client remove it at once.

use super::deadline::projects;
use super::period::Rules;
use super::settings::DEFAULT;
use crate::model::{Kind, Stop};
use crate::platform::{self, facts};
use crate::stores::Tool;
use crate::stores::claude_code::ClaudeCode;
use crate::walk::{FolderKey, Listing, walk};
use crate::world::World;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What the client removes by age; nothing else needs a new time.
const SWEPT: [&str; 13] = [
    "projects",
    "file-history",
    "plans",
    "debug",
    "paste-cache",
    "image-cache",
    "uploads",
    "dev-mods",
    "session-env",
    "tasks",
    "shell-snapshots",
    "todos",
    "usage-data",
];

/// Gives files that were put back at or below these paths the time of now, where they lie in a folder of the client's and
/// are so old that its next start, or one within a day, would remove them. What was done and what could not be, in words.
pub fn freshen(world: &World, roots: &[PathBuf], restored: &[PathBuf]) -> Vec<String> {
    let mut notes = Vec::new();
    for root in roots.iter().filter(|root| ClaudeCode.roots(world, std::slice::from_ref(root)).contains(root)) {
        let sessions = ClaudeCode.read(world, root).sessions;
        let rules = Rules::read(world, root, &projects(sessions.iter()));
        let days = rules.shortest().map_or(DEFAULT, |(_, period)| period.days);
        let now = world.now();
        let Some(cut) = i64::try_from(days)
            .ok()
            .and_then(|d| d.checked_sub(1)?.checked_mul(24))
            .and_then(|hours| now.checked_sub(SignedDuration::from_hours(hours)).ok())
        else {
            continue;
        };
        let (mut done, mut failed) = (0_u64, Vec::new());
        for file in old_files(root, restored, cut) {
            match platform::touch(root, &file, SystemTime::from(now)) {
                Ok(()) => done += 1,
                Err(e) => failed.push(format!(
                    "{} is so old that Claude Code removes it at its next start, and its time could not be set: {e}",
                    world.short(&file)
                )),
            }
        }
        if done > 0 {
            let what = if done == 1 { "1 file was".to_owned() } else { format!("{done} files were") };
            notes.push(format!(
                "{what} older than Claude Code keeps them ({days} days), so that its next start would have removed them again; their time is now that of this moment"
            ));
        }
        notes.extend(failed);
    }
    notes
}

/// The files at or below these paths that were changed before this, in places that are swept.
fn old_files(root: &Path, restored: &[PathBuf], cut: Timestamp) -> Vec<PathBuf> {
    let swept = |path: &&PathBuf| {
        let parts: Vec<_> =
            path.strip_prefix(root).into_iter().flat_map(Path::components).map(|c| c.as_os_str().to_string_lossy().into_owned()).collect();
        parts.first().is_some_and(|top| SWEPT.contains(&top.as_str())) && parts.get(2).is_none_or(|name| name != "memory")
    };
    let old = |mtime_ns: i64| i128::from(mtime_ns) < cut.as_nanosecond();
    let (mut found, mut tops) = (Vec::new(), Vec::new());
    for path in restored.iter().filter(swept) {
        match facts(path) {
            Ok(f) if f.kind == Kind::Dir => tops.push(path.clone()),
            Ok(f) if f.kind == Kind::File && old(f.mtime_ns) => found.push(path.clone()),
            _ => {}
        }
    }
    let mut folders: HashMap<FolderKey, PathBuf> = (0..).map(FolderKey).zip(tops).collect();
    let keyed = folders.iter().map(|(key, path)| (*key, path.clone())).collect();
    for listing in walk(keyed, 1, |name| name != b"memory", &Stop::default()).iter().flatten() {
        let Some(folder) = folders.remove(&listing.key) else { continue };
        for (name, entry) in Listing::entries(&listing) {
            let path = folder.join(crate::model::from_bytes(name));
            if let Some(key) = entry.key {
                folders.insert(key, path);
            } else if entry.facts.kind == Kind::File && old(entry.facts.mtime_ns) {
                found.push(path);
            }
        }
    }
    found
}
