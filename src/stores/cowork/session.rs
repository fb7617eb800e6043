//! One session out of its record, its folder, or both.

use super::ghost;
use super::record::{Mode, Record, Space};
use crate::model::{Kind, Session};
use crate::stores::folders::{Folders, Name};
use crate::stores::names::ends;
use crate::world::World;
use jiff::Timestamp;
use std::path::Path;

/// A session, and what the store wants to know of it besides.
#[derive(Debug)]
pub struct Read {
    /// The session.
    pub session: Session,
    /// Where it runs, where that can be told.
    pub mode: Option<Mode>,
}

/// A session with a record; `dir` is its folder where it has one.
pub fn recorded(world: &World, folders: &mut Folders<'_>, name: &Name, dir: Option<&Name>, spaces: &[Space]) -> Read {
    let stem = name.text().trim_end_matches(".json").to_owned();
    let mut notes = Vec::new();
    let record = match open(folders, name) {
        Ok(bytes) => {
            let record = Record::read(&bytes);
            notes.extend(record.faults());
            record
        }
        Err(why) => {
            notes.push(format!("the record cannot be read: {why}"));
            Record::default()
        }
    };
    notes.extend(kind_of(&record));
    if dir.is_none() {
        notes.push(ghost::NO_FOLDER.into());
    }
    let id = record.text("sessionId").map_or(stem, str::to_owned);
    let (content, seen) = dir.map_or((None, None), |d| content(folders, &d.path));
    notes.extend(content);
    Read {
        mode: record.mode().or(seen),
        session: Session {
            starter: record.text("parentSessionId").map(str::to_owned),
            title: record.title().unwrap_or_else(|| id.clone()),
            started: record.time("createdAt"),
            last_active: record.time("lastActivityAt").or_else(|| newest(folders, &dir?.path)),
            archived: record.flag("isArchived").unwrap_or(false),
            folders: record.folders(world, spaces),
            dir: dir.map(|d| d.path.clone()),
            record: Some(name.path.clone()),
            conversation: record.text("cliSessionId").map(str::to_owned),
            vm_name: record.text("vmProcessName").or_else(|| record.text("processName")).map(str::to_owned),
            model: record.text("model").map(str::to_owned),
            id,
            notes,
            ..Session::default()
        },
    }
}

/// A folder without a record: the app does not list it.
pub fn orphan(folders: &mut Folders<'_>, dir: &Name) -> Read {
    let id = dir.text();
    let (content, mode) = content(folders, &dir.path);
    let mut notes = vec![ghost::NO_RECORD.to_owned()];
    notes.extend(content);
    let last_active = newest(folders, &dir.path);
    Read { mode, session: Session { title: id.clone(), id, last_active, dir: Some(dir.path.clone()), notes, ..Session::default() } }
}

fn open(folders: &mut Folders<'_>, name: &Name) -> Result<Vec<u8>, String> {
    match (name.facts.kind, name.facts.placeholder) {
        (_, true) => Err("its content is in a cloud and was not fetched".into()),
        (Kind::File, false) => folders.text(&name.path).map_err(|e| e.to_string()),
        (Kind::Symlink, false) => Err("it is a link, which is not followed".into()),
        _ => Err("it is not a file".into()),
    }
}

/// What sort of session it is, where it is not an ordinary one.
fn kind_of(record: &Record) -> Option<String> {
    let parent = record.text("parentSessionId");
    let from = |what: &str| parent.map_or_else(|| what.to_owned(), |p| format!("{what}, started by {p}"));
    match record.text("sessionType") {
        Some("scheduled") => Some("a scheduled run".into()),
        Some("agent") => Some("a dispatch agent".into()),
        Some("dispatch_child") => Some(from("a task of a dispatch agent")),
        Some(other) => Some(from(&format!("a session of the kind {other}"))),
        None => parent.map(|p| format!("started by {p}")),
    }
}

/// What is odd about the conversation, and where the session ran by the name of the conversation's folder.
fn content(folders: &mut Folders<'_>, dir: &Path) -> (Option<String>, Option<Mode>) {
    let Some(slugs) = folders.try_list(&dir.join(".claude").join("projects")) else { return (None, None) };
    let Some(names) = folders.try_list(dir) else { return (None, None) };
    let mut mode = None;
    for slug in slugs.iter().filter(|s| s.facts.kind == Kind::Dir) {
        mode = Some(if slug.bytes.starts_with(b"-sessions-") { Mode::Vm } else { Mode::Host });
        let Some(files) = folders.try_list(&slug.path) else { return (None, mode) };
        if files.iter().any(|f| f.facts.kind == Kind::File && ends(&f.bytes, &[".jsonl"])) {
            return (None, mode);
        }
    }
    let audit = names.iter().any(|n| n.facts.kind == Kind::File && n.bytes == b"audit.jsonl" && n.facts.size > 0);
    let note = if audit { ghost::LOG_ONLY } else { ghost::SILENT };
    (Some(note.into()), mode)
}

/// The newest change of a file directly in a folder. A folder's own time says only that something was put into it or
/// taken out, by whomever.
fn newest(folders: &mut Folders<'_>, dir: &Path) -> Option<Timestamp> {
    let last = folders.list(dir).iter().filter(|n| n.facts.kind == Kind::File).map(|n| n.facts.mtime_ns).max()?;
    Timestamp::from_nanosecond(last.into()).ok()
}
