//! `transcript.html`: a conversation as one page that needs nothing beside it and runs no script.

mod head;
mod prose;
mod tool;

use super::form::{Desk, Form, Head};
use super::markdown::safe;
use crate::transcript::{Block, Event, Told, Turn, Who};
use prose::{escaped, line, prose};
use std::collections::HashSet;
use std::fmt::Write as _;
use std::io;

/// The label of what no other label fits.
const ADDED: &str = "Added by the app";

/// The table of contents takes so many bytes at most; what is behind them is found by scrolling.
const CONTENTS: usize = 1 << 20;

/// A page in the making: written as the conversation is told, every element closed in its turn.
pub struct Page<'d> {
    desk: Desk<'d>,
    /// The anchors there are, as short hashes.
    anchors: HashSet<u32>,
    day: String,
    /// Whose section is open.
    under: Option<Who>,
    fold: Fold,
    /// How many sub-agents are open, each within the one before it.
    agents: usize,
    turns: u64,
    contents: String,
    /// Turns the table of contents has no place for.
    uncounted: u64,
    /// A turn of the user's whose first words are still to come, by its anchor.
    asked: Option<String>,
    /// The first file of the turn: what it is called by where it has no words.
    given: Option<String>,
    /// Bytes of pictures in the page so far.
    embedded: usize,
}

/// What the tool put in, not yet whole.
#[derive(Default)]
enum Fold {
    /// Nothing: somebody speaks.
    #[default]
    None,
    /// Marks alone so far, and the anchor.
    Marks(String, Vec<String>),
    /// Folded, and open.
    Open,
}

impl<'d> Page<'d> {
    /// A page that is written with this.
    pub fn new(desk: Desk<'d>) -> Self {
        Self {
            desk,
            anchors: HashSet::new(),
            day: String::new(),
            under: None,
            fold: Fold::None,
            agents: 0,
            turns: 0,
            contents: String::new(),
            uncounted: 0,
            asked: None,
            given: None,
            embedded: 0,
        }
    }

    fn put(&mut self, part: &str) -> io::Result<()> {
        self.desk.out.write_all(part.as_bytes())?;
        self.desk.out.write_all(b"\n")
    }

    fn anchor(&mut self, id: &str) -> String {
        let safe = safe(id);
        let mut anchor = format!("t-{safe}");
        let mut n = 2;
        while !self.anchors.insert(crate::export::markdown::number(&anchor)) {
            anchor = format!("t-{safe}-{n}");
            n += 1;
        }
        anchor
    }

    fn date(&mut self, when: Option<jiff::Timestamp>) -> io::Result<()> {
        let day = when.map(|w| w.strftime("%Y-%m-%d").to_string());
        let Some(day) = day.filter(|d| *d != self.day) else { return Ok(()) };
        self.end_section()?;
        let note = if self.day.is_empty() { " · times are UTC" } else { "" };
        self.put(&format!("<p class=\"day\"><time>{day}</time>{note}</p>"))?;
        self.day = day;
        Ok(())
    }

    fn end_section(&mut self) -> io::Result<()> {
        if self.under.take().is_some() { self.put("</section>") } else { Ok(()) }
    }

    fn turn(&mut self, turn: &Turn<'_>) -> io::Result<()> {
        self.end_asking();
        self.end_fold()?;
        let spoke = self.under;
        self.date(turn.when)?;
        let anchor = self.anchor(&turn.id);
        let (name, class) = match turn.who {
            Who::User => ("You", "you"),
            Who::Assistant => (self.desk.about.speaker(), "claude"),
            Who::Injected => {
                self.end_section()?;
                self.fold = Fold::Marks(anchor, Vec::new());
                return Ok(());
            }
        };
        if self.under == Some(turn.who) && turn.who != Who::User {
            return self.put(&format!("<a id=\"{anchor}\"></a>"));
        }
        self.end_section()?;
        let time = turn.when.map(|w| w.strftime("<time>%H:%M</time>").to_string()).unwrap_or_default();
        self.put(&format!("<section class=\"{class}\" id=\"{anchor}\"><h2><a href=\"#{anchor}\">{name}</a>{time}</h2>"))?;
        self.turns += u64::from(spoke != Some(turn.who) || turn.who == Who::User);
        self.asked = (turn.who == Who::User).then_some(anchor);
        self.under = Some(turn.who);
        Ok(())
    }

    /// A turn without words stands in the table of contents by its file.
    fn end_asking(&mut self) {
        if let Some(name) = self.given.take() {
            self.content(&name);
        }
    }

    /// A line of the table of contents, for the first words of a turn.
    fn content(&mut self, text: &str) {
        let Some(anchor) = self.asked.take() else { return };
        if self.contents.len() > CONTENTS {
            self.uncounted += 1;
            return;
        }
        let words = line(&text.replace(['*', '`', '#'], ""), 72);
        let _ = writeln!(self.contents, "<li><a href=\"#{anchor}\">{words}</a></li>");
    }

    fn block(&mut self, block: &Block<'_>) -> io::Result<()> {
        if let (Fold::Marks(_, marks), Block::Note(note)) = (&mut self.fold, block) {
            marks.push(note.to_string());
            return Ok(());
        }
        if let Fold::Marks(anchor, marks) = &mut self.fold {
            let (anchor, mut marks) = (std::mem::take(anchor), std::mem::take(marks).into_iter());
            self.fold = Fold::Open;
            let label = marks.next().unwrap_or_else(|| ADDED.to_owned());
            let by = if label == ADDED { "" } else { " — added by the app" };
            let label = line(&self.desk.clean(&label), 160);
            self.put(&format!("<details class=\"app\" id=\"{anchor}\"><summary>{label}{by}</summary>"))?;
            for mark in marks {
                let mark = self.mark(&mark);
                self.put(&mark)?;
            }
        }
        // What the model was given is shown as it was given.
        let verbatim = matches!(self.fold, Fold::Open) && self.agents == 0;
        let part = self.part(block, verbatim);
        self.put(&part)
    }

    fn mark(&mut self, mark: &str) -> String {
        format!("<p class=\"mark\">{}</p>", escaped(&self.desk.clean(mark)))
    }

    fn part(&mut self, block: &Block<'_>, verbatim: bool) -> String {
        match block {
            Block::Text(text) => {
                let text = self.desk.clean(text).into_owned();
                self.content(&text);
                if verbatim { format!("<pre>{}</pre>", escaped(&text)) } else { prose(&text) }
            }
            Block::Thinking(text) => {
                let text = prose(&self.desk.clean(text));
                format!("<details class=\"thinking\"><summary>Thinking</summary>\n{text}</details>")
            }
            Block::Tool(tool) => self.tool(tool),
            Block::Attachment(picture) => {
                let name = self.desk.clean(&picture.name).into_owned();
                self.given.get_or_insert(name);
                self.attached(picture)
            }
            Block::Note(text) => self.mark(text),
        }
    }

    /// Ends what the tool put in: folded and labelled, never in anybody's voice; marks alone stand by themselves.
    fn end_fold(&mut self) -> io::Result<()> {
        match std::mem::take(&mut self.fold) {
            Fold::None => Ok(()),
            Fold::Open => self.put("</details>"),
            Fold::Marks(anchor, marks) => {
                let marks: String = marks.iter().map(|m| self.mark(m)).collect();
                self.put(&format!("<div class=\"marks\" id=\"{anchor}\">{marks}</div>"))
            }
        }
    }

    fn agent(&mut self, agent: &crate::transcript::Agent<'_>) -> io::Result<()> {
        if self.agents == 0 {
            self.end_fold()?;
            self.end_section()?;
        }
        self.agents += 1;
        let anchor = self.anchor(&format!("agent-{}", agent.id));
        let about = self.desk.clean(&agent.about).into_owned();
        let about = if about.is_empty() { String::new() } else { format!(": {}", line(&about, 160)) };
        let later = if agent.later { " — in the background" } else { "" };
        self.put(&format!("<details class=\"agent\" id=\"{anchor}\"><summary>Sub-agent{about}{later}</summary>"))
    }
}

impl Form for Page<'_> {
    fn take(&mut self, event: &Event<'_>) -> io::Result<()> {
        match event {
            Event::Agent(agent) => self.agent(agent),
            Event::AgentEnd if self.agents > 0 => {
                self.agents -= 1;
                self.put("</details>")
            }
            Event::AgentEnd => Ok(()),
            Event::Turn(turn) if self.agents > 0 => match turn.who {
                Who::User => self.put("<p class=\"who\">Asked</p>"),
                Who::Assistant => self.put("<p class=\"who\">Answered</p>"),
                Who::Injected => self.put("<p class=\"who\">Added by the app</p>"),
            },
            Event::Turn(turn) => self.turn(turn),
            Event::Block(block) => self.block(block),
            Event::Left(left) => {
                if self.agents == 0 {
                    self.end_fold()?;
                    self.end_section()?;
                }
                let anchor = self.anchor(&format!("left-{}", left.after));
                self.put(&format!("<p class=\"mark left\" id=\"{anchor}\">{}</p>", escaped(&left.sentence())))
            }
        }
    }

    fn finish(mut self: Box<Self>, told: &Told) -> io::Result<Head> {
        self.end_fold()?;
        while self.agents > 0 {
            self.agents -= 1;
            self.put("</details>")?;
        }
        self.end_section()?;
        self.put("</main>\n</body>\n</html>")?;
        self.end_asking();
        let text = head::head(&mut self.desk, told, self.turns, (&self.contents, self.uncounted));
        Ok(Head { text, turns: self.turns, redacted: self.desk.redactor.counts })
    }
}
