//! The plan in three columns: what is copied, what is removed, what is kept.

use super::{Agreed, Confirmed, HOLD};
use crate::rescue::{Rescue, Row};
use std::collections::HashSet;
use std::time::Duration;

/// One line of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThreeLine {
    /// A session, with a figure in each column.
    Row(usize),
    /// A file that is copied and then removed: its row, and its place in the plan's copies.
    Copy(usize, usize),
    /// A thing that is removed: its row, and its place in the plan's items.
    Item(usize, usize),
    /// A thing that stays: its row, and its place in what the plan leaves alone.
    Kept(usize, usize),
    /// Something there is to say besides.
    Note(usize),
}

/// The plan, before anything happens.
#[derive(Debug)]
pub struct ThreeScreen {
    /// The plan.
    pub rescue: Rescue,
    /// Rows whose things are listed.
    pub unfolded: HashSet<usize>,
    /// The line under the cursor.
    pub cursor: usize,
    opened: Duration,
}

impl ThreeScreen {
    /// The screen of a plan, opened at this moment.
    pub fn new(rescue: Rescue, opened: Duration) -> Self {
        Self { rescue, unfolded: HashSet::new(), cursor: 0, opened }
    }

    /// The lines as they stand. What is copied and then removed has one line.
    pub fn lines(&self) -> Vec<ThreeLine> {
        let mut out = Vec::new();
        let copied: HashSet<&str> = self.rescue.copies.iter().map(|c| c.path.path.as_str()).collect();
        for (at, row) in self.rescue.rows.iter().enumerate() {
            out.push(ThreeLine::Row(at));
            if self.unfolded.contains(&at) {
                let only_removed =
                    |i: &&usize| self.rescue.plan.items.get(**i).is_some_and(|item| !copied.contains(item.path.path.as_str()));
                out.extend(row.copies.iter().map(|i| ThreeLine::Copy(at, *i)));
                out.extend(row.items.iter().filter(only_removed).map(|i| ThreeLine::Item(at, *i)));
                out.extend(row.kept.iter().map(|i| ThreeLine::Kept(at, *i)));
            }
        }
        out.extend((0..self.rescue.notes.len()).map(ThreeLine::Note));
        out
    }

    /// The row that the line under the cursor is or belongs to.
    pub fn row(&self) -> Option<&Row> {
        let at = match self.lines().get(self.cursor)? {
            ThreeLine::Row(at) | ThreeLine::Copy(at, _) | ThreeLine::Item(at, _) | ThreeLine::Kept(at, _) => *at,
            ThreeLine::Note(_) => return None,
        };
        self.rescue.rows.get(at)
    }

    /// Lists or folds the things of the row under the cursor.
    pub fn unfold(&mut self, on: Option<bool>) {
        let Some(ThreeLine::Row(at)) = self.lines().get(self.cursor).copied() else { return };
        if on.unwrap_or(!self.unfolded.contains(&at)) {
            self.unfolded.insert(at);
        } else {
            self.unfolded.remove(&at);
        }
    }

    /// Moves the cursor by so many lines.
    pub fn step(&mut self, by: isize) {
        self.cursor = self.cursor.saturating_add_signed(by).min(self.lines().len().saturating_sub(1));
    }

    /// The key that means yes. Nothing at risk goes without a proven copy, so nothing is asked for besides. `Err` says why not.
    pub fn yes(&self, now: Duration) -> Result<Option<Confirmed>, String> {
        if now.saturating_sub(self.opened) < HOLD {
            return Ok(None);
        }
        if self.rescue.plan.items.is_empty() {
            return Err("there is nothing in this plan to carry out".into());
        }
        Ok(Some(Confirmed(Agreed::Rescue(Box::new(self.rescue.clone())))))
    }
}
