//! Numbers as ext4 writes them: the least byte first.

use super::wrong;
use std::io;

fn bytes<const N: usize>(from: &[u8], at: usize) -> io::Result<[u8; N]> {
    from.get(at..at + N).and_then(|b| b.try_into().ok()).ok_or_else(|| wrong("a structure ends too early"))
}

pub(super) fn le16(from: &[u8], at: usize) -> io::Result<u16> {
    bytes(from, at).map(u16::from_le_bytes)
}

pub(super) fn le32(from: &[u8], at: usize) -> io::Result<u32> {
    bytes(from, at).map(u32::from_le_bytes)
}

/// A number of 48 bits or fewer whose halves stand apart.
pub(super) fn halves(low: u32, high: impl Into<u64>) -> u64 {
    high.into() << 32 | u64::from(low)
}
