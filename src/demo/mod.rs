//! The sample home: several sessions and every odd case, made by the program itself.

#[cfg(test)]
mod another;
mod bytecode;
mod bytes;
mod folders;
mod home;
mod neighbours;
mod packages;
mod python;
mod record;
mod rust;
mod session;
mod stories;
mod talk;

#[cfg(test)]
pub(crate) use another::another;
#[cfg(test)]
pub(crate) use bytecode::{Constant, compiled};

use crate::error::{Error, Result};
use crate::world::World;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The file that says a folder is a sample home of ours.
pub const MARKER: &str = ".lifeboat-demo";

/// What a sample home looks like.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// The moment everything is relative to.
    pub now: jiff::Timestamp,
    /// Bulk files in each plugin copy; 0 for the smallest home.
    pub bulk: usize,
}

/// Makes a sample home in an empty or new folder: the same shape always makes the same bytes and times.
///
/// # Errors
/// The folder holds something already, or cannot be written.
pub fn make(home: &Path, shape: &Shape) -> Result<()> {
    let taken = std::fs::read_dir(home).is_ok_and(|mut names| names.next().is_some());
    if taken {
        return Err(Error::refused("the sample home needs an empty or new folder").at(home).hint("give another with --dir"));
    }
    let mut home = home::Home::new(home, shape);
    folders::make(&mut home)?;
    neighbours::make(&mut home)?;
    stories::make(&mut home)?;
    let marker = home.root.join(MARKER);
    home.put(&marker, b"A sample home made by `lifeboat demo`. Everything in it is made up; remove it when you like.\n", home.ago(0))?;
    home.finish()
}

/// The world of a sample home: its own state and vault, nothing of the real home.
pub fn world(home: &Path) -> World {
    World::at(home, BTreeMap::new())
}

/// The app's data folder in a sample home, as this platform names it.
pub fn app_data(home: &Path) -> PathBuf {
    match crate::platform::Os::here() {
        crate::platform::Os::Linux => home.join(".config").join("Claude"),
        crate::platform::Os::Mac => home.join("Library").join("Application Support").join("Claude"),
        crate::platform::Os::Windows => home.join("AppData").join("Roaming").join("Claude"),
    }
}

#[cfg(test)]
mod tests;
