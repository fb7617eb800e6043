//! The sessions that stand as files in `storage/`: the generation up to 1.1.

use crate::model::{Kind, Session};
use crate::stores::folders::Folders;
use crate::stores::text::time;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What lies in `storage/` of each session, by its id: its own file first, then its messages, parts, list and diffs.
pub fn files(folders: &mut Folders<'_>, root: &Path) -> BTreeMap<String, Vec<PathBuf>> {
    let storage = root.join("storage");
    let mut all: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    for project in folders.folders(&storage.join("session")) {
        for file in folders.list(&project.path).into_iter().filter(|n| n.facts.kind == Kind::File) {
            if let Some(id) = file.text().strip_suffix(".json").filter(|id| id.starts_with("ses_")) {
                all.entry(id.to_owned()).or_default().push(file.path);
            }
        }
    }
    for folder in folders.folders(&storage.join("message")) {
        let own = all.entry(folder.text()).or_default();
        for message in folders.list(&folder.path) {
            if let Some(id) = message.text().strip_suffix(".json") {
                own.push(storage.join("part").join(id));
            }
        }
        own.push(folder.path);
    }
    for kind in ["todo", "session_diff", "session_share"] {
        for file in folders.list(&storage.join(kind)).into_iter().filter(|n| n.facts.kind == Kind::File) {
            if let Some(id) = file.text().strip_suffix(".json") {
                all.entry(id.to_owned()).or_default().push(file.path);
            }
        }
    }
    all
}

/// A session that stands in no database, out of its file.
pub fn session(folders: &mut Folders<'_>, id: &str, files: Vec<PathBuf>) -> Session {
    let own = files.iter().find(|p| p.components().rev().nth(2).is_some_and(|c| c.as_os_str() == "session")).cloned();
    let read = own.as_ref().map(|path| folders.text(path).map(|bytes| serde_json::from_slice::<Value>(&bytes)));
    let mut notes = Vec::new();
    let info = match read {
        Some(Ok(Ok(info))) => info,
        Some(Ok(Err(e))) => {
            notes.push(format!("its file cannot be understood: {e}"));
            Value::Null
        }
        Some(Err(e)) => {
            notes.push(format!("its file cannot be read: {e}"));
            Value::Null
        }
        None => {
            notes.push("a rest of a session: opencode does not list it".into());
            Value::Null
        }
    };
    if own.is_some() {
        notes.push("it stands in files alone; opencode from 1.18 on does not list it and takes nothing over".into());
    }
    let text = |key: &str| info.get(key).and_then(Value::as_str).map(str::to_owned);
    let at = |key: &str| info.get("time").and_then(|t| t.get(key)).and_then(time);
    let directory = text("directory").map(PathBuf::from);
    Session {
        id: id.to_owned(),
        title: text("title").filter(|t| !t.trim().is_empty()).unwrap_or_else(|| id.to_owned()),
        started: at("created"),
        last_active: at("updated"),
        archived: at("archived").is_some(),
        starter: text("parentID"),
        folders: directory.into_iter().filter(|d| d.is_dir()).collect(),
        record: own,
        extra: files,
        notes,
        ..Session::default()
    }
}
