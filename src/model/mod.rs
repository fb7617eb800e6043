//! Plain data: what was found, what it is, what is to be done with it.

mod catalog;
mod class;
mod evidence;
mod hashing;
mod inside;
pub mod json_path;
mod meant;
mod names;
mod node;
mod plan;
mod progress;
mod receipt;
mod rows;
mod script;
mod session;

pub use catalog::{Catalog, ScanError};
pub use class::{Class, Kind, Tally, Totals};
pub use evidence::{Evidence, Proof, Verdict, VerdictId};
pub use hashing::Hashing;
pub use inside::Inner;
pub use meant::meant;
pub use names::{PathText, from_bytes, is_document, shown, shown_name, to_bytes};
pub use node::{Facts, Marks, New, Node, NodeId, Spot};
pub use plan::{Action, Identity, InImage, Plan, PlanItem, Skipped};
pub use progress::{Progress, Quiet, Stop, Watch};
pub use receipt::{Failed, Held, OpState, Operation, Receipt};
pub use rows::Row;
pub use script::{Helper, Script};
pub use session::{Session, SessionIx, Store, StoreIx};
