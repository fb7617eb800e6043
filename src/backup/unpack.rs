//! Opens an archive for reading, whichever way it is packed.

use super::gzip;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

/// An archive's content as it was before it was packed.
pub enum Unpacked {
    /// One gzip member.
    Gz(Box<flate2::bufread::GzDecoder<BufReader<File>>>),
    /// One zstd frame.
    Zst(Box<zstd::Decoder<'static, BufReader<File>>>),
}

impl Unpacked {
    /// Opens an archive; the packing is told by its first bytes.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        super::meta::forget_cached(&file);
        let mut reader = BufReader::with_capacity(256 << 10, file);
        let start = reader.fill_buf()?;
        if start.starts_with(&[0x28, 0xB5, 0x2F, 0xFD]) {
            return Ok(Self::Zst(Box::new(zstd::Decoder::with_buffer(reader)?.single_frame())));
        }
        // No checksum covers these ten bytes; they are always the same, so a change in them can be told.
        if start.get(..10) != Some(gzip::HEADER.as_slice()) {
            return Err(wrong("this is not an archive as this program writes it"));
        }
        Ok(Self::Gz(Box::new(flate2::bufread::GzDecoder::new(reader))))
    }

    /// Makes sure that nothing follows what was packed. Call after everything was read.
    pub fn nothing_after(self) -> io::Result<()> {
        let mut rest = match self {
            Self::Gz(gz) => gz.into_inner(),
            Self::Zst(zst) => zst.finish(),
        };
        if rest.fill_buf()?.is_empty() { Ok(()) } else { Err(wrong("there is more after the archive's end")) }
    }
}

impl Read for Unpacked {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Gz(gz) => gz.read(buf),
            Self::Zst(zst) => zst.read(buf),
        }
    }
}

fn wrong(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}
