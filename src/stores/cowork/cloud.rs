//! The layout in a word, and what cannot be seen from here.

use super::record::Mode;
use super::session::Read;
use crate::stores::folders::Folders;
use crate::stores::names::ends;
use crate::stores::torn::read;
use crate::world::World;
use jiff::Timestamp;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Since then new sessions run in the cloud unless local is chosen: 2026-07-07 (anthropics/claude-code#76143, #76968).
const CLOUD_SINCE: i64 = 1_783_382_400;
/// A store without a session this recent may have newer ones in the cloud.
const RECENT: i64 = 14 * 86_400;

/// The layout in a word, and notes.
pub fn describe(world: &World, folders: &mut Folders<'_>, data: &[PathBuf], orgs: &[PathBuf], found: &[Read]) -> (String, Vec<String>) {
    let disks: Vec<String> = data.iter().flat_map(|dir| vm_disks(folders, dir)).collect();
    let cloud = data.iter().any(|dir| has_remote(folders, dir)) || orgs.iter().any(|dir| has_remote_spaces(folders, dir));
    let mut notes = Vec::new();
    let last = found.iter().filter_map(|f| f.session.last_active).max();
    notes.extend(cloud_note(world.now(), last, cloud));
    if !disks.is_empty() {
        notes.push(format!("the files inside the VM's disk ({}) cannot be seen from here yet", disks.join(", ")));
    }
    let runs = |mode| found.iter().any(|f| f.mode == Some(mode));
    let layout = match (runs(Mode::Host), runs(Mode::Vm)) {
        (true, true) => "mixed",
        (true, false) => "host-loop",
        (false, true) => "vm",
        (false, false) if !found.is_empty() => "unknown",
        _ if !disks.is_empty() => "vm-disk-only",
        _ if cloud => "cloud",
        _ => "empty",
    };
    (layout.into(), notes)
}

fn cloud_note(now: Timestamp, last: Option<Timestamp>, sign: bool) -> Option<String> {
    if last.is_some_and(|l| now.as_second().saturating_sub(l.as_second()) <= RECENT) {
        return None;
    }
    let local = last.map_or_else(|| "no local session here".to_owned(), |l| format!("last local session {}", l.strftime("%Y-%m-%d")));
    match (sign, last) {
        (true, Some(_)) => Some(format!("{local}; later ones are in the cloud and leave nothing here")),
        (true, None) => Some(format!("{local}; those in the cloud leave nothing here")),
        (false, _) if now.as_second() > CLOUD_SINCE => {
            Some(format!("{local}; since 2026-07-07 new sessions run in the cloud unless local is chosen, and leave nothing here"))
        }
        (false, _) => None,
    }
}

/// Names of the disks with the sessions' homes, `bundle/file`.
fn vm_disks(folders: &mut Folders<'_>, dir: &Path) -> Vec<String> {
    let bundles = folders.folders(&dir.join("vm_bundles")).into_iter().filter(|b| ends(&b.bytes, &[".bundle"]));
    let bundles: Vec<_> = bundles.collect();
    let disks = bundles.iter().flat_map(|b| folders.list(&b.path)).filter(|n| n.bytes.starts_with(b"sessiondata."));
    let mut names: Vec<String> = disks.map(|d| d.text()).collect();
    names.dedup();
    names
}

/// Whether `bridge-state.json` names a session in the cloud.
fn has_remote(folders: &mut Folders<'_>, dir: &Path) -> bool {
    fn names_one(value: &Value) -> bool {
        match value {
            Value::Object(all) => {
                all.iter().any(|(k, v)| (k == "remoteSessionId" && v.as_str().is_some_and(|s| !s.is_empty())) || names_one(v))
            }
            Value::Array(all) => all.iter().any(names_one),
            _ => false,
        }
    }
    let bytes = folders.text(&dir.join("bridge-state.json")).unwrap_or_default();
    read(&bytes).fields.values().any(names_one)
}

/// Whether `remote-session-spaces.json` has anything in it.
fn has_remote_spaces(folders: &mut Folders<'_>, org: &Path) -> bool {
    fn says_something(value: &Value) -> bool {
        match value {
            Value::Object(all) => all.iter().any(|(k, v)| k.starts_with("cse_") || says_something(v)),
            Value::Array(all) => all.iter().any(says_something),
            Value::String(text) => !text.is_empty(),
            _ => false,
        }
    }
    let bytes = folders.text(&org.join("remote-session-spaces.json")).unwrap_or_default();
    let fields = read(&bytes).fields;
    says_something(&Value::Object(fields))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_cloud_is_claimed_only_with_a_sign_of_it() {
        let (now, old) = (at("2026-11-20T00:00:00Z"), Some(at("2026-07-15T10:00:00Z")));
        assert_eq!(
            cloud_note(now, old, true).unwrap(),
            "last local session 2026-07-15; later ones are in the cloud and leave nothing here"
        );
        assert!(cloud_note(now, old, false).unwrap().contains("unless local is chosen"));
        assert_eq!(cloud_note(now, Some(at("2026-11-19T00:00:00Z")), true), None);
        assert_eq!(cloud_note(at("2026-05-01T00:00:00Z"), None, false), None);
    }

    #[test]
    fn the_day_of_the_change_is_the_one_the_note_names() {
        assert_eq!(Timestamp::from_second(CLOUD_SINCE).unwrap(), at("2026-07-07T00:00:00Z"));
    }
}
