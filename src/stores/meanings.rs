//! What a store says of its places, put together.

use super::Meaning;
use crate::model::{Class, Evidence, Marks, Verdict};

/// At risk, with one reason.
pub fn at_risk(rule: &'static str, says: &'static str) -> Meaning {
    of(Verdict::at_risk(rule, says))
}

/// Made again by the tool itself, in this way.
pub fn again(rule: &'static str, says: &'static str, comes_back: &'static str) -> Meaning {
    of(Verdict { class: Class::Rebuildable, evidence: vec![Evidence::new(rule, says)], comes_back: Some(comes_back.into()), proof: None })
}

fn of(verdict: Verdict) -> Meaning {
    Meaning { verdict, marks: Marks::default(), work: false, copies: false, live_with_tool: false, group: "" }
}

impl Meaning {
    /// Never selected.
    #[must_use]
    pub fn protected(mut self) -> Self {
        self.marks = self.marks.with(Marks::PROTECTED);
        self
    }
    /// Left out of backups and exports unless asked for.
    #[must_use]
    pub fn secret(mut self) -> Self {
        self.marks = self.marks.with(Marks::SECRET);
        self
    }
    /// Listed and handled as one, under this name.
    #[must_use]
    pub fn unit(mut self, group: &'static str) -> Self {
        self.marks = self.marks.with(Marks::UNIT);
        self.group(group)
    }
    /// Shown under this name.
    #[must_use]
    pub fn group(mut self, group: &'static str) -> Self {
        self.group = group;
        self
    }
    /// The user's own work may lie here.
    #[must_use]
    pub fn work(mut self) -> Self {
        self.work = true;
        self
    }
    /// A copy is looked for in the user's folders.
    #[must_use]
    pub fn copies(mut self) -> Self {
        self.copies = true;
        self
    }
    /// In use while the tool itself runs.
    #[must_use]
    pub fn with_tool(mut self) -> Self {
        self.live_with_tool = true;
        self
    }
}
