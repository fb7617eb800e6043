//! What came back after it was packed: its packed copy is of no use any more, where it is ours and unchanged.

use super::make::hash_of;
use super::register::{Packed, Register};
use crate::error::Result;
use crate::model::Kind;
use crate::platform::{facts, open_beneath};
use crate::vault::own;
use crate::world::World;
use std::path::Path;

/// Drops the packed copies of files that are back with the same bytes; gives how many.
pub fn settle(world: &World) -> Result<u64> {
    if super::register::lines(world)?.0.is_empty() {
        return Ok(0);
    }
    settle_in(&mut Register::open(world)?)
}

/// The same with a register that is open.
pub(super) fn settle_in(register: &mut Register) -> Result<u64> {
    let before = register.all.len();
    let dropped = drop_copies(register, |p| holds(&p.root, &p.path, &p.blake3));
    // What its tool unpacked or removed itself is no longer packed. Our own copies are told of as long as the list is.
    register.all.retain(|p| facts(&p.packed).is_ok() || p.packed.starts_with(&p.root) && facts(&p.root).is_err());
    if register.all.len() != before {
        register.keep()?;
    }
    Ok(dropped)
}

/// Drops the packed copies of some files where they are as we made them, and forgets those; gives how many.
pub(super) fn drop_copies(register: &mut Register, which: impl Fn(&Packed) -> bool) -> u64 {
    let before = register.all.len();
    register.all.retain(|p| {
        let folder = p.packed.parent().unwrap_or(Path::new(""));
        let ours = which(p) && holds(folder, &p.packed, &p.packed_blake3);
        if ours {
            own::discard(&p.packed);
        }
        !ours
    });
    (before - register.all.len()) as u64
}

/// Whether a file below a root has these bytes.
fn holds(root: &Path, path: &Path, hex: &str) -> bool {
    let there = facts(path).is_ok_and(|f| f.kind == Kind::File && !f.placeholder);
    there && open_beneath(root, path).and_then(|mut file| hash_of(&mut file)).is_ok_and(|(hash, _)| hash.to_hex().as_str() == hex)
}
