//! Where packed copies lie.

use super::Item;
use crate::classify::packed::beside;
use crate::stores::Packing;
use crate::world::World;
use std::io;
use std::path::{Path, PathBuf};

/// Where the packed copy of a file with these bytes goes: beside it, or among our own under a name that no other file's copy
/// has, nor one of the same file with other bytes.
pub(super) fn place(world: &World, item: &Item, path: &Path, bytes: blake3::Hash) -> PathBuf {
    if item.way == Packing::Beside {
        return beside(path);
    }
    let (at, bytes) = (blake3::hash(&crate::model::to_bytes(path.as_os_str())).to_hex(), bytes.to_hex());
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    folder(world, item, path).join(format!("{}-{}-{name}.zst", &at[..12], &bytes[..12]))
}

/// The folder it goes to.
pub(super) fn folder(world: &World, item: &Item, path: &Path) -> PathBuf {
    match item.way {
        Packing::Beside => path.parent().unwrap_or(path).to_path_buf(),
        _ => world.packed_dir().join(&item.store),
    }
}

/// The name a file has until it is finished. Nothing else gives such a name, so that one left behind is ours to drop.
pub(super) fn unfinished(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let mut aside = std::ffi::OsString::from(".");
    aside.push(name);
    aside.push(".lifeboat-new");
    Ok(path.with_file_name(aside))
}

/// Makes our own folder of packed copies, for this user alone.
pub(super) fn make_folder(folder: &Path) -> io::Result<()> {
    let mut how = std::fs::DirBuilder::new();
    how.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut how, 0o700);
    how.create(folder)
}
