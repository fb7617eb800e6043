//! Where things stand in an ext4 file system: its superblock and its groups.

use super::numbers::{halves, le16, le32};
use super::source::{Source, bytes_at};
use super::sums;
use super::trouble::Trouble;

/// What is read of a superblock.
pub const SUPERBLOCK: u64 = 1024;
const SUPERBLOCK_SIZE: usize = 1024;

/// Its journal must be replayed first.
pub const RECOVERY: u32 = 0x4;
const EXTERNAL_JOURNAL: u32 = 0x8;
const META_GROUPS: u32 = 0x10;
const WIDE: u32 = 0x80;
const OWN_SEED: u32 = 0x2000;
const INLINE_DATA: u32 = 0x8000;
const HAS_JOURNAL: u32 = 0x4;
const HUGE_FILE: u32 = 0x8;
const BIG_ALLOC: u32 = 0x200;
const CHECKSUMS: u32 = 0x400;
/// Ext4's groups of a disk of 32 TiB.
const MOST_GROUPS: u64 = 1 << 18;

/// One group of blocks.
#[derive(Debug, Clone, Copy)]
pub struct Group {
    /// The block its inodes begin at.
    pub inodes_at: u64,
    /// Its free blocks (clusters, where those are used).
    pub free: u64,
}

/// Where things stand in an ext4 file system.
#[derive(Debug, Clone)]
pub struct Layout {
    /// Bytes a block.
    pub block: u64,
    /// How many blocks there are.
    pub blocks: u64,
    /// How many inodes there are.
    pub inodes: u32,
    /// Inodes a group.
    pub inodes_a_group: u32,
    /// Bytes an inode.
    pub inode_size: usize,
    /// The groups.
    pub groups: Vec<Group>,
    /// What checksums begin with; `None`: there are none.
    pub seed: Option<u32>,
    /// Whether inodes may count their blocks in blocks.
    pub huge_files: bool,
    /// The journal's inode, where there is one.
    pub journal: Option<u32>,
    /// Whether the journal must be replayed.
    pub recovery: bool,
    /// Bytes a cluster, the unit that is allocated.
    pub cluster: u64,
    /// Blocks its own structures take at the start, which no file can have.
    pub overhead: u64,
}

impl Layout {
    /// Reads superblock and groups.
    pub fn read(source: &dyn Source) -> Result<Self, Trouble> {
        let bad = |why: &'static str| Trouble::damaged("the superblock", why);
        let b = bytes_at(source, SUPERBLOCK, SUPERBLOCK_SIZE)?;
        if le16(&b, 0x38) != 0xef53 {
            return Err(Trouble::Unknown);
        }
        let (compat, incompat, ro) = (le32(&b, 0x5c), le32(&b, 0x60), le32(&b, 0x64));
        let shift = |at: usize| Some(le32(&b, at)).filter(|s| *s <= 16).map(|s| 1024_u64 << s);
        let block = shift(0x18).filter(|b| *b <= 1 << 16).ok_or_else(|| bad("its block size makes no sense"))?;
        let cluster = if ro & BIG_ALLOC == 0 { Some(block) } else { shift(0x1c) };
        let cluster = cluster.ok_or_else(|| bad("its cluster size makes no sense"))?;
        for (bit, name) in
            [(EXTERNAL_JOURNAL, "a journal on another disk"), (META_GROUPS, "groups of descriptors"), (INLINE_DATA, "content in inodes")]
        {
            if incompat & bit != 0 {
                return Err(Trouble::Feature(name.into()));
            }
        }
        let wide = incompat & WIDE != 0;
        let blocks = halves(if wide { le32(&b, 0x150) } else { 0 }, le32(&b, 0x4));
        if blocks == 0 || blocks.checked_mul(block).is_none_or(|size| size > source.size().saturating_add(block)) {
            return Err(bad("it tells of more blocks than the disk has"));
        }
        let (a_group, inodes_a_group) = (u64::from(le32(&b, 0x20)), le32(&b, 0x28));
        let first = u64::from(le32(&b, 0x14));
        let count = blocks.checked_sub(first).and_then(|n| n.checked_add(a_group)?.checked_sub(1)?.checked_div(a_group));
        let count = count.filter(|c| (1..=MOST_GROUPS).contains(c)).ok_or_else(|| bad("its groups make no sense"))?;
        let inode_size = if le32(&b, 0x4c) == 0 { 128 } else { usize::from(le16(&b, 0x58)) };
        if inodes_a_group == 0 || inode_size < 128 || inode_size as u64 > block || !inode_size.is_power_of_two() {
            return Err(bad("its inodes have no possible size"));
        }
        if ro & CHECKSUMS != 0 && inode_size < 256 {
            // The second reader does not know inodes with half a checksum.
            return Err(Trouble::Feature("checksums in inodes of the smallest size".into()));
        }
        let each = if wide { usize::from(le16(&b, 0xfe)) } else { 32 };
        if each < 32 || (wide && each < 64) || each > 1024 {
            return Err(bad("its group descriptors have no possible size"));
        }
        let groups = Self::groups(source, (first + 1) * block, usize::try_from(count).unwrap_or(0), each)?;
        let seed = match (ro & CHECKSUMS != 0, incompat & OWN_SEED != 0) {
            (false, _) => None,
            (true, true) => Some(le32(&b, 0x270)),
            (true, false) => Some(sums::go_on(sums::START, b.get(0x68..0x78).unwrap_or_default())),
        };
        Ok(Self {
            block,
            blocks,
            inodes: le32(&b, 0),
            inodes_a_group,
            inode_size,
            groups,
            seed,
            huge_files: ro & HUGE_FILE != 0,
            journal: (compat & HAS_JOURNAL != 0).then(|| le32(&b, 0xe0)).filter(|n| *n != 0),
            recovery: incompat & RECOVERY != 0,
            cluster,
            overhead: u64::from(le32(&b, 0x248)),
        })
    }

    fn groups(source: &dyn Source, at: u64, count: usize, each: usize) -> Result<Vec<Group>, Trouble> {
        let table = bytes_at(source, at, count * each)?;
        let wide = |d: &[u8], at: usize| if each >= 64 { le32(d, at) } else { 0 };
        let one = |d: &[u8]| Group {
            inodes_at: halves(wide(d, 0x28), le32(d, 0x8)),
            free: u64::from(le16(d, 0xc)) | (u64::from(wide(d, 0x2c) & 0xffff) << 16),
        };
        Ok(table.chunks_exact(each).map(one).collect())
    }

    /// Free bytes, as the groups tell: the superblock's own count is only right after an unmount.
    pub fn free(&self) -> u64 {
        self.groups.iter().fold(0_u64, |sum, g| sum.saturating_add(g.free)).saturating_mul(self.cluster)
    }

    /// A block, wholly.
    pub fn read_block(&self, source: &dyn Source, number: u64) -> Result<Vec<u8>, Trouble> {
        if number == 0 || number >= self.blocks {
            return Err(Trouble::damaged("the file system", format!("it points to block {number}, which it does not have")));
        }
        Ok(bytes_at(source, number * self.block, usize::try_from(self.block).unwrap_or(0))?)
    }
}
