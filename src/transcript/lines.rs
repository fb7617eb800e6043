//! Lines of a file one by one, in bounded memory.

use std::io::{self, BufRead};

/// The longest line that is read, in bytes; a longer one is passed over. Real lines with pictures reach a few MB.
pub const LONGEST: usize = 64 << 20;

/// What one line was.
#[derive(Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// A line with its bytes, without the line break, and whether a line break ended it.
    Whole(&'a [u8], bool),
    /// A line longer than the cap; its bytes were not kept.
    TooLong,
}

/// Reads lines, keeping at most one of them, and of that at most the cap.
pub struct Lines<R> {
    reader: R,
    cap: usize,
    line: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    /// Lines of a reader, none kept longer than `cap` bytes.
    pub fn new(reader: R, cap: usize) -> Self {
        Self { reader, cap, line: Vec::new() }
    }

    /// The next line; `None` at the end.
    pub fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        self.line.clear();
        // One huge line must not keep its memory for the rest of the file.
        self.line.shrink_to(1 << 20);
        let (mut any, mut too_long) = (false, false);
        let ended = loop {
            let part = match self.reader.fill_buf() {
                Ok(part) => part,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(e),
            };
            if part.is_empty() {
                break false;
            }
            any = true;
            let end = part.iter().position(|b| *b == b'\n');
            let text = part.get(..end.unwrap_or(part.len())).unwrap_or_default();
            if self.line.len() + text.len() > self.cap {
                too_long = true;
                self.line.clear();
            } else if !too_long {
                self.line.extend_from_slice(text);
            }
            let used = text.len() + usize::from(end.is_some());
            self.reader.consume(used);
            if end.is_some() {
                break true;
            }
        };
        Ok(match (any, too_long) {
            (false, _) => None,
            (true, true) => Some(Line::TooLong),
            (true, false) => Some(Line::Whole(&self.line, ended)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &[u8], cap: usize) -> Vec<String> {
        let mut lines = Lines::new(io::BufReader::with_capacity(3, text), cap);
        let mut out = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            out.push(match line {
                Line::Whole(bytes, ended) => format!("{}{}", String::from_utf8_lossy(bytes), if ended { "" } else { "…" }),
                Line::TooLong => "too long".into(),
            });
        }
        out
    }

    #[test]
    fn a_line_longer_than_the_cap_is_passed_over_and_the_rest_is_read() {
        assert_eq!(told(b"one\n0123456789\n\nlast", 8), ["one", "too long", "", "last…"]);
        assert_eq!(told(b"01234567\n0123456789", 8), ["01234567", "too long"]);
        assert_eq!(told(b"", 8), Vec::<String>::new());
    }
}
