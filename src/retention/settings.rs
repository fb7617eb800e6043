//! The settings files that may say how long conversations are kept, and what each says.

use crate::world::World;
use jiff::Timestamp;
use serde_json::Value;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The setting.
pub const KEY: &str = "cleanupPeriodDays";

/// The one of Claude Desktop's sessions.
const DESKTOP: &str = "desktopSessionCleanupPeriodDays";

/// How many days conversations are kept where no setting says.
pub const DEFAULT: u64 = 30;

/// The most that is read of a settings file.
const MOST: u64 = 8 << 20;

/// Whose settings a file holds, the weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// The user's.
    User,
    /// A project's, for everybody who works on it.
    Project,
    /// The user's for one project.
    Local,
    /// The organisation's.
    Managed,
}

impl Scope {
    /// The scope in a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Project => "project",
            Self::Local => "local",
            Self::Managed => "managed",
        }
    }
}

/// What a file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Days {
    /// Nothing of this.
    Unset,
    /// So many days.
    Set(u64),
    /// Something that the client refuses; it then removes nothing.
    Refused(String),
    /// Nothing that can be read, and why; the client then removes nothing.
    Broken(String),
}

/// What a file says, and which it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The file.
    pub file: PathBuf,
    /// Whose settings it holds.
    pub scope: Scope,
    /// How long conversations are kept.
    pub days: Days,
    /// How long those of Claude Desktop are kept at most; `None`: for ever.
    pub desktop: Option<u64>,
}

/// What a settings file says; `None`: it is not there.
pub fn read(world: &World, file: PathBuf, scope: Scope) -> Option<Said> {
    let value = match contents(&file) {
        // One that was emptied lately may be about to be written; later it says nothing.
        Ok((text, changed)) if text.is_empty() => {
            let lately = changed.is_none_or(|at| world.now().as_second().saturating_sub(at) < i64::try_from(DEFAULT).unwrap_or(0) * 86_400);
            if lately { Err("it is empty".to_owned()) } else { Ok(Value::Object(serde_json::Map::new())) }
        }
        Ok((text, _)) => serde_json::from_slice::<Value>(&text).map_err(|e| e.to_string()),
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => return None,
        Err(e) => Err(e.to_string()),
    };
    let value = value.and_then(|v| if v.is_object() { Ok(v) } else { Err("it is no JSON object".to_owned()) });
    let (days, desktop) = match &value {
        Ok(value) => (days(value.get(KEY)), value.get(DESKTOP).and_then(Value::as_u64).filter(|n| *n > 0)),
        Err(why) => (Days::Broken(why.clone()), None),
    };
    Some(Said { file, scope, days, desktop })
}

/// What a file holds, and when it was changed, in seconds since 1970.
fn contents(file: &Path) -> io::Result<(Vec<u8>, Option<i64>)> {
    let open = std::fs::File::open(file)?;
    let changed = open.metadata()?.modified().ok().and_then(|at| Timestamp::try_from(at).ok()).map(Timestamp::as_second);
    let mut bytes = Vec::new();
    open.take(MOST).read_to_end(&mut bytes)?;
    Ok((bytes, changed))
}

fn days(value: Option<&Value>) -> Days {
    match value {
        None => Days::Unset,
        Some(value) => match value.as_u64() {
            Some(n) if n > 0 => Days::Set(n),
            _ => Days::Refused(value.to_string()),
        },
    }
}

/// The organisation's files: one, and those that add to it, the strongest last.
pub fn managed(world: &World) -> Vec<PathBuf> {
    let Some(folder) = &world.policy_dir else { return Vec::new() };
    let more = std::fs::read_dir(folder.join("managed-settings.d")).into_iter().flatten().flatten().map(|e| e.path());
    let mut more: Vec<PathBuf> = more.filter(|p| p.extension().is_some_and(|e| e == "json")).collect();
    more.sort();
    std::iter::once(folder.join("managed-settings.json")).chain(more).collect()
}
