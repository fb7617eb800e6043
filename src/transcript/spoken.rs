//! What a record says, as plain texts, each with whose it is.

use super::content::Piece;
use super::dialect::{Role, Said};
use super::injected;
use super::scan::Quoted;
use std::borrow::Cow;

/// Whose a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Voice {
    /// The user's, typed.
    User,
    /// The model's, its thinking among it.
    Assistant,
    /// A tool call's: the tool and all it was given.
    Call,
    /// A tool's answer.
    Answer,
    /// The app's, in whoever's name: reminders, skills, summaries, documents that came along.
    App,
}

impl Voice {
    /// Whether somebody says it: neither an answer of a tool nor put in by the app.
    pub fn is_said(self) -> bool {
        !matches!(self, Self::Answer | Self::App)
    }

    /// Whose it is, in a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Call => "tool",
            Self::Answer => "tool-output",
            Self::App => "app",
        }
    }
}

/// A text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spoken<'a> {
    /// Whose.
    pub voice: Voice,
    /// The text.
    pub text: Cow<'a, str>,
}

/// The texts of a record.
pub fn of(said: Said<'_>) -> Vec<Spoken<'_>> {
    let mut all = Vec::new();
    let voice = match said.role {
        Role::Assistant => Voice::Assistant,
        Role::User | Role::Typed => Voice::User,
        Role::Added | Role::Summary | Role::Boundary => Voice::App,
    };
    let is_prompt = said.role == Role::User;
    for piece in said.pieces {
        match piece {
            Piece::Text(text) if is_prompt => prompt(text, &mut all),
            Piece::Text(text) | Piece::Thinking(text) => push(voice, text, &mut all),
            Piece::Call { name, input, .. } => push(Voice::Call, call(&name, &input), &mut all),
            Piece::Result { text, .. } => push(Voice::Answer, text, &mut all),
            Piece::Attachment(picture) => push(Voice::App, picture.text, &mut all),
            Piece::Note(text) => push(Voice::App, text, &mut all),
            Piece::Unknown(_) => {}
        }
    }
    all
}

fn push<'a>(voice: Voice, text: Cow<'a, str>, all: &mut Vec<Spoken<'a>>) {
    if !text.trim_start().is_empty() {
        all.push(Spoken { voice, text });
    }
}

/// A text in the user's name: what was typed, and what the tool put around it.
fn prompt<'a>(text: Cow<'a, str>, all: &mut Vec<Spoken<'a>>) {
    let prompt = injected::take_apart(&text);
    if prompt.typed.len() == text.len() {
        return push(Voice::User, text, all);
    }
    for added in prompt.before.into_iter().chain(prompt.after) {
        push(Voice::App, Cow::Owned(added), all);
    }
    push(Voice::User, Cow::Owned(prompt.typed), all);
}

/// The tool, and every text in what it was given, a line each.
fn call(name: &str, input: &str) -> Cow<'static, str> {
    let mut out = String::with_capacity(name.len() + input.len());
    out.push_str(name);
    let bytes = input.as_bytes();
    let mut at = 0;
    while let Some(start) = bytes.get(at..).and_then(|rest| memchr::memchr(b'"', rest)).map(|n| at + n + 1) {
        let Some(end) = end_of(bytes, start) else { break };
        at = end + 1;
        let after = bytes.get(at..).unwrap_or_default().trim_ascii_start();
        if after.first() == Some(&b':') {
            continue;
        }
        out.push('\n');
        out.push_str(&Quoted(bytes.get(start..end).unwrap_or_default()).text());
    }
    Cow::Owned(out)
}

/// Where a text in JSON ends.
fn end_of(bytes: &[u8], start: usize) -> Option<usize> {
    let mut from = start;
    loop {
        let end = from + memchr::memchr(b'"', bytes.get(from..)?)?;
        let slashes = bytes.get(start..end)?.iter().rev().take_while(|b| **b == b'\\').count();
        if slashes % 2 == 0 {
            return Some(end);
        }
        from = end + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_its_tool_and_the_texts_it_was_given() {
        let input = r#"{"command":"echo \"a\\b\"\nls","n":3,"list":["é",{"key":"value"}],"empty":"" }"#;
        assert_eq!(call("Bash", input), "Bash\necho \"a\\b\"\nls\né\nvalue\n");
        assert_eq!(call("Bash", r#"{"command":"broken off"#), "Bash");
    }

    #[test]
    fn what_was_typed_is_the_users_and_what_the_app_put_around_it_is_not() {
        let text = "<system-reminder>noted</system-reminder>\nPlease do it.";
        let said = Said { pieces: vec![Piece::Text(text.into())], ..Said::default() };
        let told: Vec<_> = of(said).into_iter().map(|s| (s.voice, s.text.into_owned())).collect();
        assert_eq!(told, [(Voice::App, "<system-reminder>noted</system-reminder>".to_owned()), (Voice::User, "Please do it.".to_owned())]);
    }
}
