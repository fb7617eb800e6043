//! Writing our own files so that they are there whole or not at all.

use crate::vault::own;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// So many wait for the disk at a time.
const WAITING: usize = 16;

/// What a file system gives a file at a time, mostly; so many bytes of nothing but zero are left out as a hole.
const BLOCK: usize = 4096;

/// Whether the file at a place may be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Nothing may be there.
    New,
    /// A file of ours is there.
    Ours,
}

/// The BLAKE3 that a file must have, and when it is to have changed last, if not now.
pub type Promised = (blake3::Hash, Option<SystemTime>);

/// Writes a file beside its place, reads it back, and only then puts it there. Gives its size.
pub fn write(target: &Path, from: &mut dyn Read, promised: Promised, place: Place) -> io::Result<u64> {
    let partial = partial(target)?;
    let outcome = fill(&partial, from).and_then(|(mut file, size)| {
        finish(&mut file, promised)?;
        name(&partial, target, place)?;
        Ok(size)
    });
    if outcome.is_err() {
        own::discard(&partial);
    }
    outcome
}

/// The same for one of many files, without waiting until a new one lasts: [`settle`] sees to that for all of them at once.
pub fn write_soon(target: &Path, from: &mut dyn Read, promised: Promised, place: Place) -> io::Result<u64> {
    if place == Place::Ours {
        return write(target, from, promised, place);
    }
    let partial = partial(target)?;
    let outcome = fill(&partial, from).and_then(|(mut file, size)| {
        read_back(&mut file, promised, |_| Ok(()))?;
        match std::fs::hard_link(&partial, target) {
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => return Err(e),
            Ok(()) => own::discard(&partial),
            // Not every disk can give a file two names.
            Err(_) => own::publish(&partial, target).map_err(io::Error::other)?,
        }
        Ok(size)
    });
    if outcome.is_err() {
        own::discard(&partial);
    }
    outcome
}

/// Waits until files that were written soon last; gives those of which that is not known, and why.
pub fn settle(files: &[PathBuf]) -> Vec<(PathBuf, io::Error)> {
    let one = |path: &PathBuf| OpenOptions::new().write(true).open(path).and_then(|file| file.sync_all()).err().map(|e| (path.clone(), e));
    // A disk that is waited for by several at a time writes for all of them at once.
    let share = files.len().div_ceil(WAITING).max(1);
    let mut failed: Vec<(PathBuf, io::Error)> = std::thread::scope(|scope| {
        let all: Vec<_> = files.chunks(share).map(|part| scope.spawn(move || part.iter().filter_map(one).collect::<Vec<_>>())).collect();
        all.into_iter().filter_map(|thread| thread.join().ok()).flatten().collect()
    });
    let folders: std::collections::BTreeSet<&Path> = files.iter().filter_map(|f| f.parent()).collect();
    if cfg!(unix) {
        let one = |folder: &&Path| File::open(folder).and_then(|f| f.sync_all()).err().map(|e| (folder.to_path_buf(), e));
        failed.extend(folders.iter().filter_map(one));
    }
    failed
}

/// The BLAKE3 of a file below a folder; no link is followed.
pub fn hash(root: &Path, file: &Path) -> io::Result<blake3::Hash> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(crate::platform::open_beneath(root, file)?)?;
    Ok(hasher.finalize())
}

/// A name for the unfinished file, short whatever the place is called.
fn partial(target: &Path) -> io::Result<PathBuf> {
    let name = target.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "no file name"))?;
    let id = blake3::hash(&crate::model::to_bytes(name)).to_hex();
    Ok(target.with_file_name(format!(".lifeboat-{}.partial", id.get(..16).unwrap_or_default())))
}

/// Makes an unfinished file of ours anew, to be written and read.
pub fn scratch(partial: &Path, mode: own::Mode) -> io::Result<File> {
    // What an interrupted run left is ours to begin anew; anything else by that name, a link above all, is not.
    if crate::platform::facts(partial).is_ok_and(|f| f.kind == crate::model::Kind::File && f.nlink <= 1) {
        own::discard(partial);
    }
    let mut how = OpenOptions::new();
    how.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut how, if mode == own::Mode::Private { 0o600 } else { 0o666 });
    #[cfg(not(unix))]
    let _ = mode;
    how.open(partial)
}

/// Drops the unfinished files that a run left in a durable folder which was killed.
pub fn sweep(top: &Path) {
    for found in walkdir::WalkDir::new(top).into_iter().filter_map(Result::ok) {
        let name = found.file_name().to_string_lossy();
        let ours =
            name.starts_with(".lifeboat-") && name.ends_with(".partial") || name.starts_with(".manifest.toml.") && name.ends_with(".new");
        if ours && crate::platform::facts(found.path()).is_ok_and(|f| f.kind == crate::model::Kind::File && f.nlink <= 1) {
            own::discard(found.path());
        }
    }
}

/// Sees to it that an unfinished file lasts, and that it holds what it must.
pub fn finish(file: &mut File, promised: Promised) -> io::Result<()> {
    read_back(file, promised, File::sync_all)
}

/// Gives a finished file the name of its place.
pub fn name(partial: &Path, target: &Path, place: Place) -> io::Result<()> {
    let put = if place == Place::Ours { own::succeed } else { own::publish };
    put(partial, target).map_err(io::Error::other)
}

fn fill(partial: &Path, from: &mut dyn Read) -> io::Result<(File, u64)> {
    let mut file = scratch(partial, own::Mode::Usual)?;
    let mut buffer = vec![0; 1 << 18];
    let (mut size, mut hole) = (0, 0);
    loop {
        let n = match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        };
        hole = put(&mut file, buffer.get(..n).unwrap_or_default(), hole)?;
        size += n as u64;
    }
    if hole > 0 {
        file.set_len(size)?;
    }
    Ok((file, size))
}

/// Writes a part of a file behind a hole of so many bytes, and leaves holes where it holds zeros; gives the length of the hole it
/// ends with.
fn put(file: &mut File, mut part: &[u8], mut hole: u64) -> io::Result<u64> {
    let is_empty = |block: &[u8]| *block == [0; BLOCK];
    while !part.is_empty() {
        let empty = part.chunks(BLOCK).next().is_some_and(is_empty);
        let run = part.chunks(BLOCK).take_while(|b| is_empty(b) == empty).map(<[u8]>::len).sum();
        let (now, later) = part.split_at(run);
        if empty {
            hole += run as u64;
        } else {
            if hole > 0 {
                file.seek(SeekFrom::Current(i64::try_from(hole).unwrap_or(i64::MAX)))?;
                hole = 0;
            }
            file.write_all(now)?;
        }
        part = later;
    }
    Ok(hole)
}

fn read_back(file: &mut File, (hash, modified): Promised, last: impl Fn(&File) -> io::Result<()>) -> io::Result<()> {
    if let Some(modified) = modified {
        file.set_modified(modified)?;
    }
    last(file)?;
    file.rewind()?;
    let mut back = blake3::Hasher::new();
    back.update_reader(file)?;
    if back.finalize() != hash {
        return Err(io::Error::other("the copy read back does not hold the same bytes; was it changed while it was copied?"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(dir: &Path) -> Vec<String> {
        let mut all: Vec<String> = std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
        all.sort();
        all
    }

    #[test]
    fn a_file_that_is_there_is_not_replaced_unless_it_is_ours() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a.txt");
        std::fs::write(&file, "theirs").unwrap();
        let error = write(&file, &mut &b"mine"[..], (blake3::hash(b"mine"), None), Place::New).unwrap_err();
        assert!(error.to_string().contains("exists"), "{error}");
        assert_eq!(std::fs::read(&file).unwrap(), b"theirs");
        write(&file, &mut &b"mine"[..], (blake3::hash(b"mine"), None), Place::Ours).unwrap();
        assert_eq!((std::fs::read(&file).unwrap(), names(dir.path())), (b"mine".to_vec(), vec!["a.txt".to_owned()]));
    }

    #[test]
    fn one_of_many_files_is_there_at_once_replaces_nothing_and_leaves_nothing_beside_it() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        for name in ["a", "b"] {
            write_soon(&at(name), &mut &b"mine"[..], (blake3::hash(b"mine"), None), Place::New).unwrap();
        }
        assert!(write_soon(&at("a"), &mut &b"other"[..], (blake3::hash(b"other"), None), Place::New).is_err());
        write_soon(&at("b"), &mut &b"newer"[..], (blake3::hash(b"newer"), None), Place::Ours).unwrap();
        assert_eq!((std::fs::read(at("a")).unwrap(), std::fs::read(at("b")).unwrap()), (b"mine".to_vec(), b"newer".to_vec()));
        assert_eq!(names(dir.path()), ["a", "b"]);
        let failed: Vec<PathBuf> = settle(&[at("a"), at("gone"), at("b")]).into_iter().map(|(path, _)| path).collect();
        assert_eq!((failed, settle(&[]).len()), (vec![at("gone")], 0));
    }

    #[cfg(unix)]
    #[test]
    fn a_copy_of_a_file_with_holes_has_holes_and_the_same_bytes_wherever_the_data_lies() {
        use std::os::unix::fs::MetadataExt;
        let dir = tempfile::tempdir().unwrap();
        let (from, to) = (dir.path().join("from"), dir.path().join("to"));
        let size = 64 << 20;
        for places in [&[0][..], &[], &[size - 1], &[4095, 4096, 262_143, 1 << 20, 40 << 20], &[5000, size - 300]] {
            let file = File::create(&from).unwrap();
            file.set_len(size).unwrap();
            for at in places {
                std::os::unix::fs::FileExt::write_all_at(&file, b"x", *at).unwrap();
            }
            let hash = hash(dir.path(), &from).unwrap();
            own::discard(&to);
            assert_eq!(write(&to, &mut File::open(&from).unwrap(), (hash, None), Place::New).unwrap(), size);
            let there = std::fs::symlink_metadata(&to).unwrap();
            assert_eq!((there.len(), super::hash(dir.path(), &to).unwrap()), (size, hash), "{places:?}");
            assert!(there.blocks() * 512 <= 512 << 10, "{places:?}: {} bytes lie on the disk", there.blocks() * 512);
        }
    }

    #[test]
    fn a_source_that_breaks_off_leaves_nothing_behind() {
        struct Broken(bool);
        impl Read for Broken {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                if std::mem::replace(&mut self.0, true) {
                    return Err(io::Error::other("unplugged"));
                }
                buffer[0] = 1;
                Ok(1)
            }
        }
        let dir = tempfile::tempdir().unwrap();
        assert!(write(&dir.path().join("a"), &mut Broken(false), (blake3::hash(b""), None), Place::New).is_err());
        assert_eq!(names(dir.path()), Vec::<String>::new());
    }

    #[test]
    fn a_source_that_changed_since_it_was_hashed_is_not_put_in_place() {
        let dir = tempfile::tempdir().unwrap();
        let error = write(&dir.path().join("a"), &mut &b"new"[..], (blake3::hash(b"old"), None), Place::New).unwrap_err();
        assert!(error.to_string().contains("changed while"), "{error}");
        assert_eq!(names(dir.path()), Vec::<String>::new());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_by_the_name_of_the_unfinished_file_is_not_written_through() {
        let dir = tempfile::tempdir().unwrap();
        let (target, other) = (dir.path().join("a"), dir.path().join("other"));
        std::fs::write(&other, "theirs").unwrap();
        std::os::unix::fs::symlink(&other, partial(&target).unwrap()).unwrap();
        assert!(write(&target, &mut &b"mine"[..], (blake3::hash(b"mine"), None), Place::New).is_err());
        assert_eq!(std::fs::read(&other).unwrap(), b"theirs");
    }
}
