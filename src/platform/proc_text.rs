//! What Linux tells in the text files of `/proc`, taken apart. Nothing is read here, so that it is tested everywhere.
#![cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "only Linux has such files"))]

use crate::model::from_bytes;
use std::path::{Path, PathBuf};

/// A device as the kernel writes it: major and minor number.
pub type Device = (u32, u32);

/// A lock on a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lock {
    /// Who holds it; `None` where the lock belongs to an open file and not to a process.
    pub pid: Option<u32>,
    /// The device of the locked file.
    pub device: Device,
    /// Its inode.
    pub inode: u64,
}

/// A file in a process's memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapped {
    /// The file's device.
    pub device: Device,
    /// Its inode.
    pub inode: u64,
    /// Its path as that process sees it.
    pub path: PathBuf,
}

/// The locks of `/proc/locks`, whatever their kind: `1: FLOCK  ADVISORY  WRITE 6237 fe:00:1400937 0 EOF`. Who only waits
/// for one (`1: -> POSIX …`) uses the file too.
pub fn locks(text: &str) -> Vec<Lock> {
    let lock = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().filter(|w| *w != "->").collect();
        let place = words.get(5)?;
        let (device, inode) = place.rsplit_once(':')?;
        let pid = words.get(4)?.parse().ok().filter(|pid| *pid > 0);
        Some(Lock { pid, device: pair(device)?, inode: inode.parse().ok()? })
    };
    text.lines().filter_map(lock).collect()
}

/// The files of `/proc/<pid>/maps`, each once where it stands line by line:
/// `7f12-7f34 r--p 00000000 08:01 1310723    /home/u/a file`.
pub fn mapped(text: &[u8]) -> Vec<Mapped> {
    let mut found: Vec<Mapped> = Vec::new();
    for line in text.split(|b| *b == b'\n') {
        // Only what is a path has a slash; the address, the rights and the numbers before it have none.
        let Some(at) = line.iter().position(|b| *b == b'/') else { continue };
        let path = PathBuf::from(from_bytes(&unescaped(&line[at..])));
        if found.last().is_some_and(|last| last.path == path) {
            continue;
        }
        let head = String::from_utf8_lossy(&line[..at]).into_owned();
        let mut words = head.split_whitespace().skip(3);
        if let (Some(device), Some(inode)) = (words.next().and_then(pair), words.next().and_then(|w| w.parse().ok())) {
            found.push(Mapped { device, inode, path });
        }
    }
    found
}

/// The user a process belongs to, by `/proc/<pid>/status`.
pub fn user(status: &str) -> Option<u32> {
    status.lines().find_map(|line| line.strip_prefix("Uid:"))?.split_whitespace().next()?.parse().ok()
}

/// When a process started, in ticks since the machine did: field 22 of `/proc/<pid>/stat`. The second field is a name in
/// brackets and may hold anything, brackets too.
pub fn started(stat: &[u8]) -> Option<u64> {
    let after = stat.iter().rposition(|b| *b == b')')? + 1;
    std::str::from_utf8(stat.get(after..)?).ok()?.split_whitespace().nth(19)?.parse().ok()
}

/// The kernel's device of what is mounted at a path, by `/proc/self/mountinfo`. On btrfs this is another one than
/// `stat` tells, and the one that stands in `/proc/locks` and in maps.
pub fn mounted(mountinfo: &[u8], path: &Path) -> Option<Device> {
    let mount = |line: &[u8]| {
        let words: Vec<&[u8]> = line.split(|b| *b == b' ').collect();
        let device = pair_of(words.get(2)?, 10)?;
        Some((PathBuf::from(from_bytes(&unescaped(words.get(4)?))), device))
    };
    let mounts = mountinfo.split(|b| *b == b'\n').filter_map(mount);
    // Of two mounts at one place the later one is seen.
    mounts.filter(|(at, _)| path.starts_with(at)).max_by_key(|(at, _)| at.components().count()).map(|(_, device)| device)
}

fn pair(text: &str) -> Option<Device> {
    pair_of(text.as_bytes(), 16)
}

fn pair_of(text: &[u8], radix: u32) -> Option<Device> {
    let (major, minor) = std::str::from_utf8(text).ok()?.split_once(':')?;
    Some((u32::from_str_radix(major, radix).ok()?, u32::from_str_radix(minor, radix).ok()?))
}

/// Bytes with `\040` and the like turned back.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        let digits = text.get(at + 1..at + 4).filter(|d| *byte == b'\\' && d.iter().all(|b| (b'0'..=b'7').contains(b)));
        let value = digits.and_then(|d| u8::from_str_radix(std::str::from_utf8(d).ok()?, 8).ok());
        out.push(value.unwrap_or(*byte));
        at += if value.is_some() { 4 } else { 1 };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locks_of_every_kind_are_read_and_a_line_of_a_later_kernel_is_passed_over() {
        let text = "\
1: POSIX  ADVISORY  WRITE 1234 08:01:1310723 0 EOF
1: -> POSIX  ADVISORY  WRITE 99 08:01:1310723 0 EOF
2: FLOCK  ADVISORY  READ 5 fe:1f:7 0 EOF
3: OFDLCK ADVISORY  WRITE -1 00:2d:12 0 EOF
4: LEASE  ACTIVE    READ 12 fd:00:99 0 EOF
something else altogether
5: POSIX  ADVISORY  WRITE 1 nonsense 0 EOF
";
        let found: Vec<_> = locks(text).into_iter().map(|l| (l.pid, l.device, l.inode)).collect();
        assert_eq!(
            found,
            [
                (Some(1234), (8, 1), 1_310_723),
                (Some(99), (8, 1), 1_310_723),
                (Some(5), (254, 31), 7),
                (None, (0, 45), 12),
                (Some(12), (253, 0), 99)
            ]
        );
    }

    #[test]
    fn mapped_files_are_read_and_memory_without_a_file_is_passed_over() {
        let text = b"55d0-55e0 r--p 00000000 08:01 131 /usr/bin/sleep\n\
            55e0-55f0 r-xp 00001000 08:01 131 /usr/bin/sleep\n\
            7f00-7f10 rw-p 00000000 00:00 0 \n\
            7f10-7f20 rw-s 00000000 fe:02 77                       /home/u/a file\\012with a break (deleted)\n\
            7ffd-7ffe r-xp 00000000 00:00 0                          [vdso]\n";
        assert_eq!(
            mapped(text),
            [
                Mapped { device: (8, 1), inode: 131, path: "/usr/bin/sleep".into() },
                Mapped { device: (254, 2), inode: 77, path: "/home/u/a file\nwith a break (deleted)".into() }
            ]
        );
    }

    #[test]
    fn the_start_of_a_process_is_found_behind_any_name() {
        let stat = b"42 (a) name) (b) S 1 42 42 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 171216 1000 2";
        assert_eq!(started(stat), Some(171_216));
        assert_eq!(started(b"42 (cut"), None);
    }

    #[test]
    fn the_user_is_the_real_one() {
        assert_eq!(user("Name:\tx\nUid:\t1000\t0\t0\t0\nGid:\t5\t5\t5\t5\n"), Some(1000));
        assert_eq!(user("Name:\tx\n"), None);
    }

    #[test]
    fn the_device_is_that_of_the_deepest_mount_above() {
        let text = b"27 1 254:0 / / rw - ext4 /dev/vda rw\n\
            30 27 0:45 /home /home\\040of\\040u rw - btrfs /dev/x rw\n\
            31 30 0:46 / /home\\040of\\040u/disk rw - btrfs /dev/y rw\n";
        let device = |path: &str| mounted(text, Path::new(path));
        assert_eq!(device("/home of u/.config"), Some((0, 45)));
        assert_eq!(device("/home of u/disk/x"), Some((0, 46)));
        assert_eq!(device("/home"), Some((254, 0)));
        assert_eq!(mounted(b"", Path::new("/x")), None);
    }
}
