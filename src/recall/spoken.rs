//! Files as the conversation wrote them: the whole text of a `Write`, and every edit since that says what it replaced.

use crate::manifest::Heard;
use crate::model::Session;
use crate::transcript::{self, Block, Event, Tool};
use serde_json::Value;
use std::collections::HashMap;

/// A file's text, and where the conversation wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spoken {
    /// The text.
    pub text: String,
    /// The record and call that wrote it last.
    pub from: String,
}

/// What a session's conversation wrote into these files, by path as the conversation has it.
pub fn of(session: &Session, wanted: &[String]) -> HashMap<String, Spoken> {
    let mut heard = Replay { wanted, texts: HashMap::new(), record: String::new() };
    if let Ok(Some(talk)) = transcript::open(session) {
        let told = talk.tell(&mut |event| {
            heard.take(&event);
            Ok(())
        });
        if told.is_err() {
            return HashMap::new();
        }
    }
    heard.texts
}

struct Replay<'a> {
    wanted: &'a [String],
    texts: HashMap<String, Spoken>,
    record: String,
}

impl Replay<'_> {
    fn take(&mut self, event: &Event<'_>) {
        match event {
            Event::Turn(turn) => self.record = turn.id.to_string(),
            Event::Block(Block::Tool(tool)) if !tool.failed && tool.answer.is_some() => self.tool(tool),
            _ => {}
        }
    }

    fn tool(&mut self, tool: &Tool<'_>) {
        let name = tool.name.rsplit("__").next().unwrap_or_default();
        if !matches!(name, "Write" | "Edit" | "MultiEdit") {
            return;
        }
        let Ok(input) = serde_json::from_str::<Value>(&tool.input) else { return };
        let text = |key: &str| input.get(key).and_then(Value::as_str);
        let Some(path) = text("file_path").filter(|p| self.wanted.iter().any(|w| w == p)) else { return };
        let from = Heard::place(&self.record, &tool.id);
        if let ("Write", Some(content)) = (name, text("content")) {
            self.texts.insert(path.to_owned(), Spoken { text: content.to_owned(), from });
            return;
        }
        let Some(known) = self.texts.get_mut(path) else { return };
        let alone = [input.clone()];
        let edits = if name == "Edit" { &alone[..] } else { input.get("edits").and_then(Value::as_array).map_or(&[][..], Vec::as_slice) };
        let mut now = Some(known.text.clone());
        for edit in edits {
            now = now.and_then(|text| edited(&text, edit));
        }
        match now {
            Some(text) => *known = Spoken { text, from },
            // What it became is not known.
            None => drop(self.texts.remove(path)),
        }
    }
}

/// A text after an edit; `None`: it does not hold what was replaced.
fn edited(text: &str, edit: &Value) -> Option<String> {
    let (old, new) = (edit.get("old_string")?.as_str()?, edit.get("new_string")?.as_str()?);
    if old.is_empty() || !text.contains(old) {
        return None;
    }
    let all = edit.get("replace_all").and_then(Value::as_bool) == Some(true);
    Some(if all { text.replace(old, new) } else { text.replacen(old, new, 1) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::{Answer, Turn, Who};
    use serde_json::json;

    #[test]
    fn a_file_is_as_it_was_written_and_edited_last_and_not_known_after_an_edit_nobody_can_follow() {
        let wanted = ["/a".to_owned(), "/b".to_owned()];
        let mut replay = Replay { wanted: &wanted, texts: HashMap::new(), record: String::new() };
        replay.take(&Event::Turn(Turn { id: "r".into(), who: Who::Assistant, when: None }));
        let mut call = |name: &str, input: Value| {
            let (id, input) = ("t".into(), input.to_string().into());
            let tool = Tool { id, name: name.to_owned().into(), input, answer: Some(Answer::default()), ..Tool::default() };
            replay.take(&Event::Block(Block::Tool(tool)));
        };
        for path in ["/a", "/b", "/c"] {
            call("Write", json!({"file_path": path, "content": "one two two"}));
        }
        call("Edit", json!({"file_path": "/a", "old_string": "two", "new_string": "2"}));
        call(
            "MultiEdit",
            json!({"file_path": "/a", "edits": [{"old_string": "2", "new_string": "3"}, {"old_string": "two", "new_string": "4"}]}),
        );
        call("Edit", json!({"file_path": "/b", "old_string": "elsewhere", "new_string": "x"}));
        assert_eq!(replay.texts.get("/a").map(|s| (s.text.as_str(), s.from.as_str())), Some(("one 3 4", "record r, call t")));
        assert_eq!(replay.texts.len(), 1);
    }
}
