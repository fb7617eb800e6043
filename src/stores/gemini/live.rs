//! Whether Gemini is running. "Cannot tell" counts as running.

use crate::platform::Process;
use std::path::Path;

/// Why Gemini counts as running; `None` when it is known not to.
pub fn running(processes: Option<&[Process]>) -> Option<String> {
    let Some(processes) = processes else { return Some("cannot tell which processes run".into()) };
    let own = processes.iter().find(|p| is_gemini(p))?;
    Some(format!("Gemini runs (process {})", own.pid))
}

/// Whether a process is Gemini: a script that node runs, or a program of its own.
pub fn is_gemini(process: &Process) -> bool {
    let name = process.name.to_ascii_lowercase();
    let own = |path: &Path| {
        let path = path.to_string_lossy().replace('\\', "/").to_ascii_lowercase();
        let last = path.rsplit('/').next().unwrap_or_default();
        path.split('/').any(|part| part == "gemini-cli") || matches!(last, "gemini" | "gemini.js" | "gemini.mjs" | "gemini.exe")
    };
    matches!(name.as_str(), "gemini" | "gemini.exe") || [&process.exe, &process.script].into_iter().flatten().any(|path| own(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gemini_is_told_by_the_script_that_node_runs() {
        let node = |script: &str| Process {
            pid: 7,
            name: "node".into(),
            exe: Some("/usr/bin/node".into()),
            started: 0,
            ticks: None,
            script: Some(script.into()),
        };
        for yes in ["/usr/local/bin/gemini", "/x/node_modules/@google/gemini-cli/dist/index.js", r"C:\n\@google\gemini-cli\bundle\main.js"]
        {
            assert!(is_gemini(&node(yes)), "{yes}");
        }
        for no in ["/srv/app/server.js", "/home/u/gemini-notes/build.js", "/usr/bin/npm"] {
            assert!(!is_gemini(&node(no)), "{no}");
        }
    }
}
