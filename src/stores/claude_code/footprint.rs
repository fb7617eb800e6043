//! Everything that belongs to one session, wherever the client puts it.

use super::names::{is_helper, uuid_in};
use crate::model::{Kind, Session, from_bytes};
use crate::stores::folders::{Folders, Name};
use crate::stores::names::ends;
use crate::stores::turn;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Folders in which names hold the id of the session that a thing belongs to; the folder itself is one.
const BY_ID: &[&str] = &[
    "file-history",
    "session-env",
    "debug",
    "tasks",
    "todos",
    "teams",
    "security",
    "telemetry",
    "image-cache",
    "uploads",
    "dev-mods",
    "jobs",
    "",
];

/// What lies outside of `projects`, by the id of the session it belongs to.
pub fn elsewhere(folders: &mut Folders<'_>, root: &Path) -> HashMap<String, Vec<PathBuf>> {
    let mut found: HashMap<String, Vec<PathBuf>> = HashMap::new();
    for folder in BY_ID {
        for name in folders.list(&root.join(folder)) {
            let id = uuid_in(&name.bytes).map(str::to_owned).or_else(|| (*folder == "jobs").then(|| job(folders, &name)).flatten());
            if let Some(id) = id {
                found.entry(id).or_default().push(name.path);
            }
        }
    }
    found
}

/// The session a background job works on, as its state tells.
fn job(folders: &mut Folders<'_>, name: &Name) -> Option<String> {
    let text = (name.facts.kind == Kind::Dir).then(|| folders.text(&name.path.join("state.json")).ok()).flatten()?;
    let value: serde_json::Value = serde_json::from_slice(&text).ok()?;
    let id = ["sessionId", "session_id"].iter().find_map(|key| value.get(*key)?.as_str())?;
    uuid_in(id.as_bytes()).map(str::to_owned)
}

/// A session's plans: files named as its records say. A helper's plan has the helper's name behind.
pub fn plans(names: &[Name], slugs: &[String]) -> Vec<PathBuf> {
    let of = |name: &&Name| {
        let stem = name.bytes.strip_suffix(b".md").map(|s| from_bytes(s).to_string_lossy().into_owned());
        stem.is_some_and(|stem| {
            slugs.iter().any(|s| stem == *s || stem.strip_prefix(s.as_str()).is_some_and(|rest| rest.starts_with("-agent-")))
        })
    };
    names.iter().filter(of).map(|name| name.path.clone()).collect()
}

/// The files by whose ends a turn is told to be open: the transcript, and the newest of its helpers'.
pub fn transcripts(root: &Path, session: &Session) -> Vec<(&'static str, PathBuf)> {
    let mut folders = Folders::new(root);
    let below = session.dir.iter().flat_map(|dir| folders.list(&dir.join("subagents"))).filter(|n| ends(&n.bytes, &[".jsonl"]));
    let helpers = turn::newest(below.filter(|n| is_helper(&n.bytes)).collect());
    let main = session.record.clone().map(|path| ("the transcript", path));
    main.into_iter().chain(helpers.map(|name| ("a helper's transcript", name.path))).collect()
}
