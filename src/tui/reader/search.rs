//! Searching in a conversation: which entries hold what was typed, and going from one place to the next.

use super::needle::Needle;
use super::{Place, Reading, Row};
use tui_input::Input;

/// Entries that hold it, and how often.
pub type Hits = Vec<(u32, u32)>;

/// A search.
#[derive(Debug)]
pub struct Search {
    /// What is typed.
    pub input: Input,
    /// Whether it is still being typed.
    pub editing: bool,
    /// What is searched for.
    pub needle: Option<Needle>,
    /// The number of this search: hits of another are late.
    pub number: u64,
    /// What was found so far, in the order of the conversation.
    pub hits: Hits,
    /// How far it is, of a thousand; `None`: it is over.
    pub per_mille: Option<u64>,
    /// Where it began, to go back to.
    pub from: Place,
    /// Whether the first hit is still to be gone to.
    seeking: bool,
    /// The hit whose entry is not loaded yet, and whether its last place is meant.
    landing: Option<bool>,
}

impl Search {
    fn new(from: Place) -> Self {
        Self {
            input: Input::default(),
            editing: true,
            needle: None,
            number: 0,
            hits: Hits::new(),
            per_mille: None,
            from,
            seeking: false,
            landing: None,
        }
    }

    /// Places found so far.
    pub fn total(&self) -> u64 {
        self.hits.iter().map(|(_, n)| u64::from(*n)).sum()
    }
}

impl Reading {
    /// Opens the field, with what was searched for last.
    pub fn search(&mut self) {
        let from = self.at;
        let search = self.search.get_or_insert_with(|| Search::new(from));
        (search.editing, search.from) = (true, from);
    }

    /// Begins anew with what is typed; gives the number of the search and its words, where there are any.
    pub fn searched(&mut self, number: u64) -> Option<(u64, String)> {
        let search = self.search.as_mut()?;
        let typed = search.input.value().to_owned();
        search.needle = Needle::new(&typed);
        (search.number, search.seeking, search.landing) = (number, true, None);
        search.hits.clear();
        search.per_mille = search.needle.is_some().then_some(0);
        let asked = search.needle.is_some().then_some((number, typed));
        self.at = search.from;
        self.lay_anew();
        asked
    }

    /// Ends the search; what it found is no longer set apart.
    pub fn end_search(&mut self, back: bool) {
        let Some(search) = self.search.take() else { return };
        if back {
            self.at = search.from;
        }
        self.lay_anew();
    }

    /// Takes hits in, and goes to the first at or after the place where the search began.
    pub fn hit(&mut self, number: u64, hits: Hits, per_mille: Option<u64>) {
        let Some(search) = self.search.as_mut().filter(|s| s.number == number) else { return };
        search.hits.extend(hits);
        search.per_mille = per_mille;
        let from = search.from.entry;
        let first = search.hits.iter().find(|(entry, _)| *entry >= from).or(search.hits.first().filter(|_| per_mille.is_none()));
        if let Some((entry, _)) = first.copied().filter(|_| search.seeking) {
            search.seeking = false;
            self.go_to_hit(entry, false);
        }
    }

    /// Goes to the next place found, or the one before; gives whether there is any.
    pub fn next_hit(&mut self, forward: bool) -> bool {
        let at = self.at;
        let row = at.row as usize;
        let found = |rows: &[Row]| -> Option<usize> {
            let mut rows = rows.iter().enumerate();
            if forward { rows.find(|(n, r)| *n > row && r.is_found()) } else { rows.rfind(|(n, r)| *n < row && r.is_found()) }
                .map(|(n, _)| n)
        };
        if let Some(row) = found(self.rows_of(at.entry)).and_then(|n| u32::try_from(n).ok()) {
            self.at.row = row;
            self.centre();
            return true;
        }
        let Some(search) = &self.search else { return false };
        let hits = &search.hits;
        let next = if forward {
            hits.iter().find(|(entry, _)| *entry > at.entry).or(hits.first())
        } else {
            hits.iter().rfind(|(entry, _)| *entry < at.entry).or(hits.last())
        };
        let Some((entry, _)) = next.copied() else { return false };
        self.go_to_hit(entry, !forward);
        true
    }

    fn go_to_hit(&mut self, entry: u32, last: bool) {
        if let Some(search) = &mut self.search {
            search.landing = Some(last);
        }
        self.go(entry);
    }

    /// Once the entry gone to is loaded: unfolds what holds it, and goes to its row.
    pub fn land(&mut self) {
        let entry = self.at.entry;
        let Some((search, sheet)) = self.search.as_ref().zip(self.sheet(entry)) else { return };
        let Some((last, needle)) = search.landing.zip(search.needle.as_ref()) else { return };
        let holds = (0_u16..).zip(&sheet.pieces).filter(|(_, piece)| piece.texts().iter().any(|text| needle.is_in(text)));
        let pieces: Vec<u16> = holds.map(|(n, _)| n).collect();
        let injected = self.list.get(entry).is_some_and(|e| e.what == crate::transcript::What::Turn(crate::transcript::Who::Injected));
        for piece in pieces {
            self.folds.set(entry, if injected { 0 } else { piece }, true);
        }
        if let Some(search) = &mut self.search {
            search.landing = None;
        }
        self.relay(entry);
        let rows = self.rows_of(entry);
        let found = |row: &Row| row.is_found();
        let row = if last { rows.iter().rposition(found) } else { rows.iter().position(found) };
        self.at.row = row.and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
        self.centre();
    }

    /// Which of the places found the reader is at or behind, and how many there are.
    pub fn hit_number(&self) -> Option<(u64, u64)> {
        let search = self.search.as_ref()?;
        let before: u64 = search.hits.iter().filter(|(entry, _)| *entry < self.at.entry).map(|(_, n)| u64::from(*n)).sum();
        let rows = self.laid(self.at.entry);
        let here = rows.get(..=(self.at.row as usize).min(rows.len().saturating_sub(1))).unwrap_or_default();
        let here = here.iter().filter(|r| r.is_found()).count() as u64;
        let most = search.hits.iter().find(|(entry, _)| *entry == self.at.entry).map_or(0, |(_, n)| u64::from(*n));
        Some((before + here.min(most), search.total()))
    }

    fn relay(&mut self, entry: u32) {
        self.rows.remove(&entry);
    }
}
