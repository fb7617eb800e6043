//! Inodes: what ext4 knows of a file besides its name.

use super::layout::Layout;
use super::numbers::{halves, le16, le32};
use super::source::{Source, bytes_at};
use super::sums;
use super::trouble::Trouble;
use crate::model::Kind;

const HUGE: u32 = 0x4_0000;
const EXTENTS: u32 = 0x8_0000;
const ENCRYPTED: u32 = 0x800;
const INDEXED: u32 = 0x1000;

/// What ext4 knows of a file besides its name.
#[derive(Debug, Clone)]
pub struct Inode {
    /// Its number.
    pub number: u32,
    /// Kind and permissions, as `st_mode` has them.
    pub mode: u16,
    /// Its owner in the virtual machine.
    pub uid: u32,
    /// Its group there.
    pub gid: u32,
    /// Bytes of its content.
    pub size: u64,
    /// Bytes allocated for it.
    pub allocated: u64,
    /// Last change of its content, nanoseconds since 1970.
    pub mtime_ns: i64,
    /// Last change of content, name or facts, which programs cannot set.
    pub changed_ns: i64,
    /// When it was made; `None` where its inodes are too small to tell.
    pub born_ns: Option<i64>,
    /// How many names it has.
    pub links: u32,
    /// Where its content stands, or a short link's target.
    pub place: [u8; 60],
    /// What checksums of its own blocks begin with; `None`: there are none.
    pub seed: Option<u32>,
    flags: u32,
}

impl Inode {
    /// Reads the inode with this number.
    pub fn read(layout: &Layout, source: &dyn Source, number: u32) -> Result<Self, Trouble> {
        let nowhere = || Trouble::damaged("a folder", format!("it names inode {number}, which the file system does not have"));
        let at = number.checked_sub(1).filter(|_| number <= layout.inodes).ok_or_else(nowhere)?;
        let group = layout.groups.get((at / layout.inodes_a_group) as usize).ok_or_else(nowhere)?;
        let within = u64::from(at % layout.inodes_a_group) * layout.inode_size as u64;
        let from = group.inodes_at.checked_mul(layout.block).and_then(|t| t.checked_add(within)).ok_or_else(nowhere)?;
        let b = bytes_at(source, from, layout.inode_size)?;
        let seed = layout.seed.map(|seed| sums::go_on(sums::go_on(seed, &number.to_le_bytes()), b.get(0x64..0x68).unwrap_or_default()));
        if seed.is_some_and(|seed| !sum_is_right(&b, seed)) {
            return Err(Trouble::damaged(format!("inode {number}"), "its checksum is wrong"));
        }
        let flags = le32(&b, 0x20);
        let counted = halves(u32::from(le16(&b, 0x74)), le32(&b, 0x1c));
        let unit = if layout.huge_files && flags & HUGE != 0 { layout.block } else { 512 };
        let mut place = [0; 60];
        place.copy_from_slice(b.get(0x28..0x64).unwrap_or(&[0; 60]));
        let extra = if b.len() > 128 { usize::from(le16(&b, 0x80)) } else { 0 };
        let at = |seconds: usize, finer: usize| time(le32(&b, seconds), if 0x80 + extra >= finer + 4 { le32(&b, finer) } else { 0 });
        Ok(Self {
            number,
            mode: le16(&b, 0),
            uid: (u32::from(le16(&b, 0x78)) << 16) | u32::from(le16(&b, 2)),
            gid: (u32::from(le16(&b, 0x7a)) << 16) | u32::from(le16(&b, 0x18)),
            size: halves(le32(&b, 0x6c), le32(&b, 4)),
            allocated: counted.saturating_mul(unit),
            mtime_ns: at(0x10, 0x88),
            changed_ns: at(0x0c, 0x84),
            born_ns: (0x80 + extra >= 0x98).then(|| at(0x90, 0x94)),
            links: u32::from(le16(&b, 0x1a)),
            place,
            seed,
            flags,
        })
    }

    /// What sort of thing it is; `None`: nothing ext4 knows.
    pub fn kind(&self) -> Option<Kind> {
        match self.mode >> 12 {
            0x4 => Some(Kind::Dir),
            0x8 => Some(Kind::File),
            0xa => Some(Kind::Symlink),
            0x1 | 0x2 | 0x6 | 0xc => Some(Kind::Other),
            _ => None,
        }
    }

    /// Whether its content stands in extents; where not, in lists of blocks.
    pub fn has_extents(&self) -> bool {
        self.flags & EXTENTS != 0
    }

    /// Whether it is a folder with an index of its names.
    pub fn is_indexed(&self) -> bool {
        self.flags & INDEXED != 0
    }

    /// Whether its names and content are encrypted.
    pub fn is_encrypted(&self) -> bool {
        self.flags & ENCRYPTED != 0
    }

    /// A short link's target, which stands in the inode itself.
    pub fn short_target(&self) -> Option<&[u8]> {
        let length = usize::try_from(self.size).ok().filter(|l| (1..60).contains(l))?;
        self.place.get(..length).filter(|_| self.kind() == Some(Kind::Symlink) && !self.has_extents())
    }
}

/// Seconds that count on past 2038 in two further bits, and nanoseconds in the rest.
fn time(seconds: u32, finer: u32) -> i64 {
    let whole = i64::from(seconds.cast_signed()) + (i64::from(finer & 3) << 32);
    whole.saturating_mul(1_000_000_000).saturating_add(i64::from(finer >> 2))
}

fn sum_is_right(b: &[u8], seed: u32) -> bool {
    let part = |from: usize, to: usize| b.get(from..to.min(b.len())).unwrap_or_default();
    let mut sum = sums::go_on(sums::go_on(seed, part(0, 0x7c)), &[0, 0]);
    sum = sums::go_on(sum, part(0x7e, 128));
    let long = b.len() > 128 && le16(b, 0x80) >= 4;
    if b.len() > 128 {
        sum = sums::go_on(sum, part(128, 0x82));
        sum = if long { sums::go_on(sums::go_on(sum, &[0, 0]), part(0x84, b.len())) } else { sums::go_on(sum, part(0x82, b.len())) };
    }
    let low = u32::from(le16(b, 0x7c));
    if long { sum == low | (u32::from(le16(b, 0x82)) << 16) } else { sum & 0xffff == low }
}
