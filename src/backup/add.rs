//! Packs one thing after another: reads it, hashes it while it is read, and writes its line of the manifest.

use super::collect::Item;
use super::database::Databases;
use super::header::{self, BLOCK, Head};
use super::manifest::{self, Entry, EntryKind};
use super::meta::{self, Meta, Xattr};
use super::sparse;
use super::sums::{Sums, of_attributes};
use super::tell::Teller;
use super::way::Way;
use crate::image::Images;
use crate::model::{Catalog, Failed, Kind, Marks, NodeId, PathText, Skipped};
use crate::platform::Folder;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

/// A file up to this size is read whole before it is packed, so that one that changes meanwhile can be read again.
const SMALL: u64 = 4 << 20;

const CHANGED: &str = "it changed while it was read";

/// Why a thing was not packed.
pub enum Not {
    /// It could not be read; the archive is as if it were not there.
    Read(io::Error),
    /// The archive could not be written.
    Written(io::Error),
    /// Nobody can pack it, or nobody should.
    Left(&'static str),
}

/// What is being packed, and what came of it so far.
pub struct Adder<'a, W: Write> {
    /// What is written to.
    pub out: W,
    /// The catalogue the things are from.
    pub catalog: &'a Catalog,
    /// The lines of the manifest.
    pub entries: Vec<Entry>,
    /// Left out on purpose.
    pub skipped: Vec<Skipped>,
    /// Could not be read, or changed meanwhile.
    pub failed: Vec<Failed>,
    /// How databases are packed.
    pub databases: Databases,
    /// Disk images that files are packed from.
    pub images: Images,
    /// Where an inode with several names is in the archive.
    pub first_names: HashMap<(u64, u64), Vec<u8>>,
}

impl<W: Write> Adder<'_, W> {
    /// Packs a thing under a name; what cannot be read is told of in `failed`. An error is one of writing.
    pub fn add(&mut self, item: Item, name: &[u8], way: &mut Way<'_>, teller: &mut Teller<'_>) -> io::Result<()> {
        let outcome = self.one(item.id, name, way, teller);
        let path = || PathText::new(&self.catalog.path(item.id));
        match outcome {
            Ok(None) => {}
            Ok(Some(incomplete)) => self.failed.push(Failed { path: path(), error: incomplete }),
            Err(Not::Written(e)) => return Err(e),
            Err(Not::Left(reason)) => {
                self.skipped.push(Skipped { path: path(), reason: reason.into() });
                teller.skipped();
            }
            Err(Not::Read(e)) if e.kind() == io::ErrorKind::NotFound => {
                self.failed.push(Failed { path: path(), error: "it is gone since the scan".into() });
            }
            Err(Not::Read(e)) => self.failed.push(Failed { path: path(), error: e.to_string() }),
        }
        Ok(())
    }

    /// Gives why the packed bytes are not one state of the file, where that is so.
    fn one(&mut self, id: NodeId, name: &[u8], way: &mut Way<'_>, teller: &mut Teller<'_>) -> Result<Option<String>, Not> {
        if self.catalog.node(id).marks.has(Marks::INSIDE) {
            return self.on_image(id, name, teller);
        }
        if self.catalog.node(id).kind == Kind::Dir {
            let folder = way.folder(id).map_err(Not::Read)?;
            let now = meta::of_folder(folder).map_err(Not::Read)?;
            let xattrs = meta::folder_xattrs(folder).map_err(Not::Read)?;
            self.entry(id, name, EntryKind::Dir, &now, &xattrs, &[])?;
            return Ok(None);
        }
        let opened;
        let (folder, own) = if let (Some(folder), own) = way.to(id).map_err(Not::Read)? {
            (folder, own)
        } else {
            let path = self.catalog.path(id);
            let parent = path.parent().unwrap_or(&path);
            opened = Folder::open(parent).map_err(Not::Read)?;
            (&opened, path.file_name().map_or_else(Vec::new, |n| crate::model::to_bytes(n).into_owned()))
        };
        if folder.facts(&own).map_err(Not::Read)?.placeholder {
            return Err(Not::Left("its content is in a cloud, not on this disk; it was not fetched"));
        }
        let now = meta::of_name(folder, &own).map_err(Not::Read)?;
        let kind = now.kind.ok_or(Not::Left("a socket; no archive can hold one"))?;
        if kind == EntryKind::Dir {
            return Err(Not::Read(io::Error::other("it is a folder now; it was not one when it was scanned")));
        }
        if let Some(first) = self.first_names.get(&(now.dev, now.ino)).filter(|_| shared(&now)).cloned() {
            self.entry(id, name, EntryKind::Hardlink, &now, &[], &first)?;
            teller.file();
            return Ok(None);
        }
        if self.databases.is_in_a_copy(&self.catalog.path(id)) {
            teller.file();
            return Ok(None);
        }
        let incomplete = match kind {
            EntryKind::File => self.file(id, name, folder, &own, teller)?,
            EntryKind::Symlink => {
                let target = folder.link(&own).map_err(Not::Read)?;
                self.entry(id, name, kind, &now, &[], &target)?;
                None
            }
            _ => {
                self.entry(id, name, kind, &now, &[], &[])?;
                None
            }
        };
        if shared(&now) && incomplete.is_none() {
            self.first_names.insert((now.dev, now.ino), name.to_vec());
        }
        teller.file();
        Ok(incomplete)
    }

    /// Writes the header of a thing without content, and its line of the manifest.
    pub(super) fn entry(&mut self, id: NodeId, name: &[u8], kind: EntryKind, now: &Meta, xattrs: &[Xattr], link: &[u8]) -> Result<(), Not> {
        let head = Head { name, letter: header::letter(kind), link, xattrs, device: now.device, ..head(now) };
        self.out.write_all(&header::bytes(&head)).map_err(Not::Written)?;
        let link = (!link.is_empty()).then(|| manifest::text(link));
        let entry = Entry { link, ..self.line(id, name, kind, now, xattrs) };
        self.entries.push(entry);
        Ok(())
    }

    fn line(&self, id: NodeId, name: &[u8], kind: EntryKind, now: &Meta, xattrs: &[Xattr]) -> Entry {
        let node = self.catalog.node(id);
        Entry {
            path: manifest::text(name),
            kind,
            size: 0,
            mode: now.mode,
            uid: now.uid,
            gid: now.gid,
            mtime_ns: now.mtime_ns,
            class: node.class,
            session: node.session.map(|s| self.catalog.session(s).id.clone()),
            link: None,
            blake3: None,
            sha256: None,
            attributes: of_attributes(xattrs),
            device: matches!(kind, EntryKind::Char | EntryKind::Block).then_some(now.device),
            incomplete: None,
            on_image: node.marks.has(Marks::INSIDE),
        }
    }

    fn file(&mut self, id: NodeId, name: &[u8], folder: &Folder, own: &[u8], teller: &mut Teller<'_>) -> Result<Option<String>, Not> {
        let mut copied = self.databases.copy(self.catalog, id).map_err(|why| Not::Read(io::Error::other(why)))?;
        let mut opened = if copied.is_some() { None } else { Some(folder.file(own).map_err(Not::Read)?) };
        let Some(file) = copied.as_mut().map(|c| &mut c.file).or(opened.as_mut()) else { return Ok(None) };
        let mut before = meta::of_file(file).map_err(Not::Read)?;
        // A copy has the mode, the owner and the time of what it is a copy of.
        let of = meta::of_name(folder, own).map_err(Not::Read)?;
        let xattrs = meta::file_xattrs(file).map_err(Not::Read)?;
        let map = if before.allocated < before.size { meta::extents(file, before.size) } else { None };
        let (sums, incomplete) = if map.is_none() && before.size <= SMALL {
            let (data, now, changed) = read_small(file).map_err(Not::Read)?;
            before = Meta { size: data.len() as u64, ..now };
            self.start(name, &named(&before, &of), &xattrs, None)?;
            let mut sums = Sums::default();
            sums.add(&data);
            self.out.write_all(&data).map_err(Not::Written)?;
            teller.bytes(data.len() as u64);
            (sums, changed.then(|| CHANGED.to_owned()))
        } else {
            self.start(name, &named(&before, &of), &xattrs, map.as_deref())?;
            let whole = [(0, before.size)];
            let (sums, short) = self.stream(file, map.as_deref().unwrap_or(&whole), before.size, teller)?;
            let after = meta::of_file(file).map_err(Not::Read)?;
            let changed = (after.size, after.mtime_ns) != (before.size, before.mtime_ns);
            (sums, short.or_else(|| changed.then(|| CHANGED.to_owned())))
        };
        let packed = map.as_ref().map_or(before.size, |m| m.iter().map(|e| e.1).sum());
        self.pad(packed)?;
        let size = sums.bytes;
        let (blake3, sha256) = sums.hex();
        let line = self.line(id, name, EntryKind::File, &named(&before, &of), &xattrs);
        self.entries.push(Entry { size, blake3: Some(blake3), sha256: Some(sha256), incomplete: incomplete.clone(), ..line });
        Ok(incomplete)
    }

    /// Ends a file that was packed byte for byte, and writes its line of the manifest.
    pub(super) fn finish(&mut self, id: NodeId, name: &[u8], sums: Sums, now: &Meta, incomplete: Option<String>) -> Result<(), Not> {
        self.pad(sums.bytes)?;
        let size = sums.bytes;
        let (blake3, sha256) = sums.hex();
        let line = self.line(id, name, EntryKind::File, now, &[]);
        self.entries.push(Entry { size, blake3: Some(blake3), sha256: Some(sha256), incomplete, ..line });
        Ok(())
    }

    fn pad(&mut self, packed: u64) -> Result<(), Not> {
        let pad = packed.next_multiple_of(BLOCK as u64) - packed;
        self.out.write_all(&[0; BLOCK][..usize::try_from(pad).unwrap_or(0)]).map_err(Not::Written)
    }

    /// Writes a file's header, and its map where it is sparse.
    pub(super) fn start(&mut self, name: &[u8], now: &Meta, xattrs: &[Xattr], map: Option<&[(u64, u64)]>) -> Result<(), Not> {
        let text = map.map(|m| sparse::bytes(m, now.size));
        let packed = map.map_or(now.size, |m| m.iter().map(|e| e.1).sum::<u64>() + text.as_ref().map_or(0, |t| t.len() as u64));
        let head = Head { name, letter: b'0', xattrs, size: packed, real_size: map.map(|_| now.size), ..head(now) };
        self.out.write_all(&header::bytes(&head)).map_err(Not::Written)?;
        self.out.write_all(&text.unwrap_or_default()).map_err(Not::Written)
    }

    /// Writes exactly the bytes that were announced; where the file ends early, zeros, and says so.
    fn stream(&mut self, file: &mut File, map: &[(u64, u64)], size: u64, teller: &mut Teller<'_>) -> Result<(Sums, Option<String>), Not> {
        let mut sums = Sums::default();
        let mut buffer = vec![0; 1 << 20];
        let mut short: Option<String> = None;
        for (start, length) in map {
            sums.zeros(start.saturating_sub(sums.bytes));
            file.seek(SeekFrom::Start(*start)).map_err(Not::Read)?;
            let mut left = *length;
            while left > 0 {
                let want = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
                // What was announced must be written whatever happens; a file that cannot be read on is padded and named.
                let got = match file.read(&mut buffer[..want]) {
                    _ if short.is_some() => 0,
                    Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                    Err(e) => {
                        short = Some(format!("it could not be read to its end: {e}"));
                        0
                    }
                    Ok(0) => {
                        short = Some(CHANGED.to_owned());
                        0
                    }
                    Ok(got) => got,
                };
                let n = if got == 0 { want } else { got };
                buffer[got..n].fill(0);
                sums.add(&buffer[..n]);
                self.out.write_all(&buffer[..n]).map_err(Not::Written)?;
                left -= n as u64;
                teller.bytes(n as u64);
                if teller.stopped() {
                    return Err(Not::Written(io::ErrorKind::Interrupted.into()));
                }
            }
        }
        sums.zeros(size - sums.bytes);
        Ok((sums, short))
    }
}

/// Whether a file has further names that share its bytes.
fn shared(now: &Meta) -> bool {
    now.kind == Some(EntryKind::File) && now.nlink > 1 && now.ino != 0
}

/// The size of the bytes that are packed, with everything else of the file that has the name.
fn named(packed: &Meta, of: &Meta) -> Meta {
    Meta { mode: of.mode, uid: of.uid, gid: of.gid, mtime_ns: of.mtime_ns, ..*packed }
}

fn head(now: &Meta) -> Head<'static> {
    Head { mode: now.mode, uid: now.uid, gid: now.gid, mtime_ns: now.mtime_ns, ..Head::default() }
}

/// Reads a file whole; where it changes meanwhile, again, a few times. The last is whether it still did.
fn read_small(file: &mut File) -> io::Result<(Vec<u8>, Meta, bool)> {
    let mut tries = 0;
    loop {
        let before = meta::of_file(file)?;
        file.seek(SeekFrom::Start(0))?;
        let mut data = Vec::with_capacity(usize::try_from(before.size).unwrap_or(0));
        // A file that grows without end is cut where it was announced to end.
        Read::by_ref(file).take(before.size).read_to_end(&mut data)?;
        let after = meta::of_file(file)?;
        let same = (before.size, before.mtime_ns) == (after.size, after.mtime_ns) && data.len() as u64 == before.size;
        tries += 1;
        if same || tries == 3 {
            return Ok((data, before, !same));
        }
    }
}
