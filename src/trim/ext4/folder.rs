//! The names in a folder.

use super::numbers::{le16, le32};
use super::{Ext4, Inode, wrong};
use std::io;

impl Ext4 {
    /// Every name in a folder but `.` and `..`, with its inode.
    pub fn names(&self, number: u32, inode: &Inode) -> io::Result<Vec<(Vec<u8>, u32)>> {
        let content = self.content(number, inode)?;
        let block = usize::try_from(self.block()).map_err(io::Error::other)?;
        let mut names = Vec::new();
        // What the index of a large folder stands in looks like blocks without names.
        for bytes in content.chunks(block) {
            let mut at = 0;
            while at + 8 <= bytes.len() {
                let (inode, length) = (le32(bytes, at)?, usize::from(le16(bytes, at + 4)?));
                let name = usize::from(bytes.get(at + 6).copied().unwrap_or(0));
                if length < 8 + name || at + length > bytes.len() {
                    return Err(wrong(format!("folder {number} cannot be read")));
                }
                let name = bytes.get(at + 8..at + 8 + name).unwrap_or_default();
                if inode != 0 && name != b"." && name != b".." {
                    names.push((name.to_vec(), inode));
                }
                at += length;
            }
        }
        Ok(names)
    }
}
