//! Proposals over a made-up store of opencode, and what carrying them out does.
#![expect(clippy::disallowed_methods, reason = "tests read the store as people and apps do")]

use super::{Proposal, Verb, can, carry_out, propose};
use crate::lifecycle::tests::made::{self, Shape};
use crate::model::{Catalog, Quiet, SessionIx};
use crate::scan;
use crate::world::World;
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::path::PathBuf;

struct Home {
    _dir: tempfile::TempDir,
    world: World,
    database: PathBuf,
    catalog: Catalog,
}

impl Home {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let database = made::in_home(dir.path(), Shape::default());
        let now = jiff::Timestamp::from_millisecond(made::NOW).unwrap();
        let world = World::at(dir.path(), BTreeMap::from([("LIFEBOAT_QUIET_AFTER".into(), "1s".into())]))
            .with_clock(now)
            .with_processes(Vec::new());
        let catalog = scan::run(&world, scan::Options::default());
        Self { _dir: dir, world, database, catalog }
    }

    fn session(&self, number: u32) -> SessionIx {
        let id = made::id(number);
        SessionIx::at(self.catalog.sessions.iter().position(|s| s.id == id).unwrap())
    }

    fn all(&self) -> Vec<SessionIx> {
        (0..self.catalog.sessions.len()).map(SessionIx::at).collect()
    }

    fn propose(&self, verb: Verb, sessions: &[SessionIx]) -> Proposal {
        propose(&self.world, &self.catalog, verb, sessions, &Quiet).unwrap()
    }

    fn sessions(&self) -> i64 {
        Connection::open(&self.database).unwrap().query_row("SELECT count(*) FROM session", [], |row| row.get(0)).unwrap()
    }
}

#[test]
fn deleting_a_session_names_it_with_what_it_started_and_undo_brings_it_back() {
    let home = Home::new();
    let before = home.sessions();
    let proposal = home.propose(Verb::Prune, &[home.session(7)]);
    assert_eq!((proposal.lines.len(), proposal.at_risk), (1, 7), "{proposal:?}");
    assert!(proposal.lines[0].says.contains("6 started by it"), "{proposal:?}");
    assert_eq!(home.sessions(), before, "asking changes nothing");
    let receipt = carry_out(&home.world, &home.catalog, &proposal, &Quiet).unwrap();
    assert_eq!((receipt.moved, home.sessions()), (7, before - 7), "{receipt:?}");
    crate::lifecycle::undo(&home.world, None, false, &Quiet).unwrap();
    assert_eq!(home.sessions(), before);
}

#[test]
fn reclaiming_speaks_of_the_chosen_sessions_alone_and_takes_no_conversation() {
    let home = Home::new();
    let (one, all) = (home.propose(Verb::Reclaim, &[home.session(7)]), home.propose(Verb::Reclaim, &home.all()));
    assert!(one.bytes() > 0 && one.bytes() < all.bytes(), "{} {}", one.bytes(), all.bytes());
    assert_eq!(all.at_risk, 0);
    let before = home.sessions();
    let receipt = carry_out(&home.world, &home.catalog, &all, &Quiet).unwrap();
    assert!(receipt.moved > 0 && home.sessions() == before, "{receipt:?}");
    assert!(home.propose(Verb::Reclaim, &home.all()).lines.is_empty(), "all of it went");
}

#[test]
fn packing_a_database_says_what_comes_back_and_gives_it_back() {
    let home = Home::new();
    let prune = home.propose(Verb::Prune, &[home.session(7)]);
    carry_out(&home.world, &home.catalog, &prune, &Quiet).unwrap();
    let before = std::fs::metadata(&home.database).unwrap().len();
    let proposal = home.propose(Verb::Vacuum, &[home.session(0)]);
    assert_eq!(proposal.lines.len(), 1, "{proposal:?}");
    carry_out(&home.world, &home.catalog, &proposal, &Quiet).unwrap();
    let after = std::fs::metadata(&home.database).unwrap().len();
    assert!(after < before && before - after >= proposal.bytes(), "{before} {after} {}", proposal.bytes());
}

#[test]
fn what_a_tool_cannot_do_is_not_offered() {
    let home = Home::new();
    let one = home.session(0);
    assert!([Verb::Prune, Verb::Reclaim, Verb::Vacuum].into_iter().all(|verb| can(&home.catalog, verb, one)));
    assert!(!can(&home.catalog, Verb::Pack, one), "its conversations are rows");
}
