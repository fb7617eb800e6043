//! Whether the app is running. "Cannot tell" counts as running.

use super::process::{is_app, is_virtual_machine};
use super::roots::is_sessions_root;
use crate::model::Kind;
use crate::platform::{Folder, Process};
use crate::stores::pids::alive;
use crate::world::World;
use std::io::ErrorKind;
use std::path::Path;

/// Why the app counts as running; `None` when it is known not to.
pub fn running(world: &World, root: &Path, processes: Option<&[Process]>) -> Option<String> {
    let Some(processes) = processes else { return Some("cannot tell which processes run".into()) };
    if let Some(app) = processes.iter().find(|p| is_app(p)) {
        return Some(format!("Claude Desktop runs (process {})", app.pid));
    }
    let data_folder = if is_sessions_root(root) { root.parent() } else { Some(root) };
    data_folder.and_then(|dir| locked(world, dir, processes)).or_else(|| {
        let machine = processes.iter().find(|p| is_virtual_machine(p)).filter(|_| root.join("vm_bundles").is_dir())?;
        Some(format!("a virtual machine runs (process {}); it may have the VM's disk open", machine.pid))
    })
}

/// What `SingletonLock` says: a link to `<computer>-<process>` that Chromium makes at its start and leaves behind when
/// it is killed.
fn locked(world: &World, dir: &Path, processes: &[Process]) -> Option<String> {
    let found = match Folder::open_top(dir).and_then(|folder| folder.facts(b"SingletonLock").map(|facts| (folder, facts))) {
        Ok(found) => found,
        Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return None,
        Err(e) => return Some(format!("whether the app's lock is there cannot be told: {e}")),
    };
    let (folder, facts) = found;
    if facts.kind != Kind::Symlink {
        return Some("the app's lock is there and cannot be read, so whether it runs cannot be told".into());
    }
    let link = String::from_utf8_lossy(&folder.link(b"SingletonLock").unwrap_or_default()).into_owned();
    let Some((host, Ok(pid))) = link.rsplit_once('-').map(|(host, pid)| (host, pid.parse::<u32>())) else {
        return Some("the app's lock cannot be read, so whether it runs cannot be told".into());
    };
    if world.host.as_deref() != Some(host) {
        return Some(format!("the app's lock was made on another computer ({host}); whether it runs there cannot be told"));
    }
    let made = facts.mtime_ns / 1_000_000_000;
    alive(processes, pid, Some(made), None).then(|| format!("Claude Desktop runs (process {pid} holds its lock)"))
}
