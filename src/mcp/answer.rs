//! Answers that are bounded and hold no secrets.

use crate::error::{Error, Result};
use crate::export::{self, Redactor};
use crate::model::{Catalog, SessionIx, meant};
use crate::world::World;
use serde_json::Value;
use std::collections::BTreeSet;

/// An answer has no more characters than about this.
pub const MOST: usize = 40_000;

/// What leaves the secrets of these sessions out, and their accounts' addresses.
pub fn redactor(world: &World, catalog: &Catalog, sessions: impl IntoIterator<Item = SessionIx>) -> Redactor {
    let emails: BTreeSet<String> = sessions.into_iter().flat_map(|ix| export::emails(world, catalog.session(ix))).collect();
    Redactor::new(false, &emails.into_iter().collect::<Vec<_>>())
}

/// The session a word means.
pub fn one(catalog: &Catalog, word: &str) -> Result<SessionIx> {
    let no = || Error::usage(format!("no session has the id or title `{word}`"));
    meant(catalog, word)?.first().copied().ok_or_else(no)
}

/// The first characters of a text, and how many were left out.
pub fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((at, _)) => {
            let left = text.get(at..).unwrap_or_default().chars().count();
            format!("{}… [{left} more characters]", text.get(..at).unwrap_or_default())
        }
    }
}

/// As many of these as there is room for.
pub fn fitting(all: impl Iterator<Item = Value>) -> Vec<Value> {
    let mut room = MOST;
    let mut out = Vec::new();
    for value in all {
        let size = value.to_string().len();
        if size > room && !out.is_empty() {
            break;
        }
        room = room.saturating_sub(size);
        out.push(value);
    }
    out
}
