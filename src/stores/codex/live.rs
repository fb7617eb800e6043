//! Whether Codex is running. "Cannot tell" counts as running.

use crate::platform::Process;

/// Why Codex counts as running; `None` when it is known not to.
pub fn running(processes: Option<&[Process]>) -> Option<String> {
    let Some(processes) = processes else { return Some("cannot tell which processes run".into()) };
    let own = processes.iter().find(|p| is_codex(p))?;
    Some(format!("Codex runs (process {})", own.pid))
}

/// Whether a process is Codex, its app, or a service of either, by its name or its program.
pub fn is_codex(process: &Process) -> bool {
    let is = |name: &str| {
        let name = name.to_ascii_lowercase();
        name == "codex" || ["codex.", "codex-", "codex ", "codex("].iter().any(|start| name.starts_with(start))
    };
    is(&process.name) || process.exe.as_ref().and_then(|exe| exe.file_name()).is_some_and(|name| is(&name.to_string_lossy()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_the_app_and_their_services_are_told_from_others() {
        let process = |name: &str, exe: &str| Process {
            pid: 7,
            name: name.into(),
            exe: (!exe.is_empty()).then(|| exe.into()),
            started: 0,
            ticks: None,
            script: None,
        };
        for (name, exe) in [
            ("codex", ""),
            ("codex.exe", ""),
            ("Codex", "/Applications/Codex.app/Contents/MacOS/Codex"),
            ("Codex Helper (Renderer)", ""),
            ("codex-x86_64-un", ""),
            ("main", "/usr/lib/node_modules/@openai/codex/vendor/bin/codex"),
        ] {
            assert!(is_codex(&process(name, exe)), "{name} {exe}");
        }
        for (name, exe) in [("code", "/usr/bin/code"), ("node", "/usr/bin/node"), ("codexplorer", "")] {
            assert!(!is_codex(&process(name, exe)), "{name} {exe}");
        }
    }
}
