//! Which processes are the app's.

use crate::platform::Process;

/// Whether a process is Claude Desktop itself or a service of it. The command line tool, which is called `claude`
/// too, is not; where the two cannot be told apart, it counts as the app.
pub fn is_app(process: &Process) -> bool {
    let exe = process.exe.as_ref().map(|p| p.to_string_lossy().replace('\\', "/")).unwrap_or_default();
    let lower = exe.to_ascii_lowercase();
    if lower.split('/').any(|part| part == "claude-desktop") || process.name.starts_with("claude-desktop") {
        return true;
    }
    // Linux cuts names at 15 characters: cowork-linux-helper is one of them.
    let name = process.name.to_ascii_lowercase();
    if ["cowork-linux-he", "coworkvmservice", "cowork-svc"].iter().any(|service| name.starts_with(service)) {
        return true;
    }
    if ["/claude-code/", "/claude-code-vm/", "/node_modules/", "/.local/", "/npm/"].iter().any(|part| lower.contains(part)) {
        return false;
    }
    match process.name.as_str() {
        "Claude" | "Claude Nest" => true,
        // On macOS and Linux the tool's own program is written small; on Windows both may be.
        _ => name == "claude.exe" || name == "claude nest.exe" || exe.ends_with("/Claude.app/Contents/MacOS/Claude"),
    }
}

/// Whether a process is a virtual machine, which may be the app's and have its disks open even after the app is gone.
pub fn is_virtual_machine(process: &Process) -> bool {
    let name = process.name.to_ascii_lowercase();
    name.starts_with("qemu-system") || name == "vmwp.exe" || name == "vmwp" || name.starts_with("com.apple.virtu")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(name: &str, exe: &str) -> Process {
        Process { pid: 7, name: name.into(), exe: (!exe.is_empty()).then(|| exe.into()), started: 0, ticks: None, script: None }
    }

    #[test]
    fn the_app_is_told_from_the_command_line_tool() {
        for (name, exe) in [
            ("Claude", "/Applications/Claude.app/Contents/MacOS/Claude"),
            ("claude.exe", r"C:\Users\u\AppData\Local\AnthropicClaude\app-1.2\claude.exe"),
            ("claude.exe", ""),
            ("claude-desktop", ""),
            ("electron", "/usr/lib/claude-desktop/node_modules/electron/dist/electron"),
            ("cowork-linux-he", ""),
            ("CoworkVMService", ""),
        ] {
            assert!(is_app(&process(name, exe)), "{name} {exe}");
        }
        for (name, exe) in [
            ("claude", "/home/u/.local/share/claude/versions/2.1.329"),
            ("claude", ""),
            ("claude.exe", r"C:\Users\u\.local\bin\claude.exe"),
            ("claude", "/Users/u/Library/Application Support/Claude/claude-code/2.1.2/claude.app/Contents/MacOS/claude"),
            ("Claude Helper (Renderer)", "/Applications/Claude.app/Contents/Frameworks/Claude Helper.app/Contents/MacOS/Claude Helper"),
            ("node", "/usr/bin/node"),
        ] {
            assert!(!is_app(&process(name, exe)), "{name} {exe}");
        }
    }
}
