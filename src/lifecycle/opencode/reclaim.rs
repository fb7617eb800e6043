//! `reclaim`: bytes that no conversation needs: events that newer ones replaced, and outputs that opencode itself put aside.
//!
//! opencode writes an event with the whole of a message or part each time it changes; the newest of each is kept, and so is
//! `event_sequence`. An output goes only where its part has `state.time.compacted`: opencode sends it to no model any more.
//! What a person would still see (`summary.diffs`) goes only where it is asked for.

use super::collect::bytes_of;
use super::forest::Forest;
use super::places::{Places, inside};
use super::schema::Known;
use crate::error::{Error, Result};
use crate::lifecycle::book::{Line, Shelf};
use crate::lifecycle::cells::Cell;
use crate::lifecycle::deed::{Desk, Place, Todo, pieces, take_out};
use crate::lifecycle::pen::failed;
use crate::lifecycle::table::Table;
use crate::model::{Failed, PathText, Progress, Receipt, Skipped};
use crate::stores::opencode::spans::spans;
use crate::stores::opencode::spare::{self, Cut, Words};
use rusqlite::{Connection, MAIN_DB};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;

/// What is reclaimed.
#[derive(Debug, Clone, Default)]
pub struct Which {
    /// Only these sessions; `None`: all.
    pub sessions: Option<BTreeSet<String>>,
    /// Diffs of user messages as well, which the tool shows.
    pub diffs: bool,
}

/// How much of one sort there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Found {
    /// Rows.
    pub rows: u64,
    /// Bytes that go.
    pub bytes: u64,
}

/// What a reclaim would do to one database.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// By sort: `superseded events`, `compacted outputs`, `diffs`.
    pub found: BTreeMap<&'static str, Found>,
    /// Sessions that stay as they are, and why.
    pub skipped: Vec<Skipped>,
}

impl Plan {
    /// All of it.
    pub fn all(&self) -> Found {
        self.found.values().fold(Found::default(), |sum, f| Found { rows: sum.rows + f.rows, bytes: sum.bytes + f.bytes })
    }
}

/// The sorts, as they are told.
pub const EVENTS: &str = "superseded events";
/// Outputs that opencode put aside.
pub const OUTPUTS: &str = "compacted outputs";
/// What changed in a turn, as the tool shows it.
pub const DIFFS: &str = "diffs";

/// Sessions of one database that may be touched.
struct Quiet {
    ids: Vec<String>,
    skipped: Vec<Skipped>,
}

/// Says what would go of a database; changes nothing.
pub fn plan(desk: &Desk<'_>, places: &Places, database: usize, which: &Which) -> Result<Plan> {
    let path = places.databases.get(database).ok_or_else(|| Error::usage("there is no such database"))?;
    let db = crate::database::open(path)?;
    let known = Known::read(&db.sql, path)?;
    let quiet = quiet(desk, places, database, which, &db.sql, &known)?;
    let mut plan = Plan { skipped: quiet.skipped, ..Plan::default() };
    let mut walk = Walk::new(&known, &quiet.ids, which.diffs);
    while let Some((sort, todo)) = walk.next(&db.sql)? {
        if desk.watch.stopped() {
            break;
        }
        let sum = plan.found.entry(sort).or_default();
        sum.rows += todo.len() as u64;
        sum.bytes += todo.iter().map(Todo::freed).sum::<u64>();
    }
    Ok(plan)
}

/// Keeps and then removes it.
pub fn carry_out(desk: &Desk<'_>, places: &Places, database: usize, which: &Which) -> Result<Receipt> {
    let path = places.databases.get(database).ok_or_else(|| Error::usage("there is no such database"))?;
    let shelf = Shelf::of(desk.world);
    let _turn = shelf.turn()?;
    let mut receipt = Receipt::new("reclaim");
    let mut pen = desk.pen(path)?;
    let known = Known::read(pen.sql(), path)?;
    let quiet = quiet(desk, places, database, which, pen.sql(), &known)?;
    receipt.skipped = quiet.skipped;
    let mut book = shelf.begin(desk.world, "reclaim", path)?;
    receipt.operation.clone_from(&book.record.id);
    let (mut group, mut done) = (0, Ok(()));
    let mut walk = Walk::new(&known, &quiet.ids, which.diffs);
    'all: while let Some((_, todo)) = walk.next(pen.sql())? {
        for piece in pieces(&todo) {
            if desk.watch.stopped() {
                receipt.interrupted = true;
                break 'all;
            }
            let rows = piece.len() as u64;
            book.write(Line::Group { group, items: rows, root: PathText::new(&places.root), files: Vec::new() })?;
            if let Err(e) = take_out((desk, &mut pen, &mut book), Place { group, last: true }, piece, &|_| Ok(())) {
                done = Err(e);
                break 'all;
            }
            group += 1;
            receipt.moved += rows;
            receipt.bytes += piece.iter().map(Todo::freed).sum::<u64>();
            desk.watch.at(&Progress { verb: "Reclaiming", files: receipt.moved, bytes: receipt.bytes, ..Progress::default() });
        }
    }
    let _ = pen.checkpoint();
    pen.put_down()?;
    book.write(Line::End { given_back: 0 })?;
    receipt.vault = (receipt.moved > 0).then(|| book.record.kept_in.clone());
    match done {
        Err(e) if receipt.moved == 0 => Err(e),
        Err(e) => {
            receipt.failed.push(Failed { path: PathText::new(path), error: e.to_string() });
            Ok(receipt)
        }
        Ok(()) => Ok(receipt),
    }
}

/// The sessions that are meant and quiet, and every id that events are of and no session has.
fn quiet(desk: &Desk<'_>, places: &Places, database: usize, which: &Which, sql: &Connection, known: &Known) -> Result<Quiet> {
    let path = places.databases.get(database).cloned().unwrap_or_default();
    let error = |e| failed("cannot read the sessions of", &path, e);
    let forest = Forest::read(places);
    let (mut ids, mut skipped) = (BTreeSet::new(), Vec::new());
    let now = desk.world.now().as_millisecond();
    let quiet_for = i64::try_from(desk.world.quiet_after().as_millis()).unwrap_or(i64::MAX);
    for member in forest.members.values().filter(|m| m.databases.contains(&database)) {
        let ago = now.saturating_sub(super::forest::newest(sql, &member.id).map_err(error)?.max(member.told));
        let busy =
            member.busy.clone().or_else(|| (ago.saturating_abs() < quiet_for).then(|| format!("active {} s ago", ago.max(0) / 1000)));
        if which.sessions.as_ref().is_some_and(|meant| !meant.contains(&member.id)) {
            continue;
        }
        match busy {
            Some(why) => skipped.push(Skipped { path: PathText::new(&inside(&path, &member.id)), reason: format!("in use: {why}") }),
            None => drop(ids.insert(member.id.clone())),
        }
    }
    if which.sessions.is_none() && known.table("event").is_some() {
        let mut asked = sql.prepare("SELECT DISTINCT aggregate_id FROM event").map_err(error)?;
        let all = asked.query_map([], |row| row.get::<_, String>(0)).map_err(error)?;
        for id in all {
            let id = id.map_err(error)?;
            if !forest.members.contains_key(&id) {
                ids.insert(id);
            }
        }
    }
    Ok(Quiet { ids: ids.into_iter().collect(), skipped })
}

/// Rows of one sort that may go.
pub(super) type Batch<'k> = (&'static str, Vec<Todo<'k>>);

/// A batch has about so many bytes of rows to be read, or of values to be written.
const BATCH: u64 = 32 << 20;

/// Goes through everything that may go, batch by batch; nothing of the database is held open between two of them.
pub(super) struct Walk<'k> {
    known: &'k Known,
    ids: &'k [String],
    /// The session it is at, and the last row of it that was looked at.
    at: usize,
    after: i64,
    /// Sorts still to be gone through; the first is in hand. `None` stands for events.
    sorts: Vec<Option<Sort>>,
}

impl<'k> Walk<'k> {
    pub(super) fn new(known: &'k Known, ids: &'k [String], diffs: bool) -> Self {
        let cuts = SORTS.into_iter().filter(|(sort, ..)| diffs || *sort != DIFFS).map(Some);
        Self { known, ids, at: 0, after: 0, sorts: [None].into_iter().chain(cuts).collect() }
    }

    /// The next rows that may go; `None` at the end.
    pub(super) fn next(&mut self, sql: &Connection) -> Result<Option<Batch<'k>>> {
        let error = |e: rusqlite::Error| failed("cannot read the rows of", Path::new(sql.path().unwrap_or_default()), e);
        while let Some(sort) = self.sorts.first().copied() {
            let (name, table) = sort.as_ref().map_or((EVENTS, "event"), |(sort, table, _)| (*sort, *table));
            let mut todo = Vec::new();
            if let Some(table) = self.known.table(table) {
                while let Some(id) = self.ids.get(self.at) {
                    let more = match &sort {
                        None => superseded(sql, table, id, &mut todo).map(|()| None),
                        Some((_, _, cuts)) => shortened(sql, table, (id, self.after), cuts, &mut todo),
                    };
                    match more.map_err(error)? {
                        Some(after) => self.after = after,
                        None => (self.at, self.after) = (self.at + 1, 0),
                    }
                    if todo.len() > 10_000 || todo.iter().map(|t: &Todo<'_>| t.bytes).sum::<u64>() > BATCH {
                        return Ok(Some((name, todo)));
                    }
                }
            }
            (self.at, self.after) = (0, 0);
            self.sorts.remove(0);
            if !todo.is_empty() {
                return Ok(Some((name, todo)));
            }
        }
        Ok(None)
    }
}

/// Adds a session's events that a newer one of the same thing replaced.
fn superseded<'k>(sql: &Connection, table: &'k Table, id: &str, into: &mut Vec<Todo<'k>>) -> rusqlite::Result<()> {
    let words = Words { number: table.number(), bytes: bytes_of(table) };
    let old = spare::superseded(sql, &words, id)?;
    into.extend(old.into_iter().map(|old| Todo { table, number: old.number, bytes: old.bytes, becomes: None }));
    Ok(())
}

/// A sort, its table, and what is cut out of that.
type Sort = (&'static str, &'static str, &'static [Cut]);

/// What is cut out of which table.
const SORTS: [Sort; 2] = [(OUTPUTS, "part", spare::OUTPUTS), (DIFFS, "message", spare::DIFFS)];

/// Adds the rows of a session, after the one with this number, whose data can be shortened. Gives the last row that was looked
/// at where it did not come to the end.
fn shortened<'k>(
    sql: &Connection,
    table: &'k Table,
    (id, after): (&str, i64),
    cuts: &[Cut],
    into: &mut Vec<Todo<'k>>,
) -> rusqlite::Result<Option<i64>> {
    let Some(column) = table.column("data") else { return Ok(None) };
    let number = table.number();
    let words = format!(
        "SELECT {number},octet_length(data) FROM {} WHERE session_id=?1 AND {number}>?2 AND typeof(data)='text' AND octet_length(data)>=64 \
         ORDER BY 1",
        table.sql()
    );
    let mut asked = sql.prepare(&words)?;
    let mut found = asked.query((id, after))?;
    let mut held = 0;
    while let Some(row) = found.next()? {
        let (number, bytes): (i64, i64) = (row.get(0)?, row.get(1)?);
        if let Ok(Some(cell)) = shorten(sql, table, number, cuts) {
            held += cell.bytes();
            into.push(Todo { table, number, bytes: bytes.unsigned_abs(), becomes: Some((column, cell)) });
            if held > BATCH {
                return Ok(Some(number));
            }
        }
    }
    Ok(None)
}

/// A row's data without what is cut out of it; `None` where there is nothing to cut. Everything else stays byte for byte.
fn shorten(sql: &Connection, table: &Table, number: i64, cuts: &[Cut]) -> std::io::Result<Option<Cell>> {
    let spots = spare::cuts(sql, &table.name, number, cuts)?;
    if spots.is_empty() {
        return Ok(None);
    }
    let mut blob = sql.blob_open(MAIN_DB, table.name.as_str(), "data", number, true).map_err(std::io::Error::other)?;
    let (mut text, mut at) = (Vec::new(), 0);
    for (start, end, instead) in spots {
        text.extend(spare::piece(&mut blob, at, start)?);
        text.extend_from_slice(instead.as_bytes());
        at = end;
    }
    let end = blob.len() as u64;
    text.extend(spare::piece(&mut blob, at, end)?);
    // Only what is JSON again is written.
    serde_json::from_slice::<serde::de::IgnoredAny>(&text)?;
    Ok(Some(Cell::Text(text)))
}

/// Bytes that `summary.diffs` takes in a message of so many bytes, and whether that is a guess: of a large one only the head is
/// read.
pub(super) fn thing_bytes(sql: &Connection, number: i64, length: u64) -> Option<(u64, bool)> {
    const HEAD: u64 = 1 << 16;
    let blob = sql.blob_open(MAIN_DB, "message", "data", number, true).ok()?;
    if length <= HEAD {
        let span = spans(blob, &[&["summary", "diffs"]], &|found| found.iter().all(Option::is_some)).ok()?.pop().flatten()?;
        return Some((span.end - span.start, false));
    }
    let mut head = Vec::new();
    blob.take(HEAD).read_to_end(&mut head).ok()?;
    let begins = memchr::memmem::find(&head, b"\"diffs\":[")?;
    Some((length - begins as u64, true))
}
