//! Where Gemini keeps its folder.

use crate::stores::distinct::distinct;
use crate::world::World;
use std::path::{Path, PathBuf};

/// The roots in this world: the given folders, else the one in the home that the variable names, else the usual one.
pub fn roots(world: &World, given: &[PathBuf]) -> Vec<PathBuf> {
    let found: Vec<PathBuf> = if given.is_empty() {
        let home = world.path_var("GEMINI_CLI_HOME").unwrap_or_else(|| world.home.clone());
        Some(home.join(".gemini")).filter(|dir| dir.is_dir()).into_iter().collect()
    } else {
        given.iter().filter_map(|dir| given_root(dir)).collect()
    };
    distinct(&found)
}

/// What a `--root` folder means: Gemini's own folder, or a home that has one.
fn given_root(dir: &Path) -> Option<PathBuf> {
    if is_root(dir) {
        return Some(dir.to_path_buf());
    }
    let own = dir.join(".gemini");
    own.is_dir().then_some(own)
}

/// Whether a folder is Gemini's: a project below `tmp` has conversations or tells of its root.
fn is_root(dir: &Path) -> bool {
    let projects = std::fs::read_dir(dir.join("tmp")).into_iter().flatten().flatten().map(|e| e.path());
    let own = ["settings.json", "projects.json", "installation_id", "oauth_creds.json", "history"].iter().any(|n| dir.join(n).exists());
    own && projects.into_iter().any(|project| project.join("chats").is_dir() || project.join(".project_root").is_file())
}
