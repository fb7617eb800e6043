//! What is below each row of the tree, what it counts and what it is called.

use super::filter::Filter;
use super::index::{Group, Index};
use super::key::{Key, LabelId, Labels};
use crate::model::{Catalog, Class, Kind, NodeId, Tally, Totals};

/// One visible row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// What it stands for.
    pub key: Key,
    /// How deep it is; the topmost are 0.
    pub depth: u16,
    /// Folders above it that are spelled in its own name because they hold nothing else.
    pub joined: u8,
}

/// A row directly below another.
#[derive(Debug, Clone, Copy)]
pub struct Child {
    /// What it stands for.
    pub key: Key,
    /// Folders above it that are spelled in its own name.
    pub joined: u8,
    /// Whether it can be opened.
    pub opens: bool,
}

/// A row that is not a file or folder.
fn heading(key: Key) -> Child {
    Child { key, joined: 0, opens: true }
}

/// What the rows are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// Bytes, the largest first.
    Size,
    /// Last change, the oldest first.
    Age,
    /// What matters most first: at risk, flushed, rebuildable, several; each by size.
    Class,
    /// Name.
    Name,
    /// Number of files, the most first.
    Count,
    /// When the tool itself will remove it, the next first.
    Due,
}

/// What the topmost rows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grouping {
    /// The three classes.
    Class,
    /// Tools, then sessions, all classes together.
    Session,
    /// Sessions alone, with what becomes of them: age, archived, in use, when the tool will remove them.
    Life,
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
    pub fn top(&self, grouping: Grouping) -> Vec<Child> {
        match grouping {
            Grouping::Class => Class::ALL.into_iter().map(|c| heading(Key::Class(c))).collect(),
            Grouping::Session if self.index.tools.len() > 1 => {
                let shown = |tool: &super::index::Tool| !self.of_tool(tool).is_empty();
                self.index.tools.iter().filter(|(_, t)| shown(t)).map(|(l, _)| heading(Key::Tool(*l))).collect()
            }
            Grouping::Session => self.sessions(None),
            Grouping::Life => self.sessions(None).into_iter().filter(|c| matches!(c.key, Key::Session(..))).collect(),
        }
    }

    /// The rows directly below one, in no order, each with the folders joined into its name.
    pub fn children(&self, key: Key) -> Vec<Child> {
        match key {
            Key::Class(Class::Rebuildable) => {
                let groups = self.index.groups.iter().filter(|(_, g)| self.group_shown(g));
                groups.map(|(l, _)| heading(Key::Group(*l))).collect()
            }
            Key::Class(class) => self.sessions(Some(class)),
            Key::Tool(label) => self.index.tools.get(&label).map_or_else(Vec::new, |t| self.of_tool(t)),
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

    fn sessions(&self, class: Option<Class>) -> Vec<Child> {
        let counts = |t: &Totals| class.is_none_or(|c| t.of(c).files > 0);
        let sessions = self.index.totals.iter().enumerate().filter(|(at, t)| counts(t) && self.any_shown(class, self.tops(*at)));
        let sessions = sessions.map(|(at, _)| heading(Key::Session(class, crate::model::SessionIx::at(at))));
        let loose = self.index.loose.iter().filter(|(_, (nodes, t))| counts(t) && self.any_shown(class, nodes));
        sessions.chain(loose.map(|(l, _)| heading(Key::Loose(class, *l)))).collect()
    }

    fn of_tool(&self, tool: &super::index::Tool) -> Vec<Child> {
        let sessions = tool.sessions.iter().filter(|s| self.any_shown(None, self.tops(s.index())));
        let loose = tool.loose.iter().filter(|l| self.index.loose.get(l).is_some_and(|(nodes, _)| self.any_shown(None, nodes)));
        sessions.map(|s| heading(Key::Session(None, *s))).chain(loose.map(|l| heading(Key::Loose(None, *l)))).collect()
    }

    fn group(&self, label: LabelId) -> Vec<Child> {
        let class = Some(Class::Rebuildable);
        let Some(group) = self.index.groups.get(&label) else { return Vec::new() };
        let sessions = group.sessions.iter().filter(|(_, (nodes, _))| self.any_shown(class, nodes));
        let mut out: Vec<_> = sessions.map(|(s, _)| heading(Key::GroupSession(label, *s))).collect();
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
    fn unfold(&self, class: Option<Class>, tops: &[NodeId]) -> Vec<Child> {
        let shown: Vec<NodeId> = tops.iter().copied().filter(|n| self.shown(class, *n)).collect();
        let mut folders = shown.iter().filter(|n| self.catalog.node(**n).kind == Kind::Dir);
        match (folders.next(), folders.next()) {
            (Some(one), None) => {
                let beside = shown.iter().filter(|n| *n != one).map(|n| self.plain(class, *n));
                beside.chain(self.inside_or_itself(class, *one)).collect()
            }
            _ => shown.iter().map(|n| self.join(class, *n)).collect(),
        }
    }

    fn inside_or_itself(&self, class: Option<Class>, id: NodeId) -> Vec<Child> {
        let inside = self.inside(class, id);
        if inside.is_empty() { vec![self.plain(class, id)] } else { inside }
    }

    fn inside(&self, class: Option<Class>, id: NodeId) -> Vec<Child> {
        self.catalog.children(id).filter(|c| self.shown(class, *c)).map(|c| self.join(class, c)).collect()
    }

    fn plain(&self, class: Option<Class>, id: NodeId) -> Child {
        Child { key: Key::Node(class, id), joined: 0, opens: self.catalog.node(id).kind == Kind::Dir }
    }

    /// A folder that holds nothing but one folder gives way to it.
    fn join(&self, class: Option<Class>, id: NodeId) -> Child {
        let (mut at, mut joined) = (id, 0);
        let opens = self.catalog.node(id).kind == Kind::Dir;
        while opens && joined < 200 {
            let mut inside = self.catalog.children(at).filter(|c| self.shown(class, *c));
            match (inside.next(), inside.next()) {
                (Some(only), None) if self.catalog.node(only).kind == Kind::Dir => at = only,
                _ => break,
            }
            joined += 1;
        }
        Child { key: Key::Node(class, at), joined, opens }
    }

    fn shown(&self, class: Option<Class>, id: NodeId) -> bool {
        class.is_none_or(|c| self.holds(id, c)) && self.filter.is_none_or(|f| f.shows(class, id))
    }

    /// Whether a file that would be a row is one in the filter too.
    pub fn still_shown(&self, key: Key) -> bool {
        key.node().is_some_and(|id| self.filter.is_none_or(|f| f.shows(key.class(), id)))
    }

    fn holds(&self, id: NodeId, class: Class) -> bool {
        let node = self.catalog.node(id);
        if node.kind == Kind::Dir { self.catalog.totals(id).of(class).files > 0 } else { node.class == class }
    }

    /// Whether a row can be opened.
    pub fn opens(&self, key: Key) -> bool {
        key.node().is_none_or(|id| self.catalog.node(id).kind == Kind::Dir)
    }

    /// What a row counts, by class.
    pub fn totals(&self, key: Key) -> Totals {
        match key {
            Key::Class(class) => only(class, self.catalog.grand_totals().of(class)),
            Key::Tool(l) => self.index.tools.get(&l).map(|t| t.totals).unwrap_or_default(),
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

    /// When the tool itself will remove what a row stands for, nanoseconds since 1970.
    pub fn due(&self, key: Key) -> Option<i64> {
        let (Key::Session(_, s) | Key::GroupSession(_, s)) = key else { return None };
        i64::try_from(self.catalog.sessions.get(s.index())?.deadline?.as_nanosecond()).ok()
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
            Key::Tool(l) => {
                let sessions = self.index.tools.get(&l).map_or(0, |t| t.sessions.len());
                format!("{} ({})", self.labels.name(l), super::text::counted(sessions as u64, "session", "sessions"))
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
    pub fn is_transcript(&self, id: NodeId) -> bool {
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
