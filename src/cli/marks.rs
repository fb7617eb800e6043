//! Which files have a copy in an archive or a durable folder of ours, as far as that is proven; else no.

use crate::backup::{self, manifest};
use crate::export;
use crate::model::{Catalog, NodeId, Proof, Row};
use crate::world::World;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// What our own archives and durable folders hold.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// By file: size and time when a verified archive took it.
    archived: HashMap<String, (u64, i64)>,
    /// By session: BLAKE3 of each copy that is there, by its path below the session's folder.
    exported: HashMap<String, HashMap<String, String>>,
}

impl Kept {
    /// Reads the manifests of durable folders and of archives that are still there.
    pub(super) fn read(world: &World, catalog: &Catalog) -> Self {
        Self::outside(world, catalog, &[])
    }

    /// The same, without what lies at or below these paths.
    pub(super) fn outside(world: &World, catalog: &Catalog, paths: &[PathBuf]) -> Self {
        let stays = |place: &Path| !paths.iter().any(|path| place.starts_with(path));
        let mut kept = Self::default();
        let mut parents: Vec<PathBuf> = catalog.stores.iter().map(|s| world.documents.join(s.title)).collect();
        parents.extend(world.kept_folders());
        parents.sort();
        parents.dedup();
        for parent in parents {
            for folder in std::fs::read_dir(parent).into_iter().flatten().flatten() {
                if stays(&folder.path()) {
                    kept.durable(&folder.path());
                }
            }
        }
        kept.archives(world, &stays);
        kept
    }

    fn durable(&mut self, folder: &Path) {
        let Ok(text) = std::fs::read_to_string(folder.join("manifest.toml")) else { return };
        let Ok(table) = text.parse::<toml::Table>() else { return };
        let word = |t: &toml::Table, key: &str| t.get(key).and_then(toml::Value::as_str).map(str::to_owned);
        let Some(session) = word(&table, "session") else { return };
        let copies = table.get("copy").and_then(toml::Value::as_array);
        for entry in copies.into_iter().flatten().filter_map(toml::Value::as_table) {
            let (Some(path), Some(hash)) = (word(entry, "path"), word(entry, "blake3")) else { continue };
            if crate::platform::facts(&folder.join(&path)).is_ok_and(|f| f.kind == crate::model::Kind::File) {
                let source = word(entry, "from").unwrap_or(path);
                self.exported.entry(session.clone()).or_default().insert(source, hash);
            }
        }
    }

    /// What the manifests beside archives list, files only.
    fn archives(&mut self, world: &World, stays: &dyn Fn(&Path) -> bool) {
        for (_, found) in backup::known(world).into_iter().rev().filter(|(archive, _)| stays(archive)) {
            for entry in found.entries.iter().filter(|e| e.blake3.is_some() && e.incomplete.is_none()) {
                if let Some(path) =
                    manifest::bytes(&entry.path).and_then(|name| found.original(&name)).and_then(|p| p.to_str().map(str::to_owned))
                {
                    self.archived.insert(path, (entry.size, entry.mtime_ns));
                }
            }
        }
    }

    /// Whether a verified archive that is still there took this file as it is now.
    pub(super) fn backed_up(&self, catalog: &Catalog, row: &Row, path: &Path) -> bool {
        let node = catalog.node(row.id);
        let now = (node.size, node.mtime_ns);
        node.kind == crate::model::Kind::File && path.to_str().is_some_and(|p| self.archived.get(p) == Some(&now))
    }

    /// Whether the session's durable folder has a copy with these bytes, as proven by this scan.
    pub(super) fn exported(&self, catalog: &Catalog, id: NodeId, path: &Path) -> bool {
        let session = catalog.node(id).session;
        let Some((session, copies)) = session.and_then(|ix| Some((ix, self.exported.get(&catalog.session(ix).id)?))) else { return false };
        let below = export::below_own(catalog, session, path);
        let below: Option<Vec<_>> = below.map(|p| p.components().map(|c| c.as_os_str().to_string_lossy().into_owned()).collect());
        let hash = below.and_then(|b| copies.get(&b.join("/")));
        matches!((&catalog.verdict(id).proof, hash), (Some(Proof::SameBytes { blake3, .. }), Some(h)) if h == blake3)
    }
}
