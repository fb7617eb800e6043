//! The two hashes of a file's bytes.

use super::meta::Xattr;
use sha2::{Digest, Sha256};

static ZEROS: [u8; 64 << 10] = [0; 64 << 10];

/// BLAKE3 and SHA-256 of bytes as they come by.
#[derive(Debug, Default)]
pub struct Sums {
    blake3: blake3::Hasher,
    sha256: Sha256,
    /// Bytes so far.
    pub bytes: u64,
}

impl Sums {
    /// Takes bytes in.
    pub fn add(&mut self, data: &[u8]) {
        self.blake3.update(data);
        self.sha256.update(data);
        self.bytes += data.len() as u64;
    }

    /// Takes a run of zeros in, as reading a hole gives them.
    pub fn zeros(&mut self, count: u64) {
        let mut left = count;
        while left > 0 {
            let n = usize::try_from(left).unwrap_or(usize::MAX).min(ZEROS.len());
            self.add(&ZEROS[..n]);
            left -= n as u64;
        }
    }

    /// Takes a piece of an archived file in.
    pub fn take(&mut self, piece: &super::reader::Piece<'_>) {
        match piece {
            super::reader::Piece::Data(data) => self.add(data),
            super::reader::Piece::Hole(count) => self.zeros(*count),
        }
    }

    /// BLAKE3 and SHA-256, 64 hex digits each.
    pub fn hex(self) -> (String, String) {
        (self.blake3.finalize().to_hex().to_string(), blake3::Hash::from_bytes(self.sha256.finalize().into()).to_hex().to_string())
    }
}

/// BLAKE3 over extended attributes: name and value of each, with their lengths before them; `None` of none.
pub fn of_attributes(xattrs: &[Xattr]) -> Option<String> {
    let mut hasher = blake3::Hasher::new();
    for part in xattrs.iter().flat_map(|x| [&x.name, &x.value]) {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    (!xattrs.is_empty()).then(|| hasher.finalize().to_hex().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sums_are_those_any_tool_gives() {
        let mut sums = Sums::default();
        sums.add(b"abc");
        let (blake, sha) = sums.hex();
        assert_eq!(blake, "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85");
        assert_eq!(sha, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
