//! The front door: everything that comes from outside: home, environment, time, processes, identifiers.
//!
//! Tests build a [`World`] of their own; the binary takes [`World::here`].

use crate::platform::{self, Os, Process};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The vault's folder where it cannot be in our own data folder; nothing in it is the user's or an app's any more.
pub const VAULT_FOLDER: &str = ".lifeboat-vault";

/// Which processes run, as far as it can be told.
pub type Processes = Arc<dyn Fn() -> Option<Vec<Process>> + Send + Sync>;

/// The outside as the program sees it.
#[derive(Clone)]
pub struct World {
    /// The user's home.
    pub home: PathBuf,
    /// The platform whose shapes are looked for first.
    pub os: Os,
    /// Environment variables.
    pub env: BTreeMap<OsString, OsString>,
    /// The user's own folders as the platform names them.
    pub documents: PathBuf,
    /// The user's desktop.
    pub desktop: PathBuf,
    /// The user's downloads.
    pub downloads: PathBuf,
    /// Where `lifeboat/config.toml` is.
    pub config_dir: PathBuf,
    /// Where the journal and logs are.
    pub state_dir: PathBuf,
    /// Where the vault is tried first.
    pub data_dir: PathBuf,
    /// Folders on what may be other disks, the most lasting first, for a journal that the disk of the state has no room for.
    pub spare_dirs: Vec<PathBuf>,
    /// This computer's name; `None` where it is not known.
    pub host: Option<String>,
    /// Whose process numbers this program sees (`linux:<machine>:pid:[4026531836]`); `None` where the platform has but one
    /// such space.
    pub pid_domain: Option<String>,
    /// How old what is in the vault may get before it is removed for good; `None`: nothing goes by itself.
    pub purge_after: Option<Duration>,
    /// Where the organisation's settings for Claude Code are; `None`: none are looked for.
    pub policy_dir: Option<PathBuf>,
    /// Whether what comes back by a recipe that no test proved may be planned: its contents are checked all the same.
    pub clean_untested: bool,
    clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    processes: Processes,
    tick: Arc<AtomicU64>,
}

impl World {
    /// This machine, this user, now.
    pub fn here() -> Self {
        let mut env: BTreeMap<OsString, OsString> = std::env::vars_os().collect();
        anchor(&mut env);
        let user = directories::UserDirs::new();
        let home = user.as_ref().map_or_else(|| PathBuf::from("."), |u| u.home_dir().to_path_buf());
        let mut world = Self::at(&home, env);
        if let Some(user) = &user {
            world.documents = user.document_dir().map_or(world.documents, Path::to_path_buf);
            world.desktop = user.desktop_dir().map_or(world.desktop, Path::to_path_buf);
            world.downloads = user.download_dir().map_or(world.downloads, Path::to_path_buf);
        }
        if let Some(dirs) = directories::ProjectDirs::from("", "", "lifeboat") {
            world.config_dir = dirs.config_dir().to_path_buf();
            world.data_dir = dirs.data_local_dir().to_path_buf();
            world.state_dir = dirs.state_dir().map_or_else(|| world.data_dir.join("state"), Path::to_path_buf);
        }
        world.take_overrides();
        world.spare_dirs = spare_dirs(&world);
        world.processes = Arc::new(platform::processes);
        world.host = platform::host_name();
        world.pid_domain = platform::pid_domain();
        world.policy_dir = Some(PathBuf::from(match world.os {
            Os::Mac => "/Library/Application Support/ClaudeCode",
            Os::Windows => r"C:\Program Files\ClaudeCode",
            Os::Linux => "/etc/claude-code",
        }));
        world
    }

    /// A world with this home and these variables, the real clock, and no process running: what tests begin with.
    pub fn at(home: &Path, env: BTreeMap<OsString, OsString>) -> Self {
        let os = Os::here();
        let absolute = |key: &str| env.get(OsStr::new(key)).map(PathBuf::from).filter(|p| p.is_absolute());
        let (config, data) = match os {
            Os::Mac => (home.join("Library/Application Support"), home.join("Library/Application Support")),
            Os::Windows => (
                absolute("APPDATA").unwrap_or_else(|| home.join("AppData").join("Roaming")),
                absolute("LOCALAPPDATA").unwrap_or_else(|| home.join("AppData").join("Local")),
            ),
            Os::Linux => (
                absolute("XDG_CONFIG_HOME").unwrap_or_else(|| home.join(".config")),
                absolute("XDG_DATA_HOME").unwrap_or_else(|| home.join(".local/share")),
            ),
        };
        let data_dir = data.join("lifeboat");
        let state_dir = match os {
            Os::Linux => absolute("XDG_STATE_HOME").unwrap_or_else(|| home.join(".local/state")).join("lifeboat"),
            Os::Mac | Os::Windows => data_dir.join("state"),
        };
        let mut world = Self {
            home: home.to_path_buf(),
            os,
            documents: home.join("Documents"),
            desktop: home.join("Desktop"),
            downloads: home.join("Downloads"),
            config_dir: config.join("lifeboat"),
            state_dir,
            data_dir,
            spare_dirs: Vec::new(),
            host: None,
            pid_domain: None,
            purge_after: None,
            policy_dir: None,
            clean_untested: true,
            env,
            clock: Arc::new(Timestamp::now),
            processes: Arc::new(|| Some(Vec::new())),
            tick: Arc::new(AtomicU64::new(0)),
        };
        world.take_overrides();
        world
    }

    fn take_overrides(&mut self) {
        if let Some(dir) = self.path_var("LIFEBOAT_STATE_DIR") {
            self.state_dir = dir;
        }
    }

    /// The same world at a fixed moment.
    #[must_use]
    pub fn with_clock(mut self, now: Timestamp) -> Self {
        self.clock = Arc::new(move || now);
        self
    }

    /// The same world with these processes running.
    #[must_use]
    pub fn with_processes(mut self, processes: Vec<Process>) -> Self {
        self.processes = Arc::new(move || Some(processes.clone()));
        self
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// The processes that run; `None` where that cannot be told, which counts as live.
    pub fn processes(&self) -> Option<Vec<Process>> {
        (self.processes)()
    }

    /// A variable that is set and not empty.
    pub fn var(&self, key: &str) -> Option<&OsStr> {
        self.env.get(OsStr::new(key)).map(OsString::as_os_str).filter(|v| !v.is_empty())
    }

    /// A variable that names a folder; a leading `~/` is the home.
    pub fn path_var(&self, key: &str) -> Option<PathBuf> {
        self.var(key).map(|v| self.expand(Path::new(v)))
    }

    /// A path with a leading `~` replaced by the home.
    pub fn expand(&self, path: &Path) -> PathBuf {
        path.strip_prefix("~").map_or_else(|_| path.to_path_buf(), |rest| self.home.join(rest))
    }

    /// A path with the home shortened to `~`, as a screen shows it.
    pub fn short(&self, path: &Path) -> String {
        match path.strip_prefix(&self.home) {
            Ok(rest) if rest.as_os_str().is_empty() => "~".into(),
            Ok(rest) => crate::model::shown(&Path::new("~").join(rest)),
            Err(_) => crate::model::shown(path),
        }
    }

    /// The folder the vault is tried in first: `LIFEBOAT_VAULT_DIR`, else `vault` in our data folder.
    pub fn vault_dir(&self) -> PathBuf {
        self.path_var("LIFEBOAT_VAULT_DIR").unwrap_or_else(|| self.data_dir.join("vault"))
    }

    /// Where backups go unless told otherwise: `LIFEBOAT_BACKUP_DIR` (which the configuration sets), else in Documents.
    pub fn backup_dir(&self) -> PathBuf {
        self.path_var("LIFEBOAT_BACKUP_DIR").unwrap_or_else(|| self.documents.join("Lifeboat Backups"))
    }

    /// Folders the user had at-risk files copied to, besides the usual one; the last named is first.
    pub fn kept_folders(&self) -> Vec<PathBuf> {
        let list = std::fs::read_to_string(self.kept_list()).unwrap_or_default();
        list.lines().map(PathBuf::from).filter(|p| p.is_absolute()).collect()
    }

    /// The file [`World::kept_folders`] is read from, a path a line.
    pub fn kept_list(&self) -> PathBuf {
        self.state_dir.join("durable-folders.txt")
    }

    /// Where conversations are kept packed that their tool cannot read so.
    pub fn packed_dir(&self) -> PathBuf {
        self.state_dir.join("packed")
    }

    /// How long a session must be quiet to count as not live: `LIFEBOAT_QUIET_AFTER`, else ten minutes.
    pub fn quiet_after(&self) -> Duration {
        self.var("LIFEBOAT_QUIET_AFTER").and_then(|v| parse_span(&v.to_string_lossy())).unwrap_or(Duration::from_mins(10))
    }

    /// A new identifier, sortable by time, unique among all that this process gives out.
    pub fn new_id(&self) -> String {
        let tick = self.tick.fetch_add(1, Ordering::Relaxed);
        let now = self.now();
        let pid = if tick == 0 { std::process::id() } else { std::process::id().wrapping_add(u32::try_from(tick).unwrap_or(0) << 22) };
        format!("{}-{:03}-{pid:x}", now.strftime("%Y%m%dT%H%M%S"), now.subsec_millisecond())
    }
}

/// Folders that are there on most machines and need not be on the disk of the home.
fn spare_dirs(world: &World) -> Vec<PathBuf> {
    let lasting = cfg!(unix).then(|| PathBuf::from("/var/tmp"));
    let of_login = world.path_var("XDG_RUNTIME_DIR");
    let mut all: Vec<PathBuf> = lasting.into_iter().chain([std::env::temp_dir()]).chain(of_login).filter(|dir| dir.is_absolute()).collect();
    let mut seen = std::collections::BTreeSet::new();
    all.retain(|dir| seen.insert(dir.clone()));
    all
}

/// Makes the folders our own variables name absolute, since their paths are kept and read from other folders.
fn anchor(env: &mut BTreeMap<OsString, OsString>) {
    const FOLDERS: [&str; 6] = [
        "LIFEBOAT_STATE_DIR",
        "LIFEBOAT_VAULT_DIR",
        "LIFEBOAT_BACKUP_DIR",
        "COWORK_SESSIONS_DIR",
        "CLAUDE_USER_DATA_DIR",
        "CLAUDE_CONFIG_DIR",
    ];
    for key in FOLDERS {
        if let Some(value) = env.get_mut(OsStr::new(key))
            && !Path::new(value).starts_with("~")
            && let Ok(path) = std::path::absolute(&*value)
        {
            *value = path.components().collect::<PathBuf>().into_os_string();
        }
    }
}

/// A span of time as people write it: `10m`, `30d`, `36h`, `45s`, `2w`, or a bare number of seconds.
pub fn parse_span(text: &str) -> Option<Duration> {
    let text = text.trim();
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let count: u64 = text.get(..split)?.parse().ok()?;
    let unit = match text.get(split..)?.trim() {
        "" | "s" => 1,
        "m" | "min" => 60,
        "h" => 3600,
        "d" => 86_400,
        "w" => 7 * 86_400,
        _ => return None,
    };
    count.checked_mul(unit).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_as_people_write_them() {
        assert_eq!(parse_span("10m"), Some(Duration::from_mins(10)));
        assert_eq!(parse_span("30d"), Some(Duration::from_hours(720)));
        assert_eq!(parse_span("0"), Some(Duration::ZERO));
        assert_eq!(parse_span("soon"), None);
        assert_eq!(parse_span("99999999999999999999d"), None);
    }

    #[test]
    fn an_override_moves_our_own_state_and_vault() {
        let env = [("LIFEBOAT_STATE_DIR", "/s"), ("LIFEBOAT_VAULT_DIR", "/v")].map(|(k, v)| (k.into(), v.into()));
        let world = World::at(Path::new("/home/u"), env.into_iter().collect());
        assert_eq!((world.state_dir.as_path(), world.vault_dir().as_path()), (Path::new("/s"), Path::new("/v")));
    }
}
