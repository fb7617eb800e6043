//! Large texts go back in little memory.
//!
//! SQLite makes room in a row without holding it in memory for bytes alone (`zeroblob`); for a text of the same length it holds
//! it twice. So a large text is first written as bytes, piece by piece; then its type is set: text and bytes of one length differ
//! in one bit of the row's head (`sqlite.org/fileformat2.html`, serial types). That bit is set in the file itself, with nothing in
//! the `-wal` and everybody else kept out; where that cannot be had, SQLite writes the value anew, in more memory.

use super::spot::spot;
use super::{Pen, failed};
use crate::database::quoted;
use crate::error::{Error, Result};
use crate::lifecycle::cells::{Cell, Cells};
use crate::lifecycle::table::Table;
use rusqlite::Connection;
use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};

/// A large text that stands in the database as bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AsBytes {
    /// Its table.
    pub table: Table,
    /// Its row.
    pub number: i64,
    /// Its column.
    pub column: usize,
    /// Its bytes.
    pub length: u64,
}

/// Whether a large text of a row may stand as bytes for a moment: nothing rests on its type, and nothing after it makes SQLite
/// hold it in memory all the same.
pub(super) fn may_be_bytes(sql: &Connection, table: &Table, row: &Cells, column: usize) -> bool {
    let empty = |cell: &Cell| matches!(cell, Cell::Null | Cell::Int(0 | 1)) || cell.large().is_some() || cell.bytes() == 0;
    row.cells.iter().skip(column + 1).all(empty) && rests_on_nothing(sql, table, column).unwrap_or(false)
}

/// Whether a value can be written in pieces into its row: SQLite does not do that where an index or a key has it.
pub(super) fn in_pieces(sql: &Connection, table: &Table, row: &Cells) -> bool {
    let mut large = row.cells.iter().enumerate().filter(|(_, cell)| cell.large().is_some());
    large.all(|(column, _)| rests_on_nothing(sql, table, column).unwrap_or(false))
}

/// Whether no index, key or condition has a column.
fn rests_on_nothing(sql: &Connection, table: &Table, column: usize) -> rusqlite::Result<bool> {
    let name = table.columns.get(column).map_or("", String::as_str);
    let made: String = sql.query_row("SELECT sql FROM sqlite_schema WHERE type='table' AND name=?1", [&table.name], |row| row.get(0))?;
    let made = made.to_ascii_uppercase();
    let indexed = "SELECT count(*) FROM pragma_index_list(?1) AS l, pragma_index_xinfo(l.name) AS x \
                   WHERE l.partial<>0 OR x.cid=-2 OR x.name=?2 COLLATE NOCASE";
    let leans = "SELECT count(*) FROM pragma_foreign_key_list(?1) WHERE \"from\"=?2 COLLATE NOCASE";
    let none = |words: &str| sql.query_row(words, [&table.name, name], |row| row.get::<_, i64>(0)).map(|n| n == 0);
    Ok(!made.contains("CHECK") && !made.contains("STRICT") && none(indexed)? && none(leans)?)
}

impl Pen {
    /// Makes texts of values that were written as bytes.
    pub fn as_texts(&mut self, all: &[AsBytes]) -> Result<()> {
        if all.is_empty() {
            return Ok(());
        }
        if !self.in_the_file(all)? {
            for one in all {
                let name = one.table.columns.get(one.column).map(|c| quoted(c)).unwrap_or_default();
                let words = format!("UPDATE {} SET {name}=CAST({name} AS TEXT) WHERE {}=?1", one.table.sql(), one.table.number());
                self.sql.execute(&words, [one.number]).map_err(|e| failed("cannot put rows back", &self.path, e))?;
            }
        }
        for one in all {
            let name = one.table.columns.get(one.column).map(|c| quoted(c)).unwrap_or_default();
            let words = format!(
                "SELECT typeof({name})='text' AND octet_length({name})=?2 FROM {} WHERE {}=?1",
                one.table.sql(),
                one.table.number()
            );
            let asked = self.sql.query_row(&words, (one.number, one.length.cast_signed()), |row| row.get::<_, bool>(0));
            if !asked.map_err(|e| failed("cannot read rows that were put back", &self.path, e))? {
                let says = "a text that was put back stands as bytes; the next start of an acting verb mends it";
                return Err(Error::new(crate::error::Kind::System, says).at(&self.path));
            }
        }
        self.begin_reading()
    }

    /// Sets their types in the file; whether that could be done.
    fn in_the_file(&mut self, all: &[AsBytes]) -> Result<bool> {
        let mode = self.mode()?;
        let alone = match mode.as_str() {
            "wal" => self.checkpoint()? && self.set_mode("delete").is_ok_and(|now| now == "delete"),
            mode => mode == "delete",
        };
        let mut done = Ok(false);
        if alone && self.lock().is_ok() {
            let file = File::options().read(true).write(true).open(&self.path);
            let (written, file) = match file {
                Ok(mut file) => (self.set_types(&mut file, all), Some(file)),
                Err(e) => (Err(e), None),
            };
            done = written.map_err(|e| Error::io("cannot put rows back", &self.path, e));
            self.unlock();
            // What SQLite remembers of the file is forgotten with the connection. The file is closed after it: closing it lets go
            // of every lock of this process.
            let nothing = Connection::open_in_memory().map_err(|e| failed("cannot open a database", &self.path, e))?;
            let old = std::mem::replace(&mut self.sql, nothing);
            old.close().map_err(|(_, e)| failed("cannot close the database", &self.path, e))?;
            drop(file);
            let (path, loose) = (self.path.clone(), self.loose);
            *self = Self::take(&path)?;
            if loose {
                self.loosen()?;
            }
            // Whoever remembers pages of it is told that it changed.
            let told = self.sql.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0));
            let told = told.and_then(|version| self.sql.execute_batch(&format!("PRAGMA user_version={version}")));
            told.map_err(|e| failed("cannot write to the database", &path, e))?;
        }
        if mode == "wal" && self.mode()? != "wal" {
            self.set_mode("wal")?;
        }
        done
    }

    /// Sets the bit that makes texts of bytes; whether all were found.
    fn set_types(&self, file: &mut File, all: &[AsBytes]) -> io::Result<bool> {
        let mut spots = Vec::new();
        for one in all {
            let root = "SELECT rootpage FROM sqlite_schema WHERE type='table' AND name=?1";
            let root = self.sql.query_row(root, [&one.table.name], |row| row.get::<_, i64>(0)).map_err(io::Error::other)?;
            match spot(file, root.unsigned_abs(), (one.number, one.column), 2 * one.length + 12)? {
                Some(spot) => spots.push(spot),
                None => return Ok(false),
            }
        }
        for spot in spots {
            file.seek(SeekFrom::Start(spot.at))?;
            file.write_all(&[spot.byte | 1])?;
        }
        file.sync_all()?;
        Ok(true)
    }
}
