//! Codex CLI (and the app on the same folder): `~/.codex`.
//!
//! Rollouts are the conversations; the databases beside them are made from rollouts, but hold titles, archived flags, goals
//! and memories of their own (openai/codex, codex-rs/rollout and codex-rs/state).

mod helpers;
mod layout;
mod live;
mod locks;
mod meaning;
mod names;
mod place;
mod read;
mod rollout;
mod roots;
mod said;
mod threads;
mod turn;

#[cfg(test)]
mod tests;

use super::{Found, Meaning, Packing, Seen, Tool};
use crate::model::{Session, Spot};
use crate::platform::Process;
use crate::world::World;
use place::Place;
use std::path::{Path, PathBuf};

/// Codex.
#[derive(Debug)]
pub struct Codex;

impl Tool for Codex {
    fn name(&self) -> &'static str {
        "codex"
    }
    fn title(&self) -> &'static str {
        "Codex"
    }
    fn roots(&self, world: &World, given: &[PathBuf]) -> Vec<PathBuf> {
        roots::roots(world, given)
    }
    fn read(&self, world: &World, root: &Path) -> Found {
        read::read(world, root)
    }
    fn child(&self, folder: Spot, seen: Seen<'_>) -> Spot {
        layout::child(Place::of(folder), seen).spot()
    }
    fn meaning(&self, spot: Spot) -> Meaning {
        meaning::meaning(Place::of(spot))
    }
    fn running(&self, world: &World, _root: &Path) -> Option<String> {
        live::running(world.processes().as_deref())
    }
    fn open_turn(&self, root: &Path, session: &Session) -> Option<String> {
        turn::open(root, session)
    }
    fn packing(&self, spot: Spot, name: &[u8]) -> Packing {
        if Place::of(spot) == Place::Rollout && name.ends_with(b".jsonl") { Packing::Beside } else { Packing::Never }
    }
    fn database(&self, spot: Spot) -> Option<&'static crate::database::Scrub> {
        let databases = [Place::State, Place::ThreadHistory, Place::Goals, Place::Memory, Place::LogsUnproven, Place::Logs];
        databases.contains(&Place::of(spot)).then_some(&[])
    }
    fn is_own(&self, process: &Process) -> bool {
        live::is_codex(process)
    }
}
