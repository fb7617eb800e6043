//! Whether the app or a session is in use. "Cannot tell" counts as in use.

use super::folders::Folders;
use super::names::ends;
use super::process::{is_app, is_virtual_machine};
use super::roots::is_sessions_root;
use super::text::time;
use super::torn::read;
use crate::model::Kind;
use crate::platform::{Folder, Os, Process};
use crate::world::World;
use jiff::Timestamp;
use std::path::Path;

/// A process that started more than this many seconds after it was written down is another one with its number.
const SLACK: i64 = 60;

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
    let folder = Folder::open_top(dir).ok()?;
    let facts = folder.facts(b"SingletonLock").ok()?;
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
    alive(processes, pid, Some(made)).then(|| format!("Claude Desktop runs (process {pid} holds its lock)"))
}

/// Whether a process with this number runs and is not a later one with the same number.
fn alive(processes: &[Process], pid: u32, since: Option<i64>) -> bool {
    let same = |p: &&Process| since.is_none_or(|s| i64::try_from(p.started).unwrap_or(i64::MAX) <= s.saturating_add(SLACK));
    processes.iter().find(|p| p.pid == pid).as_ref().is_some_and(same)
}

/// Why a session counts as in use: by the processes it wrote down, or by when it was last active.
pub fn session(
    world: &World,
    folders: &mut Folders<'_>,
    dir: Option<&Path>,
    last_active: Option<Timestamp>,
    processes: Option<&[Process]>,
    app: Option<&str>,
) -> Option<String> {
    dir.and_then(|dir| by_process(world, folders, &dir.join(".claude").join("sessions"), processes, app)).or_else(|| {
        let ago = world.now().duration_since(last_active?).as_secs();
        let quiet = i64::try_from(world.quiet_after().as_secs()).unwrap_or(i64::MAX);
        (ago.abs() < quiet).then(|| format!("active {} s ago", ago.max(0)))
    })
}

fn by_process(world: &World, folders: &mut Folders<'_>, dir: &Path, processes: Option<&[Process]>, app: Option<&str>) -> Option<String> {
    let Some(names) = folders.try_list(dir) else { return Some("which of its processes run cannot be read".into()) };
    names.into_iter().filter(|n| n.facts.kind == Kind::File && ends(&n.bytes, &[".json"])).find_map(|name| {
        let fields = read(&folders.text(&name.path).unwrap_or_default()).fields;
        let by_name = || name.text().strip_suffix(".json")?.parse().ok();
        let pid = fields.get("pid").and_then(serde_json::Value::as_u64).and_then(|p| u32::try_from(p).ok()).or_else(by_name)?;
        let Some(processes) = processes else { return Some(format!("whether its process {pid} runs cannot be told")) };
        let domain = fields.get("pidDomain").and_then(serde_json::Value::as_str);
        match domain.map_or(Domain::Here, |d| whose(world, d)) {
            Domain::Here => {
                let since = fields.get("startedAt").and_then(time).map(Timestamp::as_second);
                alive(processes, pid, since).then(|| format!("its process {pid} runs"))
            }
            // Inside the app's virtual machine, which is gone when the app is.
            Domain::Machine => app.map(|why| format!("its process {pid} may run in the virtual machine: {why}")),
            Domain::Elsewhere => Some(format!("its process {pid} is in another container; whether it runs cannot be told")),
        }
    })
}

enum Domain {
    Here,
    Machine,
    Elsewhere,
}

/// Whose process numbers a file speaks of: `pidDomain` is `<platform>:<id>:pid:[<namespace>]`.
fn whose(world: &World, domain: &str) -> Domain {
    let platform = domain.split(':').next().unwrap_or_default();
    match (world.os, platform) {
        (Os::Linux, "linux") => match &world.pid_namespace {
            Some(own) if !domain.ends_with(own.as_str()) => Domain::Elsewhere,
            _ => Domain::Here,
        },
        (_, "linux") => Domain::Machine,
        (Os::Linux, _) => Domain::Elsewhere,
        _ => Domain::Here,
    }
}
