//! Where things are: the superblock and the table of block groups.

use super::numbers::{halves, le16, le32};
use super::wrong;
use std::io;

const MAGIC: u16 = 0xEF53;
/// Features that change how the file system is read, and that are known here: file types in folders, extents, 64 bits,
/// flexible groups, a seed for checksums.
const KNOWN: u32 = 0x2 | 0x40 | 0x80 | 0x200 | 0x2000;
/// Features that only who writes must know: sparse superblocks, large files, huge files, group checksums, many folders in a
/// folder, larger inodes, metadata checksums.
const KNOWN_TO_WRITE: u32 = 0x1 | 0x2 | 0x4 | 0x8 | 0x10 | 0x20 | 0x40 | 0x400;
const BITS_64: u32 = 0x80;
const NEEDS_RECOVERY: u32 = 0x4;

/// A block group.
#[derive(Debug, Clone, Copy)]
pub(super) struct Group {
    /// The block with the bitmap of its blocks.
    pub bitmap: u64,
    /// Whether nothing is in it but what the file system itself keeps there; then its bitmap may not be written.
    pub empty: bool,
    /// The block with the bitmap of its inodes.
    pub inode_bitmap: u64,
    /// The first block of its inodes.
    pub inodes: u64,
}

/// Where things are.
#[derive(Debug)]
pub(super) struct Layout {
    /// Bytes of a block.
    pub block: u64,
    /// Blocks there are.
    pub blocks: u64,
    /// The block the first group begins with.
    pub first: u64,
    /// Blocks of a group.
    pub per_group: u64,
    /// Inodes there are.
    pub inodes: u32,
    /// Inodes of a group.
    pub inodes_per_group: u32,
    /// Bytes of an inode.
    pub inode: usize,
    /// Blocks at the beginning of a group that may hold a copy of the superblock and of the table of groups.
    pub copies: u64,
    /// The groups.
    pub groups: Vec<Group>,
}

impl Layout {
    /// Reads the superblock, which is at hand, and the table behind it.
    pub(super) fn read(head: &[u8], read: impl Fn(u64, &mut [u8]) -> io::Result<()>) -> io::Result<Self> {
        if le16(head, 0x38)? != MAGIC {
            return Err(wrong("it holds no ext4 file system from its first byte on"));
        }
        let (incompatible, to_write) = (le32(head, 0x60)?, le32(head, 0x64)?);
        if incompatible & NEEDS_RECOVERY != 0 {
            return Err(wrong("its journal is still to be replayed"));
        }
        if incompatible & !KNOWN != 0 || to_write & !KNOWN_TO_WRITE != 0 {
            let (a, b) = (incompatible & !KNOWN, to_write & !KNOWN_TO_WRITE);
            return Err(wrong(format!("its file system has features that are not known here ({a:#x}, {b:#x})")));
        }
        let shift = le32(head, 0x18)?;
        if shift > 2 {
            return Err(wrong("its blocks are larger than 4 KiB"));
        }
        let block = 1024_u64 << shift;
        let wide = incompatible & BITS_64 != 0;
        let high = |at: usize| if wide { le32(head, at) } else { Ok(0) };
        let blocks = halves(le32(head, 0x4)?, high(0x150)?);
        let (first, per_group) = (u64::from(le32(head, 0x14)?), u64::from(le32(head, 0x20)?));
        let (inodes, inodes_per_group) = (le32(head, 0x0)?, le32(head, 0x28)?);
        let inode = if le32(head, 0x4C)? == 0 { 128 } else { usize::from(le16(head, 0x58)?) };
        let fits = per_group > 0 && per_group <= block * 8 && inodes_per_group > 0 && blocks > first && blocks < 1 << 40;
        if !fits || !(128..=4096).contains(&inode) || inode as u64 > block {
            return Err(wrong("its superblock makes no sense"));
        }
        let size = if wide { usize::from(le16(head, 0xFE)?) } else { 32 };
        if !(32..=1024).contains(&size) {
            return Err(wrong("its groups are described in a way that is not known here"));
        }
        let count = usize::try_from((blocks - first).div_ceil(per_group)).map_err(io::Error::other)?;
        let mut table = vec![0; count * size];
        read((first + 1) * block, &mut table)?;
        let groups = table.chunks_exact(size).map(|one| group(one, wide && size >= 64)).collect::<io::Result<_>>()?;
        let copies = 1 + (table.len() as u64).div_ceil(block) + u64::from(le16(head, 0xCE)?);
        Ok(Self { block, blocks, first, per_group, inodes, inodes_per_group, inode, copies, groups })
    }

    /// The blocks that the file system itself keeps for its groups, as ranges.
    pub(super) fn own(&self) -> impl Iterator<Item = std::ops::Range<u64>> {
        let inodes = (u64::from(self.inodes_per_group) * self.inode as u64).div_ceil(self.block);
        let of = move |g: &Group| [g.bitmap..g.bitmap + 1, g.inode_bitmap..g.inode_bitmap + 1, g.inodes..g.inodes + inodes];
        self.groups.iter().flat_map(of)
    }

    /// The byte at which a run of blocks begins; an error where it leaves the file system.
    pub(super) fn place(&self, block: u64, count: u64) -> io::Result<u64> {
        let inside = block > 0 && block.checked_add(count).is_some_and(|end| end <= self.blocks);
        if inside { Ok(block * self.block) } else { Err(wrong(format!("block {block} is not in the file system"))) }
    }
}

fn group(from: &[u8], wide: bool) -> io::Result<Group> {
    const EMPTY: u16 = 0x2;
    let high = |at: usize| if wide { le32(from, at) } else { Ok(0) };
    let bitmap = halves(le32(from, 0x0)?, high(0x20)?);
    let inodes = halves(le32(from, 0x8)?, high(0x28)?);
    let inode_bitmap = halves(le32(from, 0x4)?, high(0x24)?);
    Ok(Group { bitmap, empty: le16(from, 0x12)? & EMPTY != 0, inode_bitmap, inodes })
}
