//! Conversations that `pack` wrote into our own folder: once the originals left the vault they are the only copies, so they are
//! listed, counted and backed up like everything else.

use super::meanings::at_risk;
use super::{Found, Meaning, Seen, Tool};
use crate::model::{Kind, Spot, Store};
use crate::world::World;
use std::path::{Path, PathBuf};

/// Our own folder of packed conversations, as a store.
#[derive(Debug)]
pub struct PackedHere;

impl Tool for PackedHere {
    fn name(&self) -> &'static str {
        "packed"
    }
    fn title(&self) -> &'static str {
        "Packed conversations"
    }
    fn roots(&self, world: &World, given: &[PathBuf]) -> Vec<PathBuf> {
        // It belongs to this home; folders that are named are other homes.
        let own = given.is_empty().then(|| world.packed_dir());
        own.into_iter().filter(|dir| crate::platform::facts(dir).is_ok_and(|f| f.kind == Kind::Dir)).collect()
    }
    fn read(&self, _world: &World, root: &Path) -> Found {
        let notes = vec!["`lifeboat unpack` lists them by session and brings them back".to_owned()];
        let (layout, root) = ("packed".to_owned(), root.to_path_buf());
        let store = Store { name: self.name(), title: self.title(), root, layout, notes, live: None, node: None };
        Found { store, sessions: Vec::new(), root_spot: Spot(0), errors: Vec::new() }
    }
    fn child(&self, _folder: Spot, _seen: Seen<'_>) -> Spot {
        Spot(0)
    }
    fn meaning(&self, _spot: Spot) -> Meaning {
        at_risk("packed/conversation", "a packed conversation; once its original left the vault, this is the only copy").protected()
    }
    fn running(&self, _world: &World, _root: &Path) -> Option<String> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Class;
    use crate::scan::{self, Options};
    use crate::{backup, vault};
    use std::collections::BTreeMap;

    #[test]
    fn packed_conversations_are_at_risk_in_no_plan_and_in_every_backup() {
        let dir = tempfile::tempdir().unwrap();
        let world = World::at(dir.path(), BTreeMap::new());
        assert!(PackedHere.roots(&world, &[]).is_empty());
        let place = world.packed_dir().join("claude-code");
        std::fs::create_dir_all(&place).unwrap();
        std::fs::write(place.join("one.jsonl.zst"), "packed").unwrap();
        let catalog = scan::run(&world, Options::default());
        let rows: Vec<_> = catalog.all_rows().map(|r| (r.class, r.tally.bytes)).collect();
        assert_eq!(rows, [(Class::AtRisk, 6)]);
        let all = vault::Selection { classes: Class::ALL.to_vec(), ..vault::Selection::default() };
        assert!(vault::plan(&world, &catalog, &all).items.is_empty());
        let report = backup::create(&world, &catalog, &backup::Options::default(), &crate::model::Quiet).unwrap();
        assert_eq!((report.files, report.failed.len()), (1, 0));
    }
}
