//! What sessions can be made to take less room, over every tool: a proposal that is looked at, and then carried out.

mod pack;
mod prune;
mod reclaim;
#[cfg(test)]
mod tests;
mod vacuum;

use crate::delegate;
use crate::error::Result;
use crate::lifecycle;
use crate::model::{Catalog, PathText, Receipt, SessionIx, Skipped, StoreIx, Watch};
use crate::world::World;
use std::path::PathBuf;

/// What is done to sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// They go from their store, whole.
    Prune,
    /// What no conversation needs goes from their databases.
    Reclaim,
    /// Their databases are packed.
    Vacuum,
    /// Old conversations are kept packed.
    Pack,
}

/// One line of a proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What it is about.
    pub name: String,
    /// Its bytes.
    pub bytes: u64,
    /// What else there is to say of it.
    pub says: String,
}

/// What would happen.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// What is done.
    pub verb: Verb,
    /// What it is done to.
    pub lines: Vec<Line>,
    /// What was asked for and stays, and why.
    pub skipped: Vec<Skipped>,
    /// Conversations that go, which exist only here.
    pub at_risk: usize,
    work: Work,
}

#[derive(Debug, Clone)]
enum Work {
    Prune(prune::Work),
    Reclaim(reclaim::Work),
    Vacuum(Vec<PathBuf>),
    Pack(crate::packing::Pack),
}

impl Proposal {
    fn new(verb: Verb, work: Work) -> Self {
        Self { verb, lines: Vec::new(), skipped: Vec::new(), at_risk: 0, work }
    }

    /// A proposal made by hand, whose work is nothing.
    #[cfg(test)]
    pub fn made(verb: Verb, lines: Vec<Line>, skipped: Vec<Skipped>, at_risk: usize) -> Self {
        Self { lines, skipped, at_risk, ..Self::new(verb, Work::Vacuum(Vec::new())) }
    }

    /// Bytes of all lines.
    pub fn bytes(&self) -> u64 {
        self.lines.iter().map(|line| line.bytes).sum()
    }
}

/// Says what would happen to these sessions; changes nothing.
pub fn propose(world: &World, catalog: &Catalog, verb: Verb, sessions: &[SessionIx], watch: &dyn Watch) -> Result<Proposal> {
    match verb {
        Verb::Prune => prune::propose(world, catalog, sessions, watch),
        Verb::Reclaim => reclaim::propose(world, catalog, sessions, watch),
        Verb::Vacuum => vacuum::propose(world, catalog, sessions),
        Verb::Pack => Ok(pack::propose(world, catalog, sessions, watch)),
    }
}

/// Does what was proposed.
pub fn carry_out(world: &World, catalog: &Catalog, proposal: &Proposal, watch: &dyn Watch) -> Result<Receipt> {
    match &proposal.work {
        Work::Prune(work) => prune::carry_out(world, catalog, work, watch),
        Work::Reclaim(work) => reclaim::carry_out(world, work, watch),
        Work::Vacuum(databases) => vacuum::carry_out(world, databases, watch),
        Work::Pack(pack) => pack::carry_out(world, catalog, pack, watch),
    }
}

/// Whether something of these sessions can be done at all, by the tools they are of.
pub fn can(catalog: &Catalog, verb: Verb, session: SessionIx) -> bool {
    let Some(store) = catalog.session(session).store.map(|s| catalog.store(s).name) else { return false };
    match verb {
        Verb::Prune => store == lifecycle::STORE || delegate::STORES.contains(&store),
        Verb::Reclaim | Verb::Vacuum => store == lifecycle::STORE,
        Verb::Pack => store != lifecycle::STORE,
    }
}

/// The stores of opencode that these sessions are in, each with those of them that are its own.
fn opencode<'c>(catalog: &'c Catalog, sessions: &[SessionIx]) -> Vec<(&'c crate::model::Store, Vec<String>, bool)> {
    let in_store = |ix: &SessionIx, at: usize| catalog.session(*ix).store.is_some_and(|s| usize::from(s.0) == at);
    let stores = catalog.stores.iter().enumerate().filter(|(_, store)| store.name == lifecycle::STORE);
    let own = stores.map(|(at, store)| {
        let own: Vec<String> = sessions.iter().filter(|ix| in_store(ix, at)).map(|ix| catalog.session(*ix).id.clone()).collect();
        let all = catalog.sessions.iter().filter(|s| s.store == Some(StoreIx(u16::try_from(at).unwrap_or(u16::MAX)))).count();
        let whole = own.len() == all;
        (store, own, whole)
    });
    own.filter(|(_, own, _)| !own.is_empty()).collect()
}

/// A session that stays as it is.
fn stays(catalog: &Catalog, session: SessionIx, reason: &str) -> Skipped {
    let s = catalog.session(session);
    let path = s.record.as_ref().or(s.dir.as_ref()).map_or_else(|| PathText::new(s.id.as_ref()), |p| PathText::new(p));
    Skipped { path, reason: reason.to_owned() }
}
