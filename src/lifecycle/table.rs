//! One table of a database as rows are taken out of it and put back.

use crate::database::quoted;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

/// A value of so many bytes or more is read and written in pieces.
pub const LARGE: u64 = 1 << 20;

/// A table: its columns, and what tells a row of it from every other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns, in its own order.
    pub columns: Vec<String>,
    /// The columns of its primary key, by their place in `columns`; empty where only the row number tells.
    pub key: Vec<usize>,
    /// The name its row number goes by; `None` where a column is the row number, or there is none.
    pub rowid: Option<String>,
}

/// A foreign key that a table has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The table that has it.
    pub from: String,
    /// Its column there; a key of several columns is told as several links.
    pub column: String,
    /// The table it points to.
    pub to: String,
}

impl Table {
    /// Reads a table; `None` where it is not there, or is of a sort whose rows cannot be taken out and put back exactly: one
    /// without row numbers, or with columns that are computed.
    pub fn read(sql: &Connection, name: &str) -> rusqlite::Result<Option<Self>> {
        let sort = "SELECT wr FROM pragma_table_list(?1) WHERE schema='main' AND type='table'";
        let mut found = sql.prepare(sort)?;
        if found.query_map([name], |row| row.get::<_, bool>(0))?.next().transpose()? != Some(false) {
            return Ok(None);
        }
        let mut list = sql.prepare("SELECT name, pk, hidden, type FROM pragma_table_xinfo(?1) ORDER BY cid")?;
        let all: Vec<(String, i64, i64, String)> =
            list.query_map([name], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?.collect::<rusqlite::Result<_>>()?;
        if all.is_empty() || all.iter().any(|(_, _, hidden, _)| *hidden != 0) {
            return Ok(None);
        }
        let mut key: Vec<(i64, usize)> = all.iter().enumerate().filter(|(_, c)| c.1 > 0).map(|(at, c)| (c.1, at)).collect();
        key.sort_unstable();
        let key: Vec<usize> = key.into_iter().map(|(_, at)| at).collect();
        let is_number = matches!(key.as_slice(), [one] if all.get(*one).is_some_and(|c| c.3.eq_ignore_ascii_case("integer")));
        let columns: Vec<String> = all.into_iter().map(|c| c.0).collect();
        let free = |name: &&str| !columns.iter().any(|c| c.eq_ignore_ascii_case(name));
        let rowid = ["rowid", "oid", "_rowid_"].iter().find(|n| free(n)).filter(|_| !is_number).map(|n| (*n).to_owned());
        Ok(Some(Self { name: name.to_owned(), columns, key, rowid }))
    }

    /// Its name as SQL takes it.
    pub fn sql(&self) -> String {
        quoted(&self.name)
    }

    /// The row number as SQL takes it.
    pub fn number(&self) -> String {
        self.rowid.clone().or_else(|| self.key.first().and_then(|at| self.columns.get(*at)).map(|c| quoted(c))).unwrap_or_default()
    }

    /// The place of a column.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|c| c == name)
    }

    /// Its columns as SQL takes them, with commas between.
    pub fn list(&self) -> String {
        self.columns.iter().map(|c| quoted(c)).collect::<Vec<_>>().join(",")
    }
}

/// Every foreign key of a database.
pub fn links(sql: &Connection) -> rusqlite::Result<Vec<Link>> {
    let all = "SELECT t.name, f.\"from\", f.\"table\" FROM pragma_table_list AS t, pragma_foreign_key_list(t.name) AS f \
               WHERE t.schema='main' AND t.type='table'";
    let mut found = sql.prepare(all)?;
    let rows = found.query_map([], |row| Ok(Link { from: row.get(0)?, column: row.get(1)?, to: row.get(2)? }))?;
    rows.collect()
}
