//! Which sessions a session started, and those in turn: their conversations are told within its own.

use crate::model::{Helper, Session};
use std::collections::{BTreeMap, HashSet};

/// Notes them with each session.
pub fn note(sessions: &mut [Session]) {
    let mut started: BTreeMap<String, Vec<Helper>> = BTreeMap::new();
    // The list has the newest first.
    for session in sessions.iter().rev() {
        if let Some(starter) = &session.starter {
            let helper = Helper { id: session.id.clone(), title: session.title.clone(), script: session.script.clone() };
            started.entry(starter.clone()).or_default().push(helper);
        }
    }
    for session in sessions.iter_mut() {
        let (mut todo, mut seen) = (vec![session.id.clone()], HashSet::from([session.id.clone()]));
        while let Some(id) = todo.pop() {
            for helper in started.get(&id).into_iter().flatten() {
                if seen.insert(helper.id.clone()) {
                    todo.push(helper.id.clone());
                    session.helpers.push(helper.clone());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_knows_those_it_started_and_theirs_and_a_circle_ends() {
        let session = |id: &str, starter: &str| Session {
            id: id.to_owned(),
            starter: (!starter.is_empty()).then(|| starter.to_owned()),
            ..Session::default()
        };
        let mut all = vec![session("d", "c"), session("c", "a"), session("b", "a"), session("a", "d"), session("e", "")];
        note(&mut all);
        let helpers = |at: usize| all[at].helpers.iter().map(|h| h.id.as_str()).collect::<Vec<_>>();
        assert_eq!((helpers(3), helpers(1), helpers(4)), (vec!["b", "c", "d"], vec!["d", "a", "b"], vec![]));
    }
}
