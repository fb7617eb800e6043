//! The sessions that are searched.

use crate::model::{Catalog, SessionIx};
use crate::transcript::{self, Thread};
use jiff::Timestamp;

/// A session that is searched.
#[derive(Debug, Clone)]
pub struct Known {
    /// The store's name.
    pub store: &'static str,
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// When it last did something.
    pub last_active: Option<Timestamp>,
    /// The files of its conversation.
    pub threads: Vec<Thread>,
}

impl Known {
    /// These sessions of a catalogue, with the files of their conversations.
    pub fn of(catalog: &Catalog, sessions: impl IntoIterator<Item = SessionIx>) -> Vec<Self> {
        let known = |ix| {
            let session = catalog.session(ix);
            Self {
                store: session.store.map_or("", |store| catalog.store(store).name),
                id: session.id.clone(),
                title: session.title.clone(),
                last_active: session.last_active,
                threads: transcript::threads(session),
            }
        };
        sessions.into_iter().map(known).collect()
    }
}
