//! Runs a tool's own program, with a home, without a terminal, and not for ever.

use crate::error::{Error, Result};
use crate::world::World;
use std::ffi::OsStr;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long a program may take.
const PATIENCE: Duration = Duration::from_secs(90);

/// The program of this name on the path of this world.
pub(super) fn find(world: &World, name: &str) -> Result<PathBuf> {
    let path = world.var("PATH").map(OsStr::to_owned).unwrap_or_default();
    let endings: &[&str] = if cfg!(windows) { &[".exe", ".cmd", ""] } else { &[""] };
    let all = std::env::split_paths(&path)
        .filter(|dir| dir.is_absolute())
        .flat_map(|dir| endings.iter().map(move |end| dir.join(format!("{name}{end}"))));
    all.into_iter().find(|program| program.is_file()).ok_or_else(|| {
        Error::refused(format!("`{name}` is not installed, and without it this is not done by halves"))
            .hint(format!("install {name}, or move the files alone: `lifeboat clean SESSION --class at-risk --include-at-risk`"))
    })
}

/// How a program ended, and what it said, the last line first in words.
pub(super) struct Ran {
    /// Whether it said that it succeeded.
    pub(super) well: bool,
    /// What it said.
    pub(super) said: String,
}

/// Words, and variables besides those of the world.
type Said<'a> = (&'a [&'a str], &'a [(&'a str, &'a OsStr)]);

/// Runs a program in a folder with these words and variables.
pub(super) fn run(world: &World, program: &Path, folder: &Path, words: &[&str], vars: &[(&str, &OsStr)]) -> Result<Ran> {
    run_within(world, program, folder, (words, vars), PATIENCE)
}

/// The same, with so much patience.
pub(super) fn run_within(world: &World, program: &Path, folder: &Path, (words, vars): Said<'_>, patience: Duration) -> Result<Ran> {
    let failed = |e: io::Error| Error::io("cannot run", program, e);
    let mut heard = tempfile::tempfile().map_err(failed)?;
    let (out, err) = (heard.try_clone().map_err(failed)?, heard.try_clone().map_err(failed)?);
    let mut command = Command::new(program);
    command.args(words).current_dir(folder).env_clear().envs(&world.env).env("HOME", &world.home).envs(vars.iter().copied());
    let mut child = command.stdin(Stdio::null()).stdout(out).stderr(err).spawn().map_err(failed)?;
    let until = Instant::now() + patience;
    let ended = loop {
        match child.try_wait().map_err(failed)? {
            Some(status) => break Some(status),
            None if Instant::now() >= until => break None,
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    };
    if ended.is_none() {
        let _ = child.kill();
        let _ = child.wait();
    }
    let mut text = Vec::new();
    heard.rewind().and_then(|()| heard.take(64 << 10).read_to_end(&mut text)).map_err(failed)?;
    let text = String::from_utf8_lossy(&text);
    let line = text.lines().map(str::trim).find(|l| !l.is_empty()).unwrap_or_default();
    let said = match ended {
        Some(_) => line.to_owned(),
        None => format!("it did not end within {} s", patience.as_secs()),
    };
    Ok(Ran { well: ended.is_some_and(|status| status.success()), said: said.chars().take(300).collect() })
}
