//! Where in the user's own folders files of certain sizes are.

use crate::model::{Facts, Kind, Stop, from_bytes};
use crate::walk::{FolderKey, Listing, walk};
use crate::world::World;
use std::collections::{HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::path::{Component, Path, PathBuf, Prefix};

/// The user's own folders, and what in them is none of the user's.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// Documents, Desktop, Downloads, as they exist.
    pub common: Vec<PathBuf>,
    /// Folders bound to some session, as they exist.
    pub bound: Vec<PathBuf>,
    /// Folders nothing below which is a copy: stores, vault, our own state, trash, other tools' data.
    pub never: Vec<PathBuf>,
}

/// A file in the user's folders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copy {
    /// Its absolute path.
    pub path: PathBuf,
    /// The folder of [`Places`] it lies below.
    pub root: PathBuf,
    /// Device number.
    pub dev: u64,
    /// Inode or file index.
    pub ino: u64,
}

/// Files of the user's folders whose size is one that is looked for.
#[derive(Debug, Default)]
pub struct Index {
    by_size: HashMap<u64, Vec<Copy>>,
    /// Folders that could not be looked into, and why.
    pub blind: Vec<(PathBuf, String)>,
    /// Files seen.
    pub seen: u64,
}

/// Folder names below which nothing is the user's own copy, wherever they are.
const FOREIGN: &[&[u8]] =
    &[b"local-agent-mode-sessions", b"claude-code-sessions", b".Trash", b".Trashes", b".lifeboat-vault", b".claude", b".codex", b".gemini"];

impl Places {
    /// The user's folders in this world; nothing below these stores is a copy.
    pub fn of(world: &World, bound: &[PathBuf], stores: &[PathBuf]) -> Self {
        let home = &world.home;
        let real_home = real(home);
        let own = [world.vault_dir(), world.state_dir.clone(), world.data_dir.clone(), world.config_dir.clone()];
        let tools =
            [".cache", ".local/share/Trash", ".local/share/opencode", ".Trash", "Library/Caches", "Library/Application Support", "AppData"];
        let never = stores.iter().cloned().chain(own).chain(tools.iter().map(|t| home.join(t)));
        let never: Vec<PathBuf> = never.flat_map(|p| [real(&p), Some(p)]).flatten().collect();
        let fit = |dir: &PathBuf| {
            let facts = crate::platform::facts(dir).ok()?;
            let there = real(dir)?;
            // What the home lies in (`/`, `/Users`) is not the user's own.
            let around = |home: &Path| home.starts_with(&there);
            if (around(home) || real_home.as_deref().is_some_and(around)) && real_home.as_ref() != Some(&there) {
                return None;
            }
            // What the home itself is called says nothing of what is in it.
            let below = real_home.as_ref().and_then(|home| there.strip_prefix(home).ok()).unwrap_or(&there);
            let foreign = never.iter().any(|n| there.starts_with(n)) || below.iter().any(|part| is_foreign(&crate::model::to_bytes(part)));
            // A link as such is no folder of the user's; what it points to is, and is looked at under its own name.
            (!foreign && (facts.kind == Kind::Dir || facts.kind == Kind::Symlink)).then_some(there)
        };
        let kept = world.kept_folders();
        let common: Vec<PathBuf> = unique([&world.documents, &world.desktop, &world.downloads].into_iter().chain(&kept).filter_map(fit));
        let bound = unique(bound.iter().filter_map(fit));
        Self { common, bound, never }
    }

    /// The folder as it is looked at: links on the way resolved. `None` where it is gone, or is none of the user's.
    pub fn looked_at(&self, folder: &Path) -> Option<PathBuf> {
        let there = real(folder)?;
        self.common.iter().chain(&self.bound).any(|d| there.starts_with(d)).then_some(there)
    }
}

fn unique(paths: impl Iterator<Item = PathBuf>) -> Vec<PathBuf> {
    let mut seen = HashSet::new();
    paths.filter(|p| seen.insert(p.clone())).collect()
}

#[expect(clippy::disallowed_methods, reason = "the answer decides what is looked at and what is refused; nothing is moved by it")]
fn real(path: &Path) -> Option<PathBuf> {
    std::fs::canonicalize(path).ok().map(plain)
}

/// Windows gives real paths in a form nobody writes (`\\?\C:\…`); this is the one people know. Other paths as they are.
fn plain(path: PathBuf) -> PathBuf {
    let mut parts = path.components();
    let Some(Component::Prefix(prefix)) = parts.next() else { return path };
    let mut plain = match prefix.kind() {
        Prefix::VerbatimDisk(disk) => PathBuf::from(format!("{}:", char::from(disk))),
        Prefix::VerbatimUNC(server, share) => [OsStr::new(r"\\"), server, OsStr::new(r"\"), share].into_iter().collect::<OsString>().into(),
        _ => return path,
    };
    plain.push(parts.as_path());
    plain
}

/// Whether a name is that of an operation in a vault of ours: time, milliseconds, process.
fn is_operation(name: &[u8]) -> bool {
    let digits = |from: usize, to: usize| name.get(from..to).is_some_and(|n| n.iter().all(u8::is_ascii_digit));
    let ends = name.get(20..).is_some_and(|n| !n.is_empty() && n.iter().all(u8::is_ascii_hexdigit));
    ends && digits(0, 8) && name[8] == b'T' && digits(9, 15) && name[15] == b'-' && digits(16, 19) && name[19] == b'-'
}

fn is_foreign(name: &[u8]) -> bool {
    if is_operation(name) {
        return true;
    }
    FOREIGN.contains(&name) || name.starts_with(b".Trash-") || name.eq_ignore_ascii_case(b"$recycle.bin")
}

impl Index {
    /// Walks the user's folders and keeps the files whose size is in `sizes`.
    pub fn make(places: &Places, sizes: &HashSet<u64>, threads: usize, stop: &Stop) -> Self {
        let mut index = Self::default();
        let roots: Vec<&PathBuf> = places.common.iter().chain(&places.bound).collect();
        // A folder below another one is walked with it.
        let tops: Vec<&PathBuf> = roots.iter().copied().filter(|r| !roots.iter().any(|o| *o != *r && r.starts_with(o))).collect();
        let keyed: Vec<(FolderKey, PathBuf)> = (0..).map(FolderKey).zip(tops.iter().map(|t| (*t).clone())).collect();
        let mut folders: HashMap<FolderKey, (PathBuf, PathBuf)> = keyed.iter().map(|(k, p)| (*k, (p.clone(), p.clone()))).collect();
        for listing in walk(keyed, threads, |name| !is_foreign(name), stop).iter().flatten() {
            index.take(places, sizes, &mut folders, &listing);
        }
        index.by_size.values_mut().for_each(|all| all.sort_by(|a, b| a.path.cmp(&b.path)));
        index
    }

    fn take(&mut self, places: &Places, sizes: &HashSet<u64>, folders: &mut HashMap<FolderKey, (PathBuf, PathBuf)>, listing: &Listing) {
        let Some((root, at)) = folders.remove(&listing.key) else { return };
        for (name, error) in &listing.errors {
            self.blind.push((at.join(from_bytes(name)), error.clone()));
        }
        for (name, entry) in listing.entries() {
            let Facts { kind, size, dev, ino, placeholder, .. } = entry.facts;
            if let Some(key) = entry.key {
                let path = at.join(from_bytes(name));
                if !places.never.contains(&path) {
                    folders.insert(key, (root.clone(), path));
                }
            } else if kind == Kind::File && !placeholder && size > 0 {
                self.seen += 1;
                if sizes.contains(&size) && !name.ends_with(b".icloud") {
                    let path = at.join(from_bytes(name));
                    self.by_size.entry(size).or_default().push(Copy { path, root: root.clone(), dev, ino });
                }
            }
        }
    }

    /// Files of this size, in the order of their paths.
    pub fn of_size(&self, size: u64) -> &[Copy] {
        self.by_size.get(&size).map_or(&[], Vec::as_slice)
    }
}
