//! What tells that the app is about to replace itself or its virtual machine.

use super::roots::is_sessions_root;
use crate::model::Kind;
use crate::platform::facts;
use crate::world::World;
use std::path::{Path, PathBuf};

/// Folders of which a new name says something.
const NAMES: &[(&str, &str)] = &[
    ("claude-code", "another version of the command line tool was put beside the one in use"),
    ("claude-code-vm", "another version of the virtual machine's tool was put beside the one in use"),
    ("vm_bundles/warm", "the next version of the virtual machine was fetched"),
];

/// Files in a virtual machine's folder whose coming or change says something.
const FILES: &[(&str, &str)] = &[
    (".auto_reinstall_attempted", "the app began to set its virtual machine up again"),
    ("rootfs.img.zst", "a new virtual machine was fetched"),
    ("rootfs.vhdx.zst", "a new virtual machine was fetched"),
];

const FETCHED: &str = "an update of the app was fetched";

/// Each sign there is, as a line, and what it says.
pub fn coming(world: &World, root: &Path) -> Vec<(String, &'static str)> {
    let data = if is_sessions_root(root) { root.parent().unwrap_or(root) } else { root };
    let mut signs = Vec::new();
    for (folder, says) in NAMES {
        signs.extend(names(&data.join(folder)).into_iter().map(|path| (path, *says)));
    }
    for bundle in names(&data.join("vm_bundles")) {
        signs.extend(FILES.iter().map(|(file, says)| (bundle.join(file), *says)));
    }
    signs.extend(names(&world.home.join("Library/Caches/com.anthropic.claudefordesktop.ShipIt")).into_iter().map(|path| (path, FETCHED)));
    let local = world.path_var("LOCALAPPDATA").unwrap_or_else(|| world.home.join("AppData").join("Local"));
    let squirrel = local.join("AnthropicClaude");
    signs.extend(names(&squirrel.join("packages")).into_iter().map(|path| (path, FETCHED)));
    let app = |path: &PathBuf| path.file_name().is_some_and(|n| n.to_string_lossy().starts_with("app-"));
    signs.extend(names(&squirrel).into_iter().filter(app).map(|path| (path, FETCHED)));
    signs.into_iter().filter_map(|(path, says)| Some((line(&path)?, says))).collect()
}

fn names(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()).collect()
}

/// A sign as a line: of a folder its name, of a file also how it looks.
fn line(path: &Path) -> Option<String> {
    let facts = facts(path).ok()?;
    let name = path.to_string_lossy().replace(['\n', '\r'], " ");
    Some(if facts.kind == Kind::File { format!("{name} {} {}", facts.size, facts.mtime_ns) } else { name })
}
