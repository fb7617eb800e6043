//! Tide tables: a build folder with its recipe, and a cache that tags itself.

use crate::demo::home::{DAY, Home, after};
use crate::demo::rust;
use crate::demo::session::{Session, Story};
use crate::demo::talk::Step::{Does, Says, You};
use crate::error::Result;
use std::path::Path;

pub(super) fn make(home: &mut Home, account: &Path) -> Result<()> {
    let steps = [
        You("I need tide tables for Cuxhaven on the command line, in Rust."),
        Does("mcp__workspace__bash", "cargo build", "Finished dev profile in 8.1s"),
        Says("It prints today's tides. The harmonic constants are in `constants.toml`; I typed them in from the almanac."),
    ];
    let story =
        Story { title: "Tide tables", vm_name: "steady-salty-airy", ago: 34 * DAY, archived: true, steps: &steps, ..Story::default() };
    let s = Session::new(home, account, story);
    s.whole(home)?;
    rust::crate_with_target(home, &s.output("tide-tables"), s.started)?;
    home.put(&s.output("tide-tables").join("constants.toml"), b"[M2]\namplitude = 1.31\nphase = 341.2\n", after(s.last, -30))?;
    rust::tagged_cache(home, &s.output("map-cache"), s.started)
}
