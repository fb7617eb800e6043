//! Where sessions, stores' loose things and rebuildable groups begin in the catalogue.

use super::key::{LabelId, Labels};
use crate::model::{Catalog, Class, Kind, NodeId, SessionIx, Tally, Totals};
use crate::{classify, stores};
use std::collections::BTreeMap;

/// Names what a node is part of, in words ("plugin copies"); empty where the path says enough.
pub type GroupOf = fn(&Catalog, NodeId, &'static str) -> &'static str;

/// The group by the rule that judged the node, else by what its place means in the store of this name.
pub fn group_of(catalog: &Catalog, id: NodeId, store: &'static str) -> &'static str {
    let by_rule = catalog.verdict(id).evidence.first().and_then(|e| classify::RULES.iter().find(|r| r.id() == e.rule));
    if let Some(rule) = by_rule {
        return rule.group();
    }
    let tool = stores::TOOLS.iter().find(|t| t.name() == store);
    tool.map_or("", |t| t.meaning(catalog.node(id).spot).group)
}

/// What a rebuildable thing is called whose place has no name: the rule that judged it, in words.
fn by_rule(catalog: &Catalog, id: NodeId) -> String {
    let rule = catalog.verdict(id).evidence.first().map_or("", |e| e.rule.rsplit('/').next().unwrap_or(""));
    if rule.is_empty() { "other".into() } else { rule.replace('-', " ") }
}

/// Rebuildable things of one sort.
#[derive(Debug, Default)]
pub struct Group {
    /// The folders and files of it in each session.
    pub sessions: BTreeMap<SessionIx, (Vec<NodeId>, Tally)>,
    /// Those that belong to no session.
    pub loose: Vec<NodeId>,
    /// What it counts.
    pub tally: Tally,
}

/// What one tool has, of all its stores.
#[derive(Debug, Default)]
pub struct Tool {
    /// Its sessions.
    pub sessions: Vec<SessionIx>,
    /// Its things that belong to no session.
    pub loose: Vec<LabelId>,
    /// What it counts.
    pub totals: Totals,
}

/// Where everything begins. Made anew from the catalogue, never changed.
#[derive(Debug, Default)]
pub struct Index {
    /// The topmost nodes of each session.
    pub tops: Vec<Vec<NodeId>>,
    /// What each session counts.
    pub totals: Vec<Totals>,
    /// Things without a session, by store and group.
    pub loose: BTreeMap<LabelId, (Vec<NodeId>, Totals)>,
    /// Rebuildable things by group.
    pub groups: BTreeMap<LabelId, Group>,
    /// The tools by what people call them.
    pub tools: BTreeMap<LabelId, Tool>,
}

const TRANSIT: u8 = 1;
const IN_UNIT: u8 = 2;

impl Index {
    /// Reads the catalogue once, parents before children.
    pub fn new(catalog: &Catalog, labels: &mut Labels, group_of: GroupOf) -> Self {
        let mut index = Self { tops: vec![Vec::new(); catalog.sessions.len()], ..Self::default() };
        index.totals = vec![Totals::default(); catalog.sessions.len()];
        let mut flags = vec![0_u8; catalog.len()];
        index.sessions(catalog, &mut flags);
        let stores = stores_by_root(catalog);
        // The store of each node, by the root it lies below; parents come before children.
        let mut roots: Vec<NodeId> = Vec::with_capacity(catalog.len());
        let mut memo = Memo::default();
        for id in catalog.ids() {
            let root = catalog.parent(id).and_then(|p| roots.get(p.0 as usize)).copied().unwrap_or(id);
            roots.push(root);
            let store = stores.get(&root).copied().unwrap_or(("", ""));
            index.loose(catalog, &flags, id, store, labels, group_of);
            index.unit(catalog, &mut flags, id, store, labels, group_of, &mut memo);
        }
        index.by_tool(catalog, labels);
        index
    }

    fn by_tool(&mut self, catalog: &Catalog, labels: &mut Labels) {
        for (at, session) in catalog.sessions.iter().enumerate() {
            let Some(store) = session.store else { continue };
            let tool = self.tools.entry(labels.intern(catalog.store(store).title)).or_default();
            tool.sessions.push(SessionIx::at(at));
            tool.totals += self.totals.get(at).copied().unwrap_or_default();
        }
        for (label, (_, totals)) in &self.loose {
            let Some((title, _)) = labels.name(*label).split_once(" · ") else { continue };
            let title = title.to_owned();
            let title = labels.intern(&title);
            let tool = self.tools.entry(title).or_default();
            tool.loose.push(*label);
            tool.totals += *totals;
        }
    }

    fn sessions(&mut self, catalog: &Catalog, flags: &mut [u8]) {
        for id in catalog.ids() {
            let parent = catalog.parent(id);
            let Some(session) = catalog.node(id).session else { continue };
            if parent.is_some_and(|p| catalog.node(p).session == Some(session)) {
                continue;
            }
            if let (Some(tops), Some(totals)) = (self.tops.get_mut(session.index()), self.totals.get_mut(session.index())) {
                tops.push(id);
                *totals += catalog.totals(id);
            }
            let mut at = parent;
            while let Some(above) = at.filter(|a| flags[a.0 as usize] & TRANSIT == 0) {
                flags[above.0 as usize] |= TRANSIT;
                at = catalog.parent(above);
            }
        }
    }

    fn loose(&mut self, catalog: &Catalog, flags: &[u8], id: NodeId, store: (&'static str, &str), labels: &mut Labels, group_of: GroupOf) {
        let transit = |n: NodeId| flags[n.0 as usize] & TRANSIT != 0;
        let node = catalog.node(id);
        let below_transit = catalog.parent(id).is_none_or(transit);
        if node.session.is_some() || transit(id) || !below_transit || (node.kind == Kind::Dir && catalog.totals(id) == Totals::default()) {
            return;
        }
        let group = group_of(catalog, id, store.0);
        let name = if group.is_empty() { "other files" } else { group };
        let label = labels.intern(&format!("{} · {name}", store.1));
        let entry = self.loose.entry(label).or_default();
        entry.0.push(id);
        entry.1 += catalog.totals(id);
    }

    #[expect(clippy::too_many_arguments, reason = "one step of one loop")]
    fn unit(
        &mut self,
        catalog: &Catalog,
        flags: &mut [u8],
        id: NodeId,
        store: (&'static str, &str),
        labels: &mut Labels,
        group_of: GroupOf,
        memo: &mut Memo,
    ) {
        if catalog.parent(id).is_some_and(|p| flags[p.0 as usize] & IN_UNIT != 0) {
            flags[id.0 as usize] |= IN_UNIT;
            return;
        }
        let node = catalog.node(id);
        if node.class != Class::Rebuildable || flags[id.0 as usize] & TRANSIT != 0 {
            return;
        }
        let group = group_of(catalog, id, store.0);
        if group.is_empty() && node.kind == Kind::Dir {
            return;
        }
        flags[id.0 as usize] |= IN_UNIT;
        let tally = catalog.totals(id).of(Class::Rebuildable);
        if tally.files == 0 {
            return;
        }
        let label = if group.is_empty() {
            let name = by_rule(catalog, id);
            labels.intern(&if node.session.is_none() { format!("{} · {name}", store.1) } else { name })
        } else {
            memo.label(labels, group, store.1, node.session.is_none())
        };
        let entry = self.groups.entry(label).or_default();
        entry.tally += tally;
        match node.session {
            Some(session) => {
                let of = entry.sessions.entry(session).or_default();
                of.0.push(id);
                of.1 += tally;
            }
            None => entry.loose.push(id),
        }
    }
}

/// The last label made, so that a hundred thousand files of one group make it once.
#[derive(Default)]
struct Memo(Option<((&'static str, bool), LabelId)>);

impl Memo {
    fn label(&mut self, labels: &mut Labels, group: &'static str, store: &str, loose: bool) -> LabelId {
        if let Some((of, label)) = self.0
            && of == (group, loose)
            && !loose
        {
            return label;
        }
        let label = if loose { labels.intern(&format!("{store} · {group}")) } else { labels.intern(group) };
        self.0 = Some(((group, loose), label));
        label
    }
}

fn stores_by_root(catalog: &Catalog) -> BTreeMap<NodeId, (&'static str, &str)> {
    let known = catalog.stores.iter().filter_map(|s| Some((s.node?, (s.name, s.title))));
    known.collect()
}
