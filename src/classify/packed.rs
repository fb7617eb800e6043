//! A packed copy beside a file, which the tool itself reads where the file is gone: the same conversation, proven by
//! unpacking it.

use super::copies::Wanted;
use super::hash::blake3_of;
use crate::model::{Class, Evidence, Proof, Stop, Verdict};
use crate::platform::{facts, open_beneath};
use crate::world::World;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// As much as is unpacked at once.
const PIECE: usize = 1 << 18;

/// Where the packed copy of a file lies, if the tool reads one.
pub fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".zst");
    name.into()
}

/// BLAKE3 of what a packed file below a root holds; `None` when stopped. Fails where that is not so many bytes, so that a file
/// that unpacks to more than it should is not unpacked to its end.
pub fn blake3_within(root: &Path, packed: &Path, size: u64, stop: &Stop) -> io::Result<Option<blake3::Hash>> {
    let mut text = zstd::stream::read::Decoder::new(open_beneath(root, packed)?)?.take(size.saturating_add(1));
    let (mut hasher, mut buffer, mut read) = (blake3::Hasher::new(), vec![0; PIECE], 0_u64);
    loop {
        if stop.is_stopped() {
            return Ok(None);
        }
        match text.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => {
                hasher.update(&buffer[..n]);
                read += n as u64;
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    if read != size {
        return Err(io::Error::other(if read > size { "it holds more than the file" } else { "it holds less than the file" }));
    }
    Ok(Some(hasher.finalize()))
}

/// What a file is by its packed copy; the words say why it proves nothing. `None` when stopped.
pub(super) fn judge(
    world: &World,
    file: &Wanted,
    packed: &Path,
    own: &dyn Fn() -> io::Result<Option<blake3::Hash>>,
    stop: &Stop,
) -> Option<Result<Verdict, String>> {
    let shown = world.short(packed);
    let within = match blake3_within(file.ground.root(), packed, file.size, stop) {
        Ok(hash) => hash?,
        Err(e) => return Some(Err(format!("the packed copy {shown} proves nothing: {e}"))),
    };
    let hash = match own() {
        Ok(hash) => hash?,
        Err(e) => return Some(Err(format!("it could not be read to compare it with its packed copy: {e}"))),
    };
    if hash != within {
        return Some(Err(format!("the packed copy {shown} holds other bytes")));
    }
    let hex = hash.to_hex();
    Some(Ok(Verdict {
        class: Class::Flushed,
        evidence: vec![Evidence::new(
            "copies/packed",
            format!("the same bytes are in {shown}, packed (BLAKE3 {}…, unpacked and read)", &hex[..12]),
        )],
        comes_back: Some(format!("unpack {shown}; the tool reads it as it is").into()),
        proof: Some(Proof::Packed { copy: packed.to_path_buf(), blake3: hex.to_string() }),
    }))
}

/// Whether a file still holds what a packed copy of it holds. Such a copy lies beside it, or where lifeboat keeps its own.
pub(super) fn still(world: &World, original: &Path, copy: &Path, hex: &str) -> Result<String, String> {
    let shown = world.short(copy);
    let ours = world.packed_dir();
    if copy != beside(original) && !copy.starts_with(&ours) {
        return Err(format!("{shown} is no place for its packed copy"));
    }
    let here = facts(original).map_err(|e| e.to_string())?;
    let told = |hash: io::Result<Option<blake3::Hash>>, what: &str| match hash {
        Ok(Some(hash)) => Ok(hash.to_hex().to_string()),
        Ok(None) => Err("stopped".to_owned()),
        Err(e) => Err(format!("{what} could not be read: {e}")),
    };
    let folder = |path: &Path| path.parent().map(Path::to_path_buf).ok_or("it has no folder");
    let never = Stop::default();
    if told(blake3_of(&folder(original)?, original, here.size, &never), "it")? != hex {
        return Err("its bytes changed since they were packed".into());
    }
    let root = if copy.starts_with(&ours) { ours } else { folder(copy)? };
    if told(blake3_within(&root, copy, here.size, &never), &format!("the packed copy {shown}"))? != hex {
        return Err(format!("the packed copy {shown} has other bytes now"));
    }
    Ok(format!("{shown} still holds the same bytes"))
}
