//! A tool call with its state, as blocks of a line.

use super::super::laid::{self, Row, note, words};
use super::word;
use serde_json::{Value, json};

/// A call and its state, of either generation.
pub struct Call<'v> {
    /// Its id.
    pub id: &'v str,
    /// The tool's name.
    pub name: &'v str,
    /// How it stands.
    pub state: &'v Value,
}

impl<'v> Call<'v> {
    fn metadata(&self, name: &str) -> &'v Value {
        self.state.get("metadata").and_then(|all| all.get(name)).unwrap_or(&Value::Null)
    }

    /// The session that it started, or empty.
    pub fn child(&self) -> &'v str {
        let ids = ["sessionId", "sessionID"].map(|name| self.metadata(name).as_str().unwrap_or_default());
        ids.into_iter().find(|id| !id.is_empty()).unwrap_or_default()
    }

    /// The line that says it; who it is of, and its place, are filled in.
    pub fn row(&self) -> Row<'v> {
        let input = self.state.get("input").unwrap_or(&Value::Null);
        // A call of a tool that is not there stands under another name.
        let (name, input) = match (self.name, word(input, "tool")) {
            ("invalid", tool) if !tool.is_empty() => (tool, json!({"error": input.get("error")})),
            (name, _) => (name, input.clone()),
        };
        let mut say = vec![json!({"type": "tool_use", "id": self.id, "name": name, "input": input})];
        let (answer, failed) = self.answer();
        if let Some(content) = answer {
            say.push(json!({"type": "tool_result", "tool_use_id": self.id, "content": content, "is_error": failed}));
        } else if let Some(so_far) = self.metadata("output").as_str().filter(|text| !text.is_empty()) {
            say.push(note(format!("It was still running; what it had said by then:\n{so_far}")));
        }
        let patch = self.metadata("diff").as_str().map_or(Value::Null, laid::hunks);
        Row { say, patch, launched: self.child(), kept: self.kept(), ..Row::default() }
    }

    fn answer(&self) -> (Option<Vec<Value>>, bool) {
        let state = self.state;
        match word(state, "status") {
            "completed" => {
                let output = state.get("output").filter(|output| output.is_string()).cloned().map(words);
                let parts = ["content", "attachments"].into_iter().filter_map(|name| state.get(name)?.as_array()).flatten();
                let content = output.into_iter().chain(parts.filter_map(part)).collect();
                let exit = self.metadata("exit").as_i64();
                (Some(content), self.name == "invalid" || exit.is_some_and(|code| code != 0))
            }
            "error" => {
                let error = state.get("error").unwrap_or(&Value::Null);
                let says = error.as_str().or_else(|| error.get("message")?.as_str()).map_or_else(|| error.to_string(), str::to_owned);
                (Some(vec![words(says.into())]), true)
            }
            _ => (None, false),
        }
    }

    /// The file with the whole output, where what stands here was cut.
    fn kept(&self) -> &'v str {
        if let Some(path) = self.metadata("outputPath").as_str() {
            return path;
        }
        let says = || word(self.state, "output").split_once("Full output saved to: ")?.1.lines().next();
        let cut = self.metadata("truncated").as_bool().unwrap_or_default();
        if cut { says().unwrap_or_default().trim() } else { "" }
    }
}

/// A part of an answer: words or a file.
fn part(part: &Value) -> Option<Value> {
    match part.get("text") {
        Some(text) if word(part, "type") == "text" => Some(words(text.clone())),
        _ => file(part),
    }
}

/// A file, which may stand in its address.
pub fn file(file: &Value) -> Option<Value> {
    let first = |names: &[&str]| names.iter().map(|name| word(file, name)).find(|text| !text.is_empty()).unwrap_or_default();
    let url = first(&["url", "uri"]);
    (!url.is_empty()).then(|| laid::file(url, first(&["filename", "name"]), first(&["mime", "mediaType"])))
}
