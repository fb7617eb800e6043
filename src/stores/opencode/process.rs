//! Which processes are opencode's.

use crate::platform::Process;
use crate::world::World;

/// Whether a process is opencode: its program, its server or its desktop app. Up to 1.2 the command is a small script that
/// starts the program and may end before it, so the program's own name counts.
pub fn is_opencode(process: &Process) -> bool {
    let own = |name: &str| {
        let name = name.to_ascii_lowercase();
        name.trim_start_matches('.').starts_with("opencode")
    };
    let of = |path: &std::path::Path| {
        let path = path.to_string_lossy().replace('\\', "/").to_ascii_lowercase();
        path.rsplit('/').next().is_some_and(own) || path.contains("/opencode.app/") || path.contains("/opencode-ai/")
    };
    own(&process.name) || [&process.exe, &process.script].into_iter().flatten().any(|path| of(path))
}

/// Why opencode counts as running; `None` when it is known not to. Its databases are one: whoever runs has them all.
pub fn running(world: &World) -> Option<String> {
    let Some(processes) = world.processes() else { return Some("cannot tell which processes run".into()) };
    let own = processes.iter().find(|p| is_opencode(p))?;
    Some(format!("opencode runs (process {})", own.pid))
}
