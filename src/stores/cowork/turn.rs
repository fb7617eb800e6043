//! Which files of a session tell whether a turn is open.

use crate::model::{Kind, Session};
use crate::stores::folders::{Folders, Name};
use crate::stores::names::ends;
use crate::stores::turn;
use std::path::{Path, PathBuf};

/// Where a turn of a session is open, as the end of "a turn is open in …".
pub fn open(root: &Path, session: &Session) -> Option<String> {
    turn::open(root, &files(&mut Folders::new(root), session.dir.as_deref()?))
}

/// The newest transcript, the newest of the agents it started, and the audit log.
fn files(folders: &mut Folders<'_>, dir: &Path) -> Vec<(&'static str, PathBuf)> {
    let (mut main, mut agents) = (Vec::new(), Vec::new());
    for slug in folders.folders(&dir.join(".claude").join("projects")) {
        for name in folders.list(&slug.path) {
            match name.facts.kind {
                Kind::File if ends(&name.bytes, &[".jsonl"]) => main.push(name),
                Kind::Dir => agents.extend(folders.list(&name.path.join("subagents")).into_iter().filter(|n| ends(&n.bytes, &[".jsonl"]))),
                _ => {}
            }
        }
    }
    let audit: Vec<Name> = folders.list(dir).into_iter().filter(|n| n.bytes == b"audit.jsonl").collect();
    let all = [("the transcript", main), ("an agent's transcript", agents), ("the audit log", audit)];
    all.into_iter().filter_map(|(what, names)| Some((what, turn::newest(names)?.path))).collect()
}
