//! Gemini CLI: `~/.gemini`, with a folder for each project below `tmp` (google-gemini/gemini-cli, packages/core).

mod chat;
mod layout;
mod live;
mod meaning;
mod place;
mod projects;
mod read;
mod retention;
mod roots;

#[cfg(test)]
mod tests;

use super::{Found, Meaning, Packing, Seen, Tool};
use crate::model::Spot;
use crate::platform::Process;
use crate::world::World;
use place::Place;
use std::path::{Path, PathBuf};

/// Gemini CLI.
#[derive(Debug)]
pub struct Gemini;

impl Tool for Gemini {
    fn name(&self) -> &'static str {
        "gemini"
    }
    fn title(&self) -> &'static str {
        "Gemini"
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
    fn packing(&self, spot: Spot, _name: &[u8]) -> Packing {
        if matches!(Place::of(spot), Place::Chat | Place::AgentChat | Place::ToolOutput) { Packing::Aside } else { Packing::Never }
    }
    fn is_own(&self, process: &Process) -> bool {
        live::is_gemini(process)
    }
}
