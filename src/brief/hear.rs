//! Hears a conversation once and keeps what a brief tells of it. Secrets are left out as it is heard.

use super::asked::{self, Choice, Prompt, Words};
use super::cite::{Cite, Names};
use super::made::Files;
use super::todo::Todos;
use super::tries::{Tries, gist, kind};
use crate::error::Result;
use crate::export::Redactor;
use crate::model::{Session, SessionIx};
use crate::packages::{Environment, Said};
use crate::transcript::{self, Block, Event, Told, Tool, Whence, Who};
use std::cell::RefCell;
use std::rc::Rc;

/// Of a text no more than this is kept, in characters.
const LONGEST: usize = 4000;

/// Of an answer both ends are looked at, this much each.
const ENDS: usize = 64 << 10;

/// What was heard of a session.
#[derive(Debug)]
pub struct Heard {
    /// The session.
    pub session: SessionIx,
    /// What the user typed, in order.
    pub prompts: Vec<Prompt>,
    /// What was agreed or refused, in order.
    pub choices: Vec<Choice>,
    /// What failed.
    pub tries: Tries,
    /// The files that were written.
    pub files: Files,
    /// What was to be done.
    pub todos: Todos,
    /// What was installed.
    pub packages: Vec<Environment>,
    /// Commands, as far as they name files, and where.
    pub commands: Vec<Words>,
    /// What the model said last.
    pub said: Option<Words>,
    /// The user spoke last, and the model has said nothing since.
    pub awaits: bool,
    /// A call that nobody answered, where the conversation ends with one.
    pub open: Option<Words>,
    /// The ids of the records.
    pub names: Names,
    /// What is known of the conversation as a whole.
    pub told: Told,
}

/// Hears a session's conversation; `None`: it has none.
pub fn hear(ix: SessionIx, session: &Session, redactor: &mut Redactor) -> Result<Option<Heard>> {
    let Some(talk) = transcript::open(session)? else { return Ok(None) };
    let whence = Rc::new(RefCell::new(Whence::default()));
    let (installed, turn) = (Said::default(), Turn::default());
    let mut ear = Ear { heard: Heard::new(ix), redactor, installed, whence: whence.clone(), agents: Vec::new(), left: None, turn };
    let told = talk.tell_with(&whence, &mut |event| {
        ear.take(event);
        Ok(())
    })?;
    let mut heard = ear.heard;
    (heard.told, heard.packages) = (told, ear.installed.environments());
    Ok(Some(heard))
}

struct Ear<'r> {
    heard: Heard,
    redactor: &'r mut Redactor,
    installed: Said,
    whence: Rc<RefCell<Whence>>,
    /// The sub-agents that are told, each within the one before.
    agents: Vec<String>,
    /// How deep the branch is that was left, where one is told.
    left: Option<usize>,
    turn: Turn,
}

/// The turn in hand.
#[derive(Default)]
struct Turn {
    who: Option<Who>,
    /// Whether it has said something yet.
    says: bool,
    /// It is the summary after a compaction.
    summary: bool,
    /// The user stopped the model.
    stopped: bool,
}

impl Heard {
    fn new(session: SessionIx) -> Self {
        Self {
            session,
            prompts: Vec::new(),
            choices: Vec::new(),
            tries: Tries::default(),
            files: Files::default(),
            todos: Todos::default(),
            packages: Vec::new(),
            commands: Vec::new(),
            said: None,
            awaits: false,
            open: None,
            names: Names::default(),
            told: Told::default(),
        }
    }
}

impl Ear<'_> {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Agent(agent) => self.agents.push(agent.id.into_owned()),
            Event::AgentEnd => {
                self.agents.pop();
                self.left = self.left.filter(|depth| *depth <= self.agents.len());
            }
            Event::Left(_) => self.left = Some(self.left.map_or(self.agents.len(), |depth| depth.min(self.agents.len()))),
            Event::Turn(turn) => {
                let stopped = self.turn.stopped;
                self.turn = Turn { who: Some(turn.who), stopped, ..Turn::default() };
            }
            Event::Block(Block::Tool(tool)) => self.tool(&tool),
            Event::Block(block) if self.agents.is_empty() && self.left.is_none() => self.block(&block),
            Event::Block(_) => {}
        }
    }

    /// The record in hand.
    fn cite(&mut self, call: &str) -> Cite {
        let whence = self.whence.borrow();
        let record = match (whence.id.is_empty(), self.agents.last()) {
            (false, _) => whence.id.clone(),
            (true, None) => format!("@{}", whence.byte),
            (true, Some(agent)) => format!("{agent}@{}", whence.byte),
        };
        self.heard.names.take(&record);
        Cite { session: self.heard.session, record, call: call.to_owned(), file: whence.file.clone() }
    }

    fn words(&mut self, text: &str, cite: Cite) -> Words {
        let text = self.redactor.text(text);
        let end = text.char_indices().nth(LONGEST).map_or(text.len(), |(at, _)| at);
        Words { text: text.get(..end).unwrap_or_default().to_owned(), cite }
    }

    fn block(&mut self, block: &Block<'_>) {
        match (block, self.turn.who) {
            (Block::Text(text), Some(Who::User)) => self.prompt(text),
            (Block::Text(text), Some(Who::Assistant)) => {
                let cite = self.cite("");
                self.heard.said = Some(self.words(text, cite));
                (self.heard.awaits, self.heard.open) = (false, None);
            }
            (Block::Text(text), Some(Who::Injected)) if self.turn.summary => {
                let cite = self.cite("");
                let words = self.words(text, cite);
                self.heard.choices.push(Choice::Summary(words));
            }
            (Block::Note(note), Some(Who::Injected)) => {
                self.turn.summary = note.starts_with("The summary the model went on with");
                self.turn.stopped |= note == "Interrupted";
            }
            _ => {}
        }
    }

    fn prompt(&mut self, text: &str) {
        let cite = self.cite("");
        let words = self.words(text, cite);
        if std::mem::replace(&mut self.turn.says, true)
            && let Some(last) = self.heard.prompts.last_mut()
        {
            last.words.text.push('\n');
            last.words.text.push_str(&words.text);
            return;
        }
        let awaited = std::mem::replace(&mut self.heard.awaits, true);
        let before = self.heard.said.clone().filter(|_| !awaited && asked::is_short(&words.text));
        let answers = before.and_then(|said| Some(Words { text: asked::question(&said.text)?.to_owned(), cite: said.cite }));
        let stopped = std::mem::take(&mut self.turn.stopped);
        self.heard.prompts.push(Prompt { words, answers, stopped });
        self.heard.open = None;
    }

    fn tool(&mut self, tool: &Tool<'_>) {
        let cite = self.cite(&tool.id);
        self.heard.files.take(tool, &cite);
        if self.left.is_some() {
            return;
        }
        self.installed.take(&cite.record, tool);
        if self.agents.is_empty() {
            self.agreed(tool, &cite);
        }
        if self.heard.todos.take(tool, &cite) || asked::refused(tool).is_some() {
            return;
        }
        self.tried(tool, &cite);
    }

    fn agreed(&mut self, tool: &Tool<'_>, cite: &Cite) {
        let refused = asked::refused(tool);
        if let Some(plan) = asked::plan(tool) {
            let words = self.words(&plan, cite.clone());
            match (&refused, tool.failed, &tool.answer) {
                (Some(refusal), ..) => {
                    let said = refusal.said.as_ref().map(|said| self.redactor.text(said).into_owned());
                    self.heard.choices.push(Choice::Refused(words, said));
                }
                (None, false, Some(_)) => self.heard.choices.push(Choice::Taken(words)),
                _ => {}
            }
            return;
        }
        if let Some(asked::Refusal { said }) = refused {
            let call = tool.call();
            let words = self.words(&format!("{} {}", call.did, call.subject), cite.clone());
            let said = said.map(|said| self.redactor.text(&said).into_owned());
            self.heard.choices.push(Choice::Refused(words, said));
        }
        for (question, answer) in asked::answers(tool) {
            let words = self.words(&question, cite.clone());
            let answer = self.redactor.text(&answer).into_owned();
            self.heard.choices.push(Choice::Answer(words, answer));
        }
    }

    fn tried(&mut self, tool: &Tool<'_>, cite: &Cite) {
        let call = tool.call();
        let command = call.did == "Ran";
        let what = if command { call.subject.to_string() } else { format!("{} {}", call.did, call.subject) };
        let kind = if command { kind(&call.subject) } else { format!("{} {}", tool.name, call.subject) };
        let Some(answer) = &tool.answer else {
            if self.agents.is_empty() && !tool.failed {
                self.heard.open = Some(self.words(&what, cite.clone()));
            }
            return;
        };
        if tool.failed {
            let what = self.words(&what, cite.clone()).text;
            let error = self.redactor.text(&ends(&answer.text)).into_owned();
            self.heard.tries.failed(kind, (what, command), gist(&error).to_owned(), cite.clone());
            return;
        }
        if self.heard.tries.any_open() {
            self.heard.tries.well(&kind, cite);
        }
        if command {
            let words = self.words(&what, cite.clone());
            self.heard.commands.push(words);
        }
    }
}

/// Both ends of a long text.
fn ends(text: &str) -> std::borrow::Cow<'_, str> {
    if text.len() <= 2 * ENDS {
        return text.into();
    }
    let (head, tail) = (text.floor_char_boundary(ENDS), text.ceil_char_boundary(text.len() - ENDS));
    format!("{}\n{}", text.get(..head).unwrap_or_default(), text.get(tail..).unwrap_or_default()).into()
}
