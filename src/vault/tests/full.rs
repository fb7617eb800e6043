//! A disk with 0 bytes free: the very user this is for.

use super::faulty::{Fault, Faulty};
use super::mounts::{may_mount, mount};
use super::{Home, Tree};
use crate::error::Result;
use crate::model::{Quiet, Receipt};
use crate::platform::free_space;
use crate::vault::real::Real;
use crate::vault::{Consent, PurgeWhat, clean, history, purge, recover, set_aside, undo};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

const YES: Consent = Consent { at_risk: true, dry_run: false };

/// A small disk in memory with a home on it, and a folder on another disk.
struct Small {
    home: Home,
    disk: PathBuf,
    other: tempfile::TempDir,
    _mounted_in: tempfile::TempDir,
}

impl Small {
    fn new(size: &str) -> Self {
        let (mounted_in, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let disk = mounted_in.path().to_path_buf();
        let options = format!("size={size}");
        mount(&["-t".as_ref(), "tmpfs".as_ref(), "-o".as_ref(), options.as_ref(), "tmpfs".as_ref(), disk.as_ref()]);
        let home = Home::on(&disk);
        let mut small = Self { home, disk, other, _mounted_in: mounted_in };
        small.files();
        small
    }

    fn files(&mut self) {
        for file in ["unit-a/x/1", "folder/cache", "risk"] {
            self.home.file(file, file);
        }
        self.home.file("cache-large", &"x".repeat(100_000));
    }

    /// Writes until nothing more fits.
    fn fill(&self) {
        let mut filler = std::fs::File::options().create(true).append(true).open(self.disk.join("filler")).unwrap();
        for piece in [1 << 16, 1 << 12, 1] {
            while filler.write_all(&vec![b'x'; piece]).is_ok() {}
        }
        assert_eq!(free_space(&self.disk).unwrap().0, 0);
        assert!(std::fs::write(self.disk.join("one-byte"), "x").is_err(), "there is room yet");
        std::fs::remove_file(self.disk.join("one-byte")).unwrap();
    }

    fn spare(&mut self) {
        self.home.world.spare_dirs = vec![self.other.path().to_path_buf()];
    }

    fn clean(&self) -> Result<Receipt> {
        self.home.try_clean(&self.home.all(), YES)
    }

    fn undo(&self) -> Receipt {
        undo(&self.home.world, None, false, &Quiet).unwrap()
    }
}

fn journals(folder: &Path) -> usize {
    Tree::of(folder).files().iter().filter(|f| f.ends_with(".journal")).count()
}

#[test]
fn with_room_set_aside_earlier_a_full_disk_is_cleaned_undone_and_purged() {
    if !may_mount("vault::tests::full::with_room_set_aside_earlier_a_full_disk_is_cleaned_undone_and_purged") {
        return;
    }
    let small = Small::new("20m");
    let (before, reserve) = (small.home.tree(), small.home.world.state_dir.join("operations/reserve"));
    set_aside(&small.home.world);
    assert!(crate::platform::facts(&reserve).unwrap().allocated >= 4 << 20, "no room was set aside");
    small.fill();
    let cleaned = small.clean().unwrap();
    assert_eq!((cleaned.moved, cleaned.failed.len()), (4, 0), "{cleaned:?}");
    assert!(!reserve.exists() && journals(&small.home.world.state_dir) == 1);
    small.fill();
    let back = small.undo();
    assert_eq!((back.moved, back.failed.len()), (4, 0), "{back:?}");
    assert_eq!(small.home.tree(), before);
    std::fs::remove_file(small.disk.join("filler")).unwrap();
    set_aside(&small.home.world);
    assert!(reserve.exists(), "it was not set aside anew");
    small.fill();
    small.clean().unwrap();
    let purged = purge(&small.home.world, &PurgeWhat::All, false, &Quiet).unwrap();
    assert!(purged.failed.is_empty() && purged.free_change.unwrap() >= 100_000, "{purged:?}");
    set_aside(&small.home.world);
    assert!(!reserve.exists(), "what little is free was taken");
}

#[test]
fn without_it_the_journal_is_kept_on_another_disk_and_comes_home_when_there_is_room() {
    if !may_mount("vault::tests::full::without_it_the_journal_is_kept_on_another_disk_and_comes_home_when_there_is_room") {
        return;
    }
    let mut small = Small::new("2m");
    small.spare();
    let (before, state) = (small.home.tree(), small.home.world.state_dir.clone());
    small.fill();
    let cleaned = small.clean().unwrap();
    assert_eq!((cleaned.moved, cleaned.failed.len()), (4, 0), "{cleaned:?}");
    let told = cleaned.notes.iter().find(|n| n.contains("the disk is full")).unwrap();
    assert!(told.contains(&*small.other.path().to_string_lossy()) && told.contains("does not survive a restart"), "{told}");
    assert_eq!(journals(small.other.path()), 1);
    assert!(recover(&small.home.world).unwrap().is_empty());
    assert_eq!(history(&small.home.world).unwrap().len(), 1, "it is not found again");
    let back = small.undo();
    assert_eq!((back.moved, back.failed.len()), (4, 0), "{back:?}");
    assert_eq!(small.home.tree(), before);
    small.clean().unwrap();
    let purged = purge(&small.home.world, &PurgeWhat::All, false, &Quiet).unwrap();
    assert!(purged.failed.is_empty() && purged.free_change.unwrap() >= 100_000, "{purged:?}");
    assert_eq!((journals(&state), Tree::of(small.other.path()).names()), (2, Vec::<String>::new()), "they did not come home");
    assert_eq!(history(&small.home.world).unwrap().len(), 4);
}

#[test]
fn a_purge_that_frees_less_than_it_removed_says_so_and_a_clean_that_it_frees_nothing() {
    if !may_mount("vault::tests::full::a_purge_that_frees_less_than_it_removed_says_so_and_a_clean_that_it_frees_nothing") {
        return;
    }
    let small = Small::new("20m");
    let large = "x".repeat(5_000_000);
    let linked = small.home.file("cache-linked", &large);
    std::fs::hard_link(&linked, small.disk.join("still here")).unwrap();
    let cleaned = small.clean().unwrap();
    assert!(cleaned.notes.iter().any(|n| n.contains("moved is not freed")) && cleaned.free_change.unwrap() <= 0, "{cleaned:?}");
    let purged = purge(&small.home.world, &PurgeWhat::All, false, &Quiet).unwrap();
    assert!(purged.notes.iter().any(|n| n.contains("hard link")), "{purged:?}");
    small.home.file("cache-alone", &large);
    small.clean().unwrap();
    let purged = purge(&small.home.world, &PurgeWhat::All, false, &Quiet).unwrap();
    assert!(purged.notes.is_empty() && purged.free_change.unwrap() >= 5_000_000, "{purged:?}");
}

#[test]
fn an_operation_begun_with_room_is_undone_on_a_full_disk() {
    if !may_mount("vault::tests::full::an_operation_begun_with_room_is_undone_on_a_full_disk") {
        return;
    }
    let small = Small::new("2m");
    let before = small.home.tree();
    small.clean().unwrap();
    small.fill();
    let back = small.undo();
    assert_eq!((back.moved, back.failed.len()), (4, 0), "{back:?}");
    assert_eq!(small.home.tree(), before);
}

#[test]
fn where_there_is_no_room_anywhere_nothing_is_moved_and_the_error_says_what_to_do() {
    if !may_mount("vault::tests::full::where_there_is_no_room_anywhere_nothing_is_moved_and_the_error_says_what_to_do") {
        return;
    }
    let small = Small::new("2m");
    small.fill();
    let before = small.home.tree();
    let error = small.clean().unwrap_err();
    assert!(error.hint.as_ref().unwrap().contains("Make a little room"), "{error:?}");
    assert_eq!(small.home.tree(), before);
    assert!(history(&small.home.world).unwrap().is_empty());
}

#[test]
fn where_not_even_a_folder_can_be_made_nothing_is_moved_and_nothing_of_ours_stays() {
    if !may_mount("vault::tests::full::where_not_even_a_folder_can_be_made_nothing_is_moved_and_nothing_of_ours_stays") {
        return;
    }
    let mut small = Small::new("2m,nr_inodes=60");
    small.spare();
    let crowd = small.disk.join("crowd");
    std::fs::create_dir(&crowd).unwrap();
    while std::fs::write(crowd.join(std::fs::read_dir(&crowd).unwrap().count().to_string()), "").is_ok() {}
    let before = small.home.tree();
    let error = small.clean().unwrap_err();
    assert!(error.to_string().contains("nothing was moved") && error.hint.unwrap().contains("Make a little room"));
    assert_eq!(small.home.tree(), before);
    std::fs::remove_dir_all(&crowd).unwrap();
    assert!(recover(&small.home.world).unwrap().is_empty());
    assert_eq!(Tree::of(small.other.path()).names(), Vec::<String>::new());
    assert_eq!(small.clean().unwrap().moved, 4);
}

#[test]
fn killed_at_any_step_with_the_journal_elsewhere_nothing_is_lost() {
    if !may_mount("vault::tests::full::killed_at_any_step_with_the_journal_elsewhere_nothing_is_lost") {
        return;
    }
    let mut small = Small::new("1m");
    for step in 0.. {
        small.home = Home::on(&small.disk);
        small.files();
        small.spare();
        small.fill();
        let before = small.home.tree();
        let fs = Faulty::new(Fault::DiesAt(step));
        let done = clean::clean(&small.home.desk(&fs), &small.home.all(), YES);
        if step % 2 == 0 {
            std::fs::remove_file(small.disk.join("filler")).unwrap();
        }
        recover(&small.home.world).unwrap();
        for operation in history(&small.home.world).unwrap() {
            assert!(undo::undo(&small.home.desk(&Real), Some(&operation.id), false).unwrap().failed.is_empty());
        }
        assert_eq!(small.home.tree(), before, "killed at {step} ({}): {done:?}", fs.hit.borrow());
        assert!(Tree::of(&small.home.world.vault_dir()).files().is_empty());
        if fs.hit.borrow().is_empty() {
            assert!(step > 25, "only {step} steps were tried");
            break;
        }
    }
}

#[test]
fn a_spare_folder_that_others_can_get_into_is_not_used() {
    if !may_mount("vault::tests::full::a_spare_folder_that_others_can_get_into_is_not_used") {
        return;
    }
    let mut small = Small::new("2m");
    small.spare();
    small.clean().unwrap();
    small.undo();
    small.fill();
    let ours = small.other.path().join(format!("lifeboat-{}", rustix::process::geteuid().as_raw()));
    std::fs::create_dir(&ours).unwrap();
    std::fs::set_permissions(&ours, std::fs::Permissions::from_mode(0o777)).unwrap();
    let plan = small.home.all();
    let world = &mut small.home.world;
    // Another state folder, so that there is none yet to fall back on.
    world.state_dir = world.home.join("other-state");
    assert!(small.home.try_clean(&plan, YES).is_err());
    std::fs::remove_dir(&ours).unwrap();
    std::os::unix::fs::symlink(small.disk.join("nowhere"), &ours).unwrap();
    assert!(small.home.try_clean(&plan, YES).is_err());
    std::fs::remove_file(&ours).unwrap();
    assert_eq!(small.home.try_clean(&plan, YES).unwrap().moved, 4);
    assert_eq!(std::fs::symlink_metadata(&ours).unwrap().permissions().mode() & 0o777, 0o700);
}
