//! What each piece of a virtual machine's bundle is, what removing it loses, and with how many bytes.

use crate::model::{Catalog, Class, Kind, NodeId, Plan, Tally};
use crate::vault::{self, Selection};
use crate::world::World;
use std::path::PathBuf;

/// What removing a piece loses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loses {
    /// Nothing: the app makes or fetches it again.
    Nothing,
    /// Work, or it cannot be told.
    Work,
}

/// One piece.
#[derive(Debug, Clone)]
pub struct Piece {
    /// Where it is.
    pub path: PathBuf,
    /// The same in the catalogue.
    pub node: NodeId,
    /// Its bytes: of a disk, what is told inside of it as well.
    pub bytes: u64,
    /// Bytes on this machine's disk.
    pub allocated: u64,
    /// What it is, in words.
    pub what: &'static str,
    /// What removing it loses.
    pub loses: Loses,
    /// How it is had again, where it is.
    pub comes_back: Option<String>,
    /// Of a disk: bytes inside it that can be had again, and that `clean` takes out of it.
    pub inside: u64,
    /// Why it is in use.
    pub in_use: Option<String>,
}

/// What the pieces are, by the beginning of their names.
const KNOWN: [(&str, &str); 14] = [
    ("sessiondata.", "the disk with the sessions' homes; files there may exist nowhere else"),
    ("rootfs.img.zst", "the download the machine's system is unpacked from"),
    ("rootfs.vhdx.zst", "the download the machine's system is unpacked from"),
    ("rootfs.", "the machine's own system"),
    (".rootfs.", "which version the machine's system is"),
    ("smol-bin.", "programs the app puts beside the machine's system"),
    ("vmlinuz", "the machine's kernel"),
    ("initrd", "what the machine's kernel starts with"),
    ("condadata.", "a disk for packages; whether the machine writes work to it is not known"),
    ("efivars.", "what the machine's firmware remembers"),
    ("machineIdentifier", "the machine's identity"),
    ("macAddress", "the machine's network address"),
    ("gvisorMacAddress", "the machine's network address"),
    (".auto_reinstall_attempted", "a mark that the app has repaired the machine once; without it, it tries again"),
];

/// Every piece of every virtual machine that was found, the largest first.
pub fn pieces(catalog: &Catalog) -> Vec<Piece> {
    let stores = catalog.roots().iter().copied();
    let bundles = stores.flat_map(|root| catalog.children(root)).filter(|id| catalog.name_bytes(*id) == b"vm_bundles");
    let mut all = Vec::new();
    for below in bundles.flat_map(|bundles| catalog.children(bundles)) {
        let warm = catalog.name_bytes(below) == b"warm";
        if catalog.node(below).kind == Kind::Dir {
            all.extend(catalog.children(below).filter_map(|id| piece(catalog, id, warm)));
        } else {
            all.extend(piece(catalog, below, false));
        }
    }
    all.sort_by(|a, b| (b.allocated, &a.path).cmp(&(a.allocated, &b.path)));
    all
}

fn piece(catalog: &Catalog, node: NodeId, warm: bool) -> Option<Piece> {
    let name = catalog.name(node).to_string_lossy().into_owned();
    // What is told inside of a disk is counted with the disk.
    if name.ends_with('!') {
        return None;
    }
    let known = KNOWN.iter().find(|(begin, _)| name.starts_with(begin)).map(|(_, what)| *what);
    let what = if warm { Some("a version of the machine's system, fetched ahead") } else { known };
    let told = |id: NodeId| Class::ALL.map(|class| catalog.totals(id).of(class)).into_iter().fold(Tally::default(), |sum, t| sum + t);
    let inside = catalog.parent(node).into_iter().flat_map(|above| catalog.children(above));
    let inside = inside.into_iter().find(|id| catalog.name_bytes(*id).strip_suffix(b"!") == Some(name.as_bytes()));
    let whole = inside.map_or(told(node), |inside| told(node) + told(inside));
    let class = if catalog.node(node).kind == Kind::Dir { catalog.pure(node) } else { Some(catalog.node(node).class) };
    let nothing = class == Some(Class::Rebuildable);
    Some(Piece {
        path: catalog.path(node),
        node,
        bytes: whole.bytes,
        allocated: whole.allocated,
        what: what.unwrap_or("a part of the virtual machine of which nothing is known"),
        loses: if nothing { Loses::Nothing } else { Loses::Work },
        comes_back: catalog.verdict(node).comes_back.as_ref().filter(|_| nothing).map(ToString::to_string),
        inside: inside.map_or(0, |inside| catalog.totals(inside).of(Class::Rebuildable).allocated),
        in_use: if catalog.is_live(node) { Some(catalog.live_because(node).unwrap_or_default()) } else { None },
    })
}

/// The plan that moves every piece whose removal loses nothing into the vault; changes nothing.
pub fn plan(world: &World, catalog: &Catalog) -> Plan {
    let nodes: Vec<NodeId> = pieces(catalog).iter().filter(|piece| piece.loses == Loses::Nothing).map(|piece| piece.node).collect();
    if nodes.is_empty() {
        // No nodes would select everything.
        return vault::together(world, Vec::new());
    }
    vault::plan(world, catalog, &Selection { nodes, classes: vec![Class::Rebuildable], ..Selection::default() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan;
    use std::collections::BTreeMap;

    #[test]
    fn each_piece_says_what_it_is_and_only_what_the_app_fetches_again_is_planned() {
        let dir = tempfile::tempdir().unwrap();
        let now = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24);
        let world = World::at(dir.path(), BTreeMap::default()).with_clock(now);
        let app = dir.path().join(if cfg!(windows) { "AppData/Roaming/Claude" } else { ".config/Claude" });
        let write = |rel: &str, size: usize| {
            let path = app.join("vm_bundles").join(rel);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, vec![1; size]).unwrap();
        };
        std::fs::create_dir_all(app.join("local-agent-mode-sessions")).unwrap();
        for (rel, size) in [
            ("claudevm.bundle/rootfs.img", 900_000),
            ("claudevm.bundle/rootfs.img.zst", 300_000),
            ("claudevm.bundle/sessiondata.img", 500_000),
            ("claudevm.bundle/condadata.img", 100_000),
            ("claudevm.bundle/holiday.jpg", 50_000),
            ("warm/0123abcd/rootfs.img.zst", 200_000),
        ] {
            write(rel, size);
        }
        let catalog = scan::run(&world, scan::Options::default());
        let told: Vec<_> = pieces(&catalog)
            .into_iter()
            .map(|p| {
                (p.path.file_name().unwrap().to_string_lossy().into_owned(), p.bytes, p.loses == Loses::Nothing, p.comes_back.is_some())
            })
            .collect();
        let expected = [
            ("rootfs.img", 900_000, true, true),
            ("sessiondata.img", 500_000, false, false),
            ("rootfs.img.zst", 300_000, true, true),
            ("0123abcd", 200_000, true, true),
            ("condadata.img", 100_000, false, false),
            ("holiday.jpg", 50_000, false, false),
        ];
        assert_eq!(told, expected.map(|(name, bytes, nothing, back)| (name.to_owned(), bytes, nothing, back)));
        let plan = plan(&world, &catalog);
        let mut planned: Vec<u64> = plan.items.iter().map(|item| item.bytes).collect();
        planned.sort_unstable();
        assert_eq!(planned, [200_000, 300_000, 900_000], "{:?}", plan.skipped);
        let moved = crate::lifecycle::clean(&world, &plan, vault::Consent::default(), &crate::model::Quiet).unwrap();
        assert_eq!(moved.moved, 3);
        assert!(
            app.join("vm_bundles/claudevm.bundle/sessiondata.img").exists() && app.join("vm_bundles/claudevm.bundle/holiday.jpg").exists()
        );
        let nothing = pieces(&scan::run(&world, scan::Options::default()));
        assert!(nothing.iter().all(|p| p.loses == Loses::Work) && nothing.len() == 3);
    }
}
