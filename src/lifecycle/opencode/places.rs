//! Where an opencode store keeps what: its databases, and the files of the JSON generation.

use super::forest::Member;
use crate::database::Header;
use crate::model::Kind;
use crate::platform::facts;
use crate::stores::opencode;
use crate::world::World;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A log this large is not looked through.
const LOG: usize = 256 << 20;

/// The parts of one store.
#[derive(Debug, Clone)]
pub struct Places {
    /// Its data folder.
    pub root: PathBuf,
    /// Its databases, the usual one first.
    pub databases: Vec<PathBuf>,
}

impl Places {
    /// Looks at a data folder.
    pub fn of(world: &World, root: &Path) -> Self {
        let mut databases: Vec<PathBuf> =
            opencode::databases(root).into_iter().filter(|p| matches!(Header::read(p), Ok(Some(_)))).collect();
        // `OPENCODE_DB` names another, anywhere, or one in the folder.
        if let Some(named) = world.path_var("OPENCODE_DB").filter(|p| p.as_os_str() != ":memory:").map(|p| root.join(p))
            && !databases.contains(&named)
            && matches!(Header::read(&named), Ok(Some(_)))
        {
            databases.push(named);
        }
        Self { root: root.to_path_buf(), databases }
    }

    /// The records of the JSON generation.
    pub fn session_files(&self) -> Vec<PathBuf> {
        let projects = listed(&self.root.join("storage/session"));
        let older = listed(&self.root.join("project")).into_iter().map(|project| project.join("storage/session/info"));
        let json = |path: &PathBuf| path.extension().is_some_and(|end| end == "json") && is(path, Kind::File);
        let mut all: Vec<PathBuf> = projects.into_iter().chain(older).flat_map(|folder| listed(&folder)).filter(json).collect();
        all.sort();
        all
    }

    /// When a session of the JSON generation last did something by its messages, milliseconds since 1970.
    pub fn newest_in_files(&self, id: &str) -> i64 {
        if !plain(id) {
            return 0;
        }
        listed(&self.root.join("storage/message").join(id)).iter().map(|file| told(file)).max().unwrap_or(0)
    }

    /// Log files that name one of these sessions, each with the session. Logs are made anew.
    pub fn logs_of(&self, ids: &BTreeSet<&str>) -> Vec<(PathBuf, String)> {
        let logs = listed(&self.root.join("log")).into_iter().filter(|path| is(path, Kind::File));
        let named = logs.filter_map(|path| {
            let text = std::fs::read(&path).ok().filter(|text| text.len() < LOG)?;
            let mut words = memchr::memmem::find_iter(&text, b"ses_").filter_map(|at| {
                let rest = text.get(at..)?;
                let end = rest.iter().position(|b| !b.is_ascii_alphanumeric() && *b != b'_').unwrap_or(rest.len());
                std::str::from_utf8(rest.get(..end)?).ok()
            });
            words.find(|word| ids.contains(word)).map(str::to_owned).map(|id| (path, id))
        });
        named.collect()
    }

    /// How a session is spoken of: by its database, else by its record.
    pub fn spoken(&self, member: &Member, id: &str) -> PathBuf {
        let database = member.databases.first().and_then(|at| self.databases.get(*at));
        database.map(|path| inside(path, id)).or_else(|| member.file.clone()).unwrap_or_else(|| self.root.clone())
    }

    /// Everything outside the databases that belongs to a session and to nothing else. `messages` are ids that the databases
    /// know of it, besides those whose files tell of themselves.
    pub fn files_of(&self, id: &str, messages: &[String]) -> Vec<PathBuf> {
        if !plain(id) {
            return Vec::new();
        }
        let storage = self.root.join("storage");
        let json = format!("{id}.json");
        let mut all = Vec::new();
        for folder in listed(&storage.join("session")) {
            all.push(folder.join(&json));
        }
        for folder in ["todo", "session_share", "session_diff"] {
            all.push(storage.join(folder).join(&json));
        }
        let own = storage.join("message").join(id);
        let stems = listed(&own).into_iter().filter_map(|f| f.file_stem().map(|s| s.to_string_lossy().into_owned()));
        let mut ids: Vec<String> = stems.chain(messages.iter().cloned()).filter(|m| plain(m)).collect();
        ids.sort();
        ids.dedup();
        all.extend(ids.iter().map(|m| storage.join("part").join(m)).filter(|folder| all_of(folder, id)));
        all.push(own);
        for project in listed(&self.root.join("project")) {
            let session = project.join("storage/session");
            all.extend([session.join("info").join(&json), session.join("message").join(id), session.join("part").join(id)]);
        }
        all.retain(|path| facts(path).is_ok());
        all
    }
}

/// The largest time that a message of the JSON generation tells of itself.
fn told(file: &Path) -> i64 {
    let value = std::fs::read(file).ok().and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    let time = |key: &str| value.as_ref()?.get("time")?.get(key)?.as_i64();
    ["created", "completed", "updated"].into_iter().filter_map(time).max().unwrap_or(0)
}

/// Whether every part in a folder says that it is of this session.
fn all_of(folder: &Path, id: &str) -> bool {
    listed(folder).iter().all(|file| {
        let said = std::fs::read(file).ok().and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
        said.is_none_or(|value| value.get("sessionID").and_then(Value::as_str).is_none_or(|said| said == id))
    })
}

/// Whether an id is a plain name: no way into another folder.
fn plain(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
}

/// The path that a session's rows in a database are spoken of by.
pub fn inside(database: &Path, id: &str) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push("!/session/");
    path.push(id);
    path.into()
}

fn is(path: &Path, kind: Kind) -> bool {
    facts(path).is_ok_and(|f| f.kind == kind)
}

fn listed(folder: &Path) -> Vec<PathBuf> {
    // A link to elsewhere is not followed.
    if !is(folder, Kind::Dir) {
        return Vec::new();
    }
    std::fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()).collect()
}
