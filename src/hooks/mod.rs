//! Claude Code's own hooks: entries in its settings file that have it call us when a session begins, is compacted, or ends.

pub mod called;
mod merge;

pub use merge::EVENTS;

use crate::error::Result;
use crate::settings::{self, current};
use crate::stores::claude_code::config_folder;
use crate::vault::own;
use crate::world::World;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// A change of the settings, before it is made.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The change.
    pub change: settings::Planned,
    /// Of an installation: what it is taken back to.
    record: Option<Record>,
}

/// What was installed, so that it can be taken back to the byte.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Record {
    #[serde(with = "crate::model::json_path::exact")]
    file: PathBuf,
    /// What the file held; none: it was not there.
    before: Option<String>,
    /// BLAKE3 of what we wrote, 64 hex digits.
    wrote: String,
}

impl Planned {
    /// The change as a diff.
    pub fn diff(&self) -> String {
        self.change.diff()
    }

    /// Makes the change. What the file held before is kept in the state folder; gives where.
    pub fn carry_out(self, world: &World) -> Result<Option<PathBuf>> {
        let Self { change, record } = &self;
        let kept = change.carry_out(world, || match record {
            // Known before it is done, so that what is half done can be taken back.
            Some(record) => settings::put(&record_file(world), serde_json::to_vec(record).unwrap_or_default().as_slice()),
            None => Ok(()),
        })?;
        if record.is_none() {
            own::discard(&record_file(world));
        }
        Ok(kept)
    }
}

/// The settings file of the client.
pub fn settings(world: &World) -> PathBuf {
    config_folder(world).join("settings.json")
}

/// The command that the client is to run; `program` is this program.
pub fn command(program: &Path) -> String {
    // The client runs commands in a shell like bash, on Windows too. Whatever happens, it is never told to stop.
    let program = program.to_string_lossy().replace('\'', r"'\''");
    let program = if cfg!(windows) { program.replace('\\', "/") } else { program };
    format!("'{program}' hooks --called || exit 0")
}

/// What an installation would change; `None`: everything is there.
pub fn install(world: &World, program: &Path) -> Result<Option<Planned>> {
    let file = settings(world);
    let before = current(&file)?;
    let after = merge::install(before.as_deref().unwrap_or_default(), &command(program)).map_err(|e| e.at(&file))?;
    let Some(after) = after else { return Ok(None) };
    // Ours of an earlier time are no part of what it was.
    let clean = match (record(world, &file, before.as_deref()), &before) {
        (Some(record), _) => record.before,
        (None, Some(text)) if !text.trim().is_empty() => Some(merge::remove(text).map_err(|e| e.at(&file))?),
        (None, _) => before.clone(),
    };
    let record = Record { file: file.clone(), before: clean, wrote: blake3::hash(after.as_bytes()).to_hex().to_string() };
    Ok(Some(Planned { change: settings::Planned { file, before, after: Some(after) }, record: Some(record) }))
}

/// What taking our entries out would change; `None`: there are none.
pub fn uninstall(world: &World) -> Result<Option<Planned>> {
    let file = settings(world);
    let Some(before) = current(&file)? else { return Ok(None) };
    let after = match record(world, &file, Some(&before)) {
        Some(record) => record.before,
        None if before.trim().is_empty() => return Ok(None),
        None => Some(merge::remove(&before).map_err(|e| e.at(&file))?),
    };
    let changes = after.as_ref() != Some(&before);
    Ok(changes.then_some(Planned { change: settings::Planned { file, before: Some(before), after }, record: None }))
}

/// What was installed, where the file is still as it was written then.
fn record(world: &World, file: &Path, now: Option<&str>) -> Option<Record> {
    let record: Record = serde_json::from_slice(&std::fs::read(record_file(world)).ok()?).ok()?;
    (record.file == file && record.wrote == blake3::hash(now?.as_bytes()).to_hex().as_str()).then_some(record)
}

fn record_file(world: &World) -> PathBuf {
    world.state_dir.join("hooks").join("installed.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world() -> (tempfile::TempDir, World) {
        let home = tempfile::tempdir().unwrap();
        let world = World::at(home.path(), std::collections::BTreeMap::new());
        (home, world)
    }

    fn program() -> &'static Path {
        Path::new("/opt/it's/lifeboat")
    }

    fn there(world: &World) -> Option<String> {
        std::fs::read_to_string(settings(world)).ok()
    }

    #[test]
    fn what_was_installed_is_taken_back_to_the_byte_also_where_nothing_was_before() {
        for before in
            [None, Some(""), Some("{}"), Some("{ }\n"), Some("{\"hooks\": {}}"), Some("{\n\t\"hooks\": { \"SessionEnd\": [\n] }\n}")]
        {
            let (_home, world) = world();
            if let Some(text) = before {
                std::fs::create_dir_all(settings(&world).parent().unwrap()).unwrap();
                std::fs::write(settings(&world), text).unwrap();
            }
            install(&world, program()).unwrap().unwrap().carry_out(&world).unwrap();
            assert!(there(&world).unwrap().contains(r"'/opt/it'\\''s/lifeboat' hooks --called"), "{:?}", there(&world));
            assert!(install(&world, program()).unwrap().is_none());
            uninstall(&world).unwrap().unwrap().carry_out(&world).unwrap();
            assert_eq!(there(&world).as_deref(), before);
            assert!(uninstall(&world).unwrap().is_none());
        }
    }

    #[test]
    fn a_program_that_moved_is_taken_back_to_what_was_before_the_first_installation() {
        let (_home, world) = world();
        install(&world, program()).unwrap().unwrap().carry_out(&world).unwrap();
        install(&world, Path::new("/usr/bin/lifeboat")).unwrap().unwrap().carry_out(&world).unwrap();
        assert!(!there(&world).unwrap().contains("/opt/"));
        uninstall(&world).unwrap().unwrap().carry_out(&world).unwrap();
        assert_eq!(there(&world), None);
    }

    #[test]
    fn what_was_edited_since_keeps_its_edits_and_loses_our_entries() {
        let (_home, world) = world();
        std::fs::create_dir_all(settings(&world).parent().unwrap()).unwrap();
        std::fs::write(settings(&world), "{\n  \"model\": \"opus\"\n}\n").unwrap();
        let kept = install(&world, program()).unwrap().unwrap().carry_out(&world).unwrap().unwrap();
        assert_eq!(std::fs::read_to_string(kept).unwrap(), "{\n  \"model\": \"opus\"\n}\n");
        std::fs::write(settings(&world), there(&world).unwrap().replace("opus", "sonnet")).unwrap();
        uninstall(&world).unwrap().unwrap().carry_out(&world).unwrap();
        assert_eq!(there(&world).unwrap(), "{\n  \"model\": \"sonnet\"\n}\n");
    }

    #[test]
    fn a_broken_file_is_left_as_it_is() {
        let (_home, world) = world();
        std::fs::create_dir_all(settings(&world).parent().unwrap()).unwrap();
        std::fs::write(settings(&world), "{\"a\": ").unwrap();
        let told = install(&world, program()).unwrap_err();
        assert_eq!((told.exit_code(), told.path.clone()), (3, Some(settings(&world))));
        assert_eq!(there(&world).as_deref(), Some("{\"a\": "));
    }

    #[cfg(unix)]
    #[test]
    fn settings_that_are_a_link_are_written_where_it_leads_for_whom_they_were() {
        use std::os::unix::fs::PermissionsExt;
        let (home, world) = world();
        std::fs::create_dir_all(settings(&world).parent().unwrap()).unwrap();
        let real = home.path().join("dotfiles.json");
        std::fs::write(&real, "{\"a\":1}").unwrap();
        std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&real, settings(&world)).unwrap();
        install(&world, program()).unwrap().unwrap().carry_out(&world).unwrap();
        assert!(std::fs::read_to_string(&real).unwrap().contains("hooks --called"));
        assert!(settings(&world).is_symlink());
        assert_eq!(std::fs::symlink_metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
    }

    #[test]
    fn the_folder_the_client_is_told_to_use_is_used() {
        let home = tempfile::tempdir().unwrap();
        let env = [("CLAUDE_CONFIG_DIR".into(), "~/elsewhere".into())].into_iter().collect();
        let world = World::at(home.path(), env);
        install(&world, program()).unwrap().unwrap().carry_out(&world).unwrap();
        assert!(home.path().join("elsewhere/settings.json").exists() && !home.path().join(".claude").exists());
    }
}
