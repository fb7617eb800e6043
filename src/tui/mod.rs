//! The interface: state, update and view apart; a file a screen part.

use crate::scan;
use crate::world::World;

/// How the interface behaves and draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    let _ = (world, scan, options);
    ratatui::run(|terminal| terminal.draw(|_| ()).map(drop)).map_err(|e| crate::error::Error::io("cannot draw", "the terminal", e))
}
