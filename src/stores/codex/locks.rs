//! Whether a session is being written: Codex keeps `thread-writer-locks/<thread>.lock` locked all the while, and a kill
//! leaves the file behind without the lock. So the lock is tried, not the file looked at.

use std::fs::{File, TryLockError};
use std::io;

/// Why the session with this lock counts as being written; `None` where nobody holds the lock. It is tried for a moment, so
/// that at worst a Codex that starts in that moment is told to try again.
pub fn held(opened: io::Result<File>) -> Option<String> {
    let file = match opened {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return None,
        Err(e) => return Some(format!("its lock cannot be read, so whether it is being written cannot be told: {e}")),
    };
    match file.try_lock_shared() {
        Ok(()) => {
            let _ = file.unlock();
            None
        }
        Err(TryLockError::WouldBlock) => Some("Codex writes it (its lock is held)".into()),
        Err(TryLockError::Error(e)) => Some(format!("whether its lock is held cannot be told: {e}")),
    }
}
