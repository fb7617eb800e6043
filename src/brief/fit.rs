//! Which lines of a brief are kept, so that it fits: the most useful first, and the same lines every time.

use super::lines::{Line, Section};
use super::tokens::tokens;
use std::collections::{BTreeMap, HashSet};

/// What is kept, and how many of each section are not.
#[derive(Debug, Default)]
pub struct Fit {
    /// The lines, as places in the list they came from, in the order of the page.
    pub kept: Vec<usize>,
    /// How many were left out.
    pub left: BTreeMap<Section, usize>,
}

/// A line as it is written, and the session it is of.
pub struct Written<'a> {
    /// The line.
    pub line: &'a Line,
    /// All of it, with where it stands.
    pub text: String,
    /// The session, counted from the newest.
    pub session: usize,
}

/// Keeps what fits into so many tokens. A session costs its own line among the sources as well, a section its heading.
pub fn fit(lines: &[Written<'_>], sources: &[String], room: usize) -> Fit {
    let mut order: Vec<usize> = (0..lines.len()).collect();
    let rank = |at: &usize| {
        lines.get(*at).map(|w| (w.line.rank.saturating_add(u32::try_from(w.session).unwrap_or(u32::MAX)), w.session, w.line.section))
    };
    order.sort_by_key(|at| (rank(at), *at));
    let (mut fit, mut used) = (Fit::default(), 0);
    let (mut headed, mut named): (HashSet<Section>, HashSet<usize>) = (HashSet::new(), HashSet::new());
    for at in order {
        let Some(Written { line, text, session }) = lines.get(at) else { continue };
        let heading = if headed.contains(&line.section) { 0 } else { tokens(line.section.names().0) + 2 };
        let source = if named.contains(session) { 0 } else { sources.get(*session).map_or(0, |s| tokens(s)) };
        let cost = tokens(text) + heading + source;
        if used + cost > room {
            *fit.left.entry(line.section).or_default() += 1;
            continue;
        }
        used += cost;
        headed.insert(line.section);
        named.insert(*session);
        fit.kept.push(at);
    }
    fit.kept.sort_by_key(|at| (lines.get(*at).map(|w| (w.line.section, w.session)), *at));
    fit
}
