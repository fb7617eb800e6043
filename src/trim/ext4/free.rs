//! Blocks that nothing uses.

use super::Ext4;
use super::layout::Group;
use std::io;

impl Ext4 {
    /// Every range of bytes that the file system has free, as offset and length, in order.
    pub fn free(&self) -> io::Result<Vec<(u64, u64)>> {
        let layout = &self.layout;
        let mut found: Vec<(u64, u64)> = Vec::new();
        for (group, begin) in layout.groups.iter().zip((layout.first..).step_by(usize::try_from(layout.per_group).unwrap_or(1))) {
            for (at, used) in (begin..).zip(self.used(group, begin)?) {
                if used {
                    continue;
                }
                let from = at * layout.block;
                match found.last_mut() {
                    Some(last) if last.0 + last.1 == from => last.1 += layout.block,
                    _ => found.push((from, layout.block)),
                }
            }
        }
        Ok(found)
    }

    /// For each block of a group whether something uses it.
    fn used(&self, group: &Group, begin: u64) -> io::Result<Vec<bool>> {
        let layout = &self.layout;
        let count = layout.per_group.min(layout.blocks - begin);
        if !group.empty {
            let bits = self.block_at(group.bitmap)?;
            let bit = |at: u64| usize::try_from(at / 8).ok().and_then(|byte| bits.get(byte)).is_none_or(|byte| byte & 1 << (at % 8) != 0);
            return Ok((0..count).map(bit).collect());
        }
        // Its bitmap says nothing; what the file system keeps here is known without it.
        let mut used: Vec<bool> = (0..count).map(|at| at < layout.copies).collect();
        for range in layout.own() {
            for at in range.start.max(begin)..range.end.min(begin + count) {
                if let Some(flag) = usize::try_from(at - begin).ok().and_then(|at| used.get_mut(at)) {
                    *flag = true;
                }
            }
        }
        Ok(used)
    }
}
