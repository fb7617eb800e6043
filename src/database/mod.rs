//! Reads SQLite files of others, and changes nothing: neither the file nor what lies beside it.
//!
//! A database is three files: itself, `-wal` with what was written last (often most of it), and `-shm`, an index of that.
//! How they are opened depends on which of them are there (sqlite.org/wal.html, "Read-Only Databases"); see [`open`].

mod copy;
mod family;
mod header;
mod open;
mod schema;
#[cfg(test)]
mod tests;

pub use copy::{Scrub, copy};
pub use family::{Family, Member, is_database};
pub use header::Header;
pub use open::{Database, open};
pub use schema::{Schema, quoted};
