//! Where a session's durable folder is, whatever it is called by now, and where a new one goes.

use super::manifest::Manifest;
use super::names;
use crate::model::{Kind, Session};
use crate::platform::{Folder, facts};
use std::io;
use std::path::{Path, PathBuf};

/// The durable folder of a session below `parent`: the one whose manifest names the session, else a free name.
pub fn durable(parent: &Path, session: &Session, title: &str) -> (PathBuf, Option<Manifest>) {
    if let Some((folder, manifest)) = found(parent, &session.id) {
        return (folder, Some(manifest));
    }
    let short = names::from_title(session.short_id(), "session");
    let title = names::from_title(title, &short);
    let with_id = format!("{title} ({short})");
    let more = (2..).map(|n| format!("{with_id} {n}"));
    let name = [title, with_id.clone()].into_iter().chain(more).find(|n| facts(&parent.join(n)).is_err());
    (parent.join(name.unwrap_or_default()), None)
}

fn found(parent: &Path, session: &str) -> Option<(PathBuf, Manifest)> {
    // `parent` is a folder of the user's and may well be a link to where it really is.
    let mut folders: Vec<PathBuf> = std::fs::read_dir(parent).ok()?.filter_map(|e| e.ok().map(|e| e.path())).collect();
    folders.sort();
    folders.into_iter().filter(|f| facts(f).is_ok_and(|f| f.kind == Kind::Dir)).find_map(|folder| {
        let manifest = Manifest::read(&folder).filter(|m| m.session == session)?;
        Some((folder, manifest))
    })
}

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

    fn session(id: &str) -> Session {
        Session { id: id.into(), ..Session::default() }
    }

    fn claim(folder: &Path, id: &str) {
        std::fs::create_dir_all(folder).unwrap();
        let manifest = Manifest { session: id.into(), ..Manifest::default() };
        std::fs::write(folder.join(super::super::manifest::NAME), manifest.text()).unwrap();
    }

    #[test]
    fn a_folder_that_was_renamed_is_found_by_the_session_in_its_manifest() {
        let home = tempfile::tempdir().unwrap();
        claim(&home.path().join("My report, final"), "local_5a7d4a86-1");
        claim(&home.path().join("Report"), "local_other");
        let (folder, manifest) = durable(home.path(), &session("local_5a7d4a86-1"), "Report");
        assert_eq!((folder, manifest.is_some()), (home.path().join("My report, final"), true));
    }

    #[test]
    fn where_two_titles_collide_the_short_id_is_added() {
        let home = tempfile::tempdir().unwrap();
        let of = |id: &str| durable(home.path(), &session(id), "Report").0.file_name().unwrap().to_string_lossy().into_owned();
        assert_eq!(of("local_5a7d4a86-1"), "Report");
        std::fs::create_dir(home.path().join("Report")).unwrap();
        assert_eq!(of("local_5a7d4a86-1"), "Report (5a7d4a86)");
        std::fs::create_dir(home.path().join("Report (5a7d4a86)")).unwrap();
        assert_eq!(of("local_5a7d4a86-1"), "Report (5a7d4a86) 2");
    }

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
