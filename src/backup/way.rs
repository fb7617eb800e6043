//! The way down to what is packed: folders held open, so that no path is looked up twice and none is too long.

use crate::model::{Catalog, NodeId};
use crate::platform::Folder;
use std::io;
use std::path::Path;

/// Folders held open at once; those further up are opened again when they are needed.
const OPEN: usize = 64;

/// The folders from a root to where the packing is.
pub struct Way<'a> {
    catalog: &'a Catalog,
    root: NodeId,
    at: Vec<(NodeId, Option<Folder>)>,
}

impl<'a> Way<'a> {
    /// Begins at a root.
    pub fn new(catalog: &'a Catalog, root: NodeId) -> Self {
        Self { catalog, root, at: Vec::new() }
    }

    /// The folder a thing is in, and its name there. A root's is the folder its path names.
    pub fn to(&mut self, id: NodeId) -> io::Result<(Option<&Folder>, Vec<u8>)> {
        let Some(parent) = self.catalog.parent(id) else { return Ok((None, Vec::new())) };
        let name = self.catalog.name_bytes(id).to_vec();
        Ok((Some(self.folder(parent)?), name))
    }

    /// A folder, opened.
    pub fn folder(&mut self, id: NodeId) -> io::Result<&Folder> {
        while self.at.last().is_some_and(|(at, _)| *at != id && Some(*at) != self.catalog.parent(id)) {
            self.at.pop();
        }
        if self.at.last().is_none_or(|(at, _)| *at != id) {
            let folder = match self.at.last() {
                Some((_, Some(above))) => above.folder(self.catalog.name_bytes(id))?,
                _ => self.again(id)?,
            };
            self.at.push((id, Some(folder)));
            if let Some(far) = self.at.len().checked_sub(OPEN + 1) {
                self.at[far].1 = None;
            }
        } else if self.at.last().is_some_and(|(_, folder)| folder.is_none()) {
            let folder = self.again(id)?;
            if let Some(last) = self.at.last_mut() {
                last.1 = Some(folder);
            }
        }
        self.at.last().and_then(|(_, folder)| folder.as_ref()).ok_or_else(|| io::Error::other("a folder that was open is not"))
    }

    fn again(&self, id: NodeId) -> io::Result<Folder> {
        let root = self.catalog.path(self.root);
        let path = self.catalog.path(id);
        let top = Folder::open(&root)?;
        let rest = path.strip_prefix(&root).unwrap_or(Path::new(""));
        Ok(top.folder_beneath(rest)?.unwrap_or(top))
    }
}
