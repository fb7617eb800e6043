//! The lock that makes two lifeboats take turns.

use super::fs::Fs;
use super::reserve::is_full;
use super::state::State;
use crate::error::{Error, Result};
use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::time::Duration;

/// Held while a deed is done; the system lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub(super) struct Turn(#[expect(dead_code, reason = "it is the open files that hold the locks")] Vec<File>);

/// The name of the lock in each folder that journals may lie in.
pub(super) const LOCK: &str = "lock";

/// A program that is just being started may hold a lock of ours for a moment, until it is itself.
const MOMENT: Duration = Duration::from_millis(5);
const MOMENTS: u32 = 40;

impl<F: Fs> State<'_, F> {
    /// Waits until no other lifeboat is at work.
    pub(super) fn turn(&self) -> Result<Turn> {
        loop {
            if let Some(turn) = self.take(|lock| lock.lock().map(|()| true))? {
                return Ok(turn);
            }
        }
    }

    /// Takes the lock if no other lifeboat is at work.
    pub(super) fn turn_if_free(&self) -> Result<Option<Turn>> {
        for _ in 0..MOMENTS {
            let turn = self.take(|lock| match lock.try_lock() {
                Ok(()) => Ok(true),
                Err(TryLockError::WouldBlock) => Ok(false),
                Err(TryLockError::Error(e)) => Err(e),
            })?;
            if turn.is_some() {
                return Ok(turn);
            }
            std::thread::sleep(MOMENT);
        }
        Ok(None)
    }

    /// The lock at home, and that of each spare folder there is. Where home cannot be made because the disk is full, a
    /// spare folder is; whoever can make home by then finds it. `None`: not all could be had at once.
    fn take(&self, hold: impl Fn(&File) -> io::Result<bool>) -> Result<Option<Turn>> {
        let failed = |e| Error::io("cannot take the lock", self.home().join(LOCK), e);
        let mut held = Vec::new();
        let homeless = match self.with_room(|| self.make_home().and_then(|()| open(self.home()))) {
            Ok(lock) if hold(&lock).map_err(failed)? => {
                held.push(lock);
                None
            }
            Ok(_) => return Ok(None),
            Err(e) if is_full(&e) => Some(e),
            Err(e) => {
                let hint = "LIFEBOAT_STATE_DIR can name another.";
                return Err(Error::io("cannot make the folder for journals", self.home(), e).hint(hint));
            }
        };
        for spare in self.spares() {
            let there = if held.is_empty() { spare.make(self.fs) } else { spare.open(self.fs) };
            // Where a lock cannot be opened, nobody holds it.
            let Some(lock) = there.and_then(|_| open(&spare.path())).ok() else { continue };
            if !hold(&lock).map_err(failed)? {
                return Ok(None);
            }
            held.push(lock);
        }
        match homeless {
            Some(e) if held.is_empty() => Err(Error::io("cannot make the folder for journals", self.home(), e).hint(super::state::FULL)),
            // Another found room at home in the meantime: from the beginning, in the same order as everybody.
            Some(_) if self.home().join(LOCK).exists() => Ok(None),
            _ => Ok(Some(Turn(held))),
        }
    }
}

fn open(folder: &Path) -> io::Result<File> {
    let mut how = File::options();
    how.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut how, 0o600);
    how.open(folder.join(LOCK))
}
