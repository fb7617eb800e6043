//! The 512-byte headers of tar entries, and the PAX records before them where a header has no room
//! (POSIX.1-2017 `pax`, "ustar Interchange Format" and "pax Interchange Format").

use super::manifest::EntryKind;
use super::meta::Xattr;

/// Bytes of a tar block.
pub const BLOCK: usize = 512;

/// What a header says of an entry.
#[derive(Debug, Clone, Default)]
pub struct Head<'a> {
    /// The name, parts joined by `/`, without one at the end.
    pub name: &'a [u8],
    /// The letter of its kind: see [`letter`].
    pub letter: u8,
    /// Permission bits.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Last change, nanoseconds since 1970.
    pub mtime_ns: i64,
    /// Bytes that follow the header.
    pub size: u64,
    /// Where a link points.
    pub link: &'a [u8],
    /// Major and minor number of a device.
    pub device: (u32, u32),
    /// Extended attributes.
    pub xattrs: &'a [Xattr],
    /// Of a sparse file, its apparent size; its map comes first in what follows (GNU sparse format 1.0).
    pub real_size: Option<u64>,
}

/// The type letter of a kind.
pub fn letter(kind: EntryKind) -> u8 {
    match kind {
        EntryKind::File => b'0',
        EntryKind::Hardlink => b'1',
        EntryKind::Symlink => b'2',
        EntryKind::Char => b'3',
        EntryKind::Block => b'4',
        EntryKind::Dir => b'5',
        EntryKind::Fifo => b'6',
    }
}

/// The header, with the PAX records before it where any are needed.
pub fn bytes(head: &Head<'_>) -> Vec<u8> {
    let mut name = head.name.to_vec();
    if head.letter == b'5' {
        name.push(b'/');
    }
    let records = records(head, &name);
    let mut out = Vec::with_capacity(3 * BLOCK);
    if !records.is_empty() {
        let pax = Head { name: b"PaxHeaders/entry", letter: b'x', mode: 0o644, size: records.len() as u64, ..Head::default() };
        out.extend_from_slice(&ustar(&pax, pax.name));
        out.extend_from_slice(&records);
        out.resize(out.len().next_multiple_of(BLOCK), 0);
    }
    if head.real_size.is_some() {
        name.splice(..0, *b"GNUSparseFile.0/");
    }
    out.extend_from_slice(&ustar(head, &name));
    out
}

/// Whether a reader could take these bytes for something else when they stand in the header alone.
fn needs_record(name: &[u8]) -> bool {
    // A short name that is not UTF-8 stands in the header as it is; UTF-8 is only sure to be read as such in a record.
    name.len() > 100 || (!name.is_ascii() && std::str::from_utf8(name).is_ok())
}

fn records(head: &Head<'_>, name: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let name_key: &[u8] = if head.real_size.is_some() { b"GNU.sparse.name" } else { b"path" };
    let with_name = head.real_size.is_some() || needs_record(name);
    let with_link = needs_record(head.link);
    let raw = |with: bool, n: &[u8]| with && std::str::from_utf8(n).is_err();
    if raw(with_name, name) || raw(with_link, head.link) {
        record(&mut out, b"hdrcharset", b"BINARY");
    }
    if let Some(real) = head.real_size {
        record(&mut out, b"GNU.sparse.major", b"1");
        record(&mut out, b"GNU.sparse.minor", b"0");
        record(&mut out, b"GNU.sparse.realsize", real.to_string().as_bytes());
    }
    if with_name {
        record(&mut out, name_key, name);
    }
    if with_link {
        record(&mut out, b"linkpath", head.link);
    }
    if head.mtime_ns.rem_euclid(1_000_000_000) != 0 || octal(head.mtime_ns / 1_000_000_000, 11).is_none() || head.mtime_ns < 0 {
        record(&mut out, b"mtime", decimal_seconds(head.mtime_ns).as_bytes());
    }
    if octal(i64::try_from(head.size).unwrap_or(i64::MAX), 11).is_none() {
        record(&mut out, b"size", head.size.to_string().as_bytes());
    }
    for (key, id) in [(&b"uid"[..], head.uid), (b"gid", head.gid)] {
        if octal(i64::from(id), 7).is_none() {
            record(&mut out, key, id.to_string().as_bytes());
        }
    }
    for xattr in head.xattrs {
        let mut key = b"SCHILY.xattr.".to_vec();
        for byte in &xattr.name {
            match byte {
                b'=' => key.extend_from_slice(b"%3D"),
                b'%' => key.extend_from_slice(b"%25"),
                other => key.push(*other),
            }
        }
        record(&mut out, &key, &xattr.value);
    }
    out
}

/// One record: its own length in decimal, a space, `key=value`, a newline.
fn record(out: &mut Vec<u8>, key: &[u8], value: &[u8]) {
    let rest = key.len() + value.len() + 3;
    let mut length = rest + 1;
    while rest + length.to_string().len() != length {
        length = rest + length.to_string().len();
    }
    out.extend_from_slice(format!("{length} ").as_bytes());
    out.extend_from_slice(key);
    out.push(b'=');
    out.extend_from_slice(value);
    out.push(b'\n');
}

fn decimal_seconds(ns: i64) -> String {
    let all = ns.unsigned_abs();
    let sign = if ns < 0 { "-" } else { "" };
    let text = format!("{sign}{}.{:09}", all / 1_000_000_000, all % 1_000_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn octal(value: i64, digits: usize) -> Option<Vec<u8>> {
    let text = format!("{:0digits$o}", u64::try_from(value).ok()?);
    (text.len() <= digits).then(|| text.into_bytes())
}

fn ustar(head: &Head<'_>, name: &[u8]) -> [u8; BLOCK] {
    let mut block = [0_u8; BLOCK];
    let mut put = |at: usize, bytes: &[u8]| {
        if let Some(field) = block.get_mut(at..at + bytes.len()) {
            field.copy_from_slice(bytes);
        }
    };
    // Readers without PAX, and libarchive for hard links, look here: as much of the name as there is room for.
    put(0, &name[..name.len().min(100)]);
    put(157, &head.link[..head.link.len().min(100)]);
    put(100, &octal(i64::from(head.mode & 0o7777), 7).unwrap_or_default());
    put(108, &octal(i64::from(head.uid), 7).unwrap_or_else(|| b"0000000".to_vec()));
    put(116, &octal(i64::from(head.gid), 7).unwrap_or_else(|| b"0000000".to_vec()));
    // What has no room in octal is in base 256 (GNU), besides its record.
    let size = octal(i64::try_from(head.size).unwrap_or(i64::MAX), 11).unwrap_or_else(|| {
        let mut field = vec![0x80, 0, 0, 0];
        field.extend_from_slice(&head.size.to_be_bytes());
        field
    });
    put(124, &size);
    put(136, &octal(head.mtime_ns.div_euclid(1_000_000_000), 11).unwrap_or_else(|| b"00000000000".to_vec()));
    put(148, b"        ");
    put(156, &[head.letter]);
    put(257, b"ustar\x0000");
    put(329, &octal(i64::from(head.device.0), 7).unwrap_or_default());
    put(337, &octal(i64::from(head.device.1), 7).unwrap_or_default());
    let sum: u32 = block.iter().map(|b| u32::from(*b)).sum();
    block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_counts_its_own_length_also_where_that_adds_a_digit() {
        for n in [1, 80, 88, 89, 90, 91, 92, 980, 990, 991, 992, 993] {
            let mut out = Vec::new();
            record(&mut out, b"path", &vec![b'x'; n]);
            let said: usize = std::str::from_utf8(&out).unwrap().split(' ').next().unwrap().parse().unwrap();
            assert_eq!(said, out.len());
        }
    }

    #[test]
    fn times_are_written_to_the_nanosecond_before_1970_too() {
        assert_eq!(decimal_seconds(1), "0.000000001");
        assert_eq!(decimal_seconds(-1_500_000_000), "-1.5");
        assert_eq!(decimal_seconds(4_102_444_800_123_456_789), "4102444800.123456789");
        assert_eq!(decimal_seconds(10_000_000_000), "10");
    }
}
