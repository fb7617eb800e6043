//! Putting kept rows back where that loses nothing.

use super::as_text::{AsBytes, in_pieces, may_be_bytes};
use super::{Change, FromRef, failed};
use crate::database::quoted;
use crate::error::{Error, Result};
use crate::lifecycle::cells::{Cell, Cells, select};
use crate::lifecycle::chunk::{Fate, Reader, Was};
use rusqlite::blob::Blob;
use rusqlite::types::ToSqlOutput;
use rusqlite::{ErrorCode, MAIN_DB, params_from_iter};
use std::io::{self, Read, Write};

/// What became of a row that was to be put back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Back {
    /// It is there again.
    Restored,
    /// It is there already, as it was kept.
    There,
    /// Something newer is in its place, and stays.
    Newer(String),
}

impl Change<'_> {
    /// The large texts that were put back as bytes: [`Pen::as_texts`] makes texts of them.
    pub fn stand_as_bytes(&self) -> Vec<AsBytes> {
        self.as_bytes.take()
    }

    /// Puts a kept row back where that loses nothing: a removed one where it is not there, a changed value where it still is
    /// what it was changed to.
    pub fn put_back(&self, was: &Was, content: &mut Reader) -> Result<Back> {
        let error = |e| failed("cannot put rows back", self.path, e);
        let kept = |e| Error::io("what was kept of the database cannot be read", self.path, e);
        let there = self.there(was).map_err(error)?;
        match (was.fate, there) {
            (Fate::Removed, None) if in_pieces(self.sql, &was.table, &was.row) => self.insert(was, content),
            (Fate::Removed, None) => self.insert(&was.in_memory(content).map_err(kept)?, content),
            (Fate::Removed, Some(now)) if now.cells == was.row.cells => Ok(Back::There),
            (Fate::Removed, Some(now)) if self.is_half_back(was, content, &now, None)? => Ok(Back::There),
            (Fate::Removed, Some(_)) => Ok(Back::Newer("a newer one is there".into())),
            (Fate::Changed(..), None) => Ok(Back::Newer("it is gone".into())),
            (Fate::Changed(column, hash), Some(now)) => match (now.cells.get(column), was.row.cells.get(column)) {
                (Some(now), Some(old)) if now == old => Ok(Back::There),
                (Some(value), Some(_)) if value.large().is_none() && value.hash() == hash => {
                    let whole = (!in_pieces(self.sql, &was.table, &was.row)).then(|| was.in_memory(content)).transpose().map_err(kept)?;
                    let was = whole.as_ref().unwrap_or(was);
                    let Some(old) = was.row.cells.get(column) else { return Ok(Back::Newer("its column is gone".into())) };
                    let hole = self.hole(was, column, 1);
                    let name = was.table.columns.get(column).map(|c| quoted(c)).unwrap_or_default();
                    let words = format!("UPDATE {} SET {name}={hole} WHERE {}=?2", was.table.sql(), was.table.number());
                    self.sql.execute(&words, (size_or_value(old), now.number)).map_err(error)?;
                    self.fill(was, content, now.number, Some(column))?;
                    Ok(Back::Restored)
                }
                (Some(_), Some(_)) if self.is_half_back(was, content, &now, Some(column))? => Ok(Back::There),
                _ => Ok(Back::Newer("it was changed since".into())),
            },
        }
    }

    /// Whether a row, or this value of it, was put back already and only some of its texts stand as bytes.
    fn is_half_back(&self, was: &Was, content: &mut Reader, now: &Cells, only: Option<usize>) -> Result<bool> {
        let as_bytes = |was: &Cell, now: &Cell| matches!((was, now), (Cell::LargeText(a), Cell::LargeBlob(b)) if a == b);
        let meant = |at: usize| only.is_none_or(|only| only == at);
        let mut pairs = was.row.cells.iter().zip(&now.cells).enumerate();
        if now.cells.len() != was.row.cells.len() || !pairs.all(|(at, (was, now))| !meant(at) || was == now || as_bytes(was, now)) {
            return Ok(false);
        }
        let mut same = true;
        let mut there = vec![0; 1 << 16];
        self.large(was, content, (now.number, only), true, &mut |blob, piece| {
            let there = there.get_mut(..piece.len()).unwrap_or_default();
            blob.read_exact(there)?;
            same &= there == piece;
            Ok(())
        })?;
        if same {
            let halves = was.row.cells.iter().zip(&now.cells).enumerate().filter(|(at, (was, now))| meant(*at) && as_bytes(was, now));
            let halves = halves.map(|(column, (cell, _))| (column, cell.bytes()));
            let halves = halves.map(|(column, length)| AsBytes { table: was.table.clone(), number: now.number, column, length });
            self.as_bytes.borrow_mut().extend(halves);
        }
        Ok(same)
    }

    /// Whether a kept row is in the database just as it was kept, as far as its small values tell.
    pub fn is_untouched(&self, was: &Was) -> Result<bool> {
        let there = self.there(was).map_err(|e| failed("cannot read the database", self.path, e))?;
        Ok(there.is_some_and(|now| now.cells == was.row.cells))
    }

    /// The row that a kept one is now, by its key.
    fn there(&self, was: &Was) -> rusqlite::Result<Option<Cells>> {
        let Was { table, row, .. } = was;
        let words = if table.key.is_empty() {
            format!("{} WHERE {}=?1", select(table), table.number())
        } else {
            let named =
                table.key.iter().enumerate().filter_map(|(n, at)| Some(format!("{} IS ?{}", quoted(table.columns.get(*at)?), n + 1)));
            format!("{} WHERE {}", select(table), named.collect::<Vec<_>>().join(" AND "))
        };
        let key: Vec<ToSqlOutput<'_>> = if table.key.is_empty() {
            vec![ToSqlOutput::from(row.number)]
        } else {
            table.key.iter().filter_map(|at| row.cells.get(*at)).map(|cell| ToSqlOutput::from_ref(cell.value())).collect()
        };
        self.ask(&words, |asked| {
            let mut rows = asked.query(params_from_iter(key))?;
            rows.next()?.map(|row| Cells::of(row, table.columns.len())).transpose()
        })
    }

    fn insert(&self, was: &Was, content: &mut Reader) -> Result<Back> {
        let Was { table, row, .. } = was;
        let error = |e| failed("cannot put rows back", self.path, e);
        let mut names = table.list();
        let mut holes: Vec<String> = (0..row.cells.len()).map(|at| self.hole(was, at, at + 1)).collect();
        let mut values: Vec<ToSqlOutput<'_>> = row.cells.iter().map(size_or_value).collect();
        if let Some(number) = &table.rowid {
            let taken = format!("SELECT count(*) FROM {} WHERE {number}=?1", table.sql());
            if self.ask(&taken, |asked| asked.query_row([row.number], |row| row.get::<_, i64>(0))).map_err(error)? == 0 {
                names.extend([",", number]);
                values.push(ToSqlOutput::from(row.number));
                holes.push(format!("?{}", values.len()));
            }
        }
        let words = format!("INSERT INTO {} ({names}) VALUES ({})", table.sql(), holes.join(","));
        match self.ask(&words, |asked| asked.execute(params_from_iter(values))) {
            Ok(_) => {
                self.fill(was, content, self.sql.last_insert_rowid(), None)?;
                Ok(Back::Restored)
            }
            Err(e) if e.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => Ok(Back::Newer(e.to_string())),
            Err(e) => Err(error(e)),
        }
    }

    /// What stands for a value in words that write it: room of its size for a large one.
    fn hole(&self, was: &Was, column: usize, at: usize) -> String {
        match was.row.cells.get(column) {
            Some(Cell::LargeText(_)) if may_be_bytes(self.sql, &was.table, &was.row, column) => format!("zeroblob(?{at})"),
            Some(Cell::LargeText(_)) => format!("CAST(zeroblob(?{at}) AS TEXT)"),
            Some(Cell::LargeBlob(_)) => format!("zeroblob(?{at})"),
            _ => format!("?{at}"),
        }
    }

    /// Writes the content of large values into the room made for them: of one column, or of all.
    fn fill(&self, was: &Was, content: &mut Reader, number: i64, only: Option<usize>) -> Result<()> {
        self.large(was, content, (number, only), false, &mut |blob, piece| blob.write_all(piece))?;
        for (column, cell) in was.row.cells.iter().enumerate().filter(|(at, _)| only.is_none_or(|only| only == *at)) {
            if let Cell::LargeText(length) = cell
                && may_be_bytes(self.sql, &was.table, &was.row, column)
            {
                self.as_bytes.borrow_mut().push(AsBytes { table: was.table.clone(), number, column, length: *length });
            }
        }
        Ok(())
    }

    /// Goes through the content of large values as it was kept, piece by piece, each with the value that is in the database at
    /// the same place: of one column, or of all.
    fn large(
        &self,
        was: &Was,
        content: &mut Reader,
        (number, only): (i64, Option<usize>),
        read_only: bool,
        take: &mut dyn FnMut(&mut Blob<'_>, &[u8]) -> io::Result<()>,
    ) -> Result<()> {
        let table = &was.table;
        for (at, (cell, column)) in was.row.cells.iter().zip(&table.columns).enumerate() {
            let Some(length) = cell.large() else { continue };
            let mut room = if only.is_none_or(|only| only == at) {
                let blob = self.sql.blob_open(MAIN_DB, table.name.as_str(), column.as_str(), number, read_only);
                Some(blob.map_err(|e| failed("cannot put rows back", self.path, e))?)
            } else {
                None
            };
            let gone = content.large(length, &mut |piece| room.as_mut().map_or(Ok(()), |blob| take(blob, piece)));
            gone.map_err(|e| Error::io("cannot put rows back", self.path, e))?;
        }
        Ok(())
    }
}

fn size_or_value(cell: &Cell) -> ToSqlOutput<'_> {
    cell.large().map_or_else(|| ToSqlOutput::from_ref(cell.value()), |length| ToSqlOutput::from(length.cast_signed()))
}
