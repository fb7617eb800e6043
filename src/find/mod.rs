//! Finds where something was said, in any session of any tool.

mod best;
mod context;
mod desk;
mod exact;
mod fit;
mod fold;
mod hit;
mod index;
mod known;
mod maker;
mod moment;
mod query;
mod read;
#[cfg(test)]
mod tests;

pub use context::Context;
pub use desk::{Desk, News};
pub use exact::{Literal, Pattern};
pub use fit::{Fit, Found, Look, Room};
pub use hit::{Hit, SCHEMA};
pub use index::{Library, Updated};
pub use known::Known;
pub use maker::{Maker, Sure, Thing, makers};
pub use moment::moment;
pub use query::{Filter, Query, voices};
pub use read::{Answer, all};
