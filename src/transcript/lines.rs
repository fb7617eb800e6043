//! Lines of a file by their place, in bounded memory: one after the other, or one again.

use memchr::memchr;
use std::io::{self, Read, Seek, SeekFrom};

/// The longest line that is read, in bytes; a longer one is passed over. The Messages API takes requests of 32 MB.
pub const LONGEST: usize = 32 << 20;

/// Bytes held at a time where lines are short, by one that reads all of them.
pub const MANY: usize = 1 << 18;

/// Bytes held at a time by one that looks up single lines.
pub const FEW: usize = 1 << 14;

/// How much of a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// All of it, and hashed on the way.
    Hashed,
    /// All of it.
    Whole,
    /// So many bytes of its beginning.
    First(u64),
}

impl Extent {
    /// The place beyond which nothing is read.
    pub fn end(self) -> u64 {
        if let Self::First(bytes) = self { bytes } else { u64::MAX }
    }
}

/// What conversations are read from.
pub trait Source: Read + Seek + Send {}
impl<T: Read + Seek + Send> Source for T {}

/// One line.
#[derive(Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// Its bytes without the line break; nothing, where it is longer than the cap.
    pub bytes: &'a [u8],
    /// Where the next one begins.
    pub next: u64,
    /// Whether a line break ended it.
    pub ended: bool,
    /// Whether it is longer than the cap.
    pub too_long: bool,
}

/// A window on a file, as wide as its lines need and never wider than the cap.
pub struct Lines<'s> {
    source: Box<dyn Source + 's>,
    cap: usize,
    usual: usize,
    /// Nothing beyond this place is read.
    end: u64,
    buffer: Vec<u8>,
    start: u64,
    filled: usize,
    /// Nothing follows what is held.
    at_end: bool,
    /// What is read from the beginning on, and how far that is.
    hashed: Option<(blake3::Hasher, u64)>,
    /// Where the line read last begins, and how long it is.
    last: (u64, usize),
}

impl<'s> Lines<'s> {
    /// The lines of a source up to a place in it, none kept longer than `cap` bytes; short ones are read `usual` bytes at
    /// a time.
    pub fn new(source: impl Source + 's, end: u64, cap: usize, usual: usize) -> Self {
        let last = (u64::MAX, 0);
        Self {
            source: Box::new(source),
            cap,
            usual,
            end,
            buffer: Vec::new(),
            start: u64::MAX,
            filled: 0,
            at_end: false,
            hashed: None,
            last,
        }
    }

    /// Hashes what is read from now on, as long as nothing is passed by.
    pub fn hashing(mut self) -> Self {
        self.hashed = Some((blake3::Hasher::new(), 0));
        self
    }

    /// How many bytes were hashed, and their hash in hex digits. No more are.
    pub fn hash(&mut self) -> (u64, String) {
        self.hashed.take().map_or((0, String::new()), |(hasher, bytes)| (bytes, hasher.finalize().to_hex().to_string()))
    }

    /// The bytes of the line that begins at a place, where all of it is held already.
    pub fn held(&self, at: u64) -> Option<&[u8]> {
        let from = at.checked_sub(self.start).and_then(|n| usize::try_from(n).ok()).filter(|n| *n < self.filled)?;
        let held = self.buffer.get(from..self.filled)?;
        let known = Some(self.last.1).filter(|to| self.last.0 == at && *to < held.len());
        let to = known.or_else(|| memchr(b'\n', held)).or(self.at_end.then_some(held.len()))?;
        held.get(..to).filter(|line| line.len() <= self.cap)
    }

    /// The line that begins at a place; `None` at the end.
    pub fn line(&mut self, at: u64) -> io::Result<Option<Line<'_>>> {
        let inside = at.checked_sub(self.start).and_then(|n| usize::try_from(n).ok()).filter(|n| *n <= self.filled);
        let mut from = match inside {
            Some(from) => from,
            None => {
                self.source.seek(SeekFrom::Start(at))?;
                (self.start, self.filled, self.at_end) = (at, 0, false);
                0
            }
        };
        let mut seen = from;
        loop {
            let held = self.buffer.get(seen..self.filled).unwrap_or_default();
            if let Some(found) = memchr(b'\n', held) {
                self.last = (at, seen + found - from);
                let bytes = self.buffer.get(from..seen + found).unwrap_or_default();
                let too_long = bytes.len() > self.cap;
                let bytes = if too_long { &[] } else { bytes };
                return Ok(Some(Line { bytes, next: self.start + (seen + found) as u64 + 1, ended: true, too_long }));
            }
            if self.filled - from > self.cap {
                return self.pass_over();
            }
            seen = self.filled;
            if from > 0 {
                self.buffer.copy_within(from..self.filled, 0);
                self.start += from as u64;
                self.filled -= from;
                seen -= from;
                from = 0;
            }
            if self.fill()? == 0 {
                let bytes = self.buffer.get(..self.filled).unwrap_or_default();
                let next = self.start + bytes.len() as u64;
                return Ok((!bytes.is_empty()).then_some(Line { bytes, next, ended: false, too_long: false }));
            }
        }
    }

    /// Reads on behind what is held; the window grows where a line fills it, and one huge line does not keep its memory.
    fn fill(&mut self) -> io::Result<usize> {
        let most = self.cap.saturating_add(self.usual);
        let size = if self.filled < self.usual / 2 { self.usual } else { (self.filled * 2).min(most).max(self.filled + 1) };
        if self.buffer.len() > 4 * size || self.buffer.len() < size {
            self.buffer.reserve_exact(size.saturating_sub(self.buffer.len()));
            self.buffer.resize(size, 0);
            self.buffer.shrink_to(size);
        }
        let left = usize::try_from(self.end.saturating_sub(self.start + self.filled as u64)).unwrap_or(usize::MAX);
        let room = self.buffer.get_mut(self.filled..).unwrap_or_default();
        let wanted = left.min(room.len());
        let room = room.get_mut(..wanted).unwrap_or_default();
        loop {
            match self.source.read(room) {
                Ok(n) => {
                    let at = self.start + self.filled as u64;
                    if let Some((hasher, hashed)) = self.hashed.as_mut().filter(|(_, hashed)| *hashed == at) {
                        hasher.update(room.get(..n).unwrap_or_default());
                        *hashed += n as u64;
                    }
                    self.filled += n;
                    self.at_end = n == 0;
                    return Ok(n);
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
    }

    /// Reads to the end of a line without holding it.
    fn pass_over(&mut self) -> io::Result<Option<Line<'_>>> {
        loop {
            self.start += self.filled as u64;
            self.filled = 0;
            let n = self.fill()?;
            let found = memchr(b'\n', self.buffer.get(..n).unwrap_or_default());
            if found.is_some() || n == 0 {
                let next = self.start + found.map_or(0, |at| at as u64 + 1);
                return Ok(Some(Line { bytes: &[], next, ended: found.is_some(), too_long: true }));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &[u8], cap: usize) -> Vec<String> {
        let mut lines = Lines::new(io::Cursor::new(text), u64::MAX, cap, MANY);
        let (mut out, mut at) = (Vec::new(), 0);
        while let Some(line) = lines.line(at).unwrap() {
            let text = format!("{}{}", String::from_utf8_lossy(line.bytes), if line.ended { "" } else { "…" });
            out.push(if line.too_long { format!("{} too long", line.next - at) } else { text });
            at = line.next;
        }
        out
    }

    #[test]
    fn a_line_longer_than_the_cap_is_passed_over_and_the_rest_is_read() {
        assert_eq!(told(b"one\n0123456789\n\nlast", 8), ["one", "11 too long", "", "last…"]);
        assert_eq!(told(b"01234567\n0123456789", 9), ["01234567", "10 too long"]);
        assert_eq!(told(b"", 8), Vec::<String>::new());
    }

    #[test]
    fn a_line_far_longer_than_the_window_costs_no_more_memory_than_the_cap() {
        let mut text = vec![b'x'; 5 << 20];
        text.extend_from_slice(b"\nafter\n");
        let mut lines = Lines::new(io::Cursor::new(&text), u64::MAX, 1 << 19, MANY);
        let next = lines.line(0).unwrap().unwrap().next;
        assert!(lines.buffer.capacity() <= (1 << 19) + MANY, "{}", lines.buffer.capacity());
        assert_eq!(lines.line(next).unwrap().unwrap().bytes, b"after");
    }

    #[test]
    fn a_line_is_read_again_by_its_place_and_nothing_beyond_the_end() {
        let text: Vec<u8> = (0..100_000).flat_map(|n| format!("line {n}\n").into_bytes()).collect();
        let at = |n: usize| (0..n).map(|n| format!("line {n}\n").len() as u64).sum::<u64>();
        let mut lines = Lines::new(io::Cursor::new(&text), at(99_000) + 3, LONGEST, FEW);
        for n in [90_000, 5, 6, 5, 98_999, 0] {
            assert!(lines.held(at(n)).is_none_or(|held| held == format!("line {n}").as_bytes()));
            assert_eq!(lines.line(at(n)).unwrap().unwrap().bytes, format!("line {n}").as_bytes());
        }
        assert_eq!(lines.line(at(99_000)).unwrap().unwrap(), Line { bytes: b"lin", next: at(99_000) + 3, ended: false, too_long: false });
    }
}
