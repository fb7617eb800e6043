//! The words by which a block of a conversation is found: each once, in no order.
//!
//! The index only tells which blocks may have what is asked; those are read again, and the text itself decides. So a word's
//! place is not kept, a long word counts by its beginning, and of a script without spaces every two signs in a row are a word.

use super::super::fold::Atoms;
use super::super::query::{Phrase, Query};
use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};

/// Of a longer word only so many bytes are kept.
const LONGEST: usize = 20;

/// A beginning of a word that is shorter is in too many blocks to tell any apart.
const SHORTEST: usize = 3;

/// Words, each once.
#[derive(Debug, Default)]
pub struct Tokens {
    seen: HashSet<u64, BuildHasherDefault<Mixed>>,
    /// They, a space after each.
    pub text: String,
}

impl Tokens {
    /// Adds those of a text.
    pub fn add(&mut self, text: &str) {
        let mut atoms = Atoms::of(text);
        let (mut pair, mut end) = (String::new(), 0);
        while let Some(atom) = atoms.step() {
            if !pair.is_empty() && (!atom.is_sign || atom.start != end) {
                self.token(&pair);
                pair.clear();
            }
            if atom.is_sign {
                let first = pair.len();
                pair.push_str(atoms.folded());
                if first > 0 {
                    self.token(&pair);
                    pair.drain(..first);
                }
                end = atom.end;
            } else {
                self.token(short(atoms.folded()));
            }
        }
        if !pair.is_empty() {
            self.token(&pair);
        }
    }

    fn token(&mut self, token: &str) {
        let mut hasher = Mixed::default();
        hasher.write(token.as_bytes());
        if self.seen.insert(hasher.finish()) {
            self.text.push_str(token);
            self.text.push(' ');
        }
    }

    /// They, and none from now on.
    pub fn take(&mut self) -> String {
        self.seen.clear();
        std::mem::take(&mut self.text)
    }
}

/// The beginning of a word, as far as it is kept.
fn short(word: &str) -> &str {
    word.get(..word.floor_char_boundary(LONGEST)).unwrap_or(word)
}

/// What a block must have to be read again, as SQLite's full-text search takes it; empty: nothing is known of it.
pub fn asked(query: &Query) -> String {
    let mut all: Vec<String> = query.phrases.iter().flat_map(of_phrase).collect();
    all.sort();
    all.dedup();
    all.join(" AND ")
}

fn of_phrase(phrase: &Phrase) -> Vec<String> {
    let mut all = Vec::new();
    for (at, want) in phrase.iter().enumerate() {
        let next = phrase.get(at + 1).filter(|next| next.is_sign && want.is_sign);
        let before = at.checked_sub(1).and_then(|before| phrase.get(before)).filter(|before| before.is_sign);
        match (want.is_sign, next) {
            (true, Some(next)) => all.push(format!("\"{}{}\"", want.folded, next.folded)),
            (true, None) if before.is_none() => all.push(format!("\"{}\"*", want.folded)),
            (true, None) => {}
            (false, _) if want.begins && want.folded.chars().count() < SHORTEST => {}
            (false, _) if want.begins => all.push(format!("\"{}\"*", short(&want.folded))),
            (false, _) => all.push(format!("\"{}\"", short(&want.folded))),
        }
    }
    all
}

/// A quick hash for short words.
#[derive(Debug, Default)]
struct Mixed(u64);

impl Hasher for Mixed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word.iter_mut().zip(chunk).for_each(|(to, from)| *to = *from);
            self.0 = (self.0.rotate_left(5) ^ u64::from_le_bytes(word)).wrapping_mul(0x517c_c1b7_2722_0a95);
        }
    }

    fn write_u64(&mut self, n: u64) {
        self.0 = n;
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::query::Filter;
    use super::*;

    fn tokens(text: &str) -> String {
        let mut tokens = Tokens::default();
        tokens.add(text);
        tokens.take()
    }

    fn asked_of(text: &str) -> String {
        asked(&Query::read(text, Filter::default()).unwrap())
    }

    #[test]
    fn each_word_is_kept_once_and_a_long_one_by_its_beginning() {
        assert_eq!(tokens("Tea, tea & TEA-time"), "tea time ");
        assert_eq!(tokens("abcdefghijklmnopqrstuvwxyz"), "abcdefghijklmnopqrst ");
        assert_eq!(tokens("ééééééééééééééééééééééx"), "eeeeeeeeeeeeeeeeeeee ");
    }

    #[test]
    fn of_a_script_without_spaces_every_two_signs_are_a_word_and_the_last_one() {
        assert_eq!(tokens("天気は。良"), "天気 気は は 良 ");
        assert_eq!(tokens("Rustで"), "rust で ");
    }

    #[test]
    fn what_is_asked_is_what_a_block_must_have() {
        assert_eq!(asked_of("Backup of \"last words\""), "\"backup\"* AND \"last\" AND \"words\"");
        assert_eq!(asked_of("天気予 x"), "\"天気\" AND \"気予\"");
        assert_eq!(asked_of("天"), "\"天\"*");
        assert_eq!(asked_of("a"), "");
    }
}
