//! macOS: an agent of launchd.

use super::{Command, Job, Starter, command, xml};
use crate::world::World;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// launchd.
pub struct Launchd;

impl Starter for Launchd {
    fn name(&self) -> &'static str {
        "launchd agent"
    }

    fn file(&self, world: &World) -> PathBuf {
        world.home.join("Library").join("LaunchAgents").join("lifeboat-watch.plist")
    }

    fn text(&self, job: &Job) -> String {
        let program = job.program.to_string_lossy();
        let mut words = String::new();
        for word in std::iter::once(&*program).chain(job.words.iter().map(String::as_str)) {
            let _ = writeln!(words, "    <string>{}</string>", xml(word));
        }
        let mut env = String::new();
        for (key, value) in &job.env {
            let _ = write!(env, "    <key>{}</key>\n    <string>{}</string>\n", xml(key), xml(value));
        }
        if !env.is_empty() {
            env = format!("  <key>EnvironmentVariables</key>\n  <dict>\n{env}  </dict>\n");
        }
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n\
             <plist version=\"1.0\">\n<dict>\n  <key>Label</key>\n  <string>lifeboat-watch</string>\n  <key>ProgramArguments</key>\n\
             \x20 <array>\n{words}  </array>\n{env}  <key>RunAtLoad</key>\n  <true/>\n  <key>KeepAlive</key>\n  <dict>\n\
             \x20   <key>Crashed</key>\n    <true/>\n  </dict>\n  <key>ProcessType</key>\n  <string>Background</string>\n\
             \x20 <key>LowPriorityIO</key>\n  <true/>\n</dict>\n</plist>\n"
        )
    }

    fn start(&self, file: &Path) -> Vec<Command> {
        vec![command(&["launchctl", "load", "-w", &file.to_string_lossy()])]
    }

    fn stop(&self, file: &Path) -> Vec<Command> {
        vec![command(&["launchctl", "unload", "-w", &file.to_string_lossy()])]
    }
}
