//! What a row of the tree stands for: its identity, which survives sorting, filtering and regrouping.

use crate::model::{Class, NodeId, SessionIx};
use std::collections::HashMap;

/// A name for a group of things, kept once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LabelId(pub u16);

/// The names of groups met so far; they keep their place for as long as the interface runs.
#[derive(Debug, Default)]
pub struct Labels {
    names: Vec<String>,
    places: HashMap<String, LabelId>,
}

impl Labels {
    /// The place of a name.
    pub fn intern(&mut self, name: &str) -> LabelId {
        if let Some(id) = self.places.get(name) {
            return *id;
        }
        let id = LabelId(u16::try_from(self.names.len()).unwrap_or(u16::MAX));
        self.names.push(name.to_owned());
        self.places.insert(name.to_owned(), id);
        id
    }

    /// The name at a place.
    pub fn name(&self, id: LabelId) -> &str {
        self.names.get(id.0 as usize).map_or("", String::as_str)
    }
}

/// What a row stands for. A class in it limits the row to what is of that class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Key {
    /// Everything of a class.
    Class(Class),
    /// Everything of a tool.
    Tool(LabelId),
    /// A session.
    Session(Option<Class>, SessionIx),
    /// Things of a store that belong to no session.
    Loose(Option<Class>, LabelId),
    /// Rebuildable things of one sort, of every session.
    Group(LabelId),
    /// Rebuildable things of one sort in one session.
    GroupSession(LabelId, SessionIx),
    /// A file or folder.
    Node(Option<Class>, NodeId),
}

impl Key {
    /// No row: what a row became whose thing is gone.
    pub const GONE: Self = Self::Node(None, NodeId(u32::MAX));

    /// The class the row is limited to.
    pub fn class(self) -> Option<Class> {
        match self {
            Self::Class(c) => Some(c),
            Self::Session(c, _) | Self::Loose(c, _) | Self::Node(c, _) => c,
            Self::Tool(_) => None,
            Self::Group(_) | Self::GroupSession(..) => Some(Class::Rebuildable),
        }
    }

    /// The file or folder, where the row is one.
    pub fn node(self) -> Option<NodeId> {
        if let Self::Node(_, id) = self { Some(id) } else { None }
    }
}
