//! What is below each row of the tree, what it counts and what it is called.

use super::filter::Filter;
use super::index::{Group, Index};
use super::key::{Key, LabelId, Labels};
use crate::model::{Catalog, Class, Kind, NodeId, Tally, Totals};
use std::cmp::Ordering;

/// Rows in one folder above which equal ones are not put in order by name: it would be felt.
const LARGE: usize = 20_000;

/// One visible row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// What it stands for.
    pub key: Key,
    /// How deep it is; the topmost are 0.
    pub depth: u16,
    /// Folders above it that are spelled in its own name because they hold nothing else.
    pub joined: u8,
    /// Its share of the row above, in percent.
    pub share: u8,
}

/// What the rows are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// Bytes, the largest first.
    Size,
    /// Last change, the oldest first.
    Age,
    /// Name.
    Name,
    /// Number of files, the most first.
    Count,
}

/// What the topmost rows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grouping {
    /// The three classes.
    Class,
    /// Sessions, all classes together.
    Session,
}

/// Everything rows are made from.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// What was found.
    pub catalog: &'a Catalog,
    /// Where sessions and groups begin in it.
    pub index: &'a Index,
    /// Names of groups.
    pub labels: &'a Labels,
    /// What it is narrowed to.
    pub filter: Option<&'a Filter>,
}

impl Source<'_> {
    /// The topmost rows.
    pub fn top(&self, grouping: Grouping) -> Vec<(Key, u8)> {
        match grouping {
            Grouping::Class => Class::ALL.into_iter().map(|c| (Key::Class(c), 0)).collect(),
            Grouping::Session => self.sessions(None),
        }
    }

    /// The rows directly below one, in no order, each with the folders joined into its name.
    pub fn children(&self, key: Key) -> Vec<(Key, u8)> {
        match key {
            Key::Class(Class::Rebuildable) => {
                let groups = self.index.groups.iter().filter(|(_, g)| self.group_shown(g));
                groups.map(|(l, _)| (Key::Group(*l), 0)).collect()
            }
            Key::Class(class) => self.sessions(Some(class)),
            Key::Session(class, session) => self.unfold(class, self.tops(session.index())),
            Key::Loose(class, label) => self.unfold(class, self.index.loose.get(&label).map_or(&[], |l| &l.0)),
            Key::Group(label) => self.group(label),
            Key::GroupSession(label, session) => {
                let of = self.index.groups.get(&label).and_then(|g| g.sessions.get(&session));
                self.unfold(Some(Class::Rebuildable), of.map_or(&[], |l| &l.0))
            }
            Key::Node(class, id) => self.inside(class, id),
        }
    }

    fn tops(&self, session: usize) -> &[NodeId] {
        self.index.tops.get(session).map_or(&[], Vec::as_slice)
    }

    fn sessions(&self, class: Option<Class>) -> Vec<(Key, u8)> {
        let counts = |t: &Totals| class.is_none_or(|c| t.of(c).files > 0);
        let sessions = self.index.totals.iter().enumerate().filter(|(at, t)| counts(t) && self.any_shown(class, self.tops(*at)));
        let sessions = sessions.map(|(at, _)| (Key::Session(class, crate::model::SessionIx::at(at)), 0));
        let loose = self.index.loose.iter().filter(|(_, (nodes, t))| counts(t) && self.any_shown(class, nodes));
        sessions.chain(loose.map(|(l, _)| (Key::Loose(class, *l), 0))).collect()
    }

    fn group(&self, label: LabelId) -> Vec<(Key, u8)> {
        let class = Some(Class::Rebuildable);
        let Some(group) = self.index.groups.get(&label) else { return Vec::new() };
        let sessions = group.sessions.iter().filter(|(_, (nodes, _))| self.any_shown(class, nodes));
        let mut out: Vec<_> = sessions.map(|(s, _)| (Key::GroupSession(label, *s), 0)).collect();
        match group.loose.as_slice() {
            [one] if out.is_empty() => out.extend(self.inside_or_itself(class, *one)),
            many => out.extend(many.iter().filter(|n| self.shown(class, **n)).map(|n| self.join(class, *n))),
        }
        out
    }

    fn group_shown(&self, group: &Group) -> bool {
        let class = Some(Class::Rebuildable);
        self.any_shown(class, &group.loose) || group.sessions.values().any(|(nodes, _)| self.any_shown(class, nodes))
    }

    fn any_shown(&self, class: Option<Class>, nodes: &[NodeId]) -> bool {
        self.filter.is_none() || nodes.iter().any(|n| self.shown(class, *n)) || (class.is_none() && nodes.is_empty() && self.unfiltered())
    }

    fn unfiltered(&self) -> bool {
        self.filter.is_none_or(Filter::is_empty)
    }

    /// The nodes themselves; a single folder gives what is in it, as its name would tell nothing new.
    fn unfold(&self, class: Option<Class>, tops: &[NodeId]) -> Vec<(Key, u8)> {
        let shown: Vec<NodeId> = tops.iter().copied().filter(|n| self.shown(class, *n)).collect();
        let mut folders = shown.iter().filter(|n| self.catalog.node(**n).kind == Kind::Dir);
        match (folders.next(), folders.next()) {
            (Some(one), None) => {
                let beside = shown.iter().filter(|n| *n != one).map(|n| (Key::Node(class, *n), 0));
                beside.chain(self.inside_or_itself(class, *one)).collect()
            }
            _ => shown.iter().map(|n| self.join(class, *n)).collect(),
        }
    }

    fn inside_or_itself(&self, class: Option<Class>, id: NodeId) -> Vec<(Key, u8)> {
        let inside = self.inside(class, id);
        if inside.is_empty() { vec![(Key::Node(class, id), 0)] } else { inside }
    }

    fn inside(&self, class: Option<Class>, id: NodeId) -> Vec<(Key, u8)> {
        self.catalog.children(id).filter(|c| self.shown(class, *c)).map(|c| self.join(class, c)).collect()
    }

    /// A folder that holds nothing but one folder gives way to it.
    fn join(&self, class: Option<Class>, id: NodeId) -> (Key, u8) {
        let (mut at, mut joined) = (id, 0);
        while joined < 200 && self.catalog.node(at).kind == Kind::Dir {
            let mut inside = self.catalog.children(at).filter(|c| self.shown(class, *c));
            match (inside.next(), inside.next()) {
                (Some(only), None) if self.catalog.node(only).kind == Kind::Dir => at = only,
                _ => break,
            }
            joined += 1;
        }
        (Key::Node(class, at), joined)
    }

    fn shown(&self, class: Option<Class>, id: NodeId) -> bool {
        class.is_none_or(|c| self.catalog.totals(id).of(c).files > 0) && self.filter.is_none_or(|f| f.shows(class, id))
    }

    /// Whether a row can be opened.
    pub fn opens(&self, key: Key) -> bool {
        key.node().is_none_or(|id| self.catalog.node(id).kind == Kind::Dir)
    }

    /// What a row counts, by class.
    pub fn totals(&self, key: Key) -> Totals {
        match key {
            Key::Class(class) => only(class, self.catalog.grand_totals().of(class)),
            Key::Session(class, s) => limited(class, self.index.totals.get(s.index()).copied().unwrap_or_default()),
            Key::Loose(class, l) => limited(class, self.index.loose.get(&l).map(|l| l.1).unwrap_or_default()),
            Key::Group(l) => only(Class::Rebuildable, self.index.groups.get(&l).map(|g| g.tally).unwrap_or_default()),
            Key::GroupSession(l, s) => {
                let of = self.index.groups.get(&l).and_then(|g| g.sessions.get(&s));
                only(Class::Rebuildable, of.map(|l| l.1).unwrap_or_default())
            }
            Key::Node(class, id) => limited(class, self.catalog.totals(id)),
        }
    }

    /// What a row counts.
    pub fn tally(&self, key: Key) -> Tally {
        self.totals(key).all()
    }

    /// When a row last changed, nanoseconds since 1970.
    pub fn changed(&self, key: Key) -> Option<i64> {
        match key {
            Key::Node(_, id) => Some(self.catalog.node(id).mtime_ns),
            Key::Session(_, s) | Key::GroupSession(_, s) => {
                let last = self.catalog.sessions.get(s.index())?.last_active?;
                i64::try_from(last.as_nanosecond()).ok()
            }
            _ => None,
        }
    }

    /// Puts rows in order; equal ones by name, or as they were found where there are very many.
    pub fn sort(&self, rows: &mut Vec<(Key, u8)>, sort: Sort) {
        if rows.iter().all(|(k, _)| matches!(k, Key::Class(_))) {
            return;
        }
        let mut keyed: Vec<(u64, Key, u8)> = rows
            .drain(..)
            .map(|(key, joined)| {
                let by = match sort {
                    Sort::Size => u64::MAX - self.tally(key).bytes,
                    Sort::Count => u64::MAX - self.tally(key).files,
                    Sort::Age => self.changed(key).map_or(u64::MAX, |ns| ns.cast_unsigned() ^ (1 << 63)),
                    Sort::Name => 0,
                };
                (by, key, joined)
            })
            .collect();
        if keyed.len() > LARGE && sort != Sort::Name {
            keyed.sort_by_key(|k| k.0);
        } else {
            keyed.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| self.by_name(a.1, b.1)));
        }
        rows.extend(keyed.into_iter().map(|(_, key, joined)| (key, joined)));
    }

    fn by_name(&self, a: Key, b: Key) -> Ordering {
        match (a, b) {
            (Key::Node(_, a), Key::Node(_, b)) => self.catalog.name_bytes(a).cmp(self.catalog.name_bytes(b)),
            _ => self.name(a, 0).cmp(&self.name(b, 0)),
        }
    }

    /// What a row is called; `joined` folders above it are part of its name.
    pub fn name(&self, key: Key, joined: u8) -> String {
        match key {
            Key::Class(class) => match class {
                Class::AtRisk => "At risk".into(),
                Class::Flushed => "Flushed".into(),
                Class::Rebuildable => "Rebuildable".into(),
            },
            Key::Session(_, s) | Key::GroupSession(_, s) => {
                let session = self.catalog.sessions.get(s.index());
                session.map_or(String::new(), |s| super::text::harmless(if s.title.is_empty() { &s.id } else { &s.title }))
            }
            Key::Loose(_, l) => self.labels.name(l).to_owned(),
            Key::Group(l) => {
                let sessions = self.index.groups.get(&l).map_or(0, |g| g.sessions.len());
                let name = self.labels.name(l);
                if sessions == 0 {
                    name.to_owned()
                } else {
                    format!("{name} ({})", super::text::counted(sessions as u64, "session", "sessions"))
                }
            }
            Key::Node(_, id) => self.node_name(id, joined),
        }
    }

    /// Whether a file is the conversation its session's record names.
    fn is_transcript(&self, id: NodeId) -> bool {
        let session = self.catalog.node(id).session.and_then(|s| self.catalog.sessions.get(s.index()));
        let conversation = session.and_then(|s| s.conversation.as_deref());
        conversation.is_some_and(|c| self.catalog.name_bytes(id).strip_suffix(b".jsonl") == Some(c.as_bytes()))
    }

    fn node_name(&self, id: NodeId, joined: u8) -> String {
        if self.is_transcript(id) {
            return "transcript".into();
        }
        let mut name = crate::model::shown_name(&self.catalog.name(id));
        let mut at = id;
        for _ in 0..joined {
            let Some(above) = self.catalog.parent(at) else { break };
            name = format!("{}/{name}", crate::model::shown_name(&self.catalog.name(above)));
            at = above;
        }
        name
    }
}

fn only(class: Class, tally: Tally) -> Totals {
    let mut totals = Totals::default();
    *totals.of_mut(class) = tally;
    totals
}

fn limited(class: Option<Class>, totals: Totals) -> Totals {
    class.map_or(totals, |c| only(c, totals.of(c)))
}
