//! Sessions that the app does not show, or shows and cannot open: their records, folders or conversations are missing.

use crate::doctor::{Problem, Scene, Severity};
use crate::model::Session;
use crate::stores::cowork::{Ghost, ghost};

/// So many sessions are problems of their own; the rest of a kind is counted.
const NAMED: usize = 10;

/// Those there are.
pub fn look(scene: &Scene<'_>) -> Vec<Problem> {
    let cowork = |s: &&Session| s.store.is_some_and(|ix| scene.catalog.store(ix).name == "cowork");
    let mut all: Vec<(Ghost, &Session)> = scene.catalog.sessions.iter().filter(cowork).filter_map(|s| Some((ghost(s)?, s))).collect();
    all.sort_by(|a, b| (a.0.rank(), &a.1.id).cmp(&(b.0.rank(), &b.1.id)));
    let rest = all.split_off(all.len().min(NAMED));
    let mut problems: Vec<Problem> = all.iter().map(|(ghost, session)| problem(ghost, session)).collect();
    if !rest.is_empty() {
        let says = format!("{} more sessions are like these", rest.len());
        problems.push(Problem::new(Severity::Note, says, "`lifeboat scan` lists them").shown_by(rest.iter().map(|(_, s)| s.id.clone())));
    }
    problems
}

fn problem(ghost: &Ghost, session: &Session) -> Problem {
    let (severity, what, next) = match ghost {
        Ghost::Dropped(_) => (
            Severity::Bad,
            "the app skips the record of this session, and does not list it",
            "`lifeboat doctor --repair` makes the record again",
        ),
        Ghost::NoRecord => (
            Severity::Bad,
            "this session's record is gone, and the app does not list it",
            "`lifeboat doctor --repair` makes the record again",
        ),
        Ghost::NoFolder => (
            Severity::Warn,
            "the app lists this session, and its folder is gone",
            "`lifeboat doctor --after` tells where its files can be had again",
        ),
        Ghost::LogOnly => (
            Severity::Warn,
            "this session's transcript is gone; the audit log still has the conversation",
            "`lifeboat export` keeps it as a page",
        ),
        Ghost::Silent => (
            Severity::Note,
            "this session has neither a transcript nor an audit log",
            "`lifeboat doctor --after` tells whether they can be had again",
        ),
    };
    let why = if let Ghost::Dropped(why) = ghost { why.clone() } else { String::new() };
    let place = session.record.as_ref().filter(|_| matches!(ghost, Ghost::Dropped(_) | Ghost::NoFolder)).or(session.dir.as_ref());
    let evidence = [crate::model::shown_name(session.title.as_ref()), why].into_iter().filter(|says| !says.is_empty());
    let problem = Problem::new(severity, what, next).shown_by(evidence).of(&session.id);
    match place {
        Some(path) => problem.at(path),
        None => problem,
    }
}
