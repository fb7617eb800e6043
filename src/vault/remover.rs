//! Removes what is in the vault for good: never through a link, never onto another file system, however deep.

use super::descend::{Visit, descend};
use super::fs::Fs;
use crate::model::{Facts, Kind, shown_name};
use std::io;

/// Removes a folder of ours with everything in it. What cannot be removed stays, and is told of; the rest goes.
pub(super) fn remove<F: Fs>(fs: &F, dir: &F::Dir, name: &[u8]) -> Vec<String> {
    let mut remover = Remover { failed: Vec::new() };
    let done = remover.enter(fs, dir, name).and_then(|top| descend(fs, top, &mut remover));
    let done = done.and_then(|()| if remover.failed.is_empty() { fs.rmdir(dir, name) } else { Ok(()) });
    remover.note(name, done);
    remover.failed
}

struct Remover {
    failed: Vec<String>,
}

impl Remover {
    fn note(&mut self, name: &[u8], done: io::Result<()>) {
        if let Err(e) = done {
            self.failed.push(format!("{}: {e}", shown_name(&crate::model::from_bytes(name))));
        }
    }
}

impl<F: Fs> Visit<F> for Remover {
    fn name(&mut self, fs: &F, dir: &F::Dir, name: &[u8], facts: &Facts, _: usize) -> io::Result<()> {
        if facts.kind != Kind::Dir {
            let done = fs.unlink(dir, name);
            self.note(name, done);
        }
        Ok(())
    }

    fn enter(&mut self, fs: &F, dir: &F::Dir, name: &[u8]) -> io::Result<F::Dir> {
        match fs.folder(dir, name) {
            Ok(open) if fs.mode(&open)? & 0o700 == 0o700 => Ok(open),
            Ok(_) => fs.unlock(dir, name).and_then(|()| fs.folder(dir, name)),
            Err(e) if e.kind() == io::ErrorKind::PermissionDenied => fs.unlock(dir, name).and_then(|()| fs.folder(dir, name)),
            Err(e) => Err(e),
        }
    }

    fn leave(&mut self, fs: &F, dir: &F::Dir, name: &[u8]) -> io::Result<()> {
        match fs.rmdir(dir, name) {
            // Something in it stayed and is told of already.
            Err(e) if e.kind() == io::ErrorKind::DirectoryNotEmpty && !self.failed.is_empty() => {}
            done => self.note(name, done),
        }
        Ok(())
    }

    fn mount(&mut self) -> io::Result<()> {
        self.failed.push("another file system is mounted in it".into());
        Ok(())
    }
}
