//! `transcript.jsonl`: the events of a conversation, one a line, as this program understands them, for other programs.

use super::facts;
use super::form::{Desk, Form, Head};
use crate::transcript::{Answer, Block, Event, Picture, Told, Tool, Who};
use serde_json::{Value, json};
use std::io;

/// The schema of the first line.
const CONVERSATION: &str = "lifeboat.conversation/1";

/// The schema of every other one.
const EVENT: &str = "lifeboat.event/1";

/// A conversation in the making.
pub struct Lines<'d> {
    desk: Desk<'d>,
    /// The turn that is told, or empty.
    turn: String,
    /// The sub-agents that are told, each started by the one before it.
    agents: Vec<String>,
    turns: u64,
    /// Who spoke last.
    under: Option<Who>,
}

impl<'d> Lines<'d> {
    /// One that is written with this.
    pub fn new(desk: Desk<'d>) -> Self {
        Self { desk, turn: String::new(), agents: Vec::new(), turns: 0, under: None }
    }

    fn line(&mut self, kind: &str, more: Value) -> io::Result<()> {
        let mut line = json!({"schema": EVENT, "event": kind});
        if let (Value::Object(line), Value::Object(more)) = (&mut line, more) {
            line.extend(more);
            if let Some(agent) = self.agents.last() {
                line.insert("agent".to_owned(), json!(agent));
            }
        }
        serde_json::to_writer(&mut *self.desk.out, &line)?;
        self.desk.out.write_all(b"\n")
    }

    fn words(&mut self, kind: &str, words: &str) -> io::Result<()> {
        let line = json!({"turn": self.turn, "text": self.desk.clean(words)});
        self.line(kind, line)
    }

    fn block(&mut self, block: &Block<'_>) -> io::Result<()> {
        let turn = self.turn.clone();
        match block {
            Block::Text(words) => self.words("text", words),
            Block::Thinking(words) => self.words("thinking", words),
            Block::Note(words) => self.words("note", words),
            Block::Attachment(picture) => {
                let Value::Object(mut all) = attachment(&mut self.desk, picture) else { return Ok(()) };
                all.insert("turn".to_owned(), json!(turn));
                self.line("attachment", Value::Object(all))
            }
            Block::Tool(tool) => {
                let call = call(&mut self.desk, &turn, tool);
                self.line("tool", call)
            }
        }
    }
}

impl Form for Lines<'_> {
    fn take(&mut self, event: &Event<'_>) -> io::Result<()> {
        match event {
            Event::Turn(turn) => {
                turn.id.as_ref().clone_into(&mut self.turn);
                if self.agents.is_empty() {
                    let speaks = turn.who == Who::User || (turn.who == Who::Assistant && self.under != Some(turn.who));
                    self.turns += u64::from(speaks);
                    self.under = Some(turn.who);
                }
                let who = match turn.who {
                    Who::User => "user",
                    Who::Assistant => "assistant",
                    Who::Injected => "app",
                };
                self.line("turn", json!({"id": turn.id, "who": who, "when": turn.when}))
            }
            Event::Block(block) => self.block(block),
            Event::Agent(agent) => {
                let about = self.desk.clean(&agent.about).into_owned();
                self.under = None;
                let outcome = self.line("agent", json!({"id": agent.id, "about": about, "later": agent.later}));
                self.agents.push(agent.id.to_string());
                outcome
            }
            Event::AgentEnd => {
                let id = self.agents.pop();
                self.line("agent-end", json!({"id": id}))
            }
            Event::Left(left) => self.line("left", json!({"after": left.after})),
        }
    }

    fn finish(mut self: Box<Self>, told: &Told) -> io::Result<Head> {
        let mut head = json!({"schema": CONVERSATION});
        if let (Value::Object(head), Value::Object(facts)) = (&mut head, facts::json(told, self.turns, &mut self.desk)) {
            head.extend(facts);
        }
        Ok(Head { text: format!("{head}\n"), turns: self.turns, redacted: self.desk.redactor.counts })
    }
}

fn call(desk: &mut Desk<'_>, turn: &str, tool: &Tool<'_>) -> Value {
    let mut parsed = |text: &str| match serde_json::from_str::<Value>(text) {
        _ if text.is_empty() => Value::Null,
        Ok(value) => desk.value(&value),
        Err(_) => json!(desk.clean(text)),
    };
    let (input, patch) = (parsed(&tool.input), parsed(&tool.patch));
    let mut call = json!({"turn": turn, "id": tool.id, "name": desk.clean(&tool.name), "input": input});
    if let Value::Object(call) = &mut call {
        if !patch.is_null() {
            call.insert("patch".to_owned(), patch);
        }
        call.insert("failed".to_owned(), json!(tool.failed));
        call.insert("answer".to_owned(), tool.answer.as_ref().map_or(Value::Null, |a| answer(desk, &tool.id, a)));
    }
    call
}

fn answer(desk: &mut Desk<'_>, call: &str, answer: &Answer<'_>) -> Value {
    let pictures: Vec<Value> = answer.pictures.iter().map(|p| attachment(desk, p)).collect();
    let mut all = json!({"text": desk.clean(&answer.text)});
    let Value::Object(more) = &mut all else { return all };
    if !pictures.is_empty() {
        more.insert("attachments".to_owned(), Value::Array(pictures));
    }
    if let Some(file) = &answer.whole {
        let aside = desk.whole(call, file);
        desk.cut += u64::from(aside.is_none());
        more.insert("whole".to_owned(), json!(aside.map(|a| a.path)));
    }
    all
}

fn attachment(desk: &mut Desk<'_>, picture: &Picture<'_>) -> Value {
    let file = desk.picture(picture);
    json!({"name": desk.clean(&picture.name), "media": desk.clean(&picture.media), "bytes": picture.bytes, "file": file})
}
