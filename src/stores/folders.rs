//! The folders and small files of a root, read without following links.

use crate::model::{Facts, Kind, ScanError, from_bytes};
use crate::platform::{self, Folder};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The most that is read of a record.
const MOST: u64 = 8 << 20;

/// One name of a folder.
#[derive(Debug)]
pub struct Name {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its absolute path.
    pub path: PathBuf,
    /// What the file system says about it.
    pub facts: Facts,
}

impl Name {
    /// The name as text, invalid bytes replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

/// Reads below one root, and keeps what could not be read.
pub struct Folders<'a> {
    root: &'a Path,
    /// What could not be read.
    pub errors: Vec<ScanError>,
}

impl<'a> Folders<'a> {
    /// Nothing read yet.
    pub fn new(root: &'a Path) -> Self {
        Self { root, errors: Vec::new() }
    }

    /// The names in a folder, sorted. A folder that does not exist has none.
    pub fn list(&mut self, dir: &Path) -> Vec<Name> {
        self.try_list(dir).unwrap_or_default()
    }

    /// The names in a folder, sorted; `None` where it cannot be read. A folder that does not exist has none.
    pub fn try_list(&mut self, dir: &Path) -> Option<Vec<Name>> {
        let folder = match self.open(dir) {
            Ok(folder) => folder,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Some(Vec::new()),
            // A link or a file where a folder should be is not followed, and is no failure.
            Err(e) if e.kind() == io::ErrorKind::NotADirectory || platform::facts(dir).is_ok_and(|f| f.kind != Kind::Dir) => return None,
            Err(e) => return self.failed(dir, &e),
        };
        let mut names = Vec::new();
        for listed in folder.list() {
            match listed.and_then(|l| Ok((l.facts?, l.name))) {
                Ok((facts, bytes)) => names.push(Name { path: dir.join(from_bytes(&bytes)), bytes, facts }),
                Err(e) => return self.failed(dir, &e),
            }
        }
        names.sort_by(|a, b| a.bytes.cmp(&b.bytes));
        Some(names)
    }

    /// The folders in a folder, sorted.
    pub fn folders(&mut self, dir: &Path) -> Vec<Name> {
        self.list(dir).into_iter().filter(|n| n.facts.kind == Kind::Dir).collect()
    }

    /// A file's beginning, at most 8 MiB of it; nothing is opened that is a link, not here, or not a file.
    pub fn text(&mut self, path: &Path) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        platform::open_beneath(self.root, path)?.take(MOST).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Whether a folder of this path is there, not through a link.
    pub fn has_folder(&self, dir: &Path) -> bool {
        self.open(dir).is_ok()
    }

    fn open(&self, dir: &Path) -> io::Result<Folder> {
        let top = Folder::open_top(self.root)?;
        let rest = dir.strip_prefix(self.root).map_err(io::Error::other)?;
        Ok(top.folder_beneath(rest)?.unwrap_or(top))
    }

    fn failed<T>(&mut self, path: &Path, error: &io::Error) -> Option<T> {
        self.errors.push(ScanError { path: path.to_path_buf(), error: error.to_string() });
        None
    }
}
