//! Whether something is as it was at the last export, told by sizes and times: nothing is read for it.

use super::select::Chosen;
use super::{Copied, Options, folder};
use crate::manifest::Manifest;
use crate::manifest::{Entry, Made, Stamp};
use crate::model::{PathText, Session};
use crate::transcript;
use std::path::Path;

/// A conversation's files as they look now.
pub fn parts(session: &Session) -> Vec<(String, Stamp)> {
    let all = transcript::parts(session);
    let part = |p: transcript::OnDisk| (super::keep::slashed(&p.path), Stamp { size: p.size, mtime_ns: p.mtime_ns });
    all.into_iter().map(part).collect()
}

/// A hash of the conversation's files as they look.
pub fn hash_of(parts: &[(String, Stamp)]) -> String {
    let mut hasher = blake3::Hasher::new();
    for (path, stamp) in parts {
        hasher.update(format!("{path}\0{}\0{}\n", stamp.size, stamp.mtime_ns).as_bytes());
    }
    short(&hasher.finalize())
}

/// A hash of everything but the conversation that decides what is written.
pub fn how(session: &Session, options: &Options, raw: bool) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let own = (&session.id, &session.title, session.started, &session.model, &session.conversation, session.mounts());
    short(&blake3::hash(format!("{version} {} {:?} {raw} {own:?}", options.format.name, options.agents).as_bytes()))
}

fn short(hash: &blake3::Hash) -> String {
    hash.to_hex().get(..16).unwrap_or_default().to_owned()
}

/// Whether a file of ours is as we left it.
pub fn is_there(top: &Path, entry: &Entry) -> bool {
    let is = entry.next.is_none() && entry.copy.is_some() && super::keep::is_below(&entry.path);
    is && folder::at(top, Path::new(&entry.path)).and_then(|f| Stamp::of(&f)) == entry.copy
}

/// Whether a copy of a file in the session is there, and both are as they were.
pub fn is_same(top: &Path, entry: &Entry, one: &Chosen) -> bool {
    entry.seen == Some(one.stamp) && is_there(top, entry)
}

/// Whether a transcript and the files beside it are as the conversation is, or what is left of it was looked at before.
pub fn is_told(top: &Path, (entry, beside): (&Entry, &[Entry]), how: &str, parts: &[(String, Stamp)]) -> bool {
    let same = |made: &Made| made.how == how && (made.parts == parts || made.left.as_deref() == Some(&hash_of(parts)));
    let there = |e: &Entry| super::keep::is_below(&e.path) && folder::at(top, Path::new(&e.path)).is_some();
    entry.made.as_ref().is_some_and(same) && is_there(top, entry) && beside.iter().all(there)
}

/// The copies of these files, where every one is there and as it was.
pub fn copies(top: &Path, manifest: &Manifest, chosen: &[Chosen]) -> Option<Vec<Copied>> {
    let copy = |one: &Chosen| {
        let entry = manifest.copies(&one.source).find(|e| is_same(top, e, one))?;
        Some(Copied {
            path: PathText::new(&one.from),
            copy: PathText::new(&top.join(&entry.path)),
            blake3: entry.blake3.clone(),
            now: false,
        })
    };
    chosen.iter().map(copy).collect()
}
