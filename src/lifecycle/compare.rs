//! Whether two databases hold the same: every table, every row, every value with its type.

use super::cells::{Cells, select};
use super::table::Table;
use crate::database::{Schema, quoted};
use crate::error::{Error, Kind, Result};
use crate::model::{Progress, Watch};
use rusqlite::Connection;
use std::io::{self, Write};

/// An error where they differ.
pub fn same(one: &Connection, other: &Connection, watch: &dyn Watch) -> Result<()> {
    let differ = |what: String| Error::new(Kind::System, format!("the packed database differs from the old one: {what}; it is not used"));
    let failed = |e: io::Error| Error::new(Kind::System, "cannot compare the packed database with the old one").because(e);
    let sql = |e: rusqlite::Error| failed(io::Error::other(e));
    // The counters of numbered tables are made anew where there are such tables, and only there.
    let words = "SELECT type,name,tbl_name,coalesce(sql,'') FROM sqlite_schema WHERE name<>'sqlite_sequence' ORDER BY type,name";
    if rows(one, words).map_err(sql)? != rows(other, words).map_err(sql)? {
        return Err(differ("its tables and indexes".into()));
    }
    for pragma in ["user_version", "application_id", "page_size", "auto_vacuum", "encoding"] {
        let words = format!("SELECT CAST({pragma} AS TEXT) FROM pragma_{pragma}");
        if rows(one, &words).map_err(sql)? != rows(other, &words).map_err(sql)? {
            return Err(differ(format!("its {pragma}")));
        }
    }
    let mut bytes = 0;
    let theirs = Schema::read(other).map_err(sql)?;
    for name in Schema::read(one).map_err(sql)?.tables.keys() {
        if name == "sqlite_sequence" && !theirs.has(name) {
            if rows(one, "SELECT name FROM sqlite_sequence").map_err(sql)?.is_empty() {
                continue;
            }
            return Err(differ("its counters".into()));
        }
        let (a, b) = (sum(one, name).map_err(failed)?, sum(other, name).map_err(failed)?);
        if (a.0, a.2) != (b.0, b.2) {
            return Err(differ(format!("table {name} has {} rows and {} rows, or other values in them", a.0, b.0)));
        }
        bytes += a.1;
        watch.at(&Progress { verb: "Comparing", bytes, ..Progress::default() });
    }
    Ok(())
}

fn rows(sql: &Connection, words: &str) -> rusqlite::Result<Vec<Vec<String>>> {
    let mut asked = sql.prepare(words)?;
    let columns = asked.column_count();
    let found = asked.query_map([], |row| (0..columns).map(|at| row.get(at)).collect())?;
    found.collect()
}

struct Hash(blake3::Hasher);

impl Write for Hash {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The rows of a table, the bytes of their values, and a hash of all of it in its own order.
fn sum(sql: &Connection, name: &str) -> io::Result<(u64, u64, blake3::Hash)> {
    let mut hash = Hash(blake3::Hasher::new());
    let (mut count, mut bytes) = (0, 0);
    let Some(table) = Table::read(sql, name).map_err(io::Error::other)? else {
        // One without row numbers: in the order of its key, each row at once.
        let mut asked = sql.prepare(&format!("SELECT * FROM {}", quoted(name))).map_err(io::Error::other)?;
        let columns = asked.column_count();
        let mut found = asked.query([]).map_err(io::Error::other)?;
        while let Some(row) = found.next().map_err(io::Error::other)? {
            for at in 0..columns {
                let cell = super::cells::Cell::of(row.get_ref(at).map_err(io::Error::other)?);
                hash.write_all(&cell.hash())?;
                bytes += cell.bytes();
            }
            count += 1;
        }
        return Ok((count, bytes, hash.0.finalize()));
    };
    let words = format!("{} ORDER BY {}", select(&table), table.number());
    let mut asked = sql.prepare(&words).map_err(io::Error::other)?;
    let mut found = asked.query([]).map_err(io::Error::other)?;
    while let Some(row) = found.next().map_err(io::Error::other)? {
        let row = Cells::of(row, table.columns.len()).map_err(io::Error::other)?;
        row.write(sql, &table, &mut hash)?;
        (count, bytes) = (count + 1, bytes + row.bytes());
    }
    Ok((count, bytes, hash.0.finalize()))
}
