//! The best of what is found, in room that does not grow with it.

use super::fit::Fit;
use super::hit::Hit;
use jiff::Timestamp;
use std::cmp::Reverse;
use std::collections::HashSet;

/// One that was found, and what tells it from others that say the same.
#[derive(Debug)]
struct Kept {
    hit: Hit,
    /// A number for its session, its voice and its text.
    says: u64,
    /// Whether another record may say the same and is the one that counts.
    is_echo: bool,
}

/// The best hits so far.
#[derive(Debug)]
pub struct Best {
    limit: usize,
    kept: Vec<Kept>,
    /// The worst that still counts, once there are enough.
    bar: Option<(Fit, Reverse<Option<Timestamp>>)>,
    /// How many there were in all, those that only say again what another says among them.
    pub total: u64,
}

impl Best {
    /// None yet; so many are wanted.
    pub fn new(limit: usize) -> Self {
        Self { limit: limit.max(1), kept: Vec::new(), bar: None, total: 0 }
    }

    /// Whether one of this fit and time would be among them.
    pub fn takes(&self, fit: Fit, when: Option<Timestamp>) -> bool {
        self.bar.is_none_or(|bar| (fit, Reverse(when)) <= bar)
    }

    /// Whether nothing that was last said at this time can be among them.
    pub fn is_full_of_exact(&self, before: Option<Timestamp>) -> bool {
        self.bar.is_some_and(|bar| bar < (Fit::Exact, Reverse(before)))
    }

    /// Takes one more.
    pub fn push(&mut self, hit: Hit, says: u64, is_echo: bool) {
        self.kept.push(Kept { hit, says, is_echo });
        if self.kept.len() >= 4 * self.limit {
            self.settle();
        }
    }

    /// Takes those of another.
    pub fn join(mut self, other: Self) -> Self {
        self.total += other.total;
        for Kept { hit, says, is_echo } in other.kept {
            self.push(hit, says, is_echo);
        }
        self
    }

    /// Sorts them, and lets go what is too much.
    pub fn settle(&mut self) {
        self.kept.sort_by(|a, b| a.is_echo.cmp(&b.is_echo).then_with(|| a.hit.order(&b.hit)));
        let mut seen = HashSet::new();
        self.kept.retain(|kept| seen.insert(kept.says));
        self.kept.sort_by(|a, b| a.hit.order(&b.hit));
        self.kept.truncate(self.limit);
        if self.kept.len() == self.limit {
            self.bar = self.kept.last().map(|kept| (kept.hit.fit, Reverse(kept.hit.when)));
        }
    }

    /// The best ones, in order.
    pub fn hits(mut self) -> Vec<Hit> {
        self.settle();
        self.kept.into_iter().map(|kept| kept.hit).collect()
    }
}
