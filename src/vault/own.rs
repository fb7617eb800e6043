//! Files of our own making: replaced whole or not at all.

use super::fs::Fs;
use super::real::Real;
use crate::error::{Error, Result};
use crate::platform::Folder;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Who may read a file of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Whoever the system lets by default.
    Usual,
    /// This user alone.
    Private,
}

/// Replaces a file of our own making: after a crash either the old or the new one is there, whole. The folder must
/// exist. Where the path is a link, the link is replaced, not what it points to.
pub fn replace(path: &Path, bytes: &[u8], mode: Mode) -> Result<()> {
    let failed = |e| Error::io("cannot write", path, e);
    let (aside, mut file) = aside(path, mode).map_err(failed)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all()).and_then(|()| over(&aside, path));
    if written.is_err() {
        remove(&aside);
    }
    written.and_then(|()| sync_folder(path)).map_err(failed)
}

/// Gives a finished file of ours its name, replacing nothing: fails where something is there already. `partial` must
/// be synced and on the same disk.
pub fn publish(partial: &Path, path: &Path) -> Result<()> {
    let apart = |path: &Path| {
        let name = crate::model::to_bytes(path.file_name().ok_or(io::ErrorKind::InvalidInput)?).into_owned();
        Folder::open_top(folder_of(path)).map(|folder| (folder, name))
    };
    let renamed = apart(partial).and_then(|(from, name)| apart(path).and_then(|(to, new)| Real.rename(&from, &name, &to, &new)));
    renamed.and_then(|()| sync_folder(path)).map_err(|e| Error::io("cannot give the finished file its name", path, e))
}

/// Gives a finished file of ours its name, in place of an older file of ours. `partial` must be synced and on the same
/// disk.
pub fn succeed(partial: &Path, path: &Path) -> Result<()> {
    over(partial, path).and_then(|()| sync_folder(path)).map_err(|e| Error::io("cannot give the finished file its name", path, e))
}

/// Drops an unfinished file of ours.
pub fn discard(partial: &Path) {
    remove(partial);
}

/// Drops a folder of our own making with everything in it; no link is followed, no other file system entered. Gives what
/// stayed, and why.
pub fn discard_tree(folder: &Path) -> Vec<String> {
    let Some(name) = folder.file_name() else { return vec!["it has no name".to_owned()] };
    match Real.top(folder_of(folder)) {
        Ok(above) => super::remover::remove(&Real, &above, &crate::model::to_bytes(name)),
        Err(e) => vec![e.to_string()],
    }
}

/// Drops a file of ours by its name in a folder held open, however long its path is.
pub fn discard_in(folder: &Folder, name: &[u8]) {
    let _ = Real.unlink(folder, name);
}

fn aside(path: &Path, mode: Mode) -> io::Result<(PathBuf, File)> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    for turn in 0..100_u32 {
        let mut aside = std::ffi::OsString::from(".");
        aside.push(name);
        aside.push(format!(".{}-{turn}.new", std::process::id()));
        let aside = path.with_file_name(aside);
        let mut how = OpenOptions::new();
        how.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut how, if mode == Mode::Private { 0o600 } else { 0o666 });
        #[cfg(not(unix))]
        let _ = mode;
        match how.open(&aside) {
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
            other => return other.map(|file| (aside, file)),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

#[expect(clippy::disallowed_methods, reason = "a file of our own making takes the place of another")]
fn over(aside: &Path, path: &Path) -> io::Result<()> {
    std::fs::rename(aside, path)
}

#[expect(clippy::disallowed_methods, reason = "a file of our own making")]
fn remove(path: &Path) {
    let _ = std::fs::remove_file(path);
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder_of(path))?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_ours_is_replaced_whole_and_nothing_is_left_beside_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config.toml");
        replace(&path, b"one", Mode::Usual).unwrap();
        replace(&path, b"two", Mode::Private).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
        #[cfg(unix)]
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&std::fs::symlink_metadata(&path).unwrap().permissions()) & 0o777, 0o600);
    }

    #[test]
    fn an_archive_never_takes_the_place_of_another() {
        let dir = tempfile::tempdir().unwrap();
        let (partial, path) = (dir.path().join("a.partial"), dir.path().join("a.tar.gz"));
        std::fs::write(&partial, b"new").unwrap();
        std::fs::write(&path, b"old").unwrap();
        assert!(publish(&partial, &path).is_err());
        assert_eq!((std::fs::read(&path).unwrap(), std::fs::read(&partial).unwrap()), (b"old".to_vec(), b"new".to_vec()));
        publish(&partial, &dir.path().join("b.tar.gz")).unwrap();
        assert!(!partial.exists());
        assert_eq!(std::fs::read(dir.path().join("b.tar.gz")).unwrap(), b"new");
    }

    #[test]
    fn what_an_earlier_try_left_beside_a_file_of_ours_is_no_obstacle_and_stays() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("plan.json");
        let left = dir.path().join(format!(".plan.json.{}-0.new", std::process::id()));
        std::fs::write(&left, b"left").unwrap();
        replace(&path, b"whole", Mode::Private).unwrap();
        assert_eq!((std::fs::read(&path).unwrap(), std::fs::read(&left).unwrap()), (b"whole".to_vec(), b"left".to_vec()));
        let told = replace(&dir.path().join("missing/plan.json"), b"", Mode::Usual).unwrap_err().to_string();
        let gone = ["os error 2", if cfg!(windows) { "os error 3" } else { "os error 2" }];
        assert!(gone.iter().any(|gone| told.contains(gone)), "{told}");
    }

    #[test]
    fn a_newer_file_of_ours_takes_the_place_of_the_older_and_an_unfinished_one_is_dropped() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        std::fs::write(at("new.partial"), b"new").unwrap();
        std::fs::write(at("transcript.md"), b"old").unwrap();
        succeed(&at("new.partial"), &at("transcript.md")).unwrap();
        assert_eq!(std::fs::read(at("transcript.md")).unwrap(), b"new");
        assert!(succeed(&at("new.partial"), &at("transcript.md")).is_err());
        std::fs::write(at("a.partial"), b"").unwrap();
        std::fs::write(at("b.partial"), b"").unwrap();
        discard(&at("a.partial"));
        discard_in(&Folder::open(dir.path()).unwrap(), b"b.partial");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
