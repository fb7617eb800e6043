//! The list of sessions in `state_<n>.sqlite`: titles and archived flags, and who started whom. Generations of it may lie
//! beside each other; the newest that knows a session counts.

use super::names::is_database;
use crate::database::{self, Database, quoted};
use crate::error::Result;
use crate::model::{Kind, ScanError};
use crate::stores::folders::{Folders, Name};
use crate::stores::text::first_words;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// What the list says of one session.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Thread {
    /// The name somebody gave it, else its title.
    pub title: Option<String>,
    /// Whether it is archived.
    pub archived: bool,
}

/// What the lists say.
#[derive(Debug, Default)]
pub struct Threads {
    /// Sessions by id.
    pub all: HashMap<String, Thread>,
    /// Who started a session, by the id of the one that was started.
    pub starters: HashMap<String, String>,
    /// What could not be read.
    pub errors: Vec<ScanError>,
}

/// Reads every list in these folders.
pub fn read(folders: &[PathBuf]) -> Threads {
    let mut found = Threads::default();
    let mut lists: Vec<(u64, PathBuf)> = folders.iter().flat_map(|dir| databases(dir, "state")).collect();
    lists.sort_by_key(|(generation, _)| std::cmp::Reverse(*generation));
    for (_, path) in lists {
        if let Err(e) = database::open(&path).and_then(|list| take(&list, &mut found)) {
            found.errors.push(ScanError { path, error: format!("titles and archived flags in it cannot be read: {e}") });
        }
    }
    found
}

/// Whether every database of logs in a folder holds logs and nothing else; where there is none, there is nothing to know.
pub fn logs_alone(dir: &Path) -> bool {
    let all = databases(dir, "logs");
    !all.is_empty() && all.iter().all(|(_, path)| database::open(path).and_then(|logs| holds_logs(&logs)).unwrap_or(false))
}

fn databases(dir: &Path, sort: &str) -> Vec<(u64, PathBuf)> {
    let main = |name: &Name| {
        let text = name.text();
        let number = text.strip_suffix(".sqlite")?.rsplit('_').next()?.parse().ok()?;
        (name.facts.kind == Kind::File && is_database(&name.bytes, sort)).then(|| (number, name.path.clone()))
    };
    Folders::new(dir).list(dir).iter().filter_map(main).collect()
}

fn take(list: &Database, found: &mut Threads) -> Result<()> {
    let schema = list.schema()?;
    let cannot = |e| list.error("cannot read the list of sessions in", e);
    if schema.has_all("threads", &["id", "title", "archived"]) {
        let column = |name: &str| if schema.has_all("threads", &[name]) { quoted(name) } else { "NULL".into() };
        let texts = ["name", "title", "first_user_message"].map(|name| format!("substr({}, 1, 400)", column(name))).join(", ");
        let query = format!("SELECT id, archived <> 0, {texts} FROM threads");
        let mut rows = list.sql.prepare(&query).map_err(cannot)?;
        let rows = rows.query_map([], |row| {
            let texts: [Option<String>; 3] = [row.get(2)?, row.get(3)?, row.get(4)?];
            let title = texts.into_iter().flatten().find_map(|text| first_words(&text));
            Ok((row.get::<_, String>(0)?, Thread { title, archived: row.get(1)? }))
        });
        for row in rows.map_err(cannot)? {
            let (id, thread) = row.map_err(cannot)?;
            found.all.entry(id.to_ascii_lowercase()).or_insert(thread);
        }
    }
    if schema.has_all("thread_spawn_edges", &["parent_thread_id", "child_thread_id"]) {
        let mut rows = list.sql.prepare("SELECT child_thread_id, parent_thread_id FROM thread_spawn_edges").map_err(cannot)?;
        let rows = rows.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)));
        for row in rows.map_err(cannot)? {
            let (child, parent) = row.map_err(cannot)?;
            found.starters.entry(child.to_ascii_lowercase()).or_insert(parent.to_ascii_lowercase());
        }
    }
    Ok(())
}

fn holds_logs(logs: &Database) -> Result<bool> {
    let cannot = |e| logs.error("cannot read the tables of", e);
    let mut names = logs.sql.prepare("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')").map_err(cannot)?;
    let names: Vec<String> = names.query_map([], |row| row.get(0)).map_err(cannot)?.collect::<rusqlite::Result<_>>().map_err(cannot)?;
    let known = |name: &String| matches!(name.as_str(), "logs" | "_sqlx_migrations" | "sqlite_sequence" | "sqlite_stat1");
    Ok(names.iter().any(|n| n == "logs") && names.iter().all(known))
}
