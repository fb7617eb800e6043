//! A conversation to be read at any place: the list of its turns, and each of them told again when it is wanted.

use super::agents::Agents;
use super::event::{Block, Event};
use super::file::File;
use super::lines::Extent;
use super::place::Place;
use super::strand::Strand;
use super::tap::{self, Meter, Tap};
use super::tell::Teller;
use super::trail::{Entry, MAIN, Record, Trail};
use super::{Talk, Told, dialect, find, opened};
use crate::error::{Error, Result};
use crate::model::Session;
use std::path::Path;
use std::sync::Arc;

/// Files besides the transcript that are open at a time.
const WARM: usize = 4;

/// A conversation with the list of its turns.
pub struct Book {
    main: File<'static>,
    /// Other files that are open, the one used last at the end.
    warm: Vec<File<'static>>,
    agents: Agents,
    entries: Arc<[Entry]>,
    trail: Trail,
    told: Told,
    speaker: &'static str,
}

impl Book {
    /// Reads all of a session's conversation for its list; the meter tells how far that is. `None`: it has none.
    pub fn open(session: &Session, meter: &Arc<Meter>) -> Result<Option<Self>> {
        let tap: Arc<dyn Tap> = meter.clone();
        let book = opened(session, Extent::Whole, &tap)?.map(Self::of).transpose()?;
        Ok(book.map(|book| Self { speaker: session.script.speaker(), ..book }))
    }

    fn of(mut talk: Talk<'static>) -> Result<Self> {
        let through = talk.through(&mut |_| Ok(()), (Some(Trail::default()), None))?;
        Ok(Self::bound(talk.main, through.agents, through.trail, through.told))
    }

    fn bound(main: File<'static>, agents: Agents, trail: Option<Trail>, told: Told) -> Self {
        let mut trail = trail.unwrap_or_default();
        trail.finish();
        let entries = std::mem::take(&mut trail.entries).into();
        Self { main, warm: Vec::new(), agents, entries, trail, told, speaker: "Claude" }
    }

    /// The first turns of a session's conversation, reading at most `limit` bytes: without sub-agents, and as if nothing
    /// followed. `None`: it has none.
    pub fn first(session: &Session, limit: u64) -> Result<Option<Self>> {
        let tap: Arc<dyn Tap> = Arc::new(tap::Open);
        let extent = Extent::First(limit);
        if let Some(part) = Strand::of(session) {
            return part
                .read(false, extent, &tap)
                .and_then(|(main, _)| Ok(Some(Self { speaker: session.script.speaker(), ..Self::begun(main)? })));
        }
        let Some(dir) = &session.dir else { return Ok(None) };
        let found = find::find(dir, session.conversation.as_deref());
        let Some(path) = found.transcript.or(found.audit) else { return Ok(None) };
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        Self::begun(File::of(Place::file(dir, &path), dialect::of(&name), false, extent, &tap)?).map(Some)
    }

    fn begun(mut main: File<'static>) -> Result<Self> {
        let mut nobody = |_: Event<'_>| Ok(());
        let mut teller = Teller::new(&mut nobody, Agents::default());
        teller.trail = Some(Trail::default());
        teller.file(&mut main)?;
        let (told, trail) = (teller.told, teller.trail);
        Ok(Self::bound(main, Agents::default(), trail, told))
    }

    /// The list, in the order of the conversation.
    pub fn entries(&self) -> &Arc<[Entry]> {
        &self.entries
    }

    /// What people call who answers.
    pub fn speaker(&self) -> &'static str {
        self.speaker
    }

    /// What is known of the whole conversation.
    pub fn told(&self) -> &Told {
        &self.told
    }

    /// What the sub-agents among the entries were started for, by the entry.
    pub fn abouts(&self) -> &[(u32, String)] {
        &self.trail.abouts
    }

    /// The entry that a record's id stands for: the one it begins, else the one it is a part of.
    pub fn entry_of(&self, id: &str) -> Option<usize> {
        let begins = self.entries.iter().position(|e| e.is_of(id));
        let part = || {
            let hash = super::index::hash(id.as_bytes());
            let is = |r: &Record| r.volume == MAIN && self.main.index.node(r.node).uuid == hash;
            let record = self.trail.records.iter().position(is)?;
            self.entries.partition_point(|e| e.record as usize <= record).checked_sub(1)
        };
        begins.or_else(part)
    }

    /// The entry that stands for the record which begins at a place of one of its files, as a search gives both.
    pub fn entry_at(&self, path: &Path, at: u64) -> Option<usize> {
        let shut = || self.trail.shut.iter().enumerate().filter_map(|(number, shut)| Some((number, shut.as_ref()?)));
        let is_main = self.main.place.path() == path;
        let of_warm = || self.warm.iter().find(|file| file.place.path() == path).map(|file| (file.volume, &file.index));
        let of_shut = || {
            let (number, shut) = shut().find(|(_, shut)| shut.place.as_ref().is_some_and(|place| place.path() == path))?;
            Some((u32::try_from(number).ok()?, &shut.index))
        };
        let (volume, index) = if is_main { (MAIN, &self.main.index) } else { of_warm().or_else(of_shut)? };
        let is = |r: &Record| r.volume == volume && index.node(r.node).at() == at;
        let record = self.trail.records.iter().position(is)?;
        self.entries.partition_point(|e| e.record as usize <= record).checked_sub(1)
    }

    /// Tells the blocks of one entry, reading nothing but the records they stand in.
    pub fn blocks(&mut self, entry: usize, take: &mut dyn FnMut(Block<'_>)) -> Result<()> {
        let Some(Entry { record, nth, .. }) = self.entries.get(entry).copied().filter(|e| !e.is_group()) else { return Ok(()) };
        let next = self.entries.get(entry + 1).map_or(self.trail.records.len(), |e| e.record as usize);
        let from = record as usize;
        let records = self.trail.records.get(from..next.max(from + 1)).unwrap_or_default().to_vec();
        let mut begun = 0;
        let mut sink = |event: Event<'_>| {
            match event {
                Event::Turn(_) => begun += 1,
                Event::Block(block) if begun == nth + 1 => take(block),
                _ => {}
            }
            Ok(())
        };
        let mut teller = Teller::new(&mut sink, std::mem::take(&mut self.agents));
        let mut outcome = Ok(());
        for Record { volume, node } in records {
            outcome = self.volume(volume).and_then(|file| teller.record(file, node));
            // Sub-agents have entries of their own.
            teller.waiting();
            if outcome.is_err() {
                break;
            }
        }
        self.agents = teller.agents;
        outcome
    }

    /// A file by its number, opened where it was closed.
    fn volume(&mut self, volume: u32) -> Result<&mut File<'static>> {
        if volume == MAIN {
            return Ok(&mut self.main);
        }
        if let Some(at) = self.warm.iter().position(|f| f.volume == volume) {
            let file = self.warm.remove(at);
            self.warm.push(file);
        } else {
            let gone = || Error::refused("a file of the conversation was not kept");
            let shut = self.trail.shut.get_mut(volume as usize).and_then(Option::take).ok_or_else(gone)?;
            if self.warm.len() >= WARM {
                self.trail.keep(self.warm.remove(0));
            }
            let mut file = File::open(shut)?;
            file.volume = volume;
            self.warm.push(file);
        }
        self.warm.last_mut().ok_or_else(|| Error::refused("a file of the conversation was not kept"))
    }
}
