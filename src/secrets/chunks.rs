//! Text that comes in chunks, of which only a part is held: what spans two chunks is found as well.

use super::{Finder, Found};

/// How much is held back: a secret may begin in it that the next chunk ends.
pub const HOLD: usize = 1 << 15;

/// How much of what was given on is kept for its sake: a name before a value, a word's beginning.
const CONTEXT: usize = 1 << 10;

/// A piece of the text, in order.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Text with no secret in it.
    Text(&'a [u8]),
    /// A secret.
    Secret(&'static str, &'a [u8]),
}

/// Finds secrets in text that comes in chunks.
#[derive(Debug)]
pub struct Chunks {
    finder: Finder,
    held: Vec<u8>,
    /// How much of what is held was given on already.
    given: usize,
}

impl Chunks {
    /// One at the beginning of a text.
    pub fn new(finder: Finder) -> Self {
        Self { finder, held: Vec::new(), given: 0 }
    }

    /// Takes the next chunk and gives on what can be told by now.
    pub fn push(&mut self, chunk: &[u8], mut give: impl FnMut(Piece<'_>)) {
        for part in chunk.chunks(4 * HOLD) {
            self.held.extend_from_slice(part);
            if self.held.len() - self.given >= 2 * HOLD {
                self.some(self.held.len() - HOLD, &mut give);
            }
        }
    }

    /// Gives on the rest.
    pub fn finish(mut self, mut give: impl FnMut(Piece<'_>)) {
        self.some(self.held.len(), &mut give);
    }

    fn some(&mut self, cut: usize, give: &mut impl FnMut(Piece<'_>)) {
        let found = self.finder.find(&self.held);
        let cut = self.whole(&found, cut);
        let mut from = self.given;
        for Found { range, rule } in found.iter().filter(|f| f.range.end > self.given && f.range.start < cut) {
            let start = range.start.max(from);
            give(Piece::Text(self.held.get(from..start).unwrap_or_default()));
            give(Piece::Secret(rule, self.held.get(start..range.end).unwrap_or_default()));
            from = range.end;
        }
        if from < cut {
            give(Piece::Text(self.held.get(from..cut).unwrap_or_default()));
        }
        let gone = cut.saturating_sub(CONTEXT);
        self.held.drain(..gone);
        self.given = cut - gone;
    }

    /// A place to cut where neither a secret nor a character is cut in two.
    fn whole(&self, found: &[Found], cut: usize) -> usize {
        let across = found.iter().find(|f| f.range.start < cut && f.range.end > cut);
        match across {
            // One that goes on to the end may go on beyond it; but no key is as long as that.
            Some(f) if f.range.end == self.held.len() && f.range.len() < 32 * HOLD => f.range.start.max(self.given),
            Some(f) => f.range.end,
            None => (cut.saturating_sub(3)..=cut).rev().find(|at| self.held.get(*at).is_none_or(|b| b & 0xC0 != 0x80)).unwrap_or(cut),
        }
    }
}
