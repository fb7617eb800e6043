//! Blocks that nothing uses.

use super::Ext4;
use std::io;

impl Ext4 {
    /// Every range of bytes that the file system has free, as offset and length, in order. Groups in which nothing was ever
    /// written are left out.
    pub fn free(&self) -> io::Result<Vec<(u64, u64)>> {
        let layout = &self.layout;
        let mut found: Vec<(u64, u64)> = Vec::new();
        for (group, begin) in layout.groups.iter().zip((layout.first..).step_by(usize::try_from(layout.per_group).unwrap_or(1))) {
            let Some(bitmap) = group.bitmap else { continue };
            let bits = self.block_at(bitmap)?;
            let count = layout.per_group.min(layout.blocks - begin);
            for at in 0..count {
                let byte = usize::try_from(at / 8).ok().and_then(|byte| bits.get(byte)).copied().unwrap_or(0xFF);
                if byte & 1 << (at % 8) != 0 {
                    continue;
                }
                let from = (begin + at) * layout.block;
                match found.last_mut() {
                    Some(last) if last.0 + last.1 == from => last.1 += layout.block,
                    _ => found.push((from, layout.block)),
                }
            }
        }
        Ok(found)
    }
}
