//! What goes on by itself: durable folders kept up to date as sessions grow, flushes when they end, a standing rule for
//! what is rebuildable, and a backup before an update that can be seen coming.
//!
//! [`follow`] says which sessions are due, by what an [`ear`] hears; [`keeper`] does what is to be done for them.

mod backups;
pub mod ear;
pub mod follow;
pub mod install;
mod keeper;
mod listen;
pub mod lock;
pub mod news;
mod rule;
mod shelve;
#[cfg(test)]
mod tests;
mod thin;

pub use keeper::{Keeper, Settings, Tell, taken};
pub use rule::Rule;
pub use shelve::Shelve;

use ear::{Deaf, Ear};
use listen::Listening;

/// The best ear this system has.
pub fn ear() -> Box<dyn Ear> {
    match Listening::new() {
        Some(listening) => Box::new(listening),
        None => Box::new(Deaf),
    }
}
