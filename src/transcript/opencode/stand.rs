//! Whether anything of a session's conversation changed, told without reading it.

use super::files;
use crate::database::{Database, open};
use crate::transcript::OnDisk;
use rusqlite::OptionalExtension;
use std::path::Path;

/// How many rows a session and those it started have by now, and when one of them changed last.
pub fn rows(path: &Path, id: &str) -> Option<OnDisk> {
    let database = open(path).ok()?;
    let schema = database.schema().ok()?;
    let (mut size, mut latest) = (0, 0);
    for (sessions, messages) in [("session_v2", &["session_message"][..]), ("session", &["message", "part"])] {
        if !schema.has_all(sessions, &["id", "parent_id"]) {
            continue;
        }
        for table in messages.iter().filter(|table| schema.has_all(table, &["session_id"])) {
            let time = if schema.has_all(table, &["time_updated"]) { "time_updated" } else { "time_created" };
            let (rows, time) = count(&database, sessions, table, time, id).ok()?;
            size += rows;
            latest = latest.max(time);
        }
    }
    let mut name = path.file_name()?.to_owned();
    name.push(format!("!/session/{id}"));
    Some(OnDisk { path: name.into(), size, mtime_ns: latest.saturating_mul(1_000_000) })
}

fn count(database: &Database, sessions: &str, table: &str, time: &str, id: &str) -> rusqlite::Result<(u64, i64)> {
    let sql = format!(
        "WITH RECURSIVE tree(id) AS (SELECT ?1 UNION SELECT s.id FROM {sessions} s JOIN tree ON s.parent_id = tree.id)
         SELECT count(*), max({time}) FROM {table} WHERE session_id IN tree"
    );
    let found = database.sql.query_row(&sql, [id], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(1)?)));
    found.optional().map(|found| found.map_or((0, 0), |(rows, time)| (u64::try_from(rows).unwrap_or(0), time.unwrap_or(0))))
}

/// The size of all files of a session's messages and parts, and when one of them changed last.
pub fn of_files(storage: &Path, id: &str) -> Option<OnDisk> {
    let mut all = files::sizes(storage, id)?;
    let path = files::record(storage, id).map_or_else(|| storage.join("message").join(id), |(path, _)| path);
    all.path = path.strip_prefix(storage.parent()?).ok()?.to_path_buf();
    Some(all)
}
