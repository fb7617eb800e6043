//! Puts one file into the durable folder: new, left as it is, brought up to date, or beside what the user changed.

use super::write::{self, Place, Promised};
use super::{folder, names};
use crate::image::OnImage;
use crate::manifest::{Entry, Stamp};
use crate::model::Kind;
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::{Component, Path, PathBuf};

/// What happened to a file.
#[derive(Debug, PartialEq, Eq)]
pub struct Kept {
    /// Where the copy is, below the durable folder.
    pub entry: Entry,
    /// Bytes written now; `None`: it was there already.
    pub written: Option<u64>,
    /// What is in its first place and was left alone, where that is not a file of ours.
    pub instead_of: Option<PathBuf>,
}

/// A file to be kept: where it goes by default, what it is a copy of, and what we wrote of it before.
pub struct Wanted<'a> {
    /// Its place below the durable folder.
    pub path: &'a Path,
    /// The name of its source in the manifest.
    pub source: &'a str,
    /// Places that hold copies of other files.
    pub taken: &'a HashSet<String>,
    /// What the manifest says we wrote.
    pub before: Option<&'a Entry>,
}

/// What a file is to hold.
pub trait Source {
    /// Its BLAKE3, and how many bytes it has.
    fn hash(&mut self) -> io::Result<(blake3::Hash, u64)>;
    /// Puts it into its place. Gives how many bytes were written.
    fn put(&mut self, put: Put, target: &Path, promised: Promised, place: Place) -> io::Result<u64>;
}

impl<T: Read + Seek> Source for T {
    fn hash(&mut self) -> io::Result<(blake3::Hash, u64)> {
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(&mut *self)?;
        self.rewind()?;
        Ok((hasher.finalize(), hasher.count()))
    }

    fn put(&mut self, put: Put, target: &Path, promised: Promised, place: Place) -> io::Result<u64> {
        put(target, self, promised, place)
    }
}

/// A file on a disk image: what one reader says it holds must be what the other reads.
impl Source for &OnImage {
    fn hash(&mut self) -> io::Result<(blake3::Hash, u64)> {
        OnImage::hash(self)
    }

    fn put(&mut self, put: Put, target: &Path, promised: Promised, place: Place) -> io::Result<u64> {
        let bytes = put(target, &mut self.by_second()?, promised, place)?;
        self.is_same()?;
        Ok(bytes)
    }
}

/// What puts what is read into its place.
pub type Put = fn(&Path, &mut dyn Read, Promised, Place) -> io::Result<u64>;

/// Keeps one file; with `dry_run` only says what would be done.
pub fn keep(
    top: &Path,
    wanted: &Wanted<'_>,
    source: &mut dyn Source,
    modified: Option<std::time::SystemTime>,
    dry_run: bool,
) -> io::Result<Kept> {
    keep_by(write::write, top, wanted, source, modified, dry_run)
}

/// The same, put into its place by something else.
pub fn keep_by(
    put: Put,
    top: &Path,
    wanted: &Wanted<'_>,
    source: &mut dyn Source,
    modified: Option<std::time::SystemTime>,
    dry_run: bool,
) -> io::Result<Kept> {
    let (hash, size) = source.hash()?;
    // The manifest is a file anybody may edit: a path in it that leads elsewhere is not followed.
    let before = wanted.before.filter(|b| is_below(&b.path));
    let first = before.map_or_else(|| wanted.path.to_path_buf(), |b| PathBuf::from(&b.path));
    let name = first.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let mut instead_of = None;
    for n in 1..1000 {
        let path = if n == 1 { first.clone() } else { first.with_file_name(names::numbered(&name, n)) };
        let done = |written| {
            let path = slashed(&path);
            let from = (path != wanted.source).then(|| wanted.source.to_owned());
            let copy = folder::at(top, Path::new(&path)).and_then(|f| Stamp::of(&f));
            let entry = Entry { path, blake3: hash.to_hex().to_string(), from, copy, ..Entry::default() };
            Kept { entry, written, instead_of: instead_of.clone() }
        };
        if wanted.taken.contains(&slashed(&path)) {
            continue;
        }
        let place = match folder::at(top, &path) {
            None => Place::New,
            Some(facts) if facts.kind == Kind::File && !facts.placeholder => {
                let there = write::hash(top, &top.join(&path))?;
                if there == hash {
                    return Ok(done(None));
                }
                let there = there.to_hex();
                let wrote = |b: &Entry| b.blake3 == there.as_str() || b.next.as_deref() == Some(there.as_str());
                let ours = before.is_some_and(|b| Path::new(&b.path) == path && wrote(b));
                if !ours {
                    instead_of.get_or_insert(path);
                    continue;
                }
                Place::Ours
            }
            Some(_) => {
                instead_of.get_or_insert(path);
                continue;
            }
        };
        if dry_run {
            return Ok(done(Some(size)));
        }
        folder::make_below(top, path.parent().unwrap_or(Path::new("")))?;
        let bytes = source.put(put, &top.join(&path), (hash, modified), place)?;
        return Ok(done(Some(bytes)));
    }
    Err(io::Error::new(io::ErrorKind::AlreadyExists, "a thousand other files are in its place"))
}

/// Whether a path of a manifest stays below the durable folder.
pub fn is_below(path: &str) -> bool {
    !path.is_empty() && Path::new(path).components().all(|c| matches!(c, Component::Normal(_)))
}

/// A path below the durable folder as the manifest has it.
pub fn slashed(path: &Path) -> String {
    path.components().map(|c| c.as_os_str().to_string_lossy().into_owned()).collect::<Vec<_>>().join("/")
}

/// When a file was last changed, for its copy, and how it looks.
pub fn modified(file: &File) -> (Option<std::time::SystemTime>, Option<Stamp>) {
    let Ok(meta) = file.metadata() else { return (None, None) };
    (meta.modified().ok(), Stamp::of(&crate::platform::facts_of(&meta, Path::new(""))))
}
