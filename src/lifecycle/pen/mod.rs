//! The pen: the only room that writes into a database that is not ours.
//!
//! Whoever has a pen has looked before whether the database is in use (`live`), and has kept what goes (`chunk`). Every change
//! is one short transaction, so that a program that starts meanwhile waits no longer than it is ready to; and none is made when
//! somebody else wrote since the rows were read.

mod as_text;
mod back;
mod spot;

use super::cells::Cell;
use super::table::Table;
use crate::database::quoted;
use crate::error::{Error, Kind, Result};
use as_text::AsBytes;
pub use back::Back;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, Statement};
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a change waits for another program's.
const PATIENCE: Duration = Duration::from_secs(2);

/// A database that may be written to.
#[derive(Debug)]
pub struct Pen {
    sql: Connection,
    path: PathBuf,
    /// What SQLite counts up when another program writes.
    version: i64,
    /// Whether rows may lean on what is not there.
    loose: bool,
}

impl Pen {
    /// Opens a database for writing, with foreign keys watched.
    pub fn take(path: &Path) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let opened = Connection::open_with_flags(path, flags).and_then(|sql| {
            sql.busy_timeout(PATIENCE)?;
            sql.execute_batch(
                "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA mmap_size=0; PRAGMA cache_size=-16000; \
                 PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA recursive_triggers=OFF",
            )?;
            let keys: bool = sql.query_row("PRAGMA foreign_keys", [], |row| row.get(0))?;
            let encoding: String = sql.query_row("PRAGMA encoding", [], |row| row.get(0))?;
            let triggers: i64 = sql.query_row("SELECT count(*) FROM sqlite_schema WHERE type='trigger'", [], |row| row.get(0))?;
            Ok((sql, keys, encoding, triggers))
        });
        let (sql, keys, encoding, triggers) = opened.map_err(|e| failed("cannot open the database for writing", path, e))?;
        let why = match () {
            () if !keys => "its foreign keys cannot be watched",
            () if encoding != "UTF-8" => "its texts are not UTF-8",
            () if triggers > 0 => "it has triggers, which would do more than was planned",
            () => {
                let mut pen = Self { sql, path: path.to_path_buf(), version: 0, loose: false };
                pen.begin_reading()?;
                return Ok(pen);
            }
        };
        Err(Error::refused(format!("the database is left as it is: {why}")).at(path))
    }

    /// From here on rows may lean on what is not there, as some that are put back always did.
    pub fn loosen(&mut self) -> Result<()> {
        self.loose = true;
        self.sql.execute_batch("PRAGMA foreign_keys=OFF").map_err(|e| failed("cannot write to the database", &self.path, e))
    }

    /// The connection, for reading.
    pub fn sql(&self) -> &Connection {
        &self.sql
    }

    /// The database's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// From here on nobody else may write until the next change, or that change is refused.
    pub fn begin_reading(&mut self) -> Result<()> {
        self.version = self.version_now()?;
        Ok(())
    }

    /// Whether somebody else wrote since [`Pen::begin_reading`].
    pub fn is_overtaken(&self) -> Result<bool> {
        Ok(self.version_now()? != self.version)
    }

    fn version_now(&self) -> Result<i64> {
        self.sql.query_row("PRAGMA data_version", [], |row| row.get(0)).map_err(|e| failed("cannot read the database", &self.path, e))
    }

    /// Makes a change, whole or not at all.
    pub fn change<T>(&mut self, work: impl FnOnce(&Change<'_>) -> Result<T>) -> Result<T> {
        let path = &self.path;
        self.sql.execute_batch("BEGIN IMMEDIATE").map_err(|e| failed("cannot write to the database", path, e))?;
        let done = if self.is_overtaken()? {
            let says = "another program wrote to the database meanwhile; nothing of this was changed";
            Err(Error::refused(says).at(path).hint("end what uses it and try again"))
        } else {
            work(&Change { sql: &self.sql, path, ready: RefCell::default(), as_bytes: RefCell::default() })
        };
        let ended = done.and_then(|value| {
            self.sql.execute_batch("COMMIT").map_err(|e| failed("cannot write to the database; nothing of this was changed", path, e))?;
            Ok(value)
        });
        if ended.is_err() {
            // Where SQLite rolled back already, there is nothing to roll back.
            let _ = self.sql.execute_batch("ROLLBACK");
        }
        ended
    }

    /// Moves everything from the `-wal` into the database and empties it; whether that was possible.
    pub fn checkpoint(&self) -> Result<bool> {
        let busy = self.sql.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
        Ok(busy.map_err(|e| failed("cannot bring the database up to date", &self.path, e))? == 0)
    }

    /// Writes the database, packed, to a place where an empty file of ours is.
    pub fn pack_into(&self, place: &Path) -> Result<()> {
        let name = place.to_str().ok_or_else(|| Error::new(Kind::System, "the name is not UTF-8").at(place))?;
        self.sql.execute("VACUUM INTO ?1", [name]).map_err(|e| failed("cannot pack the database", &self.path, e))?;
        Ok(())
    }

    /// Packs the database where it is.
    pub fn pack_in_place(&self) -> Result<()> {
        self.sql.execute_batch("VACUUM").map_err(|e| failed("cannot pack the database", &self.path, e))
    }

    /// How the database keeps what is being written: `wal`, `delete` …
    pub fn mode(&self) -> Result<String> {
        self.sql.query_row("PRAGMA journal_mode", [], |row| row.get(0)).map_err(|e| failed("cannot read the database", &self.path, e))
    }

    /// Sets that; gives what it is afterwards. Leaving `wal` is possible only while nobody else has the database open, and
    /// takes the `-wal` away.
    pub fn set_mode(&self, mode: &str) -> Result<String> {
        let set = self.sql.query_row(&format!("PRAGMA journal_mode={mode}"), [], |row| row.get(0));
        set.map_err(|e| failed("cannot have the database alone", &self.path, e))
    }

    /// Keeps everybody else out, also from reading, until the pen is dropped or lets go.
    pub fn lock(&self) -> Result<()> {
        self.sql.execute_batch("BEGIN EXCLUSIVE").map_err(|e| failed("cannot have the database alone", &self.path, e))
    }

    /// Lets others in again.
    pub fn unlock(&self) {
        let _ = self.sql.execute_batch("ROLLBACK");
    }

    /// Gives the connection back; SQLite brings the database up to date and takes `-wal` and `-shm` away where nobody else has it
    /// open.
    pub fn put_down(self) -> Result<()> {
        let path = self.path;
        self.sql.close().map_err(|(_, e)| failed("cannot close the database", &path, e))
    }
}

/// A change that is being made.
pub struct Change<'a> {
    sql: &'a Connection,
    path: &'a Path,
    /// What was asked before, ready to be asked again.
    ready: RefCell<HashMap<String, Statement<'a>>>,
    /// Large texts that stand as bytes so far.
    as_bytes: RefCell<Vec<AsBytes>>,
}

impl<'a> Change<'a> {
    /// The connection, for reading.
    pub fn sql(&self) -> &Connection {
        self.sql
    }

    /// Asks something that is asked for many rows.
    fn ask<T>(&self, words: &str, work: impl FnOnce(&mut Statement<'a>) -> rusqlite::Result<T>) -> rusqlite::Result<T> {
        let ready = self.ready.borrow_mut().remove(words);
        let mut asked = ready.map_or_else(|| self.sql.prepare(words), Ok)?;
        let done = work(&mut asked);
        self.ready.borrow_mut().insert(words.to_owned(), asked);
        done
    }

    /// Removes these rows, and refuses where more would go with them.
    pub fn remove(&self, rows: &[(&Table, Vec<i64>)]) -> Result<()> {
        let error = |e| failed("cannot remove rows", self.path, e);
        let before = self.sql.total_changes();
        let mut planned = 0_u64;
        for (table, numbers) in rows {
            let words = format!("DELETE FROM {} WHERE {}=?1", table.sql(), table.number());
            let mut remove = self.sql.prepare(&words).map_err(error)?;
            for number in numbers {
                remove.execute([number]).map_err(error)?;
            }
            planned += numbers.len() as u64;
        }
        let gone = self.sql.total_changes() - before;
        if gone == planned {
            return Ok(());
        }
        Err(Error::new(Kind::System, format!("{gone} rows would go where {planned} were kept; nothing was changed")).at(self.path))
    }

    /// Replaces one value of one row.
    pub fn set(&self, table: &Table, number: i64, column: usize, cell: &Cell) -> Result<()> {
        let name = table.columns.get(column).map(|c| quoted(c)).unwrap_or_default();
        let words = format!("UPDATE {} SET {name}=?1 WHERE {}=?2", table.sql(), table.number());
        let value = |v: ValueRef<'_>| -> rusqlite::Result<usize> { self.sql.execute(&words, (ToSqlOutput::from_ref(v), number)) };
        match value(cell.value()).map_err(|e| failed("cannot change a row", self.path, e))? {
            1 => Ok(()),
            n => Err(Error::new(Kind::System, format!("{n} rows would change where 1 should")).at(self.path)),
        }
    }

    /// Foreign keys are looked at when the change is committed, not before.
    pub fn defer_links(&self) -> Result<()> {
        self.sql.execute_batch("PRAGMA defer_foreign_keys=ON").map_err(|e| failed("cannot write to the database", self.path, e))
    }
}

trait FromRef<'a> {
    fn from_ref(value: ValueRef<'a>) -> Self;
}

impl<'a> FromRef<'a> for ToSqlOutput<'a> {
    fn from_ref(value: ValueRef<'a>) -> Self {
        ToSqlOutput::Borrowed(value)
    }
}

/// An error about a database, refused where somebody else has it.
pub fn failed(what: &str, path: &Path, cause: rusqlite::Error) -> Error {
    let code = cause.sqlite_error_code();
    if matches!(code, Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)) {
        let says = "another program is using the database; nothing of this was changed";
        return Error::refused(says).at(path).because(cause).hint("end it (opencode, `opencode serve`) and try again");
    }
    let error = Error::new(Kind::System, what).at(path).because(cause);
    match code {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            error.hint("the file is damaged; keep it, with its -wal beside it, and restore a backup to another place")
        }
        Some(ErrorCode::DiskFull) => error.hint("the disk is full; `lifeboat purge` empties the vault"),
        _ => error,
    }
}
