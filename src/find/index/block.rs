//! Conversations in blocks of a few pages: what the index tells apart.

use super::tokens::Tokens;
use crate::error::Result;
use crate::transcript::{Record, Thread};
use jiff::Timestamp;

/// A block ends once it has so many bytes of text …
const TEXT: usize = 16 << 10;

/// … or takes so many bytes of the file.
const RAW: u64 = 256 << 10;

/// Some lines of a file, and the words in them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Block {
    /// Where the first of them begins.
    pub start: u64,
    /// Where the line after them begins.
    pub end: u64,
    /// When the first and the last of it was said, as far as it is known.
    pub said_at: Option<(Timestamp, Timestamp)>,
    /// The words of what was said.
    pub said: String,
    /// The words of what tools answered and the app put in.
    pub more: String,
    /// Bytes of the texts.
    pub text: u64,
}

/// What becomes of blocks; an error ends the reading.
pub type Give<'s> = dyn FnMut(Block) -> Result<()> + 's;

/// Reads a file from a place on, block by block, and gives where it ended.
pub fn read(thread: &Thread, from: u64, give: &mut Give<'_>) -> Result<u64> {
    let mut reading = thread.open()?;
    let mut making =
        Making { block: Block { start: from, end: from, ..Block::default() }, said: Tokens::default(), more: Tokens::default() };
    let mut take = |record: &Record<'_>, next: u64| making.record(record, next, give);
    let end = reading.each(from, u64::MAX, &mut take)?;
    making.end(end, give)?;
    Ok(end)
}

struct Making {
    block: Block,
    said: Tokens,
    more: Tokens,
}

impl Making {
    fn record(&mut self, record: &Record<'_>, next: u64, give: &mut Give<'_>) -> Result<()> {
        let block = &mut self.block;
        // Only between lines; several records may stand in one.
        let is_full = block.text >= TEXT as u64 || block.end - block.start >= RAW;
        if is_full && record.at >= block.end && block.text > 0 {
            let end = block.end;
            self.end(end, give)?;
        }
        let block = &mut self.block;
        if block.text == 0 {
            // What lies before it says nothing.
            block.start = block.start.max(record.at);
        }
        block.end = next;
        if let Some(when) = record.when {
            let (first, last) = block.said_at.unwrap_or((when, when));
            block.said_at = Some((first.min(when), last.max(when)));
        }
        for spoken in &record.said {
            block.text += spoken.text.len() as u64;
            if spoken.voice.is_said() { &mut self.said } else { &mut self.more }.add(&spoken.text);
        }
        Ok(())
    }

    fn end(&mut self, at: u64, give: &mut Give<'_>) -> Result<()> {
        let next = Block { start: self.block.end, end: self.block.end, ..Block::default() };
        let block = std::mem::replace(&mut self.block, next);
        if block.text == 0 {
            self.block.start = at;
            return Ok(());
        }
        give(Block { said: self.said.take(), more: self.more.take(), ..block })
    }
}
