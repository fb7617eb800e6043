//! A manifest as a book of facts, each by its list and key; what a later line says takes the place of what an earlier one said.

use super::facts::{Command, Fact, Input, Installed, Intermediate, Output};
use super::{Manifest, SCHEMA};
use crate::packages::Package;
use serde_json::{Value, json};

/// The name of the list that holds the head of the manifest, under an empty key.
const HEAD: &str = "session";

/// The name of the list of tables we do not know.
const OTHER: &str = "other";

/// A fact by its list and key.
pub type Told = ((String, String), Value);

impl Manifest {
    /// Everything in it.
    pub fn told(&self) -> Vec<Told> {
        let head = json!({
            "task": self.task, "session": self.session, "tool": self.tool, "version": self.version, "model": self.model,
            "heard": self.heard,             "started": self.started, "ended": self.ended, "folders": self.folders,
        });
        let mut all = vec![((HEAD.to_owned(), String::new()), head)];
        of(&mut all, &self.inputs);
        of(&mut all, &self.environments);
        of(&mut all, &self.packages);
        of(&mut all, &self.commands);
        of(&mut all, &self.intermediates);
        of(&mut all, &self.outputs);
        for (list, entries) in self.entries() {
            all.extend(entries.iter().filter_map(|e| Some(((list.to_owned(), e.path.clone()), serde_json::to_value(e).ok()?))));
        }
        all.extend(self.rest.iter().filter_map(|(key, v)| Some(((OTHER.to_owned(), key.clone()), serde_json::to_value(v).ok()?))));
        all
    }

    /// A manifest from what is told; what is not understood is passed over.
    pub fn of_told(told: impl IntoIterator<Item = Told>) -> Self {
        let mut this = Self::default();
        for ((list, key), value) in told {
            match list.as_str() {
                HEAD => this.head(&value),
                Input::LIST => put(&mut this.inputs, value),
                Installed::LIST => put(&mut this.environments, value),
                Package::LIST => put(&mut this.packages, value),
                Command::LIST => put(&mut this.commands, value),
                Intermediate::LIST => put(&mut this.intermediates, value),
                Output::LIST => put(&mut this.outputs, value),
                "transcript" => put(&mut this.transcripts, value),
                "earlier" => put(&mut this.earlier, value),
                "beside" => put(&mut this.beside, value),
                "copy" => put(&mut this.copies, value),
                OTHER => this.rest.extend(serde_json::from_value(value).ok().map(|v: toml::Value| (key, v))),
                _ => {}
            }
        }
        this
    }

    /// All of it as one object, by the names it has in `manifest.toml`; what we keep for ourselves is left out.
    pub fn json(&self) -> serde_json::Map<String, Value> {
        let mut out = serde_json::Map::new();
        out.insert("schema".into(), SCHEMA.into());
        for list in [Input::LIST, Installed::LIST, Package::LIST, Command::LIST, Intermediate::LIST, Output::LIST] {
            out.insert(list.into(), json!([]));
        }
        for ((list, _), value) in self.told() {
            match (list.as_str(), value) {
                (HEAD, Value::Object(mut head)) => {
                    head.remove("heard");
                    out.extend(head);
                }
                (_, value) => {
                    if let Some(Value::Array(all)) = out.get_mut(&list) {
                        all.push(value);
                    }
                }
            }
        }
        out
    }

    fn head(&mut self, value: &Value) {
        let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        self.task = text("task").unwrap_or_default();
        self.session = text("session").unwrap_or_default();
        self.tool = text("tool").unwrap_or_default();
        (self.version, self.model, self.heard) = (text("version"), text("model"), text("heard"));
        self.started = text("started").and_then(|t| t.parse().ok());
        self.ended = text("ended").and_then(|t| t.parse().ok());
        self.folders = value.get("folders").and_then(|v| serde_json::from_value(v.clone()).ok()).unwrap_or_default();
    }
}

fn of<F: Fact>(all: &mut Vec<Told>, facts: &[F]) {
    all.extend(facts.iter().filter_map(|f| Some(((F::LIST.to_owned(), f.key()), serde_json::to_value(f).ok()?))));
}

fn put<T: serde::de::DeserializeOwned>(list: &mut Vec<T>, value: Value) {
    list.extend(serde_json::from_value::<T>(value));
}
