//! Finds by reading: every record of the files that are asked about, or those of some lines.

use super::best::Best;
use super::context::Context;
use super::fit::{Look, Room};
use super::hit::Hit;
use super::known::Known;
use super::query::Filter;
use crate::error::{Error, Kind, Result};
use crate::model::{ScanError, Stop};
use crate::transcript::{Reading, Record, Thread};
use rayon::prelude::*;
use std::hash::{DefaultHasher, Hash, Hasher};

/// What came of a search.
#[derive(Debug, Default)]
pub struct Answer {
    /// What was found, the best first.
    pub hits: Vec<Hit>,
    /// How many there are in all, where all was looked at.
    pub total: Option<u64>,
    /// What could not be read.
    pub failed: Vec<ScanError>,
}

/// Reads everything.
pub fn all(known: &[Known], look: &dyn Look, filter: &Filter, limit: usize, stop: &Stop) -> Answer {
    let threads: Vec<(&Known, &Thread)> = known.iter().flat_map(|k| k.threads.iter().map(move |t| (k, t))).collect();
    let one = |(known, thread): &(&Known, &Thread)| {
        let mut search = Search { known, thread, look, filter, best: Best::new(limit), room: Room::default() };
        let outcome = thread.open().and_then(|mut reading| search.lines(&mut reading, 0, u64::MAX, stop));
        let failed = outcome.err().filter(|_| !stop.is_stopped());
        let failed = failed.map(|e| ScanError { path: thread.path(), error: e.to_string() });
        (search.best, Vec::from_iter(failed))
    };
    let join = |(a, mut x): (Best, Vec<ScanError>), (b, y): (Best, Vec<ScanError>)| {
        x.extend(y);
        (a.join(b), x)
    };
    let (best, failed) = threads.par_iter().map(one).reduce(|| (Best::new(limit), Vec::new()), join);
    Answer { total: Some(best.total).filter(|_| !stop.is_stopped()), hits: best.hits(), failed }
}

/// One file being looked through.
pub struct Search<'s> {
    /// The session.
    pub known: &'s Known,
    /// The file.
    pub thread: &'s Thread,
    /// What looks.
    pub look: &'s dyn Look,
    /// What narrows it.
    pub filter: &'s Filter,
    /// What was found.
    pub best: Best,
    /// Room for the words of a text.
    pub room: Room,
}

impl Search<'_> {
    /// Looks through the lines from a place to another.
    pub fn lines(&mut self, reading: &mut Reading, from: u64, to: u64, stop: &Stop) -> Result<()> {
        let path = reading.path().to_path_buf();
        let mut take = |record: &Record<'_>, _: u64| {
            if stop.is_stopped() {
                return Err(Error::new(Kind::Interrupted, "stopped"));
            }
            self.record(record, &path);
            Ok(())
        };
        reading.each(from, to, &mut take).map(drop)
    }

    fn record(&mut self, record: &Record<'_>, path: &std::path::Path) {
        let when = record.when.or(self.known.last_active);
        if !self.filter.takes_time(when) {
            return;
        }
        for spoken in record.said.iter().filter(|spoken| self.filter.takes_voice(spoken.voice)) {
            let Some(found) = self.look.look(&spoken.text, &mut self.room) else { continue };
            self.best.total += 1;
            if !self.best.takes(found.fit, when) {
                continue;
            }
            let mut says = DefaultHasher::new();
            (&self.known.id, spoken.voice, spoken.text.trim()).hash(&mut says);
            let hit = Hit {
                store: self.known.store,
                session: self.known.id.clone(),
                title: self.known.title.clone(),
                agent: self.thread.agent.clone(),
                voice: spoken.voice,
                record: record.id.to_string(),
                when,
                fit: found.fit,
                context: Context::of(&spoken.text, &found),
                path: path.to_path_buf(),
                at: record.at,
            };
            self.best.push(hit, says.finish(), record.is_echo);
        }
    }
}
