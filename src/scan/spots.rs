//! What the places of one store's layout mean, looked up once each and kept in the catalogue's table.

use crate::model::{Catalog, Evidence, Marks, Spot, VerdictId};
use crate::stores::{Meaning, Tool};

/// One place, ready to be given to nodes.
#[derive(Debug, Clone)]
pub struct Known {
    /// What the store says of it.
    pub meaning: Meaning,
    /// Its verdict in the catalogue's table.
    pub verdict: VerdictId,
    /// The same, at risk, while a check is still to come.
    pub pending: VerdictId,
    /// At risk, not to be checked: content checks were left out or cannot be made.
    pub bare: VerdictId,
}

/// The places of one store, each looked up when it is first met.
pub struct Spots {
    tool: &'static dyn Tool,
    known: Vec<Option<Box<Known>>>,
}

impl Spots {
    /// No place met yet.
    pub fn new(tool: &'static dyn Tool) -> Self {
        Self { tool, known: vec![None; 256] }
    }

    /// The tool whose places these are.
    pub fn tool(&self) -> &'static dyn Tool {
        self.tool
    }

    /// What a place means.
    pub fn get(&mut self, catalog: &mut Catalog, spot: Spot) -> &Known {
        let (tool, slot) = (self.tool, &mut self.known[usize::from(spot.0)]);
        slot.get_or_insert_with(|| {
            let meaning = tool.meaning(spot);
            let mut pending = meaning.verdict.clone();
            pending.class = crate::model::Class::AtRisk;
            pending.comes_back = None;
            pending.proof = None;
            let mut bare = pending.clone();
            pending.evidence.insert(0, Evidence::new("check/pending", "being checked; until that is done it counts as at risk"));
            bare.evidence.push(Evidence::new("check/not-done", "no content was checked, so nothing is known of a copy"));
            let verdict = catalog.keep(meaning.verdict.clone());
            let (pending, bare) = (catalog.keep(pending), catalog.keep(bare));
            Box::new(Known { meaning, verdict, pending, bare })
        })
    }
}

impl Known {
    /// The marks every node in this place has.
    pub fn marks(&self) -> Marks {
        self.meaning.marks
    }
}
