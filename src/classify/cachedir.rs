//! A folder with a CACHEDIR.TAG: its owner says that it is a cache (<https://bford.info/cachedir/>).

use super::rule::{Findings, Judged, Unit, WorkRule};
use crate::model::{Kind, Stop, is_document};
use std::path::Path;

/// A folder with a CACHEDIR.TAG.
pub struct CacheDirTag;

/// The first bytes of every genuine tag.
const SIGNATURE: &[u8] = b"Signature: 8a477f597d28d172789f06886806bc55";

/// Whether a tag's bytes are those of a genuine tag.
pub fn is_tag(bytes: &[u8]) -> bool {
    bytes.starts_with(SIGNATURE)
}

/// Notes and pictures people put anywhere; caches of tools rarely hold them.
fn is_note(path: &Path) -> bool {
    const NOTES: &[&str] = &["md", "txt", "ipynb", "jpg", "jpeg", "heic"];
    let ending = path.extension().and_then(|e| e.to_str());
    ending.is_some_and(|e| NOTES.iter().any(|n| n.eq_ignore_ascii_case(e))) && path.file_name().is_none_or(|n| n != "README.md")
}

impl WorkRule for CacheDirTag {
    fn id(&self) -> &'static str {
        "work/cachedir-tag"
    }

    fn group(&self) -> &'static str {
        "tagged caches"
    }

    fn candidate(&self, _name: &[u8], inside: &[&[u8]]) -> bool {
        inside.contains(&b"CACHEDIR.TAG".as_slice())
    }

    fn check(&self, unit: &Unit, _stop: &Stop) -> Judged {
        let mut findings = Findings::new(unit);
        match unit.read(Path::new("CACHEDIR.TAG")) {
            Ok(bytes) if is_tag(&bytes) => {}
            Ok(_) => return findings.nothing("its CACHEDIR.TAG does not carry the signature of a cache"),
            Err(e) => return findings.nothing(format!("its CACHEDIR.TAG could not be read: {e}")),
        }
        if unit.entries.iter().any(|e| e.path.as_os_str() == ".git") {
            return findings.nothing("a repository lies in it, so it is more than a cache");
        }
        let says = "its CACHEDIR.TAG carries the signature that marks a cache".into();
        let cache = findings.rebuildable(vec![says], "the tool that made this cache fills it again", unit.path.join("CACHEDIR.TAG"));
        for entry in unit.entries.iter().filter(|e| e.kind != Kind::Dir) {
            if entry.kind == Kind::File && (is_document(&entry.path) || is_note(&entry.path)) {
                findings.at_risk(entry.id, "a document, note or picture in a cache may have been put there by somebody");
            } else if entry.kind == Kind::Other {
                findings.at_risk(entry.id, "neither a file nor a link");
            } else {
                findings.give(entry.id, cache);
            }
        }
        findings.done()
    }
}
