//! Where Claude Desktop keeps its data folder.
//!
//! The shapes of every platform are looked for below the home, since a home may be looked at from another platform.

use super::layout::is_package;
use super::names::is_id;
use crate::model::to_bytes;
use crate::stores::distinct::distinct;
use crate::world::World;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The roots in this world: the given folders, else those two variables name, else the platforms' own.
pub fn roots(world: &World, given: &[PathBuf]) -> Vec<PathBuf> {
    let overrides: Vec<PathBuf> = ["COWORK_SESSIONS_DIR", "CLAUDE_USER_DATA_DIR"].iter().filter_map(|key| world.path_var(key)).collect();
    let found: Vec<PathBuf> = if !given.is_empty() {
        given.iter().flat_map(|dir| given_root(dir)).collect()
    } else if overrides.is_empty() {
        candidates(&world.home, |key| world.path_var(key).filter(|p| p.is_absolute())).into_iter().filter(|dir| marks(dir) >= 1).collect()
    } else {
        // A folder named this clearly is taken as it is, as long as it is there.
        overrides.into_iter().filter(|dir| dir.is_dir()).collect()
    };
    distinct(&found)
}

/// Whether a folder is `local-agent-mode-sessions`, by its name or by what is in it.
pub fn is_sessions_root(dir: &Path) -> bool {
    if dir.file_name() == Some(OsStr::new("local-agent-mode-sessions")) {
        return true;
    }
    let orgs = folders(dir, is_id).into_iter().flat_map(|account| folders(&account, is_id));
    marks(dir) == 0 && orgs.into_iter().any(|org| names(&org).iter().any(|n| to_bytes(n).starts_with(b"local_")))
}

/// What a `--root` folder means: a data folder, a sessions folder, or a home to search.
fn given_root(dir: &Path) -> Vec<PathBuf> {
    if !dir.is_dir() {
        return Vec::new();
    }
    if is_sessions_root(dir) || marks(dir) >= 2 {
        return vec![dir.to_path_buf()];
    }
    // Variables of the real home say nothing about another one.
    candidates(dir, |_| None).into_iter().filter(|d| marks(d) >= 1).collect()
}

/// How much speaks for a folder being the data folder. A folder that only the app makes counts twice; a file that other
/// programs have too counts once.
fn marks(dir: &Path) -> usize {
    const OWN: &[&str] = &[
        "local-agent-mode-sessions",
        "vm_bundles",
        "claude_desktop_config.json",
        "claude-code-sessions",
        "claude-code-vm",
        "buddy-tokens.json",
    ];
    const COMMON: &[&str] = &["config.json", "claude-code", "Local State", "Local Storage", "IndexedDB", "Crashpad"];
    let count = |names: &[&str]| names.iter().filter(|n| dir.join(n).exists()).count();
    count(OWN) * 2 + count(COMMON)
}

/// Every folder that could be a data folder of this home, whether it exists or not.
fn candidates(home: &Path, var: impl Fn(&str) -> Option<PathBuf>) -> Vec<PathBuf> {
    let support = home.join("Library").join("Application Support");
    let mut found: Vec<PathBuf> = ["Claude", "Claude-3p", "Claude Nest", "Claude Nest-3p"].iter().map(|n| support.join(n)).collect();
    // Instances of their own that wrappers of the app make.
    found.extend(folders(&support.join("Parallex").join("instances"), |_| true).iter().map(|instance| instance.join("data")));
    found.push(support.join("Parall").join("Claude Work"));
    let config = var("XDG_CONFIG_HOME").unwrap_or_else(|| home.join(".config"));
    let appdata = home.join("AppData");
    let both = |key: &str, own: PathBuf| var(key).into_iter().chain([own]).collect::<Vec<_>>();
    let mut roaming = both("APPDATA", appdata.join("Roaming"));
    let mut local = both("LOCALAPPDATA", appdata.join("Local"));
    let packages = local.iter().flat_map(|l| folders(&l.join("Packages"), is_package)).collect::<Vec<_>>();
    for package in packages {
        roaming.push(package.join("LocalCache").join("Roaming"));
        local.push(package.join("LocalCache").join("Local"));
    }
    found.extend(roaming.iter().chain([&config]).flat_map(|dir| ["Claude", "Claude-3p"].map(|n| dir.join(n))));
    for dir in local {
        found.extend(["Claude-3p", "Claude Nest", "Claude Nest-3p", "Claude-Data"].map(|n| dir.join(n)));
        found.extend(folders(&dir.join("Claude-Data"), is_package));
    }
    found
}

/// The folders directly in a folder whose name passes a test, by name.
fn folders(dir: &Path, test: fn(&[u8]) -> bool) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = names(dir).iter().filter(|n| test(&to_bytes(n))).map(|n| dir.join(n)).filter(|p| p.is_dir()).collect();
    found.sort();
    found
}

fn names(dir: &Path) -> Vec<std::ffi::OsString> {
    std::fs::read_dir(dir).into_iter().flatten().flatten().map(|e| e.file_name()).collect()
}
