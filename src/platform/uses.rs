//! Which files are in use: open, mapped, run, locked, or the folder a process works in.

use std::path::PathBuf;

/// Where something is in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// At this path.
    Path(PathBuf),
    /// Whatever has this device and inode: the user of it sees it by another path, or only holds a lock.
    Inode(u64, u64),
}

/// Something in use, and how in words: `open in vim (process 12)`.
pub type Use = (Place, String);

/// What is in use, as far as it can be told.
#[derive(Debug, Clone, Default)]
pub struct Uses {
    /// Everything found.
    pub found: Vec<Use>,
    /// Processes of other users, of which it cannot be told what they use.
    pub closed: Vec<u32>,
}

/// What is in use at or below any of these folders. Another lifeboat does not count: it only looks, and who moves things
/// takes turns.
#[cfg(target_os = "linux")]
pub fn uses(below: &[PathBuf]) -> Uses {
    linux::Look::new(below).all()
}

/// What is in use at or below any of these folders: not known on this platform.
#[cfg(not(target_os = "linux"))]
pub fn uses(_below: &[PathBuf]) -> Uses {
    Uses::default()
}

#[cfg(target_os = "linux")]
mod linux {
    use super::{Place, Uses};
    use crate::platform::proc_text::{self, Device};
    use std::collections::{HashMap, HashSet};
    use std::fs::{read, read_dir, read_link, read_to_string};
    use std::path::{Path, PathBuf};

    pub struct Look {
        /// The folders by their real paths, as `/proc` tells paths, and as they were given.
        tops: Vec<(PathBuf, PathBuf)>,
        /// The folders' devices, as the kernel writes them and as `stat` tells them.
        devices: HashMap<Device, u64>,
        /// The mounts this process sees: who sees others calls the same file by another path.
        mounts: Option<PathBuf>,
        exe: Option<PathBuf>,
        /// Processes whose open files were all told of by paths that are ours too.
        seen: HashSet<u32>,
        found: Uses,
    }

    impl Look {
        #[expect(clippy::disallowed_methods, reason = "processes are told of by real paths; the answer is only used to refuse")]
        pub fn new(below: &[PathBuf]) -> Self {
            let mountinfo = read("/proc/self/mountinfo").unwrap_or_default();
            let mut devices = HashMap::new();
            let mut tops = Vec::new();
            for given in below {
                let Ok(real) = std::fs::canonicalize(given) else { continue };
                if let Ok(facts) = crate::platform::facts(&real) {
                    let told = (rustix::fs::major(facts.dev), rustix::fs::minor(facts.dev));
                    devices.extend([Some(told), proc_text::mounted(&mountinfo, &real)].into_iter().flatten().map(|d| (d, facts.dev)));
                }
                tops.push((real, given.clone()));
            }
            let link = |name: &str| read_link(Path::new("/proc/self").join(name)).ok();
            Self { tops, devices, mounts: link("ns/mnt"), exe: link("exe"), seen: HashSet::new(), found: Uses::default() }
        }

        pub fn all(mut self) -> Uses {
            for entry in read_dir("/proc").into_iter().flatten().flatten() {
                if let Some(pid) = entry.file_name().to_str().and_then(|n| n.parse().ok()) {
                    self.process(pid, &entry.path());
                }
            }
            for lock in proc_text::locks(&read_to_string("/proc/locks").unwrap_or_default()) {
                // Who has a lock has the file open; of those that were looked into nothing is left to tell.
                let told = lock.pid.is_some_and(|pid| pid == std::process::id() || self.seen.contains(&pid));
                if let Some(dev) = self.devices.get(&lock.device).filter(|_| !told) {
                    let who = lock.pid.map_or_else(|| "somebody".into(), who);
                    self.found.found.push((Place::Inode(*dev, lock.inode), format!("locked by {who}")));
                }
            }
            self.found
        }

        fn process(&mut self, pid: u32, at: &Path) {
            let exe = read_link(at.join("exe")).ok();
            if pid == std::process::id() || exe.is_some() && exe == self.exe {
                return;
            }
            let foreign = self.mounts.is_some() && read_link(at.join("ns/mnt")).is_ok_and(|theirs| Some(theirs) != self.mounts);
            if let Some(exe) = exe {
                self.link(pid, &at.join("exe"), &exe, foreign, "run as");
            }
            for name in ["cwd", "root"] {
                if let Ok(path) = read_link(at.join(name)) {
                    self.link(pid, &at.join(name), &path, foreign, "the working folder of");
                }
            }
            match read_dir(at.join("fd")) {
                Ok(open) => {
                    for link in open.flatten().map(|e| e.path()) {
                        if let Ok(path) = read_link(&link) {
                            self.link(pid, &link, &path, foreign, "open in");
                        }
                    }
                    if !foreign {
                        self.seen.insert(pid);
                    }
                }
                Err(e) if e.kind() == std::io::ErrorKind::PermissionDenied => {
                    let status = read_to_string(at.join("status")).unwrap_or_default();
                    if proc_text::user(&status) != Some(rustix::process::getuid().as_raw()) {
                        self.found.closed.push(pid);
                    }
                }
                Err(_) => {}
            }
            for file in proc_text::mapped(&read(at.join("maps")).unwrap_or_default()) {
                let inode = self.devices.get(&file.device).filter(|_| foreign).map(|dev| Place::Inode(*dev, file.inode));
                if let Some(place) = self.below(&file.path).or(inode) {
                    self.found.found.push((place, format!("mapped by {}", who(pid))));
                }
            }
        }

        fn below(&self, path: &Path) -> Option<Place> {
            let (rest, given) = self.tops.iter().find_map(|(real, given)| Some((path.strip_prefix(real).ok()?, given)))?;
            Some(Place::Path(if rest.as_os_str().is_empty() { given.clone() } else { given.join(rest) }))
        }

        /// One link of a process to something it uses.
        fn link(&mut self, pid: u32, link: &Path, path: &Path, foreign: bool, how: &str) {
            // Sockets and pipes have no path.
            if !path.is_absolute() {
                return;
            }
            let place = self.below(path).or_else(|| {
                // What other processes call a device is one here too.
                let device = ["/dev", "/proc", "/sys"].iter().any(|not| path.starts_with(not));
                let (dev, ino) = (foreign && !device).then(|| inode(link)).flatten()?;
                self.devices.values().any(|d| *d == dev).then_some(Place::Inode(dev, ino))
            });
            if let Some(place) = place {
                self.found.found.push((place, format!("{how} {}", who(pid))));
            }
        }
    }

    /// What a link of a process leads to, without asking a network for it.
    fn inode(link: &Path) -> Option<(u64, u64)> {
        use rustix::fs::{AtFlags, CWD, StatxFlags, makedev, statx};
        let facts = statx(CWD, link, AtFlags::STATX_DONT_SYNC, StatxFlags::INO).ok()?;
        Some((makedev(facts.stx_dev_major, facts.stx_dev_minor), facts.stx_ino))
    }

    fn who(pid: u32) -> String {
        let name = read(format!("/proc/{pid}/comm")).unwrap_or_default();
        format!("{} (process {pid})", String::from_utf8_lossy(&name).trim())
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::{Place, uses};

    #[test]
    fn a_lock_is_told_of_by_the_inode_of_the_locked_file() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("locked");
        std::fs::write(&file, "x").unwrap();
        // A lock of an open file belongs to no process. It is let go of with the pipe that is read from.
        let lock = "import fcntl, struct, sys\nf = open(sys.argv[1], 'r+')\n\
            fcntl.fcntl(f, fcntl.F_OFD_SETLK, struct.pack('hhqqi4x', fcntl.F_WRLCK, 0, 0, 0, 0))\nsys.stdin.read()";
        let mut python = std::process::Command::new("python3");
        let Ok(mut python) = python.args(["-c", lock]).arg(&file).stdin(std::process::Stdio::piped()).spawn() else {
            println!("skipped: there is no python3 here");
            return;
        };
        let facts = crate::platform::facts(&file).unwrap();
        let end = std::time::Instant::now() + std::time::Duration::from_secs(20);
        let locked = loop {
            let found = uses(&[dir.path().to_path_buf()]).found;
            let lock = found.into_iter().find(|(_, how)| how.starts_with("locked by somebody"));
            if lock.is_some() || python.try_wait().unwrap().is_some() || std::time::Instant::now() > end {
                break lock;
            }
        };
        drop(python.stdin.take());
        assert!(python.wait().unwrap().success());
        assert_eq!(locked.map(|(place, _)| place), Some(Place::Inode(facts.dev, facts.ino)));
    }

    #[test]
    fn what_is_used_elsewhere_is_not_told_of() {
        let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let file = other.path().join("x");
        std::fs::write(&file, "x").unwrap();
        let mut sleep = std::process::Command::new("sleep").arg("600").stdin(std::fs::File::open(file).unwrap()).spawn().unwrap();
        let paths =
            |below: &std::path::Path| uses(&[below.to_path_buf()]).found.into_iter().filter(|(p, _)| matches!(p, Place::Path(_))).count();
        let counts = (paths(dir.path()), paths(other.path()));
        sleep.kill().unwrap();
        sleep.wait().unwrap();
        assert_eq!(counts, (0, 1));
    }

    #[test]
    fn a_file_on_the_disk_in_memory_below_dev_is_no_device() {
        let Ok(dir) = tempfile::tempdir_in("/dev/shm") else {
            println!("skipped: there is no /dev/shm here");
            return;
        };
        let file = dir.path().join("x");
        std::fs::write(&file, "x").unwrap();
        let mut sleep = std::process::Command::new("sleep").arg("600").stdin(std::fs::File::open(&file).unwrap()).spawn().unwrap();
        let found = uses(&[dir.path().to_path_buf()]).found;
        sleep.kill().unwrap();
        sleep.wait().unwrap();
        assert!(found.iter().any(|(place, _)| *place == Place::Path(file.clone())), "{found:?}");
    }
}
