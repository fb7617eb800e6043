//! The rows people see: every file, and each folder that is handled as one.

use super::{Catalog, Class, Kind, Marks, NodeId, SessionIx, Tally};

/// One row: a file, or a folder handled as one with what is of its class in it. Rows add up to the totals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// The node it stands for.
    pub id: NodeId,
    /// Its class.
    pub class: Class,
    /// What it counts.
    pub tally: Tally,
}

impl Catalog {
    /// Every row below a node, parents first, in no order among siblings.
    pub fn rows(&self, top: NodeId) -> impl Iterator<Item = Row> + '_ {
        // The second of each pair is the class of the unit we are inside, whose own files are counted already.
        let mut stack: Vec<(NodeId, Option<Class>)> = vec![(top, None)];
        std::iter::from_fn(move || {
            while let Some((id, inside)) = stack.pop() {
                let node = self.node(id);
                if node.kind != Kind::Dir {
                    if inside == Some(node.class) {
                        continue;
                    }
                    return Some(Row { id, class: node.class, tally: self.own(id) });
                }
                if inside.is_some() && self.pure(id) == inside {
                    continue;
                }
                let unit = inside.is_none() && node.marks.has(Marks::UNIT);
                let unread = node.marks.has(Marks::UNREAD);
                let inside = if unit && !unread { Some(node.class) } else { inside };
                if !(unit && self.pure(id) == Some(node.class)) {
                    stack.extend(self.children(id).map(|c| (c, inside)));
                }
                if unread {
                    return Some(Row { id, class: node.class, tally: self.own(id) });
                }
                if unit {
                    let tally = self.totals(id).of(node.class);
                    if tally != Tally::default() {
                        return Some(Row { id, class: node.class, tally });
                    }
                }
            }
            None
        })
    }

    /// Every row of the catalogue.
    pub fn all_rows(&self) -> impl Iterator<Item = Row> + '_ {
        self.roots().iter().flat_map(|root| self.rows(*root))
    }

    /// Every row that belongs to a session.
    pub fn session_rows(&self, session: SessionIx) -> impl Iterator<Item = Row> + '_ {
        self.all_rows().filter(move |r| self.node(r.id).session == Some(session))
    }
}
