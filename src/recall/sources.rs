//! Where the bytes of a file still are: in the session, the user's folders, the durable folder, the vault, or a backup.

use super::Known;
use crate::backup::{self, manifest::Manifest as Archive};
use crate::classify::blake3_of;
use crate::export::is_below;
use crate::model::{Kind, Stop};
use crate::platform::facts;
use crate::world::World;
use std::path::{Path, PathBuf};

/// A file that is looked for.
pub struct Wanted<'a> {
    /// Its path as the manifest has it.
    pub path: &'a str,
    /// BLAKE3 of its bytes, where the manifest tells.
    pub blake3: Option<&'a str>,
    /// Places in the user's folders where the same bytes were.
    pub copies: Vec<&'a str>,
}

/// Where a file was found.
#[derive(Debug, Clone)]
pub struct Found {
    /// The file.
    pub file: PathBuf,
    /// In words.
    pub from: String,
    /// BLAKE3 of its bytes as they are.
    pub blake3: blake3::Hash,
}

/// Everything that may still hold files of the session.
pub struct Sources<'a> {
    world: &'a World,
    known: &'a Known<'a>,
    pub(super) vault: Vec<(PathBuf, PathBuf)>,
    archives: Vec<(PathBuf, Archive)>,
}

impl<'a> Sources<'a> {
    /// All there are now.
    pub fn of(world: &'a World, known: &'a Known<'a>) -> Self {
        Self { world, known, vault: crate::vault::kept(world).unwrap_or_default(), archives: backup::known(world) }
    }

    /// The file with the bytes that are looked for; else the first there is by its name.
    pub fn find(&self, wanted: &Wanted<'_>) -> Option<Found> {
        let mut other = None;
        for (file, from) in self.places(wanted) {
            let Some(hash) = hash(&file) else { continue };
            let found = Found { file, from, blake3: hash };
            if wanted.blake3.is_none_or(|b| *b == *hash.to_hex()) {
                return Some(found);
            }
            other.get_or_insert(found);
        }
        other
    }

    fn places(&self, wanted: &Wanted<'_>) -> Vec<(PathBuf, String)> {
        let mut all = Vec::new();
        let home = |path: &str| self.world.expand(Path::new(path));
        let dir = self.known.session.and_then(|s| s.dir.as_deref());
        let own = dir.map(|d| d.join(wanted.path)).filter(|_| is_below(wanted.path));
        all.extend(own.clone().map(|file| (file, "the session".to_owned())));
        all.extend(wanted.copies.iter().map(|copy| (home(copy), (*copy).to_owned())));
        if let Some(top) = self.known.durable {
            for entry in self.known.manifest.copies(wanted.path).filter(|e| is_below(&e.path)) {
                let file = top.join(&entry.path);
                all.push((file.clone(), self.world.short(&file)));
            }
        }
        for (was, now) in self.vault.iter().rev() {
            if let Some(below) = own.as_ref().and_then(|own| own.strip_prefix(was).ok()) {
                // Nothing is below a file.
                let file = if below.as_os_str().is_empty() { now.clone() } else { now.join(below) };
                all.push((file, "the vault".to_owned()));
            }
        }
        all
    }

    /// Archives that hold a file of these bytes, with its name in them.
    pub fn archived(&self, wanted: &Wanted<'_>) -> Option<(&Path, Vec<u8>)> {
        let id = &self.known.manifest.session;
        self.archives.iter().find_map(|(archive, holds)| {
            let of_session = holds.entries.iter().filter(|e| e.session.as_ref() == Some(id) && e.incomplete.is_none());
            let same = of_session.filter(|e| e.blake3.is_some()).find(|e| match wanted.blake3 {
                Some(hash) => e.blake3.as_deref() == Some(hash),
                None => e.path.path.ends_with(&format!("/{}", wanted.path)),
            })?;
            Some((archive.as_path(), backup::manifest::bytes(&same.path)?))
        })
    }
}

/// BLAKE3 of a regular file that is really here.
pub fn hash(file: &Path) -> Option<blake3::Hash> {
    let found = facts(file).ok().filter(|f| f.kind == Kind::File && !f.placeholder)?;
    blake3_of(file.parent()?, file, found.size, &Stop::default()).ok()?
}
