//! Reads an archive back, every byte of it, against its own manifest.

use super::Verified;
use super::manifest::{self, Entry, EntryKind, Manifest};
use super::reader::{Member, Piece, Reader};
use super::sums::{Sums, of_attributes};
use super::tell::Teller;
use super::unpack::Unpacked;
use crate::error::{Error, Kind, Result};
use crate::model::{Failed, PathText, Watch};
use std::collections::HashMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// What was seen of one entry.
struct Seen {
    member: Member,
    sums: Option<(String, String)>,
}

/// Everything read from an archive before it ended or could be read no further.
struct Found {
    seen: Vec<Seen>,
    manifest: Option<Vec<u8>>,
    bytes: u64,
    files: u64,
    error: Option<io::Error>,
}

/// A check's outcome, and the manifest it was made against, where one could be read.
pub struct Checked {
    /// The outcome, without the file beside the archive.
    pub verified: Verified,
    /// The manifest in the archive.
    pub manifest: Option<Manifest>,
    /// BLAKE3 of that manifest's text.
    pub text: Option<blake3::Hash>,
}

/// The manifest's file beside an archive.
pub fn sidecar(archive: &Path) -> PathBuf {
    let mut name = archive.as_os_str().to_owned();
    name.push(".manifest.json");
    name.into()
}

/// Reads the archive against the manifest in it, and that against the one beside it.
pub fn verify(archive: &Path, teller: &mut Teller<'_>) -> Result<Verified> {
    let Checked { mut verified, text: inside, .. } = check(archive, teller)?;
    let beside = sidecar(archive);
    match std::fs::read(&beside) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            verified.notes.push("no manifest stands beside the archive; the one inside was used".into());
        }
        Err(e) => verified.failed.push(failed_at(&beside, format!("the manifest beside the archive cannot be read: {e}"))),
        Ok(text) if Some(blake3::hash(&text)) != inside => {
            verified.failed.push(failed_at(&beside, "the manifest beside the archive differs from the one inside".into()));
        }
        Ok(_) => {}
    }
    verified.ok = verified.failed.is_empty();
    Ok(verified)
}

/// Reads the archive against the manifest in it.
pub fn check(archive: &Path, teller: &mut Teller<'_>) -> Result<Checked> {
    let unpacked = Unpacked::open(archive)
        .map_err(|e| Error::io("cannot read the archive", archive, e).hint("name an archive that `lifeboat backup` made"));
    let mut verified = Verified { schema: "lifeboat.verify/1".into(), archive: archive.to_path_buf(), ..Verified::default() };
    let found = match unpacked {
        Ok(unpacked) => read_all(unpacked, teller),
        // Damage in the first bytes is damage like any other; a missing or forbidden file is not a verdict.
        Err(e) if std::fs::File::open(archive).is_err() => return Err(e),
        Err(e) => {
            verified.failed.push(failed_at(archive, e.cause.map_or(e.what, |c| c.to_string())));
            return Ok(Checked { verified, manifest: None, text: None });
        }
    };
    if teller.stopped() {
        return Err(Error::new(Kind::Interrupted, "stopped before the archive was read to its end").at(archive));
    }
    verified.files = found.files;
    verified.bytes = found.bytes;
    if let Some(e) = &found.error {
        verified.failed.push(failed_at(archive, format!("cannot be read to its end: {e}")));
    }
    let text = found.manifest.as_deref().map(blake3::hash);
    let manifest = found.manifest.as_deref().map(serde_json::from_slice::<Manifest>);
    match &manifest {
        None => verified.failed.push(failed_at(archive, "there is no manifest in it".into())),
        Some(Err(e)) => verified.failed.push(failed_at(archive, format!("its manifest cannot be read: {e}"))),
        Some(Ok(m)) if m.schema != manifest::SCHEMA => {
            verified.failed.push(failed_at(archive, format!("its manifest is of another kind: {}", m.schema)));
        }
        Some(Ok(m)) => compare(&m.entries, found.seen, &mut verified.failed),
    }
    verified.ok = verified.failed.is_empty();
    Ok(Checked { verified, manifest: manifest.and_then(std::result::Result::ok), text })
}

fn failed_at(path: &Path, error: String) -> Failed {
    Failed { path: PathText::new(path), error }
}

fn read_all(unpacked: Unpacked, teller: &mut Teller<'_>) -> Found {
    let mut found = Found { seen: Vec::new(), manifest: None, bytes: 0, files: 0, error: None };
    let mut reader = Reader::new(unpacked);
    let whole =
        read_members(&mut reader, &mut found, teller).and_then(|()| reader.end()).and_then(|()| reader.into_inner().nothing_after());
    found.error = whole.err();
    found
}

fn read_members(reader: &mut Reader<impl Read>, found: &mut Found, teller: &mut Teller<'_>) -> io::Result<()> {
    while !teller.stopped() {
        let Some(member) = reader.next()? else { break };
        if found.manifest.is_some() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "there are entries after the manifest"));
        }
        if member.name == manifest::NAME {
            let mut text = Vec::new();
            reader.content(&member, &mut |piece| {
                if let Piece::Data(data) = piece {
                    text.extend_from_slice(data);
                }
                Ok(())
            })?;
            found.manifest = Some(text);
            continue;
        }
        let mut sums = None;
        if member.kind == EntryKind::File {
            let mut adding = Sums::default();
            reader.content(&member, &mut |piece| {
                adding.take(&piece);
                teller.bytes(piece.len());
                if teller.stopped() { Err(io::ErrorKind::Interrupted.into()) } else { Ok(()) }
            })?;
            found.bytes += adding.bytes;
            sums = Some(adding.hex());
        }
        if member.kind != EntryKind::Dir {
            found.files += 1;
            teller.file();
        }
        found.seen.push(Seen { member, sums });
    }
    Ok(())
}

/// Holds what was seen against the manifest, both ways.
fn compare(entries: &[Entry], seen: Vec<Seen>, failed: &mut Vec<Failed>) {
    let mut by_name: HashMap<Vec<u8>, Seen> = HashMap::with_capacity(seen.len());
    for one in seen {
        if let Some(twice) = by_name.insert(one.member.name.clone(), one) {
            failed.push(Failed { path: manifest::text(&twice.member.name), error: "it is in the archive twice".into() });
        }
    }
    for entry in entries {
        let Some(name) = manifest::bytes(&entry.path) else {
            failed.push(Failed { path: entry.path.clone(), error: "its name in the manifest cannot be read".into() });
            continue;
        };
        let error = match by_name.remove(&name) {
            None => Some("it is missing from the archive".into()),
            Some(seen) => differs(entry, &seen.member, seen.sums.as_ref()),
        };
        failed.extend(error.map(|error| Failed { path: entry.path.clone(), error }));
    }
    let mut extra: Vec<Vec<u8>> = by_name.into_keys().collect();
    extra.sort();
    failed.extend(extra.iter().map(|name| Failed { path: manifest::text(name), error: "it is not in the manifest".into() }));
}

/// In what an entry differs from its line in the manifest; `None` where it does not.
pub fn differs(entry: &Entry, member: &Member, sums: Option<&(String, String)>) -> Option<String> {
    let link = entry.link.as_ref().and_then(manifest::bytes).unwrap_or_default();
    let size = if matches!(entry.kind, EntryKind::File) { member.size } else { entry.size };
    let what = if entry.kind != member.kind {
        "kind"
    } else if entry.size != size {
        "size"
    } else if link != member.link {
        "link target"
    } else if (entry.mode, entry.uid, entry.gid) != (member.mode, member.uid, member.gid) {
        "mode or owner"
    } else if entry.mtime_ns != member.mtime_ns {
        "time"
    } else if entry.kind == EntryKind::File && sums.map(|s| (&s.0, &s.1)) != entry.blake3.as_ref().zip(entry.sha256.as_ref()) {
        "content"
    } else if entry.attributes != of_attributes(&member.xattrs) {
        "extended attributes"
    } else if entry.device.is_some_and(|d| d != member.device) {
        "device number"
    } else {
        return None;
    };
    Some(format!("its {what} is not what the manifest says"))
}

/// Reads an archive against its manifest, telling a watcher.
pub fn watched(archive: &Path, watch: &dyn Watch) -> Result<Verified> {
    let mut teller = Teller::new(watch, "Verifying", None);
    let verified = verify(archive, &mut teller)?;
    teller.end();
    Ok(verified)
}
