//! What was repaired: a line for each step in the state folder, the last line of an id counting.

use crate::error::{Error, Result};
use crate::model::{Held, OpState, Operation};
use crate::world::World;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;

/// How far a repair is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Begun; the next start mends what was interrupted.
    Begun,
    /// Done.
    Done,
    /// Taken back.
    Undone,
}

/// A record that was made again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repaired {
    /// The operation.
    pub id: String,
    /// When.
    pub when: Timestamp,
    /// How far it is.
    pub state: State,
    /// The record.
    #[serde(with = "crate::model::json_path::exact")]
    pub record: PathBuf,
    /// The root of its store.
    #[serde(with = "crate::model::json_path::exact")]
    pub root: PathBuf,
    /// The session, by id.
    pub session: String,
    /// BLAKE3 of what was written, 64 hex digits.
    pub blake3: String,
    /// Its bytes.
    pub bytes: u64,
    /// Whether there was an old record.
    pub replaces: bool,
    /// The operation of the vault that has the old one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced: Option<String>,
    /// The operation of the vault that has the new one since it was taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed: Option<String>,
}

/// Every repair, in the order they were begun.
pub fn all(world: &World) -> Result<Vec<Repaired>> {
    let text = match std::fs::read_to_string(file(world)) {
        Ok(text) => text,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(Error::io("cannot read the list of repairs", file(world), e)),
    };
    let mut all: Vec<Repaired> = Vec::new();
    for one in text.lines().filter_map(|line| serde_json::from_str::<Repaired>(line).ok()) {
        match all.iter_mut().find(|known| known.id == one.id) {
            Some(known) => *known = one,
            None => all.push(one),
        }
    }
    Ok(all)
}

/// Writes a line, and waits until it lasts.
pub(super) fn write(world: &World, one: &Repaired) -> Result<()> {
    let path = file(world);
    let failed = |e| Error::io("cannot write the list of repairs", &path, e);
    std::fs::create_dir_all(&world.state_dir).map_err(failed)?;
    let line = serde_json::to_string(one).map_err(|e| failed(e.into()))?;
    let written = File::options().create(true).append(true).open(&path).and_then(|mut file| {
        // A line that was torn before this one is ended first.
        writeln!(file, "\n{line}")?;
        file.sync_all()
    });
    written.map_err(failed)
}

fn file(world: &World) -> PathBuf {
    world.state_dir.join("repairs.jsonl")
}

impl Repaired {
    /// The operations of the vault that belong to it.
    pub fn linked(&self) -> impl Iterator<Item = &String> {
        self.replaced.iter().chain(&self.removed)
    }

    /// The repair as `history` tells it; `held` is what the vault has of it.
    pub fn operation(&self, held: Held) -> Operation {
        let state = match self.state {
            State::Begun => OpState::Unfinished,
            State::Done => OpState::Stands,
            State::Undone => OpState::Undone,
        };
        Operation {
            id: self.id.clone(),
            verb: "repair".to_owned(),
            when: self.when,
            items: 1,
            bytes: self.bytes,
            allocated: self.bytes,
            held,
            state,
            of: None,
            vault: None,
        }
    }
}
