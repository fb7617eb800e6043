//! Packs what is written: gzip on several cores, or zstd.

use super::Format;
use super::gzip::Gzip;
use std::fs::File;
use std::io::{self, BufWriter, Write};

/// A packed file being written.
pub enum Pack {
    /// Gzip.
    Gz(Box<Gzip<BufWriter<File>>>),
    /// Zstd.
    Zst(zstd::Encoder<'static, BufWriter<File>>),
}

impl Pack {
    /// Starts packing into a file.
    pub fn new(file: File, format: Format) -> io::Result<Self> {
        let out = BufWriter::with_capacity(256 << 10, file);
        Ok(match format {
            Format::TarGz => Self::Gz(Box::new(Gzip::new(out)?)),
            Format::TarZst => {
                let mut zst = zstd::Encoder::new(out, 3)?;
                zst.include_checksum(true)?;
                zst.multithread(std::thread::available_parallelism().map_or(1, |n| u32::try_from(n.get()).unwrap_or(1)))?;
                Self::Zst(zst)
            }
        })
    }

    /// Ends the packing and brings it to the disk.
    pub fn finish(self) -> io::Result<File> {
        let out = match self {
            Self::Gz(gz) => gz.finish()?,
            Self::Zst(zst) => zst.finish()?,
        };
        let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        Ok(file)
    }
}

impl Write for Pack {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        match self {
            Self::Gz(gz) => gz.write(data),
            Self::Zst(zst) => zst.write(data),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
