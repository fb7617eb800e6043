//! Whether a process of a session runs: each writes `.claude/sessions/<pid>.json` and removes it when it ends. What is
//! left by a crash is told from what runs by when the process started. "Cannot tell" counts as running.

use crate::model::Kind;
use crate::platform::{Os, Process};
use crate::stores::folders::{Folders, Name};
use crate::stores::names::ends;
use crate::stores::text::time;
use crate::stores::torn::read;
use crate::world::World;
use jiff::Timestamp;
use serde_json::Value;
use std::io::ErrorKind;
use std::path::Path;

/// A process that started more than this many seconds after it was written down is another one with its number.
const SLACK: i64 = 60;

/// Whether a process with this number runs and is not a later one with the same number: by its start in ticks where both
/// are known, else by the clock, which may have been set since.
pub fn alive(processes: &[Process], pid: u32, since: Option<i64>, ticks: Option<u64>) -> bool {
    let Some(process) = processes.iter().find(|p| p.pid == pid) else { return false };
    match (process.ticks, ticks) {
        (Some(now), Some(then)) => now == then,
        _ => since.is_none_or(|s| i64::try_from(process.started).unwrap_or(i64::MAX) <= s.saturating_add(SLACK)),
    }
}

/// Why a process that wrote itself down in this folder counts as running; `app` is why the app does.
pub fn running(world: &World, folders: &mut Folders<'_>, dir: &Path, processes: Option<&[Process]>, app: Option<&str>) -> Option<String> {
    let Some(names) = folders.try_list(dir) else { return Some("which of its processes run cannot be read".into()) };
    names
        .iter()
        .filter(|n| n.facts.kind != Kind::Dir && ends(&n.bytes, &[".json"]))
        .find_map(|name| one(world, folders, name, processes, app))
}

fn one(world: &World, folders: &mut Folders<'_>, name: &Name, processes: Option<&[Process]>, app: Option<&str>) -> Option<String> {
    let text = match folders.text(&name.path) {
        Ok(text) => text,
        // It was removed just now, so that its process has ended.
        Err(e) if e.kind() == ErrorKind::NotFound => return None,
        Err(e) => return Some(format!("{}, which tells of one of its processes, cannot be read: {e}", name.text())),
    };
    let fields = read(&text).fields;
    let by_name = || name.text().trim_end_matches(".json").trim_start_matches("pid-").parse().ok();
    let number = |key: &str| fields.get(key).and_then(|v| v.as_u64().or_else(|| v.as_str()?.parse().ok()));
    let Some(pid) = number("pid").and_then(|p| u32::try_from(p).ok()).or_else(by_name) else {
        return Some(format!("which process {} tells of cannot be read", name.text()));
    };
    let Some(processes) = processes else { return Some(format!("whether its process {pid} runs cannot be told")) };
    let text = |key: &str| fields.get(key).and_then(Value::as_str);
    match whose(world, text("pidDomain"), text("cwd")) {
        Domain::Here => {
            let since = fields.get("startedAt").and_then(time).map(Timestamp::as_second);
            alive(processes, pid, since, number("procStart")).then(|| format!("its process {pid} runs"))
        }
        // Inside the app's virtual machine, which is gone when the app is.
        Domain::Machine => app.map(|why| format!("its process {pid} may run in the virtual machine: {why}")),
        Domain::Elsewhere => Some(format!("its process {pid} is in another container; whether it runs cannot be told")),
    }
}

enum Domain {
    Here,
    Machine,
    Elsewhere,
}

/// Whose process numbers a file speaks of: `pidDomain` is `<platform>:<machine>:pid:[<space>]`. Every Linux has the same
/// number for its first space, so that the machine matters as much. In the virtual machine sessions have homes of their
/// own, which tells also of files that name no domain.
fn whose(world: &World, domain: Option<&str>, cwd: Option<&str>) -> Domain {
    if domain.is_some() && domain == world.pid_domain.as_deref() {
        return Domain::Here;
    }
    if cwd.is_some_and(|cwd| cwd.starts_with("/sessions/")) {
        return Domain::Machine;
    }
    match domain.map(|d| d.split(':').next().unwrap_or_default()) {
        None => Domain::Here,
        Some(_) if world.os == Os::Linux => Domain::Elsewhere,
        Some("linux") => Domain::Machine,
        Some(_) => Domain::Here,
    }
}
