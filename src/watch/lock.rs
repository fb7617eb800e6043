//! One watch at a time. The system lets go of the lock when the process ends, however it ends.

use crate::error::{Error, Result};
use crate::world::World;
use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::PathBuf;

/// Held while a watch runs.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "it is the open file that holds the lock")] File);

/// Takes the lock; `Err(who)` says who has it (`process 12`).
pub fn take(world: &World) -> Result<std::result::Result<Lock, String>> {
    let path = path(world);
    std::fs::create_dir_all(&world.state_dir).map_err(|e| Error::io("cannot make the state folder", &world.state_dir, e))?;
    let mut file = open(&path, true).map_err(|e| Error::io("cannot open the lock of `watch`", &path, e))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(Err(holder(&mut file))),
        Err(TryLockError::Error(e)) => return Err(Error::io("cannot take the lock of `watch`", &path, e)),
    }
    let told = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| writeln!(file, "{}", std::process::id()));
    told.map_err(|e| Error::io("cannot write the lock of `watch`", &path, e))?;
    Ok(Ok(Lock(file)))
}

/// Who watches now (`process 12`).
pub fn who(world: &World) -> Option<String> {
    let mut file = open(&path(world), false).ok()?;
    matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)).then(|| holder(&mut file))
}

fn open(path: &PathBuf, create: bool) -> std::io::Result<File> {
    let mut how = File::options();
    how.read(true).write(true).create(create).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut how, 0o600);
    how.open(path)
}

fn holder(file: &mut File) -> String {
    let mut text = String::new();
    // On Windows what is locked cannot be read.
    let _ = file.rewind().and_then(|()| file.take(32).read_to_string(&mut text));
    text.trim().parse::<u32>().map_or_else(|_| "another process".to_owned(), |pid| format!("process {pid}"))
}

fn path(world: &World) -> PathBuf {
    world.state_dir.join("watch.lock")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_watch_keeps_another_out_until_it_ends_and_what_a_dead_one_left_blocks_nobody() {
        let home = tempfile::tempdir().unwrap();
        let world = World::at(home.path(), std::collections::BTreeMap::new());
        assert_eq!(who(&world), None);
        let first = take(&world).unwrap().unwrap();
        let told = take(&world).unwrap().unwrap_err();
        assert_eq!(who(&world).as_deref(), Some(&*told));
        assert!(cfg!(windows) || told == format!("process {}", std::process::id()), "{told}");
        drop(first);
        assert_eq!(who(&world), None);
        assert!(std::fs::read_to_string(path(&world)).unwrap().trim().parse::<u32>().is_ok());
        assert!(take(&world).unwrap().is_ok());
    }
}
