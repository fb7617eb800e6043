//! Things that go, or come, in the very moment they are needed.

use super::faults::YES;
use super::faulty::{Fault, Faulty};
use super::{Home, skipped};
use crate::vault::spare::Spare;
use crate::vault::{clean, undo};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};

/// A disk on which something happens before operation `step`.
fn meanwhile(step: u64, what: impl FnOnce() + 'static) -> Faulty {
    let fs = Faulty::calm();
    *fs.attack.borrow_mut() = Some((step, Box::new(what)));
    fs
}

#[test]
fn an_item_that_goes_at_any_moment_before_its_move_is_skipped_and_told_to_be_gone() {
    let mut gone = 0;
    for step in 0.. {
        let home = Home::light(&["cache1", "cache2"]);
        let (plan, path) = (home.all(), home.store.join("cache2"));
        let fs = meanwhile(step, move || drop(std::fs::remove_file(path)));
        let receipt = clean::clean(&home.desk(&fs), &plan, YES).unwrap();
        if fs.attack.borrow().is_some() {
            break;
        }
        assert!(receipt.failed.is_empty(), "{step}: {receipt:?}");
        if receipt.moved == 1 {
            assert_eq!(skipped(&home, &receipt.skipped), ["cache2: it is no longer there"], "{step}");
            gone += 1;
        }
    }
    assert!(gone > 5, "{gone}");
}

#[test]
fn a_folder_that_goes_at_any_moment_of_an_undo_is_made_again_for_what_comes_back_into_it() {
    for step in 0.. {
        let home = Home::light(&["folder/cache"]);
        home.clean(&home.all());
        let folder = home.store.join("folder");
        let fs = meanwhile(step, move || drop(std::fs::remove_dir(folder)));
        let back = undo::undo(&home.desk(&fs), None, false).unwrap();
        if fs.attack.borrow().is_some() {
            assert!(step > 8, "{step}");
            break;
        }
        assert_eq!((back.moved, back.failed.len()), (1, 0), "{step}: {back:?}");
        assert!(home.tree().has("folder/cache"), "{step}");
    }
}

#[test]
fn a_spare_folder_that_another_made_in_this_moment_is_as_good_and_why_one_cannot_be_made_is_told() {
    let spare = |base: &std::path::Path| {
        let mut home = Home::light(&[]);
        home.world.spare_dirs = vec![base.to_path_buf()];
        Spare::all(&home.world).remove(0)
    };
    let mut made = 0;
    for step in 0.. {
        let base = tempfile::tempdir().unwrap();
        let spare = spare(base.path());
        let path = spare.path();
        let fs = meanwhile(step, move || drop(std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)));
        spare.make(&fs).unwrap();
        if fs.attack.borrow().is_some() {
            break;
        }
        made += 1;
    }
    let mut refused = 0;
    for step in 0.. {
        let base = tempfile::tempdir().unwrap();
        let fs = Faulty::new(Fault::FailsAt(step, 28));
        let failed = spare(base.path()).make(&fs).map(drop);
        match *fs.hit.borrow() {
            "" => break,
            "make" => {
                assert_eq!(failed.unwrap_err().kind(), std::io::ErrorKind::StorageFull);
                refused += 1;
            }
            _ => {}
        }
    }
    assert!(made > 6 && refused == 2, "{made}, {refused}");
    let base = tempfile::tempdir().unwrap();
    let (spare, fs) = (spare(base.path()), Faulty::calm());
    spare.make(&fs).unwrap();
    let user = format!("lifeboat-{}", rustix::process::geteuid().as_raw());
    assert_eq!(spare.path().parent().unwrap(), base.path().join(user));
    std::fs::set_permissions(spare.path(), std::fs::Permissions::from_mode(0o701)).unwrap();
    assert!(spare.open(&fs).is_err(), "others may get into it");
}
