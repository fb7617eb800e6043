//! What lifeboat packed: a line for each file, so that it can be unpacked and told from what a tool packed itself.

use super::place::make_folder;
use crate::error::{Error, Result};
use crate::vault::own::{Mode, replace};
use crate::world::World;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;

/// A file that was packed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packed {
    /// Where it was.
    #[serde(with = "crate::model::json_path::exact")]
    pub path: PathBuf,
    /// Where its packed copy is.
    #[serde(with = "crate::model::json_path::exact")]
    pub packed: PathBuf,
    /// The root of its store.
    #[serde(with = "crate::model::json_path::exact")]
    pub root: PathBuf,
    /// Its store.
    pub store: String,
    /// Its session, by id.
    pub session: String,
    /// The session's title.
    pub title: String,
    /// Its bytes.
    pub bytes: u64,
    /// The packed copy's bytes.
    pub packed_bytes: u64,
    /// BLAKE3 of it, 64 hex digits.
    pub blake3: String,
    /// BLAKE3 of the packed copy, 64 hex digits.
    pub packed_blake3: String,
    /// When it last changed, nanoseconds since 1970.
    pub mtime_ns: i64,
    /// Who may read it, where the platform has that in a number.
    pub mode: Option<u32>,
    /// When it was packed.
    pub when: Timestamp,
}

/// The register, held for this process alone.
pub(super) struct Register {
    path: PathBuf,
    /// Every file that was packed and not unpacked since.
    pub all: Vec<Packed>,
    /// Lines that cannot be read; they stay as they are.
    strange: Vec<String>,
    _turn: File,
}

impl Register {
    /// Opens the register; waits for another lifeboat that has it.
    pub(super) fn open(world: &World) -> Result<Self> {
        let folder = world.packed_dir();
        make_folder(&folder).map_err(|e| Error::io("cannot make the folder of packed conversations", &folder, e))?;
        let lock = folder.join("lock");
        let turn = File::options().create(true).truncate(false).write(true).open(&lock).and_then(|file| file.lock().map(|()| file));
        let turn = turn.map_err(|e| Error::io("cannot take the lock of the packed conversations", &lock, e))?;
        let (all, strange) = lines(world)?;
        Ok(Self { path: path(world), all, strange, _turn: turn })
    }

    /// Writes a line before the file it is about is given its name.
    pub(super) fn add(&mut self, packed: Packed) -> Result<()> {
        let failed = |e| Error::io("cannot write the list of packed conversations", &self.path, e);
        let line = serde_json::to_string(&packed).map_err(|e| failed(e.into()))?;
        let written = File::options().create(true).append(true).open(&self.path).and_then(|mut file| {
            // A line that was torn before this one is ended first.
            writeln!(file, "\n{line}")?;
            file.sync_all()
        });
        written.map_err(failed)?;
        self.all.retain(|p| p.packed != packed.packed);
        self.all.push(packed);
        Ok(())
    }

    /// Writes the list as it is now.
    pub(super) fn keep(&self) -> Result<()> {
        let failed = |e: serde_json::Error| Error::io("cannot write the list of packed conversations", &self.path, e.into());
        let mut text = String::new();
        for line in self.all.iter().map(|p| serde_json::to_string(p).map_err(failed)).chain(self.strange.iter().cloned().map(Ok)) {
            text += &line?;
            text.push('\n');
        }
        replace(&self.path, text.as_bytes(), Mode::Private)
    }
}

fn path(world: &World) -> PathBuf {
    world.packed_dir().join("register.jsonl")
}

/// What the register says, the last line about a packed copy counting, and the lines that cannot be read.
pub(super) fn lines(world: &World) -> Result<(Vec<Packed>, Vec<String>)> {
    let text = match std::fs::read_to_string(path(world)) {
        Ok(text) => text,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok((Vec::new(), Vec::new())),
        Err(e) => return Err(Error::io("cannot read the list of packed conversations", path(world), e)),
    };
    let (mut all, mut strange): (Vec<Packed>, Vec<String>) = (Vec::new(), Vec::new());
    for line in text.lines().filter(|l| !l.trim().is_empty()) {
        match serde_json::from_str::<Packed>(line) {
            Ok(packed) => {
                all.retain(|p| p.packed != packed.packed);
                all.push(packed);
            }
            Err(_) => strange.push(line.to_owned()),
        }
    }
    Ok((all, strange))
}
