//! A file system as it is once its journal is replayed, without writing anything.

use super::journal::{self, Newer, TAKEN_OUT};
use super::layout::{Layout, RECOVERY, SUPERBLOCK};
use super::numbers::le32;
use super::source::{Source, bytes_at};
use super::sums;
use super::trouble::Trouble;
use std::collections::HashMap;
use std::io;
use std::sync::Arc;

/// The bytes of a file system with the journal's newer blocks in their places, and a superblock that says so.
#[derive(Debug)]
struct Replayed {
    below: Arc<dyn Source>,
    block: u64,
    newer: HashMap<u64, Newer>,
    superblock: Vec<u8>,
}

/// The file system as it is, or with its journal replayed; and how many blocks the journal gave.
pub fn replayed(below: Arc<dyn Source>) -> Result<(Arc<dyn Source>, usize), Trouble> {
    let layout = Layout::read(&*below)?;
    if !layout.recovery {
        return Ok((below, 0));
    }
    let newer = journal::newer(&layout, &*below)?;
    let count = newer.len();
    let mut replayed = Replayed { below, block: layout.block, newer, superblock: Vec::new() };
    let mut superblock = bytes_at(&replayed, SUPERBLOCK, 1024)?;
    let features = (le32(&superblock, 0x60) & !RECOVERY).to_le_bytes();
    superblock.iter_mut().skip(0x60).zip(features).for_each(|(b, f)| *b = f);
    if layout.seed.is_some() {
        let sum = sums::go_on(sums::START, superblock.get(..0x3fc).unwrap_or_default()).to_le_bytes();
        superblock.iter_mut().skip(0x3fc).zip(sum).for_each(|(b, s)| *b = s);
    }
    replayed.superblock = superblock;
    Ok((Arc::new(replayed), count))
}

impl Source for Replayed {
    fn size(&self) -> u64 {
        self.below.size()
    }
    fn read_at(&self, at: u64, into: &mut [u8]) -> io::Result<()> {
        self.below.read_at(at, into)?;
        let end = at + into.len() as u64;
        for number in at / self.block..end.div_ceil(self.block) {
            let Some(newer) = self.newer.get(&number) else { continue };
            let mut block = bytes_at(&*self.below, newer.at * self.block, usize::try_from(self.block).unwrap_or(0))?;
            if newer.escaped {
                block.iter_mut().zip(TAKEN_OUT).for_each(|(b, t)| *b = t);
            }
            lay(&block, number * self.block, into, at);
        }
        lay(&self.superblock, SUPERBLOCK, into, at);
        Ok(())
    }
}

/// Lays bytes that belong at one place over bytes read from another, where the two meet.
fn lay(over: &[u8], over_at: u64, into: &mut [u8], into_at: u64) {
    let skip = |from: u64, to: u64| usize::try_from(to.saturating_sub(from)).unwrap_or(usize::MAX);
    let targets = into.iter_mut().skip(skip(into_at, over_at));
    targets.zip(over.iter().skip(skip(over_at, into_at))).for_each(|(t, o)| *t = *o);
}
