//! `transcript.md`: a conversation as a page that reads well in any viewer.

use super::clean::clean;
use super::prose::{fenced, html_line, plain, prose};
use super::redact::Redactor;
use super::tools::{Call, folded};
use crate::transcript::{Block, Conversation, Turn, Who};
use std::collections::HashSet;
use std::fmt::Write as _;

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

/// A page in the making.
pub struct Page {
    redactor: Redactor,
    anchors: HashSet<String>,
    body: String,
    day: String,
    /// Whose heading stands above.
    under: Option<Who>,
    turns: u64,
}

/// The page, and how many turns it has: stretches of one speaker under one heading.
pub fn page(conversation: &Conversation, about: &About<'_>) -> (String, u64) {
    let redactor = Redactor::new(about.raw);
    let mut page = Page { redactor, anchors: HashSet::new(), body: String::new(), day: String::new(), under: None, turns: 0 };
    for turn in &conversation.turns {
        page.turn(turn);
    }
    let title = page.clean(about.title);
    let head = front_matter(conversation, about, &page, &title);
    (format!("{head}# {}\n\n{}", plain(&title), page.body), page.turns)
}

fn front_matter(conversation: &Conversation, about: &About<'_>, page: &Page, title: &str) -> String {
    let mut head = String::from("---\n");
    let json = |text: &str| serde_json::Value::from(text).to_string();
    let times = || conversation.turns.iter().filter_map(|t| t.when);
    let mut line = |key: &str, value: String| {
        let _ = writeln!(head, "{key}: {value}");
    };
    line("title", yaml(title));
    line("source", yaml(about.source));
    line("session", yaml(about.session));
    if let Some(started) = about.started.or_else(|| times().min()) {
        line("started", seconds(started));
    }
    if let Some(ended) = times().max() {
        line("ended", seconds(ended));
    }
    line("turns", page.turns.to_string());
    if let Some(model) = conversation.model.as_deref().or(about.model) {
        line("model", yaml(model));
    }
    line("complete", conversation.missing.is_empty().to_string());
    if !conversation.missing.is_empty() {
        let all: Vec<String> = conversation.missing.iter().map(|m| json(&clean(m))).collect();
        line("missing", format!("[{}]", all.join(", ")));
    }
    if !conversation.unknown.is_empty() {
        let all: Vec<String> = conversation.unknown.iter().map(|(kind, n)| format!("{}: {n}", json(&clean(kind)))).collect();
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

impl Page {
    /// Text fit for the page: no escape sequences, no secrets.
    pub fn clean(&mut self, text: &str) -> String {
        self.redactor.text(&clean(text)).into_owned()
    }

    /// A JSON value whose texts are fit for the page.
    pub fn value(&mut self, value: &serde_json::Value) -> serde_json::Value {
        use serde_json::Value;
        fn cleaned(value: &Value) -> Value {
            match value {
                Value::String(s) => Value::String(clean(s)),
                Value::Array(all) => Value::Array(all.iter().map(cleaned).collect()),
                Value::Object(map) => Value::Object(map.iter().map(|(k, v)| (clean(k), cleaned(v))).collect()),
                other => other.clone(),
            }
        }
        self.redactor.value(&cleaned(value))
    }

    fn put(&mut self, part: &str) {
        if !part.is_empty() {
            let _ = write!(self.body, "{part}\n\n");
        }
    }

    fn turn(&mut self, turn: &Turn) {
        self.date(turn);
        let anchor = self.anchor(&turn.id);
        let name = match turn.who {
            Who::User => Some("You"),
            Who::Assistant => Some("Claude"),
            Who::Injected => None,
        };
        self.put(&anchor);
        if self.under != Some(turn.who) || turn.who == Who::User {
            if let Some(name) = name {
                let time = turn.when.map(|w| w.strftime(" · %H:%M").to_string()).unwrap_or_default();
                self.put(&format!("## {name}{time}"));
                self.turns += 1;
            }
            self.under = Some(turn.who);
        }
        if name.is_none() {
            let folded = self.injected(turn);
            self.put(&folded);
            return;
        }
        for block in &turn.blocks {
            let part = self.block(block, false);
            self.put(&part);
        }
    }

    fn date(&mut self, turn: &Turn) {
        let Some(day) = turn.when.map(|w| w.strftime("%Y-%m-%d").to_string()).filter(|d| *d != self.day) else { return };
        let note = if self.day.is_empty() { " (times are UTC)" } else { "" };
        self.put(&format!("*{day}{note}*"));
        self.day = day;
        self.under = None;
    }

    fn anchor(&mut self, id: &str) -> String {
        let safe: String = id.chars().filter(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).take(80).collect();
        let mut anchor = format!("t-{safe}");
        let mut n = 2;
        while !self.anchors.insert(anchor.clone()) {
            anchor = format!("t-{safe}-{n}");
            n += 1;
        }
        format!("<a id=\"{anchor}\"></a>")
    }

    /// What the tool put in: folded and labelled, never in anybody's voice; a mark alone stands as a quote.
    fn injected(&mut self, turn: &Turn) -> String {
        let notes = |b: &&Block| matches!(b, Block::Note(_));
        if turn.blocks.iter().all(|b| notes(&b)) {
            return turn.blocks.iter().map(|b| format!("> {}", self.block(b, true))).collect::<Vec<_>>().join("\n>\n");
        }
        let (label, rest) = match turn.blocks.split_first() {
            Some((Block::Note(label), rest)) => (self.clean(label), rest),
            _ => ("Added by the app".to_owned(), turn.blocks.as_slice()),
        };
        // A sub-agent's words are prose; anything else the model was given is shown as it was given.
        let agent = turn.id.starts_with("agent-");
        let by = if agent || label == "Added by the app" { "" } else { " — added by the app" };
        let parts: Vec<String> = rest.iter().map(|b| self.block(b, !agent)).filter(|p| !p.is_empty()).collect();
        format!("<details><summary>{}{by}</summary>\n\n{}\n\n</details>", html_line(&label, 160), parts.join("\n\n"))
    }

    fn block(&mut self, block: &Block, verbatim: bool) -> String {
        match block {
            Block::Text(text) if verbatim => fenced("", &self.clean(text)),
            Block::Text(text) => prose(&self.clean(text)),
            Block::Thinking(text) => format!("<details><summary>Thinking</summary>\n\n{}\n\n</details>", prose(&self.clean(text))),
            Block::Tool { name, input, result, failed } => folded(self, &Call { name, input, result: result.as_deref(), failed: *failed }),
            Block::Attachment { name, bytes } => {
                let size = if *bytes > 0 { format!(", {}", humansize::format_size(*bytes, humansize::DECIMAL)) } else { String::new() };
                format!("*(attached: {}{size})*", plain(&self.clean(name)))
            }
            Block::Note(text) => format!("*{}*", plain(&self.clean(text))),
        }
    }
}
