//! `transcript.md`: a conversation as a page that reads well in any viewer.

use super::clean::clean;
use super::prose::{fenced, html_line, plain, prose};
use super::redact::Redactor;
use super::tools::folded;
use crate::transcript::{Block, Event, Told, Turn, Who};
use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Write};

/// The label of what no other label fits.
const ADDED: &str = "Added by the app";

/// What the page says about the session.
#[derive(Debug, Default)]
pub struct About<'a> {
    /// The session's title.
    pub title: &'a str,
    /// The store's name (`cowork`).
    pub source: &'a str,
    /// The session's id.
    pub session: &'a str,
    /// When it began.
    pub started: Option<jiff::Timestamp>,
    /// The model, where the conversation names none.
    pub model: Option<&'a str>,
    /// Keep secrets.
    pub raw: bool,
}

/// A page in the making: written as the conversation is told.
pub struct Page<'w> {
    out: &'w mut dyn Write,
    redactor: Redactor,
    /// Hashes of the anchors there are: a page may have a million.
    anchors: HashSet<u32>,
    day: String,
    /// Whose heading stands above.
    under: Option<Who>,
    fold: Fold,
    agent: Option<Inner>,
    turns: u64,
}

/// What the tool put in, not yet whole.
enum Fold {
    /// Nothing: somebody speaks.
    None,
    /// Marks alone so far.
    Marks(Vec<String>),
    /// Folded, and open.
    Open,
}

/// A sub-agent's conversation.
struct Inner {
    id: String,
    about: String,
    /// Whether its fold is open.
    open: bool,
    /// How many sub-agents of its own are being told.
    depth: usize,
    /// The model answers, and has said nothing yet.
    answers: bool,
}

/// The front matter and the title of a page whose body is written, and how many turns it has: stretches of one speaker
/// under one heading.
pub fn head(page: Page<'_>, told: &Told, about: &About<'_>) -> io::Result<(String, u64)> {
    let mut page = page;
    page.end_turn()?;
    let title = page.clean(about.title);
    let head = front_matter(told, about, &mut page, &title);
    Ok((format!("{head}# {}\n\n", plain(&title)), page.turns))
}

fn front_matter(told: &Told, about: &About<'_>, page: &mut Page<'_>, title: &str) -> String {
    let mut head = String::from("---\n");
    let json = |text: &str| serde_json::Value::from(text).to_string();
    let mut line = |key: &str, value: String| {
        let _ = fmt::Write::write_fmt(&mut head, format_args!("{key}: {value}\n"));
    };
    line("title", yaml(title));
    line("source", yaml(about.source));
    line("session", yaml(about.session));
    if let Some(started) = about.started.or(told.began) {
        line("started", seconds(started));
    }
    if let Some(ended) = told.ended {
        line("ended", seconds(ended));
    }
    line("turns", page.turns.to_string());
    if let Some(model) = told.model.as_deref().or(about.model) {
        line("model", yaml(&page.clean(model)));
    }
    line("complete", told.missing.is_empty().to_string());
    if !told.missing.is_empty() {
        let all: Vec<String> = told.missing.iter().map(|m| json(&page.clean(m))).collect();
        line("missing", format!("[{}]", all.join(", ")));
    }
    if !told.unknown.is_empty() {
        let all: Vec<String> = told.unknown.iter().map(|(kind, n)| format!("{}: {n}", json(&page.clean(kind)))).collect();
        line("unknown_records", format!("{{{}}}", all.join(", ")));
    }
    let counts: Vec<String> = page.redactor.counts.iter().map(|(name, n)| format!("{name}: {n}")).collect();
    line("redacted", if about.raw { "false".to_owned() } else { format!("{{{}}}", counts.join(", ")) });
    head + "---\n\n"
}

/// Text as a YAML scalar: plain where that is safe, else quoted as in JSON, which YAML reads alike.
fn yaml(text: &str) -> String {
    let safe = text.starts_with(|c: char| c.is_alphabetic()) && text.chars().all(|c| c.is_alphanumeric() || " _-./()".contains(c));
    let word = matches!(text.to_lowercase().as_str(), "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n");
    if safe && !word && !text.ends_with(' ') { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}

fn seconds(when: jiff::Timestamp) -> String {
    when.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

impl<'w> Page<'w> {
    /// A page that is written to `out`, without what is to be left out.
    pub fn new(out: &'w mut dyn Write, redactor: Redactor) -> Self {
        Self { out, redactor, anchors: HashSet::new(), day: String::new(), under: None, fold: Fold::None, agent: None, turns: 0 }
    }

    /// Text fit for the page: no escape sequences, no secrets.
    pub fn clean<'a>(&mut self, text: &'a str) -> Cow<'a, str> {
        match clean(text) {
            Cow::Borrowed(text) => self.redactor.text(text),
            Cow::Owned(text) => Cow::Owned(self.redactor.text(&text).into_owned()),
        }
    }

    /// A JSON value whose texts are fit for the page.
    pub fn value(&mut self, value: &serde_json::Value) -> serde_json::Value {
        use serde_json::Value;
        fn cleaned(value: &Value) -> Value {
            match value {
                Value::String(s) => Value::String(clean(s).into_owned()),
                Value::Array(all) => Value::Array(all.iter().map(cleaned).collect()),
                Value::Object(map) => Value::Object(map.iter().map(|(k, v)| (clean(k).into_owned(), cleaned(v))).collect()),
                other => other.clone(),
            }
        }
        self.redactor.value(&cleaned(value))
    }

    /// Writes what an event says.
    pub fn take(&mut self, event: &Event<'_>) -> io::Result<()> {
        if self.agent.is_some() {
            return self.inner(event);
        }
        match event {
            Event::Turn(turn) => self.turn(turn),
            Event::Block(block) => self.block(block),
            Event::Agent(agent) => {
                self.end_turn()?;
                let (id, about) = (agent.id.to_string(), agent.about.to_string());
                self.agent = Some(Inner { id, about, open: false, depth: 0, answers: false });
                Ok(())
            }
            Event::AgentEnd => Ok(()),
            Event::Left(left) => {
                self.end_turn()?;
                self.under = None;
                self.begin(&format!("left-{}", left.after), None)?;
                self.fold = Fold::Marks(vec![left.sentence()]);
                self.end_turn()
            }
        }
    }

    fn put(&mut self, part: &str) -> io::Result<()> {
        if part.is_empty() { Ok(()) } else { write!(self.out, "{part}\n\n") }
    }

    fn begin(&mut self, id: &str, when: Option<jiff::Timestamp>) -> io::Result<()> {
        self.date(when)?;
        let anchor = self.anchor(id);
        self.put(&anchor)
    }

    fn turn(&mut self, turn: &Turn<'_>) -> io::Result<()> {
        self.end_turn()?;
        self.begin(&turn.id, turn.when)?;
        let name = match turn.who {
            Who::User => "You",
            Who::Assistant => "Claude",
            Who::Injected => {
                self.fold = Fold::Marks(Vec::new());
                self.under = Some(turn.who);
                return Ok(());
            }
        };
        if self.under != Some(turn.who) || turn.who == Who::User {
            let time = turn.when.map(|w| w.strftime(" · %H:%M").to_string()).unwrap_or_default();
            self.put(&format!("## {name}{time}"))?;
            self.turns += 1;
            self.under = Some(turn.who);
        }
        Ok(())
    }

    fn block(&mut self, block: &Block<'_>) -> io::Result<()> {
        if let (Fold::Marks(marks), Block::Note(note)) = (&mut self.fold, block) {
            marks.push(note.to_string());
            return Ok(());
        }
        if let Fold::Marks(marks) = &mut self.fold {
            let mut marks = std::mem::take(marks).into_iter();
            self.fold = Fold::Open;
            let label = marks.next().unwrap_or_else(|| ADDED.to_owned());
            let by = if label == ADDED { "" } else { " — added by the app" };
            self.unfold(&label, by)?;
            for mark in marks {
                let part = self.part(&Block::Note(mark.into()), true);
                self.put(&part)?;
            }
        }
        // What the model was given is shown as it was given.
        let part = self.part(block, matches!(self.fold, Fold::Open));
        self.put(&part)
    }

    fn unfold(&mut self, label: &str, by: &str) -> io::Result<()> {
        let label = html_line(&self.clean(label), 160);
        self.put(&format!("<details><summary>{label}{by}</summary>"))
    }

    /// Ends what the tool put in: folded and labelled, never in anybody's voice; a mark alone stands as a quote.
    fn end_turn(&mut self) -> io::Result<()> {
        match std::mem::replace(&mut self.fold, Fold::None) {
            Fold::None => Ok(()),
            Fold::Open => self.put("</details>"),
            Fold::Marks(marks) => {
                let lines: Vec<String> = marks.into_iter().map(|m| format!("> {}", self.part(&Block::Note(m.into()), true))).collect();
                self.put(&lines.join("\n>\n"))
            }
        }
    }

    /// Writes what happens in a sub-agent: its words are prose, and all of it is one fold.
    fn inner(&mut self, event: &Event<'_>) -> io::Result<()> {
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
                self.unfold(&sub_agent(&inner.about), "")?;
            }
            Event::AgentEnd if agent.depth > 0 => {
                agent.depth -= 1;
                parts.push("</details>".to_owned());
            }
            Event::AgentEnd => {
                self.unfold_agent(&mut agent, None)?;
                return self.put("</details>");
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
        self.begin(&format!("agent-{}", agent.id), when)?;
        self.under = Some(Who::Injected);
        self.unfold(&sub_agent(&agent.about), "")
    }

    fn date(&mut self, when: Option<jiff::Timestamp>) -> io::Result<()> {
        let Some(day) = when.map(|w| w.strftime("%Y-%m-%d").to_string()).filter(|d| *d != self.day) else { return Ok(()) };
        let note = if self.day.is_empty() { " (times are UTC)" } else { "" };
        self.put(&format!("*{day}{note}*"))?;
        self.day = day;
        self.under = None;
        Ok(())
    }

    fn anchor(&mut self, id: &str) -> String {
        let safe: String = id.chars().filter(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).take(80).collect();
        let mut anchor = format!("t-{safe}");
        let mut n = 2;
        while !self.anchors.insert(number(&anchor)) {
            anchor = format!("t-{safe}-{n}");
            n += 1;
        }
        format!("<a id=\"{anchor}\"></a>")
    }

    fn part(&mut self, block: &Block<'_>, verbatim: bool) -> String {
        match block {
            Block::Text(text) if verbatim => fenced("", &self.clean(text)),
            Block::Text(text) => prose(&self.clean(text)),
            Block::Thinking(text) => format!("<details><summary>Thinking</summary>\n\n{}\n\n</details>", prose(&self.clean(text))),
            Block::Tool(tool) => folded(self, tool),
            Block::Attachment(picture) => {
                let size = match picture.bytes {
                    0 => String::new(),
                    bytes => format!(", {}", humansize::format_size(bytes, humansize::DECIMAL)),
                };
                format!("*(attached: {}{size})*", plain(&self.clean(&picture.name)))
            }
            Block::Note(text) => format!("*{}*", plain(&self.clean(text))),
        }
    }
}

fn sub_agent(about: &str) -> String {
    if about.is_empty() { "Sub-agent".to_owned() } else { format!("Sub-agent: {about}") }
}

/// A short number for an anchor: where two have the same, one of them gets a longer name than it needs.
fn number(anchor: &str) -> u32 {
    let mut hasher = DefaultHasher::new();
    anchor.hash(&mut hasher);
    (hasher.finish() >> 32) as u32
}
