//! Gemini CLI's chats, laid out: JSONL in which the last record of an id counts, or older, one JSON document
//! (stores.md D; genuine-clients.md 5).

mod document;
mod message;
mod replay;

use super::agents::OfAgent;
use super::laid::{By, Row};
use super::lines::{Extent, LONGEST, Lines, MANY, Source};
use super::place::{Laying, Place};
use super::strand::Strand;
use super::tap::Tap;
use crate::error::{Error, Result};
use crate::model::{Kind, Script, from_bytes};
use crate::platform::{Folder, open_beneath};
use message::Message;
use replay::{Replay, Step};
use serde_json::Value;
use std::collections::HashMap;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

/// The marker in a project's folder that says where the project is.
const ROOT: &str = ".project_root";

/// Lays a chat out.
pub fn lay_out(root: &Path, path: &Path, extent: Extent, tap: &Arc<dyn Tap + '_>) -> Result<Place> {
    let laying = Laying::new(extent, tap)?;
    let place = Place::file(root, path);
    let of = || place.open(tap);
    let cwd = cwd(path);
    let outcome = if path.extension().is_some_and(|end| end == "json") {
        of().and_then(|from| document::lay_out(from, &cwd, path, laying))
    } else {
        of().and_then(|from| lines(from, &cwd, path, laying))
    };
    outcome.map_err(|e| Error::io("cannot read the conversation", path, e))
}

/// The chat in a source without a name.
#[cfg(fuzzing)]
pub fn of_bytes(from: Box<dyn Source>, is_document: bool, laying: Laying<'_>) -> io::Result<Place> {
    if is_document { document::lay_out(from, "", Path::new(""), laying) } else { lines(from, "", Path::new(""), laying) }
}

/// Reads the records twice: once for which of them count, then those.
pub fn lines<'s>(from: Box<dyn Source + 's>, cwd: &str, path: &Path, mut laying: Laying<'_>) -> io::Result<Place> {
    let mut lines = Lines::new(from, u64::MAX, LONGEST, MANY).hashing();
    let mut replay = Replay::default();
    let mut at = 0;
    while let Some(line) = lines.line(at)? {
        replay.line(at, line.bytes, line.too_long, line.ended);
        at = line.next;
    }
    let (bytes, blake3) = lines.hash();
    replay.facts.write(cwd, &mut laying)?;
    // The last line of each message that has several.
    let mut lasts: HashMap<String, String> = HashMap::new();
    for step in &replay.steps {
        if laying.is_full() {
            break;
        }
        match step {
            Step::Lost => Row { by: By::Lost, ..Row::default() }.write(&mut laying)?,
            Step::Compacted { id, after } => {
                let after = after.as_ref().map(|id| lasts.get(id).unwrap_or(id).as_str());
                Row { by: By::Boundary, id, after, ..Row::default() }.write(&mut laying)?;
            }
            Step::Said(said) => {
                let Some(line) = lines.line(said.at)? else { continue };
                let record = line.bytes.get(said.within.clone()).and_then(|bytes| serde_json::from_slice::<Value>(bytes).ok());
                match record {
                    Some(record) => {
                        let after = said.after.as_ref().map(|id| lasts.get(id).unwrap_or(id).as_str());
                        let message = Message::new(record);
                        let last = message.write(&replay.answered, after, &mut laying)?;
                        if last != message.id() {
                            lasts.insert(message.id().to_owned(), last);
                        }
                    }
                    None => Row { by: By::Lost, ..Row::default() }.write(&mut laying)?,
                }
            }
        }
    }
    if let Some(id) = replay.stands() {
        let id = lasts.get(id).map_or(id, String::as_str);
        Row { by: By::Stands, id, ..Row::default() }.write(&mut laying)?;
    }
    laying.done(super::facts::SourceFile { path: path.to_path_buf(), bytes, blake3 })
}

/// The folder of the project that a chat is of, or empty.
fn cwd(chat: &Path) -> String {
    let project = chat.ancestors().skip(1).find(|above| above.file_name().is_some_and(|name| name == "chats")).and_then(Path::parent);
    let read = |project: &Path| {
        let mut text = String::new();
        open_beneath(project, &project.join(ROOT)).ok()?.take(1 << 16).read_to_string(&mut text).ok()?;
        Some(text.trim().to_owned())
    };
    project.and_then(read).unwrap_or_default()
}

/// The chats of a chat's sub-agents: those in the folder with the id that stands in its first line.
pub fn agents(root: &Path, session: &str) -> Vec<OfAgent> {
    let folder = Folder::open(root).ok().and_then(|top| top.folder(session.as_bytes()).ok());
    let files = folder.iter().flat_map(|folder| folder.list().filter_map(Result::ok));
    let is_file = |listed: &crate::platform::Listed| listed.facts.as_ref().is_ok_and(|f| f.kind == Kind::File && !f.placeholder);
    let mut all: Vec<OfAgent> = files
        .filter(is_file)
        .filter_map(|listed| {
            let name = String::from_utf8_lossy(&listed.name);
            let id = name.strip_suffix(".jsonl").or_else(|| name.strip_suffix(".json"))?.to_owned();
            let path = root.join(session).join(from_bytes(&listed.name));
            let part = Strand { script: Script::Gemini(path), root: root.to_path_buf(), id };
            Some(OfAgent { part, about: String::new(), call: String::new(), told: false })
        })
        .collect();
    all.sort_by(|a, b| a.part.id.cmp(&b.part.id));
    all
}
