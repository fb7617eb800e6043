//! When each conversation goes, into the catalogue.

use super::period::{Period, Rules};
use crate::model::{Catalog, Session, SessionIx};
use crate::stores::claude_code::NAME;
use crate::world::World;
use jiff::{SignedDuration, Timestamp};
use std::path::PathBuf;

/// What the client begins and goes on with for Claude Desktop; measured with 2.1.329.
const DESKTOP: [&str; 4] = ["claude-desktop", "claude-desktop-3p", "local-agent", "local_agent"];

/// One of the client's folders, and what removes conversations there.
#[derive(Debug, Clone)]
pub struct Radar {
    /// The store's place in the catalogue.
    pub store: usize,
    /// The settings.
    pub rules: Rules,
    /// When conversations were removed last.
    pub last_sweep: Option<Timestamp>,
}

impl Radar {
    /// Every folder of the client that is in the catalogue.
    pub fn all(world: &World, catalog: &Catalog) -> Vec<Self> {
        let stores = catalog.stores.iter().enumerate().filter(|(_, s)| s.name == NAME);
        stores
            .map(|(at, store)| {
                let mut projects: Vec<PathBuf> = of(catalog, at).flat_map(|(_, s)| s.folders.iter().cloned()).collect();
                projects.sort();
                projects.dedup();
                let text = std::fs::read_to_string(store.root.join(".last-cleanup")).unwrap_or_default();
                Self { store: at, rules: Rules::read(world, &store.root, &projects), last_sweep: text.trim().parse().ok() }
            })
            .collect()
    }

    /// When a session's transcript goes: at the first start after this; `None`: no start removes it.
    pub fn deadline(&self, catalog: &Catalog, session: &Session) -> Option<Timestamp> {
        let (_, period) = self.rules.shortest()?;
        let days = days(period, session)?;
        let changed = catalog.node(catalog.find(session.record.as_ref()?)?).mtime_ns;
        let kept = SignedDuration::from_hours(i64::try_from(days).ok()?.checked_mul(24)?);
        Timestamp::from_nanosecond(changed.into()).ok()?.checked_add(kept).ok()
    }

    /// What removes a session's transcript, or why nothing does, as a sentence.
    pub fn says(&self, world: &World, session: &Session) -> String {
        if let Some((file, why)) = self.rules.paused() {
            return format!("Claude Code removes nothing for now: {} {why}", world.short(file));
        }
        let Some((start, period)) = self.rules.shortest() else { return "whether Claude Code removes it cannot be told".into() };
        let by = period.by.as_ref().map_or_else(|| "its default".to_owned(), |file| format!("by {}", world.short(file)));
        let at = start.folder.as_ref().map_or_else(|| "its first start".to_owned(), |f| format!("its first start in {}", world.short(f)));
        match days(period, session) {
            None => "Claude Desktop began or went on with it, so that Claude Code (2.1.248 and later) leaves it".to_owned(),
            Some(days) => format!("Claude Code removes it at {at} more than {days} days after its last change ({by})"),
        }
    }
}

/// How many days a session's transcript is kept; `None`: it stays.
fn days(period: &Period, session: &Session) -> Option<u64> {
    if of_desktop(session) { period.desktop } else { Some(period.days) }
}

/// The folders that sessions worked in, each once.
pub fn projects<'s>(sessions: impl Iterator<Item = &'s Session>) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = sessions.flat_map(|s| s.folders.iter().cloned()).collect();
    all.sort();
    all.dedup();
    all
}

/// Whether Claude Desktop began a session or went on with it last.
fn of_desktop(session: &Session) -> bool {
    session.surfaces.iter().any(|s| DESKTOP.contains(&s.as_str()))
}

/// The sessions of a store.
fn of(catalog: &Catalog, store: usize) -> impl Iterator<Item = (SessionIx, &Session)> {
    let sessions = catalog.sessions.iter().enumerate().map(|(at, s)| (SessionIx::at(at), s));
    sessions.filter(move |(_, s)| s.store.is_some_and(|ix| usize::from(ix.0) == store))
}

/// Gives every session its deadline, and each store a note of what removes conversations there.
pub fn mark(world: &World, catalog: &mut Catalog) {
    for radar in Radar::all(world, catalog) {
        let found: Vec<(usize, Option<Timestamp>)> =
            of(catalog, radar.store).map(|(ix, session)| (ix.index(), radar.deadline(catalog, session))).collect();
        let next = found.iter().filter_map(|(_, at)| *at).min();
        for (at, deadline) in found {
            if let Some(session) = catalog.sessions.get_mut(at) {
                session.deadline = deadline;
            }
        }
        let note = note(world, &radar, next);
        if let Some(store) = catalog.stores.get_mut(radar.store) {
            store.notes.push(note);
        }
    }
}

fn note(world: &World, radar: &Radar, next: Option<Timestamp>) -> String {
    if let Some((file, why)) = radar.rules.paused() {
        return format!("Claude Code removes no transcripts for now: {} {why}", world.short(file));
    }
    let Some((_, period)) = radar.rules.shortest() else { return "whether Claude Code removes transcripts cannot be told".into() };
    let by = period.by.as_ref().map_or_else(|| "its default".to_owned(), |file| format!("by {}", world.short(file)));
    let next = next.map_or_else(String::new, |at| format!("; the next is due {}", when(world.now(), at)));
    format!("Claude Code removes transcripts {} days after their last change ({by}){next}", period.days)
}

/// How far ahead a deadline is, in words.
pub fn when(now: Timestamp, deadline: Timestamp) -> String {
    let left = deadline.as_second().saturating_sub(now.as_second());
    match left {
        ..=0 => "at its next start".into(),
        1..7200 => format!("in {} min", left / 60),
        7200..172_800 => format!("in {} h", left / 3600),
        _ => format!("in {} d", left / 86_400),
    }
}
