//! The sessions of a database, of both generations of tables.

use crate::database::{Database, Schema};
use crate::error::Result;
use rusqlite::Row;

/// A table of sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generation {
    /// `session`, `message`, `part`: 1.2 to 1.18.
    First,
    /// `session_v2`, `session_message`: 2.x.
    Second,
}

impl Generation {
    /// The table with a session a row.
    pub fn table(self) -> &'static str {
        match self {
            Self::First => "session",
            Self::Second => "session_v2",
        }
    }
}

/// One session as its row tells of it. Times are milliseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// Which table it stands in.
    pub generation: Generation,
    /// `ses_…`.
    pub id: String,
    /// The session that started it.
    pub parent: Option<String>,
    /// Its title, or empty.
    pub title: String,
    /// The folder it works in.
    pub directory: String,
    /// The release that made it.
    pub version: String,
    /// When it was made.
    pub created: i64,
    /// When it last changed.
    pub updated: i64,
    /// When it was archived; `None`: it is not. 0 counts as not (2.x).
    pub archived: Option<i64>,
    /// The model, as JSON, where the table has it.
    pub model: Option<String>,
    /// Whether it stands in both tables, so that the other row is what it was before 2.x took it over.
    pub twice: bool,
}

/// Whether the tables of a generation are there with the columns everything here rests on.
pub fn is_known(schema: &Schema, generation: Generation) -> bool {
    let session = ["id", "parent_id", "title", "directory", "version", "time_created", "time_updated", "time_archived"];
    let data = |table, more: &[&str]| schema.has_all(table, &["id", "session_id", "time_created", "data"]) && schema.has_all(table, more);
    schema.has_all(generation.table(), &session)
        && match generation {
            Generation::First => data("message", &[]) && data("part", &["message_id"]),
            Generation::Second => data("session_message", &["type", "seq"]),
        }
}

/// Every session of a database, each once: of one that stands in both tables the newer row.
pub fn sessions(database: &Database, schema: &Schema) -> Result<Vec<SessionRow>> {
    let mut all: Vec<SessionRow> = Vec::new();
    for generation in [Generation::Second, Generation::First].into_iter().filter(|g| is_known(schema, *g)) {
        let rows = of(database, schema, generation).map_err(|e| database.error("cannot read the sessions of", e))?;
        for row in rows {
            match all.iter().position(|other| generation == Generation::First && other.id == row.id) {
                Some(at) => all[at].twice = true,
                None => all.push(row),
            }
        }
    }
    Ok(all)
}

fn of(database: &Database, schema: &Schema, generation: Generation) -> rusqlite::Result<Vec<SessionRow>> {
    let table = generation.table();
    let model = schema.or_null(table, "model");
    let text = format!(
        "SELECT id, parent_id, title, directory, version, time_created, time_updated, time_archived, {model} FROM {table} ORDER BY id"
    );
    let one = |row: &Row<'_>| {
        // What a column is not meant to hold makes the row poorer, never the list shorter.
        let words = |at: usize| row.get::<_, Option<String>>(at).ok().flatten();
        let number = |at: usize| row.get::<_, Option<i64>>(at).ok().flatten();
        Ok(SessionRow {
            generation,
            id: words(0).unwrap_or_default(),
            parent: words(1).filter(|p| !p.is_empty()),
            title: words(2).unwrap_or_default(),
            directory: words(3).unwrap_or_default(),
            version: words(4).unwrap_or_default(),
            created: number(5).unwrap_or_default(),
            updated: number(6).unwrap_or_default(),
            archived: number(7).filter(|at| *at != 0),
            model: words(8),
            twice: false,
        })
    };
    let mut query = database.sql.prepare(&text)?;
    query.query_map([], one)?.collect()
}
