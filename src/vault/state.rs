//! Where journals are kept, and the lock that makes two lifeboats take turns.

use super::fs::Fs;
use super::journal::Journal;
use super::operation::Record;
use crate::error::{Error, Result};
use crate::world::World;
use std::fs::{File, TryLockError};
use std::path::PathBuf;

/// The folder of journals.
pub(super) struct State<'a, F: Fs> {
    pub fs: &'a F,
    path: PathBuf,
}

const TAIL: &[u8] = b".journal";

/// Held while a deed is done; the system lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub(super) struct Turn(#[expect(dead_code, reason = "it is the open file that holds the lock")] File);

impl<'a, F: Fs> State<'a, F> {
    /// The state of this world; nothing is made yet.
    pub(super) fn of(world: &World, fs: &'a F) -> Self {
        Self { fs, path: world.state_dir.join("operations") }
    }

    /// Waits until no other lifeboat is at work.
    pub(super) fn turn(&self) -> Result<Turn> {
        let file = self.lock_file()?;
        file.lock().map_err(|e| Error::io("cannot take the lock", self.path.join("lock"), e))?;
        Ok(Turn(file))
    }

    /// Takes the lock if no other lifeboat is at work.
    pub(super) fn turn_if_free(&self) -> Result<Option<Turn>> {
        let file = self.lock_file()?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Turn(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(e)) => Err(Error::io("cannot take the lock", self.path.join("lock"), e)),
        }
    }

    fn lock_file(&self) -> Result<File> {
        self.make()?;
        let mut how = File::options();
        how.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut how, 0o600);
        how.open(self.path.join("lock")).map_err(|e| Error::io("cannot open the lock", self.path.join("lock"), e))
    }

    fn make(&self) -> Result<()> {
        let made = self.fs.make_all(&self.path);
        made.map(|_| ())
            .map_err(|e| Error::io("cannot make the folder for journals", &self.path, e).hint("LIFEBOAT_STATE_DIR can name another."))
    }

    fn dir(&self) -> Result<F::Dir> {
        self.fs.top(&self.path).map_err(|e| Error::io("cannot open the folder of journals", &self.path, e))
    }

    fn name(id: &str) -> Vec<u8> {
        [id.as_bytes(), TAIL].concat()
    }

    /// Begins a journal.
    pub(super) fn begin(&self, id: &str) -> Result<Journal<'a, F>> {
        let dir = self.dir()?;
        let log = self.fs.log(&dir, &Self::name(id), true).and_then(|log| self.fs.sync(&dir).map(|()| log));
        log.map(|log| Journal::over(self.fs, log)).map_err(|e| Error::io("cannot begin the journal", &self.path, e))
    }

    /// Opens an operation's journal for more lines, a torn tail cut off.
    pub(super) fn reopen(&self, record: &Record) -> Result<Journal<'a, F>> {
        let failed = |e| Error::io("cannot open the journal", self.path.join(&record.file), e);
        let log = self.fs.log(&self.dir()?, record.file.as_bytes(), false).map_err(failed)?;
        if record.good < record.length {
            self.fs.cut(&log, record.good).map_err(failed)?;
        }
        Ok(Journal::over(self.fs, log))
    }

    /// Drops the journal of an operation that came to nothing.
    pub(super) fn forget(&self, id: &str) {
        self.forget_file(&format!("{id}.journal"));
    }

    /// Drops the journal with this file name.
    pub(super) fn forget_file(&self, file: &str) {
        if let Ok(dir) = self.dir() {
            let _ = self.fs.unlink(&dir, file.as_bytes());
        }
    }

    /// What every journal tells, the oldest first.
    pub(super) fn records(&self) -> Result<Vec<Record>> {
        let Ok(dir) = self.fs.top(&self.path) else { return Ok(Vec::new()) };
        let failed = |e| Error::io("cannot read the journals", &self.path, e);
        let mut all = Vec::new();
        for (name, _) in self.fs.list(&dir).map_err(failed)? {
            if name.ends_with(TAIL) {
                let log = self.fs.log(&dir, &name, false).map_err(failed)?;
                let mut record = Record::read(&self.fs.read(&log).map_err(failed)?);
                record.file = String::from_utf8_lossy(&name).into_owned();
                all.push(record);
            }
        }
        all.sort_by(|a, b| (a.when, &a.id).cmp(&(b.when, &b.id)));
        Ok(all)
    }
}
