//! The tree as it stands: which rows are visible, which are open, where the cursor is.

use super::key::Key;
use super::order;
use super::rows::{Child, Grouping, Row, Sort, Source};
use std::collections::{HashMap, HashSet};

/// Matches the filter opens folders for by itself; more stay closed until opened by hand.
const OPENED_BY_FILTER: u64 = 5_000;

/// Rows in one folder from which on their order is kept.
const MANY: usize = 10_000;

/// The visible rows and the cursor. Moving changes a number; opening inserts rows; only a new order or a new scan
/// makes them all again.
#[derive(Debug)]
pub struct Tree {
    /// The visible rows, flattened.
    pub rows: Vec<Row>,
    /// The row under the cursor.
    pub cursor: usize,
    /// The first row on the screen.
    pub top: usize,
    /// Rows that are open.
    pub open: HashSet<Key>,
    /// Rows that are closed though the filter would open them.
    pub shut: HashSet<Key>,
    /// The order.
    pub sort: Sort,
    /// What the topmost rows are.
    pub grouping: Grouping,
    /// The order below folders that hold very many, kept until the order or what was found changes.
    kept: HashMap<Key, Vec<Child>>,
    /// The same rows as they were found, from which any other order is made.
    found: HashMap<Key, Vec<Child>>,
    /// Rows made since the start; what a key costs shows in it.
    pub made: u64,
}

impl Default for Tree {
    fn default() -> Self {
        let open = crate::model::Class::ALL.into_iter().map(Key::Class).collect();
        Self {
            rows: Vec::new(),
            cursor: 0,
            top: 0,
            open,
            shut: HashSet::new(),
            sort: Sort::Size,
            grouping: Grouping::Class,
            kept: HashMap::new(),
            found: HashMap::new(),
            made: 0,
        }
    }
}

impl Tree {
    /// The row under the cursor.
    pub fn current(&self) -> Option<Row> {
        self.rows.get(self.cursor).copied()
    }

    /// Makes every visible row anew and finds the cursor's row again, at the same height of the screen.
    pub fn rebuild(&mut self, source: &Source<'_>) {
        let (was, height, at) = (self.current(), self.cursor.saturating_sub(self.top), self.cursor);
        let path: Vec<Key> = was.map(|_| self.above(at).into_iter().map(|r| r.key).collect()).unwrap_or_default();
        let mut rows = Vec::with_capacity(self.rows.len());
        let mut top = source.top(self.grouping);
        order::sort(source, &mut top, self.sort);
        self.fill(&mut rows, source, top, 0);
        self.rows = rows;
        self.cursor = was.and_then(|row| self.find(row.key, &path)).unwrap_or(at).min(self.rows.len().saturating_sub(1));
        self.top = self.cursor.saturating_sub(height);
    }

    fn find(&self, key: Key, path: &[Key]) -> Option<usize> {
        let exact = |k: Key| self.rows.iter().position(|r| r.key == k);
        let same_node = || key.node().and_then(|n| self.rows.iter().position(|r| r.key.node() == Some(n)));
        exact(key).or_else(same_node).or_else(|| path.iter().find_map(|k| exact(*k)))
    }

    /// Forgets what was kept of the order, because what was found changed.
    pub fn forget(&mut self) {
        self.kept.clear();
        self.found.clear();
    }

    /// Puts the rows in the next order.
    pub fn order_by(&mut self, sort: Sort) {
        self.sort = sort;
        self.kept.clear();
    }

    /// The rows directly below one, in order.
    fn below(&mut self, source: &Source<'_>, key: Key) -> Vec<Child> {
        if let Some(kept) = self.kept.get(&key) {
            return match source.filter.filter(|f| !f.is_empty()) {
                None => kept.clone(),
                Some(_) => kept.iter().copied().filter(|c| source.still_shown(c.key)).collect(),
            };
        }
        let whole = source.filter.is_none_or(super::filter::Filter::is_empty);
        let found = self.found.get(&key).filter(|_| whole);
        let new = found.is_none();
        let mut inside = found.cloned().unwrap_or_else(|| source.children(key));
        // With folders among them a filter may show others of them, joined otherwise.
        let keep = whole && inside.len() >= MANY && inside.iter().all(|c| !c.opens);
        if keep && new {
            self.found.insert(key, inside.clone());
        }
        order::sort(source, &mut inside, self.sort);
        if keep {
            self.kept.insert(key, inside.clone());
        }
        inside
    }

    /// Rows below a row, with those of open rows among them.
    fn fill(&mut self, out: &mut Vec<Row>, source: &Source<'_>, rows: Vec<Child>, depth: u16) {
        let mut stack = vec![(rows.into_iter(), depth)];
        while let Some((rows, depth)) = stack.last_mut() {
            let Some(Child { key, joined, opens }) = rows.next() else {
                stack.pop();
                continue;
            };
            out.push(Row { key, depth: *depth, joined });
            self.made += 1;
            let deeper = depth.saturating_add(1);
            if opens && self.is_open(source, key) {
                let inside = self.below(source, key);
                out.reserve(inside.len());
                stack.push((inside.into_iter(), deeper));
            }
        }
    }

    /// Whether a row is open, by hand or because something below it matches.
    pub fn is_open(&self, source: &Source<'_>, key: Key) -> bool {
        if !source.opens(key) {
            return false;
        }
        if self.open.contains(&key) {
            return true;
        }
        let Some(filter) = source.filter.filter(|f| !f.is_empty() && f.hits <= OPENED_BY_FILTER) else { return false };
        let by_filter = key.node().map_or(!filter.is_hit(key), |id| filter.opens(key.class(), id));
        by_filter && !self.shut.contains(&key)
    }

    /// Opens the row under the cursor. Gives whether something changed.
    pub fn open(&mut self, source: &Source<'_>) -> bool {
        let Some(row) = self.current() else { return false };
        if self.is_open(source, row.key) || !source.opens(row.key) {
            return false;
        }
        self.open.insert(row.key);
        self.shut.remove(&row.key);
        let inside = self.below(source, row.key);
        let mut new = Vec::with_capacity(inside.len());
        self.fill(&mut new, source, inside, row.depth + 1);
        let after = self.cursor + 1;
        self.rows.splice(after..after, new);
        true
    }

    /// Closes the row under the cursor. Gives whether something changed.
    pub fn close(&mut self, source: &Source<'_>) -> bool {
        let Some(row) = self.current() else { return false };
        if !self.is_open(source, row.key) {
            return false;
        }
        self.open.remove(&row.key);
        if source.filter.is_some() {
            self.shut.insert(row.key);
        }
        let from = self.cursor + 1;
        let inside = self.rows[from..].iter().take_while(|r| r.depth > row.depth).count();
        self.rows.drain(from..from + inside);
        true
    }

    /// Moves the cursor to the row this one is below.
    pub fn go_up(&mut self) {
        if let Some(at) = self.parent_of(self.cursor) {
            self.cursor = at;
        }
    }

    /// The row that a row is below.
    pub fn parent_of(&self, at: usize) -> Option<usize> {
        let depth = self.rows.get(at)?.depth;
        self.rows[..at].iter().rposition(|r| r.depth < depth)
    }

    /// The rows that a row is below, the nearest first.
    pub fn above(&self, at: usize) -> Vec<Row> {
        let mut out = Vec::new();
        let mut at = at;
        while let Some(parent) = self.parent_of(at) {
            out.push(self.rows[parent]);
            at = parent;
        }
        out
    }

    /// Moves the cursor by so many rows, staying in the tree.
    pub fn step(&mut self, by: isize) {
        self.cursor = self.cursor.saturating_add_signed(by).min(self.rows.len().saturating_sub(1));
    }

    /// Scrolls just so far that the cursor is on a screen of this height.
    pub fn keep_in_sight(&mut self, height: usize) {
        let height = height.max(1);
        let margin = usize::from(height > 6) * 2;
        let last = self.rows.len().saturating_sub(height);
        self.top = self.top.min(self.cursor.saturating_sub(margin)).max((self.cursor + margin + 1).saturating_sub(height)).min(last);
    }
}
