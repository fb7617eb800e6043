//! Which place a name is, by the place of the folder it lies in.

use super::names::{is_chromium_cache_file, is_crash_report, is_id, is_outdated, is_record, is_session_folder, is_version};
use super::place::Place;
use super::session_layout;
use crate::model::Kind;
use crate::stores::Seen;
use crate::stores::names::{ends, is_uuid};

/// The place of a name in a folder whose place is known. What no rule names is `Unknown`, or `Stray` in a session.
pub fn child(folder: Place, seen: Seen<'_>) -> Place {
    if secret_anywhere(seen.name) && folder != Place::Work && folder != Place::WorkTop {
        return Place::Secret;
    }
    match folder {
        Place::Ud => data_folder(seen),
        Place::Sessions | Place::Account | Place::VmHomes | Place::VmHome | Place::VmMount => above_sessions(folder, seen),
        Place::Org | Place::Agent => beside_records(seen),
        Place::VmBundles | Place::VmBundle | Place::WarmPool | Place::WarmImage | Place::WarmFile => vm(folder, seen),
        Place::VmDisk => {
            if seen.kind == Kind::Dir && seen.name != b"lost+found" {
                Place::VmDiskHome
            } else {
                Place::VmDiskOther
            }
        }
        Place::VmDiskHome | Place::VmDiskWork => Place::VmDiskWork,
        Place::VmDiskLeft | Place::VmDiskLeftWork => Place::VmDiskLeftWork,
        Place::VmDiskOther => Place::VmDiskOther,
        Place::Programs | Place::OldProgram | Place::OldProgramFile => program(folder, seen),
        Place::AppCache | Place::AppCacheFolder | Place::CrashReports => cache(folder, seen),
        Place::Network | Place::ServiceWorker | Place::Crashpad | Place::BlobStorage => chromium(folder, seen),
        Place::AppState if seen.name.starts_with(b"Cookies") => Place::Secret,
        // Below these everything is what they are, whatever it is called.
        Place::AppState
        | Place::ProgramInUse
        | Place::Extensions
        | Place::Logs
        | Place::Telemetry
        | Place::CodeSessions
        | Place::UserFiles
        | Place::Artifacts
        | Place::PluginSource => folder,
        _ => session_layout::child(folder, seen),
    }
}

/// Names that hold a secret wherever the tools put them.
fn secret_anywhere(name: &[u8]) -> bool {
    [&b".credentials.json"[..], b"mcp-needs-auth-cache.json", b".audit-key"].iter().any(|n| name.starts_with(n))
}

fn data_folder(seen: Seen<'_>) -> Place {
    match (seen.kind, seen.name) {
        (Kind::Dir, b"local-agent-mode-sessions") => Place::Sessions,
        (Kind::Dir, b"vm_bundles") => Place::VmBundles,
        (Kind::Dir, b"claude-code" | b"claude-code-vm") => Place::Programs,
        (Kind::Dir, b"claude-code-sessions") => Place::CodeSessions,
        (Kind::Dir, name) if is_cache_folder(name) => Place::AppCache,
        (Kind::Dir, b"Network") => Place::Network,
        (Kind::Dir, b"Service Worker") => Place::ServiceWorker,
        (Kind::Dir, b"Crashpad") => Place::Crashpad,
        (
            Kind::Dir,
            b"IndexedDB" | b"Local Storage" | b"Session Storage" | b"WebStorage" | b"Partitions" | b"databases" | b"spaces-present",
        ) => Place::AppState,
        (Kind::Dir, b"Claude Extensions" | b"Claude Extensions Settings") => Place::Extensions,
        (Kind::Dir, b"configLibrary") => Place::Settings,
        (Kind::Dir, b"ccd-session-secrets") => Place::Secret,
        (Kind::Dir, b"pending-uploads") => Place::Upload,
        (Kind::Dir, b"cowork-user-files") => Place::UserFiles,
        (Kind::Dir, b"logs") => Place::Logs,
        (Kind::Dir, b"sentry") => Place::Telemetry,
        (Kind::Dir, b"blob_storage") => Place::BlobStorage,
        // Windows keeps one data folder for each installed package below `Claude-Data`.
        (Kind::Dir, name) if is_package(name) => Place::Ud,
        (_, name) if is_secret_of_the_app(name) => Place::Secret,
        (Kind::File, name) if is_setting_of_the_app(name) => Place::Settings,
        (_, b"SingletonLock" | b"SingletonSocket" | b"SingletonCookie" | b"lockfile") => Place::AppState,
        _ => Place::Unknown,
    }
}

/// Whether a name is that of a Windows package of the app (`claude_pzs8sxrjxfjjc`, `anthropicpbc.claude_…`).
pub fn is_package(name: &[u8]) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.starts_with(b"claude_") || lower.windows(8).any(|w| w == b".claude_")
}

fn is_cache_folder(name: &[u8]) -> bool {
    matches!(
        name,
        b"Cache"
            | b"Code Cache"
            | b"GPUCache"
            | b"DawnCache"
            | b"DawnGraphiteCache"
            | b"DawnWebGPUCache"
            | b"GrShaderCache"
            | b"ShaderCache"
    )
}

/// Copies such as `config.json.bak` hold the same secrets, so the beginning of the name decides.
fn is_secret_of_the_app(name: &[u8]) -> bool {
    const SECRETS: &[&str] = &[
        "Cookies",
        "config.json",
        "buddy-tokens",
        "Local State",
        "ant-did",
        "ant-device-registry",
        "host-creds-",
        "Login Data",
        "ccd-session-secrets",
    ];
    SECRETS.iter().any(|s| name.starts_with(s.as_bytes()))
}

fn is_setting_of_the_app(name: &[u8]) -> bool {
    const SETTINGS: &[&str] = &[
        "claude_desktop_config.json",
        "developer_settings.json",
        "cowork_account_settings.json",
        "cowork_settings.json",
        "cowork-enabled-cli-ops.json",
        "mcp-user-tool-toggles.json",
        "extensions-blocklist.json",
        "extensions-installations.json",
        "git-worktrees.json",
        "window-state.json",
        "plan-usage-history.json",
        "bridge-state.json",
        "local-sessions.json",
        "Preferences",
    ];
    SETTINGS.iter().any(|s| name.starts_with(s.as_bytes()))
}

fn above_sessions(folder: Place, seen: Seen<'_>) -> Place {
    match (folder, seen.kind, seen.name) {
        (Place::Sessions, Kind::Dir, b"skills-plugin") => Place::PluginSource,
        (Place::Sessions, Kind::Dir, b"sessions") => Place::VmHomes,
        (Place::Sessions, Kind::Dir, name) if is_id(name) => Place::Account,
        (Place::Account, Kind::Dir, name) if is_id(name) => Place::Org,
        (Place::VmHomes, Kind::Dir, _) => Place::VmHome,
        (Place::VmHome, Kind::Dir, b"mnt") => Place::VmMount,
        (Place::VmHome, _, _) => Place::Stray,
        (Place::VmMount, Kind::Dir, b"uploads") => Place::UploadsTop,
        (Place::VmMount, Kind::Dir, b".claude") => Place::Config,
        (Place::VmMount, Kind::Dir, _) => Place::WorkTop,
        (Place::VmMount, _, _) => Place::Work,
        _ => Place::Unknown,
    }
}

fn beside_records(seen: Seen<'_>) -> Place {
    match (seen.kind, seen.name) {
        (Kind::File, name) if is_record(name) => Place::Record,
        (Kind::Dir, name) if is_session_folder(name) => Place::Session,
        (Kind::Dir, b"agent") => Place::Agent,
        (Kind::Dir, b"memory" | b"spaces") => Place::Memory,
        (Kind::Dir, b"artifacts") => Place::Artifacts,
        (Kind::Dir, b".project-cache") => Place::ProjectCopy,
        (Kind::Dir, b"cowork_plugins" | b"remote_cowork_plugins" | b"rpm") => Place::PluginSource,
        (Kind::Dir, b"debug") => Place::Debug,
        (Kind::File, b"cowork-gb-cache.json" | b"cowork-clientdata-cache.json" | b"cowork-policy-limits-cache.json") => Place::OrgCache,
        (Kind::File, name) if is_setting_beside_records(name) => Place::Settings,
        _ => Place::Unknown,
    }
}

/// Copies such as `spaces.json.bak` count as the setting itself.
fn is_setting_beside_records(name: &[u8]) -> bool {
    const SETTINGS: &[&str] = &[
        "spaces.json",
        "remote-session-spaces.json",
        "scheduled-tasks.json",
        "artifacts.json",
        "cowork_settings.json",
        "cowork_account_settings.json",
        ".claude.json",
    ];
    SETTINGS.iter().any(|s| name.starts_with(s.as_bytes()))
}

fn vm(folder: Place, seen: Seen<'_>) -> Place {
    let file = seen.kind == Kind::File;
    match folder {
        Place::VmBundles if seen.kind == Kind::Dir && seen.name == b"warm" => Place::WarmPool,
        Place::VmBundles if seen.kind == Kind::Dir && ends(seen.name, &[".bundle"]) => Place::VmBundle,
        Place::WarmPool if seen.kind == Kind::Dir => Place::WarmImage,
        _ if file && seen.name.starts_with(b"sessiondata.") => Place::VmSession,
        Place::VmBundle | Place::VmBundles if file && is_vm_image(seen.name) => Place::VmImage,
        Place::WarmImage if file && is_vm_image(seen.name) => Place::WarmFile,
        Place::VmBundles | Place::WarmPool => Place::Unknown,
        _ => Place::VmOther,
    }
}

fn is_vm_image(name: &[u8]) -> bool {
    let plain = name.strip_suffix(b".zst").unwrap_or(name);
    matches!(
        plain,
        b"rootfs.img" | b"rootfs.vhdx" | b"rootfs.qcow2" | b".rootfs.img.origin" | b".rootfs.vhdx.origin" | b"vmlinuz" | b"initrd"
    ) || (plain.starts_with(b"smol-bin.") && (plain.len() < name.len() || ends(plain, &[".img", ".vhdx"])))
}

fn program(folder: Place, seen: Seen<'_>) -> Place {
    match folder {
        Place::Programs if seen.kind == Kind::Dir && is_version(seen.name) => {
            if is_outdated(seen.name, seen.beside) {
                Place::OldProgram
            } else {
                Place::ProgramInUse
            }
        }
        Place::OldProgram => {
            // Only a folder that holds the program itself is one of its versions.
            let known = |n: &[u8]| matches!(n, b"claude" | b"claude.exe" | b"claude.app");
            let marker = seen.kind == Kind::File && matches!(seen.name, b".verified" | b".payload" | b".sdk-version");
            let holds = seen.beside.iter().any(|n| known(n));
            if holds && (known(seen.name) || marker) { Place::OldProgramFile } else { Place::Unknown }
        }
        Place::OldProgramFile => Place::OldProgramFile,
        _ => Place::Unknown,
    }
}

fn chromium(folder: Place, seen: Seen<'_>) -> Place {
    match (folder, seen.kind, seen.name) {
        (Place::Network, Kind::Dir, b"Cache") | (Place::ServiceWorker, Kind::Dir, b"CacheStorage" | b"ScriptCache") => Place::AppCache,
        (Place::Network, _, name) if name.starts_with(b"Cookies") || name.starts_with(b"Trust Tokens") => Place::Secret,
        (Place::Network | Place::ServiceWorker, _, _) => Place::AppState,
        (Place::Crashpad, Kind::Dir, b"completed" | b"pending") => Place::CrashReports,
        // Chromium makes a folder by a new id at each start and empties those of earlier ones.
        (Place::BlobStorage, Kind::Dir, name) if is_uuid(name) => Place::AppCacheFolder,
        _ => Place::Unknown,
    }
}

fn cache(folder: Place, seen: Seen<'_>) -> Place {
    match (folder, seen.kind) {
        (Place::CrashReports, Kind::File) if is_crash_report(seen.name) => Place::CrashReport,
        (Place::AppCache | Place::AppCacheFolder, Kind::Dir) => Place::AppCacheFolder,
        (Place::AppCache | Place::AppCacheFolder, Kind::File) if is_chromium_cache_file(seen.name) => Place::AppCacheFile,
        _ => Place::Unknown,
    }
}
