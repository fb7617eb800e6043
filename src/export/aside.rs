//! What goes into files beside the page: a picture's bytes, and long outputs, whole, without what is to be left out.

use super::clean::clean;
use super::form::Desk;
use super::spool::Spool;
use crate::platform::open_beneath;
use crate::secrets::Piece;
use crate::transcript::{Kept, Picture};
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::read::DecoderReader;
use std::borrow::Cow;
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};

/// A longer line is taken apart where it is read in pieces.
const LINE: usize = 1 << 20;

/// An output with more bytes, or more lines, than this goes into a file.
const LONG: (usize, usize) = (24 << 10, 400);

/// What is shown of one: bytes and lines of its beginning, and of its end.
const HEAD: (usize, usize) = (4 << 10, 60);
const TAIL: (usize, usize) = (2 << 10, 20);

/// A long output in a file.
#[derive(Debug, PartialEq, Eq)]
pub struct Aside {
    /// Where it is, below the durable folder.
    pub path: String,
    /// Its bytes.
    pub bytes: u64,
    /// Its lines.
    pub lines: u64,
    /// Its beginning, whole lines where they are not too long.
    pub head: String,
    /// Its end.
    pub tail: String,
}

impl Desk<'_> {
    /// Keeps a clean text in a file if it is long; `None`: it is not, or it could not be kept.
    pub fn long(&mut self, name: &str, text: &str) -> Option<Aside> {
        let lines = memchr::memchr_iter(b'\n', text.as_bytes()).count();
        if text.len() <= LONG.0 && lines <= LONG.1 {
            return None;
        }
        let path = self.beside.keep(&place("artifacts", name, "txt"), &mut Cursor::new(text.as_bytes()))?;
        let lines = lines as u64 + u64::from(!text.ends_with('\n'));
        Some(Aside { path, bytes: text.len() as u64, lines, head: head(text).to_owned(), tail: tail(text).to_owned() })
    }

    /// Keeps all of an output that the client itself put into a file; in memory that does not grow with it.
    pub fn whole(&mut self, name: &str, file: &Kept) -> Option<Aside> {
        let mut spool = Spool::small(self.scratch());
        let outcome = open_beneath(&file.root, &file.path).and_then(|mut from| {
            let mut out = Ends::new(&mut spool);
            self.stream(&mut from, &mut out)?;
            let open = out.tail.last().is_some_and(|last| *last != b'\n');
            Ok((out.bytes, out.lines + u64::from(open), out.head, out.tail))
        });
        let (bytes, lines, first, last) = outcome.ok()?;
        let mut page = spool.behind(String::new()).ok()?;
        let path = self.beside.keep(&place("artifacts", name, "txt"), &mut page)?;
        let (first, last) = (String::from_utf8_lossy(&first).into_owned(), String::from_utf8_lossy(&last).into_owned());
        Some(Aside { path, bytes, lines, head: head(&first).to_owned(), tail: tail(&last).to_owned() })
    }

    /// Writes a text that is read in pieces, clean and without secrets.
    fn stream(&mut self, from: &mut dyn Read, out: &mut dyn Write) -> io::Result<()> {
        let mut held = Vec::new();
        let mut chunks = self.redactor.chunks();
        loop {
            let n = Read::take(&mut *from, 1 << 16).read_to_end(&mut held)?;
            // Escape sequences end on their line.
            let end = memchr::memrchr(b'\n', &held).map(|at| at + 1);
            let cut = match end {
                _ if n == 0 => held.len(),
                Some(end) => end,
                None if held.len() < LINE => continue,
                None => held.len() - held.iter().rev().take(4).position(|b| b & 0xC0 != 0x80).map_or(0, |at| at + 1),
            };
            let text = String::from_utf8_lossy(held.get(..cut).unwrap_or_default());
            let text = clean(&text);
            match &mut chunks {
                None => out.write_all(text.as_bytes())?,
                Some(chunks) => {
                    let mut outcome = Ok(());
                    chunks.push(text.as_bytes(), |piece| self.give(&piece, out, &mut outcome));
                    outcome?;
                }
            }
            held.drain(..cut);
            if n == 0 {
                break;
            }
        }
        let mut outcome = Ok(());
        if let Some(chunks) = chunks {
            chunks.finish(|piece| self.give(&piece, out, &mut outcome));
        }
        outcome
    }

    fn give(&mut self, piece: &Piece<'_>, out: &mut dyn Write, outcome: &mut io::Result<()>) {
        let text = match piece {
            Piece::Text(text) => Cow::Borrowed(*text),
            Piece::Secret(rule, secret) => Cow::Owned(self.redactor.mark(rule, &String::from_utf8_lossy(secret)).into_bytes()),
        };
        if outcome.is_ok() {
            *outcome = out.write_all(&text);
        }
    }

    /// Keeps a picture or document by what it holds, once; `None`: there is nothing of it here, or it could not be kept.
    pub fn picture(&mut self, picture: &Picture<'_>) -> Option<String> {
        if !picture.text.is_empty() {
            let text = self.clean(&picture.text).into_owned();
            let name = short_hash(&mut Cursor::new(text.as_bytes()))?;
            let place = place("documents", &name, "txt");
            return self.beside.there(&place).or_else(|| self.beside.keep(&place, &mut Cursor::new(text.as_bytes())));
        }
        if picture.data.is_empty() {
            return None;
        }
        let mut bytes = Decoded::new(picture.data.as_bytes());
        let name = short_hash(&mut bytes)?;
        bytes.rewind().ok()?;
        let folder = if picture.is_image() { "images" } else { "documents" };
        let place = place(folder, &name, ending(&picture.media));
        self.beside.there(&place).or_else(|| self.beside.keep(&place, &mut bytes))
    }
}

fn short_hash(from: &mut dyn Read) -> Option<String> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(from).ok()?;
    hasher.finalize().to_hex().get(..32).map(str::to_owned)
}

fn place(folder: &str, name: &str, ending: &str) -> String {
    let safe: String = name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '-' }).take(80).collect();
    format!("{folder}/{safe}.{ending}")
}

/// The ending of a file of a media type.
fn ending(media: &str) -> &str {
    match media {
        "image/jpeg" => "jpg",
        "image/svg+xml" => "svg",
        "text/plain" => "txt",
        _ => {
            let kind = media.rsplit('/').next().unwrap_or_default();
            if (1..=5).contains(&kind.len()) && kind.bytes().all(|b| b.is_ascii_alphanumeric()) { kind } else { "bin" }
        }
    }
}

/// The beginning of a text: whole lines, or where the first is too long a part of it.
fn head(text: &str) -> &str {
    let part = text.get(..text.floor_char_boundary(HEAD.0)).unwrap_or(text);
    let lines = memchr::memchr_iter(b'\n', part.as_bytes()).nth(HEAD.1 - 1).or_else(|| memchr::memrchr(b'\n', part.as_bytes()));
    lines.and_then(|at| part.get(..=at)).unwrap_or(part)
}

/// The end of a text, likewise.
fn tail(text: &str) -> &str {
    let part = text.get(text.ceil_char_boundary(text.len().saturating_sub(TAIL.0))..).unwrap_or(text);
    let within = part.trim_end_matches('\n').as_bytes();
    let first = if part.len() < text.len() { memchr::memchr(b'\n', within) } else { None };
    let at = memchr::memrchr_iter(b'\n', within).nth(TAIL.1 - 1).or(first);
    at.and_then(|at| part.get(at + 1..)).unwrap_or(part)
}

/// Counts what is written and keeps both ends of it.
struct Ends<'o> {
    out: &'o mut dyn Write,
    bytes: u64,
    lines: u64,
    head: Vec<u8>,
    tail: Vec<u8>,
}

impl<'o> Ends<'o> {
    fn new(out: &'o mut dyn Write) -> Self {
        Self { out, bytes: 0, lines: 0, head: Vec::new(), tail: Vec::new() }
    }
}

impl Write for Ends<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write_all(bytes)?;
        self.bytes += bytes.len() as u64;
        self.lines += memchr::memchr_iter(b'\n', bytes).count() as u64;
        let room = (2 * HEAD.0).saturating_sub(self.head.len()).min(bytes.len());
        self.head.extend_from_slice(bytes.get(..room).unwrap_or_default());
        self.tail.extend_from_slice(bytes.get(bytes.len().saturating_sub(4 * TAIL.0)..).unwrap_or_default());
        let over = self.tail.len().saturating_sub(4 * TAIL.0);
        self.tail.drain(..over);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// As strict as it has to be: whether the end is filled up says nothing about what was meant.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent).with_decode_allow_trailing_bits(true),
);

/// Bytes that stand in Base64, read as what they are.
struct Decoded<'a> {
    text: &'a [u8],
    reader: DecoderReader<'static, GeneralPurpose, &'a [u8]>,
    at: u64,
}

impl<'a> Decoded<'a> {
    fn new(text: &'a [u8]) -> Self {
        Self { text, reader: DecoderReader::new(text, &BASE64), at: 0 }
    }
}

impl Read for Decoded<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.reader.read(buffer)?;
        self.at += n as u64;
        Ok(n)
    }
}

impl Seek for Decoded<'_> {
    /// To its beginning; and it tells where it is.
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match to {
            SeekFrom::Start(0) => *self = Self::new(self.text),
            SeekFrom::Current(0) => {}
            _ => return Err(io::ErrorKind::Unsupported.into()),
        }
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_of_a_long_text_are_whole_lines_where_those_are_not_too_long() {
        let lines = (0..1000).map(|n| format!("line {n}\n")).collect::<Vec<_>>().concat();
        assert!(head(&lines).starts_with("line 0\n") && head(&lines).ends_with("line 59\n"), "{}", head(&lines));
        assert!(tail(&lines).starts_with("line 980\n") && tail(&lines).ends_with("line 999\n"), "{}", tail(&lines));
        let long = "é".repeat(9_000);
        assert_eq!((head(&long).len(), tail(&long).len()), (HEAD.0, TAIL.0));
        assert_eq!((head("one"), tail("one")), ("one", "one"));
    }

    #[test]
    fn bytes_in_base64_are_read_twice_with_and_without_what_fills_them_up() {
        for text in ["aGVsbG8=", "aGVsbG8"] {
            let mut bytes = Decoded::new(text.as_bytes());
            for _ in 0..2 {
                assert_eq!(io::read_to_string(&mut bytes).unwrap(), "hello");
                assert_eq!(bytes.stream_position().unwrap(), 5);
                bytes.rewind().unwrap();
            }
        }
        assert!(io::read_to_string(&mut Decoded::new(b"not base64!")).is_err());
    }
}
