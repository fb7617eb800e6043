//! Which session made a file: by its bytes, its path or its name.

use super::known::Known;
use super::query::{Filter, Query};
use super::read;
use crate::classify::blake3_of;
use crate::error::{Error, Result};
use crate::export;
use crate::manifest::Heard;
use crate::model::{Catalog, Kind, Session, SessionIx, Stop};
use crate::platform;
use crate::transcript::{self, Voice};
use crate::world::World;
use jiff::Timestamp;
use rayon::prelude::*;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// The schema of an answer in JSON.
pub const SCHEMA: &str = "lifeboat.maker/1";

/// How it is known, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Sure {
    /// The very bytes were written there.
    Bytes,
    /// A file of this path was written there, or it lies in the session's own folder.
    Path,
    /// A file of this name was written there.
    Name,
}

/// A session that made the file, or one like it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Maker {
    /// The schema.
    pub schema: &'static str,
    /// The store's name.
    pub store: String,
    /// The session's id.
    pub session: String,
    /// Its title.
    pub title: String,
    /// How it is known.
    pub by: Sure,
    /// The path as it stands there.
    pub file: String,
    /// What tells it: `record …` of the conversation, a manifest, or the folder.
    pub from: String,
    /// When, where that is known.
    pub time: Option<Timestamp>,
    /// Whether the bytes are the same; none: one of them is not known.
    pub same_bytes: Option<bool>,
}

/// What is asked about.
#[derive(Debug, Clone)]
pub struct Thing {
    /// The file, where it is on this disk.
    on_disk: Option<PathBuf>,
    /// Its path as it was given, or empty.
    path: String,
    /// Its name, or empty.
    name: String,
    /// BLAKE3 of its bytes, in hex digits.
    blake3: Option<String>,
}

impl Thing {
    /// What a word means: 64 hex digits, the path of a file that is here (it is hashed), another path, or a name.
    pub fn of(world: &World, word: &str) -> Result<Self> {
        if word.len() == 64 && word.bytes().all(|b| b.is_ascii_hexdigit()) {
            let blake3 = Some(word.to_ascii_lowercase());
            return Ok(Self { on_disk: None, path: String::new(), name: String::new(), blake3 });
        }
        let path = std::path::absolute(world.expand(Path::new(word))).map_err(|e| Error::usage("that is no path").because(e))?;
        let here = platform::facts(&path).ok().filter(|facts| facts.kind == Kind::File && !facts.placeholder);
        let hash = |size| {
            let root = path.parent().unwrap_or(Path::new("."));
            blake3_of(root, &path, size, &Stop::default()).map_err(|e| Error::io("cannot read the file", &path, e))
        };
        let blake3 = here.map(|facts| hash(facts.size)).transpose()?.flatten().map(|hash| hash.to_hex().to_string());
        let given = word.replace('\\', "/");
        let name = given.rsplit('/').next().unwrap_or_default().to_owned();
        if name.is_empty() {
            return Err(Error::usage(format!("`{word}` names no file")));
        }
        let on_disk = blake3.is_some().then_some(path);
        let path = on_disk.as_ref().map_or(given, |path| path.to_string_lossy().replace('\\', "/"));
        Ok(Self { on_disk, path, name, blake3 })
    }

    /// How a file that was written somewhere is this one.
    fn is(&self, path: &str, blake3: Option<&str>, session: Option<&Session>) -> Option<Sure> {
        if self.same_bytes(blake3) == Some(true) {
            return Some(Sure::Bytes);
        }
        let path = path.replace('\\', "/");
        let on_host = || {
            // Of a path in the virtual machine: where that is on this disk.
            let mounts = session.into_iter().flat_map(Session::mounts);
            let here = |(vm, host): (String, PathBuf)| Some(format!("{}{}", host.to_string_lossy(), path.strip_prefix(&vm)?));
            mounts.filter_map(here).any(|host| host.replace('\\', "/") == self.path)
        };
        if !self.path.is_empty() && self.path.contains('/') && (path == self.path || on_host()) {
            return Some(Sure::Path);
        }
        (!self.name.is_empty() && path.rsplit('/').next() == Some(&*self.name)).then_some(Sure::Name)
    }

    fn same_bytes(&self, blake3: Option<&str>) -> Option<bool> {
        self.blake3.as_deref().zip(blake3).map(|(a, b)| a == b)
    }
}

/// The sessions that made it, the surest and latest first. `known` are these sessions of the catalogue, in the same order.
pub fn makers(world: &World, catalog: &Catalog, sessions: &[SessionIx], known: &[Known], thing: &Thing, stop: &Stop) -> Vec<Maker> {
    let mut all: Vec<Maker> = of_manifests(world, thing);
    for (ix, known) in sessions.iter().zip(known) {
        let session = catalog.session(*ix);
        let own = |path: &Path| session.dir.as_ref().is_some_and(|dir| path.starts_with(dir));
        if let Some(path) = thing.on_disk.as_ref().filter(|path| own(path)) {
            let file = path.to_string_lossy().into_owned();
            all.push(maker(known, Sure::Path, file, "it lies in the session's folder".to_owned(), known.last_active, None));
        }
    }
    let likely = candidates(known, thing, stop);
    let read = |at: usize| Some(of_conversation(catalog.session(*sessions.get(at)?), known.get(at)?, thing));
    all.extend(likely.par_iter().filter_map(|at| read(*at)).collect::<Vec<_>>().into_iter().flatten());
    if thing.blake3.is_some() && all.iter().all(|maker| maker.by != Sure::Bytes) {
        // It may have had another name: the bytes tell.
        let rest = (0..known.len()).into_par_iter().filter(|at| !likely.contains(at));
        let found = rest.filter_map(read).flatten().filter(|maker| maker.by == Sure::Bytes);
        all.extend(found.collect::<Vec<_>>());
    }
    all.sort_by(|a, b| a.by.cmp(&b.by).then(b.time.cmp(&a.time)).then_with(|| (&a.session, &a.file).cmp(&(&b.session, &b.file))));
    all.dedup_by(|later, first| (&later.session, later.by, &later.file) == (&first.session, first.by, &first.file));
    all
}

fn maker(known: &Known, by: Sure, file: String, from: String, time: Option<Timestamp>, same_bytes: Option<bool>) -> Maker {
    let (store, session, title) = (known.store.to_owned(), known.id.clone(), known.title.clone());
    Maker { schema: SCHEMA, store, session, title, by, file, from, time, same_bytes }
}

/// What the manifests in durable folders tell; they outlive their sessions.
fn of_manifests(world: &World, thing: &Thing) -> Vec<Maker> {
    let mut all = Vec::new();
    for (folder, manifest) in export::durable(world) {
        let outputs = manifest.outputs.iter().chain(manifest.intermediates.iter().map(|made| &made.0));
        for output in outputs {
            let blake3 = output.blake3.as_deref();
            let Some(by) = thing.is(&output.path, blake3, None) else { continue };
            all.push(Maker {
                schema: SCHEMA,
                store: manifest.tool.clone(),
                session: manifest.session.clone(),
                title: manifest.task.clone(),
                by,
                file: output.path.clone(),
                from: format!("the manifest in {}", world.short(&folder)),
                time: output.modified,
                same_bytes: thing.same_bytes(blake3),
            });
        }
    }
    all
}

/// The sessions whose conversations may have written it: those in which a tool was called with its name.
fn candidates(known: &[Known], thing: &Thing, stop: &Stop) -> Vec<usize> {
    let filter = Filter { voices: vec![Voice::Call], ..Filter::default() };
    let Ok(query) = Query::read(&format!("\"{}\"", thing.name.replace('"', " ")), filter) else { return Vec::new() };
    let has = |known: &Known| read::all(std::slice::from_ref(known), &query, &query.filter, 1, stop).total != Some(0);
    known.par_iter().enumerate().filter(|(_, known)| has(known)).map(|(at, _)| at).collect()
}

fn of_conversation(session: &Session, known: &Known, thing: &Thing) -> Vec<Maker> {
    let mut heard = Heard::default();
    let told = transcript::open(session).ok().flatten().map(|talk| {
        talk.tell(&mut |event| {
            heard.take(&event);
            Ok(())
        })
    });
    if !matches!(told, Some(Ok(_))) {
        return Vec::new();
    }
    let of = |(path, written): (String, crate::manifest::Written)| {
        let blake3 = written.blake3.as_deref();
        let by = thing.is(&path, blake3, Some(session))?;
        Some(maker(known, by, path, written.from.clone(), written.at, thing.same_bytes(blake3)))
    };
    heard.written.into_iter().filter_map(of).collect()
}
