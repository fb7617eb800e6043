//! What of an archive is restored, and where each thing goes.

use super::Target;
use super::manifest::{self, Entry, EntryKind, Manifest};
use super::meta::{Stamp, Xattr};
use super::reader::Member;
use super::sums::of_attributes;
use crate::error::{Error, Result};
use crate::model::{Failed, to_bytes};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Component, PathBuf};

/// One thing that is to be put somewhere.
#[derive(Debug, Clone)]
pub struct Want {
    /// Its place in the manifest.
    pub entry: usize,
    /// Which base folder it goes below.
    pub base: usize,
    /// Its name below that, parts joined by `/`.
    pub name: Vec<u8>,
    /// What it is.
    pub kind: EntryKind,
    /// Apparent bytes; of a hard link, those it shares.
    pub size: u64,
    /// What is set on it.
    pub stamp: Stamp,
    /// Where a symbolic link points; of a hard link, the archive name of what it shares its bytes with.
    pub link: Vec<u8>,
    /// BLAKE3 its bytes must have.
    pub blake3: Option<String>,
    /// SHA-256 its bytes must have.
    pub sha256: Option<String>,
    /// BLAKE3 over the extended attributes it must have.
    pub attributes: Option<String>,
    /// Why its bytes may not be one state of it.
    pub incomplete: Option<String>,
}

impl Default for Want {
    fn default() -> Self {
        let (name, link, stamp) = (Vec::new(), Vec::new(), Stamp::default());
        Self {
            entry: 0,
            base: 0,
            name,
            kind: EntryKind::Dir,
            size: 0,
            stamp,
            link,
            blake3: None,
            sha256: None,
            attributes: None,
            incomplete: None,
        }
    }
}

impl Want {
    /// The extended attributes the archive has for it, where they are those of the manifest; else none.
    pub fn fitting<'a>(&self, member: &'a Member) -> &'a [Xattr] {
        if of_attributes(&member.xattrs) == self.attributes { &member.xattrs } else { &[] }
    }

    /// The word for the archive's kind, where it is not the one wanted.
    pub fn kind_differs(&self, found: EntryKind) -> Option<&'static str> {
        let mine = if self.kind == EntryKind::Hardlink { EntryKind::File } else { self.kind };
        (mine != found).then_some(match found {
            EntryKind::File | EntryKind::Hardlink => "file",
            EntryKind::Symlink => "link",
            EntryKind::Dir => "folder",
            EntryKind::Fifo | EntryKind::Char | EntryKind::Block => "pipe or device",
        })
    }
}

/// All that is to be put somewhere.
#[derive(Debug, Default)]
pub struct Wanted {
    /// The folders everything goes below.
    pub bases: Vec<PathBuf>,
    /// Names that cannot be made here, and what is made instead.
    pub renamed: Vec<String>,
    /// Names no restore may use.
    pub refused: Vec<Failed>,
    /// By the archive name that holds the content: everything that gets that content, in the archive's order.
    groups: HashMap<Vec<u8>, Vec<Want>>,
    known: HashSet<Vec<u8>>,
    links: Vec<Want>,
    anchors: HashMap<Vec<u8>, (usize, Vec<u8>)>,
}

impl Wanted {
    /// Chooses what is restored: everything, or one session and the folders it is in.
    pub fn choose(manifest: &Manifest, target: &Target, session: Option<&str>) -> Result<Self> {
        let session = session.map(|asked| one_session(manifest, asked)).transpose()?;
        let mut all = Self { bases: bases(manifest, target)?, ..Self::default() };
        let mut names: Vec<Option<Vec<u8>>> = Vec::with_capacity(manifest.entries.len());
        for entry in &manifest.entries {
            let name = manifest::bytes(&entry.path);
            let own_names = *target == Target::InPlace;
            let fine = name.clone().filter(|n| manifest::stays_below(n) && !(own_names && super::foreign::usable(n) != *n));
            if fine.is_none() {
                all.refused.push(Failed {
                    path: entry.path.clone(),
                    error: "its name leads out of the folder, or cannot be made here; it was left in the archive".into(),
                });
            }
            all.known.extend(name);
            names.push(fine);
        }
        let mut ways: HashSet<&[u8]> = HashSet::new();
        let chosen = |entry: &Entry| session.as_ref().is_none_or(|s| entry.session.as_ref() == Some(s));
        for (entry, name) in manifest.entries.iter().zip(&names) {
            if let Some(name) = name.as_ref().filter(|_| chosen(entry)) {
                ways.extend(name.iter().enumerate().filter(|(_, b)| **b == b'/').map(|(at, _)| &name[..at]));
            }
        }
        let files: HashMap<&[u8], &Entry> = manifest
            .entries
            .iter()
            .zip(&names)
            .filter(|(e, _)| e.kind == EntryKind::File)
            .filter_map(|(e, n)| Some((n.as_deref()?, e)))
            .collect();
        for (at, (entry, name)) in manifest.entries.iter().zip(&names).enumerate() {
            let Some(name) = name else { continue };
            if !(chosen(entry) || (entry.kind == EntryKind::Dir && ways.contains(name.as_slice()))) {
                continue;
            }
            if entry.on_image && *target == Target::InPlace {
                let error = "it lay on a disk image, into which nothing is put back; `--to DIR` lays it out".into();
                all.refused.push(Failed { path: entry.path.clone(), error });
                continue;
            }
            let link = entry.link.as_ref().and_then(manifest::bytes).unwrap_or_default();
            let holder = if entry.kind == EntryKind::Hardlink { files.get(link.as_slice()).copied() } else { Some(entry) };
            match (holder, place(manifest, target, name)) {
                (Some(holder), Some((base, to))) => {
                    if matches!(target, Target::Folder(_)) && to != *name {
                        let shown = |n: &[u8]| crate::model::shown_name(&crate::model::from_bytes(n));
                        all.renamed.push(format!("{} cannot be made here; it is restored as {}", shown(name), shown(&to)));
                    }
                    let key = if entry.kind == EntryKind::Hardlink { link.clone() } else { name.clone() };
                    all.groups.entry(key).or_default().push(want(at, entry, holder, base, to, link));
                }
                (None, _) => {
                    let error = "it shares its bytes with something the archive does not have".into();
                    all.refused.push(Failed { path: entry.path.clone(), error });
                }
                (_, None) => all.refused.push(Failed { path: entry.path.clone(), error: "the manifest does not say where it was".into() }),
            }
        }
        Ok(all)
    }

    /// Everything that is still wanted.
    pub fn wants(&self) -> impl Iterator<Item = &Want> {
        self.groups.values().flatten()
    }

    /// How many things other than folders, and their bytes.
    pub fn totals(&self) -> (u64, u64) {
        let files = self.wants().filter(|w| w.kind != EntryKind::Dir).count() as u64;
        (files, self.wants().filter(|w| w.kind == EntryKind::File).map(|w| w.size).sum())
    }

    /// Whether the manifest has this name at all.
    pub fn is_known(&self, name: &[u8]) -> bool {
        self.known.contains(name)
    }

    /// Everything that gets the content of this entry; each only once.
    pub fn take(&mut self, name: &[u8], kind: EntryKind) -> Vec<Want> {
        if kind == EntryKind::Hardlink && !self.groups.get(name).is_some_and(|g| g.iter().any(|w| w.kind != EntryKind::Hardlink)) {
            return Vec::new();
        }
        self.groups.remove(name).unwrap_or_default()
    }

    /// Remembers where the content of an entry is on the disk.
    pub fn anchor(&mut self, name: &[u8], at: &Want) {
        self.anchors.insert(name.to_vec(), (at.base, at.name.clone()));
    }

    /// Where the content of an entry is on the disk.
    pub fn anchor_of(&self, name: &[u8]) -> Option<(usize, Vec<u8>)> {
        self.anchors.get(name).cloned()
    }

    /// Puts names aside that become links at the end.
    pub fn link_later(&mut self, links: impl Iterator<Item = Want>) {
        self.links.extend(links);
    }

    /// The names put aside.
    pub fn take_links(&mut self) -> Vec<Want> {
        std::mem::take(&mut self.links)
    }

    /// What never came, in the manifest's order.
    pub fn take_rest(&mut self) -> Vec<Want> {
        self.take_all()
    }

    /// Everything, in the manifest's order.
    pub fn take_all(&mut self) -> Vec<Want> {
        let mut all: Vec<Want> = std::mem::take(&mut self.groups).into_values().flatten().collect();
        all.sort_by_key(|w| w.entry);
        all
    }
}

fn want(at: usize, entry: &Entry, holder: &Entry, base: usize, name: Vec<u8>, link: Vec<u8>) -> Want {
    Want {
        entry: at,
        base,
        name,
        kind: entry.kind,
        size: holder.size,
        stamp: Stamp { mode: entry.mode, uid: entry.uid, gid: entry.gid, mtime_ns: entry.mtime_ns },
        link,
        blake3: holder.blake3.clone(),
        sha256: holder.sha256.clone(),
        attributes: holder.attributes.clone(),
        incomplete: holder.incomplete.clone(),
    }
}

/// The one session of the manifest that is meant: by its id, or the beginning of it or of what follows its last `_`.
fn one_session(manifest: &Manifest, asked: &str) -> Result<String> {
    let ids: BTreeSet<&str> = manifest.entries.iter().filter_map(|e| e.session.as_deref()).collect();
    if ids.contains(asked) {
        return Ok(asked.to_owned());
    }
    let tail = |id: &str| id.rsplit('_').next().is_some_and(|t| t.starts_with(asked));
    let found: Vec<&str> = ids.into_iter().filter(|id| !asked.is_empty() && (id.starts_with(asked) || tail(id))).collect();
    match found.as_slice() {
        [one] => Ok((*one).to_owned()),
        [] => Err(Error::usage(format!("the archive has no session `{asked}`"))),
        several => Err(Error::usage(format!("several sessions begin with `{asked}`: {}", several.join(", ")))),
    }
}

fn bases(manifest: &Manifest, target: &Target) -> Result<Vec<PathBuf>> {
    match target {
        Target::Folder(folder) => Ok(vec![folder.clone()]),
        Target::InPlace => manifest
            .roots
            .iter()
            .map(|root| {
                let path = root.original.to_path().filter(|p| p.is_absolute() && !p.components().any(|c| c == Component::ParentDir));
                let path = path.ok_or_else(|| {
                    Error::refused(format!("`{}` is not a place on this machine", root.original.path))
                        .hint("restore with `--to DIR` instead")
                })?;
                Ok(path.parent().map_or_else(|| path.clone(), std::path::Path::to_path_buf))
            })
            .collect(),
    }
}

/// The base an entry goes below, and its name there.
fn place(manifest: &Manifest, target: &Target, name: &[u8]) -> Option<(usize, Vec<u8>)> {
    if matches!(target, Target::Folder(_)) {
        return Some((0, super::foreign::usable(name)));
    }
    manifest.roots.iter().enumerate().find_map(|(at, root)| {
        let rest = name.strip_prefix(manifest::bytes(&root.top)?.as_slice())?;
        if !(rest.is_empty() || rest.starts_with(b"/")) {
            return None;
        }
        let original = root.original.to_path()?;
        let own = original.file_name().map_or_else(Vec::new, |n| to_bytes(n).into_owned());
        let to = if own.is_empty() { rest.get(1..).unwrap_or_default().to_vec() } else { [own.as_slice(), rest].concat() };
        Some((at, to))
    })
}
