//! Files on disk images, packed by themselves: where somebody chose them and not the whole image.

use super::add::{Adder, Not};
use super::manifest::EntryKind;
use super::meta::Meta;
use super::sums::Sums;
use super::tell::Teller;
use crate::image::OnImage;
use crate::model::{Catalog, Kind, Marks, NodeId};
use std::collections::HashSet;
use std::io::{self, Read, Write};

/// Whether what is inside of a file is gone into: where it is a disk image that is not packed as a whole.
pub fn is_entered(catalog: &Catalog, top: NodeId, chosen: &HashSet<NodeId>) -> bool {
    let own = catalog.name_bytes(top).strip_suffix(b"!");
    let mut beside = catalog.parent(top).into_iter().flat_map(|p| catalog.children(p));
    let whole = beside.any(|id| Some(catalog.name_bytes(id)) == own && chosen.contains(&id));
    let inside = |id: &NodeId| {
        catalog.is_on_disk(*id) || catalog.node(*id).marks.has(Marks::INSIDE) && catalog.children(*id).any(|c| catalog.is_on_disk(c))
    };
    !whole && !chosen.is_empty() && inside(&top)
}

impl<W: Write> Adder<'_, W> {
    /// Packs a thing on an image; gives why its bytes are not one state of it, where that is so.
    pub(super) fn on_image(&mut self, id: NodeId, name: &[u8], teller: &mut Teller<'_>) -> Result<Option<String>, Not> {
        let path = self.catalog.path(id);
        let found = self.images.find(&path).unwrap_or_else(|| Err(io::ErrorKind::NotFound.into())).map_err(Not::Read)?;
        let kind = match found.entry.kind {
            Kind::Dir => EntryKind::Dir,
            Kind::File => EntryKind::File,
            Kind::Symlink => EntryKind::Symlink,
            Kind::Other => return Err(Not::Left("neither a file, a folder nor a link")),
        };
        let now = meta(&found, kind, self.catalog.dev(id));
        if let Some(first) = self.first_names.get(&(now.dev, now.ino)).filter(|_| kind == EntryKind::File && now.nlink > 1).cloned() {
            self.entry(id, name, EntryKind::Hardlink, &now, &[], &first)?;
            teller.file();
            return Ok(None);
        }
        let incomplete = match kind {
            EntryKind::File => self.content(id, name, &found, &now, teller)?,
            EntryKind::Symlink => {
                let target = found.link().map_err(Not::Read)?;
                self.entry(id, name, kind, &now, &[], &target)?;
                None
            }
            _ => {
                self.entry(id, name, kind, &now, &[], &[])?;
                return Ok(None);
            }
        };
        if kind == EntryKind::File && incomplete.is_none() {
            self.first_names.insert((now.dev, now.ino), name.to_vec());
        }
        teller.file();
        Ok(incomplete)
    }

    fn content(&mut self, id: NodeId, name: &[u8], found: &OnImage, now: &Meta, teller: &mut Teller<'_>) -> Result<Option<String>, Not> {
        let mut content = found.content().map_err(Not::Read)?;
        self.start(name, now, &[], None)?;
        let (mut sums, mut buffer, mut short) = (Sums::default(), vec![0; 1 << 20], None);
        while sums.bytes < now.size {
            let room = usize::try_from(now.size - sums.bytes).unwrap_or(usize::MAX).min(buffer.len());
            let piece = buffer.get_mut(..room).unwrap_or_default();
            // What was announced must be written whatever happens; what cannot be read on is padded and named.
            let got = match content.read(piece) {
                Ok(0) => Err("it ends before it should".to_owned()),
                Ok(n) => Ok(n),
                Err(e) => Err(format!("it could not be read to its end: {e}")),
            };
            let n = got.unwrap_or_else(|why| {
                short.get_or_insert(why);
                piece.fill(0);
                room
            });
            let piece = piece.get(..n).unwrap_or_default();
            sums.add(piece);
            self.out.write_all(piece).map_err(Not::Written)?;
            teller.bytes(n as u64);
            if teller.stopped() {
                return Err(Not::Written(io::ErrorKind::Interrupted.into()));
            }
        }
        let short = short.or_else(|| found.is_same().err().map(|e| e.to_string()));
        self.finish(id, name, sums, now, short.clone())?;
        Ok(short)
    }
}

fn meta(found: &OnImage, kind: EntryKind, dev: u64) -> Meta {
    let entry = &found.entry;
    Meta {
        kind: Some(kind),
        mode: entry.mode.into(),
        uid: entry.uid,
        gid: entry.gid,
        mtime_ns: entry.mtime_ns,
        size: if kind == EntryKind::File { entry.size } else { 0 },
        allocated: entry.allocated,
        dev,
        ino: entry.inode.into(),
        nlink: entry.links.into(),
        device: (0, 0),
    }
}
