//! Files on images for whoever copies them out: each image is opened once, and as it is now.

use super::content::Content;
use super::trouble::Trouble;
use super::walk::Entry;
use super::{Image, second};
use crate::model::{Facts, Kind, to_bytes};
use crate::platform::{self, Place};
use ext4_view::Ext4;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;

/// Images that are open.
#[derive(Debug, Default)]
pub struct Images {
    open: HashMap<PathBuf, Rc<Opened>>,
}

/// An image that is open, for its files to be copied out.
#[derive(Debug)]
struct Opened {
    path: PathBuf,
    image: Image,
    second: Ext4,
    /// How the image looked; `None`: a clone of it is read, which nothing changes.
    was: Option<Facts>,
}

/// A file on an image.
#[derive(Debug)]
pub struct OnImage {
    on: Rc<Opened>,
    inside: Vec<u8>,
    /// What its folder and inode say of it.
    pub entry: Entry,
}

/// The image a path lies on, and its path there: `…/sessiondata.img!/home/file`. `None`: it lies on none.
pub fn split(path: &Path) -> Option<(PathBuf, Vec<u8>)> {
    let mut image = PathBuf::new();
    let mut parts = path.components();
    loop {
        let part = parts.next()?;
        let name = to_bytes(part.as_os_str());
        let Some(plain) = name.strip_suffix(b"!").filter(|_| matches!(part, Component::Normal(_))) else {
            image.push(part);
            continue;
        };
        let file = image.join(crate::model::from_bytes(plain));
        // A folder of that very name is a folder.
        let real = platform::facts(&image.join(part)).is_ok();
        if real || !platform::facts(&file).is_ok_and(|f| f.kind == Kind::File) {
            image.push(part);
            continue;
        }
        let mut inside = Vec::new();
        for part in parts {
            let Component::Normal(name) = part else { return None };
            inside.push(b'/');
            inside.extend_from_slice(&to_bytes(name));
        }
        return Some((file, if inside.is_empty() { b"/".to_vec() } else { inside }));
    }
}

impl Images {
    /// The file at a path; `None`: the path lies on no image.
    pub fn find(&mut self, path: &Path) -> Option<io::Result<OnImage>> {
        let (image, inside) = split(path)?;
        Some(self.on(&image).and_then(|on| {
            let entry = on.image.entry(&inside)?;
            Ok(OnImage { on, inside, entry })
        }))
    }

    fn on(&mut self, path: &Path) -> io::Result<Rc<Opened>> {
        if let Some(on) = self.open.get(path) {
            return Ok(Rc::clone(on));
        }
        let on = Rc::new(Opened::new(path)?);
        self.open.insert(path.to_path_buf(), Rc::clone(&on));
        Ok(on)
    }
}

impl Opened {
    /// Opens a clone where one can be made; else the image itself, unless somebody has it open.
    fn new(path: &Path) -> io::Result<Self> {
        let (file, was) = match platform::clone_of(path) {
            Ok(clone) => (clone, None),
            Err(_) => {
                let was = platform::facts(path)?;
                let folder = path.parent().unwrap_or(path).to_path_buf();
                let used = platform::uses(&[folder]).found.into_iter().find(|(place, _)| match place {
                    Place::Path(used) => used == path,
                    Place::Inode(dev, ino) => (*dev, *ino) == (was.dev, was.ino),
                });
                if let Some((_, how)) = used {
                    return Err(io::Error::new(io::ErrorKind::ResourceBusy, format!("the disk it lies on is {how}")));
                }
                (File::open(path)?, Some(was))
            }
        };
        let image = Image::of(file)?;
        let second = second::load(image.system())?;
        Ok(Self { path: path.to_path_buf(), image, second, was })
    }

    /// Whether the image is as it was when it was opened.
    fn is_same(&self) -> io::Result<()> {
        let Some(was) = self.was else { return Ok(()) };
        let is = platform::facts(&self.path)?;
        if (is.size, is.mtime_ns, is.ino) == (was.size, was.mtime_ns, was.ino) {
            Ok(())
        } else {
            Err(io::Error::other("the disk it lies on changed while it was read"))
        }
    }
}

impl OnImage {
    /// Its content.
    pub fn content(&self) -> io::Result<Content> {
        Ok(self.on.image.content(self.entry.inode)?)
    }

    /// Where it points, being a link.
    pub fn link(&self) -> io::Result<Vec<u8>> {
        Ok(self.on.image.link(self.entry.inode)?)
    }

    /// Its BLAKE3, and how many bytes it has.
    pub fn hash(&self) -> io::Result<(blake3::Hash, u64)> {
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(self.content()?)?;
        if hasher.count() != self.entry.size {
            return Err(io::Error::other("it has another length than was told"));
        }
        self.on.is_same()?;
        Ok((hasher.finalize(), hasher.count()))
    }

    /// Its content as the second reader reads it: whoever holds it against [`OnImage::hash`] has the word of both.
    pub fn by_second(&self) -> io::Result<impl Read + use<'_>> {
        let view = &self.on.second;
        let path: &[u8] = &self.inside;
        let told = |e: ext4_view::Ext4Error| io::Error::from(second::trouble(e));
        let meta = view.symlink_metadata(path).map_err(told)?;
        if !meta.file_type().is_regular_file() || meta.len() != self.entry.size {
            return Err(Trouble::damaged("the file system", "its two readers do not see the same file").into());
        }
        view.open(path).map_err(told)
    }

    /// Whether its disk is as it was when this was found.
    pub fn is_same(&self) -> io::Result<()> {
        self.on.is_same()
    }
}
