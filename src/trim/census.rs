//! Everything on a file system: each name, and what it names, down to the bytes.

use super::ext4::{Ext4, ROOT};
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::model::{Kind, Progress, Watch, shown_name};
use std::collections::BTreeMap;
use std::io;
use std::path::Path;

/// A name: the inode of its folder, and its bytes.
pub type Name = (u32, Vec<u8>);

/// What a name names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thing {
    /// What sort of thing it is.
    pub kind: Kind,
    /// How many names it has.
    pub links: u16,
    /// Its size.
    pub size: u64,
    /// Bytes allocated for it.
    pub allocated: u64,
    /// When its content changed last, nanoseconds since 1970.
    pub mtime_ns: i64,
    /// The fingerprint of what is kept about it: mode, owner, times, where it leads, attributes.
    facts: [u8; 32],
    /// The fingerprint of its content; of a folder its names say that.
    content: [u8; 32],
}

/// Every name and thing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Census {
    /// Each name with its inode.
    pub names: BTreeMap<Name, u32>,
    /// Each thing by its inode.
    pub things: BTreeMap<u32, Thing>,
}

impl Census {
    /// Reads all of a file system; `verb` tells the watcher what for.
    pub fn take(fs: &Ext4, verb: &'static str, watch: &dyn Watch) -> Result<Self> {
        let failed = |e: io::Error| Error::new(ErrorKind::System, "the file system in the image cannot be read whole").because(e);
        let mut census = Self::default();
        let mut progress = Progress { verb, ..Progress::default() };
        let (mut folders, mut buffer) = (vec![ROOT], Vec::new());
        census.add(fs, ROOT, &mut buffer).map_err(failed)?;
        while let Some(folder) = folders.pop() {
            let inode = fs.inode(folder).map_err(failed)?;
            for (name, number) in fs.names(folder, &inode).map_err(failed)? {
                if !census.things.contains_key(&number) {
                    let thing = census.add(fs, number, &mut buffer).map_err(failed)?;
                    progress.files += 1;
                    progress.bytes += thing.size;
                    if thing.kind == Kind::Dir {
                        folders.push(number);
                    }
                    if progress.files.is_multiple_of(256) {
                        watch.at(&progress);
                        if watch.stopped() {
                            return Err(Error::new(ErrorKind::Interrupted, "stopped; nothing was changed"));
                        }
                    }
                }
                census.names.insert((folder, name), number);
            }
        }
        Ok(census)
    }

    fn add(&mut self, fs: &Ext4, number: u32, buffer: &mut Vec<u8>) -> io::Result<&Thing> {
        let inode = fs.inode(number)?;
        let kind = inode.kind();
        let content = if kind == Kind::Dir { [0; 32] } else { fs.fingerprint(number, &inode, buffer)? };
        let thing = Thing {
            kind,
            links: inode.links(),
            size: inode.size(),
            allocated: inode.allocated(fs.block()),
            mtime_ns: inode.mtime_ns(),
            facts: fs.facts(&inode)?,
            content,
        };
        Ok(self.things.entry(number).or_insert(thing))
    }

    /// The name that a path leads to, no link followed, and its inode.
    pub fn find(&self, path: &[Vec<u8>]) -> Option<(Name, u32)> {
        let (last, above) = path.split_last()?;
        let mut folder = ROOT;
        for name in above {
            folder = *self.names.get(&(folder, name.clone()))?;
        }
        let name = (folder, last.clone());
        let inode = *self.names.get(&name)?;
        Some((name, inode))
    }

    /// Every name in a folder.
    pub fn in_folder(&self, folder: u32) -> impl DoubleEndedIterator<Item = (&Name, &u32)> {
        self.names.range((folder, Vec::new())..(folder + 1, Vec::new()))
    }

    /// What is different from what was expected, the first of it in words; `None` where nothing is.
    pub fn difference(&self, expected: &Self) -> Option<String> {
        let shown = |name: &Name| shown_name(&crate::model::from_bytes(&name.1));
        if let Some(name) = expected.names.keys().find(|name| !self.names.contains_key(*name)) {
            return Some(format!("{} would be gone, which is not in the plan", shown(name)));
        }
        if let Some((name, _)) = self.names.iter().find(|(name, inode)| expected.names.get(*name) != Some(*inode)) {
            return Some(format!("{} would be there, or be another thing", shown(name)));
        }
        let other = |(number, thing): &(&u32, &Thing)| self.things.get(number) != Some(*thing);
        if let Some((number, _)) = expected.things.iter().find(other) {
            let name = self.names.iter().find(|(_, inode)| *inode == number);
            return Some(format!("{} would not be what it was", name.map_or("the root".into(), |(name, _)| shown(name))));
        }
        (self.things.len() != expected.things.len()).then(|| "something without a name would be there".to_owned())
    }
}

/// The names of a path as the file system in the image has them.
pub fn parts(path: &Path) -> Vec<Vec<u8>> {
    let name = |part: std::path::Component<'_>| match part {
        std::path::Component::Normal(name) => Some(crate::model::to_bytes(name).into_owned()),
        _ => None,
    };
    path.components().filter_map(name).collect()
}
