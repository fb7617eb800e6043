//! Shapes of names: ids, versions, and the files Chromium keeps in its caches.

use crate::stores::names::{is_hex, is_uuid};
use std::cmp::Ordering;

/// Whether a name is an id of an account, organisation or workspace: a UUID, or (since mid 2026) its first eight digits.
pub fn is_id(name: &[u8]) -> bool {
    is_uuid(name) || is_short_id(name)
}

/// Whether a name is eight hexadecimal digits.
pub fn is_short_id(name: &[u8]) -> bool {
    name.len() == 8 && is_hex(name)
}

/// Whether a folder's name is one a session's folder has: `local_…`, or eight digits.
pub fn is_session_folder(name: &[u8]) -> bool {
    name.strip_prefix(b"local_").is_some_and(|rest| !rest.is_empty()) || is_short_id(name)
}

/// Whether a file's name is one a session's record has: `local_….json`.
pub fn is_record(name: &[u8]) -> bool {
    name.strip_prefix(b"local_").and_then(|n| n.strip_suffix(b".json")).is_some_and(|id| !id.is_empty())
}

/// A version as numbers and what follows them; `None` for a name that is no version.
fn version(name: &[u8]) -> Option<(Vec<u64>, &str)> {
    let text = std::str::from_utf8(name).ok()?;
    let (numbers, rest) = text.split_once('-').unwrap_or((text, ""));
    let numbers: Vec<u64> =
        numbers.split('.').map(|n| n.bytes().all(|b| b.is_ascii_digit()).then(|| n.parse().ok())?).collect::<Option<_>>()?;
    (numbers.len() >= 2).then_some((numbers, rest))
}

/// Whether a name is a version (`2.1.234`, `2.1.5-beta.1`).
pub fn is_version(name: &[u8]) -> bool {
    version(name).is_some()
}

/// Whether a version beside this one is higher than it. A version with a suffix comes before the one without.
pub fn is_outdated(name: &[u8], beside: &[&[u8]]) -> bool {
    let Some(own) = version(name) else { return false };
    let later = |other: (Vec<u64>, &str)| {
        let suffix = match (other.1.is_empty(), own.1.is_empty()) {
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            // Suffixes have no order everybody agrees on, so neither is outdated by the other.
            _ => Ordering::Equal,
        };
        other.0.cmp(&own.0).then(suffix) == Ordering::Greater
    };
    // A name beside them (a link, a file) may say that another than the highest is used; which, is not known here.
    let named = |n: &[u8]| matches!(n, b"current" | b"latest" | b"active" | b"stable" | b"default" | b"claude" | b"claude.exe");
    !beside.iter().any(|n| named(n)) && beside.iter().filter_map(|n| version(n)).any(later)
}

/// Whether a file's name is one Chromium gives to files of its caches (its disk cache, `LevelDB`, its cache storage).
pub fn is_chromium_cache_file(name: &[u8]) -> bool {
    const FIXED: &[&[u8]] =
        &[b"index", b"the-real-index", b"CURRENT", b"LOCK", b"LOG", b"LOG.old", b"metadata", b"index.txt", b"temp-index", b"FakeIndex"];
    let digits = |n: &[u8]| !n.is_empty() && n.iter().all(u8::is_ascii_digit);
    let after = |prefix: &[u8], test: &dyn Fn(&[u8]) -> bool| name.strip_prefix(prefix).is_some_and(test);
    // Entries of the simple cache: sixteen digits of a hash and the stream's number (`0a1b2c3d4e5f6071_0`).
    let simple = name.len() == 18 && is_hex(&name[..16]) && name[16] == b'_' && matches!(name[17], b'0' | b'1' | b's');
    let leveldb = [".log", ".ldb", ".sst"].iter().any(|e| name.strip_suffix(e.as_bytes()).is_some_and(digits));
    FIXED.contains(&name)
        || after(b"data_", &digits)
        || after(b"f_", &is_hex)
        || after(b"MANIFEST-", &digits)
        || after(b"todelete_", &|n| !n.contains(&b'.'))
        || simple
        || leveldb
        // Blobs are numbered; other caches name by a hash.
        || digits(name)
        || (name.len() >= 8 && is_hex(name))
}

/// Whether a file's name is one Crashpad gives to a report: digits of an id and `.dmp`, `.meta` or `.lock`.
pub fn is_crash_report(name: &[u8]) -> bool {
    let id = |n: &[u8]| !n.is_empty() && n.iter().all(|b| b.is_ascii_hexdigit() || *b == b'-');
    [".dmp", ".meta", ".lock"].iter().any(|e| name.strip_suffix(e.as_bytes()).is_some_and(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_an_id_are_known_and_nothing_else_is() {
        assert!(is_id(b"cb872a6d-86d0-5b87-bcc4-bec7aa7d510a") && is_id(b"d2e0770f"));
        assert!(!is_id(b"sessions") && !is_id(b"d2e0770") && !is_id(b"cb872a6d-86d0-5b87-bcc4-bec7aa7d510"));
    }

    #[test]
    fn the_highest_version_is_found_by_number_and_not_by_letters() {
        let beside: &[&[u8]] = &[b"2.1.9", b"2.1.10", b"2.1.10-beta.1", b"tmp", b".DS_Store"];
        assert!(is_outdated(b"2.1.9", beside) && is_outdated(b"2.1.10-beta.1", beside));
        assert!(!is_outdated(b"2.1.10", beside));
        assert!(!is_version(b"tmp") && !is_version(b"2") && !is_version(b"99999999999999999999999.1"));
    }

    #[test]
    fn a_document_in_a_cache_is_not_a_cache_file() {
        for name in ["index", "data_0", "f_00001a", "0a1b2c3d4e5f6071_0", "000003.log", "MANIFEST-000001"] {
            assert!(is_chromium_cache_file(name.as_bytes()), "{name}");
        }
        for name in ["thesis.docx", "notes.log", "thesis", "data_x", "index.html"] {
            assert!(!is_chromium_cache_file(name.as_bytes()), "{name}");
        }
    }
}
