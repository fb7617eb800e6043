//! Which processes run.

use std::path::{Path, PathBuf};

/// One running process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Its id.
    pub pid: u32,
    /// Its name as the platform gives it; on Linux cut at 15 characters.
    pub name: String,
    /// Its program file, where that can be read.
    pub exe: Option<PathBuf>,
    /// When it started, seconds since 1970.
    pub started: u64,
    /// The same in ticks since the machine started, which no clock that is set shifts; where the system tells it.
    pub ticks: Option<u64>,
    /// The first word after its own name that is no option: for an interpreter, the program it runs.
    pub script: Option<PathBuf>,
}

/// Every process that can be seen from here; `None` where the system does not tell.
pub fn processes() -> Option<Vec<Process>> {
    use sysinfo::{ProcessRefreshKind, ProcessesToUpdate, System, UpdateKind};
    let mut system = System::new().ok()?;
    let what = ProcessRefreshKind::nothing().with_exe(UpdateKind::Always).with_cmd(UpdateKind::Always).without_tasks();
    system.refresh_processes_specifics(ProcessesToUpdate::All, true, what);
    let mut found: Vec<Process> = system
        .processes()
        .values()
        .map(|p| Process {
            pid: p.pid().as_u32(),
            name: p.name().to_string_lossy().into_owned(),
            exe: p.exe().map(Path::to_path_buf),
            started: p.start_time(),
            ticks: ticks(p.pid().as_u32()),
            script: p.cmd().iter().skip(1).find(|word| !crate::model::to_bytes(word).starts_with(b"-")).map(PathBuf::from),
        })
        .collect();
    found.sort_by_key(|p| p.pid);
    Some(found)
}

/// This computer's name.
pub fn host_name() -> Option<String> {
    sysinfo::System::host_name().ok()
}

fn ticks(pid: u32) -> Option<u64> {
    if !cfg!(target_os = "linux") {
        return None;
    }
    super::proc_text::started(&std::fs::read(format!("/proc/{pid}/stat")).ok()?)
}

/// Whose process numbers this process sees, as the command line tool writes it down on Linux: `linux:<machine>:pid:[<space>]`;
/// `None` where the platform has but one such space.
pub fn pid_domain() -> Option<String> {
    if !cfg!(target_os = "linux") {
        return None;
    }
    let space = std::fs::read_link("/proc/self/ns/pid").ok()?;
    let machine = std::fs::read_to_string("/etc/machine-id").unwrap_or_default();
    Some(format!("linux:{}:{}", machine.trim(), space.to_string_lossy()))
}
