//! What was seen of the sessions, a record a day: so that what is gone can be told after it went.
//!
//! A scan of everything writes the first record of a day, and drops those older than two weeks; one that only looks writes
//! none. The first of a day stays: a scan right after a loss must not take its place.

use crate::error::{Error, Result};
use crate::model::{Catalog, Class, Kind, PathText, Proof};
use crate::vault::own::{self, Mode};
use crate::world::World;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;

/// What the first line says.
pub const SCHEMA: &str = "lifeboat.seen/1";

/// So long a record is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(14 * 24);

/// A record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// When.
    pub at: Timestamp,
    /// The sessions.
    pub sessions: Vec<Session>,
    /// What was not rebuildable.
    pub files: Vec<File>,
}

/// A session as it was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its store's name.
    pub store: String,
}

/// A file as it was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Where.
    #[serde(with = "crate::model::json_path::exact")]
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
    /// The session it belongs to, by its place in the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<usize>,
    /// A proven copy outside of every session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copy: Option<PathText>,
}

#[derive(Serialize, Deserialize)]
struct Head {
    schema: String,
    at: Timestamp,
    sessions: Vec<Session>,
}

/// Writes down what a scan of everything saw, where today has no record yet.
pub fn keep(world: &World, catalog: &Catalog) -> Result<()> {
    let folder = folder(world);
    let file = folder.join(format!("{}.jsonl.zst", world.now().strftime("%Y-%m-%d")));
    if file.exists() || catalog.sessions.is_empty() {
        return Ok(());
    }
    let seen = Seen::of(world.now(), catalog);
    std::fs::create_dir_all(&folder).map_err(|e| Error::io("cannot make the folder of what was seen", &folder, e))?;
    let bytes = seen.bytes().map_err(|e| Error::io("cannot write down what was seen", &file, e))?;
    own::replace(&file, &bytes, Mode::Private)?;
    for old in names(world) {
        let day = old.file_name().and_then(|n| n.to_str()?.get(..10)?.parse::<jiff::civil::Date>().ok());
        let at = day.and_then(|day| day.to_zoned(jiff::tz::TimeZone::UTC).ok());
        if at.is_some_and(|at| world.now().duration_since(at.timestamp()) > KEPT) {
            own::discard(&old);
        }
    }
    Ok(())
}

/// Every record there is, the newest first; one that cannot be read is passed over.
pub fn all(world: &World) -> Vec<Seen> {
    names(world).iter().rev().filter_map(|file| Seen::read(&std::fs::read(file).ok()?)).collect()
}

fn folder(world: &World) -> PathBuf {
    world.state_dir.join("seen")
}

/// The records' files, the oldest first.
fn names(world: &World) -> Vec<PathBuf> {
    let names = std::fs::read_dir(folder(world)).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut all: Vec<PathBuf> = names.filter(|path| path.to_string_lossy().ends_with(".jsonl.zst")).collect();
    all.sort();
    all
}

impl Seen {
    /// What a catalogue has.
    pub fn of(at: Timestamp, catalog: &Catalog) -> Self {
        let session = |s: &crate::model::Session| Session {
            id: s.id.clone(),
            title: s.title.clone(),
            store: s.store.map_or_else(String::new, |ix| catalog.store(ix).name.to_owned()),
        };
        let kept = catalog.ids().filter(|id| {
            let node = catalog.node(*id);
            node.kind == Kind::File && node.class != Class::Rebuildable && node.session.is_some()
        });
        let file = |id| {
            let node = catalog.node(id);
            let copy = match &catalog.verdict(id).proof {
                Some(Proof::SameInode { copy } | Proof::SameBytes { copy, .. }) => Some(PathText::new(copy)),
                _ => None,
            };
            File { path: catalog.path(id), bytes: node.size, of: node.session.map(crate::model::SessionIx::index), copy }
        };
        Self { at, sessions: catalog.sessions.iter().map(session).collect(), files: kept.map(file).collect() }
    }

    fn bytes(&self) -> std::io::Result<Vec<u8>> {
        let head = Head { schema: SCHEMA.to_owned(), at: self.at, sessions: self.sessions.clone() };
        let mut out = zstd::Encoder::new(Vec::new(), 1)?;
        serde_json::to_writer(&mut out, &head)?;
        for file in &self.files {
            out.write_all(b"\n")?;
            serde_json::to_writer(&mut out, file)?;
        }
        out.write_all(b"\n")?;
        out.finish()
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let mut lines = BufReader::new(zstd::Decoder::new(bytes).ok()?).lines();
        let head: Head = serde_json::from_str(&lines.next()?.ok()?).ok()?;
        let files = lines.map_while(Result::ok).filter_map(|line| serde_json::from_str(&line).ok()).collect();
        (head.schema == SCHEMA).then_some(Self { at: head.at, sessions: head.sessions, files })
    }
}
