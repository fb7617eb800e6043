//! Where a file's content stands: runs of blocks, from its extents or its lists of blocks.

use super::inode::Inode;
use super::layout::Layout;
use super::numbers::{le16, le32};
use super::source::Source;
use super::sums;
use super::trouble::Trouble;

/// Blocks of a file that stand side by side. What no run tells of is a hole, and reads as zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// The first one's number in the file.
    pub from: u64,
    /// How many there are.
    pub count: u64,
    /// The first one's number in the file system.
    pub at: u64,
}

/// More pieces than this no file is in.
const MOST: usize = 1 << 20;
/// Deeper than this no tree of extents is.
const DEEPEST: u16 = 5;

/// Where a file's content stands, in order.
pub fn runs(layout: &Layout, source: &dyn Source, inode: &Inode) -> Result<Vec<Run>, Trouble> {
    let mut found = Found { layout, source, inode, runs: Vec::new(), read: 0 };
    if inode.has_extents() {
        found.extents(&inode.place, None)?;
    } else {
        found.lists()?;
    }
    Ok(found.runs)
}

struct Found<'a> {
    layout: &'a Layout,
    source: &'a dyn Source,
    inode: &'a Inode,
    runs: Vec<Run>,
    read: usize,
}

impl Found<'_> {
    fn bad(&self, why: &'static str) -> Trouble {
        Trouble::damaged(format!("inode {}", self.inode.number), why)
    }

    fn in_pieces(&self) -> Trouble {
        Trouble::TooMuch(format!("inode {} is in more pieces than any file is", self.inode.number).into())
    }

    fn block(&mut self, number: u64) -> Result<Vec<u8>, Trouble> {
        self.read += 1;
        if self.read > MOST {
            return Err(self.in_pieces());
        }
        self.layout.read_block(self.source, number)
    }

    /// Runs come in order: what goes back is damage, and what goes on without a gap is one run.
    fn add(&mut self, run: Run) -> Result<(), Trouble> {
        let end = self.runs.last().map_or(0, |r| r.from + r.count);
        let inside = run.at > 0 && run.at.checked_add(run.count).is_some_and(|end| end <= self.layout.blocks);
        if run.from < end || !inside {
            return Err(self.bad("its content lies where it cannot"));
        }
        let pieces = self.runs.len();
        match self.runs.last_mut() {
            Some(last) if last.from + last.count == run.from && last.at + last.count == run.at => last.count += run.count,
            _ if pieces >= MOST => return Err(self.in_pieces()),
            _ => self.runs.push(run),
        }
        Ok(())
    }

    fn extents(&mut self, node: &[u8], expected: Option<u16>) -> Result<(), Trouble> {
        let (magic, count, most, depth) = (le16(node, 0), usize::from(le16(node, 2)), usize::from(le16(node, 4)), le16(node, 6));
        let fits = count <= most && 12 + 12 * most <= node.len();
        if magic != 0xf30a || !fits || depth > DEEPEST || expected.is_some_and(|d| d != depth) {
            return Err(self.bad("its tree of extents makes no sense"));
        }
        if let (Some(_), Some(seed)) = (expected, self.inode.seed) {
            let end = 12 + 12 * most;
            if sums::go_on(seed, node.get(..end).unwrap_or_default()) != le32(node, end) {
                return Err(self.bad("the checksum of its extents is wrong"));
            }
        }
        for entry in node.get(12..).unwrap_or_default().chunks_exact(12).take(count) {
            let from = u64::from(le32(entry, 0));
            if depth == 0 {
                let (length, at) = (le16(entry, 4), u64::from(le32(entry, 8)) | (u64::from(le16(entry, 6)) << 32));
                // Longer than this means set aside and never written: zeros.
                if length <= 0x8000 {
                    if length == 0 {
                        return Err(self.bad("an extent of it is empty"));
                    }
                    self.add(Run { from, count: u64::from(length), at })?;
                }
            } else {
                let at = u64::from(le32(entry, 4)) | (u64::from(le16(entry, 8)) << 32);
                let below = self.block(at)?;
                self.extents(&below, Some(depth - 1))?;
            }
        }
        Ok(())
    }

    /// The older way: twelve blocks, then a list of blocks, a list of lists, and one of those.
    fn lists(&mut self) -> Result<(), Trouble> {
        let wanted = self.inode.size.div_ceil(self.layout.block);
        let place = self.inode.place;
        let mut from = 0;
        for (slot, entry) in place.chunks_exact(4).enumerate() {
            if from >= wanted {
                break;
            }
            self.list(u64::from(le32(entry, 0)), slot.saturating_sub(11), &mut from, wanted)?;
        }
        Ok(())
    }

    fn list(&mut self, at: u64, depth: usize, from: &mut u64, wanted: u64) -> Result<(), Trouble> {
        let a_list = self.layout.block / 4;
        let covers = (0..depth).fold(1_u64, |n, _| n.saturating_mul(a_list));
        if at == 0 {
            *from = from.saturating_add(covers);
            return Ok(());
        }
        if depth == 0 {
            self.add(Run { from: *from, count: 1, at })?;
            *from += 1;
            return Ok(());
        }
        let below = self.block(at)?;
        for entry in below.chunks_exact(4) {
            if *from >= wanted {
                break;
            }
            self.list(u64::from(le32(entry, 0)), depth - 1, from, wanted)?;
        }
        Ok(())
    }
}
