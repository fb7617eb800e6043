//! Where the vault is: on the disk of what is moved, and out of reach of what people do to the store.

use super::fs::Fs;
use super::reserve::is_full;
pub use crate::world::VAULT_FOLDER;
use crate::world::World;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// A vault that can be moved to.
pub(super) struct Place<D> {
    /// Its path, without an operation's own folder.
    pub path: PathBuf,
    /// The folder itself.
    pub dir: D,
    /// What is worth telling about it.
    pub notes: Vec<String>,
}

/// Where the vault of a root may be, the best first.
pub(super) fn candidates<F: Fs>(fs: &F, world: &World, root: &Path) -> Vec<PathBuf> {
    let home = home(fs, world, root);
    let mut all = vec![world.vault_dir()];
    if world.var("LIFEBOAT_VAULT_DIR").is_some() {
        all.push(world.data_dir.join("vault"));
    }
    // In the home no higher than the home; elsewhere not in the root of the whole tree.
    let top = |folder: &&Path| {
        if root.starts_with(&home) { folder.starts_with(&home) } else { cfg!(windows) || folder.parent().is_some() }
    };
    let above: Vec<&Path> = root.ancestors().skip(1).filter(top).collect();
    let (app, outside): (Vec<&Path>, Vec<&Path>) = above.into_iter().partition(|folder| app_owned(&home, folder));
    all.extend(outside.into_iter().chain(app).chain([root]).map(|folder| folder.join(VAULT_FOLDER)));
    let mut seen = std::collections::HashSet::new();
    all.retain(|path| seen.insert(path.clone()));
    all
}

/// The home by the name that a root's real path has it under.
fn home<F: Fs>(fs: &F, world: &World, root: &Path) -> PathBuf {
    if root.starts_with(&world.home) {
        world.home.clone()
    } else {
        fs.root(&world.home).map_or_else(|_| world.home.clone(), |(real, _)| real)
    }
}

/// Whether a folder goes when an app is reset or its folder is removed: in the home, whatever is not one of the
/// folders apps share; elsewhere, what is named for an app.
fn app_owned(home: &Path, folder: &Path) -> bool {
    let shared = [
        ".config",
        ".local",
        ".local/share",
        ".local/state",
        ".cache",
        ".var",
        ".var/app",
        "Library",
        "Library/Application Support",
        "AppData",
        "AppData/Local",
        "AppData/Roaming",
    ];
    match folder.strip_prefix(home) {
        Ok(rest) if rest.as_os_str().is_empty() => false,
        Ok(rest) => !shared.iter().any(|s| Path::new(s) == rest),
        Err(_) => {
            let name = folder.file_name().unwrap_or(OsStr::new("")).to_string_lossy().to_lowercase();
            ["claude", "codex", "opencode", "gemini", "session"].iter().any(|app| name.contains(app))
        }
    }
}

/// Why there is no vault.
pub(super) struct NoPlace {
    pub why: String,
    /// Whether room on the disk would help.
    pub full: bool,
}

/// Finds the first candidate that a file of ours can be moved to from `from`, by moving one. The file and, where a
/// candidate is no use, the folders made for it are removed again.
pub(super) fn find<F: Fs>(fs: &F, world: &World, root: &Path, from: &F::Dir, probe: &[u8]) -> Result<Place<F::Dir>, NoPlace> {
    fs.touch(from, probe).map_err(|e| NoPlace { why: format!("nothing can be moved out of its folder: {e}"), full: is_full(&e) })?;
    let mut refused = Vec::new();
    let mut found = None;
    for path in candidates(fs, world, root) {
        match reach(fs, &path, from, probe) {
            Ok(dir) => {
                found = Some((path, dir));
                break;
            }
            Err(e) => refused.push((path, e)),
        }
    }
    let Some((path, dir)) = found else {
        let _ = fs.unlink(from, probe).or_else(|_| fs.unlink(from, probe));
        let why = refused.iter().map(|(p, e)| format!("{}: {e}", crate::model::shown(p))).collect::<Vec<_>>().join("; ");
        let full = refused.iter().any(|(_, e)| is_full(e));
        return Err(NoPlace { why: format!("there is no place for the vault on its disk ({why})"), full });
    };
    let mut notes = Vec::new();
    if let Some((first, e)) = refused.first() {
        let (first, path) = (crate::model::shown(first), crate::model::shown(&path));
        notes.push(format!("the vault cannot be in {first} ({e}); it is in {path}"));
    }
    if path.starts_with(root) {
        notes.push(format!("the vault lies inside the store itself ({}): removing the store removes it too", crate::model::shown(&path)));
    } else if path.parent().is_some_and(|folder| app_owned(&home(fs, world, root), folder) && root.starts_with(folder)) {
        notes.push(format!("the vault lies in the app's own folder ({}): removing that removes it too", crate::model::shown(&path)));
    }
    Ok(Place { path, dir, notes })
}

fn reach<F: Fs>(fs: &F, path: &Path, from: &F::Dir, probe: &[u8]) -> std::io::Result<F::Dir> {
    let made = fs.make_all(path)?;
    let tried = fs.top(path).and_then(|dir| {
        fs.rename(from, probe, &dir, probe)?;
        // It is empty; should it stay, the place is as good.
        let _ = fs.unlink(&dir, probe).or_else(|_| fs.unlink(&dir, probe));
        Ok(dir)
    });
    if tried.is_err() {
        for folder in made.iter().rev() {
            if let (Some(parent), Some(name)) = (folder.parent(), folder.file_name()) {
                let _ = fs.top(parent).and_then(|dir| fs.rmdir(&dir, &crate::model::to_bytes(name)));
            }
        }
    }
    tried
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::real::Real;

    #[test]
    fn the_vault_is_tried_in_our_folder_then_outside_the_app_and_in_the_store_last() {
        let world = World::at(Path::new("/home/u"), std::collections::BTreeMap::default());
        let root = Path::new("/home/u/.config/Claude/local-agent-mode-sessions");
        let all = candidates(&Real, &world, root);
        assert_eq!(all[0], world.vault_dir());
        assert_eq!(all[1], Path::new("/home/u/.config/.lifeboat-vault"));
        assert_eq!(all[2], Path::new("/home/u/.lifeboat-vault"));
        assert_eq!(all[all.len() - 2], Path::new("/home/u/.config/Claude/.lifeboat-vault"));
        assert_eq!(all[all.len() - 1], root.join(".lifeboat-vault"));
    }

    #[cfg(unix)]
    #[test]
    fn of_a_store_on_another_disk_every_folder_above_is_tried_but_the_root_of_the_whole_tree() {
        let world = World::at(Path::new("/home/u"), std::collections::BTreeMap::default());
        let all = candidates(&Real, &world, Path::new("/mnt/disk/store"));
        let expected = ["/mnt/disk", "/mnt", "/mnt/disk/store"].map(|folder| Path::new(folder).join(VAULT_FOLDER));
        assert_eq!(all, [&[world.vault_dir()][..], &expected].concat());
    }
}
