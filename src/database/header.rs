//! The first hundred bytes of a database (sqlite.org/fileformat2.html, section 1.3).

use crate::platform::open_beneath;
use std::io::{self, Read};
use std::path::Path;

/// What a database's header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Bytes of a page: a power of two from 512 to 65,536.
    pub page_size: u64,
    /// Pages of the file as the header counts them; what is in the `-wal` is not in it.
    pub pages: u64,
    /// Pages that hold nothing.
    pub free_pages: u64,
    /// Whether what is written goes to a `-wal` first.
    pub wal: bool,
}

impl Header {
    /// Reads the header of a file. `None`: it is no database.
    pub fn read(path: &Path) -> io::Result<Option<Self>> {
        let Some(folder) = path.parent() else { return Ok(None) };
        let mut bytes = [0; 100];
        match open_beneath(folder, path)?.read_exact(&mut bytes) {
            Ok(()) => Ok(Self::parse(&bytes)),
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// What these bytes say; `None`: they begin no database.
    pub fn parse(bytes: &[u8; 100]) -> Option<Self> {
        let rest = bytes.strip_prefix(b"SQLite format 3\0")?;
        let &[high, low, writes, reads, ..] = rest else { return None };
        let page_size = match u64::from(u16::from_be_bytes([high, low])) {
            1 => 65_536,
            n if n.is_power_of_two() && n >= 512 => n,
            _ => return None,
        };
        let four = |at: usize| bytes.get(at..at + 4).and_then(|b| b.try_into().ok()).map_or(0, u32::from_be_bytes);
        Some(Self { page_size, pages: four(28).into(), free_pages: four(36).into(), wal: writes == 2 && reads == 2 })
    }

    /// Bytes of the pages that hold nothing.
    pub fn free_bytes(&self) -> u64 {
        self.free_pages.saturating_mul(self.page_size)
    }
}
