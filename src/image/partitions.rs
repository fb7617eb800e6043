//! The Linux partition of a disk with a partition table.

use super::numbers::{le32, le64};
use super::source::{Part, Source, bytes_at};
use super::trouble::Trouble;
use std::sync::Arc;

/// The type of a partition with a Linux file system, as the table's bytes have it (0FC63DAF-8483-4772-8E79-3D69D8477DE4).
const LINUX: [u8; 16] = [0xaf, 0x3d, 0xc6, 0x0f, 0x83, 0x84, 0x72, 0x47, 0x8e, 0x79, 0x3d, 0x69, 0xd8, 0x47, 0x7d, 0xe4];
/// More entries than this no table has.
const MOST: usize = 1024;

/// The first partition that `holds` what is looked for, of a disk with a GPT; `None`: it has none.
pub fn find(disk: &Arc<dyn Source>, holds: impl Fn(&dyn Source) -> bool) -> Result<Option<Arc<dyn Source>>, Trouble> {
    for sector in [512_u64, 4096] {
        let Ok(head) = bytes_at(&**disk, sector, 512) else { continue };
        if head.starts_with(b"EFI PART") {
            return in_table(disk, &head, sector, holds).map(Some);
        }
    }
    Ok(None)
}

fn in_table(disk: &Arc<dyn Source>, head: &[u8], sector: u64, holds: impl Fn(&dyn Source) -> bool) -> Result<Arc<dyn Source>, Trouble> {
    let bad = |why: &'static str| Trouble::damaged("the partition table", why);
    let length = le32(head, 12) as usize;
    let mut checked = head.get(..length).filter(|h| h.len() >= 92).ok_or_else(|| bad("its header has no possible length"))?.to_vec();
    checked.iter_mut().skip(16).take(4).for_each(|b| *b = 0);
    if sum(&checked) != le32(head, 16) {
        return Err(bad("its header's checksum is wrong"));
    }
    let (count, each) = (le32(head, 80) as usize, le32(head, 84) as usize);
    if count > MOST || !(128..=4096).contains(&each) {
        return Err(bad("its entries have no possible size"));
    }
    let at = le64(head, 72).checked_mul(sector).ok_or_else(|| bad("its entries lie nowhere"))?;
    let entries = bytes_at(&**disk, at, count * each)?;
    if sum(&entries) != le32(head, 88) {
        return Err(bad("its entries' checksum is wrong"));
    }
    let part = |entry: &[u8]| -> Option<Arc<dyn Source>> {
        let (first, last) = (le64(entry, 32), le64(entry, 40));
        let (from, size) = (first.checked_mul(sector)?, last.checked_sub(first)?.checked_add(1)?.checked_mul(sector)?);
        let inside = from.checked_add(size).is_some_and(|end| end <= disk.size());
        inside.then(|| Arc::new(Part { whole: Arc::clone(disk), from, size }) as Arc<dyn Source>)
    };
    let linux = |entry: &&[u8]| entry.starts_with(&LINUX);
    let mut parts = entries.chunks_exact(each).filter(linux).filter_map(part);
    parts.find(|p| holds(&**p)).ok_or(Trouble::Unknown)
}

fn sum(bytes: &[u8]) -> u32 {
    let mut sum = flate2::Crc::new();
    sum.update(bytes);
    sum.sum()
}
