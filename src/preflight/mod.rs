//! What a destructive step would cost, told before it is taken: a command or a menu item is read, never run.
//!
//! [`shell`] splits a command into words, [`removal`] finds what it would remove, [`places`] which paths those words are here,
//! [`advice`] knows the menu items and commands in circulation, [`loss`] counts what lies there and what of it exists elsewhere.

mod advice;
mod loss;
mod places;
mod removal;
mod shell;
#[cfg(test)]
mod tests;

pub use advice::{ADVICE, Advice, Effect};
pub use loss::{Loss, Lost, Marked, loss};
pub use removal::{Removal, Way};

use crate::world::World;
use std::path::PathBuf;

/// What a text was understood as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Understood {
    /// What it would do, in sentences.
    pub says: Vec<String>,
    /// Advice in circulation that it is, or that speaks of the same place.
    pub advice: Vec<&'static Advice>,
    /// What it would remove or move away here: things that are there.
    pub paths: Vec<PathBuf>,
    /// What it names that is not there.
    pub missing: Vec<String>,
    /// What of it was not understood: nothing is said of that.
    pub unknown: Vec<String>,
    /// Whether it moves things away and does not remove them.
    pub moves: bool,
}

/// Reads a command or the name of a menu item. Nothing is run, nothing is changed; the disk is looked at only for which names
/// are there.
pub fn understand(world: &World, text: &str, roots: &[(&'static str, PathBuf)]) -> Understood {
    let mut understood =
        Understood { says: Vec::new(), advice: Vec::new(), paths: Vec::new(), missing: Vec::new(), unknown: Vec::new(), moves: false };
    if let Some(advice) = advice::of_words(text) {
        understood.says.push(advice.does.to_owned());
        understood.paths = advice.places(roots);
        understood.moves = advice.effect == Effect::MovesAway;
        understood.advice.push(advice);
        return understood;
    }
    let removals = removal::removals(text);
    understood.moves = !removals.is_empty() && removals.iter().all(|r| r.way == Way::Moves);
    for removal in removals {
        if let Some(why) = &removal.unclear {
            understood.unknown.push(why.clone());
        }
        for word in &removal.words {
            let found = places::resolve(world, word, removal.cd.as_deref());
            if found.is_empty() {
                understood.missing.push(word.clone());
            }
            understood.says.push(removal.sentence(word));
            understood.paths.extend(found);
        }
    }
    understood.paths.sort();
    understood.paths.dedup();
    let paths = understood.paths.clone();
    understood.advice.extend(ADVICE.iter().filter(|a| a.speaks_of(&paths, roots)));
    if understood.says.is_empty() && understood.unknown.is_empty() {
        understood.unknown.push(text.trim().to_owned());
    }
    understood
}
