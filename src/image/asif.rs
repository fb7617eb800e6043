//! ASIF, the sparse image of macOS 26.
//!
//! Big-endian. A header (`shdw`) names two directories, of which the one with the higher version counts. A directory lists
//! tables; a table lists where each chunk of the disk lies in the file, as the number of a chunk there (0: nothing was
//! written). After as many entries as one bitmap chunk describes (two bits a block) stands the entry of that bitmap.
//! Apple documents none of this; no image made by macOS was at hand, only ones made by a test tool.

use super::numbers::{be16, be32, be64};
use super::source::{Source, bytes_at};
use super::trouble::Trouble;
use std::io;
use std::sync::Arc;

/// How its header begins.
pub const MAGIC: &[u8] = b"shdw";

/// The bits of an entry that number a chunk; those above say how the chunk stands.
const CHUNK: u64 = (1 << 55) - 1;
/// More tables than this no disk has.
const MOST_TABLES: u64 = 1 << 16;

/// The disk in an ASIF file.
#[derive(Debug)]
pub struct Asif {
    file: Arc<dyn Source>,
    size: u64,
    chunk: u64,
    /// Entries of the disk's chunks between two of bitmaps.
    between: u64,
    /// Chunks of the disk a table tells of.
    a_table: u64,
    tables: Vec<u64>,
}

impl Asif {
    /// Reads header and directory.
    pub fn open(file: Arc<dyn Source>) -> Result<Self, Trouble> {
        let bad = |why: &'static str| Trouble::damaged("the ASIF container", why);
        let head = bytes_at(&*file, 0, 96)?;
        let (sectors, chunk, block) = (be64(&head, 48), u64::from(be32(&head, 64)), u64::from(be16(&head, 68)));
        if !chunk.is_power_of_two() || !(1 << 16..=1 << 26).contains(&chunk) || !block.is_power_of_two() || !(512..=chunk).contains(&block)
        {
            return Err(bad("its sizes of chunks and blocks make no sense"));
        }
        let size = sectors.checked_mul(block).filter(|s| *s > 0).ok_or_else(|| bad("its size makes no sense"))?;
        let blocks_a_chunk = chunk / block;
        let between = (4 * chunk / blocks_a_chunk).max(1);
        let entries = chunk / 8;
        let entries = entries - entries % (between + 1);
        let a_table = entries - entries.div_ceil(between + 1);
        let count = size.div_ceil(chunk).checked_div(a_table).map_or(0, |_| size.div_ceil(chunk).div_ceil(a_table));
        if count == 0 || count > MOST_TABLES {
            return Err(bad("its size makes no sense"));
        }
        let directory = |at: usize| -> io::Result<Vec<u8>> {
            let room = usize::try_from(8 + 8 * count).map_err(io::Error::other)?;
            bytes_at(&*file, be64(&head, at), room)
        };
        let newest = match (directory(16), directory(24)) {
            (Ok(a), Ok(b)) => {
                if be64(&b, 0) > be64(&a, 0) {
                    b
                } else {
                    a
                }
            }
            (Ok(one), Err(_)) | (Err(_), Ok(one)) => one,
            (Err(e), Err(_)) => return Err(e.into()),
        };
        let tables = newest.chunks_exact(8).skip(1).map(|entry| be64(entry, 0) & CHUNK).collect();
        Ok(Self { file, size, chunk, between, a_table, tables })
    }

    /// Where a chunk of the disk lies in the file; `None`: nothing was written there.
    fn place(&self, number: u64) -> io::Result<Option<u64>> {
        let within = number % self.a_table;
        let table = usize::try_from(number / self.a_table).ok().and_then(|at| self.tables.get(at).copied()).unwrap_or(0);
        if table == 0 {
            return Ok(None);
        }
        let past = || io::Error::from(io::ErrorKind::UnexpectedEof);
        let at = table.checked_mul(self.chunk).and_then(|t| t.checked_add(8 * (within + within / self.between))).ok_or_else(past)?;
        let mut entry = [0; 8];
        self.file.read_at(at, &mut entry)?;
        match u64::from_be_bytes(entry) & CHUNK {
            0 => Ok(None),
            chunk => chunk.checked_mul(self.chunk).map(Some).ok_or_else(past),
        }
    }
}

impl Source for Asif {
    fn size(&self) -> u64 {
        self.size
    }
    fn read_at(&self, at: u64, into: &mut [u8]) -> io::Result<()> {
        if at.checked_add(into.len() as u64).is_none_or(|end| end > self.size) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let (mut at, mut rest) = (at, into);
        while !rest.is_empty() {
            let within = at % self.chunk;
            let take = usize::try_from(self.chunk - within).unwrap_or(usize::MAX).min(rest.len());
            let (now, later) = rest.split_at_mut(take);
            match self.place(at / self.chunk)? {
                Some(place) => self.file.read_at(place.checked_add(within).ok_or(io::ErrorKind::UnexpectedEof)?, now)?,
                None => now.fill(0),
            }
            (at, rest) = (at + take as u64, later);
        }
        Ok(())
    }
}
