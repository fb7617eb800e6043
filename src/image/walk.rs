//! Everything in an image, folder by folder.

use super::folder::names;
use super::inode::Inode;
use super::trouble::Trouble;
use super::{Image, second};
use crate::model::{Kind, Stop};
use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

/// How much is read of one image at most; what goes beyond is told as not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Names in all.
    pub names: usize,
    /// Folders below one another.
    pub depth: usize,
    /// Time a walk may take.
    pub time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { names: 4_000_000, depth: 256, time: Duration::from_mins(2) }
    }
}

/// One name in an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name's bytes.
    pub name: Vec<u8>,
    /// Its inode's number.
    pub inode: u32,
    /// What sort of thing it is.
    pub kind: Kind,
    /// Bytes of its content; of a link, of its target.
    pub size: u64,
    /// Bytes allocated for it inside.
    pub allocated: u64,
    /// Last change, nanoseconds since 1970.
    pub mtime_ns: i64,
    /// Permissions.
    pub mode: u16,
    /// Its owner in the virtual machine.
    pub uid: u32,
    /// Its group there.
    pub gid: u32,
    /// How many names it has.
    pub links: u32,
}

/// One folder of a walk. Folders above come before those in them.
#[derive(Debug)]
pub struct Folder {
    /// Its path, from `/` on.
    pub path: Vec<u8>,
    /// Its inode's number.
    pub inode: u32,
    /// What is in it; where it cannot be read, why.
    pub entries: Result<Vec<Entry>, Trouble>,
}

/// The inode of the topmost folder.
pub(super) const TOP: u32 = 2;

impl Image {
    /// Gives every folder to `each`, the topmost first. A folder that cannot be read is told as such and passed over; an
    /// error is one of the whole walk, after which nothing that was given counts. The second reader walks beside, and must
    /// have seen the same.
    pub fn walk(&self, limits: &Limits, stop: &Stop, mut each: impl FnMut(Folder)) -> Result<(), Trouble> {
        let (over, mut seen) = (Stop::default(), HashMap::new());
        std::thread::scope(|scope| {
            let second = scope.spawn(|| second::folders(&self.system, limits.names, &over));
            let own = self.walk_alone(limits, stop, |folder| {
                seen.insert(second::path_key(&folder.path), folder.entries.as_ref().ok().map(|e| sum(e)));
                each(folder);
            });
            if own.is_err() || stop.is_stopped() {
                over.stop();
            }
            let other = second.join().map_err(|_| Trouble::damaged("the file system", "its second reader gave up on it"));
            own?;
            let other = other??;
            match seen.iter().find(|(folder, sum)| sum.is_some() && other.get(folder) != Some(sum)) {
                Some(_) => Err(Trouble::damaged("the file system", "two readers do not see the same in a folder of it")),
                None => Ok(()),
            }
        })
    }

    fn walk_alone(&self, limits: &Limits, stop: &Stop, mut each: impl FnMut(Folder)) -> Result<(), Trouble> {
        let until = Instant::now() + limits.time;
        let mut seen = HashSet::from([TOP]);
        let mut waiting = vec![(b"/".to_vec(), TOP, 0)];
        let mut count = 0_usize;
        while let Some((path, inode, depth)) = waiting.pop() {
            if stop.is_stopped() {
                return Err(Trouble::Stopped);
            }
            if Instant::now() > until {
                return Err(Trouble::TooMuch("reading it takes longer than any disk should".into()));
            }
            let entries = self.entries(inode);
            if let Ok(entries) = &entries {
                count += entries.len();
                if count > limits.names {
                    return Err(Trouble::TooMuch(format!("it has more than {} names", limits.names).into()));
                }
                for entry in entries.iter().filter(|e| e.kind == Kind::Dir) {
                    if depth + 1 > limits.depth {
                        return Err(Trouble::TooMuch(format!("its folders lie deeper than {}", limits.depth).into()));
                    }
                    if !seen.insert(entry.inode) {
                        return Err(Trouble::damaged("the tree of folders", format!("inode {} is in it twice", entry.inode)));
                    }
                    waiting.push((below(&path, &entry.name), entry.inode, depth + 1));
                }
            }
            each(Folder { path, inode, entries });
        }
        Ok(())
    }

    /// What is in the folder with this inode.
    pub fn entries(&self, inode: u32) -> Result<Vec<Entry>, Trouble> {
        let folder = self.inode(inode)?;
        if folder.kind() != Some(Kind::Dir) {
            return Err(Trouble::damaged(format!("inode {inode}"), "it is no folder"));
        }
        let mut named = Vec::new();
        names(&self.layout, &self.system, &folder, |name, inode| named.push((name.to_vec(), inode)))?;
        named.into_iter().map(|(name, inode)| entry(name, &self.inode(inode)?)).collect()
    }

    /// The name at a path from `/` on; no link is followed.
    pub fn entry(&self, path: &[u8]) -> Result<Entry, Trouble> {
        let mut at = entry(b"/".to_vec(), &self.inode(TOP)?)?;
        for part in path.split(|b| *b == b'/').filter(|p| !p.is_empty()) {
            if at.kind != Kind::Dir {
                return Err(Trouble::NotThere);
            }
            let folder = self.inode(at.inode)?;
            let mut found = None;
            names(&self.layout, &self.system, &folder, |name, inode| {
                if name == part {
                    found = Some(inode);
                }
            })?;
            at = entry(part.to_vec(), &self.inode(found.ok_or(Trouble::NotThere)?)?)?;
        }
        Ok(at)
    }
}

fn entry(name: Vec<u8>, inode: &Inode) -> Result<Entry, Trouble> {
    let kind = inode.kind().filter(|_| inode.links > 0);
    let kind = kind.ok_or_else(|| Trouble::damaged(format!("inode {}", inode.number), "it has a name and is no file"))?;
    Ok(Entry {
        name,
        inode: inode.number,
        kind,
        size: inode.size,
        allocated: inode.allocated,
        mtime_ns: inode.mtime_ns,
        mode: inode.mode & 0o7777,
        uid: inode.uid,
        gid: inode.gid,
        links: inode.links,
    })
}

/// The path of a name in a folder.
pub(super) fn below(path: &[u8], name: &[u8]) -> Vec<u8> {
    let mut whole = path.to_vec();
    if !whole.ends_with(b"/") {
        whole.push(b'/');
    }
    whole.extend_from_slice(name);
    whole
}

/// A folder as one number, as the second reader makes it.
fn sum(entries: &[Entry]) -> u64 {
    let one = |e: &Entry| second::digest(&e.name, e.kind, e.size, e.uid, e.mode);
    entries.iter().fold(0, |sum, e| sum.wrapping_add(one(e)))
}
