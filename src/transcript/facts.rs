//! What the records say of the conversation besides what is said in it: where it ran, with which models, for how many tokens.

use std::collections::VecDeque;
use std::path::PathBuf;

/// So many messages are open at a time: the parts of one stand close together.
const OPEN: usize = 64;

/// A file that was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceFile {
    /// Where it is.
    pub path: PathBuf,
    /// How many bytes of it were read.
    pub bytes: u64,
    /// The BLAKE3 of those, 64 hex digits.
    pub blake3: String,
}

/// Tokens of one request, or of all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tokens {
    /// Read, and in no cache.
    pub input: u64,
    /// Written.
    pub output: u64,
    /// Read from the cache.
    pub cache_read: u64,
    /// Put into the cache.
    pub cache_write: u64,
}

impl Tokens {
    /// The larger of each: the parts of one message tell how far it was by then.
    pub(super) fn most(self, other: Self) -> Self {
        Self {
            input: self.input.max(other.input),
            output: self.output.max(other.output),
            cache_read: self.cache_read.max(other.cache_read),
            cache_write: self.cache_write.max(other.cache_write),
        }
    }

    fn add(&mut self, other: Self) {
        self.input += other.input;
        self.output += other.output;
        self.cache_read += other.cache_read;
        self.cache_write += other.cache_write;
    }

    /// Whether there are none.
    pub fn none(self) -> bool {
        self == Self::default()
    }
}

/// Counts tokens, once a message however many records it has; in memory that does not grow with them.
#[derive(Debug, Default)]
pub struct Counter {
    done: Tokens,
    open: VecDeque<(String, Tokens)>,
}

impl Counter {
    /// Takes what a part of a message says.
    pub fn take(&mut self, message: &str, tokens: Tokens) {
        if let Some((_, had)) = self.open.iter_mut().rev().find(|(id, _)| !message.is_empty() && id == message) {
            *had = had.most(tokens);
            return;
        }
        if self.open.len() == OPEN
            && let Some((_, tokens)) = self.open.pop_front()
        {
            self.done.add(tokens);
        }
        self.open.push_back((message.to_owned(), tokens));
    }

    /// All of them by now.
    pub fn total(&self) -> Tokens {
        let mut all = self.done;
        self.open.iter().for_each(|(_, tokens)| all.add(*tokens));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_in_several_records_is_counted_once_by_the_most_it_says() {
        let of = |input, output| Tokens { input, output, ..Tokens::default() };
        let mut counter = Counter::default();
        for n in 0..200 {
            counter.take(&format!("m{n}"), of(3, 1));
            counter.take(&format!("m{}", n / 2 * 2), of(3, 7));
        }
        counter.take("", of(1, 1));
        counter.take("", of(1, 1));
        assert_eq!(counter.total(), of(602, 100 * 7 + 100 + 2));
    }
}
