//! Starts a watch with the computer: one file a platform, and the platform's own command that takes it in.

mod launchd;
mod systemd;
mod tasks;

use crate::error::{Error, Result};
use crate::platform::Os;
use crate::vault::own::{self, Mode};
use crate::world::World;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Variables that say where things are, and that the configuration has no word in.
const KEPT: [&str; 8] = [
    "LIFEBOAT_STATE_DIR",
    "LIFEBOAT_VAULT_DIR",
    "COWORK_SESSIONS_DIR",
    "CLAUDE_USER_DATA_DIR",
    "CLAUDE_CONFIG_DIR",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_STATE_HOME",
];

/// What is to be started.
#[derive(Debug, Clone, Default)]
pub struct Job {
    /// This program.
    pub program: PathBuf,
    /// Its words.
    pub words: Vec<String>,
    /// Variables it needs.
    pub env: Vec<(String, String)>,
    /// Who is logged in, where the platform asks for it.
    pub user: Option<String>,
}

/// A command of the platform: its program and words.
pub type Command = Vec<String>;

/// How a platform starts something with the user's session.
pub trait Starter {
    /// What it is called.
    fn name(&self) -> &'static str;
    /// The file it reads.
    fn file(&self, world: &World) -> PathBuf;
    /// What the file says.
    fn text(&self, job: &Job) -> String;
    /// The bytes of that.
    fn bytes(&self, text: &str) -> Vec<u8> {
        text.as_bytes().to_vec()
    }
    /// What takes the file in and starts it.
    fn start(&self, file: &Path) -> Vec<Command>;
    /// What stops it, before the file goes.
    fn stop(&self, file: &Path) -> Vec<Command>;
    /// What is run once the file is gone.
    fn after(&self) -> Vec<Command> {
        Vec::new()
    }
}

/// The starter of a platform.
pub fn starter(os: Os) -> &'static dyn Starter {
    match os {
        Os::Linux => &systemd::Systemd,
        Os::Mac => &launchd::Launchd,
        Os::Windows => &tasks::Tasks,
    }
}

/// The job of this world; `roots` are the `--root` folders.
pub fn job(world: &World, program: PathBuf, roots: &[PathBuf]) -> Job {
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let named = roots.iter().flat_map(|root| ["--root".to_owned(), text(root)]);
    let env = KEPT.iter().filter_map(|key| Some(((*key).to_owned(), text(Path::new(world.var(key)?))))).collect();
    let name = |key: &str| world.var(key).map(|v| v.to_string_lossy().into_owned());
    let user = name("USERDOMAIN").zip(name("USERNAME")).map(|(domain, user)| format!("{domain}\\{user}"));
    Job { program, words: ["watch".to_owned()].into_iter().chain(named).collect(), env, user }
}

/// How a file of ours stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is not there.
    Absent,
    /// It is as we wrote it.
    Ours,
    /// Somebody wrote or changed it.
    Theirs,
}

/// What was written.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    #[serde(with = "crate::model::json_path::exact")]
    file: PathBuf,
    blake3: String,
}

/// How the file stands.
pub fn state(world: &World, file: &Path) -> State {
    let Ok(bytes) = std::fs::read(file) else {
        return if crate::platform::facts(file).is_ok() { State::Theirs } else { State::Absent };
    };
    let record = std::fs::read(record_file(world)).ok().and_then(|bytes| serde_json::from_slice::<Record>(&bytes).ok());
    let ours = record.is_some_and(|r| r.file == file && r.blake3 == blake3::hash(&bytes).to_hex().as_str());
    if ours { State::Ours } else { State::Theirs }
}

/// Writes the file. One that somebody wrote or changed stays.
pub fn write(world: &World, file: &Path, bytes: &[u8]) -> Result<()> {
    if state(world, file) == State::Theirs {
        return Err(Error::refused("this file is there and not as we wrote it").at(file).hint("move it away, then install again"));
    }
    let record = Record { file: file.to_path_buf(), blake3: blake3::hash(bytes).to_hex().to_string() };
    for folder in [Some(world.state_dir.as_path()), file.parent()].into_iter().flatten() {
        std::fs::create_dir_all(folder).map_err(|e| Error::io("cannot make the folder", folder, e))?;
    }
    let old = std::fs::read(record_file(world)).ok();
    own::replace(&record_file(world), &serde_json::to_vec(&record).unwrap_or_default(), Mode::Private)?;
    let written = own::replace(file, bytes, Mode::Usual);
    if let (Err(_), Some(old)) = (&written, old) {
        own::replace(&record_file(world), &old, Mode::Private)?;
    }
    written
}

/// Takes the file back, where it is as we wrote it.
pub fn take_back(world: &World, file: &Path) -> State {
    let state = state(world, file);
    if state == State::Ours {
        own::discard(file);
        own::discard(&record_file(world));
    }
    state
}

fn record_file(world: &World) -> PathBuf {
    world.state_dir.join("watch-install.json")
}

/// A text as XML has it.
fn xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn command(words: &[&str]) -> Command {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn a_job() -> Job {
        Job {
            program: "/opt/life & boat/100% \"x\"/lifeboat".into(),
            words: ["watch", "--root", "/mnt/a $b <c>"].map(str::to_owned).into(),
            env: vec![("LIFEBOAT_STATE_DIR".into(), "/s \"t\" 5%".into())],
            user: Some("DESK\\u".into()),
        }
    }

    #[test]
    fn each_platform_is_told_in_its_own_words() {
        let home = Path::new(if cfg!(windows) { "C:\\Users\\u" } else { "/home/u" });
        for (os, name) in [(Os::Linux, "systemd"), (Os::Mac, "launchd"), (Os::Windows, "tasks")] {
            let starter = starter(os);
            insta::assert_snapshot!(name, starter.text(&a_job()));
            let mut world = World::at(home, std::collections::BTreeMap::new());
            world.os = os;
            let file = starter.file(&world);
            assert!(file.starts_with(home) || file.starts_with(&world.state_dir), "{}", file.display());
            let of_file = |commands: Vec<Command>| {
                commands.iter().flatten().any(|w| file.ends_with(w) || Path::new(w) == file || w == "lifeboat-watch")
            };
            assert!(of_file(starter.start(&file)) && of_file(starter.stop(&file)));
        }
    }

    #[test]
    fn the_task_scheduler_gets_the_two_byte_text_it_says_it_gets() {
        let bytes = starter(Os::Windows).bytes("<?xml é");
        assert_eq!(bytes.get(..4), Some(&[0xff, 0xfe, b'<', 0][..]));
        assert_eq!(bytes.len(), 2 + 2 * 7);
    }

    #[test]
    fn the_words_and_variables_of_this_world_go_along() {
        let env = [("LIFEBOAT_STATE_DIR", "/s"), ("LIFEBOAT_QUIET_AFTER", "0"), ("PATH", "/bin"), ("USERDOMAIN", "D"), ("USERNAME", "u")];
        let world = World::at(Path::new("/home/u"), env.map(|(k, v)| (k.into(), v.into())).into_iter().collect());
        let job = job(&world, "/bin/lifeboat".into(), &["/r".into()]);
        assert_eq!(
            (job.words.join(" "), job.env),
            ("watch --root /r".to_owned(), vec![("LIFEBOAT_STATE_DIR".to_owned(), "/s".to_owned())])
        );
        assert_eq!(job.user.as_deref(), Some("D\\u"));
    }

    #[test]
    fn exactly_what_was_written_is_taken_back_and_what_somebody_edited_stays() {
        let home = tempfile::tempdir().unwrap();
        let world = World::at(home.path(), std::collections::BTreeMap::new());
        let file = starter(Os::Linux).file(&world);
        assert_eq!(take_back(&world, &file), State::Absent);
        write(&world, &file, b"one").unwrap();
        write(&world, &file, b"two").unwrap();
        assert_eq!((std::fs::read(&file).unwrap(), take_back(&world, &file)), (b"two".to_vec(), State::Ours));
        assert!(!file.exists());
        write(&world, &file, b"two").unwrap();
        std::fs::write(&file, b"two, edited").unwrap();
        assert!(write(&world, &file, b"three").is_err());
        assert_eq!((take_back(&world, &file), std::fs::read(&file).unwrap()), (State::Theirs, b"two, edited".to_vec()));
    }
}
