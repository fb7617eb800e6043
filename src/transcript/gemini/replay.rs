//! Which records of a chat count, in which order: of those with one id the last, what was rewound beside the rest.

use super::super::object::{Fields, fields, list, of, quoted, word};
use super::message::Facts;
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

/// One step of the conversation.
#[derive(Debug)]
pub enum Step {
    /// A message.
    Said(Said),
    /// The conversation was compacted here.
    Compacted {
        /// A made-up id.
        id: String,
        /// The step it follows.
        after: Option<String>,
    },
    /// A line that is no record.
    Lost,
}

/// Where a message stands.
#[derive(Debug)]
pub struct Said {
    /// Its line.
    pub at: u64,
    /// Its bytes in that.
    pub within: Range<usize>,
    /// The message it follows.
    pub after: Option<String>,
}

/// The records, replayed.
#[derive(Debug, Default)]
pub struct Replay {
    /// What the records say of the whole.
    pub facts: Facts,
    /// Every step, those that were rewound among them.
    pub steps: Vec<Step>,
    /// Hashes of the calls whose answers stand with them.
    pub answered: HashSet<u64>,
    /// Where each message is among the steps, by id.
    known: HashMap<String, usize>,
    /// The same by what it says: a checkpoint may give it another id.
    words: HashMap<u64, String>,
    /// The ids that stand, in order.
    live: Vec<String>,
    rewound: bool,
}

/// A number for a text.
pub fn number(of: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

impl Replay {
    /// Takes the next line.
    pub fn line(&mut self, at: u64, bytes: &[u8], too_long: bool, ended: bool) {
        let bare = bytes.trim_ascii();
        if bare.is_empty() && !too_long {
            return;
        }
        let Some(record) = fields(bytes).filter(|_| !too_long) else {
            // A line in the making is none yet.
            if ended || too_long {
                self.steps.push(Step::Lost);
            }
            return;
        };
        if let Some(to) = quoted(&record, "$rewindTo") {
            self.rewind(&to.text());
        } else if let Some(set) = of(&record, "$set") {
            self.set(at, bytes, set);
        } else if quoted(&record, "id").is_some() {
            self.message(at, 0..bytes.len(), &record);
        } else {
            self.set(at, bytes, bytes);
        }
    }

    /// The id of the message where the conversation stands, if any was rewound.
    pub fn stands(&self) -> Option<&str> {
        if self.rewound { self.live.last().map(String::as_str) } else { None }
    }

    /// The message with this id, and all that followed it, no longer stands.
    fn rewind(&mut self, to: &str) {
        let at = self.live.iter().position(|id| id == to).unwrap_or(0);
        self.live.truncate(at);
        self.rewound = true;
    }

    fn message(&mut self, at: u64, within: Range<usize>, record: &Fields<'_>) {
        let id = word(record, "id").text().into_owned();
        for call in list(of(record, "toolCalls").unwrap_or_default()).into_iter().filter_map(fields) {
            if of(&call, "result").is_some_and(|result| !list(result).is_empty()) {
                self.answered.insert(number(word(&call, "id").text()));
            }
        }
        self.words.insert(says(record), id.clone());
        if let Some(Step::Said(said)) = self.known.get(&id).and_then(|step| self.steps.get_mut(*step)) {
            (said.at, said.within) = (at, within);
            if self.live.contains(&id) {
                return;
            }
            // It was rewound, and is said again.
            said.after = Some(self.live.last().cloned().unwrap_or_default());
            self.live.push(id);
            return;
        }
        let after = Some(self.live.last().cloned().unwrap_or_default());
        self.known.insert(id.clone(), self.steps.len());
        self.steps.push(Step::Said(Said { at, within, after }));
        self.live.push(id);
    }

    /// Takes in what a record sets: facts, and now and then everything that the model is still given.
    fn set(&mut self, at: u64, line: &[u8], set: &[u8]) {
        let Some(all) = fields(set) else { return };
        for name in ["sessionId", "summary", "directories"] {
            if let Some(value) = of(&all, name).and_then(|raw| serde_json::from_slice(raw).ok()) {
                self.facts.set(name, &value);
            }
        }
        let Some(messages) = of(&all, "messages") else { return };
        let start = |part: &[u8]| (part.as_ptr() as usize).saturating_sub(line.as_ptr() as usize);
        let given: Vec<(Range<usize>, Fields<'_>)> = list(messages)
            .into_iter()
            .filter_map(|raw| Some((start(raw)..start(raw) + raw.len(), fields(raw)?)))
            .filter(|(_, message)| quoted(message, "id").is_some())
            .collect();
        let mapped: Vec<Option<String>> = given.iter().map(|(_, message)| self.known_as(message)).collect();
        let kept: HashSet<&String> = mapped.iter().flatten().collect();
        let stays = self.live.iter().take_while(|id| kept.contains(id)).count();
        let dropped = self.live.iter().any(|id| !kept.contains(id));
        let is_new = mapped.iter().any(Option::is_none);
        if dropped && !is_new && stays == kept.len() && stays > 0 {
            // It goes on from an earlier message.
            self.live.truncate(stays);
            self.rewound = true;
        } else if dropped && is_new {
            let id = format!("compacted-{}", self.steps.len());
            let after = Some(self.live.last().cloned().unwrap_or_default());
            self.steps.push(Step::Compacted { id: id.clone(), after });
            self.live.push(id);
        }
        for ((within, message), known) in given.into_iter().zip(mapped) {
            if known.is_none_or(|id| id.as_str() == word(&message, "id").text()) {
                self.message(at, within, &message);
            }
        }
    }

    fn known_as(&self, message: &Fields<'_>) -> Option<String> {
        let id = word(message, "id").text();
        self.known.contains_key(&*id).then(|| id.into_owned()).or_else(|| self.words.get(&says(message)).cloned())
    }
}

/// A number for what a message says.
fn says(message: &Fields<'_>) -> u64 {
    let raw = |name| of(message, name).unwrap_or_default();
    number((raw("type"), raw("content"), list(raw("toolCalls")).len()))
}
