//! The command line: a file a command.

use crate::world::World;
use std::ffi::OsString;

/// Runs the program with these words (the first is the program's name) and gives its exit code.
pub fn run(_world: World, _words: Vec<OsString>) -> u8 {
    todo!()
}
