//! Rows on their way out of a database: kept in a file of ours first, made to last, and read back.
//!
//! A chunk is a zstd stream: a line of magic, then records. `T`: the table that the rows after it are of, as JSON with its
//! length before it; `D`: a row that was removed; `C`: a row of which one value was changed: the value's column, the hash of
//! what it became, and the row as it was; `E`: the end.

use super::cells::{Cell, Cells};
use super::table::Table;
use crate::error::{Error, Result};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

const MAGIC: &[u8] = b"lifeboat.rows/1\n";

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It was removed.
    Removed,
    /// The value of this column was replaced; what replaced it has this hash (see `Cell::hash`).
    Changed(usize, [u8; 32]),
}

/// What is known of a chunk that was kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Its rows.
    pub rows: u64,
    /// Bytes of their values.
    pub bytes: u64,
    /// Bytes of its file.
    pub size: u64,
    /// BLAKE3 of what is in it before packing, 64 hex digits.
    pub hash: String,
}

/// A writer that hashes what passes.
struct Hashing<W> {
    to: W,
    hash: blake3::Hasher,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.to.write(bytes)?;
        self.hash.update(bytes.get(..n).unwrap_or_default());
        Ok(n)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// A chunk that is being written.
pub struct Writer {
    out: Hashing<zstd::Encoder<'static, BufWriter<File>>>,
    path: PathBuf,
    table: Option<Table>,
    rows: u64,
    bytes: u64,
}

impl Writer {
    /// Begins a chunk at a place where nothing is; readable by its owner alone.
    pub fn begin(path: &Path) -> Result<Self> {
        let mut how = File::options();
        how.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut how, 0o600);
        let begun = how.open(path).and_then(|file| {
            let mut out = Hashing { to: zstd::Encoder::new(BufWriter::with_capacity(1 << 16, file), 3)?, hash: blake3::Hasher::new() };
            out.write_all(MAGIC)?;
            Ok(out)
        });
        let out = begun.map_err(|e| Error::io("cannot keep rows", path, e))?;
        Ok(Self { out, path: path.to_path_buf(), table: None, rows: 0, bytes: 0 })
    }

    /// Adds a row, read from the database.
    pub fn add(&mut self, sql: &Connection, table: &Table, row: &Cells, fate: Fate) -> io::Result<()> {
        if self.table.as_ref() != Some(table) {
            let json = serde_json::to_vec(table)?;
            let length = u32::try_from(json.len()).map_err(io::Error::other)?;
            self.out.write_all(b"T")?;
            self.out.write_all(&length.to_le_bytes())?;
            self.out.write_all(&json)?;
            self.table = Some(table.clone());
        }
        match fate {
            Fate::Removed => self.out.write_all(b"D")?,
            Fate::Changed(column, hash) => {
                self.out.write_all(b"C")?;
                self.out.write_all(&u32::try_from(column).map_err(io::Error::other)?.to_le_bytes())?;
                self.out.write_all(&hash)?;
            }
        }
        row.write(sql, table, &mut self.out)?;
        self.rows += 1;
        self.bytes += row.bytes();
        Ok(())
    }

    /// Makes it last and reads it back; only then may the rows go.
    pub fn end(mut self) -> Result<Kept> {
        let failed = |e| Error::io("cannot keep rows", &self.path, e);
        self.out.write_all(b"E").map_err(failed)?;
        let hash = self.out.hash.finalize();
        let file = self.out.to.finish().and_then(|buffer| buffer.into_inner().map_err(io::IntoInnerError::into_error)).map_err(failed)?;
        file.sync_all().map_err(failed)?;
        let size = file.metadata().map_err(failed)?.len();
        sync_folder(&self.path).map_err(failed)?;
        let kept = Kept { rows: self.rows, bytes: self.bytes, size, hash: hash.to_hex().to_string() };
        check(&self.path, &kept)?;
        Ok(kept)
    }
}

/// Makes the names in a file's folder last.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if cfg!(unix) => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

/// Reads a chunk to its end; an error where it is not what was kept.
pub fn check(path: &Path, kept: &Kept) -> Result<()> {
    let failed = |e| Error::io("what was kept of the database cannot be read back", path, e);
    let file = File::open(path).map_err(failed)?;
    let mut hash = blake3::Hasher::new();
    let read = zstd::Decoder::new(file).and_then(|mut all| io::copy(&mut all, &mut hash));
    read.map_err(failed)?;
    if hash.finalize().to_hex().as_str() != kept.hash {
        return Err(failed(io::Error::new(io::ErrorKind::InvalidData, "it holds other bytes than were written")));
    }
    Ok(())
}

/// A chunk that is being read.
pub struct Reader {
    from: BufReader<zstd::Decoder<'static, BufReader<File>>>,
    table: Option<Table>,
    /// Bytes of large values of the last row that nobody has read.
    rest: u64,
}

/// A row as it was kept.
pub struct Was {
    /// Its table.
    pub table: Table,
    /// What became of it.
    pub fate: Fate,
    /// The row, its large values still to be read by [`Reader::large`].
    pub row: Cells,
}

impl Was {
    /// The same with the content of its large values, which are large no more.
    pub fn in_memory(&self, content: &mut Reader) -> io::Result<Self> {
        let mut row = self.row.clone();
        for cell in &mut row.cells {
            let Some(length) = cell.large() else { continue };
            let mut bytes = Vec::new();
            content.large(length, &mut |piece| {
                bytes.extend_from_slice(piece);
                Ok(())
            })?;
            *cell = if matches!(cell, Cell::LargeText(_)) { Cell::Text(bytes) } else { Cell::Blob(bytes) };
        }
        Ok(Self { table: self.table.clone(), fate: self.fate, row })
    }
}

impl Reader {
    /// Opens a chunk.
    pub fn open(path: &Path) -> Result<Self> {
        let failed = |e| Error::io("what was kept of the database cannot be read", path, e);
        let mut from = File::open(path).and_then(zstd::Decoder::new).map(BufReader::new).map_err(failed)?;
        let mut magic = [0; MAGIC.len()];
        from.read_exact(&mut magic).map_err(failed)?;
        if magic != MAGIC {
            return Err(failed(io::Error::new(io::ErrorKind::InvalidData, "it is no file of rows")));
        }
        Ok(Self { from, table: None, rest: 0 })
    }

    /// The next row; `None` at the end.
    pub fn next(&mut self) -> io::Result<Option<Was>> {
        io::copy(&mut (&mut self.from).take(self.rest), &mut io::sink())?;
        self.rest = 0;
        loop {
            let mut sort = [0];
            self.from.read_exact(&mut sort)?;
            let fate = match &sort {
                b"E" => return Ok(None),
                b"T" => {
                    let mut json = vec![0; self.number()?];
                    self.from.read_exact(&mut json)?;
                    self.table = Some(serde_json::from_slice(&json)?);
                    continue;
                }
                b"D" => Fate::Removed,
                b"C" => {
                    let column = self.number()?;
                    let mut hash = [0; 32];
                    self.from.read_exact(&mut hash)?;
                    Fate::Changed(column, hash)
                }
                _ => return Err(io::ErrorKind::InvalidData.into()),
            };
            let table = self.table.clone().ok_or(io::ErrorKind::InvalidData)?;
            let row = Cells::read(&mut self.from, table.columns.len())?;
            self.rest = row.cells.iter().filter_map(Cell::large).sum();
            return Ok(Some(Was { table, fate, row }));
        }
    }

    /// The content of the next large value of the row at hand, piece by piece.
    pub fn large(&mut self, length: u64, take: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        let mut piece = vec![0; 1 << 16];
        let mut left = length;
        while left > 0 {
            let want = usize::try_from(left).unwrap_or(usize::MAX).min(piece.len());
            let piece = piece.get_mut(..want).unwrap_or_default();
            self.from.read_exact(piece)?;
            left -= want as u64;
            self.rest = self.rest.saturating_sub(want as u64);
            take(piece)?;
        }
        Ok(())
    }

    fn number(&mut self) -> io::Result<usize> {
        let mut number = [0; 4];
        self.from.read_exact(&mut number)?;
        usize::try_from(u32::from_le_bytes(number)).map_err(io::Error::other)
    }
}
