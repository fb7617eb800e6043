//! Which sessions and files a command is about.

use super::sizes::parse_size;
use super::words::Narrow;
use crate::error::{Error, Result};
use crate::model::{Catalog, Class, Kind, Marks, NodeId, Row, SessionIx, meant};
use crate::vault::Selection;
use crate::world::{World, parse_span};
use clap::Args;
use std::path::Path;
use std::time::Duration;

/// Ways to narrow a set besides naming sessions.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Choice {
    /// Every session, and what belongs to none
    #[arg(long, conflicts_with = "sessions")]
    pub(super) all: bool,
    /// Only stores of this tool: cowork, claude-code, opencode, codex, gemini; may be given several times
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = ["cowork", "claude-code", "opencode", "codex", "gemini"], hide_possible_values = true)]
    pub(super) store: Vec<String>,
    /// Only sessions without activity for so long: 30d, 12h
    #[arg(long, value_name = "SPAN", value_parser = span)]
    pub(super) older_than: Option<Duration>,
    /// Only sessions whose tool removes them by itself within so long: 7d
    #[arg(long, value_name = "SPAN", value_parser = span)]
    pub(super) due: Option<Duration>,
    /// Only items of at least this size: 10MB, 10MiB
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    pub(super) min_size: Option<u64>,
    /// Only these classes: rebuildable, flushed, at-risk
    #[arg(long, value_name = "CLASS", value_delimiter = ',', value_parser = class)]
    pub(super) class: Vec<Class>,
}

/// A span of time as a flag's value.
pub(super) fn span(text: &str) -> Result<Duration, String> {
    parse_span(text).ok_or_else(|| format!("`{text}` is no span of time; write it like 10m, 12h or 30d"))
}

fn class(text: &str) -> Result<Class, String> {
    Class::from_word(text).ok_or_else(|| "the classes are rebuildable, flushed and at-risk".to_owned())
}

impl Narrow {
    /// Whether nothing at all was selected.
    pub(super) fn is_empty(&self) -> bool {
        let c = &self.choice;
        self.sessions.is_empty()
            && !c.all
            && c.store.is_empty()
            && c.older_than.is_none()
            && c.due.is_none()
            && c.min_size.is_none()
            && c.class.is_empty()
    }

    /// A selection that an acting verb was given; without one that is a mistake.
    pub(super) fn must_be_given(&self, verb: &str) -> Result<()> {
        if self.is_empty() {
            let hint = format!("name a session, or `lifeboat {verb} --all`; `lifeboat scan` lists the sessions");
            return Err(Error::usage(format!("`{verb}` needs to know what it is about")).hint(hint));
        }
        Ok(())
    }

    /// The sessions named, as the catalogue has them.
    pub(super) fn in_catalog(&self, catalog: &Catalog) -> Result<Chosen> {
        let (mut sessions, mut nodes) = (Vec::new(), Vec::new());
        for word in &self.sessions {
            if let Some(node) = on_image(catalog, word)? {
                nodes.push(node);
                continue;
            }
            for found in meant(catalog, word)? {
                if !sessions.contains(&found) {
                    sessions.push(found);
                }
            }
        }
        if !nodes.is_empty() && !sessions.is_empty() {
            return Err(Error::usage("sessions and paths inside a disk image do not go together").hint("give one after the other"));
        }
        Ok(Chosen { sessions, nodes, choice: self.choice.clone() })
    }
}

/// A selection whose sessions are known.
#[derive(Debug, Clone, Default)]
pub(super) struct Chosen {
    /// The sessions named; none: every one.
    pub(super) sessions: Vec<SessionIx>,
    /// Things inside disk images that were named; none: every one.
    pub(super) nodes: Vec<NodeId>,
    choice: Choice,
}

impl Chosen {
    /// Whether a session is meant.
    pub(super) fn takes_session(&self, world: &World, catalog: &Catalog, ix: SessionIx) -> bool {
        let session = catalog.session(ix);
        let store = session.store.map(|s| catalog.store(s).name);
        let quiet = |limit: Duration| {
            let since = session.last_active.map(|t| world.now().as_second().saturating_sub(t.as_second()));
            since.is_some_and(|s| u64::try_from(s).is_ok_and(|s| s >= limit.as_secs()))
        };
        let named = |id: &NodeId| catalog.node(*id).session == Some(ix);
        (self.sessions.is_empty() || self.sessions.contains(&ix))
            && (self.nodes.is_empty() || self.nodes.iter().any(named))
            && (self.choice.store.is_empty() || store.is_some_and(|s| self.choice.store.iter().any(|n| n == s)))
            && self.choice.older_than.is_none_or(quiet)
            && self.choice.due.is_none_or(|span| session.is_due(world.now(), span))
    }

    /// Whether a row is meant.
    pub(super) fn takes(&self, world: &World, catalog: &Catalog, row: &Row) -> bool {
        let mut above = std::iter::successors(Some(row.id), |id| catalog.parent(*id));
        if !self.nodes.is_empty() && !above.any(|id| self.nodes.contains(&id)) {
            return false;
        }
        let whole = self.sessions.is_empty() && self.choice.older_than.is_none() && self.choice.due.is_none();
        let session = match catalog.node(row.id).session {
            Some(ix) => self.takes_session(world, catalog, ix),
            None => whole,
        };
        let store = self.choice.store.is_empty()
            || catalog.store_of(row.id).is_some_and(|s| self.choice.store.iter().any(|n| n == catalog.store(s).name));
        session
            && store
            && (self.choice.class.is_empty() || self.choice.class.contains(&row.class))
            && row.tally.bytes >= self.choice.min_size.unwrap_or(0)
    }

    /// Whether everything is meant.
    pub(super) fn is_everything(&self) -> bool {
        let c = &self.choice;
        self.sessions.is_empty()
            && self.nodes.is_empty()
            && c.store.is_empty()
            && c.older_than.is_none()
            && c.due.is_none()
            && c.min_size.is_none()
            && c.class.is_empty()
    }

    /// The sessions meant.
    pub(super) fn all_sessions(&self, world: &World, catalog: &Catalog) -> Vec<SessionIx> {
        (0..catalog.sessions.len()).map(SessionIx::at).filter(|ix| self.takes_session(world, catalog, *ix)).collect()
    }

    /// The selection a plan is made of.
    pub(super) fn selection(&self, catalog: &Catalog) -> Selection {
        let classes = &self.choice.class;
        // A file that is named is meant whatever it is; of a folder only what can be had again.
        let files = !self.nodes.is_empty() && self.nodes.iter().all(|id| catalog.node(*id).kind != Kind::Dir);
        Selection {
            nodes: self.nodes.clone(),
            sessions: self.sessions.clone(),
            classes: if files && classes.is_empty() { Class::ALL.to_vec() } else { classes.clone() },
            stores: self.choice.store.clone(),
            min_size: self.choice.min_size,
            older_than: self.choice.older_than,
            due: self.choice.due,
        }
    }
}

/// The thing inside a disk image that a word names by its path; `None` where it is no such path.
fn on_image(catalog: &Catalog, word: &str) -> Result<Option<NodeId>> {
    let path = Path::new(word);
    let inside = |id: &NodeId| catalog.node(*id).marks.has(Marks::INSIDE);
    if !word.contains('!') || !(path.is_absolute() || word.contains("!/")) {
        return Ok(None);
    }
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    match catalog.find(&whole).filter(inside) {
        Some(node) => Ok(Some(node)),
        None if word.contains("!/") => {
            let hint = "`lifeboat list` shows what is on a disk image after its path and `!`";
            Err(Error::usage("nothing with this path was found on a disk image").at(whole).hint(hint))
        }
        None => Ok(None),
    }
}
