//! The first two generations: messages with parts, in JSON files or in rows of `message` and `part`.

use super::super::laid::{By, Row, note, thinking, words};
use super::tool::{self, Call};
use super::{Page, at, failure, tokens, word};
use serde_json::Value;
use std::io;

/// From which message or part on a session was reverted.
#[derive(Debug, Default, Clone)]
pub struct Revert {
    message: String,
    part: String,
}

impl Revert {
    /// What a session says of it; nothing, where it was not reverted.
    pub fn of(revert: &Value) -> Option<Self> {
        let message = word(revert, "messageID").to_owned();
        (!message.is_empty()).then(|| Self { message, part: word(revert, "partID").to_owned() })
    }
}

/// A message whose parts are being laid out.
pub struct Message<'m> {
    id: &'m str,
    info: Value,
    when: Option<i64>,
    /// What the user said, as long as nothing else comes between.
    say: Vec<Value>,
    /// The id of the first of that.
    said: String,
    lines: usize,
    revert: Option<&'m Revert>,
}

impl<'m> Message<'m> {
    /// A message.
    pub fn new(id: &'m str, info: Value, revert: Option<&'m Revert>, page: &mut Page<'_, '_>) -> Self {
        let when = info.pointer("/time/created").and_then(Value::as_i64);
        if revert.is_some_and(|r| r.message.as_str() < id || r.message == id && r.part.is_empty()) {
            page.reverted();
        }
        Self { id, info, when, say: Vec::new(), said: String::new(), lines: 0, revert }
    }

    /// Adds its next part.
    pub fn part(&mut self, id: &str, part: &Value, page: &mut Page<'_, '_>) -> io::Result<()> {
        if self.revert.is_some_and(|r| r.message == self.id && !r.part.is_empty() && r.part.as_str() <= id) {
            self.flush(page)?;
            page.reverted();
        }
        let by_app = ["synthetic", "ignored"].iter().any(|name| part.get(name) == Some(&Value::Bool(true)));
        let is_model = word(&self.info, "role") == "assistant";
        let summary = self.info.get("summary") == Some(&Value::Bool(true));
        let text = || part.get("text").cloned().unwrap_or_default();
        match word(part, "type") {
            "text" if word(part, "text").trim().is_empty() => Ok(()),
            "text" if by_app => self.line(id, By::App, vec![words(text())], page),
            "text" if is_model && summary => self.line(id, By::Summary, vec![words(text())], page),
            "text" if is_model => self.line(id, By::Model, vec![words(text())], page),
            "text" => {
                self.hold(id, words(text()));
                Ok(())
            }
            "reasoning" if word(part, "text").trim().is_empty() => Ok(()),
            "reasoning" => self.line(id, By::Model, vec![thinking(text())], page),
            "file" if is_model => self.line(id, By::Model, tool::file(part).into_iter().collect(), page),
            "file" => {
                if let Some(file) = tool::file(part) {
                    self.hold(id, file);
                }
                Ok(())
            }
            "tool" => {
                let call = Call { id: word(part, "callID"), name: word(part, "tool"), state: part.get("state").unwrap_or(&Value::Null) };
                page.children.extend(Some(call.child()).filter(|child| !child.is_empty()).map(str::to_owned));
                self.row(id, Row { by: By::Model, ..call.row() }, page)
            }
            "subtask" => {
                let about = format!("Asked the sub-agent {}: {}", word(part, "agent"), word(part, "description"));
                self.line(id, By::App, vec![note(about), words(part.get("prompt").cloned().unwrap_or_default())], page)
            }
            "agent" => self.line(id, By::App, vec![note(format!("Named the agent {}", word(part, "name")))], page),
            "retry" => {
                let error = part.get("error").map(failure).unwrap_or_default();
                self.line(id, By::App, vec![note(format!("{error} It was tried again."))], page)
            }
            "compaction" => self.row(id, Row { by: By::Boundary, ..Row::default() }, page),
            // They are about files, of which the tool keeps states elsewhere.
            "step-start" | "step-finish" | "snapshot" | "patch" => Ok(()),
            kind => {
                let says = note(format!("A part of kind {kind} stands here, which this version cannot show."));
                self.row(id, Row { by: By::App, say: vec![says], unknown: kind, ..Row::default() }, page)
            }
        }
    }

    /// Adds what stands at its end.
    pub fn end(&mut self, page: &mut Page<'_, '_>) -> io::Result<()> {
        self.flush(page)?;
        if let Some(error) = self.info.get("error").filter(|error| error.is_object()) {
            let says = vec![note(failure(error))];
            self.line(&format!("{}/error", self.id), By::Failure, says, page)?;
        }
        Ok(())
    }

    /// Holds back a block of the user's.
    fn hold(&mut self, id: &str, block: Value) {
        if self.say.is_empty() {
            id.clone_into(&mut self.said);
        }
        self.say.push(block);
    }

    /// Writes what was held back.
    fn flush(&mut self, page: &mut Page<'_, '_>) -> io::Result<()> {
        let say = std::mem::take(&mut self.say);
        if say.is_empty() {
            return Ok(());
        }
        let id = std::mem::take(&mut self.said);
        self.write(&id, Row { by: By::User, say, ..Row::default() }, page)
    }

    fn line(&mut self, id: &str, by: By, say: Vec<Value>, page: &mut Page<'_, '_>) -> io::Result<()> {
        self.row(id, Row { by, say, ..Row::default() }, page)
    }

    fn row(&mut self, id: &str, row: Row<'_>, page: &mut Page<'_, '_>) -> io::Result<()> {
        self.flush(page)?;
        self.write(id, row, page)
    }

    fn write(&mut self, id: &str, row: Row<'_>, page: &mut Page<'_, '_>) -> io::Result<()> {
        // People know the message by its id; its further lines have those of the parts.
        let id = if self.lines == 0 { self.id } else { id };
        self.lines += 1;
        let model = [word(&self.info, "modelID"), at(&self.info, "/model/modelID")].into_iter().find(|m| !m.is_empty());
        let is_model = matches!(row.by, By::Model | By::Failure | By::Summary);
        // Parts that were reverted are no parts of a message that stands.
        let of = if page.is_reverted() { format!("{}/reverted", self.id) } else { self.id.to_owned() };
        let tokens = if is_model && self.lines == 1 { self.info.get("tokens").and_then(tokens) } else { None };
        page.line(id, Row { of: &of, when: self.when, model: model.filter(|_| is_model).unwrap_or_default(), tokens, ..row })
    }
}
