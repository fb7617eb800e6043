//! Whether a process of a session runs: each writes `.claude/sessions/<pid>.json` and removes it when it ends. What is
//! left by a crash is told from what runs by when the process started. "Cannot tell" counts as running.

use super::folders::{Folders, Name};
use super::names::ends;
use super::text::time;
use super::torn::read;
use crate::model::Kind;
use crate::platform::{Os, Process};
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

/// What a file that a process wrote tells of it.
#[derive(Debug)]
pub struct Told {
    /// The session it works on, where the file tells.
    pub session: Option<String>,
    /// The process, where the file or its name tells.
    pub pid: Option<u32>,
    /// Why it counts as running; `None` where it is known not to.
    pub live: Option<String>,
}

/// What the files in a folder tell, each of its process; `None` where the folder cannot be read. `app` is why the app that
/// has the virtual machine counts as running.
pub fn told(world: &World, folders: &mut Folders<'_>, dir: &Path, processes: Option<&[Process]>, app: Option<&str>) -> Option<Vec<Told>> {
    let names = folders.try_list(dir)?;
    let files = names.iter().filter(|n| n.facts.kind != Kind::Dir && ends(&n.bytes, &[".json"]));
    Some(files.filter_map(|name| one(world, folders, name, processes, app)).collect())
}

/// Why a process that wrote itself down in this folder counts as running.
pub fn running(world: &World, folders: &mut Folders<'_>, dir: &Path, processes: Option<&[Process]>, app: Option<&str>) -> Option<String> {
    let Some(all) = told(world, folders, dir, processes, app) else { return Some("which of its processes run cannot be read".into()) };
    all.into_iter().find_map(|told| told.live)
}

fn one(world: &World, folders: &mut Folders<'_>, name: &Name, processes: Option<&[Process]>, app: Option<&str>) -> Option<Told> {
    let untold = |live: String| Some(Told { session: None, pid: None, live: Some(live) });
    let text = match folders.text(&name.path) {
        Ok(text) => text,
        // It was removed just now, so that its process has ended.
        Err(e) if e.kind() == ErrorKind::NotFound => return None,
        Err(e) => return untold(format!("{}, which tells of one of its processes, cannot be read: {e}", name.text())),
    };
    let fields = read(&text).fields;
    let by_name = || name.text().trim_end_matches(".json").trim_start_matches("pid-").parse().ok();
    let number = |key: &str| fields.get(key).and_then(|v| v.as_u64().or_else(|| v.as_str()?.parse().ok()));
    let Some(pid) = number("pid").and_then(|p| u32::try_from(p).ok()).or_else(by_name) else {
        return untold(format!("which process {} tells of cannot be read", name.text()));
    };
    let text = |key: &str| fields.get(key).and_then(Value::as_str);
    let live = match (processes, whose(world, text("pidDomain"), text("cwd"))) {
        (None, _) => Some(format!("whether its process {pid} runs cannot be told")),
        (Some(processes), Domain::Here) => {
            let since = fields.get("startedAt").and_then(time).map(Timestamp::as_second);
            alive(processes, pid, since, number("procStart")).then(|| format!("its process {pid} runs"))
        }
        // Inside the app's virtual machine, which is gone when the app is.
        (Some(_), Domain::Machine) => app.map(|why| format!("its process {pid} may run in the virtual machine: {why}")),
        (Some(_), Domain::Elsewhere) => Some(format!("its process {pid} is in another container; whether it runs cannot be told")),
    };
    Some(Told { session: text("sessionId").map(str::to_owned), pid: Some(pid), live })
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
