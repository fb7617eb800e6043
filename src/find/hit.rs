//! What was found.

use super::context::Context;
use super::fit::Fit;
use crate::model::PathText;
use crate::transcript::Voice;
use jiff::Timestamp;
use serde::{Serialize, Serializer};
use std::cmp::Ordering;
use std::path::PathBuf;

/// The schema of a hit in JSON.
pub const SCHEMA: &str = "lifeboat.hit/1";

/// One text that has what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The store's name (`cowork`).
    pub store: &'static str,
    /// The session's id.
    pub session: String,
    /// Its title.
    pub title: String,
    /// The sub-agent whose conversation it stands in, where it is one's.
    pub agent: Option<String>,
    /// Whose text it is.
    pub voice: Voice,
    /// The record's id, or empty where it has none.
    pub record: String,
    /// When it was said, where the record tells.
    pub when: Option<Timestamp>,
    /// How well it has what was asked.
    pub fit: Fit,
    /// The line, with one around it.
    pub context: Context,
    /// The file it stands in; of rows, the database with the way to them inside.
    pub path: PathBuf,
    /// Where its record begins in that; of what is no lines, in the lines it is laid out as.
    pub at: u64,
}

impl Hit {
    /// The best first: what stands there exactly before what only begins so, and of equals the latest.
    pub fn order(&self, other: &Self) -> Ordering {
        let key = |hit: &Self| (hit.fit, std::cmp::Reverse(hit.when));
        key(self).cmp(&key(other)).then_with(|| (&self.path, self.at).cmp(&(&other.path, other.at)))
    }
}

/// A hit as JSON has it.
#[derive(Serialize)]
struct Json<'h> {
    schema: &'static str,
    store: &'static str,
    session: &'h str,
    title: &'h str,
    agent: Option<&'h str>,
    role: &'static str,
    record: Option<&'h str>,
    time: Option<Timestamp>,
    fit: &'static str,
    before: &'h str,
    text: &'h str,
    marks: Vec<[usize; 2]>,
    after: &'h str,
    #[serde(flatten)]
    path: PathText,
    at: u64,
}

impl Serialize for Hit {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Context { before, line, marks, after } = &self.context;
        Json {
            schema: SCHEMA,
            store: self.store,
            session: &self.session,
            title: &self.title,
            agent: self.agent.as_deref(),
            role: self.voice.word(),
            record: Some(&*self.record).filter(|id| !id.is_empty()),
            time: self.when,
            fit: self.fit.word(),
            before,
            text: line,
            marks: marks.iter().map(|mark| [mark.start, mark.end]).collect(),
            after,
            path: PathText::new(&self.path),
            at: self.at,
        }
        .serialize(to)
    }
}
