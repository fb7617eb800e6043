//! A tree far deeper than there are descriptors, and than any path can be long.

use super::Home;
use crate::model::{Quiet, Stop};
use crate::vault::fs::Fs;
use crate::vault::identity::identify;
use crate::vault::real::Real;
use crate::vault::{PurgeWhat, purge};
use crate::walk::{FolderKey, walk};
use rustix::fs::{CWD, Mode, OFlags, mkdirat, openat};
use std::path::Path;

const DEPTH: usize = 20_000;
const INSIDE: &str = "LIFEBOAT_TEST_FEW_DESCRIPTORS";

#[test]
fn a_tree_20000_folders_deep_is_walked_moved_put_back_and_purged_with_few_descriptors() {
    let test = "vault::tests::deep::a_tree_20000_folders_deep_is_walked_moved_put_back_and_purged_with_few_descriptors";
    if std::env::var_os(INSIDE).is_none() {
        // The limit is the whole process's, so it is a process of its own.
        let program = std::env::current_exe().unwrap();
        let limited = ["-c", "ulimit -n 200 && exec \"$0\" \"$@\""].map(std::ffi::OsStr::new);
        let arguments = [program.as_os_str(), "--exact".as_ref(), test.as_ref(), "--nocapture".as_ref()];
        let done = std::process::Command::new("sh").args(limited).args(arguments).env(INSIDE, "1").output().unwrap();
        let said = String::from_utf8_lossy(&done.stdout);
        assert!(done.status.success() && said.contains("1 passed"), "{said}{}", String::from_utf8_lossy(&done.stderr));
        return;
    }
    let memory = Path::new("/dev/shm");
    let home = if memory.is_dir() { Home::on(memory) } else { Home::new() };
    home.file("unit-deep/1", "x");
    let mut plan = home.all();
    let mut at = openat(CWD, home.store.join("unit-deep"), OFlags::DIRECTORY, Mode::empty()).unwrap();
    for level in 0..DEPTH {
        mkdirat(&at, "d", Mode::RWXU).unwrap();
        if level % 2 == 0 {
            // What waits beside the way must not be held open either.
            mkdirat(&at, "c", Mode::RWXU).unwrap();
            mkdirat(&at, "e", Mode::RWXU).unwrap();
        }
        at = openat(&at, "d", OFlags::DIRECTORY, Mode::empty()).unwrap();
    }
    drop(at);
    for threads in [1, 3] {
        let found: Vec<_> = walk(vec![(FolderKey(0), home.store.clone())], threads, |_| true, &Stop::default()).iter().flatten().collect();
        assert_eq!(found.iter().flat_map(|l| &l.errors).next(), None);
        assert_eq!(found.len(), 2 + 2 * DEPTH);
    }
    plan.items[0].identity = identify(&Real, &Real.top(&home.store).unwrap(), b"unit-deep").unwrap().1;
    assert_eq!(home.clean(&plan).moved, 1);
    assert_eq!(home.undo().moved, 1);
    let receipt = home.clean(&plan);
    assert_eq!(receipt.moved, 1, "{receipt:?}");
    let purged = purge(&home.world, &PurgeWhat::All, false, &Quiet).unwrap();
    assert!(purged.failed.is_empty() && !receipt.vault.unwrap().exists(), "{purged:?}");
}
