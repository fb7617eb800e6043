//! A store that the user reaches through a link.

use super::Home;
use super::same::Tree;
use crate::model::{PathText, Quiet};
use crate::vault::{PurgeWhat, purge};
use std::os::unix::fs::symlink;
use std::path::PathBuf;

/// A home whose store lies elsewhere, with a link in its place; and that elsewhere.
fn linked() -> (Home, PathBuf) {
    let home = Home::with(&["cache", "folder/cache2", "unit-a/1"]);
    let real = home.world.home.join("big/claude store");
    std::fs::create_dir_all(real.parent().unwrap()).unwrap();
    std::fs::rename(&home.store, &real).unwrap();
    symlink(&real, &home.store).unwrap();
    (home, real)
}

#[test]
fn a_store_whose_folder_is_a_link_is_cleaned_undone_and_purged() {
    let (home, real) = linked();
    let before = Tree::of(&real);
    let plan = home.all();
    assert!(plan.items.iter().all(|i| i.path.to_path().unwrap().starts_with(&home.store)), "the plan names what the user named");
    let receipt = home.clean(&plan);
    assert_eq!((receipt.moved, receipt.failed.len()), (3, 0), "{receipt:?}");
    assert!(std::fs::symlink_metadata(&home.store).unwrap().is_symlink());
    home.undo();
    assert_eq!(Tree::of(&real), before);
    home.clean(&plan);
    assert!(purge(&home.world, &PurgeWhat::All, false, &Quiet).unwrap().failed.is_empty());
}

#[test]
fn a_link_above_the_store_is_no_obstacle_either() {
    let home = Home::with(&["cache", "unit-a/1"]);
    let before = home.tree();
    let (app, real) = (home.store.parent().unwrap(), home.world.home.join("big"));
    std::fs::rename(app, &real).unwrap();
    symlink(&real, app).unwrap();
    assert_eq!(home.clean(&home.all()).moved, 2);
    std::fs::remove_file(app).unwrap();
    home.undo();
    assert_eq!(Tree::of(&real.join("store")), before);
}

#[test]
fn a_plan_that_names_the_real_place_of_a_linked_store_is_carried_out_too() {
    let (home, real) = linked();
    let mut plan = home.all();
    for item in &mut plan.items {
        let path = item.path.to_path().unwrap();
        item.path = PathText::new(&real.join(path.strip_prefix(&home.store).unwrap()));
    }
    assert_eq!(home.clean(&plan).moved, 3);
}

#[test]
fn undo_goes_to_where_the_items_were_though_the_link_leads_elsewhere_by_now() {
    let (home, real) = linked();
    let before = Tree::of(&real);
    assert_eq!(home.clean(&home.all()).moved, 3);
    let other = home.outside("another disk");
    std::fs::create_dir(&other).unwrap();
    std::fs::remove_file(&home.store).unwrap();
    symlink(&other, &home.store).unwrap();
    assert_eq!(home.undo().moved, 3);
    assert_eq!(Tree::of(&real), before);
    assert!(Tree::of(&other).names().is_empty(), "the undo followed the new link");
}

#[test]
fn the_vault_of_a_linked_store_is_looked_for_on_the_way_to_its_real_place() {
    let (home, real) = linked();
    std::fs::create_dir_all(&home.world.data_dir).unwrap();
    std::fs::write(home.world.vault_dir(), "a file where our folder should be").unwrap();
    let before = Tree::of(&real);
    let receipt = home.clean(&home.all());
    assert!(receipt.vault.as_ref().unwrap().starts_with(home.world.home.join(".lifeboat-vault")), "{receipt:?}");
    home.undo();
    assert_eq!(Tree::of(&real), before);
}
