//! A second reader of the same file system: `ext4-view`, which shares no line with ours.
//!
//! It decides at the opening whether every feature is understood and the checksums of superblock and groups are right. It
//! reads what is copied out of an image, and lists a whole image where two readers must agree. Its own replay of journals
//! is not used: it ends at the end of the ring and lets a later revocation pass.

use super::numbers::le64;
use super::source::Source;
use super::trouble::Trouble;
use crate::model::{Kind, Stop};
use ext4_view::{Ext4, Ext4Error, Ext4Read, FileType, PathBuf};
use std::collections::HashMap;
use std::error::Error;
use std::sync::Arc;

struct Through(Arc<dyn Source>);

impl Ext4Read for Through {
    fn read(&mut self, start: u64, into: &mut [u8]) -> Result<(), Box<dyn Error + Send + Sync + 'static>> {
        Ok(self.0.read_at(start, into)?)
    }
}

/// Opens a file system for the second reader; it stays in its thread.
pub fn load(system: &Arc<dyn Source>) -> Result<Ext4, Trouble> {
    Ext4::load(Box::new(Through(Arc::clone(system)))).map_err(trouble)
}

/// Every folder as one number, by [`path_key`]; `None`: it cannot be read.
pub fn folders(system: &Arc<dyn Source>, most: usize, stop: &Stop) -> Result<HashMap<u64, Option<u64>>, Trouble> {
    let view = load(system)?;
    let mut sums = HashMap::new();
    let mut waiting = vec![PathBuf::new("/")];
    while let Some(folder) = waiting.pop().filter(|_| !stop.is_stopped()) {
        let listed = list(&view, &folder, &mut waiting);
        sums.insert(path_key(folder.as_ref()), listed.ok());
        if sums.len() > most {
            return Err(Trouble::TooMuch(format!("it has more than {most} folders").into()));
        }
    }
    Ok(sums)
}

fn list(view: &Ext4, folder: &PathBuf, waiting: &mut Vec<PathBuf>) -> Result<u64, Ext4Error> {
    let (mut sum, mut folders) = (0_u64, Vec::new());
    for entry in view.read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name: &[u8] = name.as_ref();
        if name == b"." || name == b".." {
            continue;
        }
        let meta = entry.metadata()?;
        let kind = match meta.file_type() {
            FileType::Directory => Kind::Dir,
            FileType::Regular => Kind::File,
            FileType::Symlink => Kind::Symlink,
            _ => Kind::Other,
        };
        sum = sum.wrapping_add(digest(name, kind, meta.len(), meta.uid(), meta.mode()));
        if kind == Kind::Dir {
            folders.push(entry.path());
        }
    }
    waiting.append(&mut folders);
    Ok(sum)
}

/// A folder's path as a number.
pub fn path_key(path: &[u8]) -> u64 {
    le64(blake3::hash(path).as_bytes(), 0)
}

/// One name of a folder as a number; the sum over a folder does not depend on their order.
pub fn digest(name: &[u8], kind: Kind, size: u64, uid: u32, mode: u16) -> u64 {
    let kind = match kind {
        Kind::Dir => 0,
        Kind::File => 1,
        Kind::Symlink => 2,
        Kind::Other => 3,
    };
    let mut hasher = blake3::Hasher::new();
    hasher.update(name).update(&[0, kind]).update(&size.to_le_bytes()).update(&uid.to_le_bytes()).update(&mode.to_le_bytes());
    le64(hasher.finalize().as_bytes(), 0)
}

/// What the second reader says, in our words.
pub(super) fn trouble(e: Ext4Error) -> Trouble {
    match e {
        Ext4Error::Incompatible(what) => Trouble::Feature(what.to_string().into()),
        Ext4Error::Io(e) => match e.downcast::<std::io::Error>() {
            Ok(e) => (*e).into(),
            Err(e) => Trouble::Io(e.to_string()),
        },
        e => Trouble::damaged("the file system", e.to_string()),
    }
}
