//! Sub-agents on a markdown page: in their place as one fold, in pages of their own, or in short.

use super::front::yaml;
use super::markdown::{Page, Sheet, safe};
use super::prose::plain;
use super::spool::Spool;
use super::tools::link;
use crate::transcript::{Agent, Block, Event, Turn, Who};
use std::fmt::Write as _;
use std::io;

/// Signs of what was asked and answered that a short form shows.
const SHOWN: usize = 400;

/// What is known of a sub-agent as it begins.
#[derive(Debug, Clone)]
pub struct Known {
    id: String,
    about: String,
    /// Whether it answers later than its call.
    later: bool,
}

/// A sub-agent's conversation told within the page.
pub struct Inner {
    known: Known,
    /// Whether its fold is open.
    open: bool,
    /// How many sub-agents of its own are being told.
    depth: usize,
    /// The model answers, and has said nothing yet.
    answers: bool,
}

/// A sub-agent's conversation told in a page of its own.
pub struct Own {
    known: Known,
    /// What is written of it.
    pub spool: Spool,
    /// Where the page that it is told from stood.
    above: Sheet,
}

/// A sub-agent's conversation told in short.
pub struct Short {
    known: Known,
    depth: usize,
    who: Who,
    asked: String,
    answered: String,
}

impl Known {
    fn of(agent: &Agent<'_>) -> Self {
        Self { id: agent.id.to_string(), about: agent.about.to_string(), later: agent.later }
    }

    fn title(&self) -> String {
        if self.about.is_empty() { "Sub-agent".to_owned() } else { format!("Sub-agent: {}", self.about) }
    }

    fn by(&self) -> &'static str {
        if self.later { " — in the background" } else { "" }
    }

    fn anchor(&self) -> String {
        format!("agent-{}", self.id)
    }
}

impl Inner {
    /// The beginning of one.
    pub fn of(agent: &Agent<'_>) -> Self {
        Self { known: Known::of(agent), open: false, depth: 0, answers: false }
    }
}

impl Short {
    /// The beginning of one.
    pub fn of(agent: &Agent<'_>) -> Self {
        Self { known: Known::of(agent), depth: 0, who: Who::Injected, asked: String::new(), answered: String::new() }
    }
}

impl Page<'_> {
    /// Writes what happens in a sub-agent: its words are prose, and all of it is one fold.
    pub fn inner(&mut self, event: &Event<'_>) -> io::Result<()> {
        let Some(mut agent) = self.agent.take() else { return Ok(()) };
        let mut parts = Vec::new();
        match event {
            Event::Turn(turn) => {
                self.unfold_agent(&mut agent, turn.when)?;
                agent.answers = turn.who == Who::Assistant;
                parts.extend((turn.who == Who::User).then(|| self.part(&Block::Note("Asked".into()), false)));
            }
            Event::Block(block) => {
                if matches!(block, Block::Text(_)) && std::mem::take(&mut agent.answers) {
                    parts.push(self.part(&Block::Note("Answered".into()), false));
                }
                parts.push(self.part(block, false));
            }
            Event::Agent(inner) => {
                agent.depth += 1;
                self.unfold_agent(&mut agent, None)?;
                let inner = Known::of(inner);
                self.unfold(&inner.title(), inner.by())?;
            }
            Event::AgentEnd if agent.depth > 0 => {
                agent.depth -= 1;
                parts.push("</details>".to_owned());
            }
            Event::AgentEnd => {
                self.unfold_agent(&mut agent, None)?;
                self.put("</details>")?;
                return self.answers_later(&agent.known);
            }
            Event::Left(left) => parts.push(self.part(&Block::Note(left.sentence().into()), false)),
        }
        self.agent = Some(agent);
        parts.iter().try_for_each(|part| self.put(part))
    }

    fn unfold_agent(&mut self, agent: &mut Inner, when: Option<jiff::Timestamp>) -> io::Result<()> {
        if std::mem::replace(&mut agent.open, true) {
            return Ok(());
        }
        self.begin(&agent.known.anchor(), when)?;
        self.sheet.under = Some(Who::Injected);
        self.unfold(&agent.known.title(), agent.known.by())
    }

    /// Begins a sub-agent's own page.
    pub fn open(&mut self, agent: &Agent<'_>) {
        let (known, spool) = (Known::of(agent), Spool::small(self.desk.scratch()));
        self.own.push(Own { known, spool, above: std::mem::take(&mut self.sheet) });
        self.desk.up = "../";
    }

    /// Ends a sub-agent's own page, keeps it, and goes on with the one it is told from.
    pub fn close(&mut self) -> io::Result<()> {
        self.end_turn()?;
        let Some(own) = self.own.pop() else { return Ok(()) };
        let sheet = std::mem::replace(&mut self.sheet, own.above);
        let back = self.own.last().map_or_else(|| "../transcript.md".to_owned(), |above| format!("{}.md", safe(&above.known.id)));
        self.desk.up = if self.own.is_empty() { "" } else { "../" };
        let title = self.desk.clean(&own.known.title()).into_owned();
        let head = format!(
            "---\nschema: lifeboat.sub-agent/1\ntitle: {}\nagent: {}\nsession: {}\nturns: {}\n---\n\n# {}\n\n[Back to where it was started]({back}#t-{})\n\n",
            yaml(&title),
            yaml(&own.known.id),
            yaml(self.desk.about.session),
            sheet.turns,
            plain(&title),
            safe(&own.known.anchor()),
        );
        let mut page = own.spool.behind(head)?;
        let path = self.desk.beside.keep(&format!("agents/{}.md", safe(&own.known.id)), &mut page);
        self.begin(&own.known.anchor(), None)?;
        self.sheet.under = Some(Who::Injected);
        let turns = if sheet.turns == 1 { "1 turn".to_owned() } else { format!("{} turns", sheet.turns) };
        let by = own.known.by();
        let line = match path {
            Some(path) => format!("> [{}]({}{}) — {turns}{by}", plain(&title), self.desk.up, link(&path)),
            None => {
                self.desk.missing.push(format!("the page of sub-agent {} could not be written", own.known.id));
                format!("> *{} — its page could not be written*", plain(&title))
            }
        };
        self.put(&line)?;
        self.answers_later(&own.known)
    }

    /// Takes what happens in a sub-agent that is told in short.
    pub fn shorten(&mut self, event: &Event<'_>) -> io::Result<()> {
        let Some(short) = &mut self.short else { return Ok(()) };
        match event {
            Event::Turn(Turn { who, .. }) if short.depth == 0 => short.who = *who,
            Event::Block(Block::Text(text)) if short.depth == 0 => match short.who {
                Who::User if short.asked.is_empty() => short.asked = text.to_string(),
                Who::Assistant => short.answered = text.to_string(),
                Who::User | Who::Injected => {}
            },
            Event::Agent(_) => short.depth += 1,
            Event::AgentEnd if short.depth > 0 => short.depth -= 1,
            Event::AgentEnd => return self.shortened(),
            Event::Turn(_) | Event::Block(_) | Event::Left(_) => {}
        }
        Ok(())
    }

    fn shortened(&mut self) -> io::Result<()> {
        let Some(short) = self.short.take() else { return Ok(()) };
        self.desk.shortened += 1;
        self.begin(&short.known.anchor(), None)?;
        self.sheet.under = Some(Who::Injected);
        let mut line = format!("> **{}**{}", plain(&self.desk.clean(&short.known.title())), short.known.by());
        for (what, text) in [("Asked", &short.asked), ("Answered", &short.answered)] {
            if !text.trim().is_empty() {
                let text = self.desk.clean(text);
                let cut: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
                let more = if cut.chars().count() > SHOWN { "…" } else { "" };
                let _ = write!(line, " — {what}: {}{more}", plain(&cut.chars().take(SHOWN).collect::<String>()));
            }
        }
        self.put(&line)?;
        self.answers_later(&short.known)
    }

    /// Says where the answer of one in the background stands.
    fn answers_later(&mut self, known: &Known) -> io::Result<()> {
        if !known.later || !self.own.is_empty() {
            return Ok(());
        }
        self.awaited.insert(known.id.clone(), known.about.clone());
        self.put(&format!("*It worked in the background; [what became of it](#t-answer-{}) stands further on.*", safe(&known.id)))
    }

    /// What became of a sub-agent: its anchor is written, and a line that leads back to it is given.
    pub fn answered(&mut self, text: &str) -> io::Result<String> {
        let id = text.split_once("<task-id>").and_then(|(_, rest)| rest.split_once("</task-id>")).map_or("", |(id, _)| id.trim());
        let Some(about) = self.awaited.remove(id) else { return Ok(String::new()) };
        self.put(&format!("<a id=\"t-answer-{}\"></a>", safe(id)))?;
        let name =
            if about.is_empty() { "the sub-agent".to_owned() } else { format!("the sub-agent “{}”", plain(&self.desk.clean(&about))) };
        Ok(format!("*This is what became of [{name}](#t-agent-{}).*", safe(id)))
    }

    fn named(&mut self, about: &str) -> String {
        if about.is_empty() { "the sub-agent".to_owned() } else { format!("the sub-agent “{}”", plain(&self.desk.clean(about))) }
    }

    /// Says of which sub-agents nothing was heard again.
    pub fn never_answered(&mut self) -> io::Result<()> {
        let mut all: Vec<(String, String)> = std::mem::take(&mut self.awaited).into_iter().collect();
        all.sort();
        for (id, about) in all {
            let name = self.named(&about);
            let line = format!("> <a id=\"t-answer-{}\"></a>*Nothing was heard again of [{name}](#t-agent-{0}).*", safe(&id));
            self.put(&line)?;
        }
        Ok(())
    }
}
