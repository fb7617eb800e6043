//! Where the content of a thing is, and its fingerprint.

use super::numbers::{le16, le32};
use super::{Ext4, Inode, wrong};
use std::io;

const MAGIC: u16 = 0xF30A;
const DEEPEST: u16 = 5;
/// So many bytes are read at once.
const CHUNK: u64 = 1 << 20;

/// A run of blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    /// The first block of the content.
    pub logical: u64,
    /// Where that is in the file system.
    pub physical: u64,
    /// How many.
    pub count: u64,
    /// Whether it was written; else it is read as zeros.
    pub written: bool,
}

impl Ext4 {
    /// The runs of an inode, in order.
    pub(super) fn runs(&self, number: u32, inode: &Inode) -> io::Result<Vec<Run>> {
        let mut runs = Vec::new();
        if let Some(map) = inode.map(number)? {
            self.node(map, DEEPEST, &mut runs)?;
        }
        let ordered = runs.windows(2).all(|pair| matches!(pair, [a, b] if a.logical + a.count <= b.logical));
        if ordered { Ok(runs) } else { Err(wrong(format!("the map of inode {number} goes back"))) }
    }

    fn node(&self, bytes: &[u8], deepest: u16, runs: &mut Vec<Run>) -> io::Result<()> {
        let (count, depth) = (usize::from(le16(bytes, 2)?), le16(bytes, 6)?);
        if le16(bytes, 0)? != MAGIC || depth > deepest {
            return Err(wrong("a map of blocks cannot be read"));
        }
        for at in (0..count).map(|n| 12 + n * 12) {
            if depth > 0 {
                let below = u64::from(le32(bytes, at + 4)?) | u64::from(le16(bytes, at + 8)?) << 32;
                self.node(&self.block_at(below)?, depth - 1, runs)?;
                continue;
            }
            let length = le16(bytes, at + 4)?;
            let (count, written) = if length > 0x8000 { (length - 0x8000, false) } else { (length, true) };
            let physical = u64::from(le32(bytes, at + 8)?) | u64::from(le16(bytes, at + 6)?) << 32;
            self.layout.place(physical, u64::from(count))?;
            runs.push(Run { logical: u64::from(le32(bytes, at)?), physical, count: u64::from(count), written });
        }
        Ok(())
    }

    /// The whole content of something small: a folder.
    pub fn content(&self, number: u32, inode: &Inode) -> io::Result<Vec<u8>> {
        const MOST: u64 = 1 << 30;
        let size = inode.size();
        let length = usize::try_from(size).ok().filter(|_| size <= MOST).ok_or_else(|| wrong("a folder is too large"))?;
        let mut all = vec![0; length];
        for run in self.runs(number, inode)?.iter().filter(|run| run.written) {
            let from = run.logical * self.block();
            let end = (from + run.count * self.block()).min(size);
            let range = usize::try_from(from).map_err(io::Error::other)?..usize::try_from(end).map_err(io::Error::other)?;
            if let Some(into) = all.get_mut(range) {
                self.read(self.layout.place(run.physical, run.count)?, into)?;
            }
        }
        Ok(all)
    }

    /// The fingerprint of a thing's content: every byte that was written with its place, wherever its blocks are.
    pub fn fingerprint(&self, number: u32, inode: &Inode, buffer: &mut Vec<u8>) -> io::Result<[u8; 32]> {
        let (runs, block, size) = (self.runs(number, inode)?, self.block(), inode.size());
        let mut hasher = blake3::Hasher::new();
        let mut end = None;
        for run in runs.iter().filter(|run| run.written) {
            let from = run.logical * block;
            let length = (run.count * block).min(size.saturating_sub(from));
            // Runs that follow each other are one, however the map divides them.
            if end != Some(from) {
                hasher.update(&end.unwrap_or(0).to_le_bytes());
                hasher.update(&from.to_le_bytes());
            }
            end = Some(from + length);
            let at = self.layout.place(run.physical, run.count)?;
            for done in (0..length).step_by(usize::try_from(CHUNK).map_err(io::Error::other)?) {
                buffer.resize(usize::try_from((length - done).min(CHUNK)).map_err(io::Error::other)?, 0);
                self.read(at + done, buffer)?;
                hasher.update(buffer);
            }
        }
        hasher.update(&end.unwrap_or(0).to_le_bytes());
        Ok(*hasher.finalize().as_bytes())
    }

    /// The fingerprint of everything kept about a thing: mode, owner, times, where a link leads, attributes.
    pub fn facts(&self, inode: &Inode) -> io::Result<[u8; 32]> {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&inode.lasting());
        if let Some(block) = inode.attributes() {
            let mut bytes = self.block_at(block)?;
            // How many share the block, and its checksum, may change with what is removed.
            for range in [4..8, 16..20] {
                if let Some(bytes) = bytes.get_mut(range) {
                    bytes.fill(0);
                }
            }
            hasher.update(&bytes);
        }
        Ok(*hasher.finalize().as_bytes())
    }
}
