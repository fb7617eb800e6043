//! Finds the sessions of a root: those in its databases, and those in files alone.

use super::layout::is_store;
use super::place::Place;
use super::rows::{Generation, SessionRow};
use super::{json, process, rows};
use crate::database;
use crate::model::{Kind, ScanError, Script, Session, Store};
use crate::stores::Found;
use crate::stores::folders::Folders;
use crate::stores::text::time;
use crate::world::World;
use jiff::Timestamp;
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

/// The databases below a root, by name: `opencode.db` first, then those of other channels.
pub fn databases(root: &Path) -> Vec<PathBuf> {
    let names = Folders::new(root).list(root);
    let plain = |n: &[u8]| n.ends_with(b".db") && is_store(n);
    let mut found: Vec<PathBuf> = names.into_iter().filter(|n| n.facts.kind == Kind::File && plain(&n.bytes)).map(|n| n.path).collect();
    found.sort_by_key(|p| (!p.ends_with("opencode.db"), p.clone()));
    found
}

/// Reads the sessions below a root.
pub fn read(world: &World, root: &Path) -> Found {
    let mut folders = Folders::new(root);
    let mut files = json::files(&mut folders, root);
    let (mut sessions, mut notes, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
    let mut layout = Vec::new();
    let mut unread = false;
    for path in databases(root) {
        match of(&path, &mut layout, &mut notes) {
            Ok(rows) => {
                let channel = path.file_stem().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
                for row in rows {
                    if seen.insert(row.id.clone()) {
                        sessions.push(Session { script: Script::Rows(path.clone()), ..session(row, &channel, &mut files) });
                    }
                }
            }
            Err(e) => {
                unread = true;
                let cause = std::error::Error::source(&e).map(|c| format!(": {c}")).unwrap_or_default();
                folders.errors.push(ScanError { path, error: format!("{e}{cause}") });
            }
        }
    }
    if !files.is_empty() && files.values().any(|f| f.iter().any(|p| p.components().any(|c| c.as_os_str() == "session"))) {
        layout.push("json");
    }
    for (id, own) in files {
        let script = Script::Files(root.join("storage"));
        sessions.push(Session { script, ..json::session(&mut folders, &id, own) });
    }
    if unread {
        notes.push("a database could not be read, so sessions are missing from this list".into());
    }
    sessions.sort_by(|a, b| b.last_active.cmp(&a.last_active).then_with(|| a.id.cmp(&b.id)));
    let live = process::running(world);
    for session in &mut sessions {
        session.live.clone_from(&live);
    }
    layout.dedup();
    let layout = if layout.is_empty() { "empty".to_owned() } else { layout.join("+") };
    Found {
        store: Store { name: "opencode", title: "opencode", root: root.to_path_buf(), layout, notes, live, node: None },
        sessions,
        root_spot: Place::Root.spot(),
        errors: folders.errors,
    }
}

/// The sessions of one database; what it is goes to `layout`, what is odd about it to `notes`.
fn of(path: &Path, layout: &mut Vec<&'static str>, notes: &mut Vec<String>) -> crate::error::Result<Vec<SessionRow>> {
    let database = database::open(path)?;
    let schema = database.schema()?;
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    for (generation, word) in [(Generation::First, "sqlite-v1"), (Generation::Second, "sqlite-v2")] {
        if rows::is_known(&schema, generation) {
            layout.push(word);
        } else if schema.has(generation.table()) {
            notes.push(format!(
                "{name}: the table {} is not as it is known, so the sessions in it are not listed and nothing in it is changed",
                generation.table()
            ));
        }
    }
    if schema.tables.is_empty() {
        notes.push(format!("{name} has no tables"));
    }
    let rows = rows::sessions(&database, &schema)?;
    if database.moved() {
        notes.push(format!("{name} changed while it was read"));
    }
    Ok(rows)
}

fn session(row: SessionRow, channel: &str, files: &mut BTreeMap<String, Vec<PathBuf>>) -> Session {
    let mut notes = Vec::new();
    if row.generation == Generation::First && row.twice {
        notes.push("it stands in both generations of tables".into());
    }
    if channel != "opencode" {
        notes.push(format!("in the database of another channel ({channel}.db)"));
    }
    if let Some(parent) = &row.parent {
        notes.push(format!("started by {parent}"));
    }
    let extra = files.remove(&row.id).unwrap_or_default();
    if extra.iter().any(|p| p.components().any(|c| c.as_os_str() == "message")) {
        notes.push("its files from before the database are still there".into());
    }
    let ms = |at: i64| -> Option<Timestamp> { time(&at.into()) };
    let title = if row.title.trim().is_empty() { row.id.clone() } else { row.title };
    let directory = PathBuf::from(&row.directory);
    let model = row.model.and_then(|m| serde_json::from_str::<serde_json::Value>(&m).ok());
    Session {
        title,
        started: ms(row.created),
        last_active: ms(row.updated),
        archived: row.archived.is_some(),
        starter: row.parent,
        folders: if directory.is_absolute() && directory.is_dir() { vec![directory] } else { Vec::new() },
        model: model.and_then(|m| m.get("id").and_then(serde_json::Value::as_str).map(str::to_owned)),
        id: row.id,
        extra,
        notes,
        ..Session::default()
    }
}
