//! Two lifeboats that export take turns, a session each: one may keep watch while another is called by hand.

use crate::model::Watch;
use crate::world::World;
use std::fs::{File, TryLockError};
use std::time::Duration;

/// Between two looks whether it is our turn.
const MOMENT: Duration = Duration::from_millis(50);

/// Held while a session is exported; the system lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub struct Turn(#[expect(dead_code, reason = "it is the open file that holds the lock")] Option<File>);

/// Waits until no other lifeboat exports; `None`: stopped before that.
pub fn take(world: &World, watch: &dyn Watch) -> Option<Turn> {
    let mut how = File::options();
    how.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut how, 0o600);
    let _ = std::fs::create_dir_all(&world.state_dir);
    // Where no lock can be had, nobody else has it either.
    let Ok(lock) = how.open(world.state_dir.join("export.lock")) else { return Some(Turn(None)) };
    loop {
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) if watch.stopped() => return None,
            Err(TryLockError::WouldBlock) => std::thread::sleep(MOMENT),
            Ok(()) | Err(TryLockError::Error(_)) => return Some(Turn(Some(lock))),
        }
    }
}
