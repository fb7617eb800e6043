//! Finds by the index: it tells which blocks may have what is asked, those are read again, the latest first.

use super::super::best::Best;
use super::super::fit::Room;
use super::super::known::Known;
use super::super::query::Query;
use super::super::read::{Answer, Search};
use super::tokens;
use crate::model::{ScanError, Stop, from_bytes};
use crate::transcript::{Placed, Stand, Thread};
use jiff::Timestamp;
use rayon::prelude::*;
use rusqlite::Connection;
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

/// So many blocks are read before it is looked whether the rest can still matter.
const PORTION: usize = 16;

/// So many conversations that had to be laid out stay so for the next search.
const LAID: usize = 16;

/// Where a block is.
#[derive(Debug, Clone, Copy)]
struct Spot {
    id: i64,
    thread: i64,
    start: u64,
    end: u64,
    first: Option<i64>,
    last: Option<i64>,
}

/// What is kept in memory from one search to the next.
#[derive(Debug, Default)]
pub struct Shelf {
    /// Every block, in the order of their numbers.
    spots: Vec<Spot>,
    /// The files they are of.
    paths: HashMap<i64, PathBuf>,
    /// Conversations that were laid out.
    laid: Vec<(PathBuf, Stand, Placed)>,
}

/// A block that may have what is asked.
struct Candidate<'k> {
    known: &'k Known,
    thread: &'k Thread,
    spot: Spot,
    /// When the last of it was said.
    last: Option<Timestamp>,
}

impl Shelf {
    /// Reads which blocks there are.
    pub fn read(&mut self, sql: &Connection) -> rusqlite::Result<()> {
        let mut all = sql.prepare("SELECT id, thread, start, end, first, last FROM block ORDER BY id")?;
        let place = |row: &rusqlite::Row<'_>, n| row.get::<_, i64>(n).map(i64::cast_unsigned);
        let spot = |row: &rusqlite::Row<'_>| {
            let (start, end) = (place(row, 2)?, place(row, 3)?);
            Ok(Spot { id: row.get(0)?, thread: row.get(1)?, start, end, first: row.get(4)?, last: row.get(5)? })
        };
        self.spots = all.query_map([], spot)?.collect::<rusqlite::Result<_>>()?;
        let mut all = sql.prepare("SELECT id, path FROM thread")?;
        let path = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, PathBuf::from(from_bytes(&row.get::<_, Vec<u8>>(1)?))));
        self.paths = all.query_map([], path)?.collect::<rusqlite::Result<_>>()?;
        Ok(())
    }

    /// Looks for what is asked in these sessions, until nothing can be better than what was found or it is `enough`.
    pub fn search(
        &mut self,
        sql: &Connection,
        known: &[Known],
        query: &Query,
        limit: usize,
        enough: &dyn Fn() -> bool,
    ) -> rusqlite::Result<Answer> {
        let candidates = self.candidates(known, query, numbers(sql, query)?.as_ref());
        let mut best = Best::new(limit);
        let mut failed: Vec<ScanError> = Vec::new();
        let mut at = 0;
        while let Some(portion) = candidates.get(at..(at + PORTION).min(candidates.len())).filter(|p| !p.is_empty()) {
            let placed: Vec<_> = portion.iter().map(|one| self.placed(one.thread)).collect();
            let read = |(one, placed): (&Candidate<'_>, &crate::error::Result<Placed>)| {
                let Candidate { known, thread, spot, .. } = one;
                let mut search =
                    Search { known, thread, look: query, filter: &query.filter, best: Best::new(limit), room: Room::default() };
                let outcome = placed.as_ref().map_err(ToString::to_string).and_then(|placed| {
                    let mut reading = placed.open().map_err(|e| e.to_string())?;
                    search.lines(&mut reading, spot.start, spot.end, &Stop::default()).map_err(|e| e.to_string())
                });
                (search.best, outcome.err().map(|error| ScanError { path: thread.path(), error }))
            };
            for (more, error) in portion.par_iter().zip(&placed).map(read).collect::<Vec<_>>() {
                best = best.join(more);
                failed.extend(error.filter(|e| !failed.contains(e)));
            }
            at += portion.len();
            best.settle();
            let is_best = candidates.get(at).is_some_and(|next| best.is_full_of_exact(next.last));
            if is_best || enough() {
                break;
            }
        }
        let total = Some(best.total).filter(|_| at >= candidates.len());
        Ok(Answer { hits: best.hits(), total, failed })
    }

    /// The blocks of these numbers (none: all) that are asked about, the latest first.
    fn candidates<'k>(&self, known: &'k [Known], query: &Query, numbers: Option<&HashSet<i64>>) -> Vec<Candidate<'k>> {
        let of_path: HashMap<PathBuf, (&Known, &Thread)> =
            known.iter().flat_map(|k| k.threads.iter().map(move |t| (t.path(), (k, t)))).collect();
        let of_thread: HashMap<i64, (&Known, &Thread)> =
            self.paths.iter().filter_map(|(id, path)| Some((*id, *of_path.get(path)?))).collect();
        let time = |ms: Option<i64>| ms.and_then(|ms| Timestamp::from_millisecond(ms).ok());
        let wanted = self.spots.iter().filter(|spot| numbers.is_none_or(|numbers| numbers.contains(&spot.id)));
        let mut all: Vec<Candidate<'_>> = wanted
            .filter_map(|spot| {
                let (known, thread) = *of_thread.get(&spot.thread)?;
                // What says no time counts as of when the session was active last.
                let last = time(spot.last).max(known.last_active);
                let is_early = query.filter.since.is_some_and(|since| last.is_some_and(|last| last < since));
                let is_late = query.filter.until.is_some_and(|until| time(spot.first).is_some_and(|first| first >= until));
                (!is_early && !is_late).then_some(Candidate { known, thread, spot: *spot, last: time(spot.last).or(known.last_active) })
            })
            .collect();
        all.sort_by_key(|one| (std::cmp::Reverse(one.last), one.spot.id));
        all
    }

    /// Where a file's lines are read from: what has to be laid out is, once for several searches.
    fn placed(&mut self, thread: &Thread) -> crate::error::Result<Placed> {
        if thread.grows() {
            return thread.placed();
        }
        let (path, stand) = (thread.path(), thread.stand().unwrap_or_default());
        if let Some((.., placed)) = self.laid.iter().find(|(p, s, _)| *p == path && *s == stand) {
            return Ok(placed.clone());
        }
        let placed = thread.placed()?;
        self.laid.retain(|(p, ..)| *p != path);
        if self.laid.len() >= LAID {
            self.laid.remove(0);
        }
        self.laid.push((path, stand, placed.clone()));
        Ok(placed)
    }
}

/// The numbers of the blocks that have the words; `None`: there is no word that tells blocks apart.
fn numbers(sql: &Connection, query: &Query) -> rusqlite::Result<Option<HashSet<i64>>> {
    let asked = tokens::asked(query);
    if asked.is_empty() {
        return Ok(None);
    }
    let mut all = HashSet::new();
    let wants_said = query.filter.voices.is_empty() || query.filter.voices.iter().any(|voice| voice.is_said());
    for (table, is_wanted) in [("said", wants_said), ("more", query.filter.takes_more())] {
        if is_wanted {
            let mut found = sql.prepare(&format!("SELECT rowid FROM {table} WHERE {table} MATCH ?1"))?;
            for id in found.query_map([&asked], |row| row.get::<_, i64>(0))? {
                all.insert(id?);
            }
        }
    }
    Ok(Some(all))
}
