//! Claude Code, the command line tool (`~/.claude`).
//!
//! The vendor calls the format internal; what is known comes from its own page on the folder
//! (code.claude.com/docs/en/claude-directory) with the table of what is lost by removing what, from issues of
//! anthropics/claude-code, and from stores that the genuine client made.

mod footprint;
mod layout;
mod lines;
mod live;
mod meaning;
mod names;
mod place;
mod read;
mod roots;
mod told;

#[cfg(test)]
mod tests;

use super::turn;
use super::{Found, Meaning, Packing, Seen, Tool};
use crate::model::{Session, Spot};
use crate::platform::Process;
use crate::world::World;
use place::Place;
use std::path::{Path, PathBuf};

pub use roots::config_folder;

/// The store's name on the command line.
pub const NAME: &str = "claude-code";

/// Claude Code.
#[derive(Debug)]
pub struct ClaudeCode;

impl Tool for ClaudeCode {
    fn name(&self) -> &'static str {
        NAME
    }
    fn title(&self) -> &'static str {
        "Claude Code"
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
    fn running(&self, world: &World, root: &Path) -> Option<String> {
        live::Running::of(world, root).store()
    }
    fn open_turn(&self, root: &Path, session: &Session) -> Option<String> {
        turn::open(root, &footprint::transcripts(root, session))
    }
    fn packing(&self, spot: Spot, _name: &[u8]) -> Packing {
        if matches!(Place::of(spot), Place::Transcript | Place::Helper | Place::ToolResult) { Packing::Aside } else { Packing::Never }
    }
    fn is_own(&self, process: &Process) -> bool {
        live::is_client(process)
    }
}
