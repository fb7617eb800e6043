//! The list of a conversation's entries as the reader holds it, and which of them are folded away.

use crate::transcript::{Book, Entry, Told, What, Who};
use std::collections::HashSet;
use std::sync::Arc;

/// No entry.
const NONE: u32 = u32::MAX;

/// A conversation's entries, and what is known of all of it.
#[derive(Debug, Clone, Default)]
pub struct List {
    /// The entries, in the order of the conversation.
    pub entries: Arc<[Entry]>,
    /// The group that each stands in.
    parents: Vec<u32>,
    /// What sub-agents were started for.
    abouts: Vec<(u32, String)>,
    /// What people call who answers.
    pub speaker: &'static str,
    /// What is known of the conversation.
    pub told: Told,
    /// Whether it is all there; else only the first of it.
    pub whole: bool,
}

/// What is unfolded.
#[derive(Debug, Clone, Default)]
pub struct Folds {
    /// Whether everything is, but for what is named.
    pub all: bool,
    /// An entry and a piece of it.
    pub but: HashSet<(u32, u16)>,
}

impl Folds {
    /// Whether a piece is unfolded; of a group and of what the tool put in, piece 0 stands for all of it.
    pub fn is_open(&self, entry: u32, piece: u16) -> bool {
        self.all != self.but.contains(&(entry, piece))
    }

    /// Unfolds a piece, or folds it.
    pub fn set(&mut self, entry: u32, piece: u16, open: bool) {
        if open == self.all {
            self.but.remove(&(entry, piece));
        } else {
            self.but.insert((entry, piece));
        }
    }
}

impl List {
    /// The list of a book.
    pub fn of(book: &Book, whole: bool) -> Self {
        let entries = book.entries().clone();
        let (mut parents, mut open) = (Vec::with_capacity(entries.len()), Vec::<u32>::new());
        for (at, entry) in (0_u32..).zip(entries.iter()) {
            while open.last().and_then(|o| entries.get(*o as usize)).is_some_and(|o| o.end <= at) {
                open.pop();
            }
            parents.push(open.last().copied().unwrap_or(NONE));
            if entry.is_group() {
                open.push(at);
            }
        }
        Self { entries, parents, abouts: book.abouts().to_vec(), speaker: book.speaker(), told: book.told().clone(), whole }
    }

    /// How many there are.
    pub fn len(&self) -> u32 {
        u32::try_from(self.entries.len()).unwrap_or(NONE)
    }

    /// An entry.
    pub fn get(&self, at: u32) -> Option<&Entry> {
        self.entries.get(at as usize)
    }

    /// What a sub-agent was started for, or empty.
    pub fn about(&self, at: u32) -> &str {
        let found = self.abouts.binary_search_by_key(&at, |(of, _)| *of).ok();
        found.and_then(|i| self.abouts.get(i)).map_or("", |(_, about)| about)
    }

    /// The entry to be seen after this one.
    pub fn next(&self, at: u32, folds: &Folds) -> Option<u32> {
        let entry = self.get(at)?;
        let next = if entry.is_group() && !folds.is_open(at, 0) { entry.end } else { at + 1 };
        (next < self.len()).then_some(next)
    }

    /// The entry to be seen before this one.
    pub fn previous(&self, at: u32, folds: &Folds) -> Option<u32> {
        at.checked_sub(1).map(|before| self.seen(before, folds))
    }

    /// The entry itself where it can be seen, else the outermost group it is folded away in.
    pub fn seen(&self, at: u32, folds: &Folds) -> u32 {
        self.groups(at).filter(|group| !folds.is_open(*group, 0)).last().unwrap_or(at)
    }

    /// The groups that an entry stands in, the innermost first.
    pub fn groups(&self, at: u32) -> impl Iterator<Item = u32> + '_ {
        let above = |at: &u32| self.parents.get(*at as usize).copied().filter(|p| *p != NONE);
        std::iter::successors(above(&at), above)
    }

    /// The next entry in a direction with a heading; `user`: of the user.
    pub fn heading(&self, from: u32, forward: bool, user: bool) -> Option<u32> {
        let is = |entry: &Entry| entry.heading && entry.depth == 0 && (!user || entry.what == What::Turn(Who::User));
        let at = |(at, _): (usize, &Entry)| u32::try_from(at).ok();
        let mut numbered = self.entries.iter().enumerate();
        let from = from as usize;
        if forward {
            numbered.skip(from + 1).find(|(_, e)| is(e)).and_then(at)
        } else {
            numbered.by_ref().take(from).rfind(|(_, e)| is(e)).and_then(at)
        }
    }

    /// The entries under the same heading as this one, from the heading on.
    pub fn under(&self, at: u32) -> std::ops::Range<u32> {
        let heads = |e: &Entry| e.heading || e.what == What::Turn(Who::Injected) || e.is_group();
        let depth = self.get(at).map_or(0, |e| e.depth);
        let mut from = at;
        while from > 0 && self.get(from).is_some_and(|e| !heads(e)) && self.get(from - 1).is_some_and(|e| e.depth == depth) {
            from -= 1;
        }
        let mut to = at + 1;
        while self.get(to).is_some_and(|e| !heads(e) && e.depth == depth) {
            to += 1;
        }
        from..to
    }

    /// Messages within a group.
    pub fn messages(&self, group: u32) -> u64 {
        let end = self.get(group).map_or(0, |e| e.end as usize);
        let inside = self.entries.get(group as usize + 1..end).unwrap_or_default();
        inside.iter().filter(|e| matches!(e.what, What::Turn(Who::User | Who::Assistant))).count() as u64
    }

    /// Whether an entry begins another day than the one dated before it.
    pub fn begins_day(&self, at: u32) -> bool {
        let day = |e: &Entry| e.when.map(|w| w.strftime("%Y-%m-%d").to_string());
        let before = self.entries.get(..at as usize).unwrap_or_default().iter().rev().take(200).find_map(day);
        self.get(at).and_then(day).is_some_and(|day| before != Some(day))
    }

    /// The turns there are.
    pub fn turns(&self) -> u32 {
        self.entries.last().map_or(0, |e| e.turn)
    }
}
