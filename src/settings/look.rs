//! How a JSON text is laid out, and parts put into it and cut out of it so that the rest stays byte for byte.

use super::spans::{Member, blank, members};
use serde::Serialize;
use serde_json::Value;
use std::ops::Range;

/// A member of the object at a place.
pub fn member(text: &str, at: usize, key: &str) -> Option<Member> {
    members(text, at)?.into_iter().find(|m| m.key == key)
}

/// Cuts one of these parts out, with the comma that belongs to it.
pub fn cut(text: &str, all: &[Range<usize>], one: &Range<usize>) -> Option<String> {
    let at = all.iter().position(|part| part == one)?;
    let gone = match (at.checked_sub(1).and_then(|n| all.get(n)), all.get(at + 1)) {
        (Some(before), _) => before.end..one.end,
        (None, Some(after)) => one.start..after.start,
        (None, None) => {
            // What stood around it goes along, so that the brackets close upon each other.
            let before = text.get(..one.start)?.trim_end().len();
            before..blank(text, one.end)
        }
    };
    Some([text.get(..gone.start)?, text.get(gone.end..)?].concat())
}

/// How a text is laid out.
pub struct Look<'t> {
    /// What ends a line, where things stand on lines of their own.
    newline: Option<&'t str>,
    /// What a line begins with, for each bracket around it.
    unit: &'t str,
}

impl<'t> Look<'t> {
    /// How this text is laid out.
    pub fn of(text: &'t str) -> Self {
        let at = blank(text, 0) + 1;
        let first = blank(text, at);
        let between = text.get(at..first).unwrap_or_default();
        let newline = if between.contains("\r\n") { Some("\r\n") } else { between.contains('\n').then_some("\n") };
        match text.as_bytes().get(first) {
            Some(b'"') => Self { newline, unit: between.rsplit('\n').next().filter(|_| newline.is_some()).unwrap_or_default() },
            // Nothing in it: as the client writes it.
            _ => Self { newline: Some(newline.unwrap_or("\n")), unit: "  " },
        }
    }

    /// What stands behind a colon.
    pub fn space(&self) -> &'static str {
        if self.newline.is_some() { " " } else { "" }
    }

    fn line(&self, depth: usize) -> String {
        self.newline.map_or(String::new(), |newline| format!("{newline}{}", self.unit.repeat(depth)))
    }

    /// A value whose first line begins somewhere and whose others are so deep.
    pub fn render(&self, value: &Value, depth: usize) -> String {
        if self.newline.is_none() {
            return value.to_string();
        }
        let mut out = Vec::new();
        let formatter = serde_json::ser::PrettyFormatter::with_indent(self.unit.as_bytes());
        let written = value.serialize(&mut serde_json::Serializer::with_formatter(&mut out, formatter));
        let text = if written.is_ok() { String::from_utf8(out).unwrap_or_default() } else { value.to_string() };
        text.lines().collect::<Vec<_>>().join(&self.line(depth))
    }

    /// Puts an item behind the last one in what begins at `at`, or as the only one.
    pub fn insert(&self, text: &str, at: usize, depth: usize, last: Option<&Range<usize>>, item: &str) -> String {
        let (before, item) = match last {
            Some(last) => (last.end, format!(",{}{item}", self.line(depth))),
            None => {
                let inside = text.get(at + 1..blank(text, at + 1)).unwrap_or_default();
                let close = if inside.contains('\n') { String::new() } else { self.line(depth.saturating_sub(1)) };
                (at + 1, format!("{}{item}{close}", self.line(depth)))
            }
        };
        [text.get(..before).unwrap_or_default(), &item, text.get(before..).unwrap_or_default()].concat()
    }
}
