//! Which thing exactly: what tells a changed file or folder from the planned one.

use super::descend::{Visit, descend};
use super::fs::Fs;
use crate::model::{Catalog, Facts, Identity, Kind, Marks, NodeId};
use std::io;

/// The identity of a name in an open folder, and its digest against the catalogue (see [`Digest::known`]) where it
/// is a folder.
pub(super) fn identify<F: Fs>(fs: &F, dir: &F::Dir, name: &[u8]) -> io::Result<(Facts, Identity, Option<String>)> {
    let facts = fs.facts(dir, name)?;
    let mut identity = Identity { device: facts.dev, inode: facts.ino, size: facts.size, mtime_ns: facts.mtime_ns, tree: None };
    if facts.kind != Kind::Dir {
        return Ok((facts, identity, None));
    }
    let top = fs.folder(dir, name)?;
    if fs.own(&top)?.ino != facts.ino {
        return Err(io::Error::other("it was exchanged while it was read"));
    }
    let mut digest = Digest::default();
    descend(fs, top, &mut digest)?;
    identity.tree = Some(digest.all.finalize().to_hex().to_string());
    Ok((facts, identity, Some(digest.known.finalize().to_hex().to_string())))
}

/// Two digests over one walk.
#[derive(Default)]
struct Digest {
    /// Every name with everything that tells a change.
    all: blake3::Hasher,
    /// The same without the facts of folders, which a scan need not have: what is compared with the catalogue.
    known: blake3::Hasher,
}

impl Digest {
    fn feed(&mut self, depth: usize, name: &[u8], facts: &Facts) {
        let mut head = Vec::with_capacity(name.len() + 17);
        head.extend_from_slice(&(depth as u64).to_le_bytes());
        head.extend_from_slice(&(name.len() as u64).to_le_bytes());
        head.extend_from_slice(name);
        head.push(facts.kind as u8);
        self.all.update(&head);
        self.known.update(&head);
        let mut numbers = [0; 24];
        // A folder's size says nothing that its names do not.
        numbers[..8].copy_from_slice(&(if facts.kind == Kind::Dir { 0 } else { facts.size }).to_le_bytes());
        numbers[8..16].copy_from_slice(&facts.mtime_ns.to_le_bytes());
        numbers[16..].copy_from_slice(&facts.ino.to_le_bytes());
        self.all.update(&numbers);
        if facts.kind != Kind::Dir {
            self.known.update(&numbers);
        }
    }
}

impl<F: Fs> Visit<F> for Digest {
    fn name(&mut self, _: &F, _: &F::Dir, name: &[u8], facts: &Facts, depth: usize) -> io::Result<()> {
        self.feed(depth, name, facts);
        Ok(())
    }
}

/// The digest of a folder as the catalogue knows it, to be compared with the one [`identify`] took from the disk.
pub(super) fn known(catalog: &Catalog, top: NodeId) -> String {
    let mut digest = Digest::default();
    let sorted = |id: NodeId| {
        // What is inside of files is nothing that the file system knows.
        let mut names: Vec<NodeId> = catalog.children(id).filter(|id| !catalog.node(*id).marks.has(Marks::INSIDE)).collect();
        names.sort_unstable_by(|a, b| catalog.name_bytes(*b).cmp(catalog.name_bytes(*a)));
        names
    };
    let mut stack: Vec<(NodeId, usize)> = sorted(top).into_iter().map(|id| (id, 1)).collect();
    while let Some((id, depth)) = stack.pop() {
        digest.feed(depth, catalog.name_bytes(id), &facts(catalog, id));
        stack.extend(sorted(id).into_iter().map(|below| (below, depth + 1)));
    }
    digest.known.finalize().to_hex().to_string()
}

/// A node's facts as they were when it was scanned.
pub(super) fn facts(catalog: &Catalog, id: NodeId) -> Facts {
    let (node, inside) = (catalog.node(id), catalog.taken_off(id));
    Facts {
        kind: node.kind,
        size: node.size + inside.bytes,
        allocated: node.allocated + inside.allocated,
        mtime_ns: node.mtime_ns,
        dev: catalog.dev(id),
        ino: node.ino,
        nlink: node.nlink,
        placeholder: false,
    }
}

/// Whether a thing that is not a folder is the one that was scanned. A list of names on Windows tells no index.
pub(super) fn as_scanned(seen: &Facts, now: &Facts) -> bool {
    (seen.kind, seen.size, seen.mtime_ns) == (now.kind, now.size, now.mtime_ns) && (seen.ino == now.ino || cfg!(windows) && seen.ino == 0)
}

/// Whether a thing is still the planned one. The device's number may have changed with a reboot; then it must be
/// that of the root the thing lies below.
pub(super) fn unchanged(planned: &Identity, now: &Identity, root_device: u64) -> bool {
    (planned.inode, planned.size, planned.mtime_ns, &planned.tree) == (now.inode, now.size, now.mtime_ns, &now.tree)
        && (planned.device == now.device || now.device == root_device)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(kind: Kind) -> Facts {
        Facts { kind, size: 5, allocated: 8, mtime_ns: 7, dev: 1, ino: 2, nlink: 1, placeholder: false }
    }

    fn digests(facts: &Facts) -> (String, String) {
        let mut digest = Digest::default();
        digest.feed(1, b"name", facts);
        (digest.all.finalize().to_hex().to_string(), digest.known.finalize().to_hex().to_string())
    }

    #[test]
    fn each_fact_of_a_file_in_a_folder_tells_a_change() {
        let was = digests(&facts(Kind::File));
        let changes: [fn(&mut Facts); 4] = [|f| f.size = 6, |f| f.mtime_ns = 8, |f| f.ino = 3, |f| f.kind = Kind::Symlink];
        for change in changes {
            let mut now = facts(Kind::File);
            change(&mut now);
            assert!(digests(&now).0 != was.0 && digests(&now).1 != was.1, "{now:?}");
        }
    }

    #[test]
    fn a_folder_in_a_folder_tells_a_change_but_its_size_says_nothing_and_a_scan_need_not_have_its_facts() {
        let was = digests(&facts(Kind::Dir));
        let sized = digests(&Facts { size: 99, ..facts(Kind::Dir) });
        assert_eq!(sized, was);
        let exchanged = digests(&Facts { ino: 3, ..facts(Kind::Dir) });
        assert!(exchanged.0 != was.0 && exchanged.1 == was.1);
    }

    #[test]
    fn a_file_is_as_scanned_only_when_every_fact_is() {
        assert!(as_scanned(&facts(Kind::File), &facts(Kind::File)));
        let changes: [fn(&mut Facts); 4] = [|f| f.size = 6, |f| f.mtime_ns = 8, |f| f.ino = 3, |f| f.kind = Kind::Symlink];
        for change in changes {
            let mut now = facts(Kind::File);
            change(&mut now);
            assert!(!as_scanned(&facts(Kind::File), &now), "{now:?}");
        }
        let unknown = Facts { ino: 0, ..facts(Kind::File) };
        assert_eq!(as_scanned(&unknown, &facts(Kind::File)), cfg!(windows), "only a scan on Windows knows no index");
    }

    #[test]
    fn a_thing_is_unchanged_on_its_disk_under_its_old_or_its_new_number_and_on_no_other() {
        let was = Identity { device: 1, inode: 2, size: 3, mtime_ns: 4, tree: Some("t".into()) };
        let on = |device| Identity { device, ..was.clone() };
        assert!(unchanged(&was, &on(1), 9), "the same number");
        assert!(unchanged(&was, &on(9), 9), "another number, that of its root");
        assert!(!unchanged(&was, &on(8), 9), "another disk");
        let changes: [fn(&mut Identity); 4] = [|i| i.inode = 0, |i| i.size = 0, |i| i.mtime_ns = 0, |i| i.tree = None];
        for change in changes {
            let mut now = on(1);
            change(&mut now);
            assert!(!unchanged(&was, &now, 1), "{now:?}");
        }
    }
}
