//! Folders below an open one: no link is followed and no mount crossed, whatever is put in their place meanwhile.

use crate::platform::Folder;
#[cfg(any(target_os = "linux", target_os = "android"))]
use rustix::fs::ResolveFlags;
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use std::io;
use std::os::fd::OwnedFd;

const AS_FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// How a path is followed: not above where it starts, through no link, onto no other mount.
#[cfg(any(target_os = "linux", target_os = "android"))]
const STRAIGHT: ResolveFlags = ResolveFlags::BENEATH.union(ResolveFlags::NO_SYMLINKS).union(ResolveFlags::NO_XDEV);

/// A path longer than this goes in pieces: a name more, however long, and the system still takes it at once.
const PIECE: usize = 2000;

/// Opens a folder in a folder.
pub(super) fn one(dir: &Folder, name: &[u8]) -> io::Result<Folder> {
    open(dir.fd(), name).map(Folder::from)
}

/// Opens the folder that these names lead to; without a name a second handle on the folder itself.
pub(super) fn down(top: &Folder, names: &[Vec<u8>]) -> io::Result<Folder> {
    let mut at: Option<OwnedFd> = None;
    let mut piece = Vec::new();
    for name in names {
        if !piece.is_empty() {
            piece.push(b'/');
        }
        piece.extend_from_slice(name);
        if piece.get(PIECE).is_some() {
            at = Some(open(at.as_ref().unwrap_or(top.fd()), &piece)?);
            piece.clear();
        }
    }
    match (at, piece.as_slice()) {
        (Some(fd), b"") => Ok(Folder::from(fd)),
        (None, b"") => one(top, b"."),
        (at, rest) => open(at.as_ref().unwrap_or(top.fd()), rest).map(Folder::from),
    }
}

/// Opens what a path of plain names leads to, by one call where the system has such a one.
fn open(dir: &OwnedFd, path: &[u8]) -> io::Result<OwnedFd> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    match rustix::fs::openat2(dir, path, AS_FOLDER, Mode::empty(), STRAIGHT) {
        // A kernel before 5.6, or a sandbox that does not let it through.
        Err(Errno::NOSYS | Errno::PERM) => {}
        done => return Ok(done?),
    }
    by_parts(dir, path)
}

/// The same name by name, each looked at once it is open.
fn by_parts(dir: &OwnedFd, path: &[u8]) -> io::Result<OwnedFd> {
    let ground = mount(dir)?;
    let mut at: Option<OwnedFd> = None;
    for name in path.split(|b| *b == b'/') {
        let next = rustix::fs::openat(at.as_ref().unwrap_or(dir), name, AS_FOLDER, Mode::empty())?;
        if mount(&next)? != ground {
            return Err(Errno::XDEV.into());
        }
        at = Some(next);
    }
    at.ok_or_else(|| io::ErrorKind::InvalidInput.into())
}

/// What tells one mount from another: its number where the system tells it, for a bind mount has the same device.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn mount(dir: &OwnedFd) -> io::Result<(u64, u64)> {
    use rustix::fs::{AtFlags, StatxFlags};
    let number = rustix::fs::statx(dir, c"", AtFlags::EMPTY_PATH, StatxFlags::MNT_ID)
        .ok()
        .filter(|s| StatxFlags::from_bits_retain(s.stx_mask).contains(StatxFlags::MNT_ID))
        .map_or(0, |s| s.stx_mnt_id);
    Ok((rustix::fs::fstat(dir)?.st_dev, number))
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
#[allow(
    clippy::unnecessary_cast,
    clippy::cast_sign_loss,
    clippy::cast_lossless,
    clippy::allow_attributes,
    reason = "its type differs between Unixes"
)]
fn mount(dir: &OwnedFd) -> io::Result<u64> {
    Ok(rustix::fs::fstat(dir)?.st_dev as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Kind;

    type Way = fn(&OwnedFd, &[u8]) -> io::Result<OwnedFd>;

    /// Both ways must do the same.
    const WAYS: [Way; 2] = [open, by_parts];

    #[test]
    fn a_link_anywhere_on_the_way_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("a/b/c")).unwrap();
        std::os::unix::fs::symlink("b", dir.path().join("a/link")).unwrap();
        std::os::unix::fs::symlink(dir.path(), dir.path().join("a/b/out")).unwrap();
        let top = Folder::open(dir.path()).unwrap();
        for way in WAYS {
            assert!(way(top.fd(), b"a/b/c").is_ok());
            for path in ["a/link", "a/link/c", "a/b/out", "a/b/out/a"] {
                assert!(way(top.fd(), path.as_bytes()).is_err(), "{path} was opened through a link");
            }
            assert_eq!(way(top.fd(), b"a/none").unwrap_err().kind(), io::ErrorKind::NotFound);
        }
    }

    #[test]
    fn a_mount_is_not_crossed() {
        let device = |path: &str| crate::platform::facts(path.as_ref()).ok().filter(|f| f.kind == Kind::Dir).map(|f| f.dev);
        let mounted = ["proc", "dev"].map(|name| (name, device(&format!("/{name}"))));
        let top = Folder::open("/".as_ref()).unwrap();
        for (name, device_of_it) in mounted {
            if device_of_it.is_none_or(|it| Some(it) == device("/")) {
                println!("skipped: /{name} is no mount here");
                continue;
            }
            for way in WAYS {
                assert_eq!(way(top.fd(), name.as_bytes()).unwrap_err().kind(), io::ErrorKind::CrossesDevices);
            }
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_folder_of_the_same_disk_that_is_mounted_on_the_way_is_not_crossed_either() {
        use crate::vault::tests::mounts::{bind, may_mount};
        if !may_mount("vault::real::beneath::tests::a_folder_of_the_same_disk_that_is_mounted_on_the_way_is_not_crossed_either") {
            return;
        }
        let (dir, thesis) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::create_dir_all(dir.path().join("a/m")).unwrap();
        bind(thesis.path(), &dir.path().join("a/m"));
        let top = Folder::open(dir.path()).unwrap();
        for way in WAYS {
            assert_eq!(way(top.fd(), b"a/m").unwrap_err().kind(), io::ErrorKind::CrossesDevices);
        }
    }

    #[test]
    fn a_path_longer_than_the_system_takes_is_gone_down_in_pieces() {
        let dir = tempfile::tempdir().unwrap();
        let top = Folder::open(dir.path()).unwrap();
        let names: Vec<Vec<u8>> = (0..60).map(|_| vec![b'n'; 200]).collect();
        let mut at = down(&top, &[]).unwrap();
        for name in &names {
            rustix::fs::mkdirat(at.fd(), name.as_slice(), Mode::RWXU).unwrap();
            at = one(&at, name).unwrap();
        }
        for count in [0, 1, 9, 10, 11, 20, 59, 60] {
            let there = down(&top, &names[..count]).unwrap().own_facts().unwrap();
            let mut by_name = down(&top, &[]).unwrap();
            for name in &names[..count] {
                by_name = one(&by_name, name).unwrap();
            }
            assert_eq!(there.ino, by_name.own_facts().unwrap().ino, "{count} names deep");
        }
    }
}
