//! Every row that belongs to sessions, and how much that is.

use super::forest::{Member, newest};
use super::places::Places;
use super::prune::Unit;
use super::schema::{Known, Owned};
use crate::database::{self, Database, quoted};
use crate::error::Result;
use crate::lifecycle::deed::Todo;
use crate::lifecycle::table::Table;
use rusqlite::Connection;
use std::collections::HashSet;

/// Rows, and the bytes of their values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Size {
    /// Rows.
    pub rows: u64,
    /// Bytes.
    pub bytes: u64,
}

/// The words for the bytes of a row, told by its head alone.
pub fn bytes_of(table: &Table) -> String {
    let columns: Vec<String> = table.columns.iter().map(|c| format!("coalesce(octet_length({}),0)", quoted(c))).collect();
    columns.join("+")
}

/// How the rows of a session are found in a table; `?1` is its id. Parts also by their message, which may say otherwise than
/// they do.
fn wheres(owned: &Owned, known: &Known) -> Vec<String> {
    let mut all = vec![format!("{}=?1", quoted(&owned.by))];
    if owned.table.name == "part" && known.table("message").is_some() {
        all.push("message_id IN (SELECT id FROM message WHERE session_id=?1)".to_owned());
    }
    all
}

/// Every row of these sessions, what depends on others first.
pub fn rows<'k>(sql: &Connection, known: &'k Known, ids: &[&str]) -> rusqlite::Result<Vec<Todo<'k>>> {
    let mut all = Vec::new();
    for owned in &known.owned {
        let table = &owned.table;
        let mut seen = HashSet::new();
        for by in wheres(owned, known) {
            let number = table.number();
            let words = format!("SELECT {number},{} FROM {} WHERE {by} ORDER BY {number}", bytes_of(table), table.sql());
            let mut asked = sql.prepare(&words)?;
            for id in ids {
                let mut found = asked.query([id])?;
                while let Some(row) = found.next()? {
                    let (number, bytes) = (row.get(0)?, row.get::<_, i64>(1)?);
                    if seen.insert(number) {
                        all.push(Todo { table, number, bytes: u64::try_from(bytes).unwrap_or(0), becomes: None });
                    }
                }
            }
        }
    }
    Ok(all)
}

/// A table that still has rows of these sessions.
pub fn left(sql: &Connection, known: &Known, ids: &[&str]) -> rusqlite::Result<Option<String>> {
    for owned in &known.owned {
        for by in wheres(owned, known) {
            let mut asked = sql.prepare(&format!("SELECT 1 FROM {} WHERE {by} LIMIT 1", owned.table.sql()))?;
            for id in ids {
                if asked.exists([id])? {
                    return Ok(Some(owned.table.name.clone()));
                }
            }
        }
    }
    Ok(None)
}

/// The databases of a store, each opened once for looking.
pub struct Sums {
    open: Vec<Option<Result<(Database, Known), String>>>,
    paths: Vec<std::path::PathBuf>,
}

impl Sums {
    /// Nothing opened yet.
    pub fn new(places: &Places) -> Self {
        Self { open: places.databases.iter().map(|_| None).collect(), paths: places.databases.clone() }
    }

    fn at(&mut self, at: usize) -> Result<&(Database, Known)> {
        let path = self.paths.get(at).cloned().unwrap_or_default();
        let refused = |why: &str| crate::error::Error::refused(why).at(&path);
        let slot = self.open.get_mut(at).ok_or_else(|| refused("there is no such database"))?;
        let opened = slot.get_or_insert_with(|| {
            let opened = database::open(&path).and_then(|db| Known::read(&db.sql, &path).map(|known| (db, known)));
            opened.map_err(|e| e.to_string())
        });
        opened.as_ref().map_err(|why| refused(why))
    }

    /// When a session last did something by its rows, milliseconds since 1970.
    pub fn newest(&mut self, member: &Member) -> Result<i64> {
        let mut last = 0;
        for at in &member.databases {
            let (db, _) = self.at(*at)?;
            last = last.max(newest(&db.sql, &member.id).map_err(|e| db.error("cannot read the sessions of", e))?);
        }
        Ok(last)
    }

    /// Adds what a session has in each database; gives its messages' ids.
    pub fn sizes(&mut self, member: &Member, unit: &mut Unit) -> Result<Vec<String>> {
        let mut messages = Vec::new();
        for at in &member.databases {
            let (db, known) = self.at(*at)?;
            let (size, queued) = sizes(db, known, &member.id, &mut messages).map_err(|e| db.error("cannot read the sessions of", e))?;
            let sum = unit.rows.entry(*at).or_default();
            sum.rows += size.rows;
            sum.bytes += size.bytes;
            unit.queued += queued;
        }
        Ok(messages)
    }
}

fn sizes(db: &Database, known: &Known, id: &str, messages: &mut Vec<String>) -> rusqlite::Result<(Size, u64)> {
    let (mut size, mut queued) = (Size::default(), 0);
    for owned in &known.owned {
        let table = &owned.table;
        let by = wheres(owned, known).join(" OR ");
        let words = format!("SELECT count(*),coalesce(sum({}),0) FROM {} WHERE {by}", bytes_of(table), table.sql());
        let (rows, bytes): (i64, i64) = db.sql.query_row(&words, [id], |row| Ok((row.get(0)?, row.get(1)?)))?;
        size.rows += u64::try_from(rows).unwrap_or(0);
        size.bytes += u64::try_from(bytes).unwrap_or(0);
        if matches!(table.name.as_str(), "session_pending" | "session_inbox") {
            queued += u64::try_from(rows).unwrap_or(0);
        }
        if table.name == "session_input" && table.column("promoted_seq").is_some() {
            let waits = "SELECT count(*) FROM session_input WHERE session_id=?1 AND promoted_seq IS NULL";
            queued += db.sql.query_row(waits, [id], |row| row.get::<_, i64>(0))?.unsigned_abs();
        }
        if table.name == "message" {
            let mut asked = db.sql.prepare("SELECT id FROM message WHERE session_id=?1")?;
            for message in asked.query_map([id], |row| row.get(0))? {
                messages.push(message?);
            }
        }
    }
    Ok((size, queued))
}
