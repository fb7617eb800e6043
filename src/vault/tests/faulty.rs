//! A disk that fails, or dies, at a chosen step.

use crate::model::Facts;
use crate::platform::Folder;
use crate::vault::fs::Fs;
use crate::vault::real::Real;
use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// What goes wrong.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fault {
    /// From this change of the disk on nothing happens any more; a journal line it falls into is torn.
    DiesAt(u64),
    /// This one operation, reading ones included, fails with this error number.
    #[cfg_attr(windows, expect(dead_code, reason = "the error numbers are those of Unix"))]
    FailsAt(u64, i32),
    /// In a folder without every right for its owner nothing can be removed, as for anybody but root.
    #[cfg_attr(windows, expect(dead_code, reason = "there are no such rights"))]
    Locks,
    /// Nothing.
    None,
    /// A file system is mounted here.
    Mounted,
}

/// Something that happens before an operation, counted from 0.
pub(super) type Attack = (u64, Box<dyn FnOnce()>);

/// The disk itself, but for the fault. Syncs only count: what they are for is not seen without a power cut.
pub(super) struct Faulty {
    pub fault: Fault,
    changes: Cell<u64>,
    operations: Cell<u64>,
    dead: Cell<bool>,
    pub mounted: PathBuf,
    pub hit: RefCell<&'static str>,
    /// Something happens before this operation, reading ones included.
    pub attack: RefCell<Option<Attack>>,
}

impl Faulty {
    /// A disk without a fault, and without the time that syncs take.
    pub(super) fn calm() -> Self {
        Self::new(Fault::None)
    }

    pub(super) fn new(fault: Fault) -> Self {
        Self {
            fault,
            changes: Cell::new(0),
            operations: Cell::new(0),
            dead: Cell::new(false),
            mounted: PathBuf::new(),
            hit: RefCell::new(""),
            attack: RefCell::new(None),
        }
    }

    /// How many operations there were.
    pub(super) fn operations(&self) -> u64 {
        self.operations.get()
    }

    fn any(&self, name: &'static str) -> io::Result<()> {
        let at = self.operations.replace(self.operations.get() + 1);
        if let Some((_, attack)) = self.attack.borrow_mut().take_if(|(when, _)| *when == at) {
            attack();
        }
        match self.fault {
            Fault::FailsAt(n, code) if at == n => {
                *self.hit.borrow_mut() = name;
                Err(io::Error::from_raw_os_error(code))
            }
            _ if self.dead.get() => Err(io::Error::other("dead")),
            _ => Ok(()),
        }
    }

    fn locked(&self, dir: &Folder) -> io::Result<()> {
        let locks = matches!(self.fault, Fault::Locks);
        if locks && Real.mode(dir)? & 0o700 != 0o700 { Err(io::ErrorKind::PermissionDenied.into()) } else { Ok(()) }
    }

    fn change(&self, name: &'static str) -> io::Result<()> {
        self.any(name)?;
        let at = self.changes.replace(self.changes.get() + 1);
        match self.fault {
            Fault::DiesAt(n) if at >= n => {
                *self.hit.borrow_mut() = name;
                self.dead.set(true);
                Err(io::Error::other("dead"))
            }
            _ => Ok(()),
        }
    }
}

impl Fs for Faulty {
    type Dir = Folder;
    type Log = File;

    fn top(&self, path: &Path) -> io::Result<Folder> {
        self.any("top")?;
        Real.top(path)
    }
    fn root(&self, path: &Path) -> io::Result<(PathBuf, Folder)> {
        self.any("root")?;
        Real.root(path)
    }
    fn down(&self, top: &Folder, path: &Path) -> io::Result<Folder> {
        self.any("down")?;
        Real.down(top, path)
    }
    fn folder(&self, dir: &Folder, name: &[u8]) -> io::Result<Folder> {
        self.any("folder")?;
        Real.folder(dir, name)
    }
    fn up(&self, dir: &Folder) -> io::Result<Folder> {
        self.any("up")?;
        Real.up(dir)
    }
    fn facts(&self, dir: &Folder, name: &[u8]) -> io::Result<Facts> {
        self.any("facts")?;
        Real.facts(dir, name)
    }
    fn own(&self, dir: &Folder) -> io::Result<Facts> {
        self.any("own")?;
        Real.own(dir)
    }
    fn mode(&self, dir: &Folder) -> io::Result<u32> {
        self.any("mode")?;
        Real.mode(dir)
    }
    fn private(&self, dir: &Folder) -> io::Result<bool> {
        self.any("private")?;
        Real.private(dir)
    }
    fn list(&self, dir: &Folder) -> io::Result<Vec<(Vec<u8>, Facts)>> {
        self.any("list")?;
        Real.list(dir)
    }
    fn make(&self, dir: &Folder, name: &[u8], mode: u32) -> io::Result<()> {
        self.change("make")?;
        Real.make(dir, name, mode)
    }
    fn make_all(&self, path: &Path) -> io::Result<Vec<PathBuf>> {
        self.change("make_all")?;
        let mut missing: Vec<PathBuf> = path.ancestors().take_while(|p| !p.exists()).map(Path::to_path_buf).collect();
        missing.reverse();
        for folder in &missing {
            match std::fs::create_dir(folder) {
                // Another of the two at once made it in this moment.
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
                made => made?,
            }
        }
        Ok(missing)
    }
    fn touch(&self, dir: &Folder, name: &[u8]) -> io::Result<()> {
        self.change("touch")?;
        Real.touch(dir, name)
    }
    fn rename(&self, from: &Folder, name: &[u8], to: &Folder, as_name: &[u8]) -> io::Result<()> {
        self.change("rename")?;
        Real.rename(from, name, to, as_name)
    }
    fn unlink(&self, dir: &Folder, name: &[u8]) -> io::Result<()> {
        self.change("unlink")?;
        self.locked(dir)?;
        Real.unlink(dir, name)
    }
    fn rmdir(&self, dir: &Folder, name: &[u8]) -> io::Result<()> {
        self.change("rmdir")?;
        self.locked(dir)?;
        Real.rmdir(dir, name)
    }
    fn unlock(&self, dir: &Folder, name: &[u8]) -> io::Result<()> {
        self.change("unlock")?;
        Real.unlock(dir, name)
    }
    fn set_time(&self, dir: &Folder, mtime_ns: i64) -> io::Result<()> {
        self.change("set_time")?;
        Real.set_time(dir, mtime_ns)
    }
    fn sync(&self, _: &Folder) -> io::Result<()> {
        self.any("sync")
    }
    fn mounts(&self) -> Vec<PathBuf> {
        match self.fault {
            Fault::Mounted => vec![self.mounted.clone()],
            _ => Vec::new(),
        }
    }
    fn log(&self, dir: &Folder, name: &[u8], new: bool) -> io::Result<File> {
        if new {
            self.change("log")?;
        } else {
            self.any("log")?;
        }
        Real.log(dir, name, new)
    }
    fn read(&self, log: &File) -> io::Result<Vec<u8>> {
        self.any("read")?;
        Real.read(log)
    }
    fn append(&self, log: &File, bytes: &[u8]) -> io::Result<()> {
        let was_dead = self.dead.get();
        let done = self.change("append");
        if done.is_err() && !was_dead {
            // A write that fails may have written some of it.
            Real.append(log, &bytes[..bytes.len() / 2])?;
        }
        done?;
        Real.append(log, bytes)
    }
    fn reserve(&self, log: &File, bytes: u64) -> io::Result<()> {
        self.change("reserve")?;
        Real.reserve(log, bytes)
    }
    fn sync_log(&self, _: &File) -> io::Result<()> {
        self.any("sync_log")
    }
    fn cut(&self, log: &File, length: u64) -> io::Result<()> {
        self.change("cut")?;
        Real.cut(log, length)
    }
}
