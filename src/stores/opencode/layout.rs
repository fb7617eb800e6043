//! Which place a name is.

use super::place::Place as P;
use crate::model::Kind;
use crate::stores::Seen;
use crate::stores::names::{ends, is_hex};

/// The place of a name in a folder whose place is known.
pub fn child(folder: P, seen: Seen<'_>) -> P {
    let Seen { name, kind, .. } = seen;
    match kind {
        Kind::Dir => directory(folder, name),
        Kind::File => file(folder, name),
        // A link or a pipe is nothing that opencode makes.
        _ => P::Unknown,
    }
}

fn directory(folder: P, name: &[u8]) -> P {
    match (folder, name) {
        (P::Root, b"storage") => P::Storage,
        (P::Root, b"snapshot") => P::Snapshots,
        (P::Root, b"tool-output") => P::OutputTop,
        (P::Root, b"log") => P::LogTop,
        (P::Root, b"bin") => P::Bin,
        (P::Root, b"repos") => P::Repos,
        (P::Root, b"project") => P::Oldest,
        (P::Storage, b"project" | b"permission") => P::ProjectTop,
        (P::Storage, b"session") => P::SessionTop,
        (P::Storage, b"message") => P::MessageTop,
        (P::Storage, b"part") => P::PartTop,
        (P::Storage, b"todo") => P::TodoTop,
        (P::Storage, b"session_diff") => P::DiffTop,
        (P::Storage, b"session_share") => P::ShareTop,
        (P::SessionTop, _) => P::SessionProject,
        (P::MessageTop, _) if id(name, b"ses_") => P::MessageFolder,
        (P::PartTop, _) if id(name, b"msg_") => P::PartFolder,
        (P::Snapshots, _) => P::Repository,
        (P::Repository, _) if name.len() == 40 && is_hex(name) => P::Repository,
        (P::Repository, b"objects") => P::GitObjects,
        (P::GitObjects, b"pack") => P::GitPacks,
        (P::Repository | P::GitObjects | P::GitPacks | P::GitFile, _) => P::GitFile,
        (P::Oldest, _) => P::Oldest,
        _ => P::Unknown,
    }
}

fn file(folder: P, name: &[u8]) -> P {
    match (folder, name) {
        (P::Root, b"auth.json" | b"mcp-auth.json") => P::Secret,
        (P::Root, _) if is_store(name) => P::Database,
        (P::Storage, b"migration") => P::Migration,
        (P::ProjectTop, _) => P::ProjectFile,
        (P::SessionProject, _) if json(name, b"ses_") => P::SessionFile,
        (P::MessageFolder, _) if json(name, b"msg_") => P::MessageFile,
        (P::PartFolder, _) if json(name, b"prt_") => P::PartFile,
        (P::TodoTop, _) if json(name, b"ses_") => P::TodoFile,
        (P::DiffTop, _) if json(name, b"ses_") => P::DiffFile,
        (P::ShareTop, _) => P::Secret,
        (P::Repository | P::GitObjects | P::GitPacks | P::GitFile, _) => P::GitFile,
        (P::OutputTop, _) if id(name, b"tool_") => P::Output,
        (P::LogTop, _) if is_log(name) => P::Log,
        (P::Oldest, _) => P::Oldest,
        _ => P::Unknown,
    }
}

/// Whether a name is that of a database of sessions, or of a file beside one: `opencode.db`, `opencode-<channel>.db`.
pub fn is_store(name: &[u8]) -> bool {
    let main = ["-wal", "-shm", "-journal"].iter().find_map(|end| name.strip_suffix(end.as_bytes())).unwrap_or(name);
    let channel = main.strip_prefix(b"opencode").and_then(|rest| rest.strip_suffix(b".db"));
    channel.is_some_and(|c| c.is_empty() || c.starts_with(b"-") && c.len() > 1)
}

/// An id: a prefix and letters and digits.
fn id(name: &[u8], prefix: &[u8]) -> bool {
    name.strip_prefix(prefix).is_some_and(|rest| rest.len() >= 8 && rest.iter().all(u8::is_ascii_alphanumeric))
}

fn json(name: &[u8], prefix: &[u8]) -> bool {
    name.strip_suffix(b".json").is_some_and(|stem| id(stem, prefix))
}

/// `opencode.log`, or one run's: `2026-11-21T201829.log`.
fn is_log(name: &[u8]) -> bool {
    let run = |stem: &[u8]| {
        stem.len() == 17
            && stem.iter().enumerate().all(|(at, b)| match at {
                4 | 7 => *b == b'-',
                10 => *b == b'T',
                _ => b.is_ascii_digit(),
            })
    };
    name == b"opencode.log" || ends(name, &[".log"]) && name.strip_suffix(b".log").is_some_and(run)
}
