//! The parts of a conversation, its own and those of its sub-agents: each opened by how it is written.

use super::agents::OfAgent;
use super::dialect::Dialect;
use super::file::File;
use super::lines::Extent;
use super::outputs::Outputs;
use super::place::Place;
use super::tap::Tap;
use super::{claude, codex, find, gemini, laid, opencode, packed};
use crate::error::{Error, Result};
use crate::model::{Helper, Script, Session};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A part of a conversation.
#[derive(Debug, Clone)]
pub struct Strand {
    /// Where it stands.
    pub script: Script,
    /// The folder below which no link is followed.
    pub root: PathBuf,
    /// Its id with the tool.
    pub id: String,
}

/// Where a part is read from, how it is written, and the sub-agents it knows of.
struct Placed {
    place: Place,
    dialect: &'static Dialect,
    agents: Vec<OfAgent>,
}

impl Strand {
    /// A session's own; `None`: it stands in the session's folder, in one file or another.
    pub fn of(session: &Session) -> Option<Self> {
        let path = session.script.path()?;
        let root = path.parent().unwrap_or(Path::new(".")).to_path_buf();
        Some(Self { script: session.script.clone(), root, id: session.id.clone() })
    }

    /// Those of sessions that a session started.
    pub fn helpers(session: &Session) -> Vec<OfAgent> {
        let of = |helper: &Helper| {
            let path = helper.script.path()?;
            let root = path.parent().unwrap_or(Path::new(".")).to_path_buf();
            let part = Self { script: helper.script.clone(), root, id: helper.id.clone() };
            Some(OfAgent { part, about: helper.title.clone(), call: String::new(), told: false })
        };
        session.helpers.iter().filter_map(of).collect()
    }

    /// A transcript of a sub-agent's in a file of its own.
    pub fn transcript(root: &Path, path: PathBuf, id: &str) -> Self {
        Self { script: Script::Claude(path), root: root.to_path_buf(), id: id.to_owned() }
    }

    /// Reads it for the first time; gives the sub-agents that it knows of as well. `within`: it is a sub-agent's.
    pub fn read<'t>(&self, within: bool, extent: Extent, tap: &Arc<dyn Tap + 't>) -> Result<(File<'t>, Vec<OfAgent>)> {
        let Placed { place, dialect, agents } = self.placed(within, extent, tap)?;
        let is_laid = matches!(place, Place::Laid(_));
        let mut file = File::of(place, dialect, within, if is_laid { Extent::Whole } else { extent }, tap)?;
        file.again = is_laid.then(|| self.clone());
        Ok((file, agents))
    }

    /// Where its lines are read from, and how they are written.
    pub fn read_from(&self, tap: &Arc<dyn Tap + '_>) -> Result<(Place, &'static Dialect)> {
        self.placed(true, Extent::Whole, tap).map(|placed| (placed.place, placed.dialect))
    }

    /// Lays it out once more.
    pub fn again(&self, tap: &Arc<dyn Tap + '_>) -> Result<Place> {
        self.read_from(tap).map(|(place, _)| place)
    }

    fn placed(&self, within: bool, extent: Extent, tap: &Arc<dyn Tap + '_>) -> Result<Placed> {
        let alone = |place, dialect| Placed { place, dialect, agents: Vec::new() };
        let laid = |(place, agents)| Placed { place, dialect: &laid::DIALECT, agents };
        match &self.script {
            Script::Below => Err(Error::refused("it stands in the session's own folder")),
            Script::Claude(path) => {
                let agents = if within { Vec::new() } else { find::agents(&self.root, path) };
                Ok(Placed { place: Place::file(&self.root, path), dialect: &claude::DIALECT, agents })
            }
            Script::Codex(path) if path.extension().is_some_and(|end| end == "zst") => {
                packed::lay_out(&self.root, path, extent, tap).map(|place| alone(place, &codex::DIALECT))
            }
            Script::Codex(path) => Ok(alone(Place::file(&self.root, path), &codex::DIALECT)),
            Script::Gemini(path) => {
                let agents = if within { Vec::new() } else { gemini::agents(&self.root, &self.id) };
                Ok(laid((gemini::lay_out(&self.root, path, extent, tap)?, agents)))
            }
            Script::Rows(path) => opencode::rows(path, &self.id, extent, tap).map(laid),
            Script::Files(path) => opencode::files(path, &self.id, extent, tap).map(laid),
        }
    }

    /// Whether there is anything of it: of a session in files, a few may be left that hold no message.
    pub fn is_there(&self) -> bool {
        if let Script::Files(path) = &self.script { opencode::files_stand(path, &self.id).is_some() } else { true }
    }

    /// Where its long outputs are.
    pub fn outputs(&self) -> Outputs {
        match &self.script {
            Script::Claude(path) => Outputs::Beside { root: self.root.clone(), main: path.clone() },
            // Beside the database, or the folder of JSON.
            Script::Rows(path) | Script::Files(path) => {
                Outputs::Below { root: path.parent().unwrap_or(Path::new(".")).to_path_buf(), parts: 2 }
            }
            Script::Gemini(_) | Script::Codex(_) | Script::Below => Outputs::Nowhere,
        }
    }
}
