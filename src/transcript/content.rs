//! The content of a message, as the Messages API shapes it; shared by every dialect that keeps it so.

use super::json::{field, is, text};
use serde_json::Value;
use std::hash::{Hash, Hasher};

/// One piece of a message.
#[derive(Debug, Clone, PartialEq)]
pub enum Piece {
    /// Words.
    Text(String),
    /// Thinking that was kept.
    Thinking(String),
    /// A tool call.
    Call {
        /// Its id.
        id: String,
        /// The tool's name.
        name: String,
        /// Its input.
        input: Value,
    },
    /// What a tool answered.
    Result {
        /// The id of the call.
        id: String,
        /// The answer as text.
        text: String,
        /// Whether it failed.
        failed: bool,
    },
    /// A picture or document.
    Attachment {
        /// Its name or media type.
        name: String,
        /// Bytes, decoded.
        bytes: u64,
    },
    /// A block of a kind not known here.
    Unknown(String),
}

impl Piece {
    /// A number that is the same for the same piece of the same record, wherever in the file it is repeated.
    pub fn mark(&self, uuid: &str) -> u64 {
        let mut hasher = std::hash::DefaultHasher::new();
        uuid.hash(&mut hasher);
        match self {
            Self::Text(t) => (0, t.trim()).hash(&mut hasher),
            Self::Thinking(t) => (1, t.trim()).hash(&mut hasher),
            Self::Call { id, .. } => (2, id).hash(&mut hasher),
            Self::Result { id, .. } => (3, id).hash(&mut hasher),
            Self::Attachment { name, bytes } => (4, name, bytes).hash(&mut hasher),
            Self::Unknown(t) => (5, t).hash(&mut hasher),
        }
        hasher.finish()
    }
}

/// The pieces of a message's `content`: text alone, or a list of blocks.
pub fn pieces(content: &Value) -> Vec<Piece> {
    match content {
        Value::String(s) => vec![Piece::Text(s.clone())],
        Value::Array(blocks) => blocks.iter().filter_map(piece).collect(),
        _ => Vec::new(),
    }
}

fn piece(block: &Value) -> Option<Piece> {
    if let Value::String(s) = block {
        return Some(Piece::Text(s.clone()));
    }
    let kind = text(field(block, &["type"]));
    let own = |name: &str| text(field(block, &[name])).to_owned();
    Some(match kind {
        "text" => Piece::Text(own("text")),
        "thinking" => Piece::Thinking(own("thinking")),
        "redacted_thinking" => return None,
        "image" | "document" => attachment(block),
        "tool_use" | "server_tool_use" | "mcp_tool_use" => call(block),
        _ if kind.ends_with("tool_result") => {
            let failed = is(block, "is_error");
            Piece::Result { id: own("tool_use_id"), text: result_text(field(block, &["content"])), failed }
        }
        _ => match block.get("text").and_then(Value::as_str) {
            Some(text) => Piece::Text(text.to_owned()),
            None => Piece::Unknown(kind.to_owned()),
        },
    })
}

/// Dispatch sessions speak to the user by a tool; what it says is the reply (cowork.md 3.2).
fn call(block: &Value) -> Piece {
    let name = text(field(block, &["name"]));
    let input = field(block, &["input"]);
    let said = text(field(input, &["message", "text", "content"]));
    if (name == "SendUserMessage" || name.ends_with("__SendUserMessage")) && !said.is_empty() {
        return Piece::Text(said.to_owned());
    }
    Piece::Call { id: text(field(block, &["id"])).to_owned(), name: name.to_owned(), input: input.clone() }
}

fn attachment(block: &Value) -> Piece {
    let source = field(block, &["source"]);
    let media = text(field(source, &["media_type", "url", "type"]));
    let name = text(field(block, &["title", "name"]));
    let name = if name.is_empty() { media } else { name };
    let name = if name.is_empty() { text(field(block, &["type"])) } else { name };
    let data = text(field(source, &["data"]));
    Piece::Attachment { name: name.to_owned(), bytes: omitted(data).unwrap_or_else(|| decoded(data)) }
}

/// The size in `[base64 omitted: image/png 12345 bytes, sha256 …]`, which stands in an audit log (cowork.md 3.1).
fn omitted(data: &str) -> Option<u64> {
    let (before, _) = data.strip_prefix("[base64 omitted: ")?.split_once(" bytes")?;
    before.rsplit(' ').next()?.parse().ok()
}

fn decoded(base64: &str) -> u64 {
    let chars = base64.trim_end_matches('=').len() as u64;
    chars * 3 / 4
}

/// A tool's answer as text: text blocks joined, anything else named or as JSON.
fn result_text(content: &Value) -> String {
    match content {
        Value::String(s) => s.clone(),
        Value::Null => String::new(),
        Value::Array(blocks) => blocks.iter().map(result_block).collect::<Vec<_>>().join("\n"),
        other => other.to_string(),
    }
}

fn result_block(block: &Value) -> String {
    match (text(field(block, &["type"])), block) {
        ("text", _) => text(field(block, &["text"])).to_owned(),
        ("image" | "document", _) => match attachment(block) {
            Piece::Attachment { name, bytes } => format!("[{name}, {bytes} bytes]"),
            _ => String::new(),
        },
        ("tool_reference", _) => format!("[tool {}]", text(field(block, &["tool_name", "name"]))),
        (_, Value::String(s)) => s.clone(),
        _ => block.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_picture_is_told_by_its_kind_and_its_decoded_size() {
        let block = |data: &str| json!([{"type":"image","source":{"type":"base64","media_type":"image/png","data":data}}]);
        let size = |data: &str| match &pieces(&block(data))[..] {
            [Piece::Attachment { name, bytes }] if name == "image/png" => *bytes,
            other => panic!("{other:?}"),
        };
        assert_eq!(size("aGVsbG8="), 5);
        assert_eq!(size("[base64 omitted: image/png 12345 bytes, sha256 ab]"), 12345);
    }

    #[test]
    fn a_reply_by_send_user_message_is_text() {
        let content = json!([{"type":"tool_use","id":"t","name":"mcp__x__SendUserMessage","input":{"message":"Done."}}]);
        assert_eq!(pieces(&content), [Piece::Text("Done.".into())]);
    }

    #[test]
    fn a_block_of_an_unknown_kind_is_named_and_its_text_kept() {
        let content = json!([{"type":"citation_block","cite":"x"},{"type":"newer","text":"words"}]);
        assert_eq!(pieces(&content), [Piece::Unknown("citation_block".into()), Piece::Text("words".into())]);
    }
}
