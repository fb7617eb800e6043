//! Our own lines, for what is no lines in order: rows of databases, JSON of many files, records of which the last one counts.
//! They are laid out in the order they stand in, and read back as any other dialect is.

use super::content;
use super::dialect::{Dialect, Head, Parent, Role, Said, Weight, weigh};
use super::facts::Tokens;
use super::scan::{Broken, Cursor, Quoted, Step};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::io::{self, Write};

/// The dialect.
pub const DIALECT: Dialect = Dialect { is: |_| false, head, said };

/// Who a line is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// Nobody: it tells of the conversation.
    #[default]
    Facts,
    /// The user.
    User,
    /// The tool, in whoever's name.
    App,
    /// The model.
    Model,
    /// The model's tool, which failed to answer and says so.
    Failure,
    /// A tool that the model called.
    Tool,
    /// Nobody: the conversation was compacted here.
    Boundary,
    /// The summary the model went on with.
    Summary,
    /// Nobody: the record with this id is where the conversation stands.
    Stands,
    /// Nobody: something that could not be read stood here.
    Lost,
}

/// One line.
#[derive(Debug, Default, Serialize)]
pub struct Row<'a> {
    /// Who it is of.
    pub by: By,
    /// The record's id.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub id: &'a str,
    /// The record it follows, empty: none; `None`: the line before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<&'a str>,
    /// The message it is a part of.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub of: &'a str,
    /// When, in milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<i64>,
    /// The model.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub model: &'a str,
    /// What it says, as the Messages API has it, and `note`s.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub say: Vec<Value>,
    /// The sub-agent that the call in it started.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub launched: &'a str,
    /// The file with the whole of the answer in it.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub kept: &'a str,
    /// What was changed in a file.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub patch: Value,
    /// Tokens: read and in no cache, written, read from the cache, put into it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens: Option<[u64; 4]>,
    /// Tokens before a compaction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<u64>,
    /// The conversation's id.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub session: &'a str,
    /// The folder it ran in.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub cwd: &'a str,
    /// The client's version.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub version: &'a str,
    /// A title.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub title: &'a str,
    /// A kind of record that is not known here.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub unknown: &'a str,
}

impl Row<'_> {
    /// Writes it as a line.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer(&mut *out, self)?;
        out.write_all(b"\n")
    }
}

fn head(line: &[u8]) -> Step<Head<'_>> {
    let mut c = Cursor::new(line);
    let mut head = Head { parent: Parent::Previous, ..Head::default() };
    let (mut content, mut by) = (content::Outline::default(), Quoted::default());
    if c.peek() != Some(b'{') || !c.object()? {
        return Err(Broken);
    }
    while let Some(key) = c.key()? {
        match key {
            b"by" => by = c.text()?.unwrap_or_default(),
            b"id" => head.uuid = c.text()?.unwrap_or_default(),
            b"after" => head.parent = c.text()?.filter(|id| !id.is_empty()).map_or(Parent::Nothing, Parent::Record),
            b"of" => head.part_of = c.text()?.unwrap_or_default(),
            b"say" => content = content::outline(&mut c)?,
            b"title" => head.title = c.text()?.map(|title| (title, true)),
            b"unknown" => (head.unknown, head.kind) = (true, c.text()?.unwrap_or_default()),
            _ => {
                c.skip()?;
            }
        }
    }
    head.length = c.at();
    (head.answers, head.first_text) = (content.answers.clone(), content.first_text);
    head.weight = match by.0 {
        b"facts" => Some(Weight::Added),
        b"user" => Some(if content.says { Weight::Typed } else { Weight::Nothing }),
        b"app" => Some(if content.says { Weight::Added } else { Weight::Nothing }),
        b"model" => Some(weigh("assistant", false, false, &content)),
        b"failure" => Some(Weight::Error),
        b"tool" => Some(Weight::Answer),
        b"boundary" => Some(Weight::Boundary),
        b"summary" => Some(Weight::Summary),
        b"stands" => {
            head.leaf = std::mem::take(&mut head.uuid);
            None
        }
        b"lost" => {
            head.lost = true;
            None
        }
        _ => None,
    };
    Ok(head)
}

fn said(line: &[u8]) -> Step<Said<'_>> {
    let mut c = Cursor::new(line);
    let (mut said, mut by) = (Said::default(), Quoted::default());
    c.object()?;
    while let Some(key) = c.key()? {
        match key {
            b"by" => by = c.text()?.unwrap_or_default(),
            b"id" => said.uuid = c.text()?.unwrap_or_default().text(),
            b"of" => said.part_of = c.text()?.unwrap_or_default().text(),
            b"when" => said.when = c.number()?.and_then(|ms| Timestamp::from_millisecond(i64::try_from(ms).ok()?).ok()),
            b"model" => said.model = c.text()?.unwrap_or_default().text(),
            b"say" => said.pieces = content::pieces(&mut c)?,
            b"launched" => said.launched = c.text()?.unwrap_or_default().text(),
            b"kept" => said.kept = c.text()?.unwrap_or_default().text(),
            b"patch" => said.patch = c.skip()?,
            b"tokens" => said.usage = tokens(&mut c)?,
            b"before" => said.tokens = c.number()?,
            b"session" => said.session = c.text()?.unwrap_or_default(),
            b"cwd" => said.cwd = c.text()?.unwrap_or_default(),
            b"version" => said.version = c.text()?.unwrap_or_default(),
            _ => {
                c.skip()?;
            }
        }
    }
    said.role = match by.0 {
        b"user" => Role::Typed,
        b"model" | b"failure" => Role::Assistant,
        b"tool" => Role::User,
        b"boundary" => Role::Boundary,
        b"summary" => Role::Summary,
        _ => Role::Added,
    };
    Ok(said)
}

fn tokens(c: &mut Cursor<'_>) -> Step<Option<Tokens>> {
    let mut all = [0; 4];
    if !c.list()? {
        return Ok(None);
    }
    for place in &mut all {
        if !c.item()? {
            return Ok(None);
        }
        *place = c.number()?.unwrap_or(0);
    }
    while c.item()? {
        c.skip()?;
    }
    let [input, output, cache_read, cache_write] = all;
    Ok(Some(Tokens { input, output, cache_read, cache_write }))
}

/// A block that is a mark of the tool's own.
pub fn note(text: impl Into<Cow<'static, str>>) -> Value {
    block("note", "text", text.into().into_owned().into())
}

/// A block of words.
pub fn words(text: Value) -> Value {
    block("text", "text", text)
}

/// A block of thinking.
pub fn thinking(text: Value) -> Value {
    block("thinking", "thinking", text)
}

fn block(kind: &str, field: &str, text: Value) -> Value {
    [("type", kind.into()), (field, text)].into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>().into()
}

/// A block for a file: what is at an address, which may hold all of it.
pub fn file(url: &str, name: &str, media: &str) -> Value {
    let picture = content::Picture::at(url.into(), name.into(), media.into());
    let kind = if picture.is_image() { "image" } else { "document" };
    let source = serde_json::json!({"type": "base64", "media_type": picture.media, "data": picture.data});
    serde_json::json!({"type": kind, "title": picture.name, "source": source})
}

/// The changes of a unified diff, as the transcripts of Claude Code have them; null, where it is none.
pub fn hunks(diff: &str) -> Value {
    let mut all: Vec<Value> = Vec::new();
    let mut lines: Vec<Value> = Vec::new();
    let mut at: Option<(u64, u64)> = None;
    let mut end = |at: &mut Option<(u64, u64)>, lines: &mut Vec<Value>| {
        if let Some((old, new)) = at.take().filter(|_| !lines.is_empty()) {
            all.push(serde_json::json!({"oldStart": old, "newStart": new, "lines": std::mem::take(lines)}));
        }
        lines.clear();
    };
    for line in diff.lines() {
        if let Some(begins) = line.strip_prefix("@@ -") {
            end(&mut at, &mut lines);
            let number = |text: &str| text.split([',', ' ']).next().and_then(|n| n.parse().ok());
            at = begins.split_once(" +").and_then(|(old, new)| Some((number(old)?, number(new)?)));
        } else if at.is_some() && line.starts_with([' ', '+', '-', '\\']) {
            lines.push(Value::from(line));
        } else if at.is_some() && line.is_empty() {
            lines.push(Value::from(" "));
        } else {
            // Another file begins.
            end(&mut at, &mut lines);
        }
    }
    end(&mut at, &mut lines);
    if all.is_empty() { Value::Null } else { Value::Array(all) }
}
