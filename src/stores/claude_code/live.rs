//! Which sessions run. "Cannot tell" counts as running.

use crate::platform::Process;
use crate::stores::folders::Folders;
use crate::stores::pids::{self, Told};
use crate::world::World;
use jiff::Timestamp;
use std::path::Path;

/// What is known of the client's processes.
#[derive(Debug)]
pub struct Running {
    /// What their files tell; `None` where they cannot be read.
    files: Option<Vec<Told>>,
    /// Processes of the client that no file tells of, each with when it began; `None` where no process is known.
    others: Option<Vec<(u32, Timestamp)>>,
}

impl Running {
    /// What is known at this moment.
    pub fn of(world: &World, root: &Path) -> Self {
        let processes = world.processes();
        let files = pids::told(world, &mut Folders::new(root), &root.join("sessions"), processes.as_deref(), None);
        let written = |pid: u32| files.iter().flatten().any(|told| told.pid == Some(pid));
        let began = |p: &Process| i64::try_from(p.started).ok().and_then(|s| Timestamp::from_second(s).ok()).unwrap_or(Timestamp::MIN);
        let others = processes.map(|all| all.iter().filter(|p| is_client(p) && !written(p.pid)).map(|p| (p.pid, began(p))).collect());
        Self { files, others }
    }

    /// Why the client counts as running at all.
    pub fn store(&self) -> Option<String> {
        let Some(others) = &self.others else { return Some("cannot tell which processes run".into()) };
        let Some(files) = &self.files else { return Some("which of its processes run cannot be read".into()) };
        let told = files.iter().find_map(|told| told.live.clone());
        told.or_else(|| others.first().map(|(pid, _)| format!("Claude Code runs (process {pid})")))
    }

    /// Why a session counts as running that was last active at this time.
    pub fn session(&self, id: &str, last_active: Option<Timestamp>) -> Option<String> {
        let Some(files) = &self.files else { return Some("which processes of Claude Code run cannot be read".into()) };
        // A file that does not tell its session may be of any.
        let own = |told: &&Told| told.session.as_deref().is_none_or(|s| s == id);
        files.iter().filter(own).find_map(|told| told.live.clone()).or_else(|| self.unwritten(last_active))
    }

    /// A client that wrote nothing down (older ones do not) may have any session open that went on since it began.
    fn unwritten(&self, last_active: Option<Timestamp>) -> Option<String> {
        let Some(others) = &self.others else { return Some("whether a process of it runs cannot be told".into()) };
        let (pid, _) = others.iter().find(|(_, began)| last_active.is_none_or(|last| last >= *began))?;
        Some(format!("process {pid} of Claude Code does not tell its session, and this one went on since it began"))
    }
}

/// Whether a process is the client.
pub fn is_client(process: &Process) -> bool {
    let exe = process.exe.as_ref().map(|p| p.to_string_lossy().replace('\\', "/").to_ascii_lowercase()).unwrap_or_default();
    // Claude Desktop's own program is called the same on Windows.
    let desktop = ["/anthropicclaude/", "/claude.app/contents/macos/claude", "/windowsapps/claude", "/claude-desktop/"];
    if desktop.iter().any(|part| exe.contains(part)) && !exe.contains("/claude-code/") {
        return false;
    }
    // Installed by npm it is a script that an interpreter runs, or a program beside one.
    let own = ["/claude/versions/", "/claude-code/", "/claude-code-linux", "/claude-code-darwin", "/claude-code-win32"];
    let script = process.script.as_ref().map(|p| p.to_string_lossy().replace('\\', "/")).unwrap_or_default();
    matches!(process.name.as_str(), "claude" | "claude.exe")
        || own.iter().any(|part| exe.contains(part))
        || script.contains("/@anthropic-ai/claude-code/")
        || (process.name.starts_with("node") && script.ends_with("/bin/claude"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_is_told_from_the_desktop_app() {
        let process = |name: &str, exe: &str| Process {
            pid: 7,
            name: name.into(),
            exe: (!exe.is_empty()).then(|| exe.into()),
            started: 0,
            ticks: None,
            script: None,
        };
        for (name, exe) in [
            ("claude", ""),
            ("2.1.329", "/home/u/.local/share/claude/versions/2.1.329"),
            ("claude.exe", r"C:\Users\u\.local\bin\claude.exe"),
            ("claude", "/Users/u/Library/Application Support/Claude/claude-code/2.1.2/claude.app/Contents/MacOS/claude"),
        ] {
            assert!(is_client(&process(name, exe)), "{name} {exe}");
        }
        let script = |path: &str| Process { script: Some(path.into()), ..process("node", "/usr/bin/node") };
        assert!(
            is_client(&script("/usr/lib/node_modules/@anthropic-ai/claude-code/cli.js")) && is_client(&script("/usr/local/bin/claude"))
        );
        assert!(!is_client(&script("/w/claude-code/server.js")));
        for (name, exe) in [
            ("Claude", "/Applications/Claude.app/Contents/MacOS/Claude"),
            ("claude.exe", r"C:\Users\u\AppData\Local\AnthropicClaude\app-1.2\claude.exe"),
            ("node", "/usr/bin/node"),
            ("claudette", "/usr/bin/claudette"),
        ] {
            assert!(!is_client(&process(name, exe)), "{name} {exe}");
        }
    }
}
