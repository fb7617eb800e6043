//! What a session's files tell of its record.

use super::Field;
use crate::export;
use crate::model::{Kind, Session};
use crate::platform::{facts, open_beneath};
use crate::stores::cowork::fields_of;
use crate::transcript::{self, Block, Event, Told, Who};
use crate::world::World;
use serde_json::{Map, Value, json};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// A record is no larger than this.
const LARGEST: u64 = 16 << 20;

/// So many lines of the audit log are looked at for the session's id.
const LINES: usize = 200;

/// A record, as far as it can be told.
pub struct Gathered {
    /// The session's id.
    pub id: String,
    /// Where the record belongs.
    pub record: PathBuf,
    /// Fields that are new or other than they were.
    pub fields: Vec<Field>,
    /// What is not known.
    pub unknown: Vec<String>,
    /// The record's text.
    pub text: String,
}

/// What the conversation says of the session.
#[derive(Default)]
struct Heard {
    told: Told,
    /// The first prompt.
    first: Option<String>,
    /// The name of its home in the virtual machine, where all paths that tell one tell the same.
    homes: Vec<String>,
}

/// Gathers it; an error says why no record can be made.
pub fn gather(world: &World, session: &Session, dir: &Path) -> Result<Gathered, String> {
    let old = match &session.record {
        Some(record) => old(record)?,
        None => Map::new(),
    };
    let heard = hear(session)?;
    let (id, id_from) = id(&old, dir).ok_or("nothing tells the session's whole id")?;
    let record = match &session.record {
        Some(record) => record.clone(),
        None => dir.parent().unwrap_or(dir).join(format!("{id}.json")),
    };
    if session.record.is_none() && facts(&record).is_ok() {
        return Err(format!("something is at the record's place: {}", world.short(&record)));
    }
    let mut made = Made { old, fields: Vec::new(), unknown: Vec::new() };
    made.put("sessionId", Some((json!(id), id_from)), Value::is_string);
    let main = heard.told.sources.first().map(|s| s.path.clone()).unwrap_or_default();
    let from = if main.file_name().is_some_and(|n| n == "audit.jsonl") { "the audit log" } else { "the transcript" };
    let told = |value: Option<Value>| value.map(|value| (value, from.to_owned()));
    let home = match heard.homes.as_slice() {
        [one] => Some(json!(one)),
        _ => None,
    };
    let text = |v: &Value| v.as_str().is_some_and(|t| !t.is_empty());
    made.put("processName", told(home.clone()), text);
    made.put("vmProcessName", told(home), text);
    let conversation = main
        .file_stem()
        .filter(|_| from == "the transcript")
        .map(|stem| (json!(stem.to_string_lossy()), "the transcript's name".to_owned()));
    made.put(
        "cliSessionId",
        conversation.or_else(|| told(heard.told.cli_session.clone().filter(|c| !id.ends_with(c.as_str())).map(Value::from))),
        text,
    );
    made.put("cwd", told(heard.told.cwd.clone().map(Value::from)), text);
    let number = |at: Option<jiff::Timestamp>| told(at.map(|at| json!(at.as_millisecond())));
    made.put("createdAt", number(heard.told.began), Value::is_number);
    made.put("lastActivityAt", number(heard.told.ended), Value::is_number);
    // These say how the app shows it, and it lists it without them.
    let known = export::durable(world).into_iter().find(|(_, manifest)| manifest.session == id).map(|(_, manifest)| manifest);
    let folders: Vec<String> =
        known.iter().flat_map(|m| &m.folders).map(|f| world.expand(Path::new(f)).to_string_lossy().into_owned()).collect();
    made.add("userSelectedFolders", (!folders.is_empty()).then(|| (json!(folders), "its manifest".to_owned())));
    made.add("model", told(heard.told.model.clone().map(Value::from)));
    made.add("title", told(heard.told.title.clone().map(Value::from)));
    let task = known.map(|m| m.task).filter(|task| !task.is_empty() && *task != id).map(|task| (json!(task), "its manifest".to_owned()));
    made.add("title", task);
    made.add("initialMessage", told(heard.first.map(Value::from)));
    let host = heard.told.cwd.as_deref().is_some_and(|cwd| !cwd.starts_with("/sessions/") && cwd.ends_with("outputs"));
    made.add("hostLoopMode", host.then(|| (json!(true), "the folder it ran in".to_owned())));
    let text = serde_json::to_string_pretty(&Value::Object(made.old)).map_err(|e| e.to_string())?;
    Ok(Gathered { id, record, fields: made.fields, unknown: made.unknown, text })
}

/// A record in the making.
struct Made {
    old: Map<String, Value>,
    fields: Vec<Field>,
    unknown: Vec<String>,
}

impl Made {
    /// A field the app has asked for at some time: kept where it is as it should be.
    fn put(&mut self, name: &str, told: Option<(Value, String)>, good: impl Fn(&Value) -> bool) {
        if self.old.get(name).is_some_and(good) {
            return;
        }
        match told {
            Some((value, from)) => self.set(name, value, from),
            None => self.unknown.push(format!("{name} is told nowhere")),
        }
    }

    /// Another field, where there is none of its name.
    fn add(&mut self, name: &str, told: Option<(Value, String)>) {
        if let Some((value, from)) = told.filter(|_| !self.old.contains_key(name)) {
            self.set(name, value, from);
        }
    }

    fn set(&mut self, name: &str, value: Value, from: String) {
        self.old.insert(name.to_owned(), value.clone());
        self.fields.push(Field { name: name.to_owned(), value, from });
    }
}

/// The fields of the old record as far as they can be read.
fn old(record: &Path) -> Result<Map<String, Value>, String> {
    let parent = record.parent().unwrap_or(record);
    let told = |e: std::io::Error| format!("the old record cannot be read: {e}");
    let found = facts(record).map_err(told)?;
    if found.kind != Kind::File || found.placeholder {
        return Err("the old record is no file that can be read here".to_owned());
    }
    let mut bytes = Vec::new();
    open_beneath(parent, record).and_then(|file| file.take(LARGEST).read_to_end(&mut bytes)).map_err(told)?;
    let (mut fields, broken) = fields_of(&bytes);
    // Of a torn record the last text may be a part of what it was.
    if broken && let Some(last) = fields.keys().next_back().cloned() {
        fields.shift_remove(&last);
    }
    Ok(fields)
}

/// The session's whole id, and what tells it.
fn id(old: &Map<String, Value>, dir: &Path) -> Option<(String, String)> {
    if let Some(id) = old.get("sessionId").and_then(Value::as_str).filter(|id| id.starts_with("local_")) {
        return Some((id.to_owned(), "the old record".to_owned()));
    }
    let name = dir.file_name()?.to_str()?;
    if name.starts_with("local_") {
        return Some((name.to_owned(), "its folder's name".to_owned()));
    }
    // The log has the app's own id with the prompts.
    let log = BufReader::new(open_beneath(dir, &dir.join("audit.jsonl")).ok()?);
    let ids = log.lines().take(LINES).map_while(Result::ok).filter_map(|line| {
        let line: Value = serde_json::from_str(&line).ok()?;
        Some(line.get("session_id")?.as_str()?.to_owned())
    });
    let found = ids.into_iter().find(|id| id.len() == 36 && id.starts_with(name))?;
    Some((format!("local_{found}"), "the audit log".to_owned()))
}

fn hear(session: &Session) -> Result<Heard, String> {
    let talk = transcript::open(session).map_err(|e| e.to_string())?.ok_or("it has neither a transcript nor an audit log")?;
    let mut heard = Heard::default();
    let mut who = Who::Injected;
    let (first, homes) = (&mut heard.first, &mut heard.homes);
    let told = talk.tell(&mut |event| {
        match event {
            Event::Turn(turn) => who = turn.who,
            Event::Block(Block::Text(text)) if who == Who::User && first.is_none() => *first = Some(text.into_owned()),
            Event::Block(Block::Tool(tool)) => take_homes(&tool.input, homes),
            _ => {}
        }
        Ok(())
    });
    heard.told = told.map_err(|e| e.to_string())?;
    take_homes(heard.told.cwd.as_deref().unwrap_or_default(), &mut heard.homes);
    Ok(heard)
}

/// The names of homes in the virtual machine that a text tells: `/sessions/<name>/mnt`.
fn take_homes(text: &str, homes: &mut Vec<String>) {
    for rest in text.split("/sessions/").skip(1) {
        let end = rest.find(|c: char| !c.is_ascii_lowercase() && c != '-').unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let whole = after.is_empty() || after.starts_with('/') || after.starts_with('"');
        if whole && name.split('-').count() == 3 && name.split('-').all(|part| !part.is_empty()) && !homes.iter().any(|h| h == name) {
            homes.push(name.to_owned());
        }
    }
}
