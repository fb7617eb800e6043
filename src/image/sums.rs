//! The checksum in ext4's own structures.

use crc::{CRC_32_ISCSI, Crc, Table};

static CRC32C: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_ISCSI);

/// Goes on with a checksum. Linux begins with all bits set and leaves out the inversion at the end.
pub fn go_on(sum: u32, bytes: &[u8]) -> u32 {
    let mut digest = CRC32C.digest_with_initial(sum.reverse_bits());
    digest.update(bytes);
    !digest.finalize()
}

/// Where a checksum begins.
pub const START: u32 = u32::MAX;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_goes_on_where_it_was_left() {
        let whole = go_on(START, b"123456789");
        assert_eq!(!whole, 0xe306_9283, "the check value of CRC-32C");
        assert_eq!(go_on(go_on(START, b"1234"), b"56789"), whole);
    }
}
