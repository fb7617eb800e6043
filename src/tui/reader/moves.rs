//! Moving about in a conversation: by rows, by screens, by turns.

use super::{Goal, Place, Reading};

impl Reading {
    /// Rows of the screen that stand above the place where there are so many.
    fn third(&self) -> usize {
        self.size.1 / 3
    }

    /// Moves by so many rows. The screen goes with the place once that is a third down, or where it is beyond that.
    pub fn step(&mut self, rows: isize) {
        let third = self.third();
        let before = self.offset(self.top, self.at).unwrap_or(third);
        self.at = self.moved(self.at, rows);
        let kept = if rows > 0 { before.max(third) } else { before.min(third) };
        let beyond = |now: usize| if rows > 0 { now > kept } else { now < kept };
        if self.offset(self.top, self.at).is_none_or(beyond) {
            self.top = self.moved(self.at, -isize::try_from(kept).unwrap_or(0));
        }
        self.still = false;
        self.settle();
    }

    /// Puts the place a third down the screen.
    pub fn centre(&mut self) {
        self.still = true;
        self.settle();
    }

    /// Moves the screen, and the place with it.
    pub fn scroll(&mut self, rows: isize) {
        let before = self.offset(self.top, self.at);
        self.top = self.moved(self.top, rows);
        self.at = self.moved(self.at, rows);
        self.still = false;
        self.fill();
        // At either end the place goes on where the screen cannot.
        if before.is_some() && self.offset(self.top, self.at).is_none() {
            self.show();
        }
    }

    /// Goes to a row of the screen, counted from its top.
    pub fn point(&mut self, row: usize) -> bool {
        let to = self.moved(self.top, isize::try_from(row).unwrap_or(0));
        let there = self.offset(self.top, to) == Some(row);
        if there {
            self.at = to;
            self.still = false;
        }
        there
    }

    /// Goes to the beginning.
    pub fn first(&mut self) {
        self.goal = None;
        (self.at, self.top) = (Place::default(), Place::default());
        self.settle();
    }

    /// Goes to the end, as soon as that is known.
    pub fn last(&mut self) {
        if !self.list.whole {
            self.goal = Some(Goal::End);
            return;
        }
        let last = self.list.seen(self.list.len().saturating_sub(1), &self.folds);
        self.at = Place { entry: last, row: u32::MAX };
        self.centre();
    }

    /// Goes to an entry, unfolding what it is folded away in.
    pub fn go(&mut self, entry: u32) {
        for group in self.list.groups(entry).collect::<Vec<_>>() {
            self.folds.set(group, 0, true);
            self.unlay(group);
        }
        // Above a heading stands an empty row.
        let row = u32::from(entry > 0 && self.list.get(entry).is_some_and(|e| e.heading));
        self.at = Place { entry, row };
        self.centre();
        self.land();
    }

    /// Goes to the next heading in a direction; gives whether there is one.
    pub fn turn(&mut self, forward: bool, user: bool) -> bool {
        // From the middle of a turn, back is its beginning.
        let here = self.list.get(self.at.entry).is_some_and(|e| e.heading) && self.at.row > 1 && !forward;
        let from = if here { self.at.entry + 1 } else { self.at.entry };
        let found = self.list.heading(from, forward, user);
        if let Some(entry) = found {
            self.go(entry);
        }
        found.is_some()
    }

    /// A place so many rows on, or back; it ends where the conversation does.
    fn moved(&mut self, from: Place, rows: isize) -> Place {
        let (mut entry, mut left) = (from.entry, rows.unsigned_abs());
        let mut row = (from.row as usize).min(self.height(entry).saturating_sub(1));
        loop {
            let room = if rows > 0 { self.height(entry).saturating_sub(1) - row } else { row };
            if left <= room {
                row = if rows > 0 { row + left } else { row - left };
                break;
            }
            let next = if rows > 0 { self.list.next(entry, &self.folds) } else { self.list.previous(entry, &self.folds) };
            let Some(next) = next else {
                row = if rows > 0 { row + room } else { 0 };
                break;
            };
            left -= room + 1;
            entry = next;
            row = if rows > 0 { 0 } else { self.height(entry).saturating_sub(1) };
        }
        Place { entry, row: u32::try_from(row).unwrap_or(u32::MAX) }
    }

    fn height(&mut self, entry: u32) -> usize {
        self.rows_of(entry).len().max(1)
    }

    /// How many rows a place is below another, where that is on the same screen.
    fn offset(&mut self, from: Place, to: Place) -> Option<usize> {
        if to < from {
            return None;
        }
        let (mut entry, mut row, mut all) = (from.entry, from.row as usize, 0);
        while entry != to.entry {
            all += self.height(entry).saturating_sub(row);
            row = 0;
            if all >= self.size.1 {
                return None;
            }
            entry = self.list.next(entry, &self.folds)?;
        }
        let to = (to.row as usize).min(self.height(entry).saturating_sub(1));
        Some(all + to.saturating_sub(row)).filter(|n| *n < self.size.1)
    }

    /// Keeps the place on the screen and the screen full.
    pub fn settle(&mut self) {
        if self.list.entries.is_empty() {
            return;
        }
        self.at.entry = self.list.seen(self.at.entry.min(self.list.len() - 1), &self.folds);
        self.top.entry = self.list.seen(self.top.entry.min(self.list.len() - 1), &self.folds);
        if self.sheet(self.at.entry).is_some() || self.list.get(self.at.entry).is_some_and(crate::transcript::Entry::is_group) {
            let last = u32::try_from(self.height(self.at.entry) - 1).unwrap_or(u32::MAX);
            self.at.row = self.at.row.min(last);
        }
        if self.still {
            let third = isize::try_from(self.third()).unwrap_or(0);
            self.top = self.moved(self.at, -third);
        }
        self.fill();
        self.show();
        self.all_laid();
    }

    /// Where the conversation ends above the end of the screen, the screen begins earlier.
    fn fill(&mut self) {
        let height = isize::try_from(self.size.1).unwrap_or(0);
        let end = self.moved(self.top, height - 1);
        let short = self.offset(self.top, end).map_or(0, |n| self.size.1.saturating_sub(n + 1));
        if short > 0 {
            self.top = self.moved(self.top, -isize::try_from(short).unwrap_or(0));
        }
    }

    fn show(&mut self) {
        if self.offset(self.top, self.at).is_none() {
            let back = if self.at < self.top { 0 } else { isize::try_from(self.size.1).unwrap_or(1) - 1 };
            self.top = self.moved(self.at, -back);
        }
    }

    /// Lays out what is on the screen.
    fn all_laid(&mut self) {
        let (mut at, mut seen) = (Some(self.top.entry), 0);
        while let Some(entry) = at.filter(|_| seen < self.size.1 + self.top.row as usize) {
            seen += self.height(entry);
            at = self.list.next(entry, &self.folds);
        }
    }

    fn unlay(&mut self, entry: u32) {
        self.rows.remove(&entry);
    }
}
