//! Which place a name is, within a session's folder.

use super::place::Place;
use crate::model::Kind;
use crate::stores::Seen;
use crate::stores::names::{ends, is_document, is_log};

/// The place of a name in a folder of a session.
pub fn child(folder: Place, seen: Seen<'_>) -> Place {
    match folder {
        Place::Session => session(seen),
        Place::Config => config(seen),
        Place::WorkTop | Place::Work => Place::Work,
        Place::UploadsTop => Place::Upload,
        Place::Projects | Place::Transcript if seen.kind == Kind::Dir && seen.name == b"memory" => Place::Memory,
        Place::Projects => Place::Transcript,
        Place::Plugins
        | Place::PluginStore
        | Place::PluginCache
        | Place::PluginMarket
        | Place::PluginName
        | Place::PluginLoose
        | Place::Marketplaces
        | Place::PluginCopy
        | Place::PluginFile => plugins(folder, seen),
        Place::Snapshots | Place::SessionEnv | Place::Statsig | Place::ConfigCache | Place::Debug => runtime(folder, seen),
        Place::Pids if seen.kind == Kind::File && ends(seen.name, &[".json"]) => Place::PidFile,
        Place::Pids if ends(seen.name, &[".key"]) => Place::Secret,
        Place::Shim if seen.kind == Kind::Other || is_document(seen.name) => Place::Stray,
        // Below these everything is what they are, whatever it is called.
        Place::Transcript
        | Place::Upload
        | Place::Memory
        | Place::ProjectCopy
        | Place::Shim
        | Place::Skill
        | Place::FileHistory
        | Place::PasteCache
        | Place::Todos
        | Place::Settings
        | Place::Secret
        | Place::Stray => folder,
        Place::Pids => Place::Stray,
        _ => Place::Unknown,
    }
}

fn session(seen: Seen<'_>) -> Place {
    match (seen.kind, seen.name) {
        (Kind::Dir, b"outputs" | b"host-cwd") => Place::WorkTop,
        (Kind::Dir, b"uploads") => Place::UploadsTop,
        (Kind::Dir, b"uploads-tmp") => Place::Upload,
        (Kind::File, b"audit.jsonl") => Place::AuditLog,
        (Kind::Dir, b".claude") => Place::Config,
        (Kind::Dir, b".projects") => Place::ProjectCopy,
        (Kind::Dir, b"shim-lib" | b"shim-perm") => Place::Shim,
        (Kind::Dir, b"debug") => Place::Debug,
        (Kind::Dir, b"memory") => Place::Memory,
        _ => Place::Stray,
    }
}

fn config(seen: Seen<'_>) -> Place {
    match (seen.kind, seen.name) {
        (Kind::Dir, b"projects") => Place::Projects,
        (Kind::Dir, b"plugins") => Place::Plugins,
        (Kind::Dir, b"skills" | b"agents" | b"commands" | b"hooks") => Place::Skill,
        (Kind::Dir, b"shell-snapshots") => Place::Snapshots,
        (Kind::Dir, b"session-env") => Place::SessionEnv,
        (Kind::Dir, b"statsig") => Place::Statsig,
        (Kind::Dir, b"cache") => Place::ConfigCache,
        (Kind::Dir, b"sessions") => Place::Pids,
        (Kind::Dir, b"debug") => Place::Debug,
        (Kind::Dir, b"file-history") => Place::FileHistory,
        (Kind::Dir, b"paste-cache") => Place::PasteCache,
        (Kind::Dir, b"todos" | b"tasks" | b"plans") => Place::Todos,
        (Kind::Dir, b"memory") => Place::Memory,
        (Kind::File, b".last-cleanup") => Place::RuntimeFile,
        (Kind::Dir, b"backups") | (Kind::File, b"CLAUDE.md" | b"settings.local.json") => Place::Settings,
        (Kind::File, name) if name.starts_with(b"settings.json") || name.starts_with(b".claude.json") => Place::Settings,
        _ => Place::Stray,
    }
}

/// `cache/<marketplace>/<plugin>/<version>/` and `marketplaces/<name>/` are copies, and so is a folder beside those that
/// carries a plugin's mark. In the cache's upper levels files belong to plugins laid out more flatly, notes apart. A
/// document in a copy may have been put there by somebody.
fn plugins(folder: Place, seen: Seen<'_>) -> Place {
    let marked = || seen.beside.contains(&b".claude-plugin".as_slice());
    match (folder, seen.kind, seen.name) {
        (Place::PluginMarket | Place::PluginName | Place::PluginCopy | Place::PluginFile, Kind::File, name) if is_document(name) => {
            Place::Stray
        }
        (Place::PluginMarket | Place::PluginName, Kind::File, name) if marked() || !ends(name, &[".md", ".txt"]) => Place::PluginFile,
        (Place::PluginLoose, Kind::File, name) if is_document(name) => Place::Stray,
        (Place::PluginLoose, Kind::File | Kind::Dir | Kind::Symlink, _) if marked() => Place::PluginFile,
        (Place::Plugins, Kind::Dir, b"cache") => Place::PluginCache,
        (Place::Plugins, Kind::Dir, b"marketplaces") => Place::Marketplaces,
        (Place::Plugins, Kind::Dir, b"store") => Place::PluginStore,
        (Place::Plugins | Place::PluginStore, Kind::File, name) if ends(name, &[".json"]) => Place::Settings,
        (Place::Plugins, Kind::Dir, _) => Place::PluginLoose,
        (Place::PluginCache, Kind::Dir, _) => Place::PluginMarket,
        (Place::PluginMarket, Kind::Dir, _) => Place::PluginName,
        (Place::PluginName | Place::Marketplaces, Kind::Dir, _) => Place::PluginCopy,
        (Place::PluginCopy | Place::PluginFile, Kind::File | Kind::Dir | Kind::Symlink, _) => Place::PluginFile,
        _ => Place::Stray,
    }
}

/// Folders the command line tool fills by itself; only the names it gives count.
fn runtime(folder: Place, seen: Seen<'_>) -> Place {
    let (name, file) = (seen.name, seen.kind == Kind::File);
    match folder {
        Place::Snapshots if file && name.starts_with(b"snapshot-") && ends(name, &[".sh"]) => Place::RuntimeFile,
        Place::SessionEnv if seen.kind == Kind::Dir => Place::SessionEnv,
        Place::SessionEnv if file && ends(name, &[".sh"]) => Place::RuntimeFile,
        Place::Statsig if file && name.starts_with(b"statsig.") => Place::RuntimeFile,
        Place::ConfigCache if file && (name == b"changelog.md" || ends(name, &[".json"])) => Place::RuntimeFile,
        Place::Debug if seen.kind == Kind::Dir && name != b"latest" => Place::Debug,
        Place::Debug if file && is_log(name) => Place::DebugLog,
        Place::Debug if name == b"latest" && seen.kind != Kind::Dir => Place::DebugLog,
        _ => Place::Stray,
    }
}
