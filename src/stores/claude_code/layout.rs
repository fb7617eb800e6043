//! Which place a name is, by the place of the folder it lies in. What no rule names is `Unknown`, or `Stray` among what
//! belongs to sessions; both are at risk.

use super::names::{is_checkpoint, is_debug_log, is_helper, is_hook_env, is_snapshot, is_statsig, is_transcript};
use super::place::Place as P;
use crate::model::Kind;
use crate::stores::Seen;
use crate::stores::names::{ends, is_uuid};

/// The place of a name in a folder whose place is known.
pub fn child(folder: P, seen: Seen<'_>) -> P {
    if is_secret(seen.name) {
        return P::Secret;
    }
    let file = seen.kind == Kind::File;
    match folder {
        P::Root => top(seen),
        P::Projects if seen.kind == Kind::Dir => P::Slug,
        P::Slug => slug(seen),
        P::Beside => beside(seen),
        P::FileHistoryFolder if seen.kind == Kind::Dir => P::FileHistoryFolder,
        P::FileHistoryFolder if file && is_checkpoint(seen.name) => P::FileHistory,
        P::Pids if ends(seen.name, &[".key"]) => P::Secret,
        P::Pids if file && ends(seen.name, &[".json"]) => P::PidFile,
        P::Debug | P::Snapshots | P::SessionEnv | P::SessionEnvOf | P::Statsig | P::Cache => runtime(folder, seen),
        // Below these everything is what they are, whatever it is called.
        P::Helper
        | P::ToolResult
        | P::Memory
        | P::Paste
        | P::Plan
        | P::Task
        | P::Upload
        | P::Usage
        | P::Report
        | P::Security
        | P::Settings
        | P::Config
        | P::Plugins
        | P::Program
        | P::Secret
        | P::Stray => folder,
        P::Projects | P::FileHistoryFolder | P::Pids => P::Stray,
        _ => P::Unknown,
    }
}

/// Names that hold a secret wherever the client puts them; copies such as `.claude.json.backup.1` hold the same.
fn is_secret(name: &[u8]) -> bool {
    [&b".credentials.json"[..], b"mcp-needs-auth-cache.json", b".claude.json"].iter().any(|n| name.starts_with(n))
}

fn top(seen: Seen<'_>) -> P {
    match seen.kind {
        Kind::Dir => top_folder(seen.name),
        Kind::File => top_file(seen.name),
        Kind::Symlink | Kind::Other => P::Unknown,
    }
}

fn top_folder(name: &[u8]) -> P {
    match name {
        b"projects" => P::Projects,
        b"file-history" => P::FileHistoryFolder,
        b"paste-cache" | b"image-cache" => P::Paste,
        b"plans" => P::Plan,
        b"tasks" | b"todos" | b"teams" | b"jobs" => P::Task,
        b"uploads" | b"dev-mods" | b"downloads" => P::Upload,
        b"debug" => P::Debug,
        b"shell-snapshots" => P::Snapshots,
        b"session-env" => P::SessionEnv,
        b"statsig" => P::Statsig,
        b"cache" => P::Cache,
        b"sessions" => P::Pids,
        b"usage-data" => P::Usage,
        b"feedback-bundles" | b"feedback" | b"telemetry" => P::Report,
        b"security" => P::Security,
        b"memory" | b"agent-memory" => P::Memory,
        b"plugins" => P::Plugins,
        b"local" => P::Program,
        // Copies of a file with tokens in it, and files with tokens for editors.
        b"backups" | b"ide" => P::Secret,
        b"agents" | b"skills" | b"commands" | b"hooks" | b"output-styles" | b"rules" | b"themes" | b"workflows" => P::Config,
        _ => P::Unknown,
    }
}

fn top_file(name: &[u8]) -> P {
    match name {
        b"history.jsonl" => P::History,
        b"stats-cache.json" => P::Usage,
        b"CLAUDE.md" | b"keybindings.json" => P::Config,
        b".last-cleanup" | b"remote-settings.json" | b"policy-limits.json" => P::Settings,
        name if name.starts_with(b"settings.json") || name.starts_with(b"settings.local.json") => P::Settings,
        name if name.starts_with(b"security_warnings_state_") => P::Security,
        _ => P::Unknown,
    }
}

fn slug(seen: Seen<'_>) -> P {
    match (seen.kind, seen.name) {
        (_, b"memory") => P::Memory,
        (Kind::Dir, name) if is_uuid(name) => P::Beside,
        (Kind::File, name) if is_transcript(name) => P::Transcript,
        (Kind::File, name) if is_helper(name) => P::Helper,
        (Kind::File, b"sessions-index.json") => P::Index,
        _ => P::Stray,
    }
}

fn beside(seen: Seen<'_>) -> P {
    match (seen.kind, seen.name) {
        (_, b"memory") => P::Memory,
        (Kind::Dir, b"subagents") => P::Helper,
        (Kind::Dir, b"tool-results") => P::ToolResult,
        _ => P::Stray,
    }
}

/// Folders of small working files; only the names the client gives are known.
fn runtime(folder: P, seen: Seen<'_>) -> P {
    let (name, file) = (seen.name, seen.kind == Kind::File);
    match folder {
        P::Debug if file && is_debug_log(name) => P::DebugLog,
        P::Debug if name == b"latest" && seen.kind == Kind::Symlink => P::DebugLog,
        P::Snapshots if file && is_snapshot(name) => P::Snapshot,
        P::SessionEnv if seen.kind == Kind::Dir && is_uuid(name) => P::SessionEnvOf,
        P::SessionEnvOf if file && is_hook_env(name) => P::RuntimeFile,
        P::Statsig if file && is_statsig(name) => P::RuntimeFile,
        P::Cache if file && name == b"changelog.md" => P::RuntimeFile,
        _ => P::Stray,
    }
}
