//! Journals that had no room at home go back there as soon as there is some.

use super::fs::Fs;
use super::journal::to_come;
use super::operation::Record;
use super::state::State;
use super::turn::LOCK;
use crate::model::shown;
use std::io;

impl<F: Fs> State<'_, F> {
    /// Brings home what there is room for. The turn must be held.
    pub(super) fn bring_home(&self) {
        for (place, spare) in (1..).zip(self.spares()) {
            let Ok(dir) = spare.open(self.fs) else { continue };
            let Ok(names) = self.journals(&dir) else { continue };
            let left = names.iter().filter(|name| self.bring(place, name).is_err()).count();
            if left == 0 && self.home().join(LOCK).exists() {
                // Everybody who comes by now takes the lock at home.
                let _ = self.fs.unlink(&dir, LOCK.as_bytes());
                spare.tidy(self.fs);
            }
        }
    }

    /// Copies one journal home, makes the copy last, and only then drops the one in the spare folder.
    fn bring(&self, place: usize, name: &[u8]) -> io::Result<()> {
        let (from, to) = (self.dir(place)?, self.make_home().and_then(|()| self.dir(0))?);
        let mut bytes = self.fs.read(&self.fs.log(&from, name, false)?)?;
        let record = Record::read(&bytes);
        bytes.truncate(usize::try_from(record.good).unwrap_or_default());
        let new = self.fs.facts(&to, name).is_err_and(|e| e.kind() == io::ErrorKind::NotFound);
        let log = self.fs.log(&to, name, new)?;
        let there = self.fs.read(&log)?;
        // Of an older copy the whole lines count; it is the longer one only where the dropping was interrupted.
        if Record::read(&there).good < record.good {
            let same = if bytes.starts_with(&there) { there.len() } else { 0 };
            let added = || {
                self.fs.cut(&log, same as u64)?;
                self.fs.append(&log, bytes.get(same..).unwrap_or_default())?;
                self.fs.reserve(&log, to_come(record.intents.len() as u64, record.folders.len() as u64))?;
                self.fs.sync_log(&log)?;
                self.fs.sync(&to)
            };
            if let Err(e) = added() {
                let _ = if new { self.fs.unlink(&to, name) } else { self.fs.cut(&log, same as u64) };
                return Err(e);
            }
        }
        self.fs.unlink(&from, name)?;
        self.fs.sync(&from)
    }

    /// A sentence about a journal that could not come home.
    pub(super) fn away(&self, file: &str) -> Option<String> {
        let spare = self.spares().iter().find(|s| s.open(self.fs).is_ok_and(|dir| self.fs.facts(&dir, file.as_bytes()).is_ok()))?;
        let place = shown(&spare.path());
        let fleeting = if spare.is_fleeting() {
            ". That folder does not survive a restart of the computer: make some room and start lifeboat once more before, or purge"
        } else {
            ""
        };
        Some(format!("the disk is full, so the journal of this operation is in {place}; it comes home when there is room{fleeting}"))
    }
}
