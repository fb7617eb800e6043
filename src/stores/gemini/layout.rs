//! Which place a name is, by the place of the folder it lies in.

use super::chat::is_chat;
use super::place::Place;
use crate::model::Kind;
use crate::stores::Seen;
use crate::stores::names::{ends, is_uuid};

/// The place of a name in a folder whose place is known. What no rule names is `Unknown`, or `Stray` in a project's folder.
pub fn child(folder: Place, seen: Seen<'_>) -> Place {
    match folder {
        Place::Home => home(seen),
        Place::Tmp => match (seen.kind, seen.name) {
            (Kind::Dir, b"bin") => Place::Bin,
            (Kind::Dir, _) => Place::Project,
            _ => Place::Unknown,
        },
        Place::Project => project(seen),
        Place::Chats => match seen.kind {
            Kind::File if is_chat(seen.name) => Place::Chat,
            Kind::Dir => Place::AgentChat,
            _ => Place::Stray,
        },
        Place::Bin if seen.kind == Kind::File && matches!(seen.name, b"rg" | b"rg.exe") => Place::Program,
        Place::Settings | Place::Memory if is_secret(seen.name) => Place::Secret,
        // Below these everything is what they are, whatever it is called.
        Place::AgentChat
        | Place::Log
        | Place::ToolOutput
        | Place::SessionFile
        | Place::Checkpoint
        | Place::Memory
        | Place::Stray
        | Place::History
        | Place::Settings
        | Place::Secret => folder,
        _ => Place::Unknown,
    }
}

/// Names that hold a secret; copies of them do too.
fn is_secret(name: &[u8]) -> bool {
    const SECRETS: &[&str] = &["oauth_creds", "google_accounts", "mcp-oauth-tokens", "a2a-oauth-tokens", "gemini-credentials", ".env"];
    SECRETS.iter().any(|n| name.starts_with(n.as_bytes()))
}

fn home(seen: Seen<'_>) -> Place {
    const SETTINGS: &[&str] =
        &["settings.json", "trustedFolders.json", "GEMINI.md", "keybindings.json", "installation_id", "user_id", "state.json", "extension"];
    match (seen.kind, seen.name) {
        (_, name) if is_secret(name) => Place::Secret,
        (Kind::Dir, b"tmp") => Place::Tmp,
        (Kind::Dir, b"history") => Place::History,
        (Kind::Dir, b"commands" | b"extensions" | b"skills" | b"agents" | b"policies" | b"hooks") => Place::Settings,
        (Kind::Dir, b"memory") => Place::Memory,
        (Kind::File, name) if name.starts_with(b"projects.json") => Place::Registry,
        (Kind::File, name) if SETTINGS.iter().any(|s| name.starts_with(s.as_bytes())) => Place::Settings,
        _ => Place::Unknown,
    }
}

fn project(seen: Seen<'_>) -> Place {
    match (seen.kind, seen.name) {
        (Kind::Dir, b"chats") => Place::Chats,
        (Kind::Dir, b"logs") | (Kind::File, b"logs.json" | b"shell_history") => Place::Log,
        (Kind::Dir, b"tool-outputs") => Place::ToolOutput,
        (Kind::Dir, b"memory") => Place::Memory,
        (Kind::Dir, b"plans") => Place::SessionFile,
        (Kind::Dir, b"checkpoints") => Place::Checkpoint,
        (Kind::Dir, name) if is_uuid(name) => Place::SessionFile,
        (Kind::File, name) if name.starts_with(b"checkpoint") && ends(name, &[".json"]) => Place::Checkpoint,
        (Kind::File, b".project_root") => Place::Registry,
        _ => Place::Stray,
    }
}
