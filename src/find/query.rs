//! What is asked: words, phrases, and what narrows them.

use super::fold::Atoms;
use crate::error::{Error, Result};
use crate::transcript::Voice;
use jiff::Timestamp;

/// A word or a sign that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Want {
    /// It, folded.
    pub folded: String,
    /// Whether it is a sign of a script without spaces.
    pub is_sign: bool,
    /// Whether a word that only begins so is found as well.
    pub begins: bool,
}

/// Words and signs that must stand one after the other.
pub type Phrase = Vec<Want>;

/// What is asked.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// Every one of these must stand in a text.
    pub phrases: Vec<Phrase>,
    /// All of it as one phrase of whole words: a text that has it so is found first.
    pub whole: Phrase,
    /// What narrows it.
    pub filter: Filter,
}

/// What narrows a search.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Whose texts; none: the user's, the model's and what tools were called with.
    pub voices: Vec<Voice>,
    /// Only what was said at this moment or later.
    pub since: Option<Timestamp>,
    /// Only what was said before this moment.
    pub until: Option<Timestamp>,
}

impl Query {
    /// Reads what somebody typed: words, of which all must stand in a text, in any order and also as the beginnings of longer
    /// ones; in quotes a phrase of whole words. A quote that is still open is a phrase whose last word may go on.
    pub fn read(text: &str, filter: Filter) -> Result<Self> {
        let mut phrases = Vec::new();
        for (n, part) in text.split('"').enumerate() {
            let is_quoted = n % 2 == 1;
            if is_quoted {
                let closed = text.split('"').nth(n + 1).is_some();
                phrases.push(phrase(part, !closed));
            } else {
                phrases.extend(part.split_whitespace().map(|word| phrase(word, true)));
            }
        }
        phrases.retain(|p| !p.is_empty());
        if phrases.is_empty() {
            return Err(Error::usage("there is no word in what is to be found").hint("`--exact TEXT` looks for signs of any kind"));
        }
        Ok(Self { whole: phrase(text, false), phrases, filter })
    }
}

/// The words and signs of a text.
fn phrase(text: &str, begins: bool) -> Phrase {
    let mut atoms = Atoms::of(text);
    let mut all = Phrase::new();
    while let Some(atom) = atoms.step() {
        all.push(Want { folded: atoms.folded().to_owned(), is_sign: atom.is_sign, begins: false });
    }
    if let Some(last) = all.last_mut().filter(|_| begins) {
        last.begins = !last.is_sign;
    }
    all
}

/// The voices that roles stand for (`user`, `assistant`, `tool`); none: all. `with_output`: what tools answered and the app put in as
/// well.
pub fn voices<'a>(roles: impl IntoIterator<Item = &'a str>, with_output: bool) -> Vec<Voice> {
    let mut all = Vec::new();
    for role in roles {
        match role {
            "user" => all.push(Voice::User),
            "assistant" => all.push(Voice::Assistant),
            _ => all.extend([Voice::Call, Voice::Answer]),
        }
    }
    if with_output {
        if all.is_empty() {
            all.extend([Voice::User, Voice::Assistant, Voice::Call]);
        }
        all.extend([Voice::Answer, Voice::App]);
    }
    all
}

impl Filter {
    /// Whether a text of this voice is wanted.
    pub fn takes_voice(&self, voice: Voice) -> bool {
        if self.voices.is_empty() { voice.is_said() } else { self.voices.contains(&voice) }
    }

    /// Whether what was said at a moment is wanted; what nobody knows the moment of is wanted only where none is asked for.
    pub fn takes_time(&self, when: Option<Timestamp>) -> bool {
        match when {
            Some(when) => self.since.is_none_or(|since| when >= since) && self.until.is_none_or(|until| when < until),
            None => self.since.is_none() && self.until.is_none(),
        }
    }

    /// Whether anything but what is said is wanted.
    pub fn takes_more(&self) -> bool {
        self.voices.iter().any(|voice| !voice.is_said())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let word = |w: &Want| format!("{}{}", w.folded, if w.begins { "*" } else { "" });
        let query = Query::read(text, Filter::default()).unwrap();
        query.phrases.iter().map(|p| p.iter().map(word).collect::<Vec<_>>().join(" ")).collect()
    }

    #[test]
    fn words_may_go_on_and_phrases_in_quotes_may_not_unless_they_are_being_typed() {
        assert_eq!(told("Backup  plan"), ["backup*", "plan*"]);
        assert_eq!(told("the \"Last Words\" of"), ["the*", "last words", "of*"]);
        assert_eq!(told("\"last wor"), ["last wor*"]);
        assert_eq!(told("src/main.rs"), ["src main rs*"]);
        assert_eq!(told("日本語"), ["日 本 語"]);
    }

    #[test]
    fn a_search_for_no_word_is_a_mistake() {
        assert_eq!(Query::read(" \"\" -- ", Filter::default()).unwrap_err().exit_code(), 2);
    }
}
