//! What the user has been told, and what must therefore be so after a power cut.

use crate::model::{OpState, from_bytes};
use crate::vault::VAULT_FOLDER;
use crate::vault::operation::Record;
use crate::vault::state::State;
use crate::vault::tests::model::Model;
use crate::vault::tests::model::disk::Disk;
use crate::vault::tests::model::tree::{Tree, What};
use crate::world::World;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

/// What is known of an operation.
#[derive(Debug, Clone)]
pub struct Known {
    pub may_be: Vec<OpState>,
    /// The content of every file that it moved.
    pub contents: BTreeSet<Vec<u8>>,
}

/// What the user knows.
#[derive(Debug, Clone)]
pub struct Told {
    ours: [PathBuf; 2],
    home: PathBuf,
    /// Every file the user has, by its content (no two have the same), and where it may be but for the vault.
    pub files: BTreeMap<Vec<u8>, Vec<PathBuf>>,
    pub folders: BTreeSet<PathBuf>,
    /// The times that folders have when everything is undone; those that nobody but us has changed.
    pub times: BTreeMap<PathBuf, i64>,
    pub operations: BTreeMap<String, Known>,
    /// A deed is under way, or failed.
    pub busy: bool,
}

impl Told {
    pub fn new(world: &World) -> Self {
        Self {
            ours: [world.state_dir.clone(), world.data_dir.clone()],
            home: world.home.clone(),
            files: BTreeMap::new(),
            folders: BTreeSet::new(),
            times: BTreeMap::new(),
            operations: BTreeMap::new(),
            busy: false,
        }
    }

    /// The same for two that are the same.
    pub fn digest(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (&self.files, &self.folders, &self.times, self.busy).hash(&mut hasher);
        for (id, known) in &self.operations {
            (id, format!("{:?}", known.may_be), &known.contents).hash(&mut hasher);
        }
        hasher.finish()
    }

    /// Whether a path is of our own making.
    fn ours(&self, path: &Path) -> bool {
        self.ours.iter().any(|ours| path.starts_with(ours) || ours.starts_with(path)) || self.vault(path)
    }

    fn vault(&self, path: &Path) -> bool {
        path.starts_with(self.ours[1].join("vault")) || path.iter().any(|part| part == VAULT_FOLDER)
    }

    /// Everything that is not of our own making, with its times.
    pub fn users(&self, disk: &Disk) -> Vec<(PathBuf, What, i64)> {
        let all = disk.seen.walk(&self.home).into_iter().filter(|(path, _)| !self.ours(path));
        all.map(|(path, node)| (path, node.what.clone(), node.mtime)).collect()
    }

    /// Takes in what the user has made or removed.
    pub fn look(&mut self, disk: &Disk) {
        let mut there = BTreeSet::new();
        for (path, node) in disk.seen.walk(&self.home) {
            match &node.what {
                What::File(content) => {
                    there.insert(content.clone());
                    if !self.ours(&path) {
                        self.files.insert(content.clone(), vec![path]);
                    }
                }
                What::Dir(_) if !self.ours(&path) => {
                    self.folders.insert(path);
                }
                What::Dir(_) => {}
            }
        }
        self.files.retain(|content, _| there.contains(content));
    }

    /// From here on nobody but us changes a folder's time.
    pub fn look_at_times(&mut self, disk: &Disk) {
        let time = |folder: &PathBuf| disk.seen.find(folder).and_then(|ino| disk.seen.facts(ino)).map(|facts| facts.mtime_ns);
        self.times = self.folders.iter().filter_map(|folder| Some((folder.clone(), time(folder).ok()?))).collect();
    }

    /// A file may also be in another place: somebody moves it meanwhile.
    pub fn also(&mut self, disk: &Disk, file: &Path, place: &Path) {
        if let Ok(What::File(content)) = disk.seen.find(file).and_then(|ino| disk.seen.node(ino)).map(|node| &node.what) {
            self.files.entry(content.clone()).or_default().push(place.to_path_buf());
        }
    }

    pub fn may_be(&mut self, operation: &str, states: &[OpState]) {
        if let Some(known) = self.operations.get_mut(operation) {
            known.may_be = states.to_vec();
        }
    }

    pub fn contents(&self, disk: &Disk, operation: &str) -> BTreeSet<Vec<u8>> {
        let all = disk.seen.walk(&self.home).into_iter().filter(|(path, _)| self.vault(path) && path.iter().any(|part| part == operation));
        all.filter_map(|(_, node)| if let What::File(content) = &node.what { Some(content.clone()) } else { None }).collect()
    }

    pub fn state(&self, disk: &Disk, operation: &str) -> Option<OpState> {
        records(&self.ours[0], disk).into_iter().find(|r| r.id == operation)?.state()
    }

    /// The same in the middle of a deed.
    pub fn in_a_deed(&self) -> Self {
        Self { busy: true, ..self.clone() }
    }

    /// The same, once the next start has mended what was under way: every operation stands as it stands now.
    pub fn settled(&self, disk: &Disk) -> Self {
        let mut told = Self { busy: false, ..self.clone() };
        for record in records(&self.ours[0], disk) {
            if let Some(state) = record.state() {
                let contents = || self.contents(disk, &record.id);
                told.operations.entry(record.id.clone()).or_insert_with(|| Known { may_be: Vec::new(), contents: contents() }).may_be =
                    vec![state];
            }
        }
        told
    }

    /// Whether what must be so is so on a disk that was mended; else what is not.
    pub fn holds(&self, disk: &Disk) -> Result<(), String> {
        let records = records(&self.ours[0], disk);
        let mut slots: BTreeMap<PathBuf, PathBuf> = BTreeMap::new();
        for record in &records {
            self.allowed(record)?;
            for item in record.kept().filter(|_| record.stands()) {
                let place = record.place(item.root).unwrap_or_default().join(item.item.to_string());
                let home = record.roots.get(&item.root).cloned().unwrap_or_default().join(item.path.to_path().unwrap_or_default());
                if disk.seen.find(&place).is_err() {
                    return Err(format!("{} is said to be in the vault and is not", home.display()));
                }
                slots.insert(place, home);
            }
        }
        if let Some(id) = self.operations.keys().find(|id| !records.iter().any(|r| r.id == **id)) {
            return Err(format!("nothing is known of operation {id} any more"));
        }
        self.all_there(&disk.seen, &records, &slots)
    }

    fn allowed(&self, record: &Record) -> Result<(), String> {
        let state = record.state();
        match (self.operations.get(&record.id), state) {
            (Some(known), Some(state)) if known.may_be.contains(&state) => Ok(()),
            (None, None) => Ok(()),
            (None, Some(OpState::Stands)) if self.busy => Ok(()),
            (known, _) => Err(format!("the operation is {state:?}, and told was {known:?}")),
        }
    }

    fn all_there(&self, tree: &Tree, records: &[Record], slots: &BTreeMap<PathBuf, PathBuf>) -> Result<(), String> {
        let (mut files, mut folders) = (BTreeSet::new(), BTreeSet::new());
        for (path, node) in tree.walk(&self.home) {
            let stored = slots.iter().find_map(|(slot, home)| Some(home.join(path.strip_prefix(slot).ok()?)));
            if stored.is_none() && self.vault(&path) {
                // An empty folder may stay, and the empty file that the place was tried with.
                if matches!(&node.what, What::File(bytes) if !bytes.is_empty()) {
                    return Err(format!("{} is in the vault, and no operation knows it", path.display()));
                }
            } else if let What::File(content) = &node.what {
                let place = stored.clone().unwrap_or_else(|| path.clone());
                if self.ours(&path) && stored.is_none() {
                    continue;
                }
                let Some(homes) = self.files.get(content) else {
                    return Err(format!("{} was not there before: {:?}", path.display(), String::from_utf8_lossy(content)));
                };
                let right = |home: &PathBuf| place == *home || beside(&place, home) && (stored.is_some() || taken(tree, &place, home));
                if !homes.iter().any(right) {
                    return Err(format!("{homes:?} is now {}", path.display()));
                }
                if !files.insert(content) {
                    return Err(format!("{homes:?} is there twice"));
                }
            } else {
                folders.insert(stored.unwrap_or(path));
            }
        }
        let purged = |content: &Vec<u8>| {
            let of = |r: &&Record| r.purge.is_some() && self.operations.get(&r.id).is_some_and(|known| known.contents.contains(content));
            records.iter().any(|r| of(&r))
        };
        for (content, home) in &self.files {
            if files.contains(content) == purged(content) {
                let what = if purged(content) { "was purged, and is there" } else { "is lost" };
                return Err(format!("{home:?} {what}"));
            }
        }
        let any_purged = records.iter().any(|r| r.purge.is_some());
        match self.folders.iter().find(|folder| !any_purged && !folders.contains(*folder)) {
            Some(folder) => Err(format!("the folder {} is lost", folder.display())),
            None => Ok(()),
        }
    }

    /// Whether every folder has its time again, when everything was undone.
    pub fn times_hold(&self, disk: &Disk) -> Result<(), String> {
        for (folder, time) in &self.times {
            let now = disk.seen.find(folder).and_then(|ino| disk.seen.facts(ino)).map(|facts| facts.mtime_ns);
            if now.as_ref().ok() != Some(time) && !self.home_of_ours(folder) {
                return Err(format!("the time of {} is {now:?} and was {time}", folder.display()));
            }
        }
        Ok(())
    }

    /// Folders whose time our own folders change: those that ours are made in, and those above the store.
    fn home_of_ours(&self, folder: &Path) -> bool {
        self.ours.iter().any(|ours| ours.starts_with(folder)) || self.home.join(".config/Tool").starts_with(folder)
    }
}

/// Whether a path is another but for `(restored)` after its names.
fn beside(path: &Path, home: &Path) -> bool {
    let plain = |path: &Path| {
        path.iter()
            .map(|part| from_bytes(part.to_string_lossy().split(" (restored").next().unwrap_or_default().as_bytes()))
            .collect::<PathBuf>()
    };
    plain(path) == home
}

/// Whether the first name that differs is beside another thing that took the place.
fn taken(tree: &Tree, path: &Path, home: &Path) -> bool {
    let same = path.iter().zip(home.iter()).take_while(|(a, b)| a == b).count();
    let first: PathBuf = home.iter().take(same + 1).collect();
    tree.find(&first).is_ok()
}

pub fn records(state: &Path, disk: &Disk) -> Vec<Record> {
    let model = Model::new(disk.clone());
    let mut world = World::at(Path::new("/"), BTreeMap::default());
    world.state_dir = state.to_path_buf();
    State::of(&world, &model).records().unwrap_or_default()
}
