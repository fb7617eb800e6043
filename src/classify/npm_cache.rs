//! npm's cache of packages: the archives it installed from, each named by the hash that a lock has of it.

use super::ground::Ground;
use flate2::read::MultiGzDecoder;
use sha2::{Digest, Sha512};
use std::ffi::OsStr;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

/// The largest archive that is looked into, in bytes.
const LARGEST: u64 = 512 << 20;

/// The archive with this hash from one of these caches, read whole and its hash compared; `None` where none has it
/// unharmed. The layout is cacache's: `content-v2/sha512/ab/cd/…`, the hash in hex digits.
pub fn archive(caches: &[(Ground, PathBuf)], sha512: &[u8]) -> Option<Vec<u8>> {
    let digits = sha512.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let hex: String = digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect();
    let (first, second, rest) = (hex.get(..2)?, hex.get(2..4)?, hex.get(4..)?);
    caches.iter().find_map(|(ground, cache)| {
        let path: PathBuf = [cache.as_path(), Path::new("content-v2"), Path::new("sha512")].iter().collect();
        let mut bytes = Vec::new();
        let file = ground.open(&path.join(first).join(second).join(rest)).ok()?;
        file.take(LARGEST).read_to_end(&mut bytes).ok()?;
        (Sha512::digest(&bytes).as_slice() == sha512).then_some(bytes)
    })
}

/// Calls `each` with every file of an npm package's archive: its path below the package, its size, and a reader of its
/// bytes. `None` where the archive cannot be read to its end: then what was told may be incomplete.
pub fn each_file(archive: &[u8], mut each: impl FnMut(PathBuf, u64, &mut dyn Read)) -> Option<()> {
    let packed: Box<dyn Read> = if archive.starts_with(&[0x1f, 0x8b]) { Box::new(MultiGzDecoder::new(archive)) } else { Box::new(archive) };
    let mut archive = tar::Archive::new(packed);
    for entry in archive.entries().ok()? {
        let mut entry = entry.ok()?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        // npm drops the first part of every path, whatever it is called.
        let path = entry.path().ok()?.into_owned();
        let parts: Vec<&OsStr> = path.components().map(Component::as_os_str).collect();
        let plain = path.components().all(|part| matches!(part, Component::Normal(_)));
        if let (true, Some(rest)) = (plain, parts.get(1..).filter(|rest| !rest.is_empty())) {
            each(rest.iter().collect(), entry.size(), &mut entry);
        }
    }
    Some(())
}

/// The bytes npm may make of a file when it installs it: as they are, and, where the first line names an interpreter and
/// ends as on Windows, without that line's CR.
pub fn as_installed(bytes: Vec<u8>) -> Vec<Vec<u8>> {
    let end = bytes.iter().position(|b| *b == b'\n').filter(|_| bytes.starts_with(b"#!"));
    let mended = end.and_then(|end| end.checked_sub(1)).filter(|cr| bytes.get(*cr) == Some(&b'\r')).map(|cr| {
        let mut mended = bytes.clone();
        mended.remove(cr);
        mended
    });
    std::iter::once(bytes).chain(mended).collect()
}
