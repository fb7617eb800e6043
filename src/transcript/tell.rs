//! The second reading: the records that say something, in the order of the conversation, told one event at a time.

use super::agents::Agents;
use super::answers::At;
use super::content::Piece;
use super::dialect::{Dialect, Role, Said, Weight};
use super::event::{Answer, Block, Event, Left, Sink, Tool, Turn, Who};
use super::facts::Counter;
use super::file::File;
use super::fill::Fill;
use super::gaps::Gaps;
use super::index::{Flag, Index, NONE};
use super::lines::Lines;
use super::tap::{self, Tap};
use super::trail::Trail;
use super::whence::Whence;
use super::{Told, injected};
use crate::error::{Error, Result};
use std::borrow::Cow;
use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::sync::Arc;

/// Of a record that stands many times only so many copies are compared.
const COPIES: usize = 8;

/// Tells a conversation.
pub struct Teller<'s> {
    sink: &'s mut Sink<'s>,
    /// What is known of it so far.
    pub told: Told,
    /// What is known to be missing.
    pub gaps: Gaps,
    /// Tokens.
    pub counter: Counter,
    /// Whether the records tell tokens as they were in the end.
    pub counts: bool,
    /// Its sub-agents.
    pub agents: Agents,
    /// Records of another file that fill gaps of the main one.
    pub fill: Option<Fill<'s>>,
    /// Who watches the reading of further files.
    pub tap: Arc<dyn Tap + 's>,
    voice: Voice,
    /// How many sub-agents deep.
    pub depth: usize,
    /// On a branch that was left.
    aside: bool,
    /// The list that is made on the way, where one is wanted.
    pub trail: Option<Trail>,
    /// Where the record in hand stands, for whoever wants to know.
    pub whence: Option<Rc<RefCell<Whence>>>,
}

/// Who speaks just now.
#[derive(Default)]
pub struct Voice {
    /// A turn that has said nothing yet.
    turn: Option<Turn<'static>>,
    /// The message whose further parts go on with the turn, and its hash.
    open: String,
    open_part: u32,
    /// Sub-agents that the turn started, to be told after it.
    pub waiting: Vec<Waiting>,
}

/// A sub-agent to be told.
#[derive(Debug, Clone, Default)]
pub struct Waiting {
    /// Its id, or empty.
    pub agent: String,
    /// The call that started it.
    pub call: String,
    /// What it was asked, as far as the call says.
    pub prompt: String,
    /// The record of the call.
    pub node: u32,
    /// Whether it answers later.
    pub later: bool,
}

impl<'s> Teller<'s> {
    /// One that tells to a sink.
    pub fn new(sink: &'s mut Sink<'s>, agents: Agents) -> Self {
        let (told, gaps, voice) = (Told::default(), Gaps::default(), Voice::default());
        let counter = Counter::default();
        Self {
            sink,
            told,
            gaps,
            counter,
            counts: true,
            agents,
            fill: None,
            tap: Arc::new(tap::Open),
            voice,
            depth: 0,
            aside: false,
            trail: None,
            whence: None,
        }
    }

    /// Tells a whole file: what the conversation went through, then what was left.
    pub fn file(&mut self, file: &mut File<'_>) -> Result<()> {
        self.gaps.of_file(&file.index);
        self.told.sources.push(file.source());
        self.counter.take("", file.index.tokens);
        self.told.bad_lines += file.index.bad_lines.0 + file.index.bad_lines.1 + u64::from(file.index.torn);
        for (kind, n) in &file.index.unknown {
            *self.told.unknown.entry(kind.clone()).or_default() += n;
        }
        self.filled(NONE)?;
        self.branch(file, file.index.first.unwrap_or(NONE))?;
        self.sides(file, None)?;
        let (model, was) = (self.told.model.clone(), std::mem::replace(&mut self.aside, true));
        for left in std::mem::take(&mut file.index.left) {
            let after = file.id_of(left.after)?;
            self.told.left += 1;
            self.emit(Event::Left(Left { after: Cow::Owned(after) }))?;
            self.branch(file, left.first)?;
        }
        (self.told.model, self.aside) = (model, was);
        Ok(())
    }

    fn branch(&mut self, file: &mut File<'_>, first: u32) -> Result<()> {
        let mut at = first;
        while at != NONE {
            let node = file.index.node(at);
            if node.weight() == Weight::Typed {
                self.sides(file, Some(at))?;
            }
            if node.weight() != Weight::Nothing {
                self.record(file, at)?;
            }
            self.filled(at)?;
            at = node.link;
        }
        self.flush(file)?;
        self.end();
        Ok(())
    }

    /// Tells what another file has between a record and the next.
    fn filled(&mut self, after: u32) -> Result<()> {
        if self.depth > 0 {
            return Ok(());
        }
        if let Some(mut fill) = self.fill.take() {
            for node in fill.after.remove(&after).unwrap_or_default() {
                self.record(&mut fill.file, node)?;
            }
            self.fill = Some(fill);
        }
        Ok(())
    }

    /// Tells one record.
    pub fn record(&mut self, file: &mut File<'_>, number: u32) -> Result<()> {
        let node = file.index.node(number);
        let goes_on = node.part != 0 && node.part == self.voice.open_part;
        if !goes_on && node.weight() != Weight::Answer {
            self.flush(file)?;
        }
        if let Some(trail) = &mut self.trail {
            trail.record(file.volume, number);
        }
        // Where the session is, is known by then.
        if node.is(Flag::TOLD) && (self.depth > 0 || self.told.cwd.is_some()) {
            return Ok(());
        }
        let File { place, dialect, index, lines, aside, .. } = file;
        let path = place.path();
        let failed = |e| Error::io("cannot read the conversation", path, e);
        lines.line(node.at()).map_err(failed)?;
        let said = lines.held(node.at()).and_then(|line| (dialect.said)(line).ok());
        let Some(mut said) = said else {
            self.gaps.changed += 1;
            return Ok(());
        };
        self.placed(&said);
        if let Some(whence) = &self.whence {
            let id = said.uuid.to_string();
            *whence.borrow_mut() = Whence { id, file: path.to_path_buf(), byte: node.at() };
        }
        if node.is(Flag::REPEAT) {
            said.usage = None;
            unsaid(aside, index, dialect, number, &mut said).map_err(failed)?;
        }
        self.request(&said);
        let mut at = At { near: lines, aside, index, dialect, number, part: node.part, told: Vec::new() };
        match said.role {
            Role::Boundary => self.boundary(said, &mut at),
            Role::Assistant => self.assistant(said, &mut at),
            Role::User | Role::Typed | Role::Added | Role::Summary => self.user(said, &mut at),
        }
        .map_err(|e| if e.path.is_none() { e.at(path) } else { e })
    }

    /// Notes where the conversation ran, of the first record that says so.
    fn placed(&mut self, said: &Said<'_>) {
        if self.depth > 0 {
            return;
        }
        let told = &mut self.told;
        let all = [
            (&mut told.cli_session, said.session),
            (&mut told.cwd, said.cwd),
            (&mut told.branch, said.branch),
            (&mut told.version, said.version),
        ];
        for (had, says) in all {
            if had.is_none() && !says.is_empty() {
                *had = Some(says.text().into_owned());
            }
        }
    }

    fn boundary(&mut self, mut said: Said<'_>, at: &mut At<'_, '_>) -> Result<()> {
        let size = said.tokens.map(|t| format!(" ({t} tokens before)")).unwrap_or_default();
        let note = format!("Here the conversation was compacted{size}: the model went on with a summary of what stands above.");
        self.begin(&said, Who::Injected);
        self.block(Block::Note(Cow::Owned(note)))?;
        if said.pieces.is_empty() {
            return Ok(());
        }
        said.role = Role::Summary;
        self.user(said, at)
    }

    /// Notes which model answers, and for how many tokens.
    fn request(&mut self, said: &Said<'_>) {
        if let Some(tokens) = said.usage.filter(|_| self.counts) {
            self.counter.take(&said.part_of, tokens);
        }
        if self.depth == 0 && !said.model.is_empty() && said.model != "<synthetic>" && self.told.model.as_deref() != Some(&*said.model) {
            self.told.model = Some(said.model.to_string());
        }
        if !said.model.is_empty() && said.model != "<synthetic>" && !self.told.models.iter().any(|m| *m == said.model) {
            self.told.models.push(said.model.to_string());
        }
    }

    fn assistant(&mut self, said: Said<'_>, at: &mut At<'_, '_>) -> Result<()> {
        if said.part_of.is_empty() || said.part_of != self.voice.open {
            self.begin(&said, Who::Assistant);
            said.part_of.as_ref().clone_into(&mut self.voice.open);
            self.voice.open_part = at.part;
        }
        self.gaps.left_out += said.left_out;
        said.pieces.into_iter().try_for_each(|piece| self.piece(piece, at))
    }

    fn user(&mut self, mut said: Said<'_>, at: &mut At<'_, '_>) -> Result<()> {
        let label = match said.role {
            Role::Summary => Some("The summary the model went on with"),
            Role::Added => Some("Added by the app"),
            Role::User | Role::Typed | Role::Assistant | Role::Boundary => None,
        };
        self.gaps.left_out += said.left_out;
        let (mut typed, mut before, mut after) = (Vec::new(), Vec::new(), Vec::new());
        let pieces = std::mem::take(&mut said.pieces);
        let calls: Vec<String> =
            pieces.iter().filter_map(|p| if let Piece::Call { id, .. } = p { Some(id.to_string()) } else { None }).collect();
        for piece in pieces {
            match piece {
                Piece::Result { ref id, .. } if at.is_told(id) => {}
                // Told with the call beside it.
                Piece::Result { ref id, .. } if calls.iter().any(|call| call == id) => {}
                Piece::Result { .. } => {
                    self.begin(&said, Who::Injected);
                    self.block(Block::Note("A tool's answer".into()))?;
                    self.piece(piece, at)?;
                }
                Piece::Text(text) if said.role == Role::User => {
                    let prompt = injected::take_apart(&text);
                    before.extend(prompt.before);
                    typed.extend(prompt.files.into_iter().map(|name| Piece::Attachment(name.into())));
                    typed.extend(Some(prompt.typed).filter(|t| !t.trim().is_empty()).map(|t| Piece::Text(Cow::Owned(t))));
                    after.extend(prompt.after);
                }
                Piece::Text(text) if text.trim().is_empty() => {}
                other => typed.push(other),
            }
        }
        for text in before {
            self.injected(&said, text)?;
        }
        if !typed.is_empty() {
            let who = if label.is_some() { Who::Injected } else { Who::User };
            self.begin(&said, who);
            match (label, &typed[..]) {
                (Some(_), [Piece::Text(text)]) if said.role == Role::Added => {
                    self.block(Block::Note(Cow::Owned(injected::label(text))))?;
                }
                // It says itself what it is.
                (Some(_), [Piece::Note(_), ..]) if said.role == Role::Added => {}
                (Some(label), _) => self.block(Block::Note(label.into()))?,
                (None, _) => {}
            }
            for piece in typed {
                self.piece(piece, at)?;
            }
        }
        after.into_iter().try_for_each(|text| self.injected(&said, text))
    }

    fn injected(&mut self, said: &Said<'_>, text: String) -> Result<()> {
        self.begin(said, Who::Injected);
        self.block(Block::Note(Cow::Owned(injected::label(&text))))?;
        self.block(Block::Text(Cow::Owned(text)))
    }

    fn piece(&mut self, piece: Piece<'_>, at: &mut At<'_, '_>) -> Result<()> {
        match piece {
            Piece::Text(text) | Piece::Thinking(text) if text.trim().is_empty() => Ok(()),
            Piece::Text(text) => self.block(Block::Text(text)),
            Piece::Thinking(text) => self.block(Block::Thinking(text)),
            Piece::Note(text) => self.block(Block::Note(text)),
            Piece::Attachment(picture) => self.block(Block::Attachment(picture)),
            Piece::Unknown(kind) => self.block(Block::Note(Cow::Owned(format!("A {kind} stands here, which this version cannot show.")))),
            Piece::Call { id, name, input } => self.call(&id, name, input, at),
            // A server's tool answers within the message of the model, and was told with its call.
            Piece::Result { id, .. } if at.is_told(&id) => Ok(()),
            Piece::Result { id, text, pictures, failed } => {
                at.tell(&id);
                let name = Cow::Borrowed("a tool whose call is not here");
                let answer = self.answer(Answer { text, pictures, whole: None }, "");
                self.block(Block::Tool(Tool { id, name, answer: Some(answer), failed, ..Tool::default() }))
            }
        }
    }

    fn call(&mut self, id: &str, name: Cow<'_, str>, input: Cow<'_, str>, at: &mut At<'_, '_>) -> Result<()> {
        let number = at.number;
        let found = at.answers(id).map_err(|e| Error::io("cannot read the conversation", std::path::Path::new(""), e))?;
        self.told.calls += 1;
        self.gaps.unanswered += u64::from(found.is_none());
        let found = found.unwrap_or_default();
        let asks = matches!(&*name, "Agent" | "Task");
        if asks || !found.launched.is_empty() || self.agents.knows(id) {
            let prompt = super::content::field(input.as_bytes(), "prompt").map(|p| p.text().into_owned()).unwrap_or_default();
            let (agent, call) = (found.launched.to_string(), id.to_owned());
            self.voice.waiting.push(Waiting { agent, call, prompt, node: number, later: found.later });
        }
        let answer = found.answer.map(|answer| self.answer(answer, &found.kept));
        self.block(Block::Tool(Tool { id: Cow::Borrowed(id), name, input, answer, failed: found.failed, patch: found.patch }))
    }

    /// An answer with all of it, where that is kept elsewhere and still there.
    fn answer<'a>(&mut self, mut answer: Answer<'a>, kept: &str) -> Answer<'a> {
        self.gaps.cleared += u64::from(answer.text.starts_with("[Old tool result content cleared"));
        self.agents.outputs.fetch(&mut answer, kept, &mut self.gaps);
        answer
    }

    fn begin(&mut self, said: &Said<'_>, who: Who) {
        self.end();
        let id = if said.uuid.is_empty() { format!("n{}", self.told.turns + 1) } else { said.uuid.to_string() };
        self.voice.turn = Some(Turn { id: Cow::Owned(id), who, when: said.when });
    }

    /// Ends the turn: what follows is not a part of its message.
    pub fn end(&mut self) {
        self.voice.turn = None;
        self.voice.open.clear();
        self.voice.open_part = 0;
    }

    /// Makes place for another conversation within this one; gives what to go on with after it.
    pub fn inner(&mut self) -> Voice {
        std::mem::take(&mut self.voice)
    }

    /// Goes on after another conversation; who speaks then begins anew.
    pub fn outer(&mut self, voice: Voice) {
        self.voice = voice;
        if self.voice.turn.is_none() {
            self.end();
        }
    }

    /// The sub-agents that wait to be told.
    pub fn waiting(&mut self) -> Vec<Waiting> {
        std::mem::take(&mut self.voice.waiting)
    }

    fn block(&mut self, block: Block<'_>) -> Result<()> {
        if let Some(turn) = self.voice.turn.take() {
            self.told.turns += 1;
            if self.depth == 0 {
                self.told.began = [self.told.began, turn.when].into_iter().flatten().min();
                self.told.ended = [self.told.ended, turn.when].into_iter().flatten().max();
            }
            self.emit(Event::Turn(turn))?;
        }
        self.emit(Event::Block(block))
    }

    /// Hands one event on.
    pub fn emit(&mut self, event: Event<'_>) -> Result<()> {
        if let Some(trail) = &mut self.trail {
            trail.event(&event, self.depth, self.aside);
        }
        (self.sink)(event)
    }
}

/// Takes from a repeated record what its earlier copies said.
fn unsaid(aside: &mut Lines<'_>, index: &Index, dialect: &Dialect, number: u32, said: &mut Said<'_>) -> io::Result<()> {
    let mut at = number;
    for _ in 0..COPIES {
        let node = index.node(at);
        if !node.is(Flag::REPEAT) {
            break;
        }
        at = if node.is_main() { node.part } else { node.link };
        let Some(line) = aside.line(index.node(at).at())? else { continue };
        let Ok(before) = (dialect.said)(line.bytes) else { continue };
        if before.role == said.role || said.role != Role::Boundary {
            said.pieces.retain(|piece| !before.pieces.iter().any(|b| b.is_same(piece)));
        }
    }
    Ok(())
}
