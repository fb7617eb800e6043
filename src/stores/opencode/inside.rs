//! What stands inside a database, by what it is: the rows of each session, and what belongs to none of them any more or that no
//! conversation needs.

use super::orphans::orphaned;
use super::place::Place;
use super::read::databases;
use super::rows::{Generation, is_known};
use super::spare::{self, Words};
use crate::database::{self, Database, Schema, quoted};
use crate::model::{Script, Session, Stop};
use crate::stores::Inside;
use rusqlite::{Connection, MAIN_DB};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;
use std::time::{Duration, Instant};

/// So long may the sizes of one database take; beyond it they are not told by session.
const LONGEST: Duration = Duration::from_secs(10);
/// And so long each other sort; beyond it, it counts with the database itself.
const SORT: Duration = Duration::from_secs(2);
/// Events larger than this are not compared with what replaced them.
const COMPARED: u64 = 1 << 20;

/// What stands inside of every database below a root.
pub fn inside(root: &Path, sessions: &[Session], stop: &Stop) -> Vec<Inside> {
    // A session of which only rests are left is none.
    let known: BTreeSet<&str> =
        sessions.iter().filter(|s| s.record.is_some() || matches!(s.script, Script::Rows(_))).map(|s| s.id.as_str()).collect();
    let mut all = Vec::new();
    for path in databases(root) {
        let Ok(mut database) = database::open(&path) else { continue };
        let Ok(schema) = database.schema() else { continue };
        let Some(mut sizes) = sizes(&mut database, &schema, stop) else { continue };
        let mut sorts = Sorts::default();
        let mut asked = |work: &dyn Fn(&Asked<'_>, &mut Sorts) -> Option<()>| {
            let until = Instant::now() + SORT;
            limit(&mut database, stop, until)?;
            let mut told = Sorts::default();
            work(&Asked { sql: &database.sql, schema: &schema, known: &known, until }, &mut told)?;
            sorts.join(told);
            Some(())
        };
        asked(&free_pages);
        asked(&orphans);
        asked(&compacted);
        asked(&events);
        for (id, bytes) in sorts.of_sessions {
            sizes.entry(id).and_modify(|own| *own = own.saturating_sub(bytes));
        }
        let mut put = |way: Vec<String>, session: Option<&str>, bytes: u64, place: Place| {
            let one = Inside { database: path.clone(), inner: way, session: session.map(str::to_owned), bytes, spot: place.spot() };
            all.extend(Some(one).filter(|one| one.bytes > 0));
        };
        for id in &known {
            put(vec!["session".to_owned(), (*id).to_owned()], Some(id), sizes.get(*id).copied().unwrap_or(0), Place::Row);
        }
        for ((place, way), bytes) in sorts.rows {
            put(way.split('/').map(str::to_owned).collect(), None, bytes, PLACES[place]);
        }
    }
    all
}

/// The places of what is of no session.
const PLACES: [Place; 5] = [Place::FreePages, Place::Orphan, Place::PutAside, Place::Replaced, Place::Superseded];

/// What was found of sorts besides conversations.
#[derive(Default)]
struct Sorts {
    /// Bytes by place (in [`PLACES`]) and way.
    rows: BTreeMap<(usize, String), u64>,
    /// Bytes of that which were counted with sessions.
    of_sessions: BTreeMap<String, u64>,
}

impl Sorts {
    fn add(&mut self, place: usize, way: &str, bytes: u64) {
        *self.rows.entry((place, way.to_owned())).or_default() += bytes;
    }

    fn join(&mut self, other: Self) {
        other.rows.into_iter().for_each(|(key, bytes)| *self.rows.entry(key).or_default() += bytes);
        other.of_sessions.into_iter().for_each(|(id, bytes)| *self.of_sessions.entry(id).or_default() += bytes);
    }
}

/// A database that is looked at until time runs out.
struct Asked<'a> {
    sql: &'a Connection,
    schema: &'a Schema,
    /// Sessions that are there, in a database or in files.
    known: &'a BTreeSet<&'a str>,
    until: Instant,
}

impl Asked<'_> {
    fn in_time(&self) -> Option<()> {
        (Instant::now() < self.until).then_some(())
    }

    /// The words for the bytes of a row, told by its head alone.
    fn bytes_of(&self, table: &str) -> String {
        let columns = self.schema.tables.get(table).into_iter().flatten();
        columns.map(|c| format!("coalesce(octet_length({}),0)", quoted(c))).collect::<Vec<_>>().join("+")
    }
}

/// Ends every question to a database at a moment.
fn limit(database: &mut Database, stop: &Stop, until: Instant) -> Option<()> {
    let stop = stop.clone();
    database.sql.progress_handler(20_000, Some(move || stop.is_stopped() || Instant::now() > until)).ok()
}

/// Bytes of text by session; `None` where counting them was stopped, took too long, or failed.
fn sizes(database: &mut Database, schema: &Schema, stop: &Stop) -> Option<BTreeMap<String, u64>> {
    limit(database, stop, Instant::now() + LONGEST)?;
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

fn free_pages(asked: &Asked<'_>, into: &mut Sorts) -> Option<()> {
    let number = |words: &str| asked.sql.query_row(words, [], |row| row.get::<_, i64>(0)).ok();
    let bytes = number("PRAGMA freelist_count")?.checked_mul(number("PRAGMA page_size")?)?;
    into.add(0, "free-pages", bytes.unsigned_abs());
    Some(())
}

/// Rows whose session or message is gone. Events are told apart by [`events`].
fn orphans(asked: &Asked<'_>, into: &mut Sorts) -> Option<()> {
    for orphaned in orphaned(asked.schema).into_iter().filter(|o| o.table != "event") {
        let super::orphans::Orphaned { table, by, gone } = orphaned;
        let counted = match table {
            "message" | "part" | "session_message" => Some("data"),
            "todo" => Some("content"),
            _ => None,
        };
        // What sessions are made of is counted as it is for them.
        let bytes = counted.map_or_else(|| asked.bytes_of(table), |column| format!("octet_length({column})+64"));
        let words = format!("SELECT {by},sum({bytes}) FROM {table} WHERE {gone} GROUP BY {by}");
        let mut query = asked.sql.prepare(&words).ok()?;
        let mut rows = query.query([]).ok()?;
        while let Some(row) = rows.next().ok()? {
            let (id, bytes) = (row.get::<_, Option<String>>(0).ok()?.unwrap_or_default(), row.get::<_, Option<i64>>(1).ok()?);
            let bytes = bytes.unwrap_or(0).unsigned_abs();
            if asked.known.contains(id.as_str()) {
                // Of a session that is there, only parts of a message that is gone.
                if table != "part" {
                    continue;
                }
                *into.of_sessions.entry(id).or_default() += bytes;
            }
            into.add(1, &format!("orphans/{table}"), bytes);
        }
    }
    Some(())
}

/// Outputs that opencode put aside, and their attachments.
fn compacted(asked: &Asked<'_>, into: &mut Sorts) -> Option<()> {
    if !asked.schema.has_all("part", &["session_id", "message_id", "data"]) || !is_known(asked.schema, Generation::First) {
        return Some(());
    }
    // What belongs to nothing is told as that.
    let gone = orphaned(asked.schema).into_iter().find(|o| o.table == "part").map_or_else(|| "0".to_owned(), |o| o.gone);
    let words = format!(
        "SELECT rowid,session_id FROM part WHERE typeof(data)='text' AND octet_length(data)>=64 AND instr(data,'compacted')>0 AND NOT ({gone})"
    );
    let mut query = asked.sql.prepare(&words).ok()?;
    let mut rows = query.query([]).ok()?;
    while let Some(row) = rows.next().ok()? {
        asked.in_time()?;
        let (number, id) = (row.get::<_, i64>(0).ok()?, row.get::<_, Option<String>>(1).ok()?.unwrap_or_default());
        let cuts = spare::cuts(asked.sql, "part", number, spare::OUTPUTS).unwrap_or_default();
        let bytes: u64 = cuts.iter().map(|(from, to, instead)| (to - from).saturating_sub(instead.len() as u64)).sum();
        if bytes > 0 && asked.known.contains(id.as_str()) {
            *into.of_sessions.entry(id).or_default() += bytes;
            into.add(2, "outputs/compacted", bytes);
        }
    }
    Some(())
}

/// Events that newer ones replaced, those of sessions that are gone, and nothing of the others.
fn events(asked: &Asked<'_>, into: &mut Sorts) -> Option<()> {
    if !asked.schema.has_all("event", &["id", "aggregate_id", "seq", "type", "data"]) {
        return Some(());
    }
    let Some(gone) = orphaned(asked.schema).into_iter().find(|o| o.table == "event").map(|o| o.gone) else { return Some(()) };
    let words = Words { number: "rowid".into(), bytes: asked.bytes_of("event") };
    let ids = format!("SELECT aggregate_id,sum({}),{gone} FROM event GROUP BY aggregate_id", words.bytes);
    let mut query = asked.sql.prepare(&ids).ok()?;
    let ids = query.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?, row.get::<_, bool>(2)?)));
    let ids: Vec<_> = ids.and_then(Iterator::collect).ok()?;
    // Comparing takes the second half of the time; what it does not come to is not proven.
    let half = self::half(asked.until);
    for (id, bytes, gone) in ids {
        asked.in_time()?;
        let mut old = spare::superseded(asked.sql, &words, &id).ok()?;
        let sum: u64 = old.iter().map(|o| o.bytes).sum();
        old.sort_by_key(|o| (o.newest, o.number));
        let held: u64 = old.chunk_by(|a, b| a.newest == b.newest).map(|same| held(asked, same, half)).sum();
        into.add(3, "events/replaced", held);
        into.add(4, "events/superseded", sum.saturating_sub(held));
        if gone && !asked.known.contains(id.as_str()) {
            into.add(1, "orphans/event", bytes.unsigned_abs().saturating_sub(sum));
        }
    }
    Some(())
}

/// A moment a while before another.
fn half(until: Instant) -> Instant {
    until.checked_sub(SORT / 4).unwrap_or(until)
}

/// The bytes of those events of one thing whose whole text stands in the newest of it.
fn held(asked: &Asked<'_>, same: &[spare::Old], until: Instant) -> u64 {
    let Some(later) = same.first().and_then(|o| read(asked.sql, o.newest)) else { return 0 };
    let fits = |o: &&spare::Old| {
        Instant::now() < until
            && o.bytes < COMPARED
            && read(asked.sql, o.number).is_some_and(|earlier| spare::is_added_to(&earlier, &later))
    };
    same.iter().filter(fits).map(|o| o.bytes).sum()
}

fn read(sql: &Connection, number: i64) -> Option<Value> {
    let mut bytes = Vec::new();
    let blob = sql.blob_open(MAIN_DB, "event", "data", number, true).ok()?;
    blob.take(COMPARED).read_to_end(&mut bytes).ok()?;
    serde_json::from_slice(&bytes).ok()
}
