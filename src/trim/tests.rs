//! What cleaning inside disk images promises, on images made for it. Without e2fsprogs there is nothing to try it on.
#![cfg(target_os = "linux")]
#![expect(clippy::disallowed_methods, reason = "tests do to images what people, apps and machines do")]

mod in_use;
mod killed;
mod made;
mod random;
mod scanned;
mod scripts;
mod undone;

use super::deed::Desk;
use crate::model::{Quiet, Receipt};
use crate::vault::Consent;
use made::{Home, Tree};

impl Home {
    /// Cleans these paths out of the image.
    fn clean(&self, paths: &[&str]) -> Receipt {
        let plan = self.plan(&paths.iter().map(|p| p.as_bytes().to_vec()).collect::<Vec<_>>());
        super::clean(&self.desk(), &plan, Consent { at_risk: true, dry_run: false }).unwrap()
    }

    fn desk(&self) -> Desk<'_> {
        Desk { world: &self.world, watch: &Quiet, in_use: &super::in_use }
    }
}

#[test]
fn planned_files_and_folders_go_the_rest_stays_as_it_was_and_the_disk_has_the_space_after_a_purge() {
    let Some(home) = Home::with(&Tree::plain()) else { return };
    let (before, was) = (home.dump(), home.on_disk());
    let receipt = home.clean(&["name/work/node_modules", "name/cache.bin"]);
    assert_eq!((receipt.moved, receipt.failed.len(), receipt.skipped.len()), (2, 0, 0), "{receipt:?}");
    assert!(receipt.notes.iter().any(|n| n.contains("before") && n.contains("now") && n.contains("purge")), "{:?}", receipt.notes);
    let after = home.dump();
    let expected: Vec<_> =
        before.into_iter().filter(|(path, _)| !path.starts_with(b"name/work/node_modules") && path != b"name/cache.bin").collect();
    assert_eq!(after.into_iter().collect::<Vec<_>>(), expected);
    home.is_sound();
    // 3 MB in the cache, 40 packages of 50 kB.
    assert!(was - home.on_disk() >= 4_800_000, "{was} -> {}", home.on_disk());
    let beside = std::fs::read_dir(home.image.parent().unwrap()).unwrap().count();
    assert_eq!(beside, 1, "nothing of ours is left beside the image");
}

#[test]
fn a_dry_run_tells_what_would_go_and_changes_nothing() {
    let Some(home) = Home::with(&Tree::plain()) else { return };
    let before = std::fs::read(&home.image).unwrap();
    let plan = home.plan(&[b"name/cache.bin".to_vec()]);
    let receipt = super::clean(&home.desk(), &plan, Consent { at_risk: true, dry_run: true }).unwrap();
    assert_eq!((receipt.moved, receipt.bytes, receipt.dry_run), (1, 3_000_000, true));
    assert!(std::fs::read(&home.image).unwrap() == before);
    assert!(crate::lifecycle::history(&home.world).unwrap().is_empty());
}

#[test]
fn what_is_at_risk_stays_without_consent_and_where_all_is_the_whole_deed_is_refused() {
    let Some(home) = Home::with(&Tree::plain()) else { return };
    let mut plan = home.plan(&[b"name/cache.bin".to_vec(), b"name/work/thesis.tex".to_vec()]);
    let refused = super::clean(&home.desk(), &plan, Consent::default()).unwrap_err();
    assert_eq!(refused.exit_code(), 3);
    let thesis = plan.items.iter().position(|i| i.path.path.ends_with("thesis.tex")).unwrap();
    plan.items.iter_mut().for_each(|item| item.class = crate::model::Class::Rebuildable);
    plan.items[thesis].class = crate::model::Class::AtRisk;
    let receipt = super::clean(&home.desk(), &plan, Consent::default()).unwrap();
    assert_eq!((receipt.moved, receipt.skipped.len()), (1, 1));
    assert!(receipt.skipped[0].path.path.ends_with("thesis.tex") && receipt.skipped[0].reason.contains("at risk"));
    assert!(home.dump().contains_key(b"name/work/thesis.tex".as_slice()));
}

#[test]
fn what_changed_since_the_plan_is_named_and_stays_and_so_does_all_of_an_image_that_changed() {
    let Some(home) = Home::with(&Tree::plain()) else { return };
    let mut plan = home.plan(&[b"name/cache.bin".to_vec(), b"name/work/node_modules".to_vec(), b"name/work/thesis.tex".to_vec()]);
    for item in &mut plan.items {
        match item.identity.tree.as_mut() {
            Some(tree) => *tree = tree.replace(['a', 'b', 'c', 'd', 'e'], "0"),
            None if item.path.path.ends_with("thesis.tex") => item.identity.mtime_ns += 1,
            None => {}
        }
    }
    let receipt = super::clean(&home.desk(), &plan, Consent { at_risk: true, dry_run: false }).unwrap();
    assert_eq!((receipt.moved, receipt.skipped.len()), (1, 2), "{receipt:?}");
    assert!(receipt.skipped.iter().all(|s| s.reason == "it changed since the plan was made"), "{:?}", receipt.skipped);
    let (dump, bytes) = (home.dump(), std::fs::read(&home.image).unwrap());
    assert!(dump.contains_key(b"name/work/node_modules/p0/index.js".as_slice()) && !dump.contains_key(b"name/cache.bin".as_slice()));
    // The image is another by now: nothing more of that plan.
    let receipt = super::clean(&home.desk(), &plan, Consent { at_risk: true, dry_run: false }).unwrap();
    assert_eq!((receipt.moved, receipt.skipped.len()), (0, 3), "{receipt:?}");
    assert!(receipt.skipped.iter().all(|s| s.reason.contains("image changed")));
    assert!(std::fs::read(&home.image).unwrap() == bytes);
}

#[test]
fn an_image_whose_journal_is_not_replayed_is_replayed_on_the_copy_first() {
    let Some(home) = Home::with(&Tree::plain()) else { return };
    home.leave_unreplayed("name/work/thesis.tex", b"what was written last");
    assert!(!home.dump()[b"name/work/thesis.tex".as_slice()].contains("what was written last"));
    let receipt = home.clean(&["name/cache.bin"]);
    assert_eq!(receipt.moved, 1, "{receipt:?}");
    home.is_sound();
    assert!(home.dump()[b"name/work/thesis.tex".as_slice()].contains("what was written last"));
}

#[test]
fn an_image_that_is_damaged_or_no_ext4_is_left_as_it_is_and_the_receipt_says_why() {
    for damage in [&b"no file system"[..], &[0; 5000], b""] {
        let Some(home) = Home::with(&Tree::plain()) else { return };
        let plan = home.plan(&[b"name/cache.bin".to_vec()]);
        let mut bytes = std::fs::read(&home.image).unwrap();
        if damage.is_empty() {
            // A folder's block is another's.
            let at = bytes.windows(10).position(|w| w == b"index.js\0\0").unwrap();
            bytes[at - 8..at + 2].fill(0xFF);
        } else {
            bytes[1024..1024 + damage.len()].copy_from_slice(damage);
        }
        std::fs::write(&home.image, &bytes).unwrap();
        let plan = home.again(plan);
        let receipt = super::clean(&home.desk(), &plan, Consent { at_risk: true, dry_run: false }).unwrap();
        assert_eq!((receipt.moved, receipt.failed.len()), (0, 1), "{receipt:?}");
        assert!(receipt.failed[0].path.path.ends_with("sessiondata.img"));
        assert!(std::fs::read(&home.image).unwrap() == bytes, "not a byte is another");
        assert_eq!(std::fs::read_dir(home.image.parent().unwrap()).unwrap().count(), 1);
    }
}

#[test]
fn the_image_that_takes_the_place_has_the_owner_mode_and_attributes_of_the_one_that_was() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let Some(home) = Home::with(&Tree::plain()) else { return };
    std::fs::set_permissions(&home.image, PermissionsExt::from_mode(0o640)).unwrap();
    let file = std::fs::File::open(&home.image).unwrap();
    let named = rustix::fs::fsetxattr(&file, "user.note", b"kept", rustix::fs::XattrFlags::empty()).is_ok();
    if rustix::process::geteuid().is_root() {
        std::os::unix::fs::fchown(&file, Some(1234), Some(4321)).unwrap();
    }
    drop(file);
    let was = std::fs::symlink_metadata(&home.image).unwrap();
    assert_eq!(home.clean(&["name/cache.bin"]).moved, 1);
    let now = std::fs::symlink_metadata(&home.image).unwrap();
    assert_eq!((now.mode(), now.uid(), now.gid()), (was.mode(), was.uid(), was.gid()));
    assert_ne!(now.ino(), was.ino());
    if named {
        let mut value = [0_u8; 4];
        rustix::fs::getxattr(&home.image, "user.note", &mut value).unwrap();
        assert_eq!(&value, b"kept");
    }
}

#[test]
fn of_several_names_of_a_file_only_the_planned_ones_go_and_the_space_only_with_the_last() {
    let Some(home) = Home::with(&Tree::plain()) else { return };
    home.clean(&["name/linked/one"]);
    let dump = home.dump();
    assert!(!dump.contains_key(b"name/linked/one".as_slice()) && dump.contains_key(b"name/linked/two".as_slice()));
    home.is_sound();
    let was = home.on_disk();
    home.clean(&["name/linked"]);
    home.is_sound();
    assert!(was - home.on_disk() >= 990_000);
}

#[test]
fn parts_of_the_file_system_that_nothing_is_left_in_give_their_space_back_too() {
    let mut tree = Tree::plain();
    tree.words = vec!["-b".into(), "1024".into()];
    // Groups of 8 MB, some of them with nothing else in them.
    std::fs::write(tree.dir.path().join("name/large"), vec![5; 30_000_000]).unwrap();
    let Some(home) = Home::with(&tree) else { return };
    let was = home.on_disk();
    assert_eq!(home.clean(&["name/large"]).moved, 1);
    assert!(was - home.on_disk() >= 29_000_000, "{was} -> {}", home.on_disk());
    home.is_sound();
}

#[test]
fn where_no_holes_can_be_made_the_image_is_written_anew_without_its_free_space() {
    let Some(home) = Home::with(&Tree::plain()) else { return };
    let (copy, spare) = (home.image.with_extension("copy"), home.image.with_extension("spare"));
    super::working::make(&home.image, &copy, &Quiet).unwrap();
    let fs = |path: &std::path::Path| super::ext4::Ext4::open(std::fs::File::open(path).unwrap()).unwrap();
    let before = super::census::Census::take(&fs(&copy), "", &Quiet).unwrap();
    super::working::rewrite(&copy, &spare, &fs(&copy).free().unwrap()).unwrap();
    assert_eq!(super::census::Census::take(&fs(&copy), "", &Quiet).unwrap(), before);
    assert!(!spare.exists());
    assert_eq!(std::fs::metadata(&copy).unwrap().len(), std::fs::metadata(&home.image).unwrap().len());
}
