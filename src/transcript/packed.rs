//! Transcripts packed with zstd, unpacked line by line.

use super::hashed::Hashed;
use super::lines::Extent;
use super::place::{Laying, Place};
use super::tap::{Tap, Tapped};
use crate::error::{Error, Result};
use crate::platform::open_beneath;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;

/// Unpacks a file to lines.
pub fn lay_out(root: &Path, path: &Path, extent: Extent, tap: &Arc<dyn Tap + '_>) -> Result<Place> {
    let mut laying = Laying::new(extent, tap)?;
    let mut unpack = || {
        let mut from = Hashed::new(Tapped::new(open_beneath(root, path)?, tap)?);
        copy(&mut zstd::stream::read::Decoder::new(&mut from)?, &mut laying)?;
        Ok(from.read(path.to_path_buf()))
    };
    unpack().and_then(|of| laying.done(of)).map_err(|e: io::Error| Error::io("cannot unpack the conversation", path, e))
}

fn copy(from: &mut dyn Read, to: &mut Laying<'_>) -> io::Result<()> {
    let mut buffer = vec![0; 1 << 16];
    while !to.is_full() {
        let n = match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            // One that breaks off holds what stands before that; the line in hand says that it was torn.
            Err(e) if matches!(e.kind(), io::ErrorKind::UnexpectedEof) => {
                to.write_all(b"{")?;
                break;
            }
            Err(e) => return Err(e),
        };
        to.write_all(buffer.get(..n).unwrap_or_default())?;
    }
    Ok(())
}
