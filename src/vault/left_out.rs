//! What was selected and is left alone, told in as few lines as say it.

use crate::model::{Catalog, Class, Kind, Marks, NodeId, PathText, Skipped, Tally};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Why something must stay, whatever is selected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// No file of its own.
    Inside,
    /// Another file system.
    Mount,
    /// Secrets, settings, structure the app needs.
    Protected,
    /// In use.
    Live,
    /// A check is still to come.
    Checking,
    /// What is in it is not known.
    Unread,
    /// Its content is elsewhere.
    Placeholder,
}

/// Lines by path and reason, each with the number of files it stands for.
pub(super) struct LeftOut<'a> {
    catalog: &'a Catalog,
    lines: BTreeMap<(PathBuf, String), u64>,
    others: BTreeMap<(NodeId, Class), Tally>,
    extra: Vec<Skipped>,
}

impl<'a> LeftOut<'a> {
    pub(super) fn new(catalog: &'a Catalog) -> Self {
        Self { catalog, lines: BTreeMap::new(), others: BTreeMap::new(), extra: Vec::new() }
    }

    /// A node stays, and with it so many files.
    pub(super) fn out(&mut self, id: NodeId, why: Why, files: u64) {
        let (place, reason) = match why {
            Why::Live => self.live(id),
            Why::Inside => (self.catalog.path(id), format!("it is inside a database; {}", self.goes_by(id))),
            Why::Mount => (self.catalog.path(id), "another file system is mounted here".to_owned()),
            Why::Protected => (self.catalog.path(id), "protected: a secret, a setting, or structure the app needs".to_owned()),
            Why::Checking => (self.catalog.path(self.group(id)), "still being checked".to_owned()),
            Why::Unread => (self.catalog.path(id), "what is in it could not be read".to_owned()),
            Why::Placeholder => (self.catalog.path(self.folder(id)), "the content is in a cloud, not here".to_owned()),
        };
        *self.lines.entry((place, reason)).or_default() += files;
    }

    /// A node is of a class that was not asked for; it is told of with the folder handled as one that it lies in.
    pub(super) fn other(&mut self, place: NodeId, class: Class, own: Tally) {
        *self.others.entry((place, class)).or_default() += own;
    }

    /// A node stays for a reason of its own.
    pub(super) fn because(&mut self, id: NodeId, reason: String) {
        self.extra.push(Skipped { path: PathText::new(&self.catalog.path(id)), reason });
    }

    fn goes_by(&self, id: NodeId) -> &'static str {
        let tool = self.catalog.store_of(id).and_then(|ix| crate::stores::tool(self.catalog.store(ix).name));
        tool.map_or("", |tool| tool.inside_goes_by(self.catalog.node(id).spot))
    }

    fn folder(&self, id: NodeId) -> NodeId {
        self.catalog.parent(id).unwrap_or(id)
    }

    /// The folder handled as one that a node lies in; else its root.
    fn group(&self, id: NodeId) -> NodeId {
        let mut at = id;
        while let Some(parent) = self.catalog.parent(at) {
            if self.catalog.node(at).marks.has(Marks::UNIT) {
                return at;
            }
            at = parent;
        }
        at
    }

    /// A live session is one line, whatever it holds; what is live by itself is a line a folder.
    fn live(&self, id: NodeId) -> (PathBuf, String) {
        let node = self.catalog.node(id);
        let session = node.session.map(|ix| self.catalog.session(ix));
        if let Some((session, why)) = session.and_then(|s| s.live.as_ref().map(|why| (s, why))) {
            let place = session.dir.clone().or_else(|| session.record.clone()).unwrap_or_else(|| self.catalog.path(id));
            return (place, format!("in use: {why}"));
        }
        let why = self.catalog.live_because(id).unwrap_or_default();
        let place = if node.kind == Kind::Dir { id } else { self.folder(id) };
        (self.catalog.path(place), format!("in use: {why}"))
    }

    /// The lines.
    pub(super) fn lines(self) -> Vec<Skipped> {
        let catalog = self.catalog;
        let mut all: Vec<Skipped> = self
            .lines
            .into_iter()
            .map(|((path, reason), files)| Skipped {
                path: PathText::new(&path),
                reason: if files > 1 { format!("{reason} ({files} files)") } else { reason },
            })
            .collect();
        all.extend(self.others.into_iter().map(|((id, class), tally)| {
            let (label, size) = (class.label(), humansize::format_size(tally.bytes, humansize::DECIMAL));
            let reason = match (catalog.node(id).kind, tally.files) {
                (Kind::Dir, 1) => format!("1 file in it is {label} ({size}) and stays"),
                (Kind::Dir, files) => format!("{files} files in it are {label} ({size}) and stay"),
                _ => format!("it is {label}, which was not asked for"),
            };
            Skipped { path: PathText::new(&catalog.path(id)), reason }
        }));
        all.extend(self.extra);
        all.sort_by_cached_key(|line| (line.path.to_path(), line.reason.clone()));
        all
    }
}
