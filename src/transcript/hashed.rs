//! A source that is hashed as it is read.

use super::facts::SourceFile;
use std::io::{self, Read};
use std::path::PathBuf;

/// A source that is hashed as it is read.
pub struct Hashed<R> {
    from: R,
    hasher: blake3::Hasher,
}

impl<R> Hashed<R> {
    /// A source of which nothing was read yet.
    pub fn new(from: R) -> Self {
        Self { from, hasher: blake3::Hasher::new() }
    }

    /// What was read, under this path.
    pub fn read(self, path: PathBuf) -> SourceFile {
        SourceFile { path, bytes: self.hasher.count(), blake3: self.hasher.finalize().to_hex().to_string() }
    }
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.from.read(buffer)?;
        self.hasher.update(buffer.get(..n).unwrap_or_default());
        Ok(n)
    }
}
