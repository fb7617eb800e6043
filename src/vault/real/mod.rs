//! The disk itself.

#[cfg(unix)]
mod beneath;
#[cfg(unix)]
#[path = "unix.rs"]
mod imp;
#[cfg(windows)]
#[path = "windows.rs"]
mod imp;

use super::fs::Fs;
use crate::model::Facts;
use crate::platform::Folder;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// The disk itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct Real;

impl Fs for Real {
    type Dir = Folder;
    type Log = File;

    fn top(&self, path: &Path) -> io::Result<Folder> {
        imp::top(path)
    }
    fn root(&self, path: &Path) -> io::Result<(PathBuf, Folder)> {
        let real = imp::real_path(path)?;
        imp::top(&real).map(|folder| (real, folder))
    }
    fn folder(&self, dir: &Folder, name: &[u8]) -> io::Result<Folder> {
        imp::folder(dir, name)
    }
    fn down(&self, top: &Folder, path: &Path) -> io::Result<Folder> {
        imp::down(top, path)
    }
    fn up(&self, dir: &Folder) -> io::Result<Folder> {
        imp::up(dir)
    }
    fn facts(&self, dir: &Folder, name: &[u8]) -> io::Result<Facts> {
        dir.facts(name)
    }
    fn own(&self, dir: &Folder) -> io::Result<Facts> {
        dir.own_facts()
    }
    fn mode(&self, dir: &Folder) -> io::Result<u32> {
        imp::mode(dir)
    }
    fn private(&self, dir: &Folder) -> io::Result<bool> {
        imp::private(dir)
    }
    fn list(&self, dir: &Folder) -> io::Result<Vec<(Vec<u8>, Facts)>> {
        dir.list().map(|entry| entry.and_then(|e| Ok((e.name, e.facts?)))).collect()
    }
    fn make(&self, dir: &Folder, name: &[u8], mode: u32) -> io::Result<()> {
        imp::make(dir, name, mode)
    }
    #[track_caller]
    fn make_all(&self, path: &Path) -> io::Result<Vec<PathBuf>> {
        let missing: Vec<&Path> = path.ancestors().take_while(|p| std::fs::symlink_metadata(p).is_err()).collect();
        for folder in missing.iter().rev() {
            match imp::private_folder(folder) {
                // Another lifeboat made it in this moment.
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
                made => made?,
            }
            if let Some(parent) = folder.parent() {
                File::open(parent).and_then(|f| f.sync_all()).or_else(imp::no_folder_sync)?;
            }
        }
        Ok(missing.into_iter().rev().map(Path::to_path_buf).collect())
    }
    fn touch(&self, dir: &Folder, name: &[u8]) -> io::Result<()> {
        imp::log(dir, name, true).map(|_| ())
    }
    fn rename(&self, from: &Folder, name: &[u8], to: &Folder, as_name: &[u8]) -> io::Result<()> {
        imp::rename(from, name, to, as_name)
    }
    fn unlink(&self, dir: &Folder, name: &[u8]) -> io::Result<()> {
        imp::unlink(dir, name)
    }
    fn rmdir(&self, dir: &Folder, name: &[u8]) -> io::Result<()> {
        imp::rmdir(dir, name)
    }
    fn unlock(&self, dir: &Folder, name: &[u8]) -> io::Result<()> {
        imp::unlock(dir, name)
    }
    fn set_time(&self, dir: &Folder, mtime_ns: i64) -> io::Result<()> {
        imp::set_time(dir, mtime_ns)
    }
    #[track_caller]
    fn sync(&self, dir: &Folder) -> io::Result<()> {
        imp::sync(dir)
    }
    fn mounts(&self) -> Vec<PathBuf> {
        let table = if cfg!(target_os = "linux") { std::fs::read("/proc/self/mountinfo").unwrap_or_default() } else { Vec::new() };
        mount_points(&table)
    }

    fn log(&self, dir: &Folder, name: &[u8], new: bool) -> io::Result<File> {
        imp::log(dir, name, new)
    }
    fn read(&self, mut log: &File) -> io::Result<Vec<u8>> {
        use std::io::{Read, Seek};
        let mut all = Vec::new();
        log.rewind()?;
        log.read_to_end(&mut all)?;
        Ok(all)
    }
    fn append(&self, mut log: &File, bytes: &[u8]) -> io::Result<()> {
        use std::io::{Seek, Write};
        log.seek(io::SeekFrom::End(0))?;
        log.write_all(bytes)
    }
    #[track_caller]
    fn sync_log(&self, log: &File) -> io::Result<()> {
        log.sync_all()
    }
    fn reserve(&self, log: &File, bytes: u64) -> io::Result<()> {
        imp::reserve(log, bytes)
    }
    fn cut(&self, log: &File, length: u64) -> io::Result<()> {
        log.set_len(length)
    }
}

/// The mount points of `/proc/self/mountinfo` (see its page in section 5 of the manual): the fifth field, with `\040` and its kin for
/// characters that would end it.
fn mount_points(table: &[u8]) -> Vec<PathBuf> {
    let unescape = |field: &[u8]| {
        let mut out = Vec::with_capacity(field.len());
        let mut at = 0;
        while let Some(&byte) = field.get(at) {
            let octal = field.get(at + 1..at + 4).and_then(|d| std::str::from_utf8(d).ok()).and_then(|d| u8::from_str_radix(d, 8).ok());
            let (code, length) = octal.filter(|_| byte == b'\\').map_or((byte, 1), |code| (code, 4));
            out.push(code);
            at += length;
        }
        out
    };
    table
        .split(|b| *b == b'\n')
        .filter_map(|line| line.split(|b| *b == b' ').nth(4))
        .map(|field| crate::model::from_bytes(&unescape(field)).into())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mount_points_with_spaces_in_them_are_read() {
        let table = b"36 35 98:0 / /mnt/a\\040b rw - ext3 /dev/root rw\n37 36 0:5 / /proc rw - proc proc rw\n";
        assert_eq!(mount_points(table), [PathBuf::from("/mnt/a b"), PathBuf::from("/proc")]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn room_that_is_reserved_is_taken_from_the_disk_and_does_not_lengthen_the_journal() {
        use std::os::unix::fs::MetadataExt;
        let dir = tempfile::tempdir().unwrap();
        let log = Real.log(&Real.top(dir.path()).unwrap(), b"a.journal", true).unwrap();
        Real.append(&log, b"line\n").unwrap();
        Real.reserve(&log, 1 << 20).unwrap();
        let now = std::fs::symlink_metadata(dir.path().join("a.journal")).unwrap();
        assert!(now.len() == 5 && now.blocks() * 512 >= 1 << 20, "{} bytes, {} blocks", now.len(), now.blocks());
    }

    #[test]
    fn a_folder_that_another_made_in_this_moment_is_as_good() {
        let memory = Path::new("/dev/shm");
        let dir = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
        for turn in 0..50 {
            let (deep, at_once) = (dir.path().join(format!("{turn}/a/b/c/d")), std::sync::Barrier::new(4));
            std::thread::scope(|scope| {
                let make = || {
                    at_once.wait();
                    Real.make_all(&deep)
                };
                let all = [(); 4].map(|()| scope.spawn(make));
                assert!(all.into_iter().all(|made| made.join().unwrap().is_ok()));
            });
        }
        std::fs::write(dir.path().join("file"), "").unwrap();
        assert!(Real.make_all(&dir.path().join("file/below")).is_err());
    }
}
