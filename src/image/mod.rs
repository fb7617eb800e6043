//! Disk images of virtual machines, read without mounting, booting or writing.
//!
//! What an image is, is told by its content: a raw disk, one with a partition table, VHDX, qcow2, ASIF ([`container`]). The
//! file system on it is ext4. A journal that was not replayed is replayed in memory ([`journal`]). Names, inodes and where
//! content stands are read here ([`walk`]), since no kept library tells inode numbers, link counts and allocated bytes;
//! `ext4-view` is the [`second`] reader, and where the two differ nothing counts as read.
//!
//! An image may be damaged on purpose. Every length is checked before it is believed, every loop has an end, and whatever
//! makes no sense is a [`Trouble`] with a word for people.

mod asif;
pub mod container;
mod content;
mod folder;
mod images;
mod inode;
mod journal;
mod known;
mod layout;
mod numbers;
mod partitions;
mod replayed;
mod runs;
mod second;
mod source;
mod sums;
#[cfg(test)]
pub(crate) mod tests;
mod trouble;
pub mod walk;

pub use container::Form;
pub use content::Content;
pub use images::{Images, OnImage, split};
pub use inode::Inode;
pub use known::Known;
pub use source::Source;
pub use trouble::Trouble;
pub use walk::{Entry, Folder, Limits};

use crate::model::Kind;
use layout::Layout;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

/// A file system in an image, open for reading.
#[derive(Debug)]
pub struct Image {
    /// The form of the image.
    pub form: Form,
    /// Whether the file system lies in a partition.
    pub partition: bool,
    /// Blocks that the journal had newer versions of: some where the machine was not shut down.
    pub replayed: usize,
    system: Arc<dyn Source>,
    layout: Layout,
}

/// Bytes of a file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Space {
    /// In all, as `df` tells it: without what the file system itself takes.
    pub total: u64,
    /// Free.
    pub free: u64,
}

/// Opens the image at a path; the path may be a link.
pub fn open(path: &Path) -> Result<Image, Trouble> {
    Image::of(File::open(path)?)
}

impl Image {
    /// The file system in an image that is open.
    pub fn of(file: File) -> Result<Self, Trouble> {
        let found = container::find(file)?;
        let (system, replayed) = replayed::replayed(found.system)?;
        let layout = Layout::read(&*system)?;
        second::load(&system)?;
        Ok(Self { form: found.form, partition: found.partition, replayed, system, layout })
    }

    /// Free and used bytes inside.
    pub fn space(&self) -> Space {
        let total = self.layout.blocks.saturating_sub(self.layout.overhead).saturating_mul(self.layout.block);
        Space { total, free: self.layout.free().min(total) }
    }

    /// The file system's bytes as they are read, journal replayed.
    pub fn system(&self) -> &Arc<dyn Source> {
        &self.system
    }

    /// The inode with this number.
    pub fn inode(&self, number: u32) -> Result<Inode, Trouble> {
        Inode::read(&self.layout, &*self.system, number)
    }

    /// The content of the regular file with this inode.
    pub fn content(&self, number: u32) -> Result<Content, Trouble> {
        let inode = self.inode(number)?;
        if inode.kind() != Some(Kind::File) {
            return Err(Trouble::Other("it is no regular file".into()));
        }
        if inode.is_encrypted() {
            return Err(Trouble::NotRead("encrypted".into()));
        }
        // Longer than the disk it lies on is only what was made of holes, or damage.
        if inode.size > self.layout.blocks.saturating_mul(self.layout.block) {
            return Err(Trouble::TooMuch("the file is longer than the disk it lies on".into()));
        }
        Ok(Content::new(Arc::clone(&self.system), self.layout.block, runs::runs(&self.layout, &*self.system, &inode)?, inode.size))
    }

    /// The content of the file at a path from `/` on, no longer than `most`; no link is followed.
    pub fn read(&self, path: &[u8], most: u64) -> Result<Vec<u8>, Trouble> {
        let entry = self.entry(path)?;
        if entry.size > most {
            return Err(Trouble::TooMuch(format!("the file is longer than {most} bytes").into()));
        }
        let mut bytes = Vec::new();
        self.content(entry.inode)?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// The target of the link with this inode.
    pub fn link(&self, number: u32) -> Result<Vec<u8>, Trouble> {
        const LONGEST: u64 = 4096;
        let inode = self.inode(number)?;
        if inode.kind() != Some(Kind::Symlink) || inode.size > LONGEST {
            return Err(Trouble::Other("it is no link that can be read".into()));
        }
        if let Some(target) = inode.short_target() {
            return Ok(target.to_vec());
        }
        let mut target = Vec::new();
        let runs = runs::runs(&self.layout, &*self.system, &inode)?;
        Content::new(Arc::clone(&self.system), self.layout.block, runs, inode.size).read_to_end(&mut target)?;
        Ok(target)
    }
}
