//! The executor that moves: the journal first, then each item by rename, then the commit.

use super::Desk;
use super::batch::{Todo, Work};
use super::check::Why;
use super::clean::Hand;
use super::fs::Fs;
use super::journal::{Entry, FolderWas, Intent, Journal, Spans, to_come};
use super::operation::Record;
use super::place::{NoPlace, find};
use super::putback::{Trust, into, open, put_back, tidy, times_to_give_back};
use super::reserve::is_full;
use super::state::{FULL, State};
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::model::{Facts, Failed, Kind, PathText, Quiet, Receipt, from_bytes, shown_name};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

/// An operation under way.
pub(super) struct Vaulting<'a, F: Fs> {
    desk: &'a Desk<'a, F>,
    state: &'a State<'a, F>,
    journal: Journal<'a, F>,
    record: Record,
    /// The operation's folder in the vault of each root.
    boxes: BTreeMap<u32, F::Dir>,
    /// Items in the vault that are not what was planned.
    strays: Vec<u64>,
}

impl<'a, F: Fs> Vaulting<'a, F> {
    /// Finds the vaults, writes everything that may happen into the journal and makes it last. Items whose root has
    /// no place for a vault are named as failed and taken out of the work. When this fails, nothing was moved.
    pub(super) fn begin(desk: &'a Desk<'a, F>, state: &'a State<'a, F>, work: &mut Work<'_, F>, receipt: &mut Receipt) -> Result<Self> {
        let id = desk.world.new_id();
        let journal = state.begin(&id)?;
        let record = Record { id: id.clone(), file: format!("{id}.journal"), when: desk.world.now(), ..Record::default() };
        let mut this = Self { desk, state, journal, record, boxes: BTreeMap::new(), strays: Vec::new() };
        let begun = this.places(work, receipt).and_then(|()| this.intend(work));
        if let Err(e) = begun {
            this.give_up();
            let full = is_full(&e);
            let error = Error::io("the deed could not be begun, and nothing was moved", &desk.world.state_dir, e);
            return Err(if full { error.hint(FULL) } else { error });
        }
        receipt.operation.clone_from(&this.record.id);
        receipt.vault = this.record.places().into_iter().next();
        Ok(this)
    }

    #[track_caller]
    fn log(&mut self, entries: Vec<Entry>) -> io::Result<()> {
        self.state.write(&mut self.journal, &entries)?;
        for entry in entries {
            self.record.take(entry);
        }
        Ok(())
    }

    /// Says what need not last before the next line that must.
    fn say(&mut self, entry: Entry) -> io::Result<()> {
        self.state.add(&mut self.journal, std::slice::from_ref(&entry))?;
        self.record.take(entry);
        Ok(())
    }

    fn places(&mut self, work: &mut Work<'_, F>, receipt: &mut Receipt) -> io::Result<()> {
        let (fs, world) = (self.desk.fs, self.desk.world);
        self.say(Entry::Begin { id: self.record.id.clone(), when: self.record.when })?;
        let mut homeless: Vec<(u32, NoPlace)> = Vec::new();
        for (at, root) in (0_u32..).zip(&work.roots) {
            let mut above: Vec<&Path> =
                work.todos.iter().filter(|t| t.root == at).map(|t| t.rel.parent().unwrap_or(Path::new(""))).collect();
            above.dedup();
            // Any folder that can be opened will do: they are all on the root's disk, or their items fail by themselves.
            let opened = |rel: &&Path| open(fs, &root.path, rel).and_then(|dir| fs.own(&dir).map(|own| (dir, own.mtime_ns)));
            let Some((above, from)) = above.iter().find_map(|rel| Some((*rel, opened(rel).ok()?))) else {
                homeless.push((at, NoPlace { why: "its folder cannot be opened".to_owned(), full: false }));
                continue;
            };
            let name = format!(".lifeboat-probe-{}", self.record.id);
            let probe = Entry::Probe { root: at, path: PathText::new(above), name: name.clone(), mtime_ns: from.1 };
            self.log(vec![Entry::Root { root: at, path: PathText::new(&root.path) }, probe])?;
            let before = fs.own(&root.top)?.mtime_ns;
            let look = || find(fs, world, &root.path, &from.0, name.as_bytes());
            let found = look().or_else(|no| if no.full && self.state.give_back() { look() } else { Err(no) });
            let _ = fs.set_time(&from.0, from.1);
            let place = match found {
                Ok(place) => place,
                Err(no) => {
                    homeless.push((at, no));
                    continue;
                }
            };
            receipt.notes.extend(place.notes);
            self.say(Entry::Vault { root: at, path: PathText::new(&place.path) })?;
            let id = self.record.id.as_bytes();
            match self.state.with_room(|| fs.make(&place.dir, id, 0o700)) {
                Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err(e),
                _ => {}
            }
            fs.sync(&place.dir)?;
            if place.path.starts_with(&root.path) {
                let _ = fs.set_time(&root.top, before);
            }
            self.boxes.insert(at, fs.folder(&place.dir, id)?);
        }
        if self.boxes.is_empty()
            && let Some((_, no)) = homeless.iter().find(|(_, no)| no.full)
        {
            return Err(io::Error::new(io::ErrorKind::StorageFull, no.why.clone()));
        }
        for (at, no) in homeless {
            let gone = work.todos.extract_if(.., |t| t.root == at);
            receipt.failed.extend(gone.map(|t| Failed { path: t.item.path.clone(), error: no.why.clone() }));
        }
        Ok(())
    }

    fn intend(&mut self, work: &Work<'_, F>) -> io::Result<()> {
        let fs = self.desk.fs;
        // Every folder on the way to an item, and whether items lie directly in it.
        let mut folders: BTreeMap<(u32, &Path), bool> = BTreeMap::new();
        for (root, parent) in parents(work.todos.iter()) {
            for above in parent.ancestors().skip(1) {
                folders.entry((root, above)).or_default();
            }
            folders.insert((root, parent), true);
        }
        let mut entries = Vec::with_capacity(folders.len() + work.todos.len());
        for (folder, ((root, rel), direct)) in (0_u32..).zip(folders) {
            let Some(top) = work.roots.get(root as usize) else { continue };
            let path: PathBuf = top.path.join(rel).components().collect();
            let direct = direct || self.record.vaults.get(&root).is_some_and(|vault| vault.parent() == Some(&path));
            // A folder that cannot be opened now cannot be when its items' turn comes; they are named then.
            let Ok(dir) = fs.down(&top.top, rel) else { continue };
            let (mtime_ns, mode) = (fs.own(&dir)?.mtime_ns, fs.mode(&dir)?);
            entries.push(Entry::Folder(FolderWas { folder, root, path: PathText::new(rel), mtime_ns, mode, direct }));
        }
        for todo in &work.todos {
            let (item, was) = (todo.item, &todo.item.identity);
            entries.push(Entry::Intent(Intent {
                item: todo.number,
                root: todo.root,
                path: PathText::new(&todo.rel),
                folder: was.tree.is_some(),
                device: was.device,
                inode: was.inode,
                size: was.size,
                mtime_ns: was.mtime_ns,
                bytes: item.bytes,
                allocated: item.allocated,
            }));
        }
        self.log(entries)?;
        self.state.reserve(&mut self.journal, to_come(work.todos.len() as u64, self.record.folders.len() as u64))
    }

    /// Another thing than the planned one was moved and cannot go back now: from here on the operation knows that thing.
    fn keep_stray(&mut self, todo: &Todo<'_>, now: &Facts) -> io::Result<()> {
        self.strays.push(todo.number);
        let stray = Intent {
            item: todo.number,
            root: todo.root,
            path: PathText::new(&todo.rel),
            folder: now.kind == Kind::Dir,
            device: now.dev,
            inode: now.ino,
            size: now.size,
            mtime_ns: now.mtime_ns,
            bytes: now.size,
            allocated: now.allocated,
        };
        self.log(vec![Entry::Intent(stray)])
    }

    /// Nothing was moved: leaves nothing of ours behind. What was there for a moment must be gone for good before
    /// nothing knows of it any more; else the next start sees to it.
    fn give_up(&mut self) {
        let (fs, record) = (self.desk.fs, &self.record);
        let mut tried = record.probes.iter().filter_map(|probe| open(fs, record.roots.get(&probe.root)?, &probe.folder).ok());
        if self.boxes.values().all(|vault| fs.sync(vault).is_ok()) && tried.all(|folder| fs.sync(&folder).is_ok()) {
            drop(tried);
            self.boxes.clear();
            tidy(fs, record);
            self.state.forget(record.file.as_bytes());
        }
    }

    /// Makes the moves last and commits them. When that fails, everything is put back.
    pub(super) fn end(mut self, work: &Work<'_, F>, moved: &[u64], receipt: &mut Receipt) -> Result<()> {
        let moved = Spans::of(moved.iter().chain(&self.strays).copied());
        if moved == Spans::default() {
            self.give_up();
            receipt.operation.clear();
            receipt.vault = None;
            return Ok(());
        }
        let committed = self.settle(work).and_then(|after| self.log(vec![Entry::Commit { moved, after }]));
        let Err(e) = committed else {
            self.state.bring_home();
            receipt.notes.extend(self.state.away(&self.record.file));
            return Ok(());
        };
        let hint = self.take_back();
        Err(Error::new(ErrorKind::System, "the deed could not be made to last").at(&self.desk.world.state_dir).because(e).hint(hint))
    }

    /// Puts everything back; says what came of it.
    fn take_back(&mut self) -> &'static str {
        // A commit that may be on the disk all the same must be gone for good before anything goes back.
        if self.journal.drop_tail().is_err() {
            return "What was moved is in the vault; the next start sees to it.";
        }
        self.boxes.clear();
        let items: Vec<&Intent> = self.record.intents.iter().collect();
        let times = times_to_give_back(self.desk.fs, &self.record);
        let back = put_back(self.state, &self.record, &items, &times, Trust::Slot, &Quiet);
        if !back.for_good() {
            return "What could not be put back is in the vault; the next start tries again.";
        }
        tidy(self.desk.fs, &self.record);
        let _ = self.state.write(&mut self.journal, &[Entry::RolledBack {}]);
        "Everything was put back."
    }

    /// Makes the moves last, and tells the times the folders have now. A move lasts when the folder it went to does.
    fn settle(&self, work: &Work<'_, F>) -> io::Result<Vec<(u32, i64)>> {
        let fs = self.desk.fs;
        for vault in self.boxes.values() {
            fs.sync(vault)?;
        }
        let mut after = Vec::new();
        for folder in self.record.folders.iter().filter(|f| f.direct) {
            let rel = folder.path.to_path().unwrap_or_default();
            let Some(root) = work.roots.get(folder.root as usize) else { continue };
            // Where it was moved away meanwhile, its items are in the vault all the same.
            let Ok(dir) = fs.down(&root.top, &rel) else { continue };
            after.push((folder.folder, fs.own(&dir)?.mtime_ns));
        }
        Ok(after)
    }
}

/// The folders that things lie in, each with its root.
fn parents<'t>(todos: impl Iterator<Item = &'t Todo<'t>>) -> BTreeSet<(u32, &'t Path)> {
    let mut all = BTreeSet::new();
    let mut last = None;
    // Most lie beside the one before.
    for folder in todos.map(|t| (t.root, t.rel.parent().unwrap_or(Path::new("")))) {
        if last.replace(folder) != Some(folder) {
            all.insert(folder);
        }
    }
    all
}

impl<F: Fs> Hand<F> for Vaulting<'_, F> {
    fn take(&mut self, fs: &F, todo: &Todo<'_>, parent: &F::Dir, name: &[u8]) -> Result<(), Why> {
        let Some(vault) = self.boxes.get(&todo.root) else { return Err(Why::Fail("it has no vault".into())) };
        let number = todo.number.to_string().into_bytes();
        self.state.with_room(|| fs.rename(parent, name, vault, &number)).map_err(|e| match e.kind() {
            io::ErrorKind::NotFound => Why::Skip("it is no longer there".into()),
            _ => Why::Fail(format!("it cannot be moved: {e}")),
        })?;
        // Whatever stood under the name in the moment of the move is here now: if that is another thing, back with it.
        let was = &todo.item.identity;
        let same = fs.facts(vault, &number).is_ok_and(|now| (now.ino, now.size, now.mtime_ns) == (was.inode, was.size, was.mtime_ns));
        if same {
            return Ok(());
        }
        match into(fs, vault, &number, parent, name) {
            Ok(_) => Err(Why::Skip("it changed in the moment it was to be moved".into())),
            Err(e) => {
                let now = fs.facts(vault, &number);
                let known = now.and_then(|now| self.keep_stray(todo, &now));
                let undone = known.map_or_else(|e| format!("which could not be written down: {e}"), |()| "undo puts it back".into());
                let place = format!("{}/{}", self.record.id, shown_name(&from_bytes(&number)));
                Err(Why::Fail(format!("it changed in the moment it was moved, and is now {place} in the vault ({e}); {undone}")))
            }
        }
    }
}
