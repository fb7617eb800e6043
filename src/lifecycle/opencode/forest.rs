//! The sessions of an opencode store as trees, across projects, databases and generations.

use super::places::Places;
use crate::database::{self, Schema};
use crate::error::Result;
use crate::model::ScanError;
use jiff::Timestamp;
use rusqlite::Connection;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// One session, wherever it is kept.
#[derive(Debug, Clone, Default)]
pub struct Member {
    /// Its id.
    pub id: String,
    /// The session that started it.
    pub parent: Option<String>,
    /// Its title.
    pub title: String,
    /// Its last sign of life, milliseconds since 1970, as the record itself tells it.
    pub told: i64,
    /// Whether it is archived, and since when, where it is in a database.
    pub archived: bool,
    /// The databases it is in, by their place in the list of the store's.
    pub databases: BTreeSet<usize>,
    /// Its record, where it is in the JSON generation.
    pub file: Option<PathBuf>,
    /// Why it counts as busy by its own record.
    pub busy: Option<String>,
}

/// The sessions of one store.
#[derive(Debug, Default)]
pub struct Forest {
    /// Every session by id.
    pub members: BTreeMap<String, Member>,
    /// The children of each.
    pub children: BTreeMap<String, Vec<String>>,
    /// What could not be read.
    pub errors: Vec<ScanError>,
}

impl Forest {
    /// Reads the sessions of a store.
    pub fn read(places: &Places) -> Self {
        let mut forest = Self::default();
        for (at, path) in places.databases.iter().enumerate() {
            let read = database::open(path).and_then(|db| {
                let rows = rows(&db.sql).map_err(|e| db.error("cannot read the sessions of", e))?;
                for row in rows {
                    forest.add(at, row);
                }
                Ok(())
            });
            if let Err(e) = read {
                forest.errors.push(ScanError { path: path.clone(), error: e.to_string() });
            }
        }
        for file in places.session_files() {
            match std::fs::read(&file).map_err(|e| e.to_string()).and_then(|bytes| json_member(&file, &bytes)) {
                Ok(member) => forest.add_file(member),
                Err(error) => forest.errors.push(ScanError { path: file, error }),
            }
        }
        for member in forest.members.values() {
            if let Some(parent) = &member.parent {
                forest.children.entry(parent.clone()).or_default().push(member.id.clone());
            }
        }
        forest
    }

    fn add(&mut self, database: usize, row: Member) {
        let known = self.members.entry(row.id.clone()).or_insert_with(|| row.clone());
        known.databases.insert(database);
        known.parent = known.parent.take().or(row.parent);
        known.told = known.told.max(row.told);
        known.archived |= row.archived;
        known.busy = known.busy.take().or(row.busy);
    }

    fn add_file(&mut self, member: Member) {
        let known = self.members.entry(member.id.clone()).or_insert_with(|| member.clone());
        known.parent = known.parent.take().or(member.parent);
        known.told = known.told.max(member.told);
        known.file = member.file;
    }

    /// A session and everything it started, however deep; each once.
    pub fn tree(&self, top: &str) -> Vec<&Member> {
        let (mut seen, mut found, mut todo) = (BTreeSet::new(), Vec::new(), vec![top]);
        while let Some(id) = todo.pop() {
            if let Some(member) = self.members.get(id).filter(|_| seen.insert(id)) {
                found.push(member);
                todo.extend(self.children.get(id).into_iter().flatten().map(String::as_str));
            }
        }
        found
    }

    /// The sessions that no other one started, as far as it is still there, and one of each ring.
    pub fn tops(&self) -> Vec<&Member> {
        let is_top = |m: &&Member| m.parent.as_ref().is_none_or(|parent| !self.members.contains_key(parent));
        let mut tops: Vec<&Member> = self.members.values().filter(is_top).collect();
        let mut seen: BTreeSet<&str> = tops.iter().flat_map(|top| self.tree(&top.id)).map(|m| m.id.as_str()).collect();
        for member in self.members.values() {
            if !seen.contains(member.id.as_str()) {
                seen.extend(self.tree(&member.id).iter().map(|m| m.id.as_str()));
                tops.push(member);
            }
        }
        tops
    }
}

/// The sessions of one database, both generations.
fn rows(sql: &Connection) -> rusqlite::Result<Vec<Member>> {
    let schema = Schema::read(sql)?;
    let mut all = Vec::new();
    for table in ["session", "session_v2"].into_iter().filter(|t| schema.has_all(t, &["id"])) {
        let column = |name| schema.or_null(table, name);
        let names = ["parent_id", "title", "time_created", "time_updated", "time_idle", "time_archived", "time_suspended"];
        let list = names.map(column).join(",");
        let mut asked = sql.prepare(&format!("SELECT id,{list} FROM {table}"))?;
        let found = asked.query_map([], |row| {
            let time = |at| row.get::<_, Option<i64>>(at).map(Option::unwrap_or_default);
            Ok(Member {
                id: row.get(0)?,
                parent: row.get(1)?,
                title: row.get::<_, Option<String>>(2)?.unwrap_or_default(),
                told: time(3)?.max(time(4)?).max(time(5)?),
                archived: time(6)? != 0,
                busy: (time(7)? != 0).then(|| "its turn is not at its end".to_owned()),
                ..Member::default()
            })
        })?;
        for member in found {
            all.push(member?);
        }
    }
    Ok(all)
}

/// A session of the JSON generation.
fn json_member(file: &std::path::Path, bytes: &[u8]) -> Result<Member, String> {
    let value: Value = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let time = |key: &str| value.get("time").and_then(|t| t.get(key)).and_then(Value::as_i64).unwrap_or(0);
    let id = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    if text("id").is_some_and(|told| told != id) {
        return Err("its name and the id in it differ".into());
    }
    Ok(Member {
        parent: text("parentID"),
        title: text("title").unwrap_or_default(),
        told: time("created").max(time("updated")),
        archived: time("archived") != 0,
        file: Some(file.to_path_buf()),
        id,
        ..Member::default()
    })
}

/// When a session of a database last did something, milliseconds since 1970: its messages and parts know better than it does.
pub fn newest(sql: &Connection, id: &str) -> rusqlite::Result<i64> {
    let schema = Schema::read(sql)?;
    let mut newest = 0;
    for (table, columns) in [("message", "session_id"), ("part", "session_id"), ("session_message", "session_id")] {
        if schema.has_all(table, &[columns, "time_created", "time_updated"]) {
            let words = format!("SELECT max(max(time_updated),max(time_created)) FROM {table} WHERE session_id=?1");
            newest = newest.max(sql.query_row(&words, [id], |row| row.get::<_, Option<i64>>(0))?.unwrap_or(0));
        }
    }
    Ok(newest)
}

/// Milliseconds since 1970 as a time.
pub fn time(ms: i64) -> Option<Timestamp> {
    Timestamp::from_millisecond(ms).ok().filter(|_| ms > 0)
}
