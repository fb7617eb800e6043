//! Whether a database is in use. "Cannot tell" counts as in use.

use crate::database::{Family, Member};
use crate::platform::{Place, Process, facts, uses};
use crate::stores::opencode::is_opencode;
use crate::world::World;
use std::path::Path;
use std::time::Duration;

/// Two looks at a `-wal` are so far apart: what writes in turns of its own writes more often.
const APART: Duration = Duration::from_millis(250);

/// Why a database is in use by opencode or anybody else; `None` where it is known not to be.
pub fn in_use(world: &World, database: &Path) -> Option<String> {
    let Some(processes) = world.processes() else { return Some("cannot tell which processes run".into()) };
    if let Some(own) = processes.iter().find(|p| is_opencode(p)) {
        return Some(format!("opencode runs (process {}, {})", own.pid, own.name));
    }
    opened(database, &processes).or_else(|| moving(database))
}

/// Who has one of the database's files open or locked.
fn opened(database: &Path, processes: &[Process]) -> Option<String> {
    let folder = database.parent()?;
    let uses = uses(&[folder.to_path_buf()]);
    let own: Vec<_> = Member::ALL.iter().map(|member| Family::name(database, *member)).collect();
    let inodes: Vec<(u64, u64)> = own.iter().filter_map(|path| facts(path).ok()).map(|f| (f.dev, f.ino)).collect();
    let ours = |place: &Place| match place {
        Place::Path(path) => own.contains(path),
        Place::Inode(device, inode) => inodes.contains(&(*device, *inode)),
    };
    if let Some((_, how)) = uses.found.iter().find(|(place, _)| ours(place)) {
        return Some(format!("it is {how}"));
    }
    // A script of opencode's runs in a program of another name.
    let runs = |p: &&Process| ["node", "bun", "nodejs"].iter().any(|name| p.name.trim_end_matches(".exe").eq_ignore_ascii_case(name));
    let closed = processes.iter().filter(|p| uses.closed.contains(&p.pid)).find(runs)?;
    Some(format!("what {} (process {}), which belongs to somebody else, has open cannot be told", closed.name, closed.pid))
}

/// Whether the `-wal` or the database changes while one looks.
fn moving(database: &Path) -> Option<String> {
    let before = Family::of(database);
    if before.bytes(Member::Wal) == 0 && before.bytes(Member::Journal) == 0 {
        return None;
    }
    std::thread::sleep(APART);
    (!Family::of(database).same_content(&before)).then(|| "it is being written to".to_owned())
}
