//! Archives that were read back whole, as they are written down in the state folder: each a line with size, time and path.

use crate::error::{Error, Result};
use crate::vault::own::{Mode, replace};
use crate::world::World;
use std::path::{Path, PathBuf};

/// An archive that was read back whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Where it is.
    pub path: PathBuf,
    /// Its size then.
    pub size: u64,
    /// Its time then, in nanoseconds since 1970.
    pub mtime_ns: i64,
}

impl Verified {
    /// Whether it is there as it was.
    pub fn is_there(&self) -> bool {
        let same = |f: crate::model::Facts| f.kind == crate::model::Kind::File && (f.size, f.mtime_ns) == (self.size, self.mtime_ns);
        crate::platform::facts(&self.path).is_ok_and(same)
    }
}

/// Every one written down, the oldest first.
pub fn list(world: &World) -> Vec<Verified> {
    let known = |line: &str| {
        let mut words = line.splitn(3, ' ');
        let (size, time) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        Some(Verified { size, mtime_ns: time, path: words.next()?.into() })
    };
    std::fs::read_to_string(file(world)).unwrap_or_default().lines().filter_map(known).collect()
}

/// Writes one down.
pub fn remember(world: &World, archive: &Path) -> Result<()> {
    let list = file(world);
    let old = std::fs::read_to_string(&list).unwrap_or_default();
    let Some(path) = archive.to_str().filter(|p| !p.contains('\n')) else { return Ok(()) };
    let facts = crate::platform::facts(archive).map_err(|e| Error::io("cannot look at the archive", archive, e))?;
    std::fs::create_dir_all(&world.state_dir).map_err(|e| Error::io("cannot make the state folder", &world.state_dir, e))?;
    let line = format!("{} {} {path}\n", facts.size, facts.mtime_ns);
    replace(&list, format!("{old}{line}").as_bytes(), Mode::Private)
}

/// Where they are written down.
fn file(world: &World) -> PathBuf {
    world.state_dir.join("backups.txt")
}
