//! The last look, right before a move: is what the class rests on still true?

use super::hash::blake3_of;
use super::index::Places;
use super::packed;
use crate::model::{Kind, Proof, Stop};
use crate::platform::facts;
use crate::stores::TOOLS;
use crate::world::World;
use std::path::{Path, PathBuf};

/// Whether, at this moment, `original` is still proven by `proof`; the words say what was found.
pub fn still_proven(world: &World, original: &Path, proof: &Proof) -> Result<String, String> {
    match proof {
        Proof::Recipe { path } => recipe(world, path),
        Proof::SameInode { copy } => same_inode(world, original, copy),
        Proof::SameBytes { copy, blake3 } => same_bytes(world, original, copy, blake3),
        Proof::Packed { copy, blake3 } => packed::still(world, original, copy, blake3),
    }
}

fn recipe(world: &World, path: &Path) -> Result<String, String> {
    let name = world.short(path);
    match facts(path) {
        Ok(f) if f.kind == Kind::Dir || (f.kind == Kind::File && f.size > 0) => Ok(format!("{name} is still there")),
        Ok(_) => Err(format!("{name}, what it comes back from, is not what it was")),
        Err(e) => Err(format!("{name}, what it comes back from, is gone: {e}")),
    }
}

/// The copy's facts and folder, when it is a file of the user's own that is really here.
fn own_copy(world: &World, copy: &Path) -> Result<(crate::model::Facts, PathBuf), String> {
    let name = world.short(copy);
    let parent = copy.parent().ok_or_else(|| format!("{name} is no file"))?;
    let stores: Vec<PathBuf> = TOOLS.iter().flat_map(|t| t.roots(world, &[])).collect();
    if Places::of(world, &[parent.to_path_buf()], &stores).looked_at(parent).is_none() {
        return Err(format!("{name} is not in a folder of your own any more"));
    }
    let found = facts(copy).map_err(|e| format!("the copy {name} is gone: {e}"))?;
    if found.kind != Kind::File || found.placeholder || found.size == 0 {
        return Err(format!("the copy {name} is not a file with its content here"));
    }
    Ok((found, parent.to_path_buf()))
}

fn same_inode(world: &World, original: &Path, copy: &Path) -> Result<String, String> {
    let (there, _) = own_copy(world, copy)?;
    let here = facts(original).map_err(|e| e.to_string())?;
    let same = here.ino != 0 && (here.dev, here.ino) == (there.dev, there.ino);
    // With one name only it is the file itself, reached another way.
    if same && here.nlink > 1 && original != copy {
        Ok(format!("{} is still the same file", world.short(copy)))
    } else {
        Err(format!("{} is another file now", world.short(copy)))
    }
}

fn same_bytes(world: &World, original: &Path, copy: &Path, hex: &str) -> Result<String, String> {
    let (there, parent) = own_copy(world, copy)?;
    let here = facts(original).map_err(|e| e.to_string())?;
    if here.ino != 0 && (here.dev, here.ino) == (there.dev, there.ino) && here.nlink < 2 {
        return Err("the copy is the file itself".into());
    }
    let root = original.parent().ok_or("it has no folder")?;
    let hash = |root: &Path, path: &Path, size: u64| match blake3_of(root, path, size, &Stop::default()) {
        Ok(Some(hash)) => Ok(hash.to_hex().to_string()),
        Ok(None) => Err("stopped".to_owned()),
        Err(e) => Err(format!("{} could not be read: {e}", world.short(path))),
    };
    if hash(root, original, here.size)? != hex {
        return Err("its bytes changed since they were compared".into());
    }
    if hash(&parent, copy, there.size)? != hex {
        return Err(format!("the copy {} has other bytes now", world.short(copy)));
    }
    Ok(format!("{} still has the same bytes", world.short(copy)))
}
