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
        let elsewhere = databases(world, &home).into_iter().skip(1).filter(|dir| has_database(dir)).collect::<Vec<_>>();
        std::iter::once(home).chain(elsewhere).filter(|d| d.is_dir()).collect()
    } else {
        given.iter().filter_map(|dir| given_root(dir)).collect()
    };
    distinct(&found)
}

/// The folders whose databases speak of the sessions of a root: its own, and where its settings or a variable put them.
pub fn databases(world: &World, root: &Path) -> Vec<PathBuf> {
    let settings = std::fs::read_to_string(root.join("config.toml")).unwrap_or_default();
    let named = settings.parse::<toml::Table>().ok().and_then(|t| Some(world.expand(Path::new(t.get("sqlite_home")?.as_str()?))));
    let mut all = vec![root.to_path_buf()];
    for dir in named.into_iter().chain(world.path_var("CODEX_SQLITE_HOME")).filter(|dir| dir.is_absolute()) {
        if !all.contains(&dir) {
            all.push(dir);
        }
    }
    all
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
