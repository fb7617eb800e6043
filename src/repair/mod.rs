//! Makes the record of a Cowork session again, where the app skips it or it is gone: from what is left of it, from the
//! transcript, the audit log and the session's manifest. What nothing tells is left out.
//!
//! [`plan`] says what each record would hold and what tells it, [`carry_out`] does it with the app closed: the old record goes
//! into the vault, the new one is put where nothing is. Undo moves the new one into the vault and puts the old one back.

mod book;
mod deed;
mod gather;
#[cfg(test)]
mod tests;

pub use book::{Repaired, State, all};
pub use deed::{carry_out, recover, undo};

use crate::model::{Catalog, PathText, Session, SessionIx, Skipped};
use crate::stores::cowork::{Ghost, ghost, is_whole};
use crate::world::World;
use serde::Serialize;
use serde_json::Value;
use std::path::PathBuf;

/// A field of a record that is made again.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub value: Value,
    /// What tells it.
    pub from: String,
}

/// A record to be made again.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Repair {
    /// The session, by id.
    pub session: String,
    /// Its title, as far as it is known.
    pub title: String,
    /// The record.
    pub record: PathText,
    /// The root of its store.
    #[serde(skip)]
    pub root: PathBuf,
    /// Why the app does not list the session.
    pub why: String,
    /// Whether there is an old record, which goes into the vault.
    pub replaces: bool,
    /// The fields that are new or other than in the old record.
    pub fields: Vec<Field>,
    /// What is not known and so left out, as sentences.
    pub unknown: Vec<String>,
    /// What the record will hold.
    #[serde(skip)]
    pub text: String,
}

/// The records that can be made again, of these sessions or of all, and those that cannot.
pub fn plan(world: &World, catalog: &Catalog, only: &[SessionIx]) -> (Vec<Repair>, Vec<Skipped>) {
    let all = (0..catalog.sessions.len()).map(SessionIx::at).filter(|ix| only.is_empty() || only.contains(ix));
    let (mut repairs, mut skipped) = (Vec::new(), Vec::new());
    for ix in all {
        let session = catalog.session(ix);
        let why = match (session.store.map(|s| catalog.store(s).name), ghost(session)) {
            (Some("cowork"), Some(Ghost::Dropped(why))) => why,
            (Some("cowork"), Some(Ghost::NoRecord)) => "it has no record".to_owned(),
            _ => continue,
        };
        let Some(dir) = &session.dir else {
            skipped.push(left(session, "there is no folder to tell what belongs into the record"));
            continue;
        };
        let gathered = match gather::gather(world, session, dir) {
            Ok(gathered) => gathered,
            Err(reason) => {
                skipped.push(left(session, &reason));
                continue;
            }
        };
        if !is_whole(gathered.text.as_bytes()) {
            skipped.push(left(session, &format!("too little is known for a record the app would take: {}", gathered.unknown.join("; "))));
            continue;
        }
        let root = session.store.map(|s| catalog.store(s).root.clone()).unwrap_or_default();
        repairs.push(Repair {
            session: gathered.id,
            title: session.title.clone(),
            record: PathText::new(&gathered.record),
            root,
            why,
            replaces: session.record.is_some(),
            fields: gathered.fields,
            unknown: gathered.unknown,
            text: gathered.text,
        });
    }
    (repairs, skipped)
}

fn left(session: &Session, reason: &str) -> Skipped {
    let path = session.record.as_ref().or(session.dir.as_ref()).cloned().unwrap_or_default();
    Skipped { path: PathText::new(&path), reason: reason.to_owned() }
}
