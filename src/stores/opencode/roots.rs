//! Where opencode keeps its data: the same place below the home on every platform.

use super::layout::is_store;
use crate::model::to_bytes;
use crate::stores::distinct::distinct;
use crate::world::World;
use std::path::{Path, PathBuf};

/// The roots in this world: the given folders, else where the variables or the defaults say.
pub fn roots(world: &World, given: &[PathBuf]) -> Vec<PathBuf> {
    let found: Vec<PathBuf> = if given.is_empty() {
        let data = world.path_var("XDG_DATA_HOME").filter(|p| p.is_absolute());
        let own = named(world).into_iter().chain(data).map(|d| d.join("opencode")).chain([usual(&world.home)]);
        database_of(world).into_iter().chain(own).collect()
    } else {
        given.iter().flat_map(|dir| [dir.clone(), usual(dir)]).collect()
    };
    let found: Vec<PathBuf> = found.into_iter().filter(|dir| is_root(dir)).collect();
    distinct(&found)
}

fn usual(home: &Path) -> PathBuf {
    home.join(".local").join("share").join("opencode")
}

/// The home that opencode's own tests set.
fn named(world: &World) -> Option<PathBuf> {
    world.path_var("OPENCODE_TEST_HOME").filter(|p| p.is_absolute()).map(|home| home.join(".local").join("share"))
}

/// The folder of the database that `OPENCODE_DB` names by its whole path.
fn database_of(world: &World) -> Option<PathBuf> {
    let folder = world.path_var("OPENCODE_DB").filter(|p| p.is_absolute())?.parent()?.to_path_buf();
    // A folder with all of the home in it is not opencode's.
    (!world.home.starts_with(&folder)).then_some(folder)
}

/// Whether a folder is opencode's data folder, by what is in it.
pub fn is_root(dir: &Path) -> bool {
    let names = std::fs::read_dir(dir).into_iter().flatten().flatten().map(|e| e.file_name());
    let json = ["session", "message", "part"].iter().any(|n| dir.join("storage").join(n).is_dir());
    let named = dir.file_name().is_some_and(|n| n == "opencode");
    let mut database = names.filter(|n| is_store(&to_bytes(n)));
    json || database.next().is_some() || named && ["auth.json", "log", "snapshot", "tool-output"].iter().any(|n| dir.join(n).exists())
}
