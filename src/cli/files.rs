//! One row as `lifeboat.file/1`.

use super::marks::Kept;
use crate::model::{Catalog, Class, Evidence, Kind, Marks, NodeId, PathText, Row, Session, Tally};
use jiff::Timestamp;
use serde::Serialize;
use std::path::{Component, Path};

/// A file, or a folder handled as one.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "the fields are fixed by what other programs read")]
pub(super) struct FileRow {
    pub(super) schema: &'static str,
    pub(super) store: Option<&'static str>,
    pub(super) session: Option<String>,
    #[serde(flatten)]
    pub(super) path: PathText,
    pub(super) kind: Kind,
    pub(super) class: Class,
    pub(super) bytes: u64,
    pub(super) allocated: u64,
    pub(super) files: u64,
    pub(super) modified: Option<Timestamp>,
    pub(super) live: bool,
    pub(super) protected: bool,
    pub(super) vm_path: Option<String>,
    pub(super) backed_up: bool,
    pub(super) exported: bool,
    pub(super) evidence: Vec<Evidence>,
    pub(super) comes_back: Option<String>,
}

impl FileRow {
    /// The row of a node that counts this much in this class.
    pub(super) fn new(catalog: &Catalog, kept: &Kept, row: &Row) -> Self {
        let node = catalog.node(row.id);
        let verdict = catalog.verdict(row.id);
        let path = catalog.path(row.id);
        let session = node.session.map(|ix| catalog.session(ix));
        Self {
            schema: "lifeboat.file/1",
            store: catalog.store_of(row.id).map(|s| catalog.store(s).name),
            session: session.map(|s| s.id.clone()),
            kind: node.kind,
            class: row.class,
            bytes: row.tally.bytes,
            allocated: row.tally.allocated,
            files: row.tally.files,
            modified: Timestamp::from_nanosecond(i128::from(node.mtime_ns)).ok(),
            live: catalog.is_live(row.id),
            protected: node.marks.has(Marks::PROTECTED),
            vm_path: on_disk(catalog, row.id).or_else(|| session.and_then(|s| vm_path(s, &path))),
            backed_up: kept.backed_up(catalog, row, &path),
            exported: kept.exported(catalog, row.id, &path),
            evidence: verdict.evidence.clone(),
            comes_back: verdict.comes_back.as_ref().map(ToString::to_string),
            path: PathText::new(&path),
        }
    }

    /// The row of any node, listed or not.
    pub(super) fn of_node(catalog: &Catalog, kept: &Kept, id: NodeId) -> Self {
        let node = catalog.node(id);
        let tally = if node.kind == Kind::Dir { catalog.totals(id).all() } else { catalog.own(id) };
        Self::new(catalog, kept, &Row { id, class: node.class, tally: Tally { ..tally } })
    }
}

/// Where the virtual machine sees a file on its own disk.
fn on_disk(catalog: &Catalog, id: NodeId) -> Option<String> {
    catalog.path_on_disk(id).map(|path| format!("/sessions{path}"))
}

/// Where a session's file is inside its virtual machine: `outputs`, `uploads` and `.claude` are mounted there.
fn vm_path(session: &Session, path: &Path) -> Option<String> {
    let below = path.strip_prefix(session.dir.as_ref()?).ok()?;
    let name = session.vm_name.as_ref()?;
    let first = below.components().next()?;
    let mounted = ["outputs", "uploads", ".claude"].iter().any(|m| first == Component::Normal(m.as_ref()));
    let rest: Vec<_> = below.components().map(|c| c.as_os_str().to_string_lossy()).collect();
    mounted.then(|| format!("/sessions/{name}/mnt/{}", rest.join("/")))
}
