//! Folders on other disks, for a journal that has no room at home.

use super::fs::Fs;
use crate::model::to_bytes;
use crate::world::World;
use std::io;
use std::path::{Path, PathBuf};

/// A folder of ours in a folder that is there for everybody: `lifeboat-<user>`, in it one for this state folder.
pub(super) struct Spare {
    base: PathBuf,
    names: [String; 2],
}

impl Spare {
    /// All of this world, the most lasting first.
    pub(super) fn all(world: &World) -> Vec<Self> {
        let hash = blake3::hash(&to_bytes(world.state_dir.as_os_str())).to_hex();
        let names = [format!("lifeboat{}", user()), hash.as_str().get(..16).unwrap_or_default().to_owned()];
        world.spare_dirs.iter().map(|base| Self { base: base.clone(), names: names.clone() }).collect()
    }

    /// Its path.
    pub(super) fn path(&self) -> PathBuf {
        self.names.iter().fold(self.base.clone(), |path, name| path.join(name))
    }

    /// Opens it where it is there; what is not this user's alone is refused.
    pub(super) fn open<F: Fs>(&self, fs: &F) -> io::Result<F::Dir> {
        self.go(fs, |_, _, e| Err(e))
    }

    /// Opens it, made where it is missing.
    pub(super) fn make<F: Fs>(&self, fs: &F) -> io::Result<F::Dir> {
        self.go(fs, |above, name, e| {
            if e.kind() != io::ErrorKind::NotFound {
                return Err(e);
            }
            match fs.make(above, name, 0o700) {
                // Another lifeboat made it in this moment.
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
                made => made?,
            }
            fs.sync(above)?;
            fs.folder(above, name)
        })
    }

    fn go<F: Fs>(&self, fs: &F, missing: impl Fn(&F::Dir, &[u8], io::Error) -> io::Result<F::Dir>) -> io::Result<F::Dir> {
        let mut at = fs.root(&self.base)?.1;
        for name in &self.names {
            let name = name.as_bytes();
            at = fs.folder(&at, name).or_else(|e| missing(&at, name, e))?;
            if !fs.private(&at)? {
                return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is not this user's alone"));
            }
        }
        Ok(at)
    }

    /// Removes it where nothing is in it.
    pub(super) fn tidy<F: Fs>(&self, fs: &F) {
        let [user, state] = &self.names;
        if let Ok((_, base)) = fs.root(&self.base) {
            let _ = fs.folder(&base, user.as_bytes()).and_then(|dir| fs.rmdir(&dir, state.as_bytes()));
            let _ = fs.rmdir(&base, user.as_bytes());
        }
    }

    /// Whether what is in it goes with a restart.
    pub(super) fn is_fleeting(&self) -> bool {
        fleeting(&self.base, in_memory(&self.base))
    }
}

/// Of the folders there are for everybody on Unix, only one outlasts a restart, and only on a disk.
fn fleeting(base: &Path, in_memory: bool) -> bool {
    in_memory || cfg!(unix) && !base.starts_with("/var/tmp")
}

#[cfg(unix)]
fn user() -> String {
    format!("-{}", rustix::process::geteuid().as_raw())
}

#[cfg(not(unix))]
fn user() -> String {
    String::new()
}

/// Whether a folder is on a disk in memory: `TMPFS_MAGIC`, `RAMFS_MAGIC` (linux/magic.h).
#[cfg(any(target_os = "linux", target_os = "android"))]
fn in_memory(path: &Path) -> bool {
    rustix::fs::statfs(path).is_ok_and(|fs| matches!(u64::try_from(fs.f_type), Ok(0x0102_1994 | 0x8584_58f6)))
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn in_memory(_: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn only_what_is_in_var_tmp_and_on_a_disk_outlasts_a_restart() {
        for (base, in_memory, goes) in
            [("/var/tmp", false, false), ("/var/tmp", true, true), ("/tmp", false, true), ("/tmp", true, true), ("/dev/shm", true, true)]
        {
            assert_eq!(fleeting(Path::new(base), in_memory), goes, "{base}, in memory: {in_memory}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_disk_in_memory_is_told_from_another() {
        let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap();
        let shm = Path::new("/dev/shm");
        assert_eq!(in_memory(shm), mounts.lines().any(|line| line.contains(" /dev/shm tmpfs ")));
        assert!(!in_memory(Path::new("/proc")));
        for base in ["/var/tmp", "/proc"].map(PathBuf::from) {
            let spare = Spare { base: base.clone(), names: [String::new(), String::new()] };
            assert_eq!(spare.is_fleeting(), fleeting(&base, in_memory(&base)));
        }
    }
}
