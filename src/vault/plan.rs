//! The plan: what a selection comes to, each item with what it is, why, and which thing exactly.

use super::Selection;
use super::file::fingerprint;
use super::fs::Fs;
use super::identity::{as_scanned, facts, identify, known};
use super::inside::{Images, on_image};
use super::left_out::LeftOut;
use super::select::{Pick, Picker};
use crate::classify::group_of;
use crate::model::{Action, Catalog, Identity, Kind, NodeId, PathText, Plan, PlanItem, Skipped, Tally, Totals, Verdict};
use crate::world::World;
use std::collections::{HashMap, HashSet};
use std::io;
use std::path::PathBuf;

/// Makes a plan; changes nothing.
pub(super) fn plan<F: Fs>(world: &World, fs: &F, catalog: &Catalog, selection: &Selection) -> Plan {
    let mut left = LeftOut::new(catalog);
    let picks = Picker::new(world, catalog, selection).picks(&mut left);
    let mut tops = Tops { fs, catalog, open: HashMap::new() };
    let (mut images, mut closed) = (Images::default(), HashSet::new());
    let mut items: Vec<PlanItem> = Vec::new();
    for pick in picks {
        let tally = catalog.totals(pick.id).of(pick.class) + catalog.taken_off(pick.id);
        if tally.bytes < selection.min_size.unwrap_or(0) {
            continue;
        }
        if on_image(catalog, pick.id) {
            match images.identity(catalog, pick.id) {
                Ok((identity, at)) => {
                    tops.note(pick.id);
                    items.push(PlanItem { action: Action::OutOfImage, image: Some(at), ..item(catalog, pick, tally, identity) });
                }
                // What is true of the whole image is said once.
                Err((image, why)) if closed.insert(image) => left.because(image, why),
                Err(_) => {}
            }
            continue;
        }
        match tops.identity(pick.id) {
            Ok(identity) => items.push(item(catalog, pick, tally, identity)),
            Err(reason) => left.because(pick.id, reason),
        }
    }
    let roots = tops.open.keys().map(|id| PathText::new(&catalog.path(*id))).collect();
    whole(world, items, left.lines(), roots)
}

/// One plan of several: each thing once, and nothing that lies inside another item.
pub fn together(world: &World, plans: Vec<Plan>) -> Plan {
    let (mut items, mut skipped, mut roots) = (Vec::new(), Vec::new(), Vec::new());
    for plan in plans {
        items.extend(plan.items);
        skipped.extend(plan.skipped);
        roots.extend(plan.roots);
    }
    let mut seen = HashSet::new();
    skipped.retain(|s: &Skipped| seen.insert((s.path.path.clone(), s.reason.clone())));
    // A folder stands before what is in it.
    items.sort_by_cached_key(|item: &PlanItem| item.path.to_path());
    let mut last: Option<PathBuf> = None;
    items.retain(|item| {
        let path = item.path.to_path();
        let inside = matches!((&path, &last), (Some(path), Some(last)) if path.starts_with(last));
        if !inside {
            last = path;
        }
        !inside
    });
    whole(world, items, skipped, roots)
}

/// The plan of these items, in the order they are shown and done in.
fn whole(world: &World, mut items: Vec<PlanItem>, skipped: Vec<Skipped>, mut roots: Vec<PathText>) -> Plan {
    let paths: HashSet<String> = items.iter().map(|item| item.path.path.clone()).collect();
    // What lies in an image that goes as a whole goes with it.
    items.retain(|item| item.image.as_ref().is_none_or(|at| !paths.contains(&at.image.path)));
    items.sort_by_cached_key(|item| (item.class, item.group.clone(), item.path.to_path()));
    let mut totals = Totals::default();
    for item in &items {
        *totals.of_mut(item.class) += Tally { files: item.files, bytes: item.bytes, allocated: item.allocated };
    }
    roots.sort_by_cached_key(PathText::to_path);
    roots.dedup();
    Plan { schema: "lifeboat.plan/1".into(), created: world.now(), roots, fingerprint: fingerprint(&items), items, skipped, totals }
}

/// Roots held open while a plan is made.
struct Tops<'a, F: Fs> {
    fs: &'a F,
    catalog: &'a Catalog,
    open: HashMap<NodeId, io::Result<F::Dir>>,
}

impl<F: Fs> Tops<'_, F> {
    /// The root of a store, held open.
    fn root(&mut self, root: NodeId) -> &io::Result<F::Dir> {
        let (fs, catalog) = (self.fs, self.catalog);
        self.open.entry(root).or_insert_with(|| fs.root(&catalog.path(root)).map(|(_, top)| top))
    }

    /// Notes the root that a node lies below.
    fn note(&mut self, id: NodeId) {
        let root = std::iter::successors(Some(id), |at| self.catalog.parent(*at)).last();
        if let Some(root) = root {
            let _ = self.root(root);
        }
    }

    /// The identity of a node on the disk, where the node is still what was scanned.
    fn identity(&mut self, id: NodeId) -> Result<Identity, String> {
        let (fs, catalog) = (self.fs, self.catalog);
        let mut root = id;
        let mut names = Vec::new();
        while let Some(parent) = catalog.parent(root) {
            names.push(catalog.name(root));
            root = parent;
        }
        let unreadable = |e: io::Error| match e.kind() {
            io::ErrorKind::NotFound => "it is no longer there".to_owned(),
            io::ErrorKind::CrossesDevices => "another file system is mounted in it".to_owned(),
            _ => format!("it cannot be read whole: {e}"),
        };
        let top = self.root(root);
        let top = top.as_ref().map_err(|e| format!("its store cannot be opened: {e}"))?;
        let parent: std::path::PathBuf = names.iter().skip(1).rev().collect();
        let parent = fs.down(top, &parent).map_err(unreadable)?;
        let name = crate::model::to_bytes(names.first().ok_or("it is a store's own folder")?).into_owned();
        let (now, identity, tree) = identify(fs, &parent, &name).map_err(unreadable)?;
        let same = match tree {
            Some(tree) => catalog.node(id).kind == Kind::Dir && tree == known(catalog, id),
            None => as_scanned(&facts(catalog, id), &now),
        };
        if same { Ok(identity) } else { Err("it changed since it was scanned".to_owned()) }
    }
}

fn item(catalog: &Catalog, pick: Pick, tally: Tally, identity: Identity) -> PlanItem {
    let node = catalog.node(pick.id);
    let verdict = verdict(catalog, pick);
    PlanItem {
        path: PathText::new(&catalog.path(pick.id)),
        store: catalog.store_of(pick.id).map(|ix| catalog.store(ix).name.to_owned()).unwrap_or_default(),
        session: node.session.map(|ix| catalog.session(ix).id.clone()),
        class: pick.class,
        bytes: tally.bytes,
        allocated: tally.allocated,
        files: tally.files,
        identity,
        action: Action::Vault,
        evidence: verdict.evidence.clone(),
        comes_back: verdict.comes_back.as_ref().map(ToString::to_string),
        proof: verdict.proof.clone(),
        group: group(catalog, pick, verdict),
        image: None,
    }
}

/// The verdict that speaks for a whole item: its own, else that of the folder handled as one that it lies in, else
/// that of a file in it.
fn verdict(catalog: &Catalog, pick: Pick) -> &Verdict {
    let own = [Some(pick.id), pick.unit].into_iter().flatten();
    let mut fits = own.chain(catalog.below(pick.id).filter(|id| catalog.node(*id).kind != Kind::Dir));
    let best = fits.find(|id| catalog.node(*id).class == pick.class);
    catalog.verdict(best.unwrap_or(pick.id))
}

/// A name for the group an item is shown in: that of the rule that found it, else that of its place in the store.
fn group(catalog: &Catalog, pick: Pick, verdict: &Verdict) -> String {
    if let Some(group) = verdict.evidence.first().and_then(|e| group_of(&e.rule)) {
        return group.to_owned();
    }
    let tool = catalog.store_of(pick.id).and_then(|ix| crate::stores::tool(catalog.store(ix).name));
    let spots = [Some(pick.id), pick.unit].into_iter().flatten().map(|id| catalog.node(id).spot);
    tool.and_then(|t| spots.map(|s| t.meaning(s).group).find(|g| !g.is_empty())).unwrap_or_default().to_owned()
}
