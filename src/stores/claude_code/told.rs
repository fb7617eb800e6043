//! What the lines of a transcript tell of its session.

use super::names::uuid_in;
use crate::stores::text::first_words;
use jiff::Timestamp;
use serde_json::Value;
use std::path::PathBuf;

/// What is told of a session.
#[derive(Debug, Default)]
pub struct Told {
    /// Its title, the strongest that is there.
    pub title: Option<String>,
    /// When the first record that tells a time was written.
    pub started: Option<Timestamp>,
    /// The latest time of a record.
    pub last_active: Option<Timestamp>,
    /// The folders it worked in, the first one first.
    pub folders: Vec<PathBuf>,
    /// The model that answered last.
    pub model: Option<String>,
    /// The names its plans go by.
    pub plans: Vec<String>,
    /// The session of which this is a helper's conversation.
    pub of: Option<String>,
    /// What it was begun with, and what it was last gone on with (`cli`, `claude-desktop`).
    pub surfaces: Vec<String>,
}

impl Told {
    /// Reads lines in their order.
    pub fn of(lines: &[Value]) -> Self {
        let mut told = Self::default();
        let mut titles: [Option<String>; 5] = Default::default();
        for line in lines {
            if let (Some(rank), Some(text)) = title(line) {
                let slot = titles.get_mut(rank).filter(|slot| rank < PROMPT || slot.is_none());
                if let Some(slot) = slot {
                    *slot = Some(text);
                }
            }
            told.take(line);
        }
        told.title = titles.into_iter().flatten().next();
        told
    }

    fn take(&mut self, line: &Value) {
        let text = |key: &str| line.get(key).and_then(Value::as_str).filter(|t| !t.is_empty());
        if let Some(time) = text("timestamp").and_then(|t| t.parse::<Timestamp>().ok()) {
            self.started.get_or_insert(time);
            self.last_active = self.last_active.max(Some(time));
        }
        if let Some(cwd) = text("cwd").map(PathBuf::from).filter(|p| p.is_absolute() && !self.folders.contains(p)) {
            self.folders.push(cwd);
        }
        if let Some(slug) = text("slug").filter(|s| !self.plans.iter().any(|p| p == s) && is_plain(s)) {
            self.plans.push(slug.to_owned());
        }
        if let Some(surface) = text("entrypoint") {
            self.surfaces.truncate(1);
            self.surfaces.push(surface.to_owned());
        }
        if self.of.is_none() {
            self.of = text("sessionId").and_then(|id| uuid_in(id.as_bytes())).map(str::to_owned);
        }
        let model = || line.get("message")?.get("model")?.as_str();
        if text("type") == Some("assistant")
            && let Some(model) = model().filter(|m| !m.starts_with('<'))
        {
            self.model = Some(model.to_owned());
        }
    }
}

/// Whether a text is one name and leads nowhere else.
fn is_plain(name: &str) -> bool {
    name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
}

/// From here on the first counts and not the last.
const PROMPT: usize = 3;

/// A title in a line, and its place among titles: given by the user, the session's name, made by the client, the first
/// prompt, the first command. Of each the last counts; of prompts and commands the first.
fn title(line: &Value) -> (Option<usize>, Option<String>) {
    let text = |key: &str| {
        let text = line.get(key)?.as_str()?.split_whitespace().collect::<Vec<_>>().join(" ");
        (!text.is_empty()).then_some(text)
    };
    let is = |key: &str| line.get(key).and_then(Value::as_bool).unwrap_or(false);
    match line.get("type").and_then(Value::as_str).unwrap_or_default() {
        "custom-title" => (Some(0), text("customTitle")),
        "agent-name" => (Some(1), text("agentName")),
        "ai-title" => (Some(2), text("aiTitle")),
        "summary" => (Some(2), text("summary")),
        "user" if !is("isMeta") && !is("isSidechain") && !is("isCompactSummary") => prompt(line),
        _ => (None, None),
    }
}

/// What the user typed, as a title. What the client puts in begins with a tag.
fn prompt(line: &Value) -> (Option<usize>, Option<String>) {
    let Some(content) = line.get("message").and_then(|m| m.get("content")) else { return (None, None) };
    let blocks = content.as_array().into_iter().flatten().filter_map(|block| block.get("text")?.as_str());
    for text in content.as_str().into_iter().chain(blocks).map(str::trim) {
        if let Some((_, rest)) = text.split_once("<command-name>") {
            let name = rest.split_once("</command-name>").map(|(name, _)| name.trim().to_owned());
            return (Some(PROMPT + 1), name.filter(|n| !n.is_empty()));
        }
        if !text.starts_with('<') && !text.starts_with("Caveat: ") && !text.starts_with("[Request interrupted") {
            return (Some(PROMPT), first_words(text));
        }
    }
    (None, None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn user(text: &str) -> Value {
        json!({"type": "user", "message": {"role": "user", "content": text}})
    }

    fn title_of(lines: &[Value]) -> Option<String> {
        Told::of(lines).title
    }

    #[test]
    fn titles_go_by_who_gave_them_and_the_last_of_each_counts() {
        let mut lines = vec![user("<command-name>/clear</command-name>")];
        assert_eq!(title_of(&lines).as_deref(), Some("/clear"));
        lines.extend([user("<ide_opened_file>x</ide_opened_file>"), user("Please\nmake it."), user("And again.")]);
        assert_eq!(title_of(&lines).as_deref(), Some("Please make it."));
        lines.extend([json!({"type": "summary", "summary": "Old words"}), json!({"type": "ai-title", "aiTitle": "Made words"})]);
        assert_eq!(title_of(&lines).as_deref(), Some("Made words"));
        lines.push(json!({"type": "agent-name", "agentName": "Named"}));
        assert_eq!(title_of(&lines).as_deref(), Some("Named"));
        lines.insert(0, json!({"type": "custom-title", "customTitle": "First"}));
        lines.push(json!({"type": "custom-title", "customTitle": "Last"}));
        lines.push(json!({"type": "custom-title", "customTitle": 7}));
        assert_eq!(title_of(&lines).as_deref(), Some("Last"));
    }

    #[test]
    fn what_helpers_tools_and_the_client_say_is_no_title() {
        let odd = [
            json!({"type": "user", "isMeta": true, "message": {"content": "Caveat"}}),
            json!({"type": "user", "isSidechain": true, "message": {"content": "To a helper"}}),
            json!({"type": "user", "isCompactSummary": true, "message": {"content": "This session is being continued"}}),
            json!({"type": "user", "message": {"content": [{"type": "tool_result", "content": "out"}]}}),
            json!({"type": "user", "message": 7}),
            json!({"type": 7}),
        ];
        assert_eq!(title_of(&odd), None);
        let blocks = json!({"type": "user", "message": {"content": [{"type": "image"}, {"type": "text", "text": "What is this?"}]}});
        assert_eq!(title_of(&[blocks]).as_deref(), Some("What is this?"));
    }

    #[test]
    fn times_folders_and_model_come_from_the_records() {
        let told = Told::of(&[
            json!({"type": "mode", "timestamp": 5}),
            json!({"type": "queue-operation", "timestamp": "2026-11-01T10:00:00Z"}),
            json!({"type": "user", "timestamp": "2026-10-01T10:00:00Z", "cwd": "/w/a", "entrypoint": "cli", "slug": "calm-fox"}),
            json!({"type": "assistant", "timestamp": "2026-11-02T10:00:00Z", "cwd": "/w/b", "message": {"model": "m-1"}, "slug": "../up"}),
            json!({"type": "assistant", "message": {"model": "<synthetic>"}, "entrypoint": "sdk-cli"}),
            json!({"type": "user", "cwd": "relative", "entrypoint": "claude-desktop"}),
        ]);
        assert_eq!(told.started.unwrap().to_string(), "2026-11-01T10:00:00Z");
        assert_eq!(told.last_active.unwrap().to_string(), "2026-11-02T10:00:00Z");
        #[cfg(unix)]
        assert_eq!(told.folders, ["/w/a", "/w/b"].map(PathBuf::from));
        assert_eq!((told.model.as_deref(), told.plans.as_slice()), (Some("m-1"), &["calm-fox".to_owned()][..]));
        assert_eq!(told.surfaces, ["cli", "claude-desktop"]);
    }
}
