//! A walk of a whole folder that never follows a link, never crosses to another disk, and holds few folders open
//! however deep it goes.

use super::fs::Fs;
use crate::model::{Facts, Kind};
use std::io;

/// What is done on the way.
pub(super) trait Visit<F: Fs> {
    /// A name was found, before anything below it; names of a folder come in the order of their bytes.
    fn name(&mut self, fs: &F, dir: &F::Dir, name: &[u8], facts: &Facts, depth: usize) -> io::Result<()>;
    /// Opens a folder to go into.
    fn enter(&mut self, fs: &F, dir: &F::Dir, name: &[u8]) -> io::Result<F::Dir> {
        fs.folder(dir, name)
    }
    /// Everything below a folder was visited.
    fn leave(&mut self, _fs: &F, _dir: &F::Dir, _name: &[u8]) -> io::Result<()> {
        Ok(())
    }
    /// A mount was met; an error ends the walk, anything else passes over it.
    fn mount(&mut self) -> io::Result<()> {
        Err(io::Error::new(io::ErrorKind::CrossesDevices, "another file system is mounted in it"))
    }
}

/// Folders held open at most; those above are opened again through `..` and compared.
const OPEN: usize = 64;

struct Level<D> {
    dir: Option<D>,
    device: u64,
    inode: u64,
    /// Its name in the level above.
    name: Vec<u8>,
    left: std::vec::IntoIter<(Vec<u8>, Facts)>,
}

impl<D> Level<D> {
    fn new<F: Fs<Dir = D>>(fs: &F, dir: D, own: &Facts, name: Vec<u8>) -> io::Result<Self> {
        let mut names = fs.list(&dir)?;
        names.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        Ok(Self { dir: Some(dir), device: own.dev, inode: own.ino, name, left: names.into_iter() })
    }
}

/// Walks everything below `top`.
pub(super) fn descend<F: Fs>(fs: &F, top: F::Dir, visit: &mut dyn Visit<F>) -> io::Result<()> {
    let own = fs.own(&top)?;
    let mut levels = vec![Level::new(fs, top, &own, Vec::new())?];
    loop {
        let depth = levels.len();
        let Some(level) = levels.last_mut() else { return Ok(()) };
        let Some(dir) = &level.dir else { return Err(gone()) };
        if let Some((name, facts)) = level.left.next() {
            visit.name(fs, dir, &name, &facts, depth)?;
            if facts.kind == Kind::Dir {
                if facts.dev != level.device {
                    visit.mount()?;
                    continue;
                }
                let below = match visit.enter(fs, dir, &name) {
                    // A bind mount has the device of the disk it shows.
                    Err(e) if e.kind() == io::ErrorKind::CrossesDevices => {
                        visit.mount()?;
                        continue;
                    }
                    opened => opened?,
                };
                let own = fs.own(&below)?;
                if own.dev != level.device {
                    visit.mount()?;
                    continue;
                }
                let below = Level::new(fs, below, &own, name)?;
                if let Some(far) = depth.checked_sub(OPEN).and_then(|at| levels.get_mut(at)) {
                    far.dir = None;
                }
                levels.push(below);
            }
        } else if let Some(mut done) = levels.pop() {
            let Some(above) = levels.last_mut() else { return Ok(()) };
            if above.dir.is_none() {
                let again = fs.up(done.dir.as_ref().ok_or_else(gone)?)?;
                let own = fs.own(&again)?;
                if (own.dev, own.ino) != (above.device, above.inode) {
                    return Err(gone());
                }
                above.dir = Some(again);
            }
            // Where a folder in hand is kept in its place, it must be let go of before it can be removed.
            done.dir = None;
            if let Some(dir) = &above.dir {
                visit.leave(fs, dir, &done.name)?;
            }
        }
    }
}

fn gone() -> io::Error {
    io::Error::other("a folder was moved while it was read")
}
