//! Where Codex keeps its folder.

use super::names::{is_database, is_number, rollout};
use crate::model::to_bytes;
use crate::stores::distinct::distinct;
use crate::world::World;
use std::path::{Path, PathBuf};

/// The roots in this world: the given folders, else those the variables name, else the usual one.
pub fn roots(world: &World, given: &[PathBuf]) -> Vec<PathBuf> {
    let found: Vec<PathBuf> = if given.is_empty() {
        let home = world.path_var("CODEX_HOME").unwrap_or_else(|| world.home.join(".codex"));
        [Some(home), world.path_var("CODEX_SQLITE_HOME").filter(|dir| has_database(dir))]
            .into_iter()
            .flatten()
            .filter(|d| d.is_dir())
            .collect()
    } else {
        given.iter().filter_map(|dir| given_root(dir)).collect()
    };
    distinct(&found)
}

/// What a `--root` folder means: Codex's own folder, or a home that has one.
fn given_root(dir: &Path) -> Option<PathBuf> {
    if is_root(dir) {
        return Some(dir.to_path_buf());
    }
    let own = dir.join(".codex");
    own.is_dir().then_some(own)
}

/// Whether a folder is Codex's, by what only Codex puts in it.
fn is_root(dir: &Path) -> bool {
    ["archived_sessions", "thread-writer-locks", "session_index.jsonl", ".codex-global-state.json"].iter().any(|n| dir.join(n).exists())
        || has_database(dir)
        || has_rollouts(&dir.join("sessions"), 3)
}

fn has_database(dir: &Path) -> bool {
    names(dir).any(|n| is_database(&n, "state") || is_database(&n, "thread_history"))
}

/// Whether a conversation lies in a folder or so many levels below it.
fn has_rollouts(dir: &Path, levels: u32) -> bool {
    names(dir).any(|name| {
        rollout(&name).is_some() || levels > 0 && is_number(&name) && has_rollouts(&dir.join(crate::model::from_bytes(&name)), levels - 1)
    })
}

fn names(dir: &Path) -> impl Iterator<Item = Vec<u8>> {
    std::fs::read_dir(dir).into_iter().flatten().flatten().map(|e| to_bytes(&e.file_name()).into_owned())
}
