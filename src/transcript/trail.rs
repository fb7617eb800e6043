//! The list of a conversation's turns, made while it is told: what began in which record, so that each can be told again.

use super::dialect::Dialect;
use super::event::{Event, Who};
use super::file::File;
use super::index::{self, Index};
use super::place::Place;
use super::strand::Strand;
use jiff::Timestamp;

/// What stands in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Somebody speaks.
    Turn(Who),
    /// A sub-agent's conversation: everything up to the entry's end.
    Agent,
    /// A branch that was left: everything up to the entry's end.
    Left,
}

/// One entry of the list: a message, or what groups several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// What it is.
    pub what: What,
    /// How many sub-agents deep.
    pub depth: u8,
    /// Whether somebody else speaks than before, or the user anew: what a page gives a heading.
    pub heading: bool,
    /// The number of headings up to here, those of sub-agents not counted.
    pub turn: u32,
    /// The entry after the last that belongs to it.
    pub end: u32,
    /// When, where the record says.
    pub when: Option<Timestamp>,
    /// A number for the record's id.
    id: u64,
    /// The record it begins in, counted as they were told.
    pub(super) record: u32,
    /// Which of the turns that begin in that record.
    pub(super) nth: u32,
}

impl Entry {
    /// Whether this is the entry of a record with this id, as far as a number tells.
    pub fn is_of(&self, id: &str) -> bool {
        self.id == index::hash(id.as_bytes())
    }

    /// A number that the same entry has in every list of the same conversation.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Whether others stand within it.
    pub fn is_group(&self) -> bool {
        !matches!(self.what, What::Turn(_))
    }
}

/// A record that was told.
#[derive(Debug, Clone, Copy)]
pub struct Record {
    /// The file it is in.
    pub volume: u32,
    /// Its number there.
    pub node: u32,
}

/// A file that is closed and of which everything is known that the first reading gave.
pub struct Shut {
    /// Where it is; `None`: it is laid out once more when it is wanted.
    pub place: Option<Place>,
    /// What it was laid out from, where it was.
    pub again: Option<Strand>,
    /// How it is written.
    pub dialect: &'static Dialect,
    /// What the first reading gave.
    pub index: Index,
}

/// The number of the transcript itself among the files.
pub const MAIN: u32 = 0;
/// The number of the file that fills gaps.
pub const FILL: u32 = 1;

/// What a telling leaves behind.
#[derive(Default)]
pub struct Trail {
    /// Every record that was told, in order.
    pub records: Vec<Record>,
    /// The list.
    pub entries: Vec<Entry>,
    /// What sub-agents were started for, by the entry.
    pub abouts: Vec<(u32, String)>,
    /// Files besides the transcript, each at its number.
    pub shut: Vec<Option<Shut>>,
    /// Groups that go on.
    open: Vec<u32>,
    turn: u32,
    under: Option<Who>,
    day: Option<jiff::civil::Date>,
}

impl Trail {
    /// A number for one more file.
    pub fn volume(&mut self) -> u32 {
        let number = self.shut.len().max(FILL as usize + 1);
        self.shut.resize_with(number + 1, || None);
        u32::try_from(number).unwrap_or(u32::MAX)
    }

    /// Keeps what is known of a file that was told.
    pub fn keep(&mut self, file: File<'_>) {
        let number = file.volume as usize;
        if self.shut.len() <= number {
            self.shut.resize_with(number + 1, || None);
        }
        if let Some(place) = self.shut.get_mut(number) {
            *place = Some(file.shut());
        }
    }

    /// A record is told now.
    pub fn record(&mut self, volume: u32, node: u32) {
        self.records.push(Record { volume, node });
    }

    /// An event is told now. `aside`: on a branch that was left.
    pub fn event(&mut self, event: &Event<'_>, depth: usize, aside: bool) {
        if !aside && depth == 0 {
            self.close(|e| e.what == What::Left);
        }
        match event {
            Event::Turn(turn) => {
                let heading = self.heading(turn.who, turn.when, depth);
                self.push(What::Turn(turn.who), heading, &turn.id, turn.when, depth);
            }
            Event::Block(_) => {}
            Event::Agent(agent) => {
                self.under = None;
                let at = self.push(What::Agent, false, &agent.id, None, depth);
                if !agent.about.is_empty() {
                    self.abouts.push((at, agent.about.to_string()));
                }
                self.open.push(at);
            }
            Event::AgentEnd => {
                self.close(|e| e.what == What::Agent || e.what == What::Left && usize::from(e.depth) > depth);
                self.under = None;
            }
            Event::Left(left) => {
                self.close(|e| e.what == What::Left && usize::from(e.depth) == depth);
                self.under = None;
                let at = self.push(What::Left, false, &left.after, None, depth);
                self.open.push(at);
            }
        }
    }

    /// Nothing follows.
    pub fn finish(&mut self) {
        while !self.open.is_empty() {
            self.close_last();
        }
    }

    /// Whether a page gives the turn a heading: the same rule as an export's.
    fn heading(&mut self, who: Who, when: Option<Timestamp>, depth: usize) -> bool {
        let day = when.map(|w| w.to_zoned(jiff::tz::TimeZone::UTC).date());
        if depth == 0 && day.is_some() && day != self.day {
            (self.day, self.under) = (day, None);
        }
        let heading = who != Who::Injected && (self.under != Some(who) || who == Who::User);
        self.under = Some(who);
        self.turn += u32::from(heading && depth == 0);
        heading
    }

    fn push(&mut self, what: What, heading: bool, id: &str, when: Option<Timestamp>, depth: usize) -> u32 {
        let at = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        let told = u32::try_from(self.records.len()).unwrap_or(u32::MAX);
        let record = if matches!(what, What::Turn(_)) { told.saturating_sub(1) } else { told };
        let before = self.entries.last().filter(|e| e.record == record && !e.is_group());
        let nth = before.map_or(0, |e| e.nth + 1);
        let depth = u8::try_from(depth).unwrap_or(u8::MAX);
        let id = index::hash(id.as_bytes());
        self.entries.push(Entry { what, depth, heading, turn: self.turn, end: at + 1, when, id, record, nth });
        at
    }

    /// Closes the groups that go on, from the last, while they are such.
    fn close(&mut self, is: impl Fn(&Entry) -> bool) {
        while let Some(entry) = self.open.last().and_then(|at| self.entries.get(*at as usize)).filter(|e| is(e)) {
            let agent = entry.what == What::Agent;
            self.close_last();
            if agent {
                break;
            }
        }
    }

    fn close_last(&mut self) {
        let end = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        let entry = self.open.pop().and_then(|at| self.entries.get_mut(at as usize));
        if let Some(entry) = entry {
            entry.end = end;
        }
    }
}
