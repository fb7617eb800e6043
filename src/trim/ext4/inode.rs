//! Inodes: what is kept about a thing beside its name and its content.

use super::numbers::{halves, le16, le32};
use super::{Ext4, wrong};
use crate::model::Kind;
use std::io;
use std::ops::Range;

/// Its content is mapped by extents.
const EXTENTS: u32 = 0x8_0000;
/// Its blocks are counted in blocks of the file system.
const HUGE: u32 = 0x4_0000;
/// Its content stands in the inode, or its attributes in other inodes, or its names are folded or encrypted.
const STRANGE: u32 = 0x1000_0000 | 0x20_0000 | 0x4000_0000 | 0x800;
/// Where the map of its blocks is.
const MAP: Range<usize> = 0x28..0x64;

/// One inode.
#[derive(Debug, Clone)]
pub struct Inode {
    raw: Vec<u8>,
}

impl Ext4 {
    /// An inode by its number.
    pub fn inode(&self, number: u32) -> io::Result<Inode> {
        let layout = &self.layout;
        let at = number.checked_sub(1).filter(|_| number <= layout.inodes).ok_or_else(|| wrong(format!("there is no inode {number}")))?;
        let group = layout.groups.get((at / layout.inodes_per_group) as usize).ok_or_else(|| wrong("an inode lies in no group"))?;
        let offset = u64::from(at % layout.inodes_per_group) * layout.inode as u64;
        let mut raw = vec![0; layout.inode];
        self.read(layout.place(group.inodes + offset / layout.block, 1)? + offset % layout.block, &mut raw)?;
        let inode = Inode { raw };
        if inode.flags() & STRANGE != 0 {
            return Err(wrong(format!("inode {number} is kept in a way that is not known here")));
        }
        Ok(inode)
    }
}

impl Inode {
    fn half(&self, at: usize) -> u16 {
        le16(&self.raw, at).unwrap_or(0)
    }

    fn word(&self, at: usize) -> u32 {
        le32(&self.raw, at).unwrap_or(0)
    }

    pub(super) fn flags(&self) -> u32 {
        self.word(0x20)
    }

    /// What sort of thing it is.
    pub fn kind(&self) -> Kind {
        match self.half(0x0) >> 12 {
            0x8 => Kind::File,
            0x4 => Kind::Dir,
            0xA => Kind::Symlink,
            _ => Kind::Other,
        }
    }

    /// Its size in bytes.
    pub fn size(&self) -> u64 {
        halves(self.word(0x4), self.word(0x6C))
    }

    /// How many names it has.
    pub fn links(&self) -> u16 {
        self.half(0x1A)
    }

    /// Bytes allocated for it, its own map and attributes included.
    pub fn allocated(&self, block: u64) -> u64 {
        let count = halves(self.word(0x1C), self.half(0x74));
        count * if self.flags() & HUGE == 0 { 512 } else { block }
    }

    /// When its content changed last, nanoseconds since 1970.
    pub fn mtime_ns(&self) -> i64 {
        let seconds = i64::from(self.word(0x10).cast_signed());
        let extra = if self.raw.len() > 0x8C && self.half(0x80) >= 12 { self.word(0x88) } else { 0 };
        let seconds = seconds + (i64::from(extra & 3) << 32);
        seconds.saturating_mul(1_000_000_000).saturating_add(i64::from(extra >> 2))
    }

    /// The block with its attributes, where it has one.
    pub(super) fn attributes(&self) -> Option<u64> {
        Some(halves(self.word(0x68), self.half(0x76))).filter(|block| *block != 0)
    }

    /// The map of its blocks, where it has one: a folder, a file, or a link too long to stand in the inode.
    pub(super) fn map(&self, number: u32) -> io::Result<Option<&[u8]>> {
        let mapped = matches!(self.kind(), Kind::File | Kind::Dir) || self.kind() == Kind::Symlink && self.size() >= 60;
        if !mapped {
            return Ok(None);
        }
        let map = self.raw.get(MAP).unwrap_or_default();
        if self.flags() & EXTENTS != 0 {
            Ok(Some(map))
        } else if map.iter().all(|b| *b == 0) {
            Ok(None)
        } else {
            Err(wrong(format!("inode {number} maps its blocks in the way of ext2, which is not read here")))
        }
    }

    /// Everything kept about it but what removing something else may change: the number of its names, where its blocks are,
    /// checksums.
    pub(super) fn lasting(&self) -> Vec<u8> {
        let mut raw = self.raw.clone();
        let map = self.flags() & EXTENTS != 0;
        let changing = [0x1A..0x20, 0x68..0x6C, 0x74..0x78, 0x7C..0x7E, 0x82..0x84].into_iter().chain(map.then_some(MAP));
        for range in changing {
            if let Some(bytes) = raw.get_mut(range) {
                bytes.fill(0);
            }
        }
        raw
    }
}
