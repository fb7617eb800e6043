//! opencode's sessions, laid out: rows of its database, of either generation, or the JSON files of before
//! (stores.md A.3 to A.10; genuine-clients.md 1).

mod files;
mod first;
mod rows;
mod second;
mod slim;
mod stand;
mod tool;

pub use files::lay_out as files;
pub use rows::lay_out as rows;
pub use stand::{of_files as files_stand, rows as rows_stand};

use super::laid::{By, Row};
use super::place::Laying;
use serde_json::Value;
use std::io;

/// What is laid out of one session.
pub struct Page<'p, 't> {
    out: &'p mut Laying<'t>,
    /// The id of the last line.
    last: String,
    /// The id of the last line before what was reverted.
    stands: Option<String>,
    /// The sessions that calls say they started.
    pub children: Vec<String>,
}

impl<'p, 't> Page<'p, 't> {
    /// Begins with what is known of the session.
    pub fn new(out: &'p mut Laying<'t>, session: &str, cwd: &str, version: &str, title: &str) -> io::Result<Self> {
        // It has an id, so that everything after it may have been reverted.
        Row { id: session, after: Some(""), session, cwd, version, title, ..Row::default() }.write(out)?;
        Ok(Self { out, last: session.to_owned(), stands: None, children: Vec::new() })
    }

    /// Adds a line; it follows the last one.
    pub fn line(&mut self, id: &str, row: Row<'_>) -> io::Result<()> {
        Row { id, after: Some(&self.last), ..row }.write(self.out)?;
        id.clone_into(&mut self.last);
        Ok(())
    }

    /// What follows was reverted.
    pub fn reverted(&mut self) {
        self.stands.get_or_insert_with(|| self.last.clone());
    }

    /// Whether what is added now was reverted.
    pub fn is_reverted(&self) -> bool {
        self.stands.is_some()
    }

    /// Something stood here that could not be read.
    pub fn lost(&mut self) -> io::Result<()> {
        Row { by: By::Lost, ..Row::default() }.write(self.out)
    }

    /// Tells how much was read, and whether no more is wanted.
    pub fn took(&mut self, bytes: usize) -> io::Result<bool> {
        self.out.took(bytes as u64)?;
        Ok(self.out.is_full())
    }

    /// Ends it; gives the sessions that calls say they started.
    pub fn end(self) -> io::Result<Vec<String>> {
        if let Some(id) = &self.stands {
            Row { by: By::Stands, id, ..Row::default() }.write(self.out)?;
        }
        Ok(self.children)
    }
}

/// A session out of lines of JSON: each a message with its parts in a list, or of the third generation one of its kind.
#[cfg(fuzzing)]
pub fn of_lines(bytes: &[u8], is_second: bool, out: &mut Laying<'_>) -> io::Result<()> {
    let mut page = Page::new(out, "ses", "", "", "")?;
    let lines = bytes.split(|b| *b == b'\n').filter_map(|line| serde_json::from_slice::<Value>(&slim::read(line).ok()?).ok());
    let revert = first::Revert::of(&serde_json::json!({"messageID": "msg_3", "partID": "prt_2"}));
    for (n, line) in lines.enumerate() {
        let id = format!("msg_{n}");
        if is_second {
            second::message(&id, word(&line, "type"), &line, &mut page)?;
            continue;
        }
        let mut message = first::Message::new(&id, line.clone(), revert.as_ref(), &mut page);
        for (n, part) in line.get("parts").and_then(Value::as_array).into_iter().flatten().enumerate() {
            message.part(&format!("prt_{n}"), part, &mut page)?;
        }
        message.end(&mut page)?;
    }
    page.end().map(drop)
}

/// A text field, or nothing.
fn word<'v>(of: &'v Value, name: &str) -> &'v str {
    of.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A text somewhere within, or nothing.
fn at<'v>(of: &'v Value, path: &str) -> &'v str {
    of.pointer(path).and_then(Value::as_str).unwrap_or_default()
}

/// Tokens as they are counted here.
fn tokens(all: &Value) -> Option<[u64; 4]> {
    let of = |path: &str| all.pointer(path).and_then(Value::as_u64).unwrap_or(0);
    all.is_object().then(|| [of("/input"), of("/output") + of("/reasoning"), of("/cache/read"), of("/cache/write")])
}

/// What went wrong, in words.
fn failure(error: &Value) -> String {
    let name = [word(error, "name"), word(error, "type")].into_iter().find(|name| !name.is_empty()).unwrap_or("an error");
    let says = [at(error, "/data/message"), word(error, "message")].into_iter().find(|says| !says.is_empty()).unwrap_or_default();
    match (name, says) {
        ("MessageAbortedError", _) => "It was stopped.".to_owned(),
        (name, "") => format!("It failed: {name}"),
        (name, says) => format!("It failed: {name}: {says}"),
    }
}
