//! What is wrong, or about to be: each problem with what shows it and what to do next.
//!
//! A check is a file in `checks` and a line in [`CHECKS`]; it looks at a [`Scene`] and changes nothing. [`after`] tells what is
//! gone since it was seen last ([`seen`] keeps that, `places` knows where else it is).

pub mod after;
mod checks;
mod places;
mod scene;
pub mod seen;
#[cfg(test)]
mod tests;

pub use checks::CHECKS;
pub use scene::Scene;

use serde::Serialize;
use std::path::PathBuf;

/// How bad a problem is, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Something is lost by it, or soon is.
    Bad,
    /// It will become so.
    Warn,
    /// Worth knowing.
    Note,
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The check that found it.
    pub check: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What it is, in a sentence.
    pub says: String,
    /// What shows it.
    pub evidence: Vec<String>,
    /// Where, where it is in one place.
    #[serde(serialize_with = "crate::model::json_path::lossy_option")]
    pub path: Option<PathBuf>,
    /// The session, by id, where it is about one.
    pub session: Option<String>,
    /// The next command, or what else to do.
    pub next: String,
}

/// A way to look for problems.
pub struct Check {
    /// Its name.
    pub id: &'static str,
    /// Looks.
    pub look: fn(&Scene<'_>) -> Vec<Problem>,
}

/// Every problem there is, the worst first.
pub fn examine(scene: &Scene<'_>) -> Vec<Problem> {
    let mut all: Vec<Problem> =
        CHECKS.iter().flat_map(|check| (check.look)(scene).into_iter().map(|p| Problem { check: check.id, ..p })).collect();
    // Within one severity, in the order of the checks.
    all.sort_by_key(|p| p.severity);
    all
}

impl Problem {
    /// A problem of this severity, with nothing but what it is and what to do.
    fn new(severity: Severity, says: impl Into<String>, next: impl Into<String>) -> Self {
        Self { check: "", severity, says: says.into(), evidence: Vec::new(), path: None, session: None, next: next.into() }
    }

    /// The same, with what shows it.
    fn shown_by(mut self, evidence: impl IntoIterator<Item = String>) -> Self {
        self.evidence.extend(evidence);
        self
    }

    /// The same, in this place.
    fn at(mut self, path: impl Into<PathBuf>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// The same, about this session.
    fn of(mut self, session: &str) -> Self {
        self.session = Some(session.to_owned());
        self
    }
}
