//! Where in a database's file the type of one value stands (`sqlite.org/fileformat2.html`).

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

/// No tree of pages is as deep.
const DEEP: usize = 24;

/// One byte of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spot {
    /// Where it is.
    pub at: u64,
    /// What it is.
    pub byte: u8,
}

/// Finds the last byte of the type of a value: of the row with this number, in the table whose first page this is. `None` where
/// there is no such row, the value has another type, or the file is not as it should be.
pub(super) fn spot(file: &mut File, root: u64, (number, column): (i64, usize), kind: u64) -> io::Result<Option<Spot>> {
    let mut head = [0; 100];
    file.seek(SeekFrom::Start(0))?;
    file.read_exact(&mut head)?;
    let Some((size, usable)) = sizes(&head) else { return Ok(None) };
    let mut page = root;
    for _ in 0..DEEP {
        let Some(start) = page.checked_sub(1).and_then(|n| n.checked_mul(size)) else { return Ok(None) };
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(start))?;
        (&mut *file).take(size).read_to_end(&mut bytes)?;
        let tree = Page { bytes: &bytes, head: if page == 1 { 100 } else { 0 } };
        match bytes.get(tree.head) {
            Some(5) => match tree.below(number) {
                Some(next) => page = next,
                None => return Ok(None),
            },
            Some(13) => return Ok(tree.value(number, column, kind, usable).map(|(at, byte)| Spot { at: start + at as u64, byte })),
            _ => return Ok(None),
        }
    }
    Ok(None)
}

/// Bytes of a page, and those of it that are used.
fn sizes(head: &[u8]) -> Option<(u64, u64)> {
    let size = match u64::from(two(head, 16)?) {
        1 => 65_536,
        size => size,
    };
    let usable = size.checked_sub(u64::from(*head.get(20)?))?;
    (size >= 512 && usable >= 480).then_some((size, usable))
}

/// One page of a table.
struct Page<'a> {
    bytes: &'a [u8],
    /// Where its head begins.
    head: usize,
}

impl Page<'_> {
    /// Where its cells begin; `pointers` is where their list does.
    fn cells(&self, pointers: usize) -> Option<impl Iterator<Item = Option<usize>>> {
        let count = usize::from(two(self.bytes, self.head + 3)?);
        Some((0..count).map(move |n| two(self.bytes, self.head + pointers + 2 * n).map(usize::from)))
    }

    /// The page below that has a row.
    fn below(&self, number: i64) -> Option<u64> {
        for cell in self.cells(12)? {
            let cell = cell?;
            let (key, _) = varint(self.bytes, cell + 4)?;
            if number <= key.cast_signed() {
                return four(self.bytes, cell);
            }
        }
        four(self.bytes, self.head + 8)
    }

    /// Where the type of a value ends.
    fn value(&self, number: i64, column: usize, kind: u64, usable: u64) -> Option<(usize, u8)> {
        for cell in self.cells(8)? {
            let mut at = cell?;
            let (_, width) = varint(self.bytes, at)?;
            at += width;
            let (own, width) = varint(self.bytes, at)?;
            at += width;
            if own.cast_signed() != number {
                continue;
            }
            let (length, width) = varint(self.bytes, at)?;
            // So much of a row stands on this page at least.
            let here = ((usable - 12) * 32 / 255).checked_sub(23)?;
            let end = at.checked_add(usize::try_from(length).ok().filter(|n| *n as u64 <= here)?)?;
            at += width;
            for _ in 0..column {
                at += varint(self.bytes, at)?.1;
            }
            let (found, width) = varint(self.bytes, at)?;
            let last = at + width - 1;
            return (found == kind && last < end).then_some((last, *self.bytes.get(last)?));
        }
        None
    }
}

fn two(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at + 2)?.try_into().ok().map(u16::from_be_bytes)
}

fn four(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..at + 4)?.try_into().ok().map(|four| u64::from(u32::from_be_bytes(four)))
}

/// A number of one to nine bytes, and how many.
fn varint(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let mut number = 0_u64;
    for n in 0..9 {
        let byte = *bytes.get(at + n)?;
        if n == 8 {
            return Some((number << 8 | u64::from(byte), 9));
        }
        number = number << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((number, n + 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::Connection;

    #[test]
    fn every_value_of_a_deep_table_is_found_and_one_bit_of_it_makes_a_text_of_bytes() {
        for page in [512, 4096, 65_536] {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("x.db");
            let sql = Connection::open(&path).unwrap();
            sql.execute_batch(&format!(
                "PRAGMA page_size={page}; CREATE TABLE a(x); CREATE TABLE t(name text, n integer, data text); BEGIN"
            ))
            .unwrap();
            for n in 0..3000_i64 {
                let words = "INSERT INTO t(rowid,name,n,data) VALUES (?1*7,'row '||?1,?1,zeroblob(?2))";
                sql.execute(words, (n, if n % 100 == 0 { 100_000 + n } else { n % 50 })).unwrap();
            }
            sql.execute_batch("COMMIT").unwrap();
            let root: i64 = sql.query_row("SELECT rootpage FROM sqlite_schema WHERE name='t'", [], |row| row.get(0)).unwrap();
            drop(sql);
            let mut file = File::options().read(true).write(true).open(&path).unwrap();
            for n in (0..3000_i64).step_by(50) {
                let length = if n % 100 == 0 { 100_000 + n } else { n % 50 }.unsigned_abs();
                let found = spot(&mut file, root.unsigned_abs(), (n * 7, 2), 2 * length + 12).unwrap().unwrap();
                assert_eq!(spot(&mut file, root.unsigned_abs(), (n * 7 + 1, 2), 2 * length + 12).unwrap(), None);
                assert_eq!(spot(&mut file, root.unsigned_abs(), (n * 7, 2), 2 * length + 14).unwrap(), None);
                file.seek(SeekFrom::Start(found.at)).unwrap();
                std::io::Write::write_all(&mut file, &[found.byte | 1]).unwrap();
            }
            drop(file);
            let sql = Connection::open(&path).unwrap();
            let texts: i64 = sql.query_row("SELECT count(*) FROM t WHERE typeof(data)='text' AND n%50=0", [], |row| row.get(0)).unwrap();
            let bytes: i64 = sql.query_row("SELECT count(*) FROM t WHERE typeof(data)='blob' AND n%50<>0", [], |row| row.get(0)).unwrap();
            let sound: String = sql.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
            assert_eq!((texts, bytes, sound.as_str()), (60, 2940, "ok"));
        }
    }

    #[test]
    fn what_is_no_database_has_no_such_place_and_is_no_panic() {
        use proptest::prelude::*;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.db");
        Connection::open(&path)
            .unwrap()
            .execute_batch("PRAGMA page_size=512; CREATE TABLE t(data); INSERT INTO t VALUES (zeroblob(30)), (1)")
            .unwrap();
        let good = std::fs::read(&path).unwrap();
        proptest!(|(at in 0..good.len(), bytes in prop::collection::vec(any::<u8>(), 1..40), root in 0_u64..5)| {
            let mut bad = good.clone();
            for (n, byte) in bytes.into_iter().enumerate() {
                if let Some(slot) = bad.get_mut(at + n) {
                    *slot = byte;
                }
            }
            std::fs::write(&path, &bad).unwrap();
            let _ = spot(&mut File::open(&path).unwrap(), root, (1, 0), 72);
        });
    }
}
