//! Where journals are kept.

use super::fs::Fs;
use super::journal::{Entry, Journal};
use super::operation::Record;
use super::reserve::{self, is_full};
use super::spare::Spare;
use crate::error::{Error, Result};
use crate::world::World;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// What to do about a disk that has no room even for a journal.
pub(super) const FULL: &str = "Make a little room by hand first: empty the trash, or remove a download.";

/// The folders of journals: home, and spare ones for when its disk is full.
pub(super) struct State<'a, F: Fs> {
    pub fs: &'a F,
    home: PathBuf,
    spares: Vec<Spare>,
}

const TAIL: &[u8] = b".journal";

impl<'a, F: Fs> State<'a, F> {
    /// The state of this world; nothing is made yet.
    pub(super) fn of(world: &World, fs: &'a F) -> Self {
        Self { fs, home: world.state_dir.join("operations"), spares: Spare::all(world) }
    }

    /// The folder that journals are at home in.
    pub(super) fn home(&self) -> &Path {
        &self.home
    }

    /// The folders that are there for a full disk.
    pub(super) fn spares(&self) -> &[Spare] {
        &self.spares
    }

    pub(super) fn make_home(&self) -> io::Result<()> {
        self.fs.make_all(&self.home).map(|_| ())
    }

    /// Opens the folder with this number: 0 is home, then the spare ones.
    pub(super) fn dir(&self, place: usize) -> io::Result<F::Dir> {
        match place.checked_sub(1) {
            None => self.fs.top(&self.home),
            Some(at) => self.spares.get(at).ok_or(io::ErrorKind::NotFound)?.open(self.fs),
        }
    }

    /// Gives the room back that was set aside; whether there was any.
    pub(super) fn give_back(&self) -> bool {
        reserve::give_back(self.fs, &self.home)
    }

    /// Does something that needs room on the disk; where there is none, once more with the room that was set aside.
    pub(super) fn with_room<T>(&self, work: impl Fn() -> io::Result<T>) -> io::Result<T> {
        match work() {
            Err(e) if is_full(&e) && self.give_back() => work(),
            done => done,
        }
    }

    /// Begins a journal: at home, or where the disk is full in a spare folder.
    pub(super) fn begin(&self, id: &str) -> Result<Journal<'a, F>> {
        let name = [id.as_bytes(), TAIL].concat();
        let begun = self.with_room(|| self.make_home().and_then(|()| self.empty(0, &name)));
        let begun = begun.or_else(|e| {
            let elsewhere = || (1..=self.spares.len()).find_map(|place| self.empty(place, &name).ok());
            is_full(&e).then(elsewhere).flatten().ok_or(e)
        });
        begun.map_err(|e| {
            let full = is_full(&e);
            let error = Error::io("cannot begin the journal", &self.home, e);
            if full { error.hint(FULL) } else { error }
        })
    }

    fn empty(&self, place: usize, name: &[u8]) -> io::Result<Journal<'a, F>> {
        let dir = match place.checked_sub(1).and_then(|at| self.spares.get(at)) {
            Some(spare) => spare.make(self.fs)?,
            None => self.dir(place)?,
        };
        let log = self.fs.log(&dir, name, true)?;
        self.fs.sync(&dir)?;
        Ok(Journal::over(self.fs, log, name, place, 0))
    }

    /// Opens an operation's journal for more lines, a torn tail cut off.
    pub(super) fn reopen(&self, record: &Record) -> Result<Journal<'a, F>> {
        let failed = |e| Error::io("cannot open the journal", self.path(record.lies_in).join(&record.file), e);
        let log = self.dir(record.lies_in).and_then(|dir| self.fs.log(&dir, record.file.as_bytes(), false)).map_err(failed)?;
        if record.good < record.length {
            self.fs.cut(&log, record.good).map_err(failed)?;
        }
        Ok(Journal::over(self.fs, log, record.file.as_bytes(), record.lies_in, record.good))
    }

    fn path(&self, place: usize) -> PathBuf {
        place.checked_sub(1).and_then(|at| self.spares.get(at)).map_or_else(|| self.home.clone(), Spare::path)
    }

    /// Adds lines to a journal and makes them last. Where its disk is full, the room that was set aside is given back;
    /// where that does not do, the journal goes on in a spare folder.
    #[track_caller]
    pub(super) fn write(&self, journal: &mut Journal<'a, F>, entries: &[Entry]) -> io::Result<()> {
        loop {
            match journal.write(entries) {
                Err(e) if is_full(&e) && self.find_room(journal) => {}
                done => return done,
            }
        }
    }

    /// Adds lines that need not last before the next ones.
    pub(super) fn add(&self, journal: &mut Journal<'a, F>, entries: &[Entry]) -> io::Result<()> {
        loop {
            match journal.add(entries) {
                Err(e) if is_full(&e) && self.find_room(journal) => {}
                done => return done,
            }
        }
    }

    /// Makes room for lines to come, by the same means.
    pub(super) fn reserve(&self, journal: &mut Journal<'a, F>, bytes: u64) -> io::Result<()> {
        loop {
            match journal.reserve(bytes) {
                Err(e) if is_full(&e) && self.find_room(journal) => {}
                done => return done,
            }
        }
    }

    fn find_room(&self, journal: &mut Journal<'a, F>) -> bool {
        if journal.lies_in == 0 && self.give_back() {
            return true;
        }
        // Where it lies already, its name is taken.
        let copied = (1..=self.spares.len()).find_map(|place| self.copy(journal, place).ok());
        copied.map(|copy| *journal = copy).is_some()
    }

    /// A copy of a journal in a spare folder. Of two with one name the longer counts.
    fn copy(&self, journal: &Journal<'a, F>, place: usize) -> io::Result<Journal<'a, F>> {
        let bytes = journal.bytes()?;
        let copy = self.empty(place, &journal.name)?;
        let copied = self.fs.append(&copy.log, &bytes).and_then(|()| self.fs.sync_log(&copy.log));
        match copied {
            Ok(()) => Ok(Journal { end: bytes.len() as u64, ..copy }),
            Err(e) => {
                let _ = self.dir(place).and_then(|dir| self.fs.unlink(&dir, &journal.name));
                Err(e)
            }
        }
    }

    /// Drops the journal of an operation that came to nothing.
    pub(super) fn forget(&self, file: &[u8]) {
        for place in (0..=self.spares.len()).rev() {
            let _ = self.dir(place).and_then(|dir| self.fs.unlink(&dir, file).and_then(|()| self.fs.sync(&dir)));
        }
    }

    /// What every journal tells, the oldest first.
    pub(super) fn records(&self) -> Result<Vec<Record>> {
        let mut all: BTreeMap<String, Record> = BTreeMap::new();
        for place in 0..=self.spares.len() {
            let Ok(dir) = self.dir(place) else { continue };
            let failed = |e| Error::io("cannot read the journals", self.path(place), e);
            for name in self.journals(&dir).map_err(failed)? {
                let log = self.fs.log(&dir, &name, false).map_err(failed)?;
                let mut record = Record::read(&self.fs.read(&log).map_err(failed)?);
                record.file = String::from_utf8_lossy(&name).into_owned();
                record.lies_in = place;
                match all.get(&record.file) {
                    Some(known) if known.good >= record.good => {}
                    _ => drop(all.insert(record.file.clone(), record)),
                }
            }
        }
        let mut all: Vec<Record> = all.into_values().collect();
        all.sort_by(|a, b| (a.when, &a.id).cmp(&(b.when, &b.id)));
        Ok(all)
    }

    pub(super) fn journals(&self, dir: &F::Dir) -> io::Result<Vec<Vec<u8>>> {
        Ok(self.fs.list(dir)?.into_iter().map(|(name, _)| name).filter(|name| name.ends_with(TAIL)).collect())
    }
}
