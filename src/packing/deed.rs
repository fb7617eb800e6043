//! Packs: the copies first, each read back; then the originals into the vault, each compared with its copy once more.

use super::make::{Fresh, make};
use super::register::{Packed, Register};
use super::settle::{drop_copies, settle_in};
use super::{Item, Pack};
use crate::classify::packed::beside;
use crate::error::Result;
use crate::model::{Catalog, Class, Evidence, Failed, Kind, NodeId, Plan, PlanItem, Progress, Proof, Receipt, Watch};
use crate::platform::facts;
use crate::stores::Packing;
use crate::vault::{self, Consent, Selection, own};
use crate::world::World;
use serde::Serialize;
use std::collections::HashMap;
use std::path::PathBuf;

/// What was packed.
#[derive(Debug, Clone, Serialize)]
pub struct Done {
    /// What became of the originals.
    #[serde(flatten)]
    pub receipt: Receipt,
    /// The bytes of the packed copies of what was moved.
    pub packed_bytes: u64,
    /// What the disk gains when the vault is purged: the originals' bytes without those of the copies.
    pub gain: i64,
}

/// Packs what was chosen and moves the originals into the vault; what cannot be packed stays and is named.
pub fn carry_out(world: &World, catalog: &Catalog, pack: &Pack, watch: &dyn Watch) -> Result<Done> {
    let mut register = Register::open(world)?;
    settle_in(&mut register)?;
    let mut made: HashMap<PathBuf, Packed> = HashMap::new();
    let mut failed = Vec::new();
    let mut progress = Progress {
        verb: "Packing",
        files_total: Some(pack.items.len() as u64),
        bytes_total: Some(pack.items.iter().map(|i| i.bytes).sum()),
        ..Progress::default()
    };
    let mut interrupted = false;
    for item in &pack.items {
        if watch.stopped() {
            interrupted = true;
            break;
        }
        match one(world, catalog, item, &mut register) {
            Ok(packed) => drop(made.insert(packed.path.clone(), packed)),
            Err(error) => failed.push(Failed { path: item.path.clone(), error }),
        }
        progress.files += 1;
        progress.bytes += item.bytes;
        progress.skipped = failed.len() as u64;
        watch.at(&progress);
    }
    let plan = plan(world, catalog, pack, &made);
    let mut receipt = if plan.items.is_empty() || interrupted {
        Receipt { interrupted, ..Receipt::new("pack") }
    } else {
        vault::clean(world, &plan, Consent::default(), watch)?
    };
    receipt.verb = "pack".into();
    receipt.skipped.extend(plan.skipped);
    receipt.failed.extend(failed);
    // A copy whose original stayed where it is is of no use.
    let there = |path: &PathBuf| facts(path).is_ok_and(|f| f.kind == Kind::File);
    let packed_bytes = made.values().filter(|p| !there(&p.path)).map(|p| p.packed_bytes).sum();
    drop_copies(&mut register, |p| made.contains_key(&p.path) && there(&p.path));
    register.keep()?;
    let gain = i64::try_from(receipt.bytes).unwrap_or(i64::MAX) - i64::try_from(packed_bytes).unwrap_or(0);
    Ok(Done { receipt, packed_bytes, gain })
}

/// Makes one packed copy, or takes the one that is there where it holds the same.
fn one(world: &World, catalog: &Catalog, item: &Item, register: &mut Register) -> Result<Packed, String> {
    let told = |e: std::io::Error| format!("it cannot be packed: {e}");
    let Fresh { entry, partial } = make(world, catalog, item).map_err(told)?;
    if item.way == Packing::Beside && facts(&beside(&entry.path)).is_ok() {
        own::discard(&partial);
        return match &catalog.verdict(item.node).proof {
            // The tool made that one, and it was proven in the scan; right before the move it is once more.
            Some(Proof::Packed { copy, .. }) if *copy == entry.packed => Ok(entry),
            _ => Err("there is a packed copy beside it already, which holds something else".into()),
        };
    }
    if facts(&entry.packed).is_ok() && !register.all.iter().any(|p| p.packed == entry.packed) {
        own::discard(&partial);
        return Err(format!("something else has the place of its packed copy: {}", world.short(&entry.packed)));
    }
    let named = register.add(entry.clone()).and_then(|()| match item.way {
        // Where it is there already, it holds the same: the bytes are in its name.
        Packing::Aside => own::succeed(&partial, &entry.packed),
        _ => own::publish(&partial, &entry.packed),
    });
    named.map_err(|e| {
        own::discard(&partial);
        format!("its packed copy cannot be given its name: {e}")
    })?;
    Ok(entry)
}

/// The plan of the originals: each proven by its packed copy.
fn plan(world: &World, catalog: &Catalog, pack: &Pack, made: &HashMap<PathBuf, Packed>) -> Plan {
    let nodes: Vec<NodeId> = pack.items.iter().filter(|i| made.contains_key(&catalog.path(i.node))).map(|i| i.node).collect();
    if nodes.is_empty() {
        // No nodes would select everything.
        return vault::together(world, Vec::new());
    }
    let mut plan = vault::plan(world, catalog, &Selection { nodes, classes: Class::ALL.to_vec(), ..Selection::default() });
    let proven = |item: PlanItem| {
        let packed = made.get(&item.path.to_path()?)?;
        let shown = world.short(&packed.packed);
        let mut evidence = vec![Evidence::new("packing/packed", format!("the same bytes were packed into {shown} and read back"))];
        evidence.extend(item.evidence.iter().cloned());
        let comes_back = Some("`lifeboat unpack` writes it again from its packed copy, byte for byte".to_owned());
        let proof = Some(Proof::Packed { copy: packed.packed.clone(), blake3: packed.blake3.clone() });
        Some(PlanItem { class: Class::Flushed, evidence, comes_back, proof, group: "packed conversations".into(), ..item })
    };
    plan.items = std::mem::take(&mut plan.items).into_iter().filter_map(proven).collect();
    vault::together(world, vec![plan])
}
