//! Linux: a unit of systemd's user manager.

use super::{Command, Job, Starter, command};
use crate::world::World;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

const UNIT: &str = "lifeboat-watch.service";

/// systemd's user manager.
pub struct Systemd;

impl Starter for Systemd {
    fn name(&self) -> &'static str {
        "systemd user unit"
    }

    fn file(&self, world: &World) -> PathBuf {
        let config = world.path_var("XDG_CONFIG_HOME").filter(|p| p.is_absolute()).unwrap_or_else(|| world.home.join(".config"));
        config.join("systemd").join("user").join(UNIT)
    }

    fn text(&self, job: &Job) -> String {
        let program = job.program.to_string_lossy();
        let words: Vec<String> = std::iter::once(&*program).chain(job.words.iter().map(String::as_str)).map(|w| quoted(w, true)).collect();
        let mut env = String::new();
        for (key, value) in &job.env {
            let _ = writeln!(env, "Environment={}", quoted(&format!("{key}={value}"), false));
        }
        format!(
            "[Unit]\nDescription=lifeboat: keeps what AI agents' sessions made\n\n\
             [Service]\nExecStart={}\n{env}Restart=on-failure\nRestartSec=60\nRestartPreventExitStatus=2 3\nNice=10\n\
             IOSchedulingClass=idle\n\n[Install]\nWantedBy=default.target\n",
            words.join(" ")
        )
    }

    fn start(&self, _: &Path) -> Vec<Command> {
        vec![command(&["systemctl", "--user", "daemon-reload"]), command(&["systemctl", "--user", "enable", "--now", UNIT])]
    }

    fn stop(&self, _: &Path) -> Vec<Command> {
        vec![command(&["systemctl", "--user", "disable", "--now", UNIT])]
    }

    fn after(&self) -> Vec<Command> {
        vec![command(&["systemctl", "--user", "daemon-reload"])]
    }
}

/// A word as unit files have it; of a command line `$` begins a variable.
fn quoted(word: &str, command: bool) -> String {
    let word = word.replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%").replace('\n', "\\n");
    let word = if command { word.replace('$', "$$") } else { word };
    format!("\"{word}\"")
}
