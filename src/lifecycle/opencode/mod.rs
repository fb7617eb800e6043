//! The lifecycle of opencode's sessions, over its three generations.

pub mod archive;
mod collect;
mod forest;
pub mod orphans;
mod places;
pub mod prune;
pub mod reclaim;
mod sample;
mod schema;
pub mod stats;

pub use forest::{Forest, Member};
pub use places::{Places, inside};
