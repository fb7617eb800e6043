//! Whether a disk image is in use. "Cannot tell" counts as in use.

use crate::model::shown_name;
use crate::platform::{Place, Uses, facts, uses};
use crate::stores::tool;
use crate::world::World;
use std::path::Path;
use std::process::{Command, Stdio};

/// Why an image is in use, by the app, a virtual machine or anybody; `None` where it is known not to be.
pub fn in_use(world: &World, store: &str, root: &Path, image: &Path) -> Option<String> {
    let Some(tool) = tool(store) else { return Some("which app it belongs to cannot be told".into()) };
    if world.processes().is_none() {
        return Some("cannot tell which processes run".into());
    }
    tool.running(world, root).or_else(|| opened(world, store, image)).or_else(|| attached(image))
}

/// Who has it open, mapped or locked.
pub fn opened(world: &World, store: &str, image: &Path) -> Option<String> {
    let own = match facts(image) {
        Ok(own) => own,
        // What is not there is used by nobody who could be asked.
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return None,
        Err(e) => return Some(format!("whether it is open cannot be told: {e}")),
    };
    let looked = if cfg!(target_os = "linux") { Ok(uses(&[image.to_path_buf()])) } else { listed(image) };
    let uses = match looked {
        Ok(uses) => uses,
        Err(why) => return Some(why),
    };
    let is_it = |place: &Place| match place {
        Place::Path(path) => path == image,
        Place::Inode(device, inode) => (*device, *inode) == (own.dev, own.ino),
    };
    if let Some((_, how)) = uses.found.iter().find(|(place, _)| is_it(place)) {
        return Some(format!("it is {how}"));
    }
    let processes = world.processes().unwrap_or_default();
    let closed = processes.iter().filter(|p| uses.closed.contains(&p.pid)).find(|p| tool(store).is_none_or(|tool| tool.is_own(p)))?;
    Some(format!("what {} (process {}), which belongs to somebody else, has open cannot be told", closed.name, closed.pid))
}

/// Who has it open, by `lsof`: where the system has no list of its own that can be read.
fn listed(image: &Path) -> Result<Uses, String> {
    let cannot = |why: String| format!("whether it is open cannot be told: {why}");
    let program = ["/usr/sbin/lsof", "/usr/bin/lsof"].into_iter().find(|p| Path::new(p).is_file());
    let program = program.ok_or_else(|| cannot("there is no `lsof`".into()))?;
    let ran = Command::new(program).args(["-w", "-F", "pc", "--"]).arg(image).stdin(Stdio::null()).output();
    let ran = ran.map_err(|e| cannot(e.to_string()))?;
    let text = String::from_utf8_lossy(&ran.stdout);
    // Without anybody it says nothing and ends with 1.
    if text.trim().is_empty() && ran.status.code() != Some(1) {
        return Err(cannot(String::from_utf8_lossy(&ran.stderr).trim().chars().take(200).collect()));
    }
    let (mut found, mut pid) = (Vec::new(), "");
    for line in text.lines() {
        match line.split_at_checked(1) {
            Some(("p", number)) => pid = number,
            Some(("c", name)) if pid != std::process::id().to_string() => {
                found.push((Place::Path(image.to_path_buf()), format!("open in {} (process {pid})", shown_name(name.as_ref()))));
            }
            _ => {}
        }
    }
    Ok(Uses { found, closed: Vec::new() })
}

/// Whether it is attached as a disk of this machine: the kernel itself has it open then.
#[expect(clippy::disallowed_methods, reason = "the kernel tells real paths; the answer is only used to refuse")]
fn attached(image: &Path) -> Option<String> {
    let real = std::fs::canonicalize(image).ok()?;
    let disks = std::fs::read_dir("/sys/block").ok()?;
    disks.flatten().find_map(|disk| {
        let backing = std::fs::read(disk.path().join("loop/backing_file")).ok()?;
        let backing = crate::model::from_bytes(backing.trim_ascii_end());
        (Path::new(&backing) == real).then(|| format!("it is attached to this machine as {}", disk.file_name().to_string_lossy()))
    })
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn what_is_open_is_told_by_lsof_too_and_what_is_not_is_told_to_be_free() {
        let dir = tempfile::tempdir().unwrap();
        let image = dir.path().join("sessiondata.img");
        std::fs::write(&image, "x").unwrap();
        let Ok(free) = listed(&image) else {
            println!("skipped: there is no lsof here");
            return;
        };
        assert!(free.found.is_empty(), "{free:?}");
        let mut sleep = Command::new("sleep").arg("600").stdin(std::fs::File::open(&image).unwrap()).spawn().unwrap();
        let used = listed(&image);
        sleep.kill().unwrap();
        sleep.wait().unwrap();
        assert!(used.unwrap().found.iter().any(|(place, how)| *place == Place::Path(image.clone()) && how.contains("sleep")));
    }
}
