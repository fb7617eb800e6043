//! What packages are installed, in which exact versions, and what tells it.
//!
//! From disk: an [`Ecosystem`] knows the folders that are its environments by name and reads them ([`installed`],
//! [`installed_in`]). From a conversation: what install commands asked for and what their answers said ([`Said`]).
//! To add an ecosystem: a file here with an [`Ecosystem`] in it, and a line in [`ECOSYSTEMS`].

mod brew;
mod cargo;
mod composer;
mod conda;
mod debian;
mod find;
mod gem;
mod npm;
mod package;
mod place;
mod python;
mod said;
#[cfg(test)]
mod tests;

pub use find::{installed, installed_in};
pub use package::{Environment, Package};
pub use place::Place;
pub use said::Said;

use std::path::Path;

/// A kind of environment that packages are installed in.
pub trait Ecosystem: Sync {
    /// Its id (`python`), as in [`Package::ecosystem`].
    fn id(&self) -> &'static str;
    /// Whether a folder may be such an environment, by its path and the names in it; cheap.
    fn mark(&self, at: &Path, inside: &[&str]) -> bool;
    /// Reads the environment; `None` where it turns out to be none. What is odd goes to its notes.
    fn read(&self, place: &Place<'_>) -> Option<Environment>;
}

/// Every ecosystem that is read from disk.
pub const ECOSYSTEMS: &[&dyn Ecosystem] = &[
    &python::Python,
    &npm::Npm,
    &conda::Conda,
    &debian::Debian,
    &cargo::Installed,
    &cargo::Locked,
    &gem::Gem,
    &composer::Composer,
    &brew::Brew,
];
