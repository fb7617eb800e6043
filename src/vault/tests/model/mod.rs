//! A file system in memory that forgets in a power cut what was not synced.

pub mod cuts;
pub mod disk;
pub mod tree;

use crate::model::Facts;
use crate::vault::fs::Fs;
use disk::{Change, Disk};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::panic::Location;
use std::path::{Path, PathBuf};
use tree::What;

/// Where in the vault a sync is asked for.
pub type Site = (&'static str, u32, u32);

/// What happens to the disk from outside, right before a thing with this name is moved for the first time.
pub type Meddling<'a> = (&'a [u8], &'a dyn Fn(&mut Disk));

/// The file system.
pub struct Model<'a> {
    pub disk: RefCell<Disk>,
    /// The disk before the first step and after each, where it changed or something was made to last.
    pub film: RefCell<Vec<Disk>>,
    pub filming: bool,
    /// The one sync that does nothing.
    pub off: Option<Site>,
    /// Every sync that was asked for.
    pub sites: RefCell<BTreeSet<Site>>,
    /// This sync, counted from 0, fails, and nothing was made to last.
    pub failing_sync: Option<u64>,
    syncs: Cell<u64>,
    pub meddling: Cell<Option<Meddling<'a>>>,
}

impl Model<'_> {
    pub fn new(disk: Disk) -> Self {
        Self {
            film: RefCell::new(Vec::new()),
            filming: false,
            off: None,
            sites: RefCell::default(),
            failing_sync: None,
            syncs: Cell::new(0),
            meddling: Cell::new(None),
            disk: RefCell::new(disk),
        }
    }

    /// Every step of what follows is kept.
    pub fn filmed(self) -> Self {
        let first = self.disk.borrow().clone();
        Self { filming: true, film: RefCell::new(vec![first]), ..self }
    }

    fn shoot(&self) {
        if self.filming {
            self.film.borrow_mut().push(self.disk.borrow().clone());
        }
    }

    /// Whether the failing sync was reached.
    pub fn failed(&self) -> bool {
        self.failing_sync.is_some_and(|at| self.syncs.get() > at)
    }

    fn change<T>(&self, change: impl FnOnce(&mut Disk) -> io::Result<T>) -> io::Result<T> {
        let done = change(&mut self.disk.borrow_mut());
        if done.is_ok() {
            self.shoot();
        }
        done
    }

    fn synced(&self, site: &Location<'static>, sync: impl FnOnce(&mut Disk)) -> io::Result<()> {
        let site = (site.file(), site.line(), site.column());
        self.sites.borrow_mut().insert(site);
        let at = self.syncs.replace(self.syncs.get() + 1);
        if self.failing_sync == Some(at) {
            return Err(io::Error::other("the disk says no"));
        }
        if self.off != Some(site) {
            sync(&mut self.disk.borrow_mut());
            self.shoot();
        }
        Ok(())
    }

    fn see<T>(&self, see: impl FnOnce(&Disk) -> io::Result<T>) -> io::Result<T> {
        see(&self.disk.borrow())
    }
}

impl Fs for Model<'_> {
    type Dir = u64;
    type Log = u64;

    fn top(&self, path: &Path) -> io::Result<u64> {
        self.see(|disk| {
            let ino = disk.seen.find(path)?;
            disk.seen.names(ino).map(|_| ino)
        })
    }
    fn root(&self, path: &Path) -> io::Result<(PathBuf, u64)> {
        self.top(path).map(|top| (path.to_path_buf(), top))
    }
    fn folder(&self, dir: &u64, name: &[u8]) -> io::Result<u64> {
        if name == b"." {
            return Ok(*dir);
        }
        self.see(|disk| {
            let ino = disk.seen.at(*dir, name)?;
            disk.seen.names(ino).map(|_| ino)
        })
    }
    fn up(&self, dir: &u64) -> io::Result<u64> {
        self.see(|disk| disk.seen.above(*dir))
    }
    fn facts(&self, dir: &u64, name: &[u8]) -> io::Result<Facts> {
        self.see(|disk| disk.seen.facts(disk.seen.at(*dir, name)?))
    }
    fn own(&self, dir: &u64) -> io::Result<Facts> {
        self.see(|disk| disk.seen.facts(*dir))
    }
    fn mode(&self, dir: &u64) -> io::Result<u32> {
        self.see(|disk| Ok(disk.seen.node(*dir)?.mode))
    }
    fn private(&self, _: &Self::Dir) -> io::Result<bool> {
        Ok(true)
    }
    fn list(&self, dir: &u64) -> io::Result<Vec<(Vec<u8>, Facts)>> {
        self.see(|disk| disk.seen.names(*dir)?.iter().map(|(name, ino)| Ok((name.clone(), disk.seen.facts(*ino)?))).collect())
    }
    fn make(&self, dir: &u64, name: &[u8], mode: u32) -> io::Result<()> {
        self.change(|disk| disk.make(*dir, name, &What::Dir(BTreeMap::new()), mode).map(|_| ()))
    }
    #[track_caller]
    fn make_all(&self, path: &Path) -> io::Result<Vec<PathBuf>> {
        let site = Location::caller();
        let mut missing: Vec<PathBuf> =
            path.ancestors().take_while(|p| self.disk.borrow().seen.find(p).is_err()).map(Path::to_path_buf).collect();
        missing.reverse();
        for folder in &missing {
            let (above, name) = (folder.parent().unwrap_or(folder), folder.file_name().unwrap_or_default());
            let above = self.top(above)?;
            self.make(&above, &crate::model::to_bytes(name), 0o700)?;
            self.synced(site, |disk| disk.sync_folder(above))?;
        }
        Ok(missing)
    }
    fn touch(&self, dir: &u64, name: &[u8]) -> io::Result<()> {
        self.change(|disk| disk.make(*dir, name, &What::File(Vec::new()), 0o600).map(|_| ()))
    }
    fn rename(&self, from: &u64, name: &[u8], to: &u64, as_name: &[u8]) -> io::Result<()> {
        if let Some((_, meddle)) = self.meddling.get().filter(|(before, _)| *before == name) {
            self.meddling.set(None);
            self.disk.borrow_mut().lasting(meddle);
            self.shoot();
        }
        self.change(|disk| disk.rename(*from, name, *to, as_name))
    }
    fn unlink(&self, dir: &u64, name: &[u8]) -> io::Result<()> {
        self.change(|disk| match disk.seen.names(disk.seen.at(*dir, name)?) {
            Ok(_) => Err(io::ErrorKind::IsADirectory.into()),
            Err(_) => disk.remove(*dir, name),
        })
    }
    fn rmdir(&self, dir: &u64, name: &[u8]) -> io::Result<()> {
        self.change(|disk| {
            disk.seen.names(disk.seen.at(*dir, name)?)?;
            disk.remove(*dir, name)
        })
    }
    fn unlock(&self, dir: &u64, name: &[u8]) -> io::Result<()> {
        self.see(|disk| disk.seen.at(*dir, name).map(|_| ()))
    }
    fn set_time(&self, dir: &u64, mtime_ns: i64) -> io::Result<()> {
        self.change(|disk| {
            disk.does(Change::Time { of: *dir, mtime: mtime_ns });
            Ok(())
        })
    }
    #[track_caller]
    fn sync(&self, dir: &u64) -> io::Result<()> {
        self.synced(Location::caller(), |disk| disk.sync_folder(*dir))
    }
    fn mounts(&self) -> Vec<PathBuf> {
        Vec::new()
    }
    fn log(&self, dir: &u64, name: &[u8], new: bool) -> io::Result<u64> {
        if new {
            return self.change(|disk| disk.make(*dir, name, &What::File(Vec::new()), 0o600));
        }
        self.see(|disk| disk.seen.at(*dir, name))
    }
    fn read(&self, log: &u64) -> io::Result<Vec<u8>> {
        self.see(|disk| match &disk.seen.node(*log)?.what {
            What::File(bytes) => Ok(bytes.clone()),
            What::Dir(_) => Err(io::ErrorKind::InvalidInput.into()),
        })
    }
    fn append(&self, log: &u64, bytes: &[u8]) -> io::Result<()> {
        let at = self.read(log)?.len();
        self.change(|disk| {
            disk.does(Change::Write { to: *log, at, bytes: bytes.to_vec() });
            Ok(())
        })
    }
    fn reserve(&self, _: &u64, _: u64) -> io::Result<()> {
        Ok(())
    }
    #[track_caller]
    fn sync_log(&self, log: &u64) -> io::Result<()> {
        self.synced(Location::caller(), |disk| disk.sync_file(*log))
    }
    fn cut(&self, log: &u64, length: u64) -> io::Result<()> {
        let length = usize::try_from(length).map_err(io::Error::other)?;
        self.change(|disk| {
            disk.does(Change::Length { of: *log, length });
            Ok(())
        })
    }
}
