//! The index for searches, kept in our own state folder.
//!
//! It is SQLite's full-text search (FTS5), which is compiled in with the databases of the stores: no second of build time. It holds
//! which words stand in which block of a few pages, no more; a block that has the words is read again where it stands on disk.

mod ask;
mod base;
mod block;
mod tokens;
mod update;

pub use update::Updated;

use super::known::Known;
use super::query::Query;
use super::read::Answer;
use crate::error::Result;
use crate::model::Watch;
use crate::world::World;
use ask::Shelf;
use rusqlite::Connection;
use std::path::PathBuf;

/// The index, open.
#[derive(Debug)]
pub struct Library {
    sql: Connection,
    path: PathBuf,
    shelf: Shelf,
    /// Which state of the index the shelf holds.
    version: Option<i64>,
}

impl Library {
    /// Opens the index, or makes it.
    pub fn open(world: &World) -> Result<Self> {
        let path = world.state_dir.join(base::NAME);
        Ok(Self { sql: base::open(&world.state_dir)?, path, shelf: Shelf::default(), version: None })
    }

    /// Brings it up to date: `known` are all sessions there are. What is done stays done when somebody stops it.
    pub fn update(&mut self, known: &[Known], watch: &dyn Watch) -> Result<Updated> {
        self.version = None;
        update::update(&mut self.sql, known, watch).map_err(|e| self.failed(e))
    }

    /// Looks in these sessions until nothing can be better than what was found, or it is `enough`, which is asked after every few
    /// blocks.
    pub fn search(&mut self, known: &[Known], query: &Query, limit: usize, enough: &dyn Fn() -> bool) -> Result<Answer> {
        let answer = self.refresh().and_then(|()| self.shelf.search(&self.sql, known, query, limit, enough));
        answer.map_err(|e| self.failed(e))
    }

    /// Reads again which blocks there are, where that changed.
    fn refresh(&mut self) -> rusqlite::Result<()> {
        let version = self.sql.query_row("PRAGMA data_version", [], |row| row.get(0))?;
        if self.version != Some(version) {
            self.shelf.read(&self.sql)?;
            self.version = Some(version);
        }
        Ok(())
    }

    /// An error about the index; one that is torn is dropped, to be made anew the next time.
    fn failed(&self, e: rusqlite::Error) -> crate::error::Error {
        if base::torn(&e) {
            base::discard(&self.path);
        }
        base::failed(&self.path, e)
    }
}
