//! A page while it is written: in memory as long as it is small, then in a file beside its place.

use super::write;
use crate::vault::own;
use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

/// So many bytes are held in memory.
const HELD: usize = 8 << 20;

/// What is written, to be read again behind a head that is known only then.
pub struct Spool {
    held: Vec<u8>,
    file: Option<File>,
    path: PathBuf,
    most: usize,
}

impl Spool {
    /// One that writes to a file at this place once it is long.
    pub fn new(path: PathBuf) -> Self {
        Self { held: Vec::new(), file: None, path, most: HELD }
    }

    /// The same, that is long sooner: for those of which there may be several.
    pub fn small(path: PathBuf) -> Self {
        let mut spool = Self::new(path);
        spool.most = HELD / 16;
        spool
    }

    /// What was written, behind a head.
    pub fn behind(mut self, head: String) -> io::Result<Page> {
        self.flush()?;
        let mut page = Page { head: Cursor::new(head.into_bytes()), body: self };
        page.rewind()?;
        Ok(page)
    }

    fn spill(&mut self) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(write::scratch(&self.path, own::Mode::Private)?),
        };
        file.write_all(&self.held)?;
        self.held.clear();
        Ok(())
    }
}

impl Write for Spool {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Once there is a file, it is written in large pieces.
        let most = if self.file.is_some() { self.most.min(1 << 18) } else { self.most };
        if self.held.len() + bytes.len() > most {
            self.spill()?;
            if self.held.capacity() > 1 << 20 {
                self.held = Vec::new();
            }
        }
        self.held.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.file.is_some() { self.spill() } else { Ok(()) }
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        if self.file.take().is_some() {
            own::discard(&self.path);
        }
    }
}

/// A whole page, to be read.
pub struct Page {
    head: Cursor<Vec<u8>>,
    body: Spool,
}

impl Page {
    /// How many bytes it has.
    pub fn size(&mut self) -> io::Result<u64> {
        let body = match &mut self.body.file {
            Some(file) => file.metadata()?.len(),
            None => self.body.held.len() as u64,
        };
        Ok(self.head.get_ref().len() as u64 + body)
    }
}

impl Read for Page {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.head.read(buffer)?;
        if n > 0 || buffer.is_empty() {
            return Ok(n);
        }
        let at = self.head.position() - self.head.get_ref().len() as u64;
        let n = match &mut self.body.file {
            Some(file) => file.read(buffer)?,
            None => self.body.held.get(usize::try_from(at).unwrap_or(usize::MAX)..).unwrap_or_default().read(buffer)?,
        };
        self.head.set_position(self.head.position() + n as u64);
        Ok(n)
    }
}

impl Seek for Page {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let to = match to {
            SeekFrom::Start(to) => to,
            SeekFrom::Current(n) => self.head.position().saturating_add_signed(n),
            SeekFrom::End(n) => self.size()?.saturating_add_signed(n),
        };
        self.head.set_position(to);
        if let Some(file) = &mut self.body.file {
            file.seek(SeekFrom::Start(to.saturating_sub(self.head.get_ref().len() as u64)))?;
        }
        Ok(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(page: &mut Page) -> String {
        io::read_to_string(page).unwrap()
    }

    #[test]
    fn a_page_reads_the_same_from_memory_and_from_a_file_which_is_gone_afterwards() {
        let dir = tempfile::tempdir().unwrap();
        for most in [0, 5, 40, 1 << 20] {
            let mut spool = Spool::new(dir.path().join("x.partial"));
            spool.most = most;
            for n in 0..9 {
                writeln!(spool, "part {n}").unwrap();
            }
            let mut page = spool.behind("head\n".into()).unwrap();
            let whole = read(&mut page);
            assert!(whole.starts_with("head\npart 0\n") && whole.ends_with("part 8\n"), "{whole}");
            assert_eq!((page.size().unwrap(), page.stream_position().unwrap()), (whole.len() as u64, whole.len() as u64));
            page.rewind().unwrap();
            assert_eq!(read(&mut page), whole);
            page.seek(SeekFrom::Start(12)).unwrap();
            assert_eq!(read(&mut page), whole[12..]);
            assert_eq!(page.body.file.is_some(), most < 60);
            drop(page);
            assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
        }
    }
}
