//! A session's record: `local_….json`.

use super::ghost::SKIPPED;
use crate::stores::text::{first_words, time};
use crate::stores::torn::{Torn, read};
use crate::world::World;
use jiff::Timestamp;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Where a session runs its own commands and keeps its files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// On this machine.
    Host,
    /// In the virtual machine.
    Vm,
}

/// A record as far as it can be read.
#[derive(Debug, Default)]
pub struct Record {
    torn: Torn,
}

impl Record {
    /// Reads a record; never fails, since a torn one still stands for a session.
    pub fn read(bytes: &[u8]) -> Self {
        Self { torn: read(bytes) }
    }

    /// A field that is text and not empty.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.torn.fields.get(key)?.as_str().map(str::trim).filter(|t| !t.is_empty())
    }

    /// A field that is a time.
    pub fn time(&self, key: &str) -> Option<Timestamp> {
        time(self.torn.fields.get(key)?)
    }

    /// A field that is yes or no; a text was seen once.
    pub fn flag(&self, key: &str) -> Option<bool> {
        let value = self.torn.fields.get(key)?;
        value.as_bool().or_else(|| value.as_str()?.parse().ok())
    }

    /// The title, else the first words of the first message.
    pub fn title(&self) -> Option<String> {
        let one_line = |t: &str| t.split_whitespace().collect::<Vec<_>>().join(" ");
        self.text("title").map(one_line).or_else(|| first_words(self.text("initialMessage")?))
    }

    /// Where the session runs, as far as the record tells.
    pub fn mode(&self) -> Option<Mode> {
        let cwd = || self.text("cwd").map(|cwd| if cwd.starts_with("/sessions/") { Mode::Vm } else { Mode::Host });
        match self.flag("hostLoopMode") {
            Some(true) => Some(Mode::Host),
            Some(false) => Some(Mode::Vm),
            None => cwd(),
        }
    }

    /// What is wrong with the record, as sentences; the app passes over records it cannot read or that lack one of
    /// three fields (read in the app's bundle, 2.31226.1).
    pub fn faults(&self) -> Option<String> {
        if let Some(why) = &self.torn.broken {
            return Some(format!("the record cannot be read: {why}{SKIPPED}"));
        }
        let number = |key: &str| self.torn.fields.get(key).is_some_and(Value::is_number);
        let id = self.torn.fields.get("sessionId").is_some_and(Value::is_string);
        let missing = [("sessionId", id), ("createdAt", number("createdAt")), ("lastActivityAt", number("lastActivityAt"))];
        let (name, _) = missing.iter().find(|(_, there)| !there)?;
        Some(format!("the record has no {name}{SKIPPED}"))
    }

    /// The user's folders the record names: chosen ones, mounted ones, and those of its space.
    pub fn folders(&self, world: &World, spaces: &[Space]) -> Vec<PathBuf> {
        let own = ["userSelectedFolders", "folderMountNames"].iter().filter_map(|key| self.torn.fields.get(*key));
        let mut found: Vec<PathBuf> = Vec::new();
        own.for_each(|value| paths(world, value, &mut found));
        if let Some(id) = self.text("spaceId") {
            for folder in spaces.iter().filter(|s| s.id == id).flat_map(|s| &s.folders) {
                keep(folder.clone(), &mut found);
            }
        }
        found
    }
}

/// A space ("project"): a name for sessions and folders that belong together.
#[derive(Debug)]
pub struct Space {
    id: String,
    folders: Vec<PathBuf>,
}

/// The spaces of `spaces.json`.
pub fn spaces(world: &World, bytes: &[u8]) -> Vec<Space> {
    let torn = read(bytes);
    let listed = torn.fields.get("spaces").and_then(Value::as_array);
    let one = |space: &Value| {
        let mut folders = Vec::new();
        paths(world, space.get("folders").unwrap_or(&Value::Null), &mut folders);
        Some(Space { id: space.get("id")?.as_str()?.to_owned(), folders })
    };
    listed.into_iter().flatten().filter_map(one).collect()
}

/// Folders in a value: texts, `{path}`, or an object whose names or values are paths.
fn paths(world: &World, value: &Value, found: &mut Vec<PathBuf>) {
    let text = |t: &str, found: &mut Vec<PathBuf>| keep(world.expand(Path::new(t)), found);
    match value {
        Value::Array(all) => {
            for one in all {
                if let Some(path) = one.as_str().or_else(|| one.get("path")?.as_str()) {
                    text(path, found);
                }
            }
        }
        Value::Object(all) => {
            for (name, one) in all {
                text(name, found);
                if let Some(path) = one.as_str().or_else(|| one.get("path")?.as_str()) {
                    text(path, found);
                }
            }
        }
        _ => {}
    }
}

/// Keeps a folder of this machine once. Paths inside the virtual machine and of other platforms are none.
fn keep(path: PathBuf, found: &mut Vec<PathBuf>) {
    if path.is_absolute() && !path.starts_with("/sessions") && !found.contains(&path) {
        found.push(path);
    }
}
