//! The JSON files of before, laid out: a file a message, and one a part.

use super::super::agents::OfAgent;
use super::super::facts::SourceFile;
use super::super::lines::Extent;
use super::super::place::{Laying, Place};
use super::super::sources::OnDisk;
use super::super::strand::Strand;
use super::super::tap::Tap;
use super::first::{Message, Revert};
use super::{Page, slim, word};
use crate::error::{Error, Result};
use crate::model::{Kind, Script, from_bytes};
use crate::platform::{Folder, open_beneath};
use serde_json::Value;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Lays a session out; gives the sessions it started as well.
pub fn lay_out(storage: &Path, id: &str, extent: Extent, tap: &Arc<dyn Tap + '_>) -> Result<(Place, Vec<OfAgent>)> {
    let mut laying = Laying::new(extent, tap)?;
    let record = record(storage, id);
    let path = record.as_ref().map_or_else(|| storage.join("message").join(id), |(path, _)| path.clone());
    let mut files = Files { storage, hasher: blake3::Hasher::new() };
    let failed = |e| Error::io("cannot read the conversation", &path, e);
    let named = files.lay_out(id, &record.map(|(_, value)| value).unwrap_or_default(), &mut laying).map_err(failed)?;
    let of = SourceFile { path: path.clone(), bytes: files.hasher.count(), blake3: files.hasher.finalize().to_hex().to_string() };
    let child = |id: String| {
        let (_, info) = self::record(storage, &id)?;
        let about = word(&info, "title").to_owned();
        let part = Strand { script: Script::Files(storage.to_path_buf()), root: storage.to_path_buf(), id };
        Some(OfAgent { part, about, call: String::new(), told: false })
    };
    let children = named.into_iter().filter(|child| child != id).filter_map(child).collect();
    Ok((laying.done(of).map_err(failed)?, children))
}

struct Files<'s> {
    storage: &'s Path,
    hasher: blake3::Hasher,
}

impl Files<'_> {
    fn lay_out(&mut self, id: &str, info: &Value, laying: &mut Laying<'_>) -> io::Result<Vec<String>> {
        let mut page = Page::new(laying, id, word(info, "directory"), word(info, "version"), word(info, "title"))?;
        let revert = info.get("revert").and_then(Revert::of);
        for (message, path) in names(self.storage, &["message", id])? {
            let data = self.read(&path, &mut page)?;
            if data.is_none() {
                page.lost()?;
            }
            let mut told = Message::new(&message, data.unwrap_or_default(), revert.as_ref(), &mut page);
            for (part, path) in names(self.storage, &["part", &message])? {
                match self.read(&path, &mut page)? {
                    Some(data) => told.part(&part, &data, &mut page)?,
                    None => page.lost()?,
                }
            }
            told.end(&mut page)?;
            if page.took(0)? {
                break;
            }
        }
        page.end()
    }

    /// What a file holds; `None`: no JSON, more than can be read, or nothing that can be opened.
    fn read(&mut self, path: &Path, page: &mut Page<'_, '_>) -> io::Result<Option<Value>> {
        let Ok(text) = open_beneath(self.storage, path).and_then(slim::read) else { return Ok(None) };
        self.hasher.update(&text);
        page.took(text.len())?;
        Ok(serde_json::from_slice(&text).ok())
    }
}

/// The JSON files of a folder, by the names without their ending, in the order of those: ids grow with time.
fn names(storage: &Path, below: &[&str]) -> io::Result<Vec<(String, PathBuf)>> {
    let rest: PathBuf = below.iter().collect();
    let Some(folder) = Folder::open_top(storage)?.folder_beneath(&rest).ok().flatten() else { return Ok(Vec::new()) };
    let mut all = Vec::new();
    for listed in folder.list() {
        let listed = listed?;
        let is_file = listed.facts.as_ref().is_ok_and(|f| f.kind == Kind::File);
        let name = String::from_utf8_lossy(&listed.name).into_owned();
        if let Some(id) = name.strip_suffix(".json").filter(|_| is_file) {
            all.push((id.to_owned(), storage.join(&rest).join(from_bytes(&listed.name))));
        }
    }
    all.sort();
    Ok(all)
}

/// How much a session's messages and parts are, and when one changed last; `None`: there are none.
pub fn sizes(storage: &Path, id: &str) -> Option<OnDisk> {
    let folder = |rest: &[&str]| Folder::open_top(storage).ok()?.folder_beneath(&rest.iter().collect::<PathBuf>()).ok().flatten();
    let messages = folder(&["message", id])?;
    let mut all = OnDisk { path: PathBuf::new(), size: 0, mtime_ns: 0 };
    let mut add = |folder: &Folder| {
        let mut names = Vec::new();
        for listed in folder.list().filter_map(std::result::Result::ok) {
            if let Ok(facts) = listed.facts {
                all.size += facts.size;
                all.mtime_ns = all.mtime_ns.max(facts.mtime_ns);
            }
            names.push(String::from_utf8_lossy(&listed.name).into_owned());
        }
        names
    };
    for name in add(&messages) {
        let parts = name.strip_suffix(".json").and_then(|message| folder(&["part", message]));
        parts.map(|parts| add(&parts));
    }
    Some(all)
}

/// A session's own file, and what it says. It lies in the folder of its project.
pub fn record(storage: &Path, id: &str) -> Option<(PathBuf, Value)> {
    let sessions = storage.join("session");
    let folder = Folder::open_top(storage).ok()?.folder(b"session").ok()?;
    folder.list().filter_map(std::result::Result::ok).find_map(|project| {
        let path = sessions.join(from_bytes(&project.name)).join(format!("{id}.json"));
        let text = open_beneath(storage, &path).and_then(slim::read).ok()?;
        Some((path, serde_json::from_slice(&text).ok()?))
    })
}
