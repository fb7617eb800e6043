//! What a journal that was not replayed holds: which blocks of the file system it has newer versions of.
//!
//! The journal is a ring. Transactions follow one another by number; each is descriptors (which blocks follow), the blocks,
//! revocations (blocks that earlier transactions must not bring back) and a commit. What comes after the last commit is not
//! valid. A revocation holds for its own transaction and all before it.

use super::inode::Inode;
use super::layout::Layout;
use super::numbers::{be16, be32, halves, le16};
use super::runs::{Run, runs};
use super::source::Source;
use super::sums;
use super::trouble::Trouble;
use std::collections::HashMap;

const MAGIC: u32 = 0xc03b_3998;
const DESCRIPTOR: u32 = 1;
const COMMIT: u32 = 2;
const OLD_SUPERBLOCK: u32 = 3;
const SUPERBLOCK: u32 = 4;
const REVOKE: u32 = 5;
const WIDE: u32 = 0x2;
const SUMS_2: u32 = 0x8;
const SUMS_3: u32 = 0x10;
const FAST: u32 = 0x20;
const KNOWN: u32 = 0x1 | WIDE | 0x4 | SUMS_2 | SUMS_3 | FAST;
/// A tag's flags: its block began like one of the journal's own; its owner is the one before; it is the last.
const ESCAPED: u32 = 1;
const SAME: u32 = 2;
const LAST: u32 = 8;

/// Where the newer version of a block stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Newer {
    /// The block in the file system where it stands.
    pub at: u64,
    /// Whether its first bytes were taken out, being those a block of the journal begins with.
    pub escaped: bool,
}

/// The first bytes that are put back into a block they were taken out of.
pub const TAKEN_OUT: [u8; 4] = MAGIC.to_be_bytes();

/// The blocks that the journal has newer versions of.
pub fn newer(layout: &Layout, source: &dyn Source) -> Result<HashMap<u64, Newer>, Trouble> {
    let number = layout.journal.ok_or_else(|| bad("the file system names none"))?;
    let inode = Inode::read(layout, source, number)?;
    let journal = Journal::open(layout, source, runs(layout, source, &inode)?)?;
    if journal.start == 0 { Ok(HashMap::new()) } else { journal.replay() }
}

fn bad(why: &'static str) -> Trouble {
    Trouble::damaged("the journal", why)
}

struct Journal<'a> {
    layout: &'a Layout,
    source: &'a dyn Source,
    runs: Vec<Run>,
    first: u64,
    end: u64,
    start: u64,
    sequence: u32,
    incompat: u32,
    seed: u32,
}

/// What the transactions that were committed say, in order.
#[derive(Default)]
struct Said {
    blocks: Vec<(u64, Newer, u32)>,
    revoked: HashMap<u64, u32>,
}

impl<'a> Journal<'a> {
    fn open(layout: &'a Layout, source: &'a dyn Source, runs: Vec<Run>) -> Result<Self, Trouble> {
        let mut journal = Self { layout, source, runs, first: 0, end: 1, start: 0, sequence: 0, incompat: 0, seed: 0 };
        let (_, b) = journal.block(0)?;
        if be32(&b, 0) != MAGIC || ![OLD_SUPERBLOCK, SUPERBLOCK].contains(&be32(&b, 4)) {
            return Err(bad("it does not begin as one"));
        }
        if u64::from(be32(&b, 0xc)) != layout.block {
            return Err(bad("its blocks have another size"));
        }
        let incompat = if be32(&b, 4) == SUPERBLOCK { be32(&b, 0x28) } else { 0 };
        if incompat & !KNOWN != 0 {
            return Err(Trouble::Feature("a kind of journal".into()));
        }
        let fast = if incompat & FAST == 0 {
            0
        } else {
            u64::from(match be32(&b, 0x54) {
                0 => 256,
                n => n,
            })
        };
        let length = u64::from(be32(&b, 0x10));
        journal.first = u64::from(be32(&b, 0x14));
        journal.end = length.saturating_sub(fast);
        journal.start = u64::from(be32(&b, 0x1c));
        journal.sequence = be32(&b, 0x18);
        journal.incompat = incompat;
        journal.seed = sums::go_on(sums::START, b.get(0x30..0x40).unwrap_or_default());
        if journal.summed() {
            let mut blank = b.get(..1024).unwrap_or_default().to_vec();
            blank.iter_mut().skip(0xfc).take(4).for_each(|b| *b = 0);
            if sums::go_on(sums::START, &blank) != be32(&b, 0xfc) {
                return Err(bad("its superblock's checksum is wrong"));
            }
        }
        let sound = journal.first > 0
            && journal.first < journal.end
            && (journal.start == 0 || (journal.first..journal.end).contains(&journal.start));
        if !sound {
            return Err(bad("its ends make no sense"));
        }
        // Commits of the fast kind stand behind the ring and change single inodes; nobody replays those here.
        if fast > 0 && journal.start != 0 && journal.begins_fast(length - fast)? {
            return Err(Trouble::Feature("fast commits that wait to be replayed".into()));
        }
        Ok(journal)
    }

    fn summed(&self) -> bool {
        self.incompat & (SUMS_2 | SUMS_3) != 0
    }

    fn begins_fast(&self, at: u64) -> Result<bool, Trouble> {
        // The first tag of a fast commit is its head, number 10 (9 in older Linux).
        self.block(at).map(|(_, b)| matches!(le16(&b, 0), 9 | 10))
    }

    /// A block of the journal, and where it stands in the file system.
    fn block(&self, number: u64) -> Result<(u64, Vec<u8>), Trouble> {
        let run = self.runs.partition_point(|r| r.from + r.count <= number);
        let run = self.runs.get(run).filter(|r| r.from <= number).ok_or_else(|| bad("it is shorter than it says"))?;
        let at = run.at + (number - run.from);
        Ok((at, self.layout.read_block(self.source, at)?))
    }

    fn after(&self, number: u64) -> u64 {
        if number + 1 >= self.end { self.first } else { number + 1 }
    }

    fn replay(&self) -> Result<HashMap<u64, Newer>, Trouble> {
        let said = self.read()?;
        let mut newer = HashMap::new();
        for (block, version, sequence) in said.blocks {
            let revoked = said.revoked.get(&block).is_some_and(|last| !is_later(sequence, *last));
            if !revoked {
                newer.insert(block, version);
            }
        }
        Ok(newer)
    }

    /// Reads transactions until one is not whole.
    fn read(&self) -> Result<Said, Trouble> {
        let (mut at, mut sequence) = (self.start, self.sequence);
        let (mut said, mut open) = (Said::default(), Said::default());
        let mut left = self.end;
        while left > 0 {
            let (_, block) = self.block(at)?;
            if be32(&block, 0) != MAGIC || be32(&block, 8) != sequence {
                break;
            }
            (at, left) = (self.after(at), left - 1);
            match be32(&block, 4) {
                DESCRIPTOR => {
                    self.ends_right(&block)?;
                    self.described(&block, sequence, (&mut at, &mut left), &mut open)?;
                }
                REVOKE => {
                    self.ends_right(&block)?;
                    self.revoked(&block, sequence, &mut open);
                }
                COMMIT => {
                    self.commit_is_right(&block)?;
                    said.blocks.append(&mut open.blocks);
                    said.revoked.extend(open.revoked.drain());
                    sequence = sequence.wrapping_add(1);
                }
                _ => break,
            }
        }
        Ok(said)
    }

    /// The blocks a descriptor tells of; they follow it in the ring.
    fn described(&self, block: &[u8], sequence: u32, (at, left): (&mut u64, &mut u64), open: &mut Said) -> Result<(), Trouble> {
        let wide = self.incompat & WIDE != 0;
        let (three, two) = (self.incompat & SUMS_3 != 0, self.incompat & SUMS_2 != 0);
        let each = if three { 16 } else { 8 + if wide { 4 } else { 0 } + if two { 2 } else { 0 } };
        let room = block.len() - if self.summed() { 4 } else { 0 };
        let mut tag = 12;
        while tag + each <= room && *left > 0 {
            let flags = if three { be32(block, tag + 4) } else { u32::from(be16(block, tag + 6)) };
            let high = if wide { be32(block, tag + 8) } else { 0 };
            let target = halves(high, be32(block, tag));
            let (place, content) = self.block(*at)?;
            (*at, *left) = (self.after(*at), *left - 1);
            let sum = sums::go_on(sums::go_on(self.seed, &sequence.to_be_bytes()), &content);
            let right = if three { be32(block, tag + 12) == sum } else { !two || u32::from(be16(block, tag + 4)) == sum & 0xffff };
            // A block that was not written wholly belongs to a transaction without a commit; one with a commit is damage.
            if !right && self.is_committed(*at, *left, sequence)? {
                return Err(bad("the checksum of a block in it is wrong"));
            }
            if target >= self.layout.blocks {
                return Err(bad("it has a block for a place outside of the file system"));
            }
            open.blocks.push((target, Newer { at: place, escaped: flags & ESCAPED != 0 }, sequence));
            tag += each + if flags & SAME == 0 { 16 } else { 0 };
            if flags & LAST != 0 {
                break;
            }
        }
        Ok(())
    }

    /// Whether a commit of this transaction is still ahead.
    fn is_committed(&self, mut at: u64, left: u64, sequence: u32) -> Result<bool, Trouble> {
        for _ in 0..left {
            let (_, block) = self.block(at)?;
            if be32(&block, 0) == MAGIC && be32(&block, 4) == COMMIT && be32(&block, 8) == sequence {
                return Ok(true);
            }
            at = self.after(at);
        }
        Ok(false)
    }

    fn revoked(&self, block: &[u8], sequence: u32, open: &mut Said) {
        let each = if self.incompat & WIDE != 0 { 8 } else { 4 };
        let end = (be32(block, 12) as usize).min(block.len());
        for entry in block.get(16..end).unwrap_or_default().chunks_exact(each) {
            let target = if each == 8 { halves(be32(entry, 0), be32(entry, 4)) } else { u64::from(be32(entry, 0)) };
            open.revoked.insert(target, sequence);
        }
    }

    /// The checksum at the end of a descriptor or of revocations.
    fn ends_right(&self, block: &[u8]) -> Result<(), Trouble> {
        let end = block.len() - 4;
        let sum = sums::go_on(sums::go_on(self.seed, block.get(..end).unwrap_or_default()), &[0; 4]);
        if self.summed() && sum != be32(block, end) { Err(bad("the checksum of one of its blocks is wrong")) } else { Ok(()) }
    }

    fn commit_is_right(&self, block: &[u8]) -> Result<(), Trouble> {
        let part = |from: usize, to: usize| block.get(from..to).unwrap_or_default();
        let sum = sums::go_on(sums::go_on(sums::go_on(self.seed, part(0, 0x10)), &[0; 4]), part(0x14, block.len()));
        if self.summed() && sum != be32(block, 0x10) { Err(bad("the checksum of a commit is wrong")) } else { Ok(()) }
    }
}

/// Whether a transaction comes after another; their numbers run round.
fn is_later(one: u32, other: u32) -> bool {
    one.wrapping_sub(other).cast_signed() > 0
}
