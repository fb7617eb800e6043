//! What is on the disks of virtual machines: read beside the program's other work, told in the catalogue after the walk.

use super::absorb::Absorb;
use crate::image::{Folder, Image, Known, Space, Trouble};
use crate::model::{Catalog, Evidence, Facts, Kind, Marks, NodeId, ScanError, Spot, Stop, StoreIx};
use crate::platform::{Place, Uses, clone_of, facts};
use crate::walk::{FolderKey, Listing};
use crate::world::World;
use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

/// A disk that is to be read.
pub(super) struct Disk {
    file: NodeId,
    path: PathBuf,
    store: StoreIx,
    top: Spot,
    /// Why it is in use, or why that cannot be told.
    used: Option<String>,
}

/// A disk that was read, or why it was not.
pub(super) struct Read {
    disk: Disk,
    told: Result<Told, Untold>,
}

/// Why nothing is told of what is on a disk.
struct Untold {
    why: String,
    /// Whether something failed; else it is in use, or of a kind that is not read.
    failed: bool,
}

impl From<Trouble> for Untold {
    fn from(trouble: Trouble) -> Self {
        let failed = !matches!(trouble, Trouble::Unknown | Trouble::NotRead(_) | Trouble::Feature(_));
        Self { why: trouble.to_string(), failed }
    }
}

impl From<io::Error> for Untold {
    fn from(e: io::Error) -> Self {
        Self { why: e.to_string(), failed: true }
    }
}

struct Told {
    known: Arc<Known>,
    listings: Vec<Listing>,
    /// How it was read, as a sentence, where not as it is.
    how: Option<String>,
}

/// Keys of folders on disks: the walk never comes so far.
const FIRST_KEY: u32 = 1 << 31;

/// The disks among what was walked.
pub(super) fn find(catalog: &Catalog, absorb: &mut Absorb, uses: &Uses) -> Vec<Disk> {
    let mut disks = Vec::new();
    for root in catalog.roots() {
        let Some(store) = catalog.store_of(*root) else { continue };
        for id in catalog.below(*root).filter(|id| catalog.node(*id).kind == Kind::File) {
            let node = catalog.node(id);
            let Some(top) = absorb.tool(store).disk(node.spot).filter(|_| !node.marks.has(Marks::PLACEHOLDER)) else { continue };
            let path = catalog.path(id);
            let open = uses.found.iter().find(|(place, _)| match place {
                Place::Path(used) => *used == path,
                Place::Inode(dev, ino) => (*dev, *ino) == (catalog.dev(id), node.ino),
            });
            let used = catalog.store(store).live.clone().or_else(|| open.map(|(_, how)| format!("it is {how}")));
            disks.push(Disk { file: id, path, store, top, used });
        }
    }
    disks
}

/// Reads them, in a thread of its own.
pub(super) fn start(world: &World, disks: Vec<Disk>, stop: &Stop) -> Receiver<Vec<Read>> {
    let (send, receive) = channel();
    let (world, stop) = (world.clone(), stop.clone());
    std::thread::spawn(move || {
        let mut next = FIRST_KEY;
        let read = |disk: Disk| {
            let told = read(&world, &disk, &mut next, &stop);
            Read { disk, told }
        };
        // The receiver is gone only when the scan was given up.
        let _ = send.send(disks.into_iter().map(read).collect());
    });
    receive
}

fn read(world: &World, disk: &Disk, next: &mut u32, stop: &Stop) -> Result<Told, Untold> {
    let before = facts(&disk.path)?;
    let (file, how) = match &disk.used {
        None => (File::open(&disk.path)?, None),
        Some(why) => {
            let cannot = |e| Untold {
                why: format!("it is in use ({why}), so it can only be read from a clone, which cannot be made: {e}"),
                failed: false,
            };
            let clone = clone_of(&disk.path).map_err(cannot)?;
            let age = world.now().as_nanosecond().saturating_sub(before.mtime_ns.into()).max(0) / 1_000_000_000;
            let says = format!(
                "in use ({why}), so it was read from a clone; the machine wrote to it {age} s before, and what it still held back is not there"
            );
            (clone, Some(says))
        }
    };
    let image = Image::of(file)?;
    let mut top = disk.path.clone().into_os_string();
    top.push("!");
    let mut walked = Walked { keys: HashMap::new(), next, folders: Vec::new() };
    let known = Known::walk(image, top.into(), stop, |folder| walked.add(folder))?;
    let listings = walked.listings(known.device);
    let after = facts(&disk.path)?;
    if disk.used.is_none() && (after.size, after.mtime_ns, after.ino) != (before.size, before.mtime_ns, before.ino) {
        return Err(Untold { why: "it changed while it was read".into(), failed: false });
    }
    Ok(Told { known: Arc::new(known), listings, how })
}

/// The folders of a walk, with keys.
struct Walked<'a> {
    /// By the inode: a folder has one name.
    keys: HashMap<u32, FolderKey>,
    next: &'a mut u32,
    folders: Vec<Folder>,
}

impl Walked<'_> {
    fn key(&mut self, inode: u32) {
        self.keys.insert(inode, FolderKey(*self.next));
        *self.next = self.next.saturating_add(1);
    }

    fn add(&mut self, mut folder: Folder) {
        if self.folders.is_empty() {
            self.key(folder.inode);
        }
        for entry in folder.entries.iter().flatten().filter(|e| e.kind == Kind::Dir) {
            self.key(entry.inode);
        }
        folder.path = Vec::new();
        self.folders.push(folder);
    }

    fn listings(self, device: u64) -> Vec<Listing> {
        let key = |inode: u32| self.keys.get(&inode).copied();
        let listing = |folder: Folder| {
            let (entries, error) = match folder.entries {
                Ok(entries) => (entries, None),
                Err(e) => (Vec::new(), Some((Vec::new(), e.to_string()))),
            };
            let named = entries.into_iter().map(|e| {
                let facts = Facts {
                    kind: e.kind,
                    size: e.size,
                    allocated: e.allocated,
                    mtime_ns: e.mtime_ns,
                    dev: device,
                    ino: e.inode.into(),
                    nlink: e.links,
                    placeholder: false,
                };
                (e.name, facts, if e.kind == Kind::Dir { key(e.inode) } else { None })
            });
            let mut listing = Listing::told(key(folder.inode)?, named);
            listing.errors.extend(error);
            Some(listing)
        };
        self.folders.into_iter().filter_map(listing).collect()
    }
}

/// Puts what was read into the catalogue, below `<image>!`; the image's own row says what is known of it.
pub(super) fn take(catalog: &mut Catalog, absorb: &mut Absorb, read: Vec<Read>) {
    for Read { disk, told } in read {
        let mut verdict = catalog.verdict(disk.file).clone();
        match told {
            Ok(told) => {
                verdict.evidence.extend(says(&told).into_iter().map(|says| Evidence::new("image/read", says)));
                enter(catalog, absorb, &disk, told);
            }
            Err(Untold { why, failed }) => {
                verdict.evidence.push(Evidence::new("image/not-read", format!("what is on it is not told: {why}")));
                let error = format!("what is on this disk is not told: {why}");
                catalog.errors.extend(failed.then_some(ScanError { path: disk.path, error }));
            }
        }
        let verdict = catalog.keep(verdict);
        catalog.judge(disk.file, verdict);
    }
}

fn enter(catalog: &mut Catalog, absorb: &mut Absorb, disk: &Disk, told: Told) {
    let known = absorb.known(catalog, disk.store, disk.top).verdict;
    let Some(top) = catalog.open_inside(disk.file, disk.top, known) else { return };
    absorb.disk(catalog, disk.store, FolderKey(told.listings.first().map_or(FIRST_KEY, |l| l.key.0)), top, told.known);
    for listing in &told.listings {
        absorb.listing(catalog, listing);
    }
    catalog.told_inside(disk.file, top);
    if let Some(why) = &disk.used {
        for id in catalog.below(top).collect::<Vec<_>>() {
            catalog.mark(id, Marks::LIVE, true);
        }
        catalog.used.insert(top, format!("the disk it lies on is in use: {why}"));
    }
}

/// What is known of a disk, in sentences.
fn says(told: &Told) -> Vec<String> {
    let image = &told.known.image;
    let Space { total, free } = image.space();
    let place = if image.partition { ", in a partition" } else { "" };
    let size = |bytes: u64| humansize::format_size(bytes, humansize::DECIMAL);
    let mut says = vec![
        format!("read as {}{place}: ext4 with {} free of {}", image.form.name(), size(free), size(total)),
        "its own row is what is not told below it: the file system's own structures, and room that was used once".into(),
    ];
    if image.replayed > 0 {
        says.push(format!("the machine was not shut down: {} blocks were taken from its journal", image.replayed));
    }
    says.extend(told.how.clone());
    says
}
