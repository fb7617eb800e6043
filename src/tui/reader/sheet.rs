//! What one entry of a conversation says, made ready to be shown: harmless to a terminal, and bounded.

use crate::export;
use crate::transcript::{Block, End, Field, Part, Tool};
use crate::tui::text;
use std::borrow::Cow;
use std::fmt::Write as _;

/// Of one text only so many bytes are shown; the export has all of it.
pub const MOST: usize = 1 << 20;
/// Of a text that stands on one line.
const LINE: usize = 2000;

/// What one entry says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sheet {
    /// Its pieces, in order.
    pub pieces: Vec<Piece>,
}

/// One piece of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Words, markdown.
    Prose(String),
    /// The model's thinking.
    Thinking(String),
    /// A tool call.
    Call {
        /// What was done.
        did: &'static str,
        /// To what, on one line.
        subject: String,
        /// How it ended, as it stands after that, or empty.
        end: String,
        /// Whether it failed.
        failed: bool,
        /// Input and answer.
        parts: Vec<Detail>,
    },
    /// A picture or document.
    Attached(String),
    /// A mark of the tool itself.
    Note(String),
}

/// What stands in an unfolded call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Detail {
    /// Text as it is.
    Text(String),
    /// Words, markdown.
    Prose(String),
    /// Texts in the places of others, each line with its sign.
    Diff(String),
    /// What the next part is.
    Label(String),
}

impl Sheet {
    /// Takes a block in.
    pub fn take(&mut self, block: &Block<'_>) {
        self.pieces.push(match block {
            Block::Text(text) => Piece::Prose(shown(text)),
            Block::Thinking(text) => Piece::Thinking(shown(text)),
            Block::Note(text) => Piece::Note(line(text)),
            Block::Tool(tool) => call(tool),
            Block::Attachment(picture) => {
                let size = if picture.bytes > 0 { format!(" ({})", text::bytes(picture.bytes)) } else { String::new() };
                Piece::Attached(format!("{}{size}", line(&picture.name)))
            }
        });
    }

    /// What the pieces hold, about, in bytes.
    pub fn bytes(&self) -> usize {
        self.pieces.iter().flat_map(Piece::texts).map(str::len).sum()
    }
}

impl Piece {
    /// Every text in it, in the order it is shown.
    pub fn texts(&self) -> Vec<&str> {
        match self {
            Self::Prose(text) | Self::Thinking(text) | Self::Attached(text) | Self::Note(text) => vec![text],
            Self::Call { subject, parts, .. } => {
                let inside =
                    parts.iter().map(|(Detail::Text(text) | Detail::Prose(text) | Detail::Label(text) | Detail::Diff(text))| text.as_str());
                std::iter::once(subject.as_str()).chain(inside).collect()
            }
        }
    }
}

fn call(tool: &Tool<'_>) -> Piece {
    let call = tool.call();
    let end = match call.end {
        End::Failed => " — failed".to_owned(),
        End::Open => " — no answer".to_owned(),
        End::Answered(lines @ 2..) => format!(" — {} lines", text::count(lines as u64)),
        End::Answered(_) => String::new(),
    };
    let whole = line(&call.subject);
    let subject = if call.is_path { export::short_path(&whole).to_owned() } else { whole.clone() };
    let mut parts = Vec::new();
    if subject != whole {
        parts.push(Detail::Label(whole));
    }
    // What the line above does not say in full stands below it.
    let told = |text: &str| text.len() <= LINE && !text.trim().contains('\n') && line(text) == subject;
    for part in &call.parts {
        match part {
            Part::Code { text, .. } if told(text) => {}
            Part::Code { text, .. } => parts.push(Detail::Text(shown(text))),
            Part::Prose(text) => parts.push(Detail::Prose(shown(text))),
            Part::Diff(changes) => parts.push(Detail::Diff(shown(&export::diff(changes)))),
            Part::Json(text) => parts.push(Detail::Text(shown(&json(text)))),
        }
    }
    let mut short = String::new();
    for (name, field) in &call.rest {
        let (Field::Text(value) | Field::Json(value)) = field;
        if value.len() <= 60 && !value.contains('\n') {
            let _ = write!(short, "{}{}: {}", if short.is_empty() { "" } else { " · " }, line(name), line(value));
        } else {
            parts.push(Detail::Label(format!("{}:", line(name))));
            parts.push(Detail::Text(shown(&json(value))));
        }
    }
    if !short.is_empty() {
        parts.insert(0, Detail::Label(short));
    }
    if let Some(answer) = tool.answer.as_ref().filter(|a| !a.text.trim().is_empty()) {
        if !parts.is_empty() {
            parts.push(Detail::Label("answered:".to_owned()));
        }
        parts.push(Detail::Text(shown(answer.text.trim_end())));
    }
    Piece::Call { did: call.did, subject, end, failed: call.end == End::Failed, parts }
}

/// JSON spread over lines; any other text as it is.
fn json(text: &str) -> Cow<'_, str> {
    let value =
        Some(text).filter(|t| t.len() <= MOST && t.starts_with(['{', '['])).and_then(|t| serde_json::from_str::<serde_json::Value>(t).ok());
    value.and_then(|v| serde_json::to_string_pretty(&v).ok()).map_or(Cow::Borrowed(text), Cow::Owned)
}

/// A text that no terminal acts on, its tabs as blanks, and no more of it than is shown.
pub fn shown(text: &str) -> String {
    let cut = text.floor_char_boundary(MOST);
    let mut all = calm(text.get(..cut).unwrap_or_default());
    if cut < text.len() {
        let _ = write!(all, "\n[the first {} of {}; the export has all of it]", text::bytes(cut as u64), text::bytes(text.len() as u64));
    }
    all
}

/// A text on one line.
pub fn line(text: &str) -> String {
    let cut = text.floor_char_boundary(LINE);
    calm(text.get(..cut).unwrap_or_default()).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text without escape sequences, control characters and what turns the reading direction; its lines as they are.
fn calm(text: &str) -> String {
    let clean = export::clean(text);
    let mut out = String::with_capacity(clean.len());
    let mut column = 0;
    for c in clean.chars() {
        match c {
            '\t' => {
                let blanks = 4 - column % 4;
                out.extend(std::iter::repeat_n(' ', blanks));
                column += blanks;
            }
            '\n' | '\u{2028}' | '\u{2029}' => {
                out.push('\n');
                column = 0;
            }
            // A mark that only turns what stands around it is missed by nobody; an override hides what is really there.
            '\u{200E}' | '\u{200F}' | '\u{061C}' | '\u{FEFF}' => {}
            '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => out.push('\u{FFFD}'),
            c => {
                out.push(c);
                column += 1;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::Answer;

    #[test]
    fn nothing_a_terminal_acts_on_is_left_and_every_line_is() {
        let text = "a\x1b[31mred\x1b[0m\x1b]0;title\x07\tb\r\nx\u{202E}gnp\u{9b}2J\u{200F}\u{7}\0end";
        assert_eq!(shown(text), "ared    b\nx\u{FFFD}gnpend");
        assert_eq!(line("two\nlines\x1b[2J  here"), "two lines here");
    }

    #[test]
    fn a_text_of_many_megabytes_says_what_of_it_is_shown() {
        let text = shown(&"é".repeat(MOST));
        assert!(text.ends_with("[the first 1.0 MB of 2.1 MB; the export has all of it]"), "{:?}", text.lines().last());
    }

    #[test]
    fn a_call_is_one_line_with_what_else_it_says_below() {
        let answer = Some(Answer { text: "one\ntwo".into(), ..Answer::default() });
        let tool = |input: &'static str| Tool { name: "Bash".into(), input: input.into(), answer: answer.clone(), ..Tool::default() };
        let parts = |input| match call(&tool(input)) {
            Piece::Call { did: "Ran", subject, end, parts, .. } if end == " — 2 lines" => (subject, parts),
            other => panic!("{other:?}"),
        };
        let text = |t: &str| Detail::Text(t.into());
        assert_eq!(parts(r#"{"command":"ls -l"}"#), ("ls -l".into(), vec![text("one\ntwo")]));
        let label = |t: &str| Detail::Label(t.into());
        assert_eq!(
            parts(r#"{"command":"ls \\\n -l","timeout":10}"#),
            ("ls \\ -l".into(), vec![label("timeout: 10"), text("ls \\\n -l"), label("answered:"), text("one\ntwo")])
        );
    }
}
