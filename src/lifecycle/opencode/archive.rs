//! `archive` and `unarchive`: one value of a session's row, set exactly and put back exactly.

use super::forest::Forest;
use super::places::Places;
use super::prune::{self, Which};
use super::schema::Known;
use crate::error::{Error, Result};
use crate::lifecycle::book::{Line, Shelf};
use crate::lifecycle::cells::{Cell, each};
use crate::lifecycle::deed::{Desk, Place, Todo, take_out};
use crate::lifecycle::pen::failed;
use crate::model::{PathText, Receipt};
use rusqlite::Connection;
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

/// Sets or clears the time a session was archived at, in one database, in every generation of tables it is in.
pub fn archive(desk: &Desk<'_>, places: &Places, database: usize, ids: &[String], archived: bool, dry_run: bool) -> Result<Receipt> {
    let path = places.databases.get(database).ok_or_else(|| Error::usage("there is no such database"))?;
    let verb = if archived { "archive" } else { "unarchive" };
    let mut receipt = Receipt::new(verb);
    receipt.dry_run = dry_run;
    if dry_run {
        desk.quiet(path)?;
        let db = crate::database::open(path)?;
        let known = Known::read(&db.sql, path)?;
        receipt.moved = count(&changes(desk, &db.sql, &known, ids, archived)?);
        return Ok(receipt);
    }
    let shelf = Shelf::of(desk.world);
    let _turn = shelf.turn()?;
    let mut pen = desk.pen(path)?;
    let known = Known::read(pen.sql(), path)?;
    let todo = changes(desk, pen.sql(), &known, ids, archived)?;
    if todo.is_empty() {
        let state = if archived { "archived" } else { "not archived" };
        receipt.notes.push(format!("it is {state} already; nothing was changed"));
        pen.put_down()?;
        return Ok(receipt);
    }
    let sessions = count(&todo);
    let mut book = shelf.begin(desk.world, verb, path)?;
    receipt.operation.clone_from(&book.record.id);
    book.write(Line::Group { group: 0, items: sessions, root: PathText::new(&places.root), files: Vec::new() })?;
    let rows: Vec<Todo<'_>> = todo.into_iter().map(|(_, todo)| todo).collect();
    let done = take_out((desk, &mut pen, &mut book), Place { group: 0, last: true }, &rows, &|_| Ok(()));
    let _ = pen.checkpoint();
    pen.put_down()?;
    book.write(Line::End { given_back: 0 })?;
    done?;
    receipt.moved = sessions;
    receipt.vault = Some(book.record.kept_in.clone());
    Ok(receipt)
}

/// After how long sessions are archived; `None`: not by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Shelve {
    /// Trees of which nothing was active for so long.
    pub idle: Option<Duration>,
    /// Sub-sessions that did nothing for so long.
    pub children: Option<Duration>,
}

/// The sessions of a store that are due by a rule and not archived yet.
pub fn due(desk: &Desk<'_>, root: &Path, rule: Shelve) -> Result<Vec<String>> {
    let places = Places::of(desk.world, root);
    let forest = Forest::read(&places);
    let mut ids = BTreeSet::new();
    for (than, children) in [(rule.idle, false), (rule.children, true)] {
        let Some(than) = than else { continue };
        let plan = prune::plan(desk, root, &Which::Older { than, children })?;
        let mut trees: Vec<&String> = plan.units.iter().flat_map(|unit| &unit.sessions).collect();
        let child = |id: &&String| forest.members.get(*id).is_some_and(|m| m.parent.is_some());
        trees.retain(|id| !children || child(id));
        let open = |id: &&String| forest.members.get(*id).is_some_and(|m| !m.archived && !m.databases.is_empty());
        ids.extend(trees.into_iter().filter(open).cloned());
    }
    Ok(ids.into_iter().collect())
}

fn count(todo: &[(String, Todo<'_>)]) -> u64 {
    todo.iter().map(|(id, _)| id).collect::<std::collections::BTreeSet<_>>().len() as u64
}

/// The rows whose value is not yet as it should be. In the newest tables 0 stands for "not archived", as nothing does.
fn changes<'k>(desk: &Desk<'_>, sql: &Connection, known: &'k Known, ids: &[String], archived: bool) -> Result<Vec<(String, Todo<'k>)>> {
    let now = desk.world.now().as_millisecond();
    let mut all = Vec::new();
    for name in ["session", "session_v2"] {
        let Some(table) = known.table(name) else { continue };
        let Some(column) = table.column("time_archived") else { continue };
        for id in ids {
            let error = |e| failed("cannot read the sessions of", std::path::Path::new(sql.path().unwrap_or_default()), e);
            let words = format!("SELECT {} FROM {} WHERE id=?1", table.number(), table.sql());
            let mut asked = sql.prepare(&words).map_err(error)?;
            let numbers: Vec<i64> = asked.query_map([id], |row| row.get(0)).and_then(Iterator::collect).map_err(error)?;
            let told = each(sql, table, &numbers, |row| {
                let is = !matches!(row.cells.get(column), None | Some(Cell::Null | Cell::Int(0)));
                if is != archived {
                    let cell = if archived { Cell::Int(now) } else { Cell::Null };
                    all.push((id.clone(), Todo { table, number: row.number, bytes: row.bytes(), becomes: Some((column, cell)) }));
                }
                Ok(())
            });
            told.map_err(|e| Error::new(crate::error::Kind::System, "cannot read the sessions").because(e))?;
        }
    }
    Ok(all)
}
