//! Finds the manifest of an archive that is to be restored.

use super::Restored;
use super::manifest::{self, Manifest};
use super::reader::{Piece, Reader};
use super::tell::Teller;
use super::unpack::Unpacked;
use super::verify;
use crate::error::{Error, Result};
use crate::model::{Failed, PathText};
use std::io::{self, Write};
use std::path::Path;

/// The manifest in the archive; where that cannot be reached for damage, the one beside it.
pub fn manifest(archive: &Path, teller: &mut Teller<'_>, done: &mut Restored) -> Result<Manifest> {
    let inside = || -> io::Result<Manifest> {
        let mut reader = Reader::new(Unpacked::open(archive)?);
        while let Some(member) = reader.next()? {
            if member.name == manifest::NAME {
                let mut text = Vec::new();
                reader.content(&member, &mut |piece| match piece {
                    Piece::Data(data) => text.write_all(data),
                    Piece::Hole(_) => Err(io::ErrorKind::InvalidData.into()),
                })?;
                return Ok(serde_json::from_slice(&text)?);
            }
            if teller.stopped() {
                return Err(io::ErrorKind::Interrupted.into());
            }
        }
        Err(io::Error::new(io::ErrorKind::InvalidData, "there is no manifest in it"))
    };
    let found = inside().or_else(|cause| {
        let beside = std::fs::read(verify::sidecar(archive)).ok().and_then(|text| serde_json::from_slice::<Manifest>(&text).ok());
        if archive.exists()
            && let Some(beside) = beside
        {
            let error = format!("it is damaged ({cause}); what can be read is restored by the manifest beside it");
            done.failed.push(Failed { path: PathText::new(archive), error });
            return Ok(beside);
        }
        Err(Error::io("cannot read the archive", archive, cause).hint("`lifeboat verify ARCHIVE` tells what is damaged"))
    })?;
    if found.schema == manifest::SCHEMA {
        Ok(found)
    } else {
        Err(Error::refused(format!("the archive's manifest is of a kind this version does not know: {}", found.schema)).at(archive))
    }
}
