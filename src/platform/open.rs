//! Opening things below a root part by part, so that no link is followed and no path is too long.

use super::Folder;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// Opens a regular file for reading. Below `root` no link is followed; `root` itself is opened as it is named.
pub fn open_beneath(root: &Path, path: &Path) -> io::Result<File> {
    let (folder, name) = parent_of(root, path)?;
    folder.file(&name)
}

/// Where a link below `root` points.
pub fn read_link_beneath(root: &Path, path: &Path) -> io::Result<PathBuf> {
    let (folder, name) = parent_of(root, path)?;
    Ok(crate::model::from_bytes(&folder.link(&name)?).into())
}

fn parent_of(root: &Path, path: &Path) -> io::Result<(Folder, Vec<u8>)> {
    let outside = || io::Error::new(io::ErrorKind::InvalidInput, "not below the root it should be below");
    let rest = path.strip_prefix(root).map_err(|_| outside())?;
    let name = rest.file_name().ok_or_else(outside)?;
    let top = Folder::open_top(root)?;
    let folder = match rest.parent() {
        Some(parent) => top.folder_beneath(parent)?.unwrap_or(top),
        None => top,
    };
    Ok((folder, crate::model::to_bytes(name).into_owned()))
}
