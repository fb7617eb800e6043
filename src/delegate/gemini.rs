//! `gemini --delete-session`, so that it deletes that and nothing else: it sweeps what is old in the project first, unless
//! its settings say no (seen with 0.61.0).

use super::program::{Ran, run};
use crate::error::{Error, Result};
use crate::vault::own::{Mode, replace};
use crate::world::World;
use std::ffi::OsStr;
use std::path::Path;

/// No sweep, no update, no sign-in, no reports.
const SETTINGS: &[u8] = br#"{"general":{"sessionRetention":{"enabled":false},"enableAutoUpdate":false},"security":{"auth":{"selectedType":"gemini-api-key"}},"telemetry":{"enabled":false},"privacy":{"usageStatisticsEnabled":false}}"#;

/// Runs it in the project's folder.
pub(super) fn delete(world: &World, program: &Path, root: &Path, project: &Path, id: &str) -> Result<Ran> {
    // It reads such a file only where nobody else may write.
    let folder = world.state_dir.join("delegate");
    let mut how = std::fs::DirBuilder::new();
    how.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut how, 0o700);
    how.create(&folder).map_err(|e| Error::io("cannot make the folder of settings", &folder, e))?;
    let settings = folder.join("gemini.json");
    replace(&settings, SETTINGS, Mode::Private)?;
    let home = root.parent().unwrap_or(root);
    let vars: [(&str, &OsStr); 4] = [
        ("GEMINI_CLI_HOME", home.as_os_str()),
        ("GEMINI_CLI_SYSTEM_SETTINGS_PATH", settings.as_os_str()),
        ("GEMINI_CLI_NO_RELAUNCH", OsStr::new("true")),
        ("GEMINI_API_KEY", OsStr::new("unused")),
    ];
    run(world, program, project, &["--delete-session", id], &vars)
}
