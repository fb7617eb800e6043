//! What a rule for a folder is given, and what it answers.

use super::around::Around;
use super::ground::{Bytes, Ground};
use crate::model::{Class, Evidence, Facts, Kind, NodeId, Proof, ScanError, Stop, Verdict};
use crate::platform::{Folder, Times};
use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// One name below a candidate folder.
#[derive(Debug, Clone)]
pub struct UnitEntry {
    /// Its node.
    pub id: NodeId,
    /// Its path below the unit's folder.
    pub path: PathBuf,
    /// What sort of thing it is.
    pub kind: Kind,
    /// Apparent size in bytes.
    pub size: u64,
    /// Last change, nanoseconds since 1970.
    pub mtime_ns: i64,
    /// Whether it must not be opened: a placeholder, or protected.
    pub sealed: bool,
}

/// A candidate folder with everything below it, for a rule to check.
pub struct Unit {
    /// The rule that named it a candidate.
    pub rule: &'static dyn WorkRule,
    /// The candidate folder itself.
    pub top: NodeId,
    /// Its absolute path.
    pub path: PathBuf,
    /// Where its bytes are.
    pub ground: Ground,
    /// Everything below it, parents first.
    pub entries: Vec<UnitEntry>,
    /// How many threads its check may use.
    pub threads: usize,
    /// What a proof may rest on besides.
    pub around: Arc<Around>,
}

/// What a check found: verdicts, and which node has which. Nodes not named keep what they have.
#[derive(Debug, Default)]
pub struct Judged {
    /// The verdicts.
    pub verdicts: Vec<Verdict>,
    /// Nodes, each with the index of its verdict.
    pub nodes: Vec<(NodeId, usize)>,
    /// Folders that are listed and handled as one.
    pub units: Vec<NodeId>,
    /// What could not be read while checking.
    pub errors: Vec<ScanError>,
}

/// A kind of folder that can be had again.
pub trait WorkRule: Send + Sync {
    /// Its id (`work/node-modules`).
    fn id(&self) -> &'static str;
    /// A name for what it finds, for people (`node_modules`).
    fn group(&self) -> &'static str;
    /// Whether a folder may be such a one, by its name and the names in it; cheap.
    fn candidate(&self, name: &[u8], inside: &[&[u8]]) -> bool;
    /// Reads what it must and judges the folder and everything below it. What is not proven stays at risk; the top
    /// folder always gets a verdict that says what was found or missing.
    fn check(&self, unit: &Unit, stop: &Stop) -> Judged;
}

/// The largest lock file, manifest or record that is read, in bytes.
const LARGEST: u64 = 256 << 20;

impl Unit {
    /// Reads a small file below the unit; links are not followed.
    pub fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.read_at(&self.path.join(path))
    }

    /// Reads a small file beside the unit's folder.
    pub fn read_beside(&self, name: &str) -> io::Result<Vec<u8>> {
        self.read_at(&self.beside(name))
    }

    /// Reads a small file of the store at an absolute path.
    pub fn read_at(&self, path: &Path) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.ground.open(path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > LARGEST {
            Err(io::Error::new(io::ErrorKind::FileTooLarge, "too large to be what its name says"))
        } else {
            Ok(bytes)
        }
    }

    /// What the file system says about a path below the unit.
    pub fn facts(&self, path: &Path) -> io::Result<Facts> {
        self.ground.facts(&self.path.join(path))
    }

    /// The times of a path below the unit.
    pub fn times(&self, path: &Path) -> io::Result<Times> {
        self.ground.times(&self.path.join(path))
    }

    /// The path of a name beside the unit's folder.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.path.with_file_name(name)
    }

    /// The entries by their path below the unit.
    pub fn by_path(&self) -> HashMap<&Path, &UnitEntry> {
        self.entries.iter().map(|e| (e.path.as_path(), e)).collect()
    }
}

/// How many names a thread takes at a time: neighbours mostly share their folder.
const PORTION: usize = 256;

/// Opens files of a unit, no link followed; the folder of the last one stays open for its neighbours.
pub struct Opener<'u> {
    unit: &'u Unit,
    at: Option<(PathBuf, Folder)>,
    /// Room to read into.
    pub buffer: Vec<u8>,
}

impl<'u> Opener<'u> {
    /// Nothing open yet.
    pub fn new(unit: &'u Unit) -> Self {
        Self { unit, at: None, buffer: vec![0; 128 << 10] }
    }

    /// Opens a regular file below the unit.
    pub fn open(&mut self, path: &Path) -> io::Result<Bytes> {
        let Ground::Disk(root) = &self.unit.ground else { return self.unit.ground.open(&self.unit.path.join(path)) };
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else { return Err(io::ErrorKind::InvalidInput.into()) };
        let name = crate::model::to_bytes(name);
        if let Some((_, folder)) = self.at.as_ref().filter(|(at, _)| at == parent) {
            return folder.file(&name).map(Bytes::Disk);
        }
        let top = Folder::open_top(root)?;
        let whole = self.unit.path.join(parent);
        let below = whole.strip_prefix(root).map_err(io::Error::other)?;
        let folder = top.folder_beneath(below)?.unwrap_or(top);
        let file = folder.file(&name);
        self.at = Some((parent.to_path_buf(), folder));
        file.map(Bytes::Disk)
    }
}

impl Unit {
    /// Judges every name that is no folder, on the unit's threads; those left when it is stopped are not among the answers.
    pub fn each<T: Send>(&self, stop: &Stop, judge: impl Fn(&mut Opener<'_>, &UnitEntry) -> T + Sync) -> Vec<(NodeId, T)> {
        let names: Vec<&UnitEntry> = self.entries.iter().filter(|e| e.kind != Kind::Dir).collect();
        let portions: Vec<&[&UnitEntry]> = names.chunks(PORTION).collect();
        let next = AtomicUsize::new(0);
        let work = || {
            let (mut opener, mut answers) = (Opener::new(self), Vec::new());
            while let Some(portion) = portions.get(next.fetch_add(1, Ordering::Relaxed)) {
                let open = portion.iter().take_while(|_| !stop.is_stopped());
                answers.extend(open.map(|entry| (entry.id, judge(&mut opener, entry))));
            }
            answers
        };
        std::thread::scope(|scope| {
            let others: Vec<_> = (1..self.threads.min(portions.len())).map(|_| scope.spawn(work)).collect();
            let mut answers = work();
            // A thread that fell leaves its names without an answer, and so at risk.
            answers.extend(others.into_iter().filter_map(|thread| thread.join().ok()).flatten());
            answers.sort_unstable_by_key(|(id, _)| id.0);
            answers
        })
    }
}

/// Gathers what a rule finds about one unit.
pub struct Findings<'a> {
    unit: &'a Unit,
    judged: Judged,
    kept: HashMap<Cow<'static, str>, usize>,
}

impl<'a> Findings<'a> {
    /// Nothing found yet.
    pub fn new(unit: &'a Unit) -> Self {
        Self { unit, judged: Judged::default(), kept: HashMap::new() }
    }

    /// The unit's folder itself is what its rule looked for: it comes back in this way, as long as `recipe` is there.
    pub fn rebuildable(&mut self, says: Vec<Cow<'static, str>>, comes_back: impl Into<Cow<'static, str>>, recipe: PathBuf) -> usize {
        let at = self.verdict(says, comes_back, recipe);
        self.judged.nodes.push((self.unit.top, at));
        self.judged.units.push(self.unit.top);
        at
    }

    /// What some names below the unit are, each by itself: rebuildable, as long as `recipe` is there.
    pub fn verdict(&mut self, says: Vec<Cow<'static, str>>, comes_back: impl Into<Cow<'static, str>>, recipe: PathBuf) -> usize {
        let evidence = says.into_iter().map(|s| Evidence::new(self.unit.rule.id(), s)).collect();
        let (comes_back, proof) = (Some(comes_back.into()), Some(Proof::Recipe { path: recipe }));
        self.judged.verdicts.push(Verdict { class: Class::Rebuildable, evidence, comes_back, proof });
        self.judged.verdicts.len() - 1
    }

    /// A name has this verdict.
    pub fn give(&mut self, id: NodeId, verdict: usize) {
        self.judged.nodes.push((id, verdict));
    }

    /// A name below the unit stays at risk, for this reason.
    pub fn at_risk(&mut self, id: NodeId, says: impl Into<Cow<'static, str>>) {
        let (says, rule) = (says.into(), self.unit.rule.id());
        let verdicts = &mut self.judged.verdicts;
        let at = *self.kept.entry(says).or_insert_with_key(|says| {
            verdicts.push(Verdict::at_risk(rule, says.clone()));
            verdicts.len() - 1
        });
        self.judged.nodes.push((id, at));
    }

    /// The folder is not what it looked like: everything in it stays at risk, for this reason.
    pub fn nothing(mut self, says: impl Into<Cow<'static, str>>) -> Judged {
        self.judged.units.clear();
        self.judged.nodes.clear();
        let says = says.into();
        self.at_risk(self.unit.top, says.clone());
        for entry in self.unit.entries.iter().filter(|e| e.kind != Kind::Dir) {
            self.at_risk(entry.id, says.clone());
        }
        self.judged
    }

    /// What was found.
    pub fn done(self) -> Judged {
        self.judged
    }
}
