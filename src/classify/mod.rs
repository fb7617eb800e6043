//! Rules and proofs that give every file its class and evidence.
//!
//! By place: what a store says its places mean (`stores::Meaning`). By content: folders in the user's work area that
//! look rebuildable are checked by a [`WorkRule`]; files are looked for in the user's own folders ([`copies`]).
//! To add a rule: a file here with a [`WorkRule`] in it, and a line in [`RULES`].

mod archives;
mod around;
mod bytecode;
mod cachedir;
mod cargo_target;
pub mod copies;
mod git_rests;
mod ground;
mod hash;
mod hash_file;
mod hash_large;
mod hashes;
mod index;
mod install_times;
pub mod node_lock;
mod node_modules;
mod npm_cache;
pub mod packed;
mod proven;
mod pycache;
mod record;
mod rule;
#[cfg(test)]
mod tests;
mod tool_cache;
mod venv;

pub use around::Around;
pub use copies::{Search, Wanted, find_copies};
pub use ground::{Bytes, Ground};
pub use hash::blake3_of;
pub use hashes::Hashes;
pub use index::{Index, Places};
pub use proven::still_proven;
pub use rule::{Judged, Unit, UnitEntry, WorkRule};

/// Every rule for folders in a work area, the more specific first.
pub const RULES: &[&dyn WorkRule] = &[
    &node_modules::NodeModules,
    &venv::Venv,
    &pycache::PyCache,
    &cargo_target::CargoTarget,
    &cachedir::CacheDirTag,
    &tool_cache::ToolCache,
    &git_rests::GitRests,
];

/// The rule a folder is a candidate of, by its name and the names in it.
pub fn candidate(name: &[u8], inside: &[&[u8]]) -> Option<&'static dyn WorkRule> {
    RULES.iter().copied().find(|r| r.candidate(name, inside))
}

/// A name for what a rule finds, for people (`node_modules`); `None` for rules that are not about work folders.
pub fn group_of(rule: &str) -> Option<&'static str> {
    RULES.iter().find(|r| r.id() == rule).map(|r| r.group())
}
