//! Which place a name is, by the place of the folder it lies in.

use super::names::{is_database, is_log, is_number, is_snapshot, rollout};
use super::place::Place;
use crate::model::Kind;
use crate::stores::Seen;
use crate::stores::names::ends;

/// The place of a name in a folder whose place is known. What no rule names is `Unknown`, or `Stray` among conversations.
pub fn child(folder: Place, seen: Seen<'_>) -> Place {
    if is_secret(seen.name) && !matches!(folder, Place::Rollout | Place::Stray | Place::Images) {
        return Place::Secret;
    }
    match folder {
        Place::Home | Place::HomeWithLogs => home(folder, seen),
        Place::Sessions | Place::Archived => conversations(folder, seen),
        Place::LogFolder if seen.kind == Kind::File && is_log(seen.name) => Place::LogFile,
        Place::Snapshots if seen.kind == Kind::File && is_snapshot(seen.name) => Place::Snapshot,
        Place::Locks if seen.kind == Kind::File && ends(seen.name, &[".lock"]) => Place::Lock,
        Place::Skills if seen.kind == Kind::Dir && seen.name == b".system" => Place::SystemSkills,
        Place::Skills => Place::Settings,
        Place::Temporary | Place::Started | Place::Clone | Place::CloneFile => temporary(folder, seen),
        // Below these everything is what they are, whatever it is called.
        Place::Stray | Place::Memory | Place::Images | Place::Settings | Place::Secret | Place::SystemSkills => folder,
        _ => Place::Unknown,
    }
}

/// Names that hold a secret; copies of them do too.
fn is_secret(name: &[u8]) -> bool {
    [&b"auth.json"[..], b".auth.json", b".credentials.json", b".env"].iter().any(|n| name.starts_with(n))
}

fn home(folder: Place, seen: Seen<'_>) -> Place {
    match (seen.kind, seen.name) {
        (Kind::Dir, b"sessions") => Place::Sessions,
        (Kind::Dir, b"archived_sessions") => Place::Archived,
        (Kind::Dir, b"memories") => Place::Memory,
        (Kind::Dir, b"generated_images") => Place::Images,
        (Kind::Dir, b"shell_snapshots") => Place::Snapshots,
        (Kind::Dir, b"thread-writer-locks") => Place::Locks,
        (Kind::Dir, b"log") => Place::LogFolder,
        (Kind::Dir, b"skills") => Place::Skills,
        (Kind::Dir, b".tmp" | b"tmp") => Place::Temporary,
        (Kind::Dir, b"prompts" | b"rules" | b"plugins" | b"agents" | b"hooks" | b"vendor_imports" | b"policy") => Place::Settings,
        (Kind::File, name) => file(folder, name),
        _ => Place::Unknown,
    }
}

fn file(folder: Place, name: &[u8]) -> Place {
    let is = |sort: &str| is_database(name, sort);
    match name {
        b"history.jsonl" | b"session_index.jsonl" | b"external_agent_session_imports.json" => Place::History,
        b"models_cache.json" | b"version.json" => Place::Cache,
        _ if is("state") => Place::State,
        _ if is("thread_history") => Place::ThreadHistory,
        _ if is("goals") || is("queue") => Place::Goals,
        _ if is("memories") => Place::Memory,
        _ if is("logs") && folder == Place::HomeWithLogs => Place::Logs,
        _ if is("logs") => Place::LogsUnproven,
        _ if is_setting(name) => Place::Settings,
        _ => Place::Unknown,
    }
}

/// Copies such as `config.toml.bak` count as the setting itself.
fn is_setting(name: &[u8]) -> bool {
    const SETTINGS: &[&str] = &[
        "config.toml",
        "config.json",
        "AGENTS",
        "instructions.md",
        "hooks.json",
        "installation_id",
        ".sandbox_migration",
        ".codex-global-state",
    ];
    SETTINGS.iter().any(|s| name.starts_with(s.as_bytes())) || ends(name, &[".config.toml"])
}

fn conversations(folder: Place, seen: Seen<'_>) -> Place {
    match (seen.kind, rollout(seen.name)) {
        (Kind::File, Some((_, false))) => Place::Rollout,
        (Kind::File, Some((_, true))) => Place::Packed,
        (Kind::Dir, _) if folder == Place::Sessions && is_number(seen.name) => Place::Sessions,
        _ => Place::Stray,
    }
}

/// What a start leaves behind when it is killed: links to the program itself under the names it is called by, and clones that
/// were begun. Anything else there was put there by somebody.
fn temporary(folder: Place, seen: Seen<'_>) -> Place {
    let starts = |with: &[u8]| seen.name.starts_with(with);
    match (folder, seen.kind, seen.name) {
        (Place::Temporary, Kind::Dir, b"arg0" | b"arg0-linux" | b"arg0-macos" | b"arg0-windows") => Place::Temporary,
        (Place::Temporary, Kind::Dir, _) if starts(b"codex-arg0") => Place::Started,
        (Place::Temporary, Kind::Dir, _) if starts(b"git-") => Place::Clone,
        (Place::Started, Kind::File, b".lock") => Place::StartedFile,
        (Place::Started, Kind::Symlink, b"apply_patch" | b"applypatch" | b"codex-linux-sandbox" | b"codex-execve-wrapper") => {
            Place::StartedFile
        }
        (Place::Clone, _, name) if is_of_git(name) && [&b"HEAD"[..], b"objects", b"refs"].iter().all(|n| seen.beside.contains(n)) => {
            Place::CloneFile
        }
        (Place::CloneFile, _, _) => Place::CloneFile,
        _ => Place::Unknown,
    }
}

/// Names git gives in the folder of a repository without files.
fn is_of_git(name: &[u8]) -> bool {
    matches!(name, b"HEAD" | b"objects" | b"refs" | b"config" | b"description" | b"packed-refs" | b"FETCH_HEAD" | b"shallow" | b"info")
}
