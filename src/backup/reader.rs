//! Reads an archive entry by entry: PAX tar, packed with gzip or zstd, as this program writes it.

use super::header::BLOCK;
use super::manifest::EntryKind;
use super::meta::Xattr;
use super::sparse::{self, Map};
use std::io::{self, Read};

/// More PAX records than any entry has: 64 attributes of 64 KiB, and names.
const MOST_RECORDS: u64 = 8 << 20;

/// One entry.
#[derive(Debug)]
pub struct Member {
    /// Its name, without a `/` at its end.
    pub name: Vec<u8>,
    /// What it is.
    pub kind: EntryKind,
    /// Where a link points.
    pub link: Vec<u8>,
    /// Permission bits.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Last change, nanoseconds since 1970.
    pub mtime_ns: i64,
    /// Apparent bytes.
    pub size: u64,
    /// Major and minor number of a device.
    pub device: (u32, u32),
    /// Extended attributes.
    pub xattrs: Vec<Xattr>,
    /// Where the data of a sparse file is.
    pub map: Option<Map>,
}

/// A piece of a file's content, in order.
pub enum Piece<'a> {
    /// Bytes.
    Data(&'a [u8]),
    /// So many zeros that take no room.
    Hole(u64),
}

impl Piece<'_> {
    /// Bytes it stands for.
    pub fn len(&self) -> u64 {
        match self {
            Self::Data(data) => data.len() as u64,
            Self::Hole(count) => *count,
        }
    }
}

/// An archive being read.
pub struct Reader<R: Read> {
    from: R,
    /// Bytes of the present entry that were not read yet, and what pads them to a block.
    left: u64,
    pad: u64,
}

impl<R: Read> Reader<R> {
    /// Begins at the first entry.
    pub fn new(from: R) -> Self {
        Self { from, left: 0, pad: 0 }
    }

    /// The next entry; `None` at the archive's end mark. An archive without one is an error.
    pub fn next(&mut self) -> io::Result<Option<Member>> {
        self.skip(self.left)?;
        self.padding(self.pad)?;
        (self.left, self.pad) = (0, 0);
        let mut block = self.block()?;
        let mut records = Vec::new();
        if block[156] == b'x' {
            checksum(&block)?;
            let size = number(&block[124..136])?;
            if size > MOST_RECORDS {
                return Err(wrong("an entry has more PAX records than can be"));
            }
            self.from.by_ref().take(size).read_to_end(&mut records)?;
            self.padding(padding(size))?;
            block = self.block()?;
        }
        if block.iter().all(|b| *b == 0) {
            let second = if records.is_empty() { self.block()? } else { [1; BLOCK] };
            return if second.iter().all(|b| *b == 0) { Ok(None) } else { Err(wrong("the end mark is damaged")) };
        }
        let (mut member, real_size) = member(&block, &records)?;
        self.left = member.size;
        self.pad = padding(member.size);
        if let Some(real) = real_size {
            let (map, taken) = sparse::read(&mut self.from, real)?;
            let data: u64 = map.iter().map(|e| e.1).sum();
            if taken.checked_add(data) != Some(self.left) {
                return Err(wrong("a sparse file's map and size do not agree"));
            }
            self.left = data;
            member.size = real;
            member.map = Some(map);
        }
        Ok(Some(member))
    }

    /// Hands the content of the entry just read to `each`, piece by piece.
    pub fn content(&mut self, member: &Member, each: &mut dyn FnMut(Piece<'_>) -> io::Result<()>) -> io::Result<()> {
        let whole = [(0, self.left)];
        let map = member.map.as_deref().unwrap_or(&whole);
        let mut buffer = vec![0; 256 << 10];
        let mut at = 0;
        for (start, length) in map {
            if *start > at {
                each(Piece::Hole(start - at))?;
            }
            let mut left = *length;
            while left > 0 {
                let n = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
                self.from.read_exact(&mut buffer[..n])?;
                self.left -= n as u64;
                left -= n as u64;
                each(Piece::Data(&buffer[..n]))?;
            }
            at = start + length;
        }
        if member.size > at {
            each(Piece::Hole(member.size - at))?;
        }
        Ok(())
    }

    /// Reads to the very end, where the packing's own checksum is; anything but padding there is an error.
    pub fn end(&mut self) -> io::Result<()> {
        let mut buffer = vec![0; 64 << 10];
        loop {
            match self.from.read(&mut buffer)? {
                0 => return Ok(()),
                n if buffer[..n].iter().all(|b| *b == 0) => {}
                _ => return Err(wrong("there is more after the archive's end mark")),
            }
        }
    }

    /// What the archive is read from.
    pub fn into_inner(self) -> R {
        self.from
    }

    fn block(&mut self) -> io::Result<[u8; BLOCK]> {
        let mut block = [0; BLOCK];
        self.from.read_exact(&mut block)?;
        Ok(block)
    }

    fn padding(&mut self, count: u64) -> io::Result<()> {
        let mut zeros = Vec::new();
        self.from.by_ref().take(count).read_to_end(&mut zeros)?;
        if zeros.len() as u64 == count && zeros.iter().all(|b| *b == 0) { Ok(()) } else { Err(wrong("what pads an entry is damaged")) }
    }

    fn skip(&mut self, count: u64) -> io::Result<()> {
        let skipped = io::copy(&mut self.from.by_ref().take(count), &mut io::sink())?;
        if skipped == count { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }
}

fn padding(size: u64) -> u64 {
    (BLOCK as u64 - size % BLOCK as u64) % BLOCK as u64
}

fn wrong(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

/// A number in octal, or in base 256 where its first bit is set (GNU).
fn number(field: &[u8]) -> io::Result<u64> {
    if field.first().is_some_and(|b| b & 0x80 != 0) {
        let (high, low) = field.split_at(field.len().saturating_sub(8));
        let small = high.iter().enumerate().all(|(i, b)| *b == if i == 0 { 0x80 } else { 0 });
        let low: Option<[u8; 8]> = low.try_into().ok();
        return low.filter(|_| small).map(u64::from_be_bytes).ok_or_else(|| wrong("a number in a header cannot be read"));
    }
    let text: Vec<u8> = field.iter().copied().skip_while(|b| *b == b' ').take_while(|b| !matches!(b, 0 | b' ')).collect();
    let text = std::str::from_utf8(&text).unwrap_or("?");
    if text.is_empty() { Ok(0) } else { u64::from_str_radix(text, 8).map_err(|_| wrong("a number in a header cannot be read")) }
}

fn text(field: &[u8]) -> Vec<u8> {
    field.iter().copied().take_while(|b| *b != 0).collect()
}

fn small(field: &[u8]) -> io::Result<u32> {
    u32::try_from(number(field)?).map_err(|_| wrong("a number in a header is too great"))
}

/// Makes sure that a header is as it was written.
fn checksum(block: &[u8; BLOCK]) -> io::Result<()> {
    let sum: u32 = block.iter().enumerate().map(|(i, b)| if (148..156).contains(&i) { 32 } else { u32::from(*b) }).sum();
    if block[148..156] == *format!("{sum:06o}\0 ").as_bytes() { Ok(()) } else { Err(wrong("a header's checksum is wrong")) }
}

/// The entry a header and its PAX records describe, and the apparent size of a sparse file.
fn member(block: &[u8; BLOCK], records: &[u8]) -> io::Result<(Member, Option<u64>)> {
    checksum(block)?;
    let kind = match block[156] {
        b'0' | 0 => EntryKind::File,
        b'1' => EntryKind::Hardlink,
        b'2' => EntryKind::Symlink,
        b'3' => EntryKind::Char,
        b'4' => EntryKind::Block,
        b'5' => EntryKind::Dir,
        b'6' => EntryKind::Fifo,
        _ => return Err(wrong("an entry is of a kind this program does not write")),
    };
    let seconds = i64::try_from(number(&block[136..148])?).map_err(|_| wrong("a time is too great"))?;
    let mut name = text(&block[..100]);
    let prefix = text(&block[345..500]);
    if !prefix.is_empty() {
        name = [prefix.as_slice(), b"/", name.as_slice()].concat();
    }
    let mut member = Member {
        name,
        kind,
        link: text(&block[157..257]),
        mode: small(&block[100..108])?,
        uid: small(&block[108..116])?,
        gid: small(&block[116..124])?,
        mtime_ns: seconds.saturating_mul(1_000_000_000),
        size: number(&block[124..136])?,
        device: (small(&block[329..337])?, small(&block[337..345])?),
        xattrs: Vec::new(),
        map: None,
    };
    let mut real_size = None;
    let mut rest = records;
    while !rest.is_empty() {
        let (key, value, after) = record(rest).ok_or_else(|| wrong("a PAX record cannot be read"))?;
        rest = after;
        take_record(&mut member, &mut real_size, key, value).ok_or_else(|| wrong("a PAX record is not as this program writes it"))?;
    }
    if member.name.ends_with(b"/") {
        member.name.pop();
    }
    Ok((member, real_size))
}

fn take_record(member: &mut Member, real_size: &mut Option<u64>, key: &[u8], value: &[u8]) -> Option<()> {
    let text = || std::str::from_utf8(value).ok();
    match key {
        b"path" if real_size.is_none() => member.name = value.to_vec(),
        b"GNU.sparse.name" => member.name = value.to_vec(),
        b"linkpath" => member.link = value.to_vec(),
        b"size" => member.size = text()?.parse().ok()?,
        b"uid" => member.uid = text()?.parse().ok()?,
        b"gid" => member.gid = text()?.parse().ok()?,
        b"mtime" => member.mtime_ns = nanoseconds(text()?)?,
        b"GNU.sparse.realsize" => *real_size = Some(text()?.parse().ok()?),
        b"hdrcharset" if value == b"BINARY" => {}
        b"GNU.sparse.major" if value == b"1" => {}
        b"GNU.sparse.minor" if value == b"0" => {}
        // A record this program does not write is damage, not something to pass over.
        _ => member.xattrs.push(Xattr { name: unescape(key.strip_prefix(b"SCHILY.xattr.")?), value: value.to_vec() }),
    }
    Some(())
}

fn unescape(name: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(name.len());
    let mut rest = name;
    while let Some((first, after)) = rest.split_first() {
        let (byte, next) = match rest.get(..3) {
            Some(b"%3D") => (b'=', &rest[3..]),
            Some(b"%25") => (b'%', &rest[3..]),
            _ => (*first, after),
        };
        out.push(byte);
        rest = next;
    }
    out
}

/// One record off the front: key, value, and what follows.
fn record(from: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let space = from.iter().take(12).position(|b| *b == b' ')?;
    let length: usize = std::str::from_utf8(&from[..space]).ok()?.parse().ok()?;
    let body = from.get(space + 1..length)?.strip_suffix(b"\n")?;
    let equals = body.iter().position(|b| *b == b'=')?;
    Some((&body[..equals], &body[equals + 1..], &from[length..]))
}

fn nanoseconds(text: &str) -> Option<i64> {
    let (sign, text) = text.strip_prefix('-').map_or((1_i128, text), |t| (-1, t));
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let part: i128 = format!("{part:0<9}").get(..9)?.parse().ok()?;
    let whole: i128 = whole.parse().ok()?;
    i64::try_from(sign * (whole.checked_mul(1_000_000_000)? + part)).ok()
}
