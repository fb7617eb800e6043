//! Puts items from the vault back to where they were.

use super::fs::{Fs, parts};
use super::journal::{FolderWas, Intent, Spans};
use super::operation::Record;
use super::place::VAULT_FOLDER;
use super::state::State;
use crate::model::{Facts, Failed, Kind, PathText, Progress, Watch, from_bytes, shown};
use std::collections::{BTreeSet, HashMap};
use std::io;
use std::path::{Path, PathBuf};

/// What an item in the vault is known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    /// It must be the very thing that was moved.
    Inode,
    /// Its number is enough: the move was not committed, and may have caught another thing under the same name.
    Slot,
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Back {
    /// Items that are back.
    pub restored: Vec<u64>,
    /// Items that are not in the vault.
    pub missing: Vec<u64>,
    pub failed: Vec<Failed>,
    pub notes: Vec<String>,
    pub interrupted: bool,
    /// Why it is not known of some items whether they are in the vault.
    pub unseen: Option<String>,
    /// Why it is not sure that what is back lasts.
    pub unsure: Option<io::Error>,
}

impl Back {
    /// Whether everything is back, and stays so.
    pub(super) fn for_good(&self) -> bool {
        self.failed.is_empty() && self.unsure.is_none()
    }
}

/// Between what a root's items go.
struct Ends<D> {
    /// The operation's folder in the vault, and its device.
    vault: D,
    device: u64,
    /// The root, where it is still there.
    root: Option<D>,
}

impl<D> Ends<D> {
    fn open<F: Fs<Dir = D>>(fs: &F, record: &Record, root: u32) -> io::Result<Self> {
        let vault = fs.top(&record.place(root).unwrap_or_default())?;
        let device = fs.own(&vault)?.dev;
        let root = record.roots.get(&root).and_then(|path| fs.top(path).ok());
        Ok(Self { vault, device, root })
    }
}

/// Puts items back, the last first, then gives the folders in `times` their old times, and makes it all last.
pub(super) fn put_back<F: Fs>(
    state: &State<'_, F>,
    record: &Record,
    items: &[&Intent],
    times: &Spans,
    trust: Trust,
    watch: &dyn Watch,
) -> Back {
    let fs = state.fs;
    let mut back = Back::default();
    let mut touched: BTreeSet<(u32, PathBuf)> = BTreeSet::new();
    let mut ends: HashMap<u32, io::Result<Ends<F::Dir>>> = HashMap::new();
    let modes: HashMap<(u32, PathBuf), u32> = record.folders.iter().filter_map(|f| Some(((f.root, f.path.to_path()?), f.mode))).collect();
    let mut progress = Progress { verb: "Putting back", files_total: Some(items.len() as u64), ..Progress::default() };
    progress.bytes_total = Some(items.iter().map(|i| i.bytes).sum());
    for item in items.iter().rev() {
        if watch.stopped() {
            back.interrupted = true;
            break;
        }
        let rel = item.path.to_path().unwrap_or_default();
        let root = record.roots.get(&item.root).map_or(Path::new(""), PathBuf::as_path);
        let mode = |path: &Path| modes.get(&(item.root, path.to_path_buf())).copied();
        let ends = ends.entry(item.root).or_insert_with(|| Ends::open(fs, record, item.root));
        let done = match (look(fs, ends, item, root), ends) {
            (Ok(Some(facts)), Ok(ends)) => one(state, ends, item, (trust, &facts), (root, &rel), &mode).map(Some),
            (Ok(_), _) => Ok(None),
            (Err(why), _) => {
                back.unseen.get_or_insert_with(|| why.clone());
                Err(why)
            }
        };
        match done {
            Ok(Some(name)) => {
                let parent = rel.parent().unwrap_or(Path::new(""));
                if Some(name.as_os_str()) != rel.file_name() {
                    let (path, beside) = (shown(&root.join(&rel)), shown(&root.join(parent).join(&name)));
                    back.notes.push(format!("{path} is there again, and was left; the one from the vault is beside it: {beside}"));
                }
                touched.insert((item.root, parent.to_path_buf()));
                back.restored.push(item.item);
            }
            Ok(None) => back.missing.push(item.item),
            Err(error) => back.failed.push(Failed { path: PathText::new(&root.join(&rel)), error }),
        }
        progress.files += 1;
        progress.bytes += item.bytes;
        watch.at(&progress);
    }
    back.unsure = ends.values().flatten().find_map(|ends| fs.sync(&ends.vault).err());
    drop(ends);
    if back.for_good() {
        tidy(fs, record);
    }
    settle(fs, record, times, &touched, &mut back);
    back
}

/// Why nothing is told of a vault that is not there.
pub(super) const AWAY: &str = "neither its store nor the vault can be found; is their disk connected?";

/// Whether a root is not there. With the vault not there either, their disk may be away, and what is not found is not gone.
pub(super) fn away<F: Fs>(fs: &F, root: &Path) -> bool {
    fs.top(root).is_err_and(|e| e.kind() == io::ErrorKind::NotFound)
}

/// Old times for folders, and a sync of every folder that was changed.
fn settle<F: Fs>(fs: &F, record: &Record, times: &Spans, touched: &BTreeSet<(u32, PathBuf)>, back: &mut Back) {
    let mut sync: BTreeSet<(u32, PathBuf)> = touched.clone();
    let old: HashMap<(u32, PathBuf), i64> = record
        .folders
        .iter()
        .filter(|f| times.has(u64::from(f.folder)))
        .filter_map(|f| Some(((f.root, f.path.to_path()?), f.mtime_ns)))
        .collect();
    sync.extend(old.keys().cloned());
    for key in sync {
        let root = record.roots.get(&key.0).cloned().unwrap_or_default();
        let done = open(fs, &root, &key.1).and_then(|dir| {
            if let Some(time) = old.get(&key).filter(|time| fs.own(&dir).is_ok_and(|own| own.mtime_ns != **time)) {
                fs.set_time(&dir, *time)?;
            }
            fs.sync(&dir)
        });
        match done {
            Err(e) if e.kind() != io::ErrorKind::NotFound => {
                back.notes.push(format!("{} is back, but its folder's time could not be set: {e}", shown(&root.join(&key.1))));
            }
            _ => {}
        }
    }
}

/// Opens a folder below a root.
pub(super) fn open<F: Fs>(fs: &F, root: &Path, rel: &Path) -> io::Result<F::Dir> {
    fs.down(&fs.top(root)?, rel)
}

/// Looks at an item in the vault; `None` where it is not in it.
fn look<F: Fs>(fs: &F, ends: &io::Result<Ends<F::Dir>>, item: &Intent, root: &Path) -> Result<Option<Facts>, String> {
    let missing = |e: &io::Error| e.kind() == io::ErrorKind::NotFound;
    match ends {
        Ok(ends) => match fs.facts(&ends.vault, item.item.to_string().as_bytes()) {
            Ok(facts) => Ok(Some(facts)),
            Err(e) if missing(&e) => Ok(None),
            Err(e) => Err(format!("it cannot be looked at in the vault: {e}")),
        },
        Err(e) if missing(e) && away(fs, root) => Err(AWAY.to_owned()),
        Err(e) if missing(e) => Ok(None),
        Err(e) => Err(format!("the vault cannot be opened: {e}")),
    }
}

/// Moves one item back and gives the name it got.
fn one<F: Fs>(
    state: &State<'_, F>,
    ends: &Ends<F::Dir>,
    item: &Intent,
    (trust, facts): (Trust, &Facts),
    (root, rel): (&Path, &Path),
    mode: &dyn Fn(&Path) -> Option<u32>,
) -> Result<std::ffi::OsString, String> {
    let fs = state.fs;
    let number = item.item.to_string().into_bytes();
    let vault = &ends.vault;
    // The device's own number may change with a reboot; that of the folder it is in must be the same.
    let same = (facts.kind == Kind::Dir, facts.ino) == (item.folder, item.inode);
    if !(same || trust == Trust::Slot) || facts.dev != ends.device {
        return Err("what is in the vault is not what was put there; it was left".into());
    }
    let (above, name) = (rel.parent().unwrap_or(Path::new("")), crate::model::to_bytes(rel.file_name().unwrap_or_default()));
    let put = |parent: F::Dir| state.with_room(|| into(fs, vault, &number, &parent, &name));
    let stuck = |e: io::Error| format!("it cannot be moved back: {e}");
    if let Some(Ok(parent)) = ends.root.as_ref().map(|top| fs.down(top, above)) {
        match put(parent) {
            // The folder went in this moment.
            Err(e) if e.kind() == io::ErrorKind::NotFound => {}
            done => return done.map_err(stuck),
        }
    }
    // Where it is there but cannot be opened, this says why.
    let parent = state.with_room(|| remake(fs, root, above, mode));
    put(parent.map_err(|e| format!("its folder cannot be opened: {e}"))?).map_err(stuck)
}

/// Moves a thing from the vault to a name, or beside it where something is there; gives the name it got.
pub(super) fn into<F: Fs>(fs: &F, vault: &F::Dir, number: &[u8], parent: &F::Dir, name: &[u8]) -> io::Result<std::ffi::OsString> {
    for turn in 0..1000 {
        let name = if turn == 0 { name.to_vec() } else { beside(name, turn) };
        match fs.rename(vault, number, parent, &name) {
            Ok(()) => return Ok(from_bytes(&name)),
            Err(e) if matches!(e.kind(), io::ErrorKind::AlreadyExists | io::ErrorKind::DirectoryNotEmpty) => {}
            Err(e) => return Err(e),
        }
    }
    Err(io::Error::other("there are a thousand restored ones beside it already"))
}

/// The name a restored item gets beside a new one: `name (restored)`, `name (restored 2)`; short enough for a disk.
pub(super) fn beside(name: &[u8], turn: u32) -> Vec<u8> {
    let tail = if turn == 1 { " (restored)".to_owned() } else { format!(" (restored {turn})") };
    let fits = name.len().min(255 - tail.len());
    let keep = std::str::from_utf8(name).map_or(fits, |text| text.floor_char_boundary(fits));
    [name.get(..keep).unwrap_or_default(), tail.as_bytes()].concat()
}

/// Opens a folder below a root; folders that are gone are made again, with the permissions they had.
pub(super) fn remake<F: Fs>(fs: &F, root: &Path, rel: &Path, mode: &dyn Fn(&Path) -> Option<u32>) -> io::Result<F::Dir> {
    let missing = |e: &io::Error| e.kind() == io::ErrorKind::NotFound;
    let mut at = match fs.top(root) {
        Err(e) if missing(&e) => {
            let (Some(parent), Some(name)) = (root.parent(), root.file_name()) else { return Err(e) };
            fs.make_all(parent)?;
            let above = fs.top(parent)?;
            again(fs, &above, &crate::model::to_bytes(name), mode(Path::new("")))?
        }
        other => other?,
    };
    let mut path = PathBuf::new();
    for name in parts(rel)? {
        path.push(from_bytes(&name));
        at = match fs.folder(&at, &name) {
            Err(e) if missing(&e) => again(fs, &at, &name, mode(&path))?,
            other => other?,
        };
    }
    Ok(at)
}

#[track_caller]
fn again<F: Fs>(fs: &F, above: &F::Dir, name: &[u8], mode: Option<u32>) -> io::Result<F::Dir> {
    fs.make(above, name, mode.unwrap_or(0o700) | 0o700)?;
    fs.sync(above)?;
    fs.folder(above, name)
}

/// The folders whose times an undo gives back: those that have changed only by our own doing, and those that are gone.
pub(super) fn times_to_give_back<F: Fs>(fs: &F, record: &Record) -> Spans {
    let after = record.commit.as_ref().map(|c| &c.1);
    let ours = |folder: &&FolderWas| {
        let (Some(root), Some(rel)) = (record.roots.get(&folder.root), folder.path.to_path()) else { return false };
        match open(fs, root, &rel).and_then(|dir| fs.own(&dir)) {
            Ok(now) => {
                let left = after.and_then(|a| a.get(&folder.folder)).copied();
                folder.direct && (left.is_none() || left == Some(now.mtime_ns) || now.mtime_ns == folder.mtime_ns)
            }
            Err(e) => e.kind() == io::ErrorKind::NotFound,
        }
    };
    Spans::of(record.folders.iter().filter(ours).map(|f| u64::from(f.folder)))
}

/// Removes an operation's folders from the vault where they are empty.
pub(super) fn tidy<F: Fs>(fs: &F, record: &Record) {
    for place in record.places() {
        if let (Some(vault), Some(name)) = (place.parent(), place.file_name()) {
            let _ = fs.top(vault).and_then(|dir| fs.rmdir(&dir, &crate::model::to_bytes(name)));
            tidy_vault(fs, vault);
        }
    }
}

/// Removes a vault that is not in our own folder where it is empty, so that nothing of ours stays with the app's data.
pub(super) fn tidy_vault<F: Fs>(fs: &F, vault: &Path) {
    if let Some(above) = vault.parent().filter(|_| vault.file_name() == Some(VAULT_FOLDER.as_ref())) {
        let _ = fs.top(above).and_then(|dir| fs.rmdir(&dir, VAULT_FOLDER.as_bytes()));
    }
}
