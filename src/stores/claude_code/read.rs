//! Finds the sessions of a root: transcripts, and folders of sessions whose transcript is gone.

use super::footprint::{elsewhere, plans};
use super::live::Running;
use super::names::{is_helper, is_transcript};
use super::place::Place;
use super::told::Told;
use super::{NAME, lines};
use crate::model::{Helper, Kind, ScanError, Script, Session, Store};
use crate::stores::Found;
use crate::stores::folders::{Folders, Name};
use crate::stores::names::{ends, is_uuid};
use crate::world::World;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Reads the ends of the transcripts below a root, and lists what else belongs to each session.
pub fn read(world: &World, root: &Path) -> Found {
    let mut folders = Folders::new(root);
    let mut seen = Projects::default();
    for slug in folders.folders(&root.join("projects")) {
        seen.take(folders.list(&slug.path));
    }
    let Projects { transcripts, helpers, mut beside } = seen;
    let is_link = |n: &Name| n.bytes == b"projects" && n.facts.kind == Kind::Symlink;
    let linked = folders
        .list(root)
        .iter()
        .any(is_link)
        .then(|| "`projects` is a link, which is not followed: what it leads to cannot be seen from here".to_owned());
    let running = Running::of(world, root);
    let plan_names = folders.list(&root.join("plans"));
    let mut elsewhere = elsewhere(&mut folders, root);
    let mut sessions = Vec::new();
    for (name, told) in transcripts.iter().zip(each(root, &transcripts)) {
        let told = told.unwrap_or_else(|e| {
            folders.errors.push(ScanError { path: name.path.clone(), error: e.to_string() });
            Told::default()
        });
        sessions.push(session(name, told, &plan_names));
    }
    sessions.sort_by(|a, b| b.last_active.cmp(&a.last_active).then_with(|| a.id.cmp(&b.id)));
    for session in &mut sessions {
        let own = |dir: &PathBuf| dir.parent() == session.record.as_deref().and_then(Path::parent);
        let all = beside.remove(&session.id).unwrap_or_default();
        let (mine, others): (Vec<PathBuf>, Vec<PathBuf>) = all.into_iter().partition(own);
        session.dir = mine.into_iter().next();
        if !others.is_empty() {
            beside.insert(session.id.clone(), others);
        }
    }
    let left: Vec<(String, PathBuf)> =
        beside.into_iter().flat_map(|(id, dirs)| dirs.into_iter().map(move |dir| (id.clone(), dir))).collect();
    sessions.extend(left.into_iter().filter(|(_, dir)| !is_bare(&mut folders, dir)).map(|(id, dir)| orphan(&id, dir)));
    for session in &mut sessions {
        session.extra.extend(elsewhere.remove(&session.id).unwrap_or_default());
        session.live = running.session(&session.id, session.last_active);
    }
    adopt(&mut sessions, &helpers, each(root, &helpers));
    Found {
        store: Store {
            name: NAME,
            title: "Claude Code",
            root: root.to_path_buf(),
            layout: if sessions.is_empty() { "empty" } else { "projects" }.into(),
            notes: linked.into_iter().collect(),
            live: running.store(),
            node: None,
        },
        sessions,
        root_spot: Place::Root.spot(),
        errors: folders.errors,
    }
}

/// What lies in the projects' folders.
#[derive(Default)]
struct Projects {
    transcripts: Vec<Name>,
    /// Helpers' conversations beside the transcripts, as older versions kept them.
    helpers: Vec<Name>,
    /// Folders of sessions, by id.
    beside: HashMap<String, Vec<PathBuf>>,
}

impl Projects {
    fn take(&mut self, names: Vec<Name>) {
        for name in names {
            match name.facts.kind {
                Kind::File if is_transcript(&name.bytes) => self.transcripts.push(name),
                Kind::File if is_helper(&name.bytes) && ends(&name.bytes, &[".jsonl"]) => self.helpers.push(name),
                Kind::Dir if is_uuid(&name.bytes) => self.beside.entry(name.text()).or_default().push(name.path),
                _ => {}
            }
        }
    }
}

/// What each file tells, read by several threads.
fn each(root: &Path, names: &[Name]) -> Vec<std::io::Result<Told>> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut told = Vec::new();
        while let Some((at, name)) = Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, names.get(at)?))) {
            let read = if name.facts.placeholder {
                Err(std::io::Error::other("its content is in a cloud and was not fetched"))
            } else {
                lines::ends(root, &name.path).map(|lines| Told::of(&lines))
            };
            told.push((at, read));
        }
        told
    };
    let threads = std::thread::available_parallelism().map_or(2, usize::from).min(names.len() / 8 + 1);
    let mut all = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut all = work();
        // A thread that fell leaves its files untold.
        all.extend(others.into_iter().filter_map(|thread| thread.join().ok()).flatten());
        all
    });
    all.sort_unstable_by_key(|(at, _)| *at);
    let mut all = all.into_iter().peekable();
    let untold = || Err(std::io::Error::other("it could not be read"));
    (0..names.len()).map(|at| all.next_if(|(n, _)| *n == at).map_or_else(untold, |(_, told)| told)).collect()
}

fn session(name: &Name, told: Told, plan_names: &[Name]) -> Session {
    let id = name.text().trim_end_matches(".jsonl").to_owned();
    Session {
        title: told.title.unwrap_or_else(|| id.clone()),
        started: told.started,
        last_active: told.last_active,
        folders: told.folders,
        script: Script::Claude(name.path.clone()),
        record: Some(name.path.clone()),
        conversation: Some(id.clone()),
        model: told.model,
        extra: plans(plan_names, &told.plans),
        surfaces: told.surfaces,
        id,
        ..Session::default()
    }
}

/// Whether nothing but empty folders is left of what lay beside a transcript.
fn is_bare(folders: &mut Folders<'_>, dir: &Path) -> bool {
    let names = folders.list(dir);
    names.iter().all(|n| n.facts.kind == Kind::Dir) && names.into_iter().all(|n| folders.list(&n.path).is_empty())
}

/// A session of which only what lay beside its transcript is left.
fn orphan(id: &str, dir: PathBuf) -> Session {
    let note = "the transcript is gone; Claude Code removes it when it gets old, and what lay beside it may stay";
    Session { id: id.to_owned(), title: id.to_owned(), dir: Some(dir), notes: vec![note.into()], ..Session::default() }
}

/// Gives helpers' conversations beside the transcripts to the session that started them.
fn adopt(sessions: &mut [Session], helpers: &[Name], told: Vec<std::io::Result<Told>>) {
    let mut by_id: HashMap<String, usize> = HashMap::new();
    for (at, session) in sessions.iter().enumerate() {
        by_id.entry(session.id.clone()).or_insert(at);
    }
    let parents: HashMap<String, String> =
        helpers.iter().zip(told).filter_map(|(name, told)| Some((name.text(), told.ok()?.of?))).collect();
    let mut taken: HashSet<&Path> = HashSet::new();
    for name in helpers {
        let session = parents.get(&name.text()).and_then(|id| by_id.get(id)).and_then(|at| sessions.get_mut(*at));
        if let Some(session) = session.filter(|_| taken.insert(&name.path)) {
            let id = name.text().trim_start_matches("agent-").trim_end_matches(".jsonl").to_owned();
            session.helpers.push(Helper { id, title: String::new(), script: Script::Claude(name.path.clone()) });
            session.extra.push(name.path.clone());
        }
    }
}
