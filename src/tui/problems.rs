//! What could not be read or done: every path with its reason, and one line for each reason.

use super::app::App;
use super::text;

/// Paths that share a reason.
#[derive(Debug, PartialEq, Eq)]
pub struct Problem {
    /// The first of them.
    pub path: String,
    /// How many more.
    pub more: u64,
    /// Why.
    pub why: String,
}

/// Every path and its reason, as the screen shows them.
pub fn all(app: &App) -> Vec<(String, String)> {
    let deeds = app.problems.iter().map(|(path, why)| (text::harmless(path), text::harmless(why)));
    let scan = app.catalog.errors.iter().map(|e| (app.short(&e.path), text::harmless(&e.error)));
    deeds.chain(scan).collect()
}

/// One line a reason, in the order they were met.
pub fn folded(app: &App) -> Vec<Problem> {
    let mut out: Vec<Problem> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for (path, why) in all(app) {
        match places.get(&why) {
            Some(at) => {
                let known: &mut Problem = &mut out[*at];
                known.more += 1;
            }
            None => {
                places.insert(why.clone(), out.len());
                out.push(Problem { path, more: 0, why });
            }
        }
    }
    out
}
