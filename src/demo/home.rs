//! Writes files with times, and sets the times of folders last.

use super::Shape;
use crate::error::{Error, Result};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Seconds of a day.
pub(super) const DAY: i64 = 86_400;

/// A sample home while it is made.
pub(super) struct Home {
    /// Where it is.
    pub(super) root: PathBuf,
    /// Bulk files in each plugin copy.
    pub(super) bulk: usize,
    now: Timestamp,
    /// The time of everything made, by path; folders get the newest of what is in them.
    times: BTreeMap<PathBuf, Timestamp>,
    /// Names whose time is another name's, or is set already: counted for their folder, not set.
    shared: Vec<PathBuf>,
}

impl Home {
    pub(super) fn new(root: &Path, shape: &Shape) -> Self {
        Self { root: root.to_path_buf(), bulk: shape.bulk, now: shape.now, times: BTreeMap::new(), shared: Vec::new() }
    }

    /// The moment so many seconds before now, on a whole second.
    pub(super) fn ago(&self, seconds: i64) -> Timestamp {
        let at = self.now.as_second().saturating_sub(seconds);
        Timestamp::from_second(at).unwrap_or(self.now)
    }

    /// Writes a file.
    pub(super) fn put(&mut self, path: &Path, bytes: &[u8], when: Timestamp) -> Result<()> {
        self.parent(path)?;
        fs::write(path, bytes).map_err(|e| cannot(path, e))?;
        self.times.insert(path.to_path_buf(), when);
        Ok(())
    }

    /// Writes a file and sets its time at once: one that counts as edited where the system saw it change long after it came to
    /// be, however busy the machine is.
    pub(super) fn put_at_once(&mut self, path: &Path, bytes: &[u8], when: Timestamp) -> Result<()> {
        self.put(path, bytes, when)?;
        set_time(path, when).map_err(|e| cannot(path, e))?;
        self.shared.push(path.to_path_buf());
        Ok(())
    }

    /// Writes a file of a size that takes next to no disk: a few bytes, then a hole.
    pub(super) fn sparse(&mut self, path: &Path, head: &[u8], size: u64, when: Timestamp) -> Result<()> {
        self.put(path, head, when)?;
        let file = fs::OpenOptions::new().write(true).open(path).map_err(|e| cannot(path, e))?;
        // NTFS gives a plain file all its room at once, so there everything is a hundredth of its size.
        file.set_len(if cfg!(windows) { size / 100 } else { size }).map_err(|e| cannot(path, e))
    }

    /// Makes a folder, which may stay empty.
    pub(super) fn folder(&mut self, path: &Path, when: Timestamp) -> Result<()> {
        fs::create_dir_all(path).map_err(|e| cannot(path, e))?;
        self.times.insert(path.to_path_buf(), when);
        Ok(())
    }

    /// Makes a symbolic link; where the platform does not let everybody make one, does nothing.
    pub(super) fn link(&mut self, path: &Path, target: &Path, when: Timestamp) -> Result<()> {
        self.parent(path)?;
        let made = symlink(target, path).map_err(|e| cannot(path, e))?;
        // Where none was made, its folder has its time all the same.
        let timed = if made { path } else { path.parent().unwrap_or(&self.root) };
        self.times.entry(timed.to_path_buf()).or_insert(when);
        Ok(())
    }

    /// Gives a file a second name; its time stays the first name's.
    pub(super) fn hard(&mut self, path: &Path, original: &Path) -> Result<()> {
        self.parent(path)?;
        fs::hard_link(original, path).map_err(|e| cannot(path, e))?;
        let when = self.times.get(original).copied().unwrap_or(self.now);
        self.times.insert(path.to_path_buf(), when);
        self.shared.push(path.to_path_buf());
        Ok(())
    }

    fn parent(&self, path: &Path) -> Result<()> {
        let parent = path.parent().unwrap_or(&self.root);
        fs::create_dir_all(parent).map_err(|e| cannot(parent, e))
    }

    /// Sets every time, the deepest first, so that no folder is touched after its own is set.
    pub(super) fn finish(self) -> Result<()> {
        let mut all = self.times.clone();
        for (path, when) in &self.times {
            for folder in path.ancestors().skip(1).take_while(|f| f.starts_with(&self.root)) {
                let newest = all.entry(folder.to_path_buf()).or_insert(*when);
                *newest = (*newest).max(*when);
            }
        }
        let mut order: Vec<(&PathBuf, &Timestamp)> = all.iter().collect();
        order.sort_by_key(|(path, _)| std::cmp::Reverse(path.components().count()));
        for (path, when) in order {
            if !self.shared.contains(path) {
                set_time(path, *when).map_err(|e| cannot(path, e))?;
            }
        }
        Ok(())
    }
}

/// A moment some seconds after another.
pub(super) fn after(when: Timestamp, seconds: i64) -> Timestamp {
    when.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(when)
}

fn cannot(path: &Path, e: io::Error) -> Error {
    Error::io("cannot make the sample home", path, e).hint("give a folder you can write to with --dir")
}

#[cfg(unix)]
fn symlink(target: &Path, path: &Path) -> io::Result<bool> {
    std::os::unix::fs::symlink(target, path).map(|()| true)
}

#[cfg(windows)]
fn symlink(target: &Path, path: &Path) -> io::Result<bool> {
    // Without developer mode only administrators may make links; the sample home does without them then.
    // Wine says yes and makes none, so look.
    Ok(std::os::windows::fs::symlink_file(target, path).is_ok() && fs::symlink_metadata(path).is_ok())
}

#[cfg(unix)]
fn set_time(path: &Path, when: Timestamp) -> io::Result<()> {
    use rustix::fs::{AtFlags, CWD, Timespec, Timestamps, utimensat};
    let time = Timespec { tv_sec: when.as_second() as _, tv_nsec: when.subsec_nanosecond().into() };
    utimensat(CWD, path, &Timestamps { last_access: time, last_modification: time }, AtFlags::SYMLINK_NOFOLLOW)?;
    Ok(())
}

#[cfg(windows)]
fn set_time(path: &Path, when: Timestamp) -> io::Result<()> {
    use std::os::windows::fs::OpenOptionsExt;
    // FILE_WRITE_ATTRIBUTES; FILE_FLAG_BACKUP_SEMANTICS opens folders, FILE_FLAG_OPEN_REPARSE_POINT links themselves.
    let file = fs::OpenOptions::new().access_mode(0x100).custom_flags(0x0200_0000 | 0x0020_0000).open(path)?;
    let time = std::time::SystemTime::from(when);
    file.set_times(fs::FileTimes::new().set_modified(time).set_accessed(time))
}
