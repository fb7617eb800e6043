//! Rows as bytes: every column with its exact type, values of any size in little memory.
//!
//! A row: its number (8 bytes), a cell a column, then the content of each large value. A cell: a byte for its sort, then the
//! number (8 bytes), or the length (8 bytes) and, where it is not large, the content. Numbers are little-endian.

use super::table::{LARGE, Table};
use crate::database::quoted;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, MAIN_DB, Row, Statement};
use std::io::{self, Read, Write};

/// Bytes that a large value is copied in.
const PIECE: usize = 1 << 16;

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing.
    Null,
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Real(f64),
    /// Text, as its bytes: SQLite does not insist on UTF-8.
    Text(Vec<u8>),
    /// Bytes.
    Blob(Vec<u8>),
    /// Text of so many bytes, which follow after the cells.
    LargeText(u64),
    /// Bytes, so many, which follow after the cells.
    LargeBlob(u64),
}

impl Cell {
    /// A value of SQLite that is at hand.
    pub fn of(value: ValueRef<'_>) -> Self {
        match value {
            ValueRef::Null => Self::Null,
            ValueRef::Integer(n) => Self::Int(n),
            ValueRef::Real(n) => Self::Real(n),
            ValueRef::Text(bytes) => Self::Text(bytes.to_vec()),
            ValueRef::Blob(bytes) => Self::Blob(bytes.to_vec()),
        }
    }

    /// The value as SQLite takes it; a large one as nothing.
    pub fn value(&self) -> ValueRef<'_> {
        match self {
            Self::Int(n) => ValueRef::Integer(*n),
            Self::Real(n) => ValueRef::Real(*n),
            Self::Text(bytes) => ValueRef::Text(bytes),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
            Self::Null | Self::LargeText(_) | Self::LargeBlob(_) => ValueRef::Null,
        }
    }

    /// Its length, where it is large.
    pub fn large(&self) -> Option<u64> {
        match self {
            Self::LargeText(length) | Self::LargeBlob(length) => Some(*length),
            _ => None,
        }
    }

    /// Its bytes: content for text and bytes, 8 for a number.
    pub fn bytes(&self) -> u64 {
        match self {
            Self::Null => 0,
            Self::Int(_) | Self::Real(_) => 8,
            Self::Text(bytes) | Self::Blob(bytes) => bytes.len() as u64,
            Self::LargeText(length) | Self::LargeBlob(length) => *length,
        }
    }

    /// A hash of its sort and content, of a value that is not large.
    pub fn hash(&self) -> [u8; 32] {
        let mut bytes = Vec::new();
        // Writing to a vector never fails.
        let _ = self.write(&mut bytes);
        *blake3::hash(&bytes).as_bytes()
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let (sort, number) = match self {
            Self::Null => return out.write_all(&[0]),
            Self::Int(n) => (1, n.to_le_bytes()),
            Self::Real(n) => (2, n.to_bits().to_le_bytes()),
            Self::Text(bytes) => (3, (bytes.len() as u64).to_le_bytes()),
            Self::Blob(bytes) => (4, (bytes.len() as u64).to_le_bytes()),
            Self::LargeText(length) => (5, length.to_le_bytes()),
            Self::LargeBlob(length) => (6, length.to_le_bytes()),
        };
        out.write_all(&[sort])?;
        out.write_all(&number)?;
        match self {
            Self::Text(bytes) | Self::Blob(bytes) => out.write_all(bytes),
            _ => Ok(()),
        }
    }

    fn read(from: &mut impl Read) -> io::Result<Self> {
        let mut sort = [0];
        from.read_exact(&mut sort)?;
        if sort == [0] {
            return Ok(Self::Null);
        }
        let mut number = [0; 8];
        from.read_exact(&mut number)?;
        let length = u64::from_le_bytes(number);
        let mut content = || {
            let mut bytes = Vec::new();
            // A length that cannot be is no reason to take its memory.
            if length >= LARGE || from.take(length).read_to_end(&mut bytes)? as u64 != length {
                return Err(io::Error::from(io::ErrorKind::InvalidData));
            }
            Ok(bytes)
        };
        Ok(match sort {
            [1] => Self::Int(i64::from_le_bytes(number)),
            [2] => Self::Real(f64::from_bits(length)),
            [3] => Self::Text(content()?),
            [4] => Self::Blob(content()?),
            [5] => Self::LargeText(length),
            [6] => Self::LargeBlob(length),
            _ => return Err(io::ErrorKind::InvalidData.into()),
        })
    }
}

/// One row without the content of its large values.
#[derive(Debug, Clone, PartialEq)]
pub struct Cells {
    /// The row's number.
    pub number: i64,
    /// A cell a column.
    pub cells: Vec<Cell>,
}

impl Cells {
    /// Reads a row that was asked for with [`select`].
    pub fn of(row: &Row<'_>, columns: usize) -> rusqlite::Result<Self> {
        let mut cells = Vec::with_capacity(columns);
        for at in 0..columns {
            let length: Option<i64> = row.get(1 + 3 * at)?;
            let length = length.and_then(|n| u64::try_from(n).ok()).unwrap_or(0);
            cells.push(match row.get_ref(2 + 3 * at)? {
                ValueRef::Text(b"text") if length >= LARGE => Cell::LargeText(length),
                ValueRef::Text(b"blob") if length >= LARGE => Cell::LargeBlob(length),
                _ => Cell::of(row.get_ref(3 + 3 * at)?),
            });
        }
        Ok(Self { number: row.get(0)?, cells })
    }

    /// The bytes of its values.
    pub fn bytes(&self) -> u64 {
        self.cells.iter().map(Cell::bytes).sum()
    }

    /// Writes it, with the content of its large values as the database has them now.
    pub fn write(&self, sql: &Connection, table: &Table, out: &mut impl Write) -> io::Result<()> {
        out.write_all(&self.number.to_le_bytes())?;
        for cell in &self.cells {
            cell.write(out)?;
        }
        for (cell, column) in self.cells.iter().zip(&table.columns) {
            let Some(length) = cell.large() else { continue };
            let mut blob = sql.blob_open(MAIN_DB, table.name.as_str(), column.as_str(), self.number, true).map_err(io::Error::other)?;
            if io::copy(&mut io::BufReader::with_capacity(PIECE, &mut blob), out)? != length {
                return Err(io::Error::other("a value changed while it was read"));
            }
        }
        Ok(())
    }

    /// Reads a row of so many columns; the content of its large values is still to be read.
    pub fn read(from: &mut impl Read, columns: usize) -> io::Result<Self> {
        let mut number = [0; 8];
        from.read_exact(&mut number)?;
        let cells = (0..columns).map(|_| Cell::read(from)).collect::<io::Result<_>>()?;
        Ok(Self { number: i64::from_le_bytes(number), cells })
    }
}

/// The words that ask for rows of a table as [`Cells::of`] takes them: no value that is large is read.
pub fn select(table: &Table) -> String {
    let mut words = format!("SELECT {}", table.number());
    for column in &table.columns {
        let c = quoted(column);
        let small = format!("CASE WHEN octet_length({c})>={LARGE} AND typeof({c}) IN('text','blob') THEN NULL ELSE {c} END");
        words.extend([",octet_length(", &c, "),typeof(", &c, "),", &small]);
    }
    words + " FROM " + &table.sql()
}

/// Asks for the row of each of these numbers, and gives it on.
pub fn each(sql: &Connection, table: &Table, numbers: &[i64], mut take: impl FnMut(Cells) -> io::Result<()>) -> io::Result<()> {
    let words = format!("{} WHERE {}=?1", select(table), table.number());
    let mut asked: Statement<'_> = sql.prepare(&words).map_err(io::Error::other)?;
    for number in numbers {
        let row = asked.query_row([number], |row| Cells::of(row, table.columns.len()));
        take(row.map_err(io::Error::other)?)?;
    }
    Ok(())
}
