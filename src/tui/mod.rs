//! The interface: state, update and view apart; a file a screen part.
//!
//! [`app::App`] is plain data; `update` takes a message and gives effects; `view` draws. The runner alone touches the
//! terminal, the disk and other threads. Nothing destructive starts without a [`confirm::Confirmed`], which only the
//! plan and purge screens make.

mod app;
mod commands;
mod confirm;
mod ending;
mod filter;
mod index;
mod key;
mod marks;
mod msg;
mod order;
mod planner;
mod preview;
mod problems;
mod reader;
mod remap;
mod rows;
mod runner;
mod seek;
pub mod stage;
mod terminal;
#[cfg(test)]
mod tests;
mod text;
mod theme;
mod tree;
mod update;
mod view;
mod work;

use crate::scan;
use crate::world::World;

/// How the interface behaves and draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "four independent yes-or-no wishes")]
pub struct Options {
    /// Acting commands are gone from keys, footer, help and palette.
    pub read_only: bool,
    /// Colours are drawn; without them bold, dim and reverse video stay.
    pub colour: bool,
    /// No box drawing, no triangles, no spinner.
    pub ascii: bool,
    /// The mouse selects, scrolls, opens and marks.
    pub mouse: bool,
}

/// Opens the interface on what a scan with these options finds, until the user leaves it.
pub fn run(world: World, scan: scan::Options, options: Options) -> crate::error::Result<()> {
    runner::run(world, scan, options)
}
