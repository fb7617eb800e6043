//! Finds the sessions of a root: rollouts in `sessions` and `archived_sessions`, plain and packed.

use super::names::{is_number, is_snapshot, rollout, thread};
use super::place::Place;
use super::rollout::{self as ends, Told};
use super::roots::databases;
use super::threads::{self, Threads};
use super::{helpers, live, locks};
use crate::model::{Kind, Script, Session, Store};
use crate::platform;
use crate::stores::Found;
use crate::stores::folders::{Folders, Name};
use crate::world::World;
use jiff::Timestamp;
use rayon::prelude::*;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

/// Reads the rollouts' ends below a root.
pub fn read(world: &World, root: &Path) -> Found {
    let mut folders = Folders::new(root);
    let mut all: BTreeMap<String, Vec<File>> = BTreeMap::new();
    gather(&mut folders, &root.join("sessions"), 3, false, &mut all);
    gather(&mut folders, &root.join("archived_sessions"), 0, true, &mut all);
    let mut beside = beside(&mut folders, root);
    let app = live::running(world.processes().as_deref());
    // Where neither locks nor what is open can be told, any Codex may have any session open.
    let blind = app.clone().filter(|_| !cfg!(target_os = "linux") && !folders.has_folder(&root.join("thread-writer-locks")));
    let own = folders.has_folder(&root.join("sessions"));
    let packed = all.values().flatten().filter(|f| f.packed).count();
    let mut sessions: Vec<Session> = all.into_par_iter().map(|(id, files)| session(root, id, files)).collect();
    for session in &mut sessions {
        session.extra.extend(beside.remove(&session.id).unwrap_or_default());
        let lock = root.join("thread-writer-locks").join(format!("{}.lock", session.id));
        session.live = locks::held(platform::open_beneath(root, &lock)).or_else(|| blind.clone());
    }
    let mut errors = folders.errors;
    let mut notes = Vec::new();
    if !sessions.is_empty() {
        let mut threads = threads::read(&databases(world, root));
        errors.append(&mut threads.errors);
        notes.extend(listed(&mut sessions, &threads));
        helpers::note(&mut sessions);
    }
    sessions.sort_by(|a, b| b.last_active.cmp(&a.last_active).then_with(|| a.id.cmp(&b.id)));
    let layout = match (sessions.is_empty(), own) {
        (false, _) => "rollouts",
        (true, true) => "empty",
        (true, false) => "databases",
    };
    if packed > 0 {
        notes.push(format!("{packed} conversations are packed; when they were last active is taken from the file's time"));
    }
    Found {
        store: Store { name: "codex", title: "Codex", root: root.to_path_buf(), layout: layout.into(), notes, live: app, node: None },
        sessions,
        root_spot: if threads::logs_alone(root) { Place::HomeWithLogs } else { Place::Home }.spot(),
        errors,
    }
}

/// Takes titles, archived flags and starters from the list of sessions; gives what is odd about it.
fn listed(sessions: &mut [Session], threads: &Threads) -> Option<String> {
    for session in sessions.iter_mut() {
        session.starter = session.starter.take().or_else(|| threads.starters.get(&session.id).cloned());
        let Some(thread) = threads.all.get(&session.id) else { continue };
        session.title = thread.title.clone().unwrap_or_else(|| std::mem::take(&mut session.title));
        if thread.archived != session.archived {
            let says = if thread.archived { "archived" } else { "not archived" };
            session.notes.push(format!("the list of sessions says it is {says}; where its file lies counts"));
        }
    }
    let known: HashSet<&str> = sessions.iter().map(|s| s.id.as_str()).collect();
    let gone = threads.all.keys().filter(|id| !known.contains(id.as_str())).count();
    (gone > 0).then(|| format!("{gone} in the list of sessions have no conversation here any more; their titles exist only in the list"))
}

/// A file of a conversation.
struct File {
    path: PathBuf,
    mtime_ns: i64,
    packed: bool,
    archived: bool,
}

/// The rollouts in a folder and so many levels of numbered folders below it, by the id in their names.
fn gather(folders: &mut Folders<'_>, dir: &Path, levels: u32, archived: bool, all: &mut BTreeMap<String, Vec<File>>) {
    for name in folders.list(dir) {
        match (name.facts.kind, rollout(&name.bytes)) {
            (Kind::File, Some((id, packed))) if !name.facts.placeholder => {
                let file = File { path: name.path.clone(), mtime_ns: name.facts.mtime_ns, packed, archived };
                all.entry(id.to_ascii_lowercase()).or_default().push(file);
            }
            (Kind::Dir, _) if levels > 0 && is_number(&name.bytes) => gather(folders, &name.path, levels - 1, archived, all),
            _ => {}
        }
    }
}

/// What lies elsewhere for single sessions: locks, snapshots of the shell, images.
fn beside(folders: &mut Folders<'_>, root: &Path) -> HashMap<String, Vec<PathBuf>> {
    let mut all: HashMap<String, Vec<PathBuf>> = HashMap::new();
    let mut take = |names: Vec<Name>, id: fn(&Name) -> Option<&str>| {
        for name in names {
            if let Some(id) = id(&name) {
                all.entry(id.to_ascii_lowercase()).or_default().push(name.path.clone());
            }
        }
    };
    take(folders.list(&root.join("thread-writer-locks")), |n| thread(&n.bytes));
    take(folders.list(&root.join("shell_snapshots")), |n| thread(&n.bytes).filter(|_| is_snapshot(&n.bytes)));
    take(folders.folders(&root.join("generated_images")), |n| {
        std::str::from_utf8(&n.bytes).ok().filter(|_| crate::stores::names::is_uuid(&n.bytes))
    });
    all
}

fn session(root: &Path, id: String, mut files: Vec<File>) -> Session {
    // The one Codex reads first: the file itself before a packed one, one that is not archived before one that is.
    files.sort_by_key(|f| (f.archived, f.packed, std::cmp::Reverse(f.mtime_ns)));
    let mut files = files.into_iter();
    let Some(main) = files.next() else { return Session { id, ..Session::default() } };
    let told: Told = ends::read(root, &main.path, main.packed);
    let extra: Vec<File> = files.collect();
    let mut notes = Vec::new();
    notes.extend(told.broken.map(|why| format!("its first line cannot be read: {why}")));
    notes.extend(told.starter.as_ref().map(|s| format!("a sub-agent, started by {s}")));
    notes.extend(told.forked.map(|f| format!("a branch of {f}")));
    if main.packed {
        notes.push("packed; Codex unpacks it when it goes on".into());
    } else if extra.iter().any(|f| f.packed) {
        notes.push("there is a packed copy beside it".into());
    }
    if extra.iter().any(|f| f.archived != main.archived) {
        notes.push("it lies in sessions and in archived_sessions".into());
    }
    let changed = || Timestamp::from_nanosecond(main.mtime_ns.into()).ok();
    Session {
        title: told.title.unwrap_or_else(|| id.clone()),
        started: told.started,
        last_active: told.last.or_else(changed),
        archived: main.archived,
        folders: told.cwd.into_iter().filter(|cwd| cwd.is_absolute()).collect(),
        script: Script::Codex(main.path.clone()),
        record: Some(main.path),
        conversation: Some(id.clone()),
        starter: told.starter,
        extra: extra.into_iter().map(|f| f.path).collect(),
        notes,
        id,
        ..Session::default()
    }
}
