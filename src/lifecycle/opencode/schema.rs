//! The tables of opencode that belong to sessions, by name. A database with anything that might belong to a session and is
//! not known here is only looked at.

use crate::error::{Error, Result};
use crate::lifecycle::table::{Link, Table, links};
use rusqlite::Connection;
use std::collections::BTreeSet;
use std::path::Path;

/// Every known table that belongs to sessions and the column that names the session, what depends before what it depends on.
const OWNED: [(&str, &str); 15] = [
    ("event", "aggregate_id"),
    ("event_sequence", "aggregate_id"),
    ("part", "session_id"),
    ("todo", "session_id"),
    ("session_share", "session_id"),
    ("session_message", "session_id"),
    ("session_input", "session_id"),
    ("session_context_epoch", "session_id"),
    ("session_inbox", "session_id"),
    ("session_pending", "session_id"),
    ("instruction_entry", "session_id"),
    ("instruction_state", "session_id"),
    ("message", "session_id"),
    ("session", "id"),
    ("session_v2", "id"),
];

/// Keys between those tables that are known.
const KNOWN_LINKS: [(&str, &str, &str); 2] = [("part", "message_id", "message"), ("event", "aggregate_id", "event_sequence")];

/// What the verbs read of a table, where it is there.
const READ: [(&str, &[&str]); 7] = [
    ("session", &["id", "parent_id", "project_id", "title", "time_created", "time_updated", "time_archived"]),
    ("session_v2", &["id", "parent_id", "project_id", "title", "time_created", "time_updated", "time_archived"]),
    ("message", &["id", "session_id", "time_created", "time_updated", "data"]),
    ("part", &["id", "message_id", "session_id", "time_created", "time_updated", "data"]),
    ("event", &["id", "aggregate_id", "seq", "type", "data"]),
    ("event_sequence", &["aggregate_id", "seq"]),
    ("session_message", &["id", "session_id", "time_created", "time_updated", "data"]),
];

/// A table whose rows belong to sessions.
#[derive(Debug, Clone)]
pub struct Owned {
    /// The table.
    pub table: Table,
    /// The column with the session's id.
    pub by: String,
}

/// The tables of one database that belong to sessions, what depends first.
#[derive(Debug, Clone)]
pub struct Known {
    /// Those tables.
    pub owned: Vec<Owned>,
}

impl Known {
    /// Reads them; refused where there is something that is not known.
    pub fn read(sql: &Connection, path: &Path) -> Result<Self> {
        let error = |e| crate::lifecycle::pen::failed("cannot read the tables of", path, e);
        match Self::look(sql).map_err(error)? {
            Ok(known) => Ok(known),
            Err(why) => {
                let says = format!("the database is only looked at, because {why}");
                Err(Error::refused(says).at(path).hint("a newer lifeboat may know this version of opencode"))
            }
        }
    }

    fn look(sql: &Connection) -> rusqlite::Result<Result<Self, String>> {
        let names = "SELECT name FROM sqlite_schema WHERE type='table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
        let names: BTreeSet<String> = sql.prepare(names)?.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        if !names.contains("session") && !names.contains("session_v2") {
            return Ok(Err("it has no table of sessions".into()));
        }
        let links = links(sql)?;
        let mut owned = Vec::new();
        for name in &names {
            if OWNED.iter().any(|(known, _)| known == name) {
                continue;
            }
            // A table of a version to come: a plain key to the session says enough, anything else does not.
            let to_session: Vec<&Link> =
                links.iter().filter(|l| l.from == *name && matches!(l.to.as_str(), "session" | "session_v2")).collect();
            let table = Table::read(sql, name)?;
            match (to_session.as_slice(), table) {
                ([link], Some(table)) => owned.push(Owned { table, by: link.column.clone() }),
                ([], Some(table))
                    if !table.columns.iter().any(|c| matches!(c.as_str(), "session_id" | "aggregate_id" | "message_id" | "part_id")) => {}
                ([], None) => {}
                _ => return Ok(Err(format!("its table {name} may belong to sessions and is not known"))),
            }
        }
        for (name, by) in OWNED.iter().filter(|(name, _)| names.contains(*name)) {
            match Table::read(sql, name)? {
                Some(table) if table.column(by).is_some() => owned.push(Owned { table, by: (*by).to_owned() }),
                _ => return Ok(Err(format!("its table {name} is not as it is known"))),
            }
        }
        for (name, columns) in READ {
            let there = owned.iter().find(|o| o.table.name == name);
            if let Some(column) = there.and_then(|o| columns.iter().find(|c| o.table.column(c).is_none())) {
                return Ok(Err(format!("its table {name} has no column {column}")));
            }
        }
        let is_owned = |name: &str| owned.iter().any(|o| o.table.name == name);
        let known = |l: &Link| {
            matches!(l.to.as_str(), "session" | "session_v2") && owned.iter().any(|o| o.table.name == l.from && o.by == l.column)
                || KNOWN_LINKS.contains(&(l.from.as_str(), l.column.as_str(), l.to.as_str()))
        };
        if let Some(link) = links.iter().find(|l| is_owned(&l.to) && !known(l)) {
            return Ok(Err(format!("its table {} leans on {} in a way that is not known", link.from, link.to)));
        }
        Ok(Ok(Self { owned }))
    }

    /// One of the tables.
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.owned.iter().map(|o| &o.table).find(|t| t.name == name)
    }
}
