//! Reads conversations: one event model, a file a dialect (`claude`, `audit`, `codex`), in memory that does not grow with the
//! file. What is no lines in order (`opencode`, `gemini`, `packed`) is laid out as lines first.
//!
//! [`lines`] gives lines by their place, [`scan`] reads JSON where it stands, a dialect says what a record is and what it
//! says. `index` reads a file once for what its records are, `order` puts them in the order of the conversation, [`tell`]
//! reads them again in that order and tells them as [`event`]s. `fill` finds what only the audit log still has, `gaps`
//! says what is missing. A [`strand`] is a conversation, or a sub-agent's, wherever it stands.

mod agents;
mod answers;
mod audit;
mod book;
mod call;
mod claude;
mod codex;
mod collect;
mod content;
mod dialect;
mod event;
mod facts;
mod file;
mod fill;
mod find;
#[cfg(fuzzing)]
pub(crate) mod fuzzing;
mod gaps;
mod gemini;
mod hashed;
mod index;
mod injected;
mod laid;
mod lines;
mod listed;
mod object;
mod opencode;
mod order;
mod outputs;
mod packed;
mod place;
mod queue;
mod scan;
mod sources;
mod spoken;
mod strand;
mod tap;
mod tell;
#[cfg(test)]
pub(crate) mod tests;
mod thread;
mod trail;
mod whence;
mod written;

pub use book::Book;
pub use call::{Call, Change, End, Field, Part, lines};
pub use collect::{Conversation, WholeTurn};
pub use content::Picture;
pub use event::{Agent, Answer, Block, Event, Kept, Left, Sink, Tool, Turn, Who};
pub use facts::{SourceFile, Tokens};
pub use sources::{OnDisk, parts};
pub use spoken::{Spoken, Voice};
pub use tap::{Meter, Tap};
pub use thread::{Placed, Reading, Record, Stand, Take, Thread, threads};
pub use trail::{Entry, What};
pub use whence::Whence;
pub use written::{After, written};

use crate::error::{Error, Result};
use crate::model::{Kind, Script, Session};
use crate::platform;
use agents::Agents;
use file::File;
use fill::Fill;
use jiff::Timestamp;
use lines::Extent;
use outputs::Outputs;
use place::Place;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use strand::Strand;
use tell::Teller;
use trail::Trail;

/// What is known of a conversation once it was told.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// The model that answered last.
    pub model: Option<String>,
    /// A title found in the conversation itself.
    pub title: Option<String>,
    /// When its first turn was, where the records say.
    pub began: Option<Timestamp>,
    /// When its last turn was.
    pub ended: Option<Timestamp>,
    /// What is missing, as sentences; empty: nothing known to be.
    pub missing: Vec<String>,
    /// The models that answered, in the order of their first answers; sub-agents' among them.
    pub models: Vec<String>,
    /// Tokens of every message told, each counted once; none where the records do not tell.
    pub tokens: Tokens,
    /// The conversation's id with the client, where the records say.
    pub cli_session: Option<String>,
    /// The folder it was begun in.
    pub cwd: Option<String>,
    /// The branch of the repository it was begun on.
    pub branch: Option<String>,
    /// The client's version when it was begun.
    pub version: Option<String>,
    /// The files it was read from, the main one first.
    pub sources: Vec<SourceFile>,
    /// Lines that could not be read.
    pub bad_lines: u64,
    /// Kinds of record that are not known here, and how many of each.
    pub unknown: BTreeMap<String, u64>,
    /// Turns told, those of sub-agents and of branches that were left among them.
    pub turns: u64,
    /// Tool calls told.
    pub calls: u64,
    /// Sub-agents told.
    pub agents: u64,
    /// Branches that were left.
    pub left: u64,
    /// Records that only said again what another says.
    pub repeats: u64,
    /// Records that are here from the audit log.
    pub filled: u64,
}

/// A session's conversation after the first reading: ready to be told.
pub struct Talk<'t> {
    main: File<'t>,
    agents: Agents,
    fill: Option<Fill<'t>>,
    choice: Choice,
    tap: Arc<dyn Tap + 't>,
}

/// Which of several files is told.
enum Choice {
    /// A transcript: whether it is the one that the record names, and how many others speak.
    Transcript { named: bool, others: u64 },
    /// The audit log, for want of a transcript; whether there is one that says nothing.
    Audit { silent: bool },
}

/// Opens a session's conversation: the transcript, else the audit log. `None`: the session has neither.
pub fn open(session: &Session) -> Result<Option<Talk<'static>>> {
    open_watched(session, &(Arc::new(tap::Open) as Arc<dyn Tap>))
}

/// The same, while somebody watches how far the reading is and may end it.
pub fn open_watched<'t>(session: &Session, tap: &Arc<dyn Tap + 't>) -> Result<Option<Talk<'t>>> {
    opened(session, Extent::Hashed, tap)
}

fn opened<'t>(session: &Session, extent: Extent, tap: &Arc<dyn Tap + 't>) -> Result<Option<Talk<'t>>> {
    if let Some(part) = Strand::of(session) {
        if !part.is_there() {
            return Ok(None);
        }
        let (main, agents) = part.read(false, extent, tap)?;
        let mut agents = Agents::new(part.outputs(), agents);
        agents.add(Strand::helpers(session));
        let choice = Choice::Transcript { named: true, others: others(session) };
        return Ok(Some(Talk { main, agents, fill: None, choice, tap: tap.clone() }));
    }
    let Some(dir) = &session.dir else { return Ok(None) };
    let found = find::find(dir, session.conversation.as_deref());
    let read = |path: &Path, dialect| File::of(Place::file(dir, path), dialect, false, extent, tap);
    if let Some(path) = &found.transcript {
        let main = read(path, &claude::DIALECT)?;
        if main.index.speaks() || found.audit.is_none() {
            // A log that cannot be read fills no gaps; the transcript is told without it.
            let fill = found.audit.as_ref().and_then(|path| read(path, &audit::DIALECT).ok()).map(|log| Fill::of(&main.index, log));
            let outputs = Outputs::Beside { root: dir.clone(), main: path.clone() };
            let agents = Agents::new(outputs, find::agents(dir, path));
            let choice = Choice::Transcript { named: found.named, others: found.more.len() as u64 };
            return Ok(Some(Talk { main, agents, fill, choice, tap: tap.clone() }));
        }
    }
    let Some(log) = &found.audit else { return Ok(None) };
    let choice = Choice::Audit { silent: found.transcript.is_some() };
    Ok(Some(Talk { main: read(log, &audit::DIALECT)?, agents: Agents::default(), fill: None, choice, tap: tap.clone() }))
}

/// How many other chats of the same id there are.
fn others(session: &Session) -> u64 {
    let Script::Gemini(path) = &session.script else { return 0 };
    let is_one =
        |other: &&std::path::PathBuf| other.parent() == path.parent() && other.extension().is_some_and(|e| e == "jsonl" || e == "json");
    session.extra.iter().filter(is_one).count() as u64
}

impl<'t> Talk<'t> {
    /// Tells the conversation, one event at a time, and what is known of it then.
    pub fn tell<'s>(mut self, sink: &'s mut Sink<'s>) -> Result<Told>
    where
        't: 's,
    {
        Ok(self.through(sink, (None, None))?.told)
    }

    /// The same; at each event `whence` says in which record it stands.
    pub fn tell_with<'s>(mut self, whence: &Rc<RefCell<Whence>>, sink: &'s mut Sink<'s>) -> Result<Told>
    where
        't: 's,
    {
        Ok(self.through(sink, (None, Some(whence.clone())))?.told)
    }

    /// Tells it, with a list of what was told on the way, and word of the record in hand, where they are wanted.
    fn through<'s>(&mut self, sink: &'s mut Sink<'s>, (trail, whence): (Option<Trail>, Option<Rc<RefCell<Whence>>>)) -> Result<Through>
    where
        't: 's,
    {
        let mut teller = Teller::new(sink, std::mem::take(&mut self.agents));
        (teller.fill, teller.tap) = (self.fill.take(), self.tap.clone());
        if let Some(fill) = &mut teller.fill {
            fill.file.volume = trail::FILL;
        }
        (teller.trail, teller.whence) = (trail, whence);
        teller.counts = !matches!(self.choice, Choice::Audit { .. });
        teller.file(&mut self.main)?;
        teller.other_agents()?;
        teller.told.tokens = teller.counter.total();
        let (mut told, mut gaps, mut trail) = (teller.told, teller.gaps, teller.trail);
        if let Some(fill) = teller.fill.filter(|fill| fill.records > 0) {
            told.filled = fill.records;
            gaps.of_fill(&fill);
            told.sources.push(fill.file.source());
            if let Some(trail) = &mut trail {
                trail.keep(fill.file);
            }
        }
        match self.choice {
            Choice::Transcript { named, others } => gaps.of_transcripts(named, others),
            Choice::Audit { silent } => gaps.of_audit(silent),
        }
        told.repeats = self.main.index.repeats;
        told.title = self.main.index.title.take();
        told.missing = gaps.sentences();
        Ok(Through { told, agents: teller.agents, trail })
    }
}

/// What a telling gives.
struct Through {
    told: Told,
    agents: Agents,
    trail: Option<Trail>,
}

/// Reads a session's whole conversation into memory: for tests and small ones.
pub fn read(session: &Session) -> Result<Option<Conversation>> {
    let Some(talk) = open(session)? else { return Ok(None) };
    let mut conversation = Conversation::default();
    let told = talk.tell(&mut |event| {
        conversation.take(event);
        Ok(())
    })?;
    conversation.told = told;
    Ok(Some(conversation))
}

/// Reads the first turns of the conversation in one file, reading at most `limit` bytes; for previews.
pub fn peek(path: &Path, limit: u64) -> Result<Conversation> {
    let failed = |e| Error::io("cannot read the conversation", path, e);
    let facts = platform::facts(path).map_err(failed)?;
    if facts.kind != Kind::File || facts.placeholder {
        return Err(Error::refused("not a file that can be opened here").at(path));
    }
    let root = path.parent().unwrap_or(Path::new("."));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let tap: Arc<dyn Tap> = Arc::new(tap::Open);
    let mut file = File::of(Place::file(root, path), dialect::of(&name), name.starts_with("agent-"), Extent::First(limit), &tap)?;
    if facts.size > limit {
        // The limit, not the tool, cut the last line.
        file.index.torn = false;
    }
    let mut conversation = Conversation::default();
    let (mut told, mut gaps) = {
        let mut sink = |event: Event<'_>| {
            conversation.take(event);
            Ok(())
        };
        let mut teller = Teller::new(&mut sink, Agents::default());
        teller.file(&mut file)?;
        (teller.told, teller.gaps)
    };
    gaps.agents = 0;
    if facts.size > limit {
        gaps.unanswered = 0;
        gaps.others.push(format!("only the first {limit} of {} bytes were read", facts.size));
    }
    told.title = file.index.title;
    told.missing = gaps.sentences();
    conversation.told = told;
    Ok(conversation)
}
