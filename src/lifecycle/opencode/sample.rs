//! A few thousand rows here and there, for tables that are too large to be gone through.

use crate::stores::opencode::spans::spans;
use rusqlite::{Connection, MAIN_DB};

/// So many places of a table are looked at, and so many rows at each.
const PLACES: i64 = 240;
const ROWS: i64 = 8;

/// What a sample tells.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sampled {
    /// Rows in all, of those that are meant.
    pub rows: u64,
    /// Bytes in all.
    pub bytes: u64,
    /// Whether the table was so small that everything was looked at.
    pub whole: bool,
}

/// The bytes of a table's rows, `list` being the words for those of one row.
pub fn sample(sql: &Connection, table: &str, list: &str, rows: u64) -> Sampled {
    let words = format!("SELECT {list} FROM {table} WHERE rowid>=?1 ORDER BY rowid LIMIT {ROWS}");
    let few = rows <= u64::try_from(PLACES * ROWS).unwrap_or(0);
    if few {
        let all = sql.query_row(&format!("SELECT sum({list}) FROM {table}"), [], |row| row.get::<_, Option<i64>>(0));
        return Sampled { rows, bytes: all.ok().flatten().unwrap_or(0).unsigned_abs(), whole: true };
    }
    let (mut seen, mut bytes) = (0_u64, 0_u64);
    let done = places(sql, table).and_then(|places| {
        let mut asked = sql.prepare(&words)?;
        for place in places {
            let found = asked.query_map([place], |row| row.get::<_, i64>(0))?;
            for own in found {
                seen += 1;
                bytes += own?.unsigned_abs();
            }
        }
        Ok(())
    });
    // What was seen before time ran out is a sample too.
    drop(done);
    Sampled { rows, bytes: scaled(bytes, rows, seen), whole: false }
}

/// Outputs of tools that opencode put aside, among the parts.
pub fn compacted(sql: &Connection, rows: u64) -> Sampled {
    let words = format!("SELECT rowid,octet_length(data) FROM part WHERE rowid>=?1 ORDER BY rowid LIMIT {ROWS}");
    let (mut seen, mut fits, mut bytes) = (0_u64, 0_u64, 0_u64);
    let done = places(sql, "part").and_then(|places| {
        let mut asked = sql.prepare(&words)?;
        for place in places {
            let found = asked.query_map([place], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(1)?)))?;
            for row in found {
                let (number, length) = row?;
                seen += 1;
                let length = length.unwrap_or(0);
                if (1024..1 << 18).contains(&length)
                    && let Some(own) = put_aside(sql, number)
                {
                    fits += 1;
                    bytes += own;
                }
            }
        }
        Ok(())
    });
    drop(done);
    Sampled { rows: scaled(fits, rows, seen), bytes: scaled(bytes, rows, seen), whole: false }
}

fn put_aside(sql: &Connection, number: i64) -> Option<u64> {
    let blob = sql.blob_open(MAIN_DB, "part", "data", number, true).ok()?;
    let paths: [&[&str]; 3] = [&["state", "time", "compacted"], &["state", "output"], &["state", "attachments"]];
    let mut found = spans(blob, &paths, &|_| false).ok()?.into_iter();
    found.next().flatten()?;
    Some(found.flatten().map(|span| span.end - span.start).sum())
}

/// Places all over a table, by row number.
fn places(sql: &Connection, table: &str) -> rusqlite::Result<Vec<i64>> {
    let ends = |what: &str| sql.query_row(&format!("SELECT {what}(rowid) FROM {table}"), [], |row| row.get::<_, Option<i64>>(0));
    let (first, last) = (ends("min")?.unwrap_or(0), ends("max")?.unwrap_or(0));
    let step = last.saturating_sub(first) / PLACES;
    Ok((0..PLACES).map(|n| first.saturating_add(step.saturating_mul(n)).saturating_add(step / 2)).collect())
}

fn scaled(sum: u64, rows: u64, seen: u64) -> u64 {
    let all = u128::from(sum) * u128::from(rows) / u128::from(seen.max(1));
    u64::try_from(all).unwrap_or(u64::MAX)
}
