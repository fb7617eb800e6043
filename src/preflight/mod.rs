//! What a destructive step would cost, told before it is taken: a command or a menu item is read, never run.
//!
//! [`shell`] splits a command into words, [`removal`] finds what it would remove, [`places`] which paths those words are here,
//! [`advice`] knows the menu items and commands in circulation, [`trouble`] the error texts that lead to them, [`loss`] counts
//! what lies there and what of it exists elsewhere.

mod advice;
mod loss;
pub mod machine;
mod places;
mod removal;
mod shell;
#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests do to a copy what the commands would do")]
mod tests;
mod trouble;

pub use advice::{ADVICE, Advice, Effect, Form};
pub use loss::{Loss, Lost, Marked, loss};
pub use removal::{Removal, Way};
pub use trouble::{Step, TROUBLES, Trouble};

use crate::world::World;
use std::path::{Path, PathBuf};

/// What a text was understood as.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
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
    /// The error that the text tells of.
    pub trouble: Option<&'static Trouble>,
}

/// Reads a command or the name of a menu item. Nothing is run, nothing is changed; the disk is looked at only for which names
/// are there.
///
/// What a command names by no whole path is looked for in the folder `here`, where that is known, and else in the home.
pub fn understand(world: &World, here: Option<&Path>, text: &str, roots: &[(&'static str, PathBuf)]) -> Understood {
    let mut understood = Understood::default();
    if let Some(trouble) = trouble::of(text) {
        understood.says.push(trouble.means.to_owned());
        understood.trouble = Some(trouble);
        return understood;
    }
    if let Some(advice) = advice::of_words(text) {
        understood.says.push(advice.does.to_owned());
        understood.paths = advice.places(roots);
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
            let found = places::resolve(world, here, word, removal.cd.as_deref());
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
