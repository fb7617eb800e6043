//! What the vault promises, on real folders.
#![expect(clippy::disallowed_methods, reason = "tests do to the store what people and apps do")]

mod again;
mod alive;
mod anything;
#[cfg(unix)]
mod costs;
mod deeds;
#[cfg(unix)]
mod deep;
#[cfg(unix)]
mod errors;
mod expire;
mod faults;
mod faulty;
#[cfg(target_os = "linux")]
mod full;
mod journey;
#[cfg(unix)]
mod mendings;
mod model;
#[cfg(unix)]
mod moments;
#[cfg(target_os = "linux")]
pub(crate) mod mounts;
mod plans;
mod power;
mod progress;
#[cfg(unix)]
mod purges;
mod putbacks;
#[cfg(unix)]
mod races;
mod random;
#[cfg(unix)]
mod room;
#[cfg(unix)]
mod roots;
pub(crate) mod same;
mod selects;
#[cfg(unix)]
mod spares;
mod stores;
mod sums;
#[cfg(unix)]
mod two;

use super::{Consent, Desk, Selection};
use crate::error::Result;
use crate::model::{
    Catalog, Class, Facts, Kind, Marks, NodeId, Plan, Proof, Quiet, Receipt, Session, SessionIx, Spot, Store, StoreIx, Verdict, VerdictId,
    Watch,
};
use crate::platform::Folder;
use crate::vault::real::Real;
use crate::world::World;
use faulty::Faulty;
use same::Tree;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A home with a store in it. What a thing is, its name says: below `unit…` all is rebuildable and handled as one,
/// `cache…` is rebuildable, `flushed…` flushed, `risk…` and everything else at risk; `protected…`, `live…`, `checking…`
/// and `cloud…` carry those marks; a folder `session…` belongs to a session of its name, one with `busy` in it a live one.
pub(super) struct Home {
    dir: tempfile::TempDir,
    pub world: World,
    pub store: PathBuf,
}

impl Home {
    pub fn new() -> Self {
        Self::on(&std::env::temp_dir())
    }

    /// A home on the disk that this folder is on.
    pub fn on(disk: &Path) -> Self {
        let dir = tempfile::tempdir_in(disk).unwrap();
        // Where the temporary folder is reached through a link, the paths the vault tells are the real ones.
        let real = if cfg!(unix) { std::fs::canonicalize(dir.path()).unwrap() } else { dir.path().to_path_buf() };
        let home = real.join("home");
        let store = home.join(".config/Tool/store");
        std::fs::create_dir_all(&store).unwrap();
        Self { world: World::at(&home, BTreeMap::default()), store, dir }
    }

    pub fn with(files: &[&str]) -> Self {
        Self::new().filled(files)
    }

    /// The same in memory where that can be: where thousands of homes are made.
    pub fn light(files: &[&str]) -> Self {
        let memory = Path::new("/dev/shm");
        let home = if memory.is_dir() { Self::on(memory) } else { Self::new() };
        home.filled(files)
    }

    fn filled(self, files: &[&str]) -> Self {
        let home = self;
        for file in files {
            home.file(file, file);
        }
        home
    }

    pub fn outside(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn file(&self, rel: &str, content: &str) -> PathBuf {
        let path = self.store.join(rel);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    fn tree(&self) -> Tree {
        Tree::of(&self.store)
    }

    pub fn scan(&self) -> Catalog {
        let mut catalog = Catalog::default();
        let verdict = |class, proof| Verdict {
            class,
            evidence: vec![crate::model::Evidence::new("test/name", "its name says so")],
            comes_back: (class != Class::AtRisk).then(|| "it is made again".into()),
            proof,
        };
        let ids = Class::ALL.map(|class| {
            let copy = Proof::SameBytes { copy: "/copy".into(), blake3: String::new() };
            catalog.keep(verdict(class, (class == Class::Flushed).then_some(copy)))
        });
        let top = Folder::open_top(&self.store).unwrap();
        let root = catalog.add_root(self.store.clone(), &top.own_facts().unwrap(), Spot(0), ids[0]);
        catalog.stores.push(Store {
            name: "fake",
            title: "Fake",
            root: self.store.clone(),
            layout: "test".into(),
            notes: Vec::new(),
            live: None,
            node: Some(root),
        });
        let mut todo = vec![(root, top, self.store.clone(), ids[0], None::<SessionIx>)];
        while let Some((id, folder, path, class, session)) = todo.pop() {
            for entry in folder.list() {
                let entry = entry.unwrap();
                let facts = entry.facts.unwrap();
                let path = path.join(crate::model::from_bytes(&entry.name));
                let (class, marks) = meaning(&entry.name, &facts, class, ids);
                let session = if session.is_none() && facts.kind == Kind::Dir && entry.name.starts_with(b"session") {
                    let name = String::from_utf8_lossy(&entry.name).into_owned();
                    let live = name.contains("busy").then(|| "its process runs".to_owned());
                    let dir = Some(path.clone());
                    catalog.sessions.push(Session { id: name, live, dir, store: Some(StoreIx(0)), ..Session::default() });
                    Some(SessionIx::at(catalog.sessions.len() - 1))
                } else {
                    session
                };
                let below = catalog.add(id, &entry.name, &facts, Spot(1), class, session, marks);
                if facts.kind == Kind::Dir {
                    todo.push((below, folder.folder(&entry.name).unwrap(), path, class, session));
                }
            }
        }
        catalog.settle_links();
        catalog
    }

    pub fn plan(&self, classes: &[Class]) -> Plan {
        super::plan(&self.world, &self.scan(), &Selection { classes: classes.to_vec(), ..Selection::default() })
    }

    pub fn all(&self) -> Plan {
        self.plan(&Class::ALL)
    }

    pub fn clean(&self, plan: &Plan) -> Receipt {
        super::clean::clean(&self.desk(&Faulty::calm()), plan, Consent { at_risk: true, dry_run: false }).unwrap()
    }

    pub fn try_clean(&self, plan: &Plan, consent: Consent) -> Result<Receipt> {
        super::clean::clean(&self.desk(&Real), plan, consent)
    }

    pub fn desk<'a, F: super::Fs>(&'a self, fs: &'a F) -> Desk<'a, F> {
        desk(&self.world, fs, &Quiet)
    }

    pub fn mend(&self) -> Vec<String> {
        // A child that another test starts has our lock too for a moment, between its fork and its exec.
        for _ in 0..100 {
            let told = super::recover::recover(&self.world, &Faulty::calm()).unwrap();
            if !told.is_empty() || super::history(&self.world).unwrap().iter().all(|o| o.state != crate::model::OpState::Unfinished) {
                return told;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        Vec::new()
    }

    pub fn undo(&self) -> Receipt {
        super::undo::undo(&self.desk(&Faulty::calm()), None, false).unwrap()
    }
}

/// A desk where every proof holds and nothing is in use.
fn desk<'a, F: super::Fs>(world: &'a World, fs: &'a F, watch: &'a dyn Watch) -> Desk<'a, F> {
    Desk { world, fs, prove: &|_, _, _| Ok("still so".into()), in_use: &|_, _, paths| vec![None; paths.len()], watch }
}

fn meaning(name: &[u8], facts: &Facts, above: VerdictId, ids: [VerdictId; 3]) -> (VerdictId, Marks) {
    let is = |word: &[u8]| name.starts_with(word);
    let [at_risk, flushed, rebuildable] = ids;
    let class = match () {
        () if is(b"risk") => at_risk,
        () if is(b"flushed") => flushed,
        () if is(b"cache") || is(b"unit") && facts.kind == Kind::Dir => rebuildable,
        () => above,
    };
    let marked = [
        (&b"unit"[..], Marks::UNIT),
        (b"protected", Marks::PROTECTED),
        (b"live", Marks::LIVE),
        (b"checking", Marks::CHECKING),
        (b"cloud", Marks::PLACEHOLDER),
        (b"mount", Marks::MOUNT),
    ];
    let marks = marked.iter().filter(|(word, _)| is(word)).fold(Marks::default(), |marks, (_, mark)| marks.with(*mark));
    (class, marks)
}

/// How many random cases a test tries; `LIFEBOAT_FAULT_ROUNDS` is for longer runs.
fn rounds(usual: usize) -> usize {
    std::env::var("LIFEBOAT_FAULT_ROUNDS").ok().and_then(|v| v.parse().ok()).unwrap_or(usual)
}

/// A path below the store, its parts joined by `/` on every platform.
fn slashed(path: &Path) -> String {
    path.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// The items of a plan by their paths below the store.
pub(super) fn items(home: &Home, plan: &Plan) -> Vec<String> {
    plan.items.iter().map(|i| slashed(i.path.to_path().unwrap().strip_prefix(&home.store).unwrap())).collect()
}

pub(super) fn skipped(home: &Home, lines: &[crate::model::Skipped]) -> Vec<String> {
    let rel = |path: &Path| path.strip_prefix(&home.store).map_or_else(|_| path.display().to_string(), slashed);
    lines.iter().map(|s| format!("{}: {}", rel(&s.path.to_path().unwrap()), s.reason)).collect()
}

pub(super) fn node(home: &Home, catalog: &Catalog, rel: &str) -> NodeId {
    catalog.find(&home.store.join(rel)).unwrap()
}
