//! Where Claude Code keeps its folder.

use super::names::is_transcript;
use crate::model::to_bytes;
use crate::stores::distinct::distinct;
use crate::world::World;
use std::path::{Path, PathBuf};

/// The folder the client uses in this world, whether it is there or not.
pub fn config_folder(world: &World) -> PathBuf {
    world.path_var("CLAUDE_CONFIG_DIR").unwrap_or_else(|| world.home.join(".claude"))
}

/// The roots in this world: the given folders, else what a variable names, else the one in the home.
pub fn roots(world: &World, given: &[PathBuf]) -> Vec<PathBuf> {
    let found: Vec<PathBuf> = if given.is_empty() {
        let named = world.path_var("CLAUDE_CONFIG_DIR").is_some();
        let dir = config_folder(world);
        let there = if named { dir.is_dir() } else { marks(&dir) >= 1 };
        there.then_some(dir).into_iter().collect()
    } else {
        given.iter().filter_map(|dir| given_root(dir)).collect()
    };
    distinct(&found)
}

/// What a `--root` folder means: the folder itself, or a home to search.
fn given_root(dir: &Path) -> Option<PathBuf> {
    let named = dir.file_name().is_some_and(|n| n == ".claude");
    if marks(dir) >= if named { 1 } else { 2 } {
        return Some(dir.to_path_buf());
    }
    // A project's own `.claude` holds settings and nothing of a store.
    let below = dir.join(".claude");
    (marks(&below) >= 1).then_some(below)
}

/// How much speaks for a folder being Claude Code's: names that only it gives, and transcripts where they belong.
fn marks(dir: &Path) -> usize {
    const OWN: &[&str] = &["file-history", "shell-snapshots", "session-env", "paste-cache", "statsig", ".last-cleanup"];
    // Other programs have these too; in a folder of the right name they say something.
    const COMMON: &[&str] = &["projects", "history.jsonl", "todos", "debug"];
    let count = |names: &[&str]| names.iter().filter(|n| dir.join(n).exists()).count();
    let named = dir.file_name().is_some_and(|n| n == ".claude");
    count(OWN) + if named { count(COMMON) } else { 0 } + if has_transcript(dir) { 2 } else { 0 }
}

fn has_transcript(dir: &Path) -> bool {
    let names = |dir: &Path| std::fs::read_dir(dir).into_iter().flatten().flatten();
    names(&dir.join("projects")).any(|slug| names(&slug.path()).any(|name| is_transcript(&to_bytes(&name.file_name()))))
}
