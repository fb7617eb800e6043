//! What an archive holds, as its own last entry says: `lifeboat.backup-manifest/1`.

use crate::model::{Class, Failed, PathText, Skipped, from_bytes};
use base64::Engine;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The name of the manifest in the archive.
pub const NAME: &[u8] = b"MANIFEST.json";

/// What the schema field says.
pub const SCHEMA: &str = "lifeboat.backup-manifest/1";

/// What an entry of an archive is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EntryKind {
    /// A regular file with its bytes.
    File,
    /// A further name of a file that is in the archive already.
    Hardlink,
    /// A symbolic link.
    Symlink,
    /// A folder.
    Dir,
    /// A named pipe.
    Fifo,
    /// A character device.
    Char,
    /// A block device.
    Block,
}

/// One entry as the manifest tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its name in the archive, parts joined by `/`.
    #[serde(flatten)]
    pub path: PathText,
    /// What it is.
    pub kind: EntryKind,
    /// Apparent bytes; 0 for what has none.
    pub size: u64,
    /// Permission bits.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Last change, nanoseconds since 1970.
    pub mtime_ns: i64,
    /// Its class when the backup was made.
    pub class: Class,
    /// The session it belongs to, by id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// Where a symbolic link points, or the archive name a hard link shares its bytes with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<PathText>,
    /// BLAKE3 of a file's bytes, 64 hex digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blake3: Option<String>,
    /// SHA-256 of a file's bytes, 64 hex digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// BLAKE3 over its extended attributes, 64 hex digits, where it has any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attributes: Option<String>,
    /// Major and minor number, of a device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<(u32, u32)>,
    /// Why a file's bytes are not to be trusted as one state of it ("it changed while it was read").
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incomplete: Option<String>,
    /// Whether it lay on a disk image, into which nothing is put back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub on_image: bool,
}

/// A folder or file that was walked, and where it is in the archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Root {
    /// The store's name.
    pub store: String,
    /// Its two first name parts in the archive, joined by `/`.
    pub top: PathText,
    /// Its absolute path when the backup was made.
    pub original: PathText,
}

/// Everything an archive holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Always `lifeboat.backup-manifest/1`.
    pub schema: String,
    /// When the backup was begun.
    pub made: Timestamp,
    /// The program and its version.
    pub by: String,
    /// What was walked.
    pub roots: Vec<Root>,
    /// What is in it, in the archive's order.
    pub entries: Vec<Entry>,
    /// Left out on purpose.
    pub skipped: Vec<Skipped>,
    /// Could not be read, or changed meanwhile.
    pub failed: Vec<Failed>,
}

/// Bytes of a name in JSON: as text, and exactly where they are not UTF-8.
pub fn text(bytes: &[u8]) -> PathText {
    let exact = std::str::from_utf8(bytes).is_err();
    PathText {
        path: String::from_utf8_lossy(bytes).into_owned(),
        path_base64: exact.then(|| base64::engine::general_purpose::STANDARD.encode(bytes)),
    }
}

/// The bytes [`text`] was made from; `None` where the base64 cannot be read.
pub fn bytes(text: &PathText) -> Option<Vec<u8>> {
    match &text.path_base64 {
        None => Some(text.path.clone().into_bytes()),
        Some(b) => base64::engine::general_purpose::STANDARD.decode(b).ok(),
    }
}

/// Whether a name in an archive stays below the folder it is unpacked in.
pub fn stays_below(name: &[u8]) -> bool {
    !name.contains(&0) && name.split(|b| *b == b'/').all(|part| !part.is_empty() && part != b"." && part != b"..")
}

impl Manifest {
    /// The absolute path an entry had; `None` where no root holds it.
    pub fn original(&self, name: &[u8]) -> Option<PathBuf> {
        self.roots.iter().find_map(|root| {
            let rest = name.strip_prefix(bytes(&root.top)?.as_slice())?;
            if !(rest.is_empty() || rest.starts_with(b"/")) {
                return None;
            }
            let mut path = root.original.to_path()?;
            path.extend(rest.split(|b| *b == b'/').filter(|p| !p.is_empty()).map(from_bytes));
            Some(path)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_leads_out_of_its_folder_is_told_from_one_that_does_not() {
        for bad in ["", "/etc/passwd", "a/../b", "..", "a//b", "a/./b", "a/", "a\0b"] {
            assert!(!stays_below(bad.as_bytes()), "{bad:?}");
        }
        for good in ["a", "a/b", "...", "a..b/c", " /x"] {
            assert!(stays_below(good.as_bytes()), "{good:?}");
        }
    }

    #[test]
    fn names_of_any_bytes_come_back_from_json() {
        for name in [&b"plain"[..], b"\xe9\xff", b"new\nline", "\u{202e}".as_bytes()] {
            assert_eq!(bytes(&text(name)).as_deref(), Some(name));
        }
    }
}
