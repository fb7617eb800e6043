//! The map of a sparse file in an archive (GNU sparse format 1.0): numbers of extents, offsets and lengths, each a
//! decimal line, padded to a whole block, before the data.

use super::header::BLOCK;
use std::fmt::Write as _;
use std::io::{self, Read};

/// Where a file's data is: offset and length of each piece.
pub type Map = Vec<(u64, u64)>;

/// The map as it stands before the data. A last piece of no bytes stands for a hole at the end.
pub fn bytes(map: &[(u64, u64)], size: u64) -> Vec<u8> {
    let ends = map.last().is_some_and(|(at, length)| at.checked_add(*length) == Some(size));
    let tail = (!ends).then_some((size, 0));
    let mut text = format!("{}\n", map.len() + usize::from(!ends));
    for (at, length) in map.iter().copied().chain(tail) {
        let _ = write!(text, "{at}\n{length}\n");
    }
    let mut out = text.into_bytes();
    out.resize(out.len().next_multiple_of(BLOCK), 0);
    out
}

/// Reads a map, and how many bytes it took; refuses one that goes back or beyond the file's size.
pub fn read(from: &mut impl Read, size: u64) -> io::Result<(Map, u64)> {
    let mut source = Lines { from, block: [0; BLOCK], at: BLOCK, taken: 0 };
    let count = source.number()?;
    let mut map = Map::new();
    let mut end = 0;
    for _ in 0..count {
        let (at, length) = (source.number()?, source.number()?);
        let next = at.checked_add(length).filter(|next| at >= end && *next <= size).ok_or_else(|| wrong("its sparse map does not fit"))?;
        end = next;
        if length > 0 {
            map.push((at, length));
        }
    }
    let taken = source.taken;
    Ok((map, taken))
}

struct Lines<'a, R: Read> {
    from: &'a mut R,
    block: [u8; BLOCK],
    at: usize,
    taken: u64,
}

impl<R: Read> Lines<'_, R> {
    fn number(&mut self) -> io::Result<u64> {
        let mut value: u64 = 0;
        let mut digits = 0;
        loop {
            if self.at == BLOCK {
                self.from.read_exact(&mut self.block)?;
                self.taken += BLOCK as u64;
                self.at = 0;
            }
            let byte = self.block[self.at];
            self.at += 1;
            match byte {
                b'0'..=b'9' if digits < 20 => {
                    digits += 1;
                    value = value
                        .checked_mul(10)
                        .and_then(|v| v.checked_add(u64::from(byte - b'0')))
                        .ok_or_else(|| wrong("its sparse map has a number too great"))?;
                }
                b'\n' if digits > 0 => return Ok(value),
                _ => return Err(wrong("its sparse map cannot be read")),
            }
        }
    }
}

fn wrong(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_comes_back_as_it_was() {
        for (map, size) in [(vec![], 5000), (vec![(4096, 6)], 1 << 30), (vec![(0, 10), (100, 20)], 120)] {
            let text = bytes(&map, size);
            assert_eq!(text.len() % BLOCK, 0);
            assert_eq!(read(&mut text.as_slice(), size).unwrap(), (map, text.len() as u64));
        }
    }

    #[test]
    fn a_map_that_overlaps_or_goes_beyond_the_file_is_refused() {
        for text in ["2\n0\n10\n5\n10\n", "1\n90\n20\n", "1\n18446744073709551615\n2\n", "1\n99999999999999999999\n1\n", "x\n", "1\n\n5\n"]
        {
            let mut block = text.as_bytes().to_vec();
            block.resize(BLOCK, 0);
            assert!(read(&mut block.as_slice(), 100).is_err(), "{text:?}");
        }
    }
}
