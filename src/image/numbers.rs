//! Numbers in structures on disk. What lies outside of the bytes at hand reads as zero.

fn bytes<const N: usize>(from: &[u8], at: usize) -> [u8; N] {
    at.checked_add(N).and_then(|end| from.get(at..end)).and_then(|b| b.try_into().ok()).unwrap_or([0; N])
}

/// Two bytes, the least first.
pub fn le16(from: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(bytes(from, at))
}

/// Four bytes, the least first.
pub fn le32(from: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes(from, at))
}

/// Eight bytes, the least first.
pub fn le64(from: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes(from, at))
}

/// Two bytes, the greatest first.
pub fn be16(from: &[u8], at: usize) -> u16 {
    u16::from_be_bytes(bytes(from, at))
}

/// Four bytes, the greatest first.
pub fn be32(from: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(bytes(from, at))
}

/// Eight bytes, the greatest first.
pub fn be64(from: &[u8], at: usize) -> u64 {
    u64::from_be_bytes(bytes(from, at))
}

/// A number whose two halves stand in two places.
pub fn halves(high: u32, low: u32) -> u64 {
    (u64::from(high) << 32) | u64::from(low)
}
