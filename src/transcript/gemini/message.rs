//! One message of a chat as lines.

use super::super::laid::{self, By, Row, note, words};
use super::replay::number;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::io::{self, Write};

/// Text in the user's name that starts so was put in by the tool.
const STARTS: &[&str] = &[
    "<session_context>",
    "<state_snapshot>",
    "This is the Gemini CLI. We are setting up the context for our chat.",
    "<environment_context>",
];

/// What a chat says of itself.
#[derive(Debug, Default)]
pub struct Facts {
    session: String,
    title: String,
    folder: String,
}

impl Facts {
    /// Takes in what a record says.
    pub fn set(&mut self, name: &str, value: &Value) {
        let (had, value) = match name {
            "sessionId" => (&mut self.session, Some(value)),
            "summary" => (&mut self.title, Some(value)),
            "directories" => (&mut self.folder, value.get(0)),
            _ => return,
        };
        if let Some(text) = value.and_then(Value::as_str).filter(|text| !text.is_empty()) {
            text.clone_into(had);
        }
    }

    /// Writes them as a line.
    pub fn write(&self, cwd: &str, out: &mut dyn Write) -> io::Result<()> {
        let cwd = if self.folder.is_empty() { cwd } else { &self.folder };
        Row { session: &self.session, title: &self.title, cwd, ..Row::default() }.write(out)
    }
}

/// A message.
pub struct Message(Value);

impl Message {
    /// A message of a chat.
    pub fn new(record: Value) -> Self {
        Self(record)
    }

    /// Its id.
    pub fn id(&self) -> &str {
        self.word("id")
    }

    fn word(&self, name: &str) -> &str {
        self.0.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// Writes it as lines, and gives the id of the last. Answers to the calls in `answered` stand with those.
    pub fn write(&self, answered: &HashSet<u64>, after: Option<&str>, out: &mut dyn Write) -> io::Result<String> {
        let id = self.word("id");
        let when = self.word("timestamp").parse::<Timestamp>().ok().map(Timestamp::as_millisecond);
        let row = Row { id, after, of: id, when, ..Row::default() };
        match self.word("type") {
            "user" => self.user(&row, answered, out),
            "gemini" => self.model(&row, out),
            kind @ ("info" | "error" | "warning") => {
                let mut say = vec![note(format!("Gemini CLI says ({kind}):"))];
                say.extend(blocks(self.0.get("content")));
                Row { by: By::App, say, ..row }.write(out).map(|()| id.to_owned())
            }
            kind => {
                let say = vec![note(format!("A record of kind {kind} stands here, which this version cannot show."))];
                Row { by: By::App, say, unknown: kind, ..row }.write(out).map(|()| id.to_owned())
            }
        }
    }

    fn user(&self, row: &Row<'_>, answered: &HashSet<u64>, out: &mut dyn Write) -> io::Result<String> {
        let content = self.0.get("content");
        let parts = content.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let answers: Vec<Value> =
            parts.iter().filter_map(|part| part.get("functionResponse")).filter(|a| !is_answered(a, answered)).map(answer).collect();
        let mut say = blocks(content);
        let shown = blocks(self.0.get("displayContent"));
        let (mut last, mut n) = (row.after.map(str::to_owned), 0);
        let mut write = |by, say: Vec<Value>| {
            if say.is_empty() && (by != By::Facts || n > 0) {
                return Ok(());
            }
            let id = part(row.id, n);
            let outcome = Row { by, id: &id, after: last.as_deref(), say, when: row.when, ..Row::default() }.write(out);
            (n, last) = (n + 1, Some(id));
            outcome
        };
        if !shown.is_empty() && shown != say {
            // What was typed, and what it was made into.
            write(By::User, shown)?;
            say.insert(0, note("As the model was given it"));
            write(By::App, say)?;
        } else {
            write(if is_injected(&say) { By::App } else { By::User }, say)?;
        }
        write(By::Tool, answers)?;
        // Others may follow one that says nothing.
        write(By::Facts, Vec::new())?;
        Ok(last.unwrap_or_default())
    }

    fn model(&self, row: &Row<'_>, out: &mut dyn Write) -> io::Result<String> {
        let list = |name: &str| self.0.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let mut say: Vec<Value> = list("thoughts").iter().filter_map(thought).collect();
        say.extend(blocks(self.0.get("content")));
        let tokens = self.0.get("tokens").filter(|t| t.is_object()).map(tokens);
        // Each further call has a line of its own, with what it changed and whom it started.
        let calls = list("toolCalls");
        let mut last = row.after.map(str::to_owned);
        for n in 0..calls.len().max(1) {
            let mut line = Row { by: By::Model, of: row.of, when: row.when, model: self.word("model"), ..Row::default() };
            line.say = std::mem::take(&mut say);
            if let Some(call) = calls.get(n) {
                line.say.push(json!({"type": "tool_use", "id": call.get("id"), "name": call.get("name"), "input": call.get("args")}));
                line.say.extend(result(call));
                line.patch = call.get("resultDisplay").and_then(|shown| shown.get("fileDiff")?.as_str()).map_or(Value::Null, laid::hunks);
                line.launched = call.get("agentId").and_then(Value::as_str).unwrap_or_default();
            }
            let id = part(row.id, n);
            Row { id: &id, after: last.as_deref(), tokens: tokens.filter(|_| n == 0), ..line }.write(out)?;
            last = Some(id);
        }
        Ok(last.unwrap_or_default())
    }
}

/// The id of a further line of a message.
fn part(id: &str, n: usize) -> String {
    if n == 0 { id.to_owned() } else { format!("{id}/{n}") }
}

/// Whether an answer stands with its call as well.
fn is_answered(answer: &Value, answered: &HashSet<u64>) -> bool {
    answer.get("id").and_then(Value::as_str).is_some_and(|id| answered.contains(&number(id)))
}

fn answer(response: &Value) -> Value {
    json!({"type": "tool_result", "tool_use_id": response.get("id"), "content": response_text(response)})
}

/// What a call gave.
fn result(call: &Value) -> Option<Value> {
    let parts = call.get("result")?.as_array()?;
    let mut content: Vec<Value> = parts.iter().filter_map(|p| p.get("functionResponse")).map(|r| words(response_text(r).into())).collect();
    content.extend(parts.iter().filter_map(inline));
    content.extend(parts.iter().filter_map(|p| p.get("text")).map(|text| words(text.clone())));
    // What was shown has all of what the model was given a part of.
    let shown = call.get("resultDisplay").and_then(Value::as_str).unwrap_or_default();
    let cut = |block: &Value| {
        block.get("text").and_then(Value::as_str).is_some_and(|t| t.starts_with("Output too large.") && t.len() < shown.len())
    };
    if let Some(block) = content.iter_mut().find(|block| cut(block)) {
        *block = words(shown.into());
    }
    let failed = matches!(call.get("status").and_then(Value::as_str), Some("error" | "cancelled")) || exited(call, &content);
    (!content.is_empty()).then(|| json!({"type": "tool_result", "tool_use_id": call.get("id"), "content": content, "is_error": failed}))
}

/// Whether a command ended with a code other than 0: the client calls that a success, and says the code near the end.
fn exited(call: &Value, content: &[Value]) -> bool {
    let text = content.first().and_then(|block| block.get("text")?.as_str()).unwrap_or_default();
    let code = text.lines().rev().take(4).find_map(|line| line.trim().strip_prefix("Exit Code: ")?.parse::<i64>().ok());
    call.get("name").and_then(Value::as_str) == Some("run_shell_command") && code.is_some_and(|code| code != 0)
}

fn response_text(response: &Value) -> String {
    let response = response.get("response").unwrap_or(&Value::Null);
    let text = ["output", "error", "content"].iter().find_map(|name| response.get(name)?.as_str());
    text.map_or_else(|| response.to_string(), str::to_owned)
}

fn thought(thought: &Value) -> Option<Value> {
    let of = |name: &str| thought.get(name).and_then(Value::as_str).unwrap_or_default().trim();
    let text = match (of("subject"), of("description")) {
        ("", "") => return None,
        ("", text) | (text, "") => text.to_owned(),
        (subject, text) => format!("**{subject}**\n{text}"),
    };
    Some(laid::thinking(text.into()))
}

/// Content as blocks: text alone, a part, or a list of parts.
fn blocks(content: Option<&Value>) -> Vec<Value> {
    match content {
        Some(Value::String(text)) if !text.trim().is_empty() => vec![words(text.as_str().into())],
        Some(Value::Array(parts)) => parts.iter().filter_map(block).collect(),
        Some(part @ Value::Object(_)) => block(part).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn block(part: &Value) -> Option<Value> {
    match part {
        Value::String(text) => Some(words(text.as_str().into())),
        part => match part.get("text") {
            Some(text) if part.get("thought") == Some(&Value::Bool(true)) => Some(laid::thinking(text.clone())),
            Some(text) => Some(words(text.clone())),
            None => inline(part),
        },
    }
}

/// A file that stands in a part, or that it names.
fn inline(part: &Value) -> Option<Value> {
    let of = |name: &str, field: &str| part.get(name)?.get(field)?.as_str();
    if let Some(data) = of("inlineData", "data") {
        let media = of("inlineData", "mimeType").unwrap_or("application/octet-stream");
        return Some(laid::file(&format!("data:{media};base64,{data}"), "", media));
    }
    of("fileData", "fileUri").map(|uri| laid::file(uri, "", of("fileData", "mimeType").unwrap_or_default()))
}

fn is_injected(say: &[Value]) -> bool {
    let by_tool =
        |block: &Value| block.get("text").and_then(Value::as_str).is_some_and(|t| STARTS.iter().any(|s| t.trim_start().starts_with(s)));
    !say.is_empty() && say.iter().all(by_tool)
}

/// Tokens as they are counted here: those from the cache apart from the rest.
fn tokens(all: &Value) -> [u64; 4] {
    let of = |name: &str| all.get(name).and_then(Value::as_u64).unwrap_or(0);
    [of("input").saturating_sub(of("cached")) + of("tool"), of("output") + of("thoughts"), of("cached"), 0]
}
