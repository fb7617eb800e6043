//! Finds the sessions of a root: conversations in each project's folder, with what else lies there for them.

use super::chat::{self, is_chat};
use super::live;
use super::place::Place;
use super::projects::Projects;
use super::retention::Rule;
use crate::model::{Kind, Script, Session, Store};
use crate::stores::Found;
use crate::stores::folders::{Folders, Name};
use crate::stores::names::is_uuid;
use crate::world::World;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// How the note on a conversation that cannot be read begins.
const TORN: &str = "the conversation cannot all be read";

/// Reads the conversations' ends below a root.
pub fn read(world: &World, root: &Path) -> Found {
    let mut folders = Folders::new(root);
    let projects = Projects::read(&mut folders, root);
    let app = live::running(world.processes().as_deref());
    let mut sessions = Vec::new();
    let mut unnamed = 0_u64;
    let mut sweeps = BTreeSet::new();
    for dir in folders.folders(&root.join("tmp")).into_iter().filter(|d| d.bytes != b"bin") {
        let project = projects.of(&mut folders, &dir.path, &dir.text());
        let mut found = of_project(&mut folders, root, &dir.path, project.as_deref());
        // It deletes by itself only where it can be started.
        if let Some(project) = project.as_deref().filter(|p| p.is_dir() && !found.is_empty())
            && let Some(rule) = Rule::of(world, &mut folders, root, project)
        {
            rule.mark(world.now(), &mut found, &|s| s.notes.iter().any(|note| note.starts_with(TORN)));
            sweeps.insert(rule.says());
        }
        unnamed += u64::from(project.is_none() && !found.is_empty());
        sessions.extend(found);
    }
    for session in &mut sessions {
        // It keeps neither a lock nor the file open, so that any session may be the one in use.
        session.live = app.as_ref().map(|why| format!("{why}, and which session is in use cannot be told"));
    }
    sessions.sort_by(|a, b| b.last_active.cmp(&a.last_active).then_with(|| a.id.cmp(&b.id)));
    let layout = if sessions.is_empty() { "empty" } else { "projects" };
    let mut notes: Vec<String> = sweeps.into_iter().collect();
    if unnamed > 0 {
        let what = if unnamed == 1 { "a project is" } else { "projects are" };
        notes
            .push(format!("{unnamed} {what} in no list of Gemini's; what it deletes by itself it deletes only while it runs in a project"));
    }
    Found {
        store: Store { name: "gemini", title: "Gemini", root: root.to_path_buf(), layout: layout.into(), notes, live: app, node: None },
        sessions,
        root_spot: Place::Home.spot(),
        errors: folders.errors,
    }
}

/// The sessions of one project, each with everything that goes when Gemini deletes it.
fn of_project(folders: &mut Folders<'_>, root: &Path, dir: &Path, project: Option<&Path>) -> Vec<Session> {
    let chats: Vec<Name> = folders
        .list(&dir.join("chats"))
        .into_iter()
        .filter(|n| n.facts.kind == Kind::File && !n.facts.placeholder && is_chat(&n.bytes))
        .collect();
    let mut all: BTreeMap<String, Session> = BTreeMap::new();
    for name in chats {
        let told = chat::read(root, &name.path);
        let stem = name.text().trim_end_matches(".jsonl").trim_end_matches(".json").to_owned();
        let id = told.id.clone().unwrap_or(stem);
        if let Some(session) = all.get_mut(&id) {
            session.last_active = session.last_active.max(told.last);
            session.extra.push(name.path);
            continue;
        }
        let changed = || Timestamp::from_nanosecond(name.facts.mtime_ns.into()).ok();
        let mut notes = Vec::new();
        notes.extend(told.broken.map(|why| format!("{TORN}: {why}")));
        notes.extend(told.agent.then(|| "a sub-agent".to_owned()));
        let session = Session {
            title: told.title.unwrap_or_else(|| id.clone()),
            started: told.started,
            last_active: told.last.or_else(changed),
            folders: project.map(Path::to_path_buf).filter(|p| p.is_absolute()).into_iter().collect(),
            script: Script::Gemini(name.path.clone()),
            record: Some(name.path),
            conversation: Some(id.clone()),
            extra: beside(folders, dir, &id),
            notes,
            id: id.clone(),
            ..Session::default()
        };
        all.insert(id, session);
    }
    all.into_values().collect()
}

/// What else lies in a project's folder for one session.
fn beside(folders: &mut Folders<'_>, dir: &Path, id: &str) -> Vec<PathBuf> {
    // An id is only ever one name; anything else would lead elsewhere, and `chats` is no session.
    if !is_uuid(id.as_bytes()) {
        return Vec::new();
    }
    let log = dir.join("logs").join(format!("session-{id}.jsonl"));
    let owned = [dir.join("chats").join(id), dir.join("tool-outputs").join(format!("session-{id}")), dir.join(id)];
    let logs = folders.list(&dir.join("logs")).into_iter().any(|n| n.path == log);
    let mut all: Vec<PathBuf> = owned.into_iter().filter(|path| folders.has_folder(path)).collect();
    all.extend(logs.then_some(log));
    all
}
