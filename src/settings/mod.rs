//! Claude Code's settings files, and other files of the user's that we write a piece of: changed in one place, and
//! everywhere else byte for byte as they were.

pub mod look;
mod number;
mod raise;
pub mod spans;

pub use number::put_number;
pub use raise::raise;

use crate::error::{Error, Result};
use crate::export::diff;
use crate::transcript::Change;
use crate::vault::own::{self, Mode};
use crate::world::World;
use std::io;
use std::path::{Path, PathBuf};

/// A change of such a file, before it is made.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The file.
    pub file: PathBuf,
    /// What it holds; `None`: it is not there.
    pub before: Option<String>,
    /// What it is to hold; `None`: it is not to be there.
    pub after: Option<String>,
}

impl Planned {
    /// A change of what a file holds; `None`: nothing is to be changed.
    pub fn of(file: PathBuf, change: impl FnOnce(&str) -> Result<Option<String>>) -> Result<Option<Self>> {
        let before = current(&file)?;
        let after = change(before.as_deref().unwrap_or_default()).map_err(|e| e.at(&file))?;
        Ok(after.map(|after| Self { file, before, after: Some(after) }))
    }

    /// The change as a diff.
    pub fn diff(&self) -> String {
        let text = |text: &Option<String>| text.clone().unwrap_or_default().into();
        diff(&[Change { at: None, old: text(&self.before), new: text(&self.after) }])
    }

    /// Makes the change, right after `first` was done. What the file held before is kept in the state folder; gives where.
    pub fn carry_out(&self, world: &World, first: impl FnOnce() -> Result<()>) -> Result<Option<PathBuf>> {
        let Self { file, before, after } = self;
        if current(file)? != *before {
            return Err(Error::refused("it changed in this moment").at(file).hint("do it again"));
        }
        let kept = before.as_ref().map(|before| keep(world, file, before)).transpose()?;
        first()?;
        match after {
            Some(text) => write(file, text)?,
            None => own::discard(file),
        }
        Ok(kept)
    }
}

/// What the file holds; `None`: it is not there.
pub fn current(file: &Path) -> Result<Option<String>> {
    match std::fs::read(file) {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => Ok(Some(text)),
            Err(e) => Err(Error::refused("it is no text").at(file).because(e)),
        },
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(Error::io("cannot read it", file, e)),
    }
}

/// Writes the settings: whole or not at all, where a link to them leads, for whom they were.
fn write(file: &Path, text: &str) -> Result<()> {
    let failed = |e| Error::io("cannot write it", file, e);
    let place = real(file);
    if let Some(folder) = place.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let Ok(old) = std::fs::symlink_metadata(&place) else { return own::replace(&place, text.as_bytes(), Mode::Usual) };
    own::replace(&place, text.as_bytes(), Mode::Private)?;
    std::fs::set_permissions(&place, old.permissions()).map_err(failed)
}

#[expect(clippy::disallowed_methods, reason = "people keep their settings elsewhere and link to them; what is written is that file")]
fn real(file: &Path) -> PathBuf {
    std::fs::canonicalize(file).unwrap_or_else(|_| file.to_path_buf())
}

/// Keeps what the file held.
fn keep(world: &World, file: &Path, text: &str) -> Result<PathBuf> {
    let part = |name: Option<&std::ffi::OsStr>, or: &str| name.map_or_else(|| or.to_owned(), |n| n.to_string_lossy().into_owned());
    let (stem, end) = (part(file.file_stem(), "settings"), part(file.extension(), "txt"));
    let place = world.state_dir.join("settings").join(format!("{stem}-{}.{end}", world.new_id()));
    put(&place, text.as_bytes())?;
    Ok(place)
}

/// Writes a file of our own.
pub fn put(place: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(folder) = place.parent() {
        std::fs::create_dir_all(folder).map_err(|e| Error::io("cannot make the state folder", folder, e))?;
    }
    own::replace(place, bytes, Mode::Private)
}
