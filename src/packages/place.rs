//! A folder that may be an environment, and how it is looked into: below one root, no link followed, nothing fetched from
//! a cloud, no file of any size.

use crate::model::{Kind, from_bytes};
use crate::platform::Folder;
use std::ffi::OsStr;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

/// The largest lock, list or metadata file that is read, in bytes.
const LARGEST: u64 = 64 << 20;

/// A folder that may be an environment.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The folder that everything is told below of (the session's).
    base: &'a Path,
    /// The folder itself, below the base.
    pub at: &'a Path,
}

/// A name in a folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    /// The name.
    pub name: String,
    /// Whether it is a folder.
    pub is_dir: bool,
}

impl<'a> Place<'a> {
    /// The folder `at` below `base`.
    pub fn new(base: &'a Path, at: &'a Path) -> Self {
        Self { base, at }
    }

    /// The names in a folder below the base, in order; links and names that are not UTF-8, which no installer makes, are
    /// passed over.
    pub fn names(&self, folder: &Path) -> io::Result<Vec<Name>> {
        let mut names = Vec::new();
        for listed in self.folder(folder)?.list() {
            let listed = listed?;
            if let (Ok(name), Ok(facts)) = (String::from_utf8(listed.name), listed.facts)
                && matches!(facts.kind, Kind::File | Kind::Dir)
            {
                names.push(Name { name, is_dir: facts.kind == Kind::Dir });
            }
        }
        names.sort();
        Ok(names)
    }

    /// The bytes of a file below the base.
    pub fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return Err(io::ErrorKind::InvalidInput.into()) };
        let folder = self.folder(folder)?;
        let name = crate::model::to_bytes(name);
        if folder.facts(&name)?.placeholder {
            return Err(io::Error::other("it is in a cloud and not here"));
        }
        let mut bytes = Vec::new();
        folder.file(&name)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > LARGEST {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "too large to be what its name says"));
        }
        Ok(bytes)
    }

    /// The text of a file below the base; bytes that are no text are replaced.
    pub fn text(&self, path: &Path) -> io::Result<String> {
        Ok(String::from_utf8(self.read(path)?).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned()))
    }

    /// The JSON of a file below the base.
    pub fn json(&self, path: &Path) -> io::Result<serde_json::Value> {
        serde_json::from_slice(&self.read(path)?).map_err(io::Error::from)
    }

    /// Whether a name is there, whatever it is.
    pub fn has(&self, path: &Path) -> bool {
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return false };
        self.folder(folder).is_ok_and(|f| f.facts(&crate::model::to_bytes(name)).is_ok())
    }

    fn folder(&self, folder: &Path) -> io::Result<Folder> {
        let top = Folder::open_top(self.base)?;
        Ok(top.folder_beneath(folder)?.unwrap_or(top))
    }
}

/// A path as it is told: joined by `/` on every system.
pub fn told(path: &Path) -> String {
    let parts = path.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_string_lossy()),
        _ => None,
    });
    parts.collect::<Vec<_>>().join("/")
}

/// A note on a file that could not be read.
pub fn unread(path: &Path, error: &io::Error) -> String {
    format!("{} could not be read: {error}", told(path))
}

/// The path of a name, as bytes, in a folder.
pub fn child(folder: &Path, name: &[u8]) -> PathBuf {
    folder.join(from_bytes(name))
}

/// The last name of a path, as text.
pub fn last(path: &Path) -> &str {
    path.file_name().and_then(OsStr::to_str).unwrap_or_default()
}
