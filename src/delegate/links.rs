//! Second names of files: what keeps their bytes while a tool deletes the first.

use crate::model::Kind;
use crate::platform::facts;
use crate::vault::own;
use std::io;
use std::path::{Path, PathBuf};

/// Files with a second name each, in a folder of ours beside them.
pub(super) struct Links {
    folder: PathBuf,
    all: Vec<(PathBuf, PathBuf)>,
    /// Which files they are, by device and inode.
    which: Vec<(u64, u64)>,
}

impl Links {
    /// Gives each of these files a second name, in a new folder of this name.
    pub(super) fn make(folder: PathBuf, files: impl Iterator<Item = PathBuf>) -> io::Result<Self> {
        let mut how = std::fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut how, 0o700);
        how.create(&folder)?;
        let mut links = Self { folder, all: Vec::new(), which: Vec::new() };
        for (n, path) in files.enumerate() {
            let name = links.folder.join(n.to_string());
            if let Err(e) = std::fs::hard_link(&path, &name) {
                links.drop_all();
                return Err(e);
            }
            let told = facts(&name)?;
            links.which.push((told.dev, told.ino));
            links.all.push((path, name));
        }
        Ok(links)
    }

    /// The files that are no longer under their first names.
    pub(super) fn missing(&self) -> impl Iterator<Item = &PathBuf> {
        self.all.iter().map(|(path, _)| path).filter(|path| facts(path).is_err())
    }

    /// Gives the files that are missing their first names back; what cannot be is told.
    pub(super) fn give_back(&self) -> Vec<String> {
        let mut told = Vec::new();
        for (path, name) in self.all.iter().filter(|(path, _)| facts(path).is_err()) {
            let made = path.parent().map_or(Ok(()), std::fs::create_dir_all);
            if let Err(e) = made.map_err(|e| e.to_string()).and_then(|()| own::publish(name, path).map_err(|e| e.to_string())) {
                told.push(format!("{}: {e}; its bytes are in {}", crate::model::shown(path), crate::model::shown(name)));
            }
        }
        told
    }

    /// Drops the first names that were given back, where they are still these files: their bytes have another name by now.
    pub(super) fn take_back(&self) {
        for ((path, _), which) in self.all.iter().zip(&self.which) {
            if facts(path).is_ok_and(|f| (f.dev, f.ino) == *which && f.nlink > 1) {
                own::discard(path);
            }
        }
    }

    /// Drops the second names. Call when every file is where it should be.
    pub(super) fn drop_all(&self) {
        own::discard_tree(&self.folder);
    }
}

/// The files at or below these paths; no link is followed.
pub(super) fn files<'p>(paths: impl Iterator<Item = &'p Path>) -> Vec<PathBuf> {
    let below = |path: &'p Path| match facts(path) {
        Ok(f) if f.kind == Kind::File => vec![path.to_path_buf()],
        Ok(f) if f.kind == Kind::Dir => walkdir::WalkDir::new(path)
            .into_iter()
            .flatten()
            .filter(|e| e.file_type().is_file())
            .map(walkdir::DirEntry::into_path)
            .collect(),
        _ => Vec::new(),
    };
    paths.flat_map(below).collect()
}
