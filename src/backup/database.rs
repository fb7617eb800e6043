//! Databases of the tools: packed as a whole copy of one moment, since file and `-wal` packed one after the other may belong
//! to two.

use crate::database::{self, Family, Member, Scrub};
use crate::model::{Catalog, NodeId};
use crate::stores;
use std::collections::HashSet;
use std::fs::File;
use std::path::{Path, PathBuf};

/// How the databases of one archive are packed.
#[derive(Debug)]
pub struct Databases {
    /// Where copies are made, one at a time: beside the archive, where there must be room for it.
    pub beside: PathBuf,
    /// Whether tokens stay in.
    pub with_secrets: bool,
    /// Those that were copied.
    copied: HashSet<PathBuf>,
}

/// A copy that is to be packed; it goes away with this.
pub struct Copied {
    /// The copy, open at its beginning.
    pub file: File,
    _dir: tempfile::TempDir,
}

impl Databases {
    /// None copied yet.
    pub fn new(beside: &Path, with_secrets: bool) -> Self {
        Self { beside: beside.to_path_buf(), with_secrets, copied: HashSet::new() }
    }

    /// Whether a file belongs to a database that was copied with what stood in it.
    pub fn is_in_a_copy(&self, path: &Path) -> bool {
        !self.copied.is_empty() && Member::ALL.iter().skip(1).any(|m| self.copied.iter().any(|main| Family::name(main, *m) == path))
    }

    /// A whole copy of a tool's database; `None` where a file is none, or has nothing beside it and no tokens in it.
    pub fn copy(&mut self, catalog: &Catalog, id: NodeId) -> Result<Option<Copied>, String> {
        let tool = catalog.store_of(id).and_then(|s| stores::tool(catalog.store(s).name));
        let Some(scrub) = tool.and_then(|t| t.database(catalog.node(id).spot)) else { return Ok(None) };
        let path = catalog.path(id);
        let beside = ["-wal", "-shm", "-journal"].iter().any(|end| path.to_string_lossy().ends_with(end));
        if beside || !matches!(database::Header::read(&path), Ok(Some(_))) {
            return Ok(None);
        }
        let scrub: &Scrub = if self.with_secrets { &[] } else { scrub };
        let whole = || {
            let dir = tempfile::Builder::new().prefix(".lifeboat-").tempdir_in(&self.beside).map_err(|e| e.to_string())?;
            let place = dir.path().join("copy.db");
            let copy = database::open(&path).and_then(|from| database::copy(&from, &place, scrub));
            copy.map_err(|e| std::error::Error::source(&e).map_or_else(|| e.to_string(), |cause| format!("{e}: {cause}")))?;
            Ok(Copied { file: File::open(&place).map_err(|e| e.to_string())?, _dir: dir })
        };
        let copied = whole().map_err(|why: String| format!("no whole copy of the database could be made: {why}"))?;
        self.copied.insert(path);
        Ok(Some(copied))
    }
}
