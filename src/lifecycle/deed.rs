//! Taking rows out of a database and putting them back, chunk by chunk: each is kept, synced and read back before it goes.

use super::book::{Book, Line, Part};
use super::cells::{Cell, each};
use super::chunk::{Fate, Reader, Writer, check};
use super::pen::{Back, Pen};
use super::table::Table;
use crate::error::{Error, Result};
use crate::model::{Progress, Watch};
use crate::vault::own::discard;
use crate::world::World;
use rusqlite::Connection;
use std::path::Path;

/// Rows of so many bytes together are kept and removed at once: a second's work or less.
const CHUNK: u64 = 48 << 20;
/// And no more than so many rows.
const ROWS: usize = 20_000;

/// Says why a database is in use; `None` where it is known not to be.
pub type InUse<'a> = dyn Fn(&World, &Path) -> Option<String> + 'a;

/// What a deed works with.
pub struct Desk<'a> {
    /// The outside.
    pub world: &'a World,
    /// Who watches.
    pub watch: &'a dyn Watch,
    /// Says what is in use.
    pub in_use: &'a InUse<'a>,
}

impl Desk<'_> {
    /// Refuses where a database is in use, or that cannot be told.
    pub fn quiet(&self, database: &Path) -> Result<()> {
        match (self.in_use)(self.world, database) {
            None => Ok(()),
            Some(why) => Err(in_use(database, &why)),
        }
    }

    /// A pen for a database that nobody uses.
    pub fn pen(&self, database: &Path) -> Result<Pen> {
        self.quiet(database)?;
        Pen::take(database)
    }
}

/// The refusal of a database that is in use.
pub fn in_use(database: &Path, why: &str) -> Error {
    let says = format!("the database is in use: {why}; it is only looked at, and nothing was changed");
    Error::refused(says).at(database).hint("end what uses it (opencode, `opencode serve`) and try again")
}

/// A row that is to go, or one value of it.
#[derive(Debug, Clone)]
pub struct Todo<'t> {
    /// Its table.
    pub table: &'t Table,
    /// Its number there.
    pub number: i64,
    /// About how many bytes it has.
    pub bytes: u64,
    /// The column to be replaced and by what; `None`: the row goes.
    pub becomes: Option<(usize, Cell)>,
}

impl Todo<'_> {
    /// Bytes that there are fewer afterwards.
    pub fn freed(&self) -> u64 {
        self.bytes.saturating_sub(self.becomes.as_ref().map_or(0, |(_, cell)| cell.bytes()))
    }
}

/// A list cut into pieces that are carried at once.
pub fn pieces<'a, 't>(todo: &'a [Todo<'t>]) -> Vec<&'a [Todo<'t>]> {
    let mut all = Vec::new();
    let mut rest = todo;
    while !rest.is_empty() {
        let mut bytes = 0;
        let fits = |item: &&Todo<'_>| {
            bytes += item.bytes;
            bytes <= CHUNK
        };
        let count = rest.iter().take(ROWS).take_while(fits).count().max(1);
        let (piece, more) = rest.split_at(count);
        all.push(piece);
        rest = more;
    }
    all
}

/// Where a chunk stands among those that belong together.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// The group.
    pub group: u64,
    /// Whether it ends the group.
    pub last: bool,
}

/// Keeps some rows and then takes them out. `holds` is asked inside the change, when they are out; where it fails, nothing is
/// changed.
pub fn take_out(
    (desk, pen, book): (&Desk<'_>, &mut Pen, &mut Book),
    place: Place,
    todo: &[Todo<'_>],
    holds: &dyn Fn(&Connection) -> Result<()>,
) -> Result<u64> {
    pen.begin_reading()?;
    let (chunk, file) = book.next_place()?;
    let kept = keep(pen, &file, todo).inspect_err(|_| discard(&file))?;
    let bytes = kept.bytes;
    book.write(Line::Chunk { chunk, group: place.group, last: place.last, kept }).inspect_err(|_| discard(&file))?;
    let done = desk.quiet(pen.path()).and_then(|()| {
        pen.change(|change| {
            let mut rows: Vec<(&Table, Vec<i64>)> = Vec::new();
            for item in todo {
                match (&item.becomes, rows.last_mut()) {
                    (Some((column, cell)), _) => change.set(item.table, item.number, *column, cell)?,
                    (None, Some((table, numbers))) if *table == item.table => numbers.push(item.number),
                    (None, _) => rows.push((item.table, vec![item.number])),
                }
            }
            change.remove(&rows)?;
            holds(change.sql())
        })
    });
    if let Err(e) = done {
        book.write(Line::Back { chunk })?;
        discard(&file);
        return Err(e);
    }
    book.write(Line::Done { chunk })?;
    Ok(bytes)
}

fn keep(pen: &Pen, file: &Path, todo: &[Todo<'_>]) -> Result<super::chunk::Kept> {
    let mut out = Writer::begin(file)?;
    for same in todo.chunk_by(|a, b| a.table == b.table) {
        let Some(table) = same.first().map(|item| item.table) else { continue };
        let numbers: Vec<i64> = same.iter().map(|item| item.number).collect();
        let mut items = same.iter();
        let added = each(pen.sql(), table, &numbers, |row| {
            let becomes = items.next().and_then(|item| item.becomes.as_ref());
            let fate = becomes.map_or(Fate::Removed, |(column, cell)| Fate::Changed(*column, cell.hash()));
            out.add(pen.sql(), table, &row, fate)
        });
        added.map_err(|e| Error::io("cannot keep rows", file, e))?;
    }
    out.end()
}

/// What came of putting rows back.
#[derive(Debug, Clone, Default)]
pub struct Returned {
    /// Rows that are there again.
    pub rows: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Rows that stay out, because something newer is there: table, and why.
    pub newer: Vec<(String, String)>,
}

/// Puts the rows of a chunk back, all that can be without writing over anything newer.
pub fn put_back(desk: &Desk<'_>, pen: &mut Pen, book: &mut Book, part: &Part) -> Result<Returned> {
    let file = book.record.place(part.chunk);
    check(&file, &part.kept)?;
    pen.begin_reading()?;
    let failed = |e| Error::io("what was kept of the database cannot be read", &file, e);
    let (returned, as_bytes) = pen.change(|change| {
        change.defer_links()?;
        let mut returned = Returned::default();
        let mut content = Reader::open(&file)?;
        while let Some(was) = content.next().map_err(failed)? {
            match change.put_back(&was, &mut content)? {
                Back::Restored | Back::There => {
                    returned.rows += 1;
                    returned.bytes += was.row.bytes();
                }
                Back::Newer(why) => returned.newer.push((was.table.name.clone(), why)),
            }
        }
        Ok((returned, change.stand_as_bytes()))
    })?;
    pen.as_texts(&as_bytes)?;
    desk.watch.at(&Progress { verb: "Putting back", files: returned.rows, ..Progress::default() });
    // What could not go back stays kept.
    if returned.newer.is_empty() {
        book.write(Line::Back { chunk: part.chunk })?;
        discard(&file);
    }
    Ok(returned)
}

/// Whether the rows of a chunk are all in the database just as they were kept: it was never taken out.
pub fn is_untouched(pen: &mut Pen, file: &Path, part: &Part) -> Result<bool> {
    check(file, &part.kept)?;
    let failed = |e| Error::io("what was kept of the database cannot be read", file, e);
    pen.begin_reading()?;
    pen.change(|change| {
        let mut content = Reader::open(file)?;
        while let Some(was) = content.next().map_err(failed)? {
            if !change.is_untouched(&was)? {
                return Ok(false);
            }
        }
        Ok(true)
    })
}
