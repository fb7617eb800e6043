//! An ext4 file system on a plain file, read as it is laid out.
//!
//! Only one that `e2fsck` has just called clean is read here, and only with features this room knows: whatever else stands in
//! it is an error, so that nothing is ever removed from what is half understood.

mod folder;
mod free;
mod inode;
mod layout;
mod numbers;
mod runs;

pub use inode::Inode;

use crate::platform::read_exact_at;
use layout::Layout;
use std::fs::File;
use std::io;

/// The root folder.
pub const ROOT: u32 = 2;

/// An ext4 file system.
#[derive(Debug)]
pub struct Ext4 {
    file: File,
    layout: Layout,
}

impl Ext4 {
    /// The file system that a file holds from its first byte on.
    pub fn open(file: File) -> io::Result<Self> {
        let mut head = vec![0; 1024];
        read_exact_at(&file, 1024, &mut head)?;
        let layout = Layout::read(&head, |at, into| read_exact_at(&file, at, into))?;
        if file.metadata()?.len() < layout.blocks * layout.block {
            return Err(wrong("the file system is longer than its image"));
        }
        Ok(Self { file, layout })
    }

    /// Bytes of a block.
    pub fn block(&self) -> u64 {
        self.layout.block
    }

    fn read(&self, at: u64, into: &mut [u8]) -> io::Result<()> {
        read_exact_at(&self.file, at, into)
    }

    /// One block.
    fn block_at(&self, number: u64) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; usize::try_from(self.layout.block).map_err(io::Error::other)?];
        self.read(self.layout.place(number, 1)?, &mut bytes)?;
        Ok(bytes)
    }
}

fn wrong(why: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why.into())
}
