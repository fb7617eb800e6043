//! Places below a durable folder: no link on the way is followed.

use crate::model::Kind;
use crate::platform::{Folder, facts};
use std::io;
use std::path::Path;

/// Makes the folders of a path below a durable folder; one that is a link or a file is refused.
pub fn make_below(folder: &Path, path: &Path) -> io::Result<()> {
    let mut at = folder.to_path_buf();
    for part in path.components() {
        at.push(part);
        match std::fs::create_dir(&at) {
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
            other => other?,
        }
        if facts(&at)?.kind != Kind::Dir {
            return Err(io::Error::new(io::ErrorKind::NotADirectory, "something that is no folder is in the way"));
        }
    }
    Ok(())
}

/// What is at a path below a durable folder; no link on the way is followed.
pub fn at(folder: &Path, path: &Path) -> Option<crate::model::Facts> {
    let top = Folder::open(folder).ok()?;
    let below = path.parent().and_then(|p| top.folder_beneath(p).transpose());
    let name = crate::model::to_bytes(path.file_name()?).into_owned();
    match below {
        Some(Ok(below)) => below.facts(&name).ok(),
        Some(Err(_)) => None,
        None => top.facts(&name).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_link_in_the_way_is_not_followed() {
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(home.path().join("d")).unwrap();
        std::fs::create_dir_all(home.path().join("elsewhere")).unwrap();
        std::os::unix::fs::symlink(home.path().join("elsewhere"), home.path().join("d/outputs")).unwrap();
        assert!(make_below(&home.path().join("d"), Path::new("outputs/a")).is_err());
        assert!(!home.path().join("elsewhere/a").exists());
    }
}
