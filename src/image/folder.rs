//! The names in a folder.

use super::content::Content;
use super::inode::Inode;
use super::layout::Layout;
use super::numbers::{le16, le32};
use super::runs::runs;
use super::source::Source;
use super::sums;
use super::trouble::Trouble;
use std::io::Read;
use std::sync::Arc;

/// The longest folder that is read: some millions of names.
const LONGEST: u64 = 256 << 20;

/// Gives every name in a folder, and its inode's number, to `each`; `.` and `..` are left out.
pub fn names(layout: &Layout, source: &Arc<dyn Source>, folder: &Inode, mut each: impl FnMut(&[u8], u32)) -> Result<(), Trouble> {
    let bad = |why: &'static str| Trouble::damaged(format!("the folder with inode {}", folder.number), why);
    if folder.is_encrypted() {
        return Err(Trouble::NotRead("an encrypted folder".into()));
    }
    if folder.size > LONGEST || !folder.size.is_multiple_of(layout.block) {
        return Err(bad("it has no possible length"));
    }
    let mut content = Content::new(Arc::clone(source), layout.block, runs(layout, &**source, folder)?, folder.size);
    let mut block = vec![0; usize::try_from(layout.block).unwrap_or(0)];
    for number in 0..folder.size / layout.block {
        content.read_exact(&mut block)?;
        // Blocks of an index keep their checksum elsewhere, and may end as they did when names stood in them.
        let index = folder.is_indexed() && (number == 0 || is_index(&block));
        if let Some(seed) = folder.seed.filter(|_| !index) {
            match tail_of(&block) {
                Some((end, sum)) if sums::go_on(seed, block.get(..end).unwrap_or_default()) == sum => {}
                Some(_) => return Err(bad("its checksum is wrong")),
                None => return Err(bad("its checksum is missing")),
            }
        }
        in_block(&block, &mut each).map_err(bad)?;
    }
    Ok(())
}

/// Where the checksum at the end of a block of names is, and what it says.
fn tail_of(block: &[u8]) -> Option<(usize, u32)> {
    let end = block.len().checked_sub(12)?;
    let tail = block.get(end..)?;
    let shaped = le32(tail, 0) == 0 && le16(tail, 4) == 12 && tail.get(6) == Some(&0) && tail.get(7) == Some(&0xde);
    shaped.then(|| (end, le32(tail, 8)))
}

/// Whether a block is one of an index: a single entry without an inode fills it.
fn is_index(block: &[u8]) -> bool {
    le32(block, 0) == 0 && length(block, 0, block.len()) == block.len()
}

/// An entry's length. In blocks of 64 kB the longest does not fit into its two bytes.
fn length(block: &[u8], at: usize, whole: usize) -> usize {
    match le16(block, at + 4) {
        0 | 0xffff if whole == 1 << 16 => 1 << 16,
        n => usize::from(n),
    }
}

fn in_block(block: &[u8], each: &mut impl FnMut(&[u8], u32)) -> Result<(), &'static str> {
    let mut at = 0;
    while at < block.len() {
        let (inode, length) = (le32(block, at), length(block, at, block.len()));
        let named = usize::from(block.get(at + 6).copied().unwrap_or(0));
        if length < 8 || !length.is_multiple_of(4) || at + length > block.len() {
            return Err("an entry of it has no possible length");
        }
        if inode != 0 {
            let name = block.get(at + 8..at + 8 + named).filter(|_| 8 + named <= length).ok_or("a name in it is longer than its entry")?;
            if name.is_empty() || name.contains(&0) || name.contains(&b'/') {
                return Err("a name in it is none");
            }
            if name != b"." && name != b".." {
                each(name, inode);
            }
        }
        at += length;
    }
    Ok(())
}
