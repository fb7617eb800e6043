//! A home on a disk in memory, the deeds done in it, and every moment a power cut could come.

use super::told::{Known, Told};
use crate::error::Result;
use crate::model::{Action, Class, Identity, OpState, PathText, Plan, PlanItem, Quiet, Receipt, Totals, Watch, to_bytes};
use crate::vault::tests::desk;
use crate::vault::tests::model::disk::{Change, Disk};
use crate::vault::tests::model::tree::What;
use crate::vault::tests::model::{Model, Site};
use crate::vault::{Consent, Desk, PurgeWhat, VAULT_FOLDER, clean, fs::Fs, identity, purge, undo};
use crate::world::World;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// The disk at a moment, and what the user had been told by then.
pub struct Moment {
    pub disk: Disk,
    pub told: Rc<Told>,
}

/// Where the vault can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vault {
    /// In our own folder.
    Own,
    /// Our own folder is on another disk.
    Beside,
    /// The store is a disk of its own.
    Inside,
}

/// What is done to the disk under a deed.
pub type Under<'a> = &'a dyn Fn(&mut Model<'a>);

pub struct Stage {
    pub world: World,
    pub store: PathBuf,
    pub disk: Disk,
    pub told: Told,
    pub moments: Vec<Moment>,
    pub operations: Vec<String>,
    pub off: Option<Site>,
    pub sites: BTreeSet<Site>,
    /// Whether the failing sync was reached in the last deed.
    pub failed: bool,
}

impl Stage {
    /// A home with some files; only its lock is really there, below `real`.
    pub fn new(real: &Path, vault: Vault, off: Option<Site>, files: &[&str]) -> Self {
        let home = real.join("home");
        let world = World::at(&home, BTreeMap::default()).with_clock("2026-10-02T12:00:00Z".parse().unwrap());
        std::fs::create_dir_all(world.state_dir.join("operations")).unwrap();
        let store = home.join(".config/Tool/store");
        let mut disk = Disk::new();
        disk.now = 1000;
        disk.lasting(|disk| disk.folders(&store));
        // Where the vault cannot be, it was looked for before.
        let above = [home.join(".config/Tool"), home.join(".config"), home.clone()].map(|folder| folder.join(VAULT_FOLDER));
        let (own_disk, tried) = match vault {
            Vault::Own => (None, &above[..0]),
            Vault::Beside => (Some(world.data_dir.clone()), &above[..0]),
            Vault::Inside => (Some(store.clone()), &above[..]),
        };
        if let Some(path) = own_disk {
            for path in tried.iter().chain([&world.vault_dir()]) {
                disk.lasting(|disk| disk.folders(path));
            }
            let folder = disk.lasting(|disk| disk.folders(&path));
            for tree in [&mut disk.seen, &mut disk.sure] {
                tree.node_mut(folder).unwrap().dev = 2;
                if let Ok(vault) = tree.find(&path.join("vault")) {
                    tree.node_mut(vault).unwrap().dev = 2;
                }
            }
        }
        let told = Told::new(&world);
        let (moments, operations, sites) = (Vec::new(), Vec::new(), BTreeSet::new());
        let mut stage = Self { world, store, disk, told, moments, operations, off, sites, failed: false };
        for file in files {
            stage.user_writes(file);
        }
        stage.told.look_at_times(&stage.disk);
        stage
    }

    /// The user writes a file; that lasts. What is in it tells where and when.
    pub fn user_writes(&mut self, rel: &str) {
        self.disk.now += 1000;
        let path = self.store.join(rel);
        let content = format!("{rel} at {}", self.disk.now).into_bytes();
        self.disk.lasting(|disk| {
            let dir = disk.folders(path.parent().unwrap());
            disk.make(dir, &to_bytes(path.file_name().unwrap()), &What::File(content), 0o644).unwrap();
        });
        self.told.look(&self.disk);
        self.told.times.retain(|folder, _| !path.starts_with(folder));
    }

    /// The user removes the store with all that is in it; that lasts.
    pub fn user_removes_the_store(&mut self) {
        self.disk.now += 1000;
        let dir = self.disk.seen.find(&self.world.home.join(".config")).unwrap();
        let thing = self.disk.seen.at(dir, b"Tool").unwrap();
        let gone = Change::Names { thing, names: vec![(dir, b"Tool".to_vec(), None)], emptied: false };
        self.disk.lasting(|disk| disk.does(gone));
        let store = self.store.clone();
        self.told.folders.retain(|folder| !store.starts_with(folder) && !folder.starts_with(&store));
        self.told.look(&self.disk);
        self.told.times.clear();
    }

    pub fn plan(&self, items: &[&str]) -> Plan {
        let model = Model::new(self.disk.clone());
        let item = |rel: &&str| {
            let path = self.store.join(rel);
            let dir = model.top(path.parent().unwrap()).unwrap();
            let (facts, identity, _) = identity::identify(&model, &dir, &to_bytes(path.file_name().unwrap())).unwrap();
            planned(&path, facts.size, identity)
        };
        Plan {
            schema: "lifeboat.plan/1".into(),
            created: self.world.now(),
            roots: vec![PathText::new(&self.store)],
            items: items.iter().map(item).collect(),
            skipped: Vec::new(),
            totals: Totals::default(),
            fingerprint: String::new(),
        }
    }

    /// Does something, and keeps its film.
    fn film<T>(&mut self, under: Under<'_>, deed: impl FnOnce(&Desk<'_, Model<'_>>) -> T, watch: &dyn Watch) -> T {
        self.disk.now += 1000;
        let mut model = Model::new(self.disk.clone()).filmed();
        model.off = self.off;
        under(&mut model);
        let done = deed(&desk(&self.world, &model, watch));
        self.failed = model.failed();
        let told = Rc::new(self.told.clone());
        self.moments.extend(model.film.take().into_iter().map(|disk| Moment { disk, told: Rc::clone(&told) }));
        self.sites.extend(model.sites.take());
        self.disk = model.disk.into_inner();
        done
    }

    /// The user was told how it ended, or has done something.
    pub fn ended(&mut self) {
        self.moments.push(Moment { disk: self.disk.clone(), told: Rc::new(self.told.clone()) });
    }

    pub fn clean(&mut self, items: &[&str]) -> Receipt {
        let plan = self.plan(items);
        self.clean_so(&plan, &|_| {}).unwrap()
    }

    pub fn clean_so(&mut self, plan: &Plan, under: Under<'_>) -> Result<Receipt> {
        let busy = self.told.busy;
        self.told.busy = true;
        let yes = Consent { at_risk: true, dry_run: false };
        let receipt = self.film(under, |desk| clean::clean(desk, plan, yes), &Quiet);
        // A deed that failed may leave the mending to the next start.
        let unsettled = |e: &crate::error::Error| e.hint.as_deref() != Some("Everything was put back.");
        self.told.busy = busy || receipt.as_ref().is_err_and(unsettled);
        if let Some(receipt) = receipt.as_ref().ok().filter(|r| r.moved > 0) {
            let known = Known { may_be: vec![OpState::Stands], contents: self.told.contents(&self.disk, &receipt.operation) };
            self.told.operations.insert(receipt.operation.clone(), known);
            self.operations.push(receipt.operation.clone());
        }
        self.ended();
        receipt
    }

    pub fn undo(&mut self, operation: usize) -> Receipt {
        self.undo_so(operation, &|_| {}, &Quiet).unwrap()
    }

    pub fn undo_so(&mut self, operation: usize, under: Under<'_>, watch: &dyn Watch) -> Result<Receipt> {
        let id = self.operations[operation].clone();
        let busy = self.told.busy;
        self.told.busy = true;
        self.told.may_be(&id, &[OpState::Stands, OpState::PartlyUndone, OpState::Undone]);
        let receipt = self.film(under, |desk| undo::undo(desk, Some(&id), false), watch);
        self.told.busy = busy || receipt.is_err();
        if receipt.is_ok() {
            let state = self.told.state(&self.disk, &id);
            self.told.may_be(&id, &[state.unwrap()]);
        }
        self.ended();
        receipt
    }

    pub fn purge(&mut self, operation: usize) {
        self.purge_so(operation, &|_| {}).unwrap();
    }

    pub fn purge_so(&mut self, operation: usize, under: Under<'_>) -> Result<Receipt> {
        let id = self.operations[operation].clone();
        let state = self.told.state(&self.disk, &id).unwrap();
        let busy = self.told.busy;
        self.told.times.clear();
        self.told.busy = true;
        self.told.may_be(&id, &[state, OpState::Purged]);
        let receipt = self.film(under, |desk| purge::purge(desk, &PurgeWhat::One(id.clone()), false), &Quiet);
        self.told.busy = busy || receipt.as_ref().map_or(true, |r| !r.failed.is_empty());
        if receipt.as_ref().is_ok_and(|r| r.failed.is_empty()) {
            self.told.may_be(&id, &[OpState::Purged]);
        }
        self.ended();
        receipt
    }
}

fn planned(path: &Path, bytes: u64, identity: Identity) -> PlanItem {
    PlanItem {
        path: PathText::new(path),
        store: "fake".into(),
        session: None,
        class: Class::Rebuildable,
        bytes,
        allocated: bytes,
        files: 1,
        identity,
        action: Action::Vault,
        evidence: Vec::new(),
        comes_back: None,
        proof: None,
        group: String::new(),
        image: None,
    }
}
