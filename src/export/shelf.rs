//! The durable folders below a folder of the user's, by session: looked through once for any number of sessions.

use super::names;
use crate::manifest::{self, Manifest};
use crate::model::{Kind, Session};
use crate::platform::{facts, open_beneath};
use std::collections::HashMap;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Which folder is whose, for each parent that was looked through.
#[derive(Debug, Clone, Default)]
pub struct Shelf(HashMap<PathBuf, Known>);

/// What was found below a parent.
#[derive(Debug, Clone, Default)]
struct Known {
    /// The folder of each session.
    folders: HashMap<String, PathBuf>,
    /// When something was last put into the parent or taken out.
    changed: Option<i64>,
}

impl Shelf {
    /// The durable folder of a session below `parent`, whatever it is called by now, and its manifest.
    pub fn find(&mut self, parent: &Path, session: &str) -> Option<(PathBuf, Manifest)> {
        let known = |shelf: &Self| shelf.0.get(parent).and_then(|all| all.folders.get(session).cloned());
        // Somebody else may have made one since the look.
        if known(self).is_none() && self.0.get(parent).is_none_or(|all| all.changed != changed(parent)) {
            self.0.insert(parent.to_path_buf(), look(parent));
        }
        let of_session = |folder: PathBuf| read(&folder).filter(|m| m.session == session).map(|m| (folder, m));
        let found = known(self)?;
        // It may have been renamed since the look.
        of_session(found).or_else(|| {
            self.0.insert(parent.to_path_buf(), look(parent));
            known(self).and_then(of_session)
        })
    }

    /// A free place for the folder of a session that has none: by its title, else with its short id.
    pub fn place(parent: &Path, session: &Session, title: &str) -> PathBuf {
        let short = names::from_title(session.short_id(), "session");
        let title = names::from_title(title, &short);
        let with_id = format!("{title} ({short})");
        let more = (2..).map(|n| format!("{with_id} {n}"));
        let name = [title, with_id.clone()].into_iter().chain(more).find(|n| facts(&parent.join(n)).is_err());
        parent.join(name.unwrap_or_default())
    }

    /// A session has this folder from now on.
    pub fn put(&mut self, parent: &Path, session: &str, folder: &Path) {
        let all = self.0.entry(parent.to_path_buf()).or_default();
        if all.folders.insert(session.to_owned(), folder.to_path_buf()).is_none() {
            all.changed = changed(parent);
        }
    }
}

/// When something was last put into a folder or taken out; `None`: it is not there.
fn changed(parent: &Path) -> Option<i64> {
    // `parent` is a folder of the user's and may well be a link to where it really is.
    let time = std::fs::File::open(parent).ok()?.metadata().ok()?.modified().ok()?;
    jiff::Timestamp::try_from(time).ok().and_then(|t| i64::try_from(t.as_nanosecond()).ok())
}

fn look(parent: &Path) -> Known {
    let changed = changed(parent);
    let Ok(entries) = std::fs::read_dir(parent) else { return Known::default() };
    let mut folders: Vec<PathBuf> = entries.filter_map(|e| e.ok().map(|e| e.path())).collect();
    // Of two with the same session the first counts.
    folders.sort_by(|a, b| b.cmp(a));
    let dirs = folders.into_iter().filter(|f| facts(f).is_ok_and(|f| f.kind == Kind::Dir));
    let folders = dirs.filter_map(|folder| Some((read(&folder)?.session, folder))).collect();
    Known { folders, changed }
}

/// Every durable folder below `parent`, with its manifest.
pub fn all(parent: &Path) -> Vec<(PathBuf, Manifest)> {
    let mut folders: Vec<PathBuf> = look(parent).folders.into_values().collect();
    folders.sort();
    folders.into_iter().filter_map(|folder| read(&folder).map(|m| (folder, m))).collect()
}

/// The manifest in a folder. Of one that somebody broke while editing it the session's id is enough: the folder is known by
/// it, and everything in it counts as the user's.
fn read(folder: &Path) -> Option<Manifest> {
    // One that is gone can be told from its lines.
    let Ok(file) = open_beneath(folder, &folder.join(manifest::NAME)) else { return manifest::lines::read(folder) };
    let mut text = String::new();
    file.take(64 << 20).read_to_string(&mut text).ok()?;
    Manifest::parse(&text).or_else(|| {
        let value = |key: &str| {
            text.lines().find_map(|l| l.strip_prefix(key)?.trim_start().strip_prefix('=')?.trim().strip_prefix('"')?.strip_suffix('"'))
        };
        let session = value("session")
            .filter(|_| text.parse::<toml::Table>().is_err() && value("schema").is_some_and(|s| s.starts_with("lifeboat.manifest/")))?;
        Some(Manifest { session: session.to_owned(), ..Manifest::default() })
    })
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
        std::fs::write(folder.join(manifest::NAME), manifest.text()).unwrap();
    }

    #[expect(clippy::disallowed_methods, reason = "as the user would")]
    #[test]
    fn a_folder_that_was_renamed_is_found_by_the_session_in_its_manifest_before_the_look_and_after_it() {
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name);
        claim(&at("My report, final"), "local_5a7d4a86-1");
        claim(&at("Report"), "local_other");
        let mut shelf = Shelf::default();
        assert_eq!(shelf.find(home.path(), "local_5a7d4a86-1").unwrap().0, at("My report, final"));
        std::fs::rename(at("My report, final"), at("Really final")).unwrap();
        assert_eq!(shelf.find(home.path(), "local_5a7d4a86-1").unwrap().0, at("Really final"));
        assert!(shelf.find(home.path(), "local_5a7d").is_none() && shelf.find(&at("nowhere"), "local_other").is_none());
    }

    #[test]
    fn a_folder_whose_manifest_somebody_broke_is_still_its_session_s_and_another_program_s_is_not() {
        let home = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| {
            std::fs::create_dir_all(home.path().join(name)).unwrap();
            std::fs::write(home.path().join(name).join(manifest::NAME), text).unwrap();
        };
        let ours = Manifest { session: "s1".into(), ..Manifest::default() }.text();
        put("Broken", &format!("{ours}\n[[output\n"));
        put("Other", "session = \"s2\"\n[[output\n");
        let mut shelf = Shelf::default();
        assert_eq!(shelf.find(home.path(), "s1").map(|(folder, m)| (folder, m.copies.len())), Some((home.path().join("Broken"), 0)));
        assert!(shelf.find(home.path(), "s2").is_none());
    }

    #[test]
    fn where_two_titles_collide_the_short_id_is_added() {
        let home = tempfile::tempdir().unwrap();
        let of = |id: &str| Shelf::place(home.path(), &session(id), "Report").file_name().unwrap().to_string_lossy().into_owned();
        assert_eq!(of("local_5a7d4a86-1"), "Report");
        std::fs::create_dir(home.path().join("Report")).unwrap();
        assert_eq!(of("local_5a7d4a86-1"), "Report (5a7d4a86)");
        std::fs::create_dir(home.path().join("Report (5a7d4a86)")).unwrap();
        assert_eq!(of("local_5a7d4a86-1"), "Report (5a7d4a86) 2");
    }
}
