//! The files of a conversation, each read as it stands and from any place on: for searching, which asks for no order.

use super::agents::OfAgent;
use super::dialect::{Dialect, Prompt, Weight};
use super::lines::{LONGEST, Lines};
use super::place::Place;
use super::spoken::{self, Spoken};
use super::strand::Strand;
use super::tap::{self, Tap};
use super::{audit, claude, find, opencode};
use crate::error::{Error, Result};
use crate::model::{Kind, Script, Session};
use crate::platform;
use jiff::Timestamp;
use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Bytes read at a time where lines are short: a block of an index is seldom longer.
const AT_ONCE: usize = 1 << 16;

/// One file of a conversation, or what stands for one.
#[derive(Debug, Clone)]
pub struct Thread {
    part: Part,
    /// The sub-agent that it is of, where it is one's.
    pub agent: Option<String>,
}

#[derive(Debug, Clone)]
enum Part {
    /// A file below a session's folder.
    File { root: PathBuf, path: PathBuf, dialect: &'static Dialect },
    /// What is read by how it is written.
    Strand(Strand),
}

/// How large it is and when it changed last: the same as long as nothing was written. Of rows, how many there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stand {
    /// Its size.
    pub size: u64,
    /// When it changed, in nanoseconds since 1970.
    pub mtime_ns: i64,
}

/// What one record says.
#[derive(Debug)]
pub struct Record<'a> {
    /// Where it begins.
    pub at: u64,
    /// Its id, or empty.
    pub id: Cow<'a, str>,
    /// When, where it says.
    pub when: Option<Timestamp>,
    /// Whether another record may say the same and is the one that counts.
    pub is_echo: bool,
    /// What it says.
    pub said: Vec<Spoken<'a>>,
}

/// Takes records; the place behind the line that each stands in comes along. An error ends the reading.
pub type Take<'s> = dyn FnMut(&Record<'_>, u64) -> Result<()> + 's;

/// Every file of a session's conversation, the main one first. The audit log is among them only where no transcript is.
pub fn threads(session: &Session) -> Vec<Thread> {
    let agents = |all: Vec<OfAgent>| all.into_iter().map(|of| Thread { part: Part::Strand(of.part.clone()), agent: Some(of.part.id) });
    if let Some(own) = Strand::of(session) {
        let of_agents = match &own.script {
            Script::Claude(path) => find::agents(&own.root, path),
            Script::Gemini(_) => super::gemini::agents(&own.root, &own.id),
            Script::Codex(_) | Script::Rows(_) | Script::Files(_) | Script::Below => Vec::new(),
        };
        return std::iter::once(Thread { part: Part::Strand(own), agent: None }).chain(agents(of_agents)).collect();
    }
    let Some(dir) = &session.dir else { return Vec::new() };
    let found = find::find(dir, session.conversation.as_deref());
    let file = |path: PathBuf, dialect| Thread { part: Part::File { root: dir.clone(), path, dialect }, agent: None };
    let mut all = Vec::new();
    for path in found.transcript.into_iter().chain(found.more) {
        let of_agents = find::agents(dir, &path);
        all.push(file(path, &claude::DIALECT));
        all.extend(agents(of_agents));
    }
    if all.is_empty() {
        all.extend(found.audit.map(|log| file(log, &audit::DIALECT)));
    }
    all
}

impl Thread {
    /// The file, as people are told of it; of rows, the database with the way to them inside.
    pub fn path(&self) -> PathBuf {
        match &self.part {
            Part::File { path, .. } => path.clone(),
            Part::Strand(strand) => match &strand.script {
                Script::Rows(path) => {
                    let mut name = path.as_os_str().to_owned();
                    name.push(format!("!/session/{}", strand.id));
                    name.into()
                }
                Script::Files(path) => path.join("message").join(&strand.id),
                script => script.path().cloned().unwrap_or_default(),
            },
        }
    }

    /// How it stands by now, told without reading it; `None`: it is not there.
    pub fn stand(&self) -> Option<Stand> {
        let rows = |found: Option<super::OnDisk>| found.map(|f| Stand { size: f.size, mtime_ns: f.mtime_ns });
        match &self.part {
            Part::Strand(Strand { script: Script::Rows(path), id, .. }) => rows(opencode::rows_stand(path, id)),
            Part::Strand(Strand { script: Script::Files(path), id, .. }) => rows(opencode::files_stand(path, id)),
            _ => {
                let facts = platform::facts(&self.path()).ok().filter(|f| f.kind == Kind::File && !f.placeholder)?;
                Some(Stand { size: facts.size, mtime_ns: facts.mtime_ns })
            }
        }
    }

    /// Whether it is lines on disk that only grow, so that what was read once need not be read again.
    pub fn grows(&self) -> bool {
        match &self.part {
            Part::File { .. } => true,
            Part::Strand(strand) => match &strand.script {
                Script::Claude(_) => true,
                Script::Codex(path) => path.extension().is_some_and(|end| end == "jsonl"),
                Script::Gemini(_) | Script::Rows(_) | Script::Files(_) | Script::Below => false,
            },
        }
    }

    /// Where its lines are read from; what is no lines is laid out.
    pub fn placed(&self) -> Result<Placed> {
        let tap: Arc<dyn Tap> = Arc::new(tap::Open);
        let (place, dialect) = match &self.part {
            Part::File { root, path, dialect } => (Place::file(root, path), *dialect),
            Part::Strand(strand) => strand.read_from(&tap)?,
        };
        Ok(Placed { place, path: self.path(), dialect })
    }

    /// Opens it.
    pub fn open(&self) -> Result<Reading> {
        self.placed()?.open()
    }
}

/// A file of a conversation, ready to be opened any number of times.
#[derive(Debug, Clone)]
pub struct Placed {
    place: Place,
    path: PathBuf,
    dialect: &'static Dialect,
}

impl Placed {
    /// Opens it.
    pub fn open(&self) -> Result<Reading> {
        let tap: Arc<dyn Tap> = Arc::new(tap::Open);
        let source = self.place.open(&tap).map_err(|e| Error::io("cannot read the conversation", &self.path, e))?;
        Ok(Reading { lines: Lines::new(source, u64::MAX, LONGEST, AT_ONCE), path: self.path.clone(), dialect: self.dialect })
    }
}

/// A file of a conversation while it is read.
pub struct Reading {
    lines: Lines<'static>,
    path: PathBuf,
    dialect: &'static Dialect,
}

impl Reading {
    /// Reads the lines that begin at a place and before another, and gives where the one after them begins. A last line that
    /// breaks off is not read, and that is where it begins.
    pub fn each(&mut self, from: u64, to: u64, take: &mut Take<'_>) -> Result<u64> {
        let mut at = from;
        while at < to {
            let line = self.lines.line(at).map_err(|e| Error::io("cannot read the conversation", &self.path, e))?;
            let Some(line) = line else { break };
            if !records(at, line.bytes, line.next, self.dialect, take)? && !line.ended {
                break;
            }
            at = line.next;
        }
        Ok(at)
    }

    /// The path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Takes the records of one line; whether all of it could be read.
fn records(at: u64, line: &[u8], next: u64, dialect: &Dialect, take: &mut Take<'_>) -> Result<bool> {
    let mut from = 0;
    loop {
        let rest = line.get(from..).unwrap_or_default();
        let blank = |b: &u8| b.is_ascii_whitespace() || *b == 0;
        let start = rest.iter().take_while(|b| blank(b)).count();
        let mark = rest.get(start..).filter(|r| r.starts_with(b"\xEF\xBB\xBF")).map_or(0, |_| 3);
        from += start + mark;
        let rest = line.get(from..).unwrap_or_default();
        if rest.is_empty() {
            return Ok(true);
        }
        let Ok(head) = (dialect.head)(rest) else { return Ok(false) };
        let says = head.weight.is_some_and(|weight| !matches!(weight, Weight::Nothing | Weight::Boundary));
        if says && let Ok(said) = (dialect.said)(rest) {
            let (id, when) = (said.uuid.clone(), said.when);
            let is_echo = head.weak || head.prompt == Prompt::Waits;
            let record = Record { at: at + from as u64, id, when, is_echo, said: spoken::of(said) };
            if !record.said.is_empty() {
                take(&record, next)?;
            }
        }
        from += head.length.max(1);
    }
}
