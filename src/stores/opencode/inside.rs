//! How many bytes each session takes inside a database.

use super::place::Place;
use super::read::databases;
use super::rows::{Generation, is_known};
use crate::database::{self, Database, Schema};
use crate::model::{Session, Stop};
use crate::stores::Inside;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

/// So long may the sizes of one database take; beyond it they are not told by session.
const LONGEST: Duration = Duration::from_secs(10);

/// The sessions' rows of every database below a root.
pub fn inside(root: &Path, sessions: &[Session], stop: &Stop) -> Vec<Inside> {
    let mut all = Vec::new();
    for path in databases(root) {
        let Ok(mut database) = database::open(&path) else { continue };
        let Ok(schema) = database.schema() else { continue };
        let Some(sizes) = sizes(&mut database, &schema, stop) else { continue };
        for session in sessions {
            if let Some(bytes) = sizes.get(&session.id).filter(|b| **b > 0) {
                let inner = vec!["session".to_owned(), session.id.clone()];
                all.push(Inside { database: path.clone(), inner, session: session.id.clone(), bytes: *bytes, spot: Place::Row.spot() });
            }
        }
    }
    all
}

/// Bytes of text by session; `None` where counting them was stopped, took too long, or failed.
fn sizes(database: &mut Database, schema: &Schema, stop: &Stop) -> Option<BTreeMap<String, u64>> {
    let (stop, until) = (stop.clone(), Instant::now() + LONGEST);
    database.sql.progress_handler(20_000, Some(move || stop.is_stopped() || Instant::now() > until)).ok()?;
    let mut all: BTreeMap<String, u64> = BTreeMap::new();
    let first = ["message", "part", "todo"].map(|t| (t, Generation::First));
    for (table, generation) in first.into_iter().chain([("session_message", Generation::Second)]) {
        let column = if table == "todo" { "content" } else { "data" };
        if !schema.has_all(table, &["session_id", column]) || !is_known(schema, generation) {
            continue;
        }
        // The size of a value stands in the head of its row: the value itself is not read.
        let text = format!("SELECT session_id, sum(octet_length({column}) + 64) FROM {table} GROUP BY session_id");
        let mut query = database.sql.prepare(&text).ok()?;
        let rows = query.query_map([], |row| Ok((row.get::<_, Option<String>>(0)?, row.get::<_, Option<i64>>(1)?))).ok()?;
        for row in rows {
            let (id, bytes) = row.ok()?;
            *all.entry(id.unwrap_or_default()).or_default() += u64::try_from(bytes.unwrap_or(0)).unwrap_or(0);
        }
    }
    Some(all)
}
