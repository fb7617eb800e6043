//! Deeds that a tool does best itself: Codex archives and deletes with `codex`, Gemini deletes with `gemini`.
//!
//! What is to be deleted is kept first: the files go into the vault, and names of the same bytes stay for the tool to
//! delete; so `undo` brings them back. What the tool says is not believed: afterwards the disk is looked at.

mod archive;
mod delete;
mod gemini;
mod links;
mod program;
#[cfg(test)]
mod tests;

pub use archive::archive;
pub use delete::{bytes, delete, unit};

use crate::error::Result;
use crate::world::World;

/// The stores whose tools delete by themselves.
pub const STORES: [&str; 2] = ["codex", "gemini"];

/// Whether the program of a store's tool is there to do it.
pub fn installed(world: &World, store: &str) -> Result<()> {
    program::find(world, if store == "gemini" { "gemini" } else { "codex" }).map(|_| ())
}
