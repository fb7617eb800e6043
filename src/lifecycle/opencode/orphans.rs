//! Rows whose session or message is gone (`reclaim --orphans`): opencode shows them nowhere and removes them never.
//!
//! Left where they are: rows of a session that is in another database of the store or in files, and what changed a moment ago.

use super::collect::bytes_of;
use super::forest::Forest;
use super::places::Places;
use super::reclaim::{Found, Plan};
use super::schema::Known;
use crate::database::{self, Schema};
use crate::error::{Error, Result};
use crate::lifecycle::book::{Line, Shelf};
use crate::lifecycle::deed::{Desk, Place, Todo, pieces, take_out};
use crate::lifecycle::pen::failed;
use crate::model::{PathText, Progress, Receipt};
use crate::stores::opencode::orphans::orphaned;
use crate::stores::opencode::spare::{self, Words};
use rusqlite::Connection;
use std::collections::BTreeSet;
use std::path::Path;

/// How the deed is called in the history. Its rows lean on nothing that is there, and so they go back.
pub const VERB: &str = "reclaim orphans";

/// The sort, as it is told.
pub const ORPHANS: &str = "orphans";

/// Says what would go of a database; changes nothing.
pub fn plan(desk: &Desk<'_>, places: &Places, database: usize) -> Result<Plan> {
    let path = at(places, database)?;
    let db = database::open(path)?;
    let known = Known::read(&db.sql, path)?;
    let mut todo = rows(desk, places, (&db.sql, database), &known, path)?;
    let old = replaced(&db.sql, &known).map_err(|e| failed("cannot read the rows of", path, e))?;
    // Those go with every reclaim, and are told there.
    todo.retain(|t| t.table.name != "event" || !old.contains(&t.number));
    let mut plan = Plan::default();
    if !todo.is_empty() {
        plan.found.insert(ORPHANS, Found { rows: todo.len() as u64, bytes: todo.iter().map(|t| t.bytes).sum() });
    }
    Ok(plan)
}

/// Keeps and then removes them.
pub fn carry_out(desk: &Desk<'_>, places: &Places, database: usize) -> Result<Receipt> {
    let path = at(places, database)?;
    let shelf = Shelf::of(desk.world);
    let _turn = shelf.turn()?;
    let mut receipt = Receipt::new("reclaim");
    let mut pen = desk.pen(path)?;
    let known = Known::read(pen.sql(), path)?;
    let todo = rows(desk, places, (pen.sql(), database), &known, path)?;
    if todo.is_empty() {
        pen.put_down()?;
        return Ok(receipt);
    }
    let mut book = shelf.begin(desk.world, VERB, path)?;
    receipt.operation.clone_from(&book.record.id);
    let mut done = Ok(());
    for (group, piece) in (0..).zip(pieces(&todo)) {
        if desk.watch.stopped() {
            receipt.interrupted = true;
            break;
        }
        let rows = piece.len() as u64;
        book.write(Line::Group { group, items: rows, root: PathText::new(&places.root), files: Vec::new() })?;
        if let Err(e) = take_out((desk, &mut pen, &mut book), Place { group, last: true }, piece, &|_| Ok(())) {
            done = Err(e);
            break;
        }
        receipt.moved += rows;
        receipt.bytes += piece.iter().map(|t| t.bytes).sum::<u64>();
        desk.watch.at(&Progress { verb: "Reclaiming", files: receipt.moved, bytes: receipt.bytes, ..Progress::default() });
    }
    let _ = pen.checkpoint();
    pen.put_down()?;
    book.write(Line::End { given_back: 0 })?;
    receipt.vault = (receipt.moved > 0).then(|| book.record.kept_in.clone());
    match done {
        Err(e) if receipt.moved == 0 => Err(e),
        Err(e) => {
            receipt.failed.push(crate::model::Failed { path: PathText::new(path), error: e.to_string() });
            Ok(receipt)
        }
        Ok(()) => Ok(receipt),
    }
}

fn at(places: &Places, database: usize) -> Result<&Path> {
    places.databases.get(database).map(AsRef::as_ref).ok_or_else(|| Error::usage("there is no such database"))
}

/// The rows, what depends on others first.
fn rows<'k>(desk: &Desk<'_>, places: &Places, at: (&Connection, usize), known: &'k Known, path: &Path) -> Result<Vec<Todo<'k>>> {
    let forest = Forest::read(places);
    if let Some(first) = forest.errors.first() {
        // What cannot be read may be the session they are of.
        return Err(Error::refused(format!("its sessions cannot all be read: {}", first.error)).at(&first.path));
    }
    let quiet = i64::try_from(desk.world.quiet_after().as_millis()).unwrap_or(i64::MAX);
    let until = desk.world.now().as_millisecond().saturating_sub(quiet);
    find(at, known, &forest, until).map_err(|e| failed("cannot read the rows of", path, e))
}

/// Events of sessions that are gone and that newer ones replaced.
fn replaced(sql: &Connection, known: &Known) -> rusqlite::Result<BTreeSet<i64>> {
    let conditions = orphaned(&Schema::read(sql)?);
    let (Some(table), Some(orphaned)) = (known.table("event"), conditions.iter().find(|o| o.table == "event")) else {
        return Ok(BTreeSet::new());
    };
    let words = Words { number: table.number(), bytes: bytes_of(table) };
    let mut asked = sql.prepare(&format!("SELECT DISTINCT aggregate_id FROM event WHERE {}", orphaned.gone))?;
    let ids: Vec<String> = asked.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let mut all = BTreeSet::new();
    for id in ids {
        all.extend(spare::superseded(sql, &words, &id)?.into_iter().map(|old| old.number));
    }
    Ok(all)
}

fn find<'k>((sql, database): (&Connection, usize), known: &'k Known, forest: &Forest, until: i64) -> rusqlite::Result<Vec<Todo<'k>>> {
    let conditions = orphaned(&Schema::read(sql)?);
    let mut all = Vec::new();
    for table in known.owned.iter().map(|owned| &owned.table) {
        let Some(orphaned) = conditions.iter().find(|o| o.table == table.name) else { continue };
        let (number, by, gone) = (table.number(), orphaned.by, &orphaned.gone);
        let time = if table.column("time_updated").is_some() { "coalesce(time_updated,0)" } else { "0" };
        let words = format!("SELECT {number},{by},{time},{} FROM {} WHERE {gone} ORDER BY {number}", bytes_of(table), table.sql());
        let mut asked = sql.prepare(&words)?;
        let mut found = asked.query([])?;
        while let Some(row) = found.next()? {
            let Ok(id) = row.get::<_, String>(1) else { continue };
            // Of a session that is here, only parts of a message that is gone.
            let elsewhere = forest.members.get(&id).is_some_and(|m| table.name != "part" || !m.databases.contains(&database));
            if !elsewhere && row.get::<_, i64>(2)? < until {
                all.push(Todo { table, number: row.get(0)?, bytes: row.get::<_, i64>(3)?.unsigned_abs(), becomes: None });
            }
        }
    }
    Ok(all)
}
