//! `transcript.md`: a conversation as a page that reads well in any viewer.

use super::agents::{Inner, Own, Short};
use super::form::{Desk, Form, Head, SubAgents};
use super::front;
use super::prose::{fenced, html_line, plain, prose};
use super::tools::{attached, folded};
use crate::transcript::{Block, Event, Told, Turn, Who};
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;

/// The label of what no other label fits.
const ADDED: &str = "Added by the app";

/// How an injected text begins that tells what became of a sub-agent.
const NOTIFICATION: &str = "<task-notification>";

/// A page in the making: written as the conversation is told.
pub struct Page<'w> {
    /// What it is written with.
    pub desk: Desk<'w>,
    /// Hashes of the anchors there are: a page may have a million.
    anchors: HashSet<u32>,
    /// What is written just now: the page itself, or a sub-agent's own.
    pub sheet: Sheet,
    /// A sub-agent told within the page.
    pub agent: Option<Inner>,
    /// Sub-agents told in pages of their own, each within the one before it.
    pub own: Vec<Own>,
    /// A sub-agent told in short.
    pub short: Option<Short>,
    /// Sub-agents whose answers are still to come, and what they were started for.
    pub awaited: HashMap<String, String>,
}

/// Where a page stands.
#[derive(Default)]
pub struct Sheet {
    day: String,
    /// Whose heading stands above.
    pub under: Option<Who>,
    fold: Fold,
    /// Turns so far.
    pub turns: u64,
}

/// What the tool put in, not yet whole.
#[derive(Default)]
enum Fold {
    /// Nothing: somebody speaks.
    #[default]
    None,
    /// Marks alone so far.
    Marks(Vec<String>),
    /// Folded, and open.
    Open,
}

impl Form for Page<'_> {
    fn take(&mut self, event: &Event<'_>) -> io::Result<()> {
        if self.short.is_some() {
            return self.shorten(event);
        }
        if self.agent.is_some() {
            return self.inner(event);
        }
        match event {
            Event::Turn(turn) => self.turn(turn),
            Event::Block(block) => self.block(block),
            Event::Agent(agent) => {
                self.end_turn()?;
                match self.desk.agents {
                    SubAgents::Inline => self.agent = Some(Inner::of(agent)),
                    SubAgents::Files => self.open(agent),
                    SubAgents::Summary => self.short = Some(Short::of(agent)),
                }
                Ok(())
            }
            Event::AgentEnd => self.close(),
            Event::Left(left) => {
                self.end_turn()?;
                self.sheet.under = None;
                self.begin(&format!("left-{}", left.after), None)?;
                self.sheet.fold = Fold::Marks(vec![left.sentence()]);
                self.end_turn()
            }
        }
    }

    fn finish(mut self: Box<Self>, told: &Told) -> io::Result<Head> {
        self.end_turn()?;
        self.never_answered()?;
        let title = self.desk.clean(self.desk.about.title).into_owned();
        let text = front::matter(told, self.sheet.turns, &title, &mut self.desk);
        Ok(Head { text, turns: self.sheet.turns, redacted: self.desk.redactor.counts })
    }
}

impl<'w> Page<'w> {
    /// A page that is written with this.
    pub fn new(desk: Desk<'w>) -> Self {
        let (anchors, sheet) = (HashSet::new(), Sheet::default());
        Self { desk, anchors, sheet, agent: None, own: Vec::new(), short: None, awaited: HashMap::new() }
    }

    /// Writes a piece of the page.
    pub fn put(&mut self, part: &str) -> io::Result<()> {
        if part.is_empty() {
            return Ok(());
        }
        let out: &mut dyn io::Write = match self.own.last_mut() {
            Some(own) => &mut own.spool,
            None => self.desk.out,
        };
        out.write_all(part.as_bytes())?;
        out.write_all(b"\n\n")
    }

    /// Writes where something begins: the day, where it is another one, and an anchor.
    pub fn begin(&mut self, id: &str, when: Option<jiff::Timestamp>) -> io::Result<()> {
        self.date(when)?;
        let anchor = self.anchor(id);
        self.put(&anchor)
    }

    fn turn(&mut self, turn: &Turn<'_>) -> io::Result<()> {
        self.end_turn()?;
        let spoke = self.sheet.under;
        self.begin(&turn.id, turn.when)?;
        let name = match (turn.who, self.own.is_empty()) {
            (Who::User, true) => "You",
            (Who::Assistant, true) => self.desk.about.speaker(),
            (Who::User, false) => "Asked",
            (Who::Assistant, false) => "Answered",
            (Who::Injected, _) => {
                self.sheet.fold = Fold::Marks(Vec::new());
                self.sheet.under = Some(turn.who);
                return Ok(());
            }
        };
        if self.sheet.under != Some(turn.who) || turn.who == Who::User {
            let time = turn.when.map(|w| w.strftime(" · %H:%M").to_string()).unwrap_or_default();
            self.put(&format!("## {name}{time}"))?;
            // Another day does not make it another turn.
            self.sheet.turns += u64::from(spoke != Some(turn.who) || turn.who == Who::User);
            self.sheet.under = Some(turn.who);
        }
        Ok(())
    }

    fn block(&mut self, block: &Block<'_>) -> io::Result<()> {
        if let (Fold::Marks(marks), Block::Note(note)) = (&mut self.sheet.fold, block) {
            marks.push(note.to_string());
            return Ok(());
        }
        if let Fold::Marks(marks) = &mut self.sheet.fold {
            let mut marks = std::mem::take(marks).into_iter();
            self.sheet.fold = Fold::Open;
            let answer = match block {
                Block::Text(text) if text.trim_start().starts_with(NOTIFICATION) => self.answered(text)?,
                _ => String::new(),
            };
            let label = marks.next().unwrap_or_else(|| ADDED.to_owned());
            let by = if label == ADDED { "" } else { " — added by the app" };
            self.unfold(&label, by)?;
            self.put(&answer)?;
            for mark in marks {
                let part = self.part(&Block::Note(mark.into()), true);
                self.put(&part)?;
            }
        }
        // What the model was given is shown as it was given.
        let part = self.part(block, matches!(self.sheet.fold, Fold::Open));
        self.put(&part)
    }

    /// Opens a fold.
    pub fn unfold(&mut self, label: &str, by: &str) -> io::Result<()> {
        let label = html_line(&self.desk.clean(label), 160);
        self.put(&format!("<details><summary>{label}{by}</summary>"))
    }

    /// Ends what the tool put in: folded and labelled, never in anybody's voice; a mark alone stands as a quote.
    pub fn end_turn(&mut self) -> io::Result<()> {
        match std::mem::take(&mut self.sheet.fold) {
            Fold::None => Ok(()),
            Fold::Open => self.put("</details>"),
            Fold::Marks(marks) => {
                let lines: Vec<String> = marks.into_iter().map(|m| format!("> {}", self.part(&Block::Note(m.into()), true))).collect();
                self.put(&lines.join("\n>\n"))
            }
        }
    }

    fn date(&mut self, when: Option<jiff::Timestamp>) -> io::Result<()> {
        let day = when.map(|w| w.strftime("%Y-%m-%d").to_string());
        let Some(day) = day.filter(|d| *d != self.sheet.day) else { return Ok(()) };
        let note = if self.sheet.day.is_empty() { " (times are UTC)" } else { "" };
        self.put(&format!("*{day}{note}*"))?;
        self.sheet.day = day;
        self.sheet.under = None;
        Ok(())
    }

    fn anchor(&mut self, id: &str) -> String {
        let safe = safe(id);
        let mut anchor = format!("t-{safe}");
        let mut n = 2;
        while !self.anchors.insert(number(&anchor)) {
            anchor = format!("t-{safe}-{n}");
            n += 1;
        }
        format!("<a id=\"{anchor}\"></a>")
    }

    /// A block as it stands on the page.
    pub fn part(&mut self, block: &Block<'_>, verbatim: bool) -> String {
        match block {
            Block::Text(text) if verbatim => fenced("", &self.desk.clean(text)),
            Block::Text(text) => prose(&self.desk.clean(text)),
            Block::Thinking(text) => format!("<details><summary>Thinking</summary>\n\n{}\n\n</details>", prose(&self.desk.clean(text))),
            Block::Tool(tool) => folded(&mut self.desk, tool),
            Block::Attachment(picture) => attached(&mut self.desk, picture),
            Block::Note(text) => format!("*{}*", plain(&self.desk.clean(text))),
        }
    }
}

/// What of an id can stand in an anchor or in a file's name.
pub fn safe(id: &str) -> String {
    id.chars().filter(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).take(80).collect()
}

/// A short number for an anchor: where two have the same, one of them gets a longer name than it needs.
pub fn number(anchor: &str) -> u32 {
    let mut hasher = DefaultHasher::new();
    anchor.hash(&mut hasher);
    (hasher.finish() >> 32) as u32
}
