//! Which files are open.

#[cfg(target_os = "linux")]
use std::path::Path;
use std::path::PathBuf;

/// Files below any of these folders that some process we may look at has open, each with that process in words.
/// Processes of other users cannot be looked into and are left out.
#[cfg(target_os = "linux")]
pub fn open_files(below: &[PathBuf]) -> Vec<(PathBuf, String)> {
    let own = std::process::id();
    let mut found = Vec::new();
    for process in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = process.file_name().to_str().and_then(|n| n.parse::<u32>().ok()).filter(|p| *p != own) else { continue };
        for link in links(&process.path()) {
            if below.iter().any(|dir| link.starts_with(dir)) {
                let name = std::fs::read_to_string(process.path().join("comm")).unwrap_or_default();
                found.push((link, format!("{} (process {pid})", name.trim())));
            }
        }
    }
    found
}

/// Files below any of these folders that some process has open: not known on this platform.
#[cfg(not(target_os = "linux"))]
pub fn open_files(_below: &[PathBuf]) -> Vec<(PathBuf, String)> {
    Vec::new()
}

/// The files a process has open.
#[cfg(target_os = "linux")]
fn links(process: &Path) -> Vec<PathBuf> {
    let fds = std::fs::read_dir(process.join("fd")).into_iter().flatten().flatten();
    fds.filter_map(|link| std::fs::read_link(link.path()).ok()).filter(|p| p.is_absolute()).collect()
}
