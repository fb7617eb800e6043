//! A conversation on the screen: what is loaded of it, where the reader is in it, and what is searched for. Plain data.
//!
//! [`desk`] reads on a thread of its own and answers; [`sheet`] is what it gives for an entry, [`lay`] makes rows of that,
//! [`Reading`] holds the rows around the place where the reader is.

pub mod desk;
mod lay;
mod list;
mod moves;
mod needle;
mod prose;
mod row;
mod search;
mod sheet;
mod wrap;

pub use list::List;
pub use row::{Kind, Part, Row, Tone};
pub use search::Search;
pub use sheet::{Piece, Sheet};

use crate::model::Session;
use lay::{Layout, lay};
use list::Folds;
use std::collections::{HashMap, HashSet};

/// Entries that are kept when the reader went on.
const KEPT: usize = 240;
/// Bytes of sheets that are kept.
const BYTES: usize = 16 << 20;
/// Entries asked for at a time.
const AT_A_TIME: usize = 48;

/// A row's place: its entry, and which of the entry's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Place {
    /// The entry.
    pub entry: u32,
    /// The row; beyond the last: the last.
    pub row: u32,
}

/// Where to go as soon as the whole list is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Goal {
    /// To the end.
    End,
    /// To the turn of a record, by its id.
    Record(String),
}

/// A conversation that is read.
#[derive(Debug)]
pub struct Reading {
    /// Whose it is.
    pub session: Session,
    /// The number of this opening: news of another are late.
    pub ticket: u64,
    /// The entries.
    pub list: List,
    /// How far the list is, of a thousand.
    pub progress: u64,
    /// Why it cannot be read.
    pub failed: Option<String>,
    /// Where the reader is.
    pub at: Place,
    /// The first row on the screen.
    pub top: Place,
    /// What is unfolded.
    pub folds: Folds,
    /// What is searched for.
    pub search: Option<Search>,
    /// Where to go when the list is whole.
    pub goal: Option<Goal>,
    /// Columns and rows there are for it.
    pub size: (usize, usize),
    sheets: HashMap<u32, Sheet>,
    rows: HashMap<u32, Vec<Row>>,
    asked: HashSet<u32>,
    /// Whether the place keeps its distance from the top of the screen when rows above it come.
    still: bool,
}

impl Reading {
    /// One of which nothing is loaded yet.
    pub fn new(session: Session, ticket: u64, goal: Option<Goal>, size: (usize, usize)) -> Self {
        Self {
            session,
            ticket,
            list: List::default(),
            progress: 0,
            failed: None,
            at: Place::default(),
            top: Place::default(),
            folds: Folds::default(),
            search: None,
            goal,
            size,
            sheets: HashMap::new(),
            rows: HashMap::new(),
            asked: HashSet::new(),
            still: true,
        }
    }

    /// Whether something that was asked for is still to come.
    pub fn waits(&self) -> bool {
        !self.asked.is_empty() || (!self.list.whole && self.failed.is_none()) || self.search.as_ref().is_some_and(|s| s.per_mille.is_some())
    }

    /// Takes a list in, the place kept where the same entry is in it. `found`: the entry that was to be gone to.
    pub fn listed(&mut self, list: List, found: Option<u32>) {
        let same = |at: u32, old: &List| old.get(at).zip(list.get(at)).is_some_and(|(a, b)| a.id() == b.id());
        let moved = |at: u32, old: &List| {
            let id = old.get(at).map(crate::transcript::Entry::id)?;
            if same(at, old) { Some(at) } else { list.entries.iter().position(|e| e.id() == id).and_then(|i| u32::try_from(i).ok()) }
        };
        let old = std::mem::take(&mut self.list);
        self.at.entry = moved(self.at.entry, &old).unwrap_or(0);
        self.top.entry = moved(self.top.entry, &old).unwrap_or(0);
        self.folds.but.retain(|(at, _)| same(*at, &old));
        // The last entry of a part may be cut.
        let last = old.len().saturating_sub(1);
        self.sheets.retain(|at, _| *at < last && same(*at, &old));
        self.rows.clear();
        self.asked.clear();
        self.list = list;
        if self.list.whole {
            match self.goal.take() {
                Some(Goal::End) => self.last(),
                Some(Goal::Record(_)) => {
                    if let Some(entry) = found {
                        self.go(entry);
                    }
                }
                None => {}
            }
        }
        self.settle();
    }

    /// Takes sheets in.
    pub fn loaded(&mut self, sheets: Vec<(u32, Sheet)>) {
        for (at, sheet) in sheets {
            self.asked.remove(&at);
            self.rows.remove(&at);
            self.sheets.insert(at, sheet);
        }
        self.land();
        self.settle();
    }

    /// Entries to be loaded now, the ones on the screen first.
    pub fn wanted(&mut self) -> Vec<u32> {
        self.forget();
        let mut wanted = Vec::new();
        let room = AT_A_TIME.saturating_sub(self.asked.len());
        let mut look = |this: &mut Self, mut at: Option<u32>, rows: usize, forward: bool| {
            let mut seen = 0;
            while let Some(entry) = at.filter(|_| seen < rows && wanted.len() < room) {
                let group = this.list.get(entry).is_none_or(crate::transcript::Entry::is_group);
                if !group && !this.sheets.contains_key(&entry) && this.asked.insert(entry) {
                    wanted.push(entry);
                }
                seen += this.rows_of(entry).len();
                at = if forward { this.list.next(entry, &this.folds) } else { this.list.previous(entry, &this.folds) };
            }
        };
        let (top, height) = (self.top.entry, self.size.1.max(1));
        look(self, Some(top), height + self.top.row as usize, true);
        look(self, Some(self.at.entry), 1, true);
        look(self, Some(top), 3 * height + self.top.row as usize, true);
        look(self, Some(top), 3 * height, false);
        wanted
    }

    /// Forgets what is far away.
    fn forget(&mut self) {
        let bytes: usize = self.sheets.values().map(Sheet::bytes).sum();
        if self.sheets.len() <= KEPT && bytes <= BYTES {
            return;
        }
        let (from, to) = (self.top.entry.min(self.at.entry), self.top.entry.max(self.at.entry));
        let near = 2 * u32::try_from(self.size.1).unwrap_or(0);
        let is_near = |at: &u32| *at + near >= from && *at <= to + near;
        self.sheets.retain(|at, _| is_near(at));
        self.rows.retain(|at, _| is_near(at));
        self.asked.retain(is_near);
    }

    /// The rows of an entry, as far as they are known.
    pub fn rows_of(&mut self, entry: u32) -> &[Row] {
        if !self.rows.contains_key(&entry) {
            let needle = self.search.as_ref().and_then(|s| s.needle.as_ref());
            let by = Layout { list: &self.list, folds: &self.folds, needle, columns: self.size.0 };
            let rows = lay(&by, entry, self.sheets.get(&entry));
            self.rows.insert(entry, rows);
        }
        self.rows.get(&entry).map_or(&[], Vec::as_slice)
    }

    /// The rows that were laid out before; the view changes nothing.
    pub fn laid(&self, entry: u32) -> &[Row] {
        self.rows.get(&entry).map_or(&[], Vec::as_slice)
    }

    /// The sheet of an entry, where it is loaded.
    pub fn sheet(&self, entry: u32) -> Option<&Sheet> {
        self.sheets.get(&entry)
    }

    /// Lays everything out anew: another size, another search, all folded or unfolded.
    pub fn lay_anew(&mut self) {
        self.rows.clear();
        self.land();
        self.settle();
    }

    /// The row the reader is at.
    pub fn row(&self) -> Option<&Row> {
        let rows = self.laid(self.at.entry);
        rows.get(self.at.row as usize).or(rows.last())
    }

    /// Unfolds what the reader is at, or folds it; `open`: which of both, else the other. Gives whether there was something.
    pub fn fold(&mut self, open: Option<bool>) -> bool {
        let entry = self.at.entry;
        let Some(what) = self.list.get(entry).map(|e| e.what) else { return false };
        let piece = match self.row().map(|r| (r.kind, r.piece)) {
            Some((Kind::Fold { .. }, piece)) => piece,
            // Inside of what is unfolded, its own line.
            Some((_, piece)) if self.piece_folds(piece) => piece,
            Some(_) if what == crate::transcript::What::Turn(crate::transcript::Who::Injected) && self.fold_row(0).is_some() => 0,
            _ => return false,
        };
        let now = self.folds.is_open(entry, piece);
        self.folds.set(entry, piece, open.unwrap_or(!now));
        self.rows.remove(&entry);
        if let Some(row) = self.fold_row(piece) {
            self.at.row = row;
        }
        self.settle();
        open.is_none_or(|open| open != now)
    }

    fn piece_folds(&mut self, piece: u16) -> bool {
        self.fold_row(piece).is_some()
    }

    /// The row of the entry at hand that folds a piece.
    fn fold_row(&mut self, piece: u16) -> Option<u32> {
        let rows = self.rows_of(self.at.entry);
        let row = rows.iter().position(|r| r.piece == piece && matches!(r.kind, Kind::Fold { .. }))?;
        u32::try_from(row).ok()
    }

    /// Unfolds everything, or folds it.
    pub fn fold_all(&mut self) {
        self.folds = Folds { all: !self.folds.all, but: HashSet::new() };
        self.at.entry = self.list.seen(self.at.entry, &self.folds);
        self.top = self.at;
        self.lay_anew();
    }

    /// Whether everything is unfolded.
    pub fn all_open(&self) -> bool {
        self.folds.all
    }

    /// Text to be copied where the reader is: of a code block or a tool call, itself; else nothing, and the turn is meant.
    pub fn copied(&self) -> Option<(&'static str, String)> {
        let row = self.row()?;
        match (row.kind, self.sheet(self.at.entry)?.pieces.get(row.piece as usize)?) {
            (Kind::Code(number), Piece::Prose(text) | Piece::Thinking(text)) => Some(("the code", prose::code(text, number))),
            (_, piece @ Piece::Call { .. }) => Some(("the call", piece.texts().join("\n"))),
            _ => None,
        }
    }
}
