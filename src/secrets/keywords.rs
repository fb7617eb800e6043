//! Where in a text any of many words stands, in one pass that looks at every second place once.

/// Bits of the table that says where it is worth to look closer.
const BITS: u32 = 18;

/// Bits of the table that says it again.
const SECOND: u32 = 16;

/// Bits of the table that says what may stand there.
const PLACE_BITS: u32 = 13;

/// Places looked at in one go, two bytes apart.
const STEP: usize = 16;

/// A word to look for.
#[derive(Debug)]
pub struct Word {
    text: Vec<u8>,
    /// Only as written; else ASCII letters in any case.
    exact: bool,
    /// What is to be tried where it stands, as indexes the caller gave.
    pub tries: Vec<usize>,
}

/// Many words, made ready.
#[derive(Debug)]
pub struct Keywords {
    words: Vec<Word>,
    /// One bit for each hash of four bytes that are rare and a part of some word.
    worth: Box<[u64; 1 << (BITS - 6)]>,
    /// The same for another hash.
    truly: Box<[u64; 1 << (SECOND - 6)]>,
    /// By the upper bits of the hash: where those of the parts below begin that may stand there.
    there: Vec<u16>,
    parts: Vec<Part>,
}

/// Four bytes of a word, of which one may stand before or behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Part {
    place: usize,
    /// The bytes, folded.
    bytes: u32,
    /// Those that count.
    mask: u32,
    word: usize,
    /// How far behind the beginning of the word they stand; -1: they begin before it.
    offset: isize,
}

impl Keywords {
    /// Makes ready words of at least three bytes, each with what is to be tried; `=` before one: only as written.
    #[expect(clippy::large_stack_arrays, reason = "put on the heap at once")]
    pub fn new<'a>(all: impl Iterator<Item = (&'a str, usize)>) -> Self {
        let mut words: Vec<Word> = Vec::new();
        let mut known = std::collections::HashMap::new();
        for (word, what) in all {
            let index = *known.entry(word).or_insert_with(|| {
                let (text, exact) = word.strip_prefix('=').map_or((word, false), |w| (w, true));
                words.push(Word { text: text.replace('␠', " ").into_bytes(), exact, tries: Vec::new() });
                words.len() - 1
            });
            if let Some(word) = words.get_mut(index) {
                word.tries.push(what);
            }
        }
        let mut made = Self {
            words,
            worth: Box::new([0; 1 << (BITS - 6)]),
            truly: Box::new([0; 1 << (SECOND - 6)]),
            there: Vec::new(),
            parts: Vec::new(),
        };
        for word in 0..made.words.len() {
            // Whether it begins at an even place or not, some four bytes of it do.
            made.prepare(word, 0);
            made.prepare(word, 1);
        }
        made.parts.sort_unstable();
        made.parts.dedup();
        let before = |place| made.parts.partition_point(|part| part.place < place);
        made.there = (0..=1 << PLACE_BITS).map(|place| u16::try_from(before(place)).unwrap_or(u16::MAX)).collect();
        made
    }

    /// Makes ready the rarest four bytes among those that begin so many bytes, odd or even, behind a word's beginning.
    fn prepare(&mut self, word: usize, odd: isize) {
        let Some(text) = self.words.get(word).map(|w| w.text.as_slice()) else { return };
        let last = text.len().cast_signed() - 3;
        let four = |offset: isize| [0, 1, 2, 3].map(|n| usize::try_from(offset + n).ok().and_then(|at| text.get(at)).copied());
        let rare = |offset: &isize| {
            let three = |three: &[Option<u8>]| three.iter().copied().collect::<Option<Vec<u8>>>().map_or(0, |three| rarity(&three));
            let [first, last] = [0..3, 1..4].map(|range| four(*offset).get(range).map_or(0, three));
            first + last
        };
        let Some(offset) = (-1..=last).filter(|offset| offset.rem_euclid(2) == odd).max_by_key(rare) else { return };
        let four = four(offset);
        let (bytes, mask) =
            (folded(four.map(Option::unwrap_or_default)), u32::from_le_bytes(four.map(|b| if b.is_some() { 0xFF } else { 0 })));
        for any in 0..if mask == u32::MAX { 1 } else { 32 } {
            let hash = hash(four.map(|byte| byte.unwrap_or(any)));
            let (at, bit) = bit(hash);
            self.worth[at] |= 1 << bit;
            let (at, bit) = second(four.map(|byte| byte.unwrap_or(any)));
            self.truly[at] |= 1 << bit;
            self.parts.push(Part { place: place(hash), bytes: bytes & mask, mask, word, offset });
        }
    }

    /// Calls for each place where a word stands, nearly in the order of the places.
    pub fn each<'a>(&'a self, text: &[u8], mut found: impl FnMut(usize, usize, &'a Word)) {
        let mut at = 0;
        while let Some(part) = text.get(at..).and_then(|rest| rest.first_chunk::<{ STEP + 2 }>()) {
            let mut hits = 0_u32;
            for n in 0..STEP / 2 {
                hits |= self.hit([part[2 * n], part[2 * n + 1], part[2 * n + 2], part[2 * n + 3]]) << n;
            }
            while hits != 0 {
                self.closer(text, at + 2 * hits.trailing_zeros() as usize, &mut found);
                hits &= hits - 1;
            }
            at += STEP;
        }
        while at + 2 < text.len() {
            if self.hit(four(text, at)) != 0 {
                self.closer(text, at, &mut found);
            }
            at += 2;
        }
    }

    #[inline]
    fn hit(&self, four: [u8; 4]) -> u32 {
        let (word, bit) = bit(hash(four));
        u32::from(self.worth[word] >> bit & 1 == 1)
    }

    #[inline]
    fn closer<'a>(&'a self, text: &[u8], at: usize, found: &mut impl FnMut(usize, usize, &'a Word)) {
        let four = four(text, at);
        let (index, bit) = second(four);
        if self.truly[index] >> bit & 1 == 0 {
            return;
        }
        self.closest(text, at, four, found);
    }

    #[inline(never)]
    fn closest<'a>(&'a self, text: &[u8], at: usize, four: [u8; 4], found: &mut impl FnMut(usize, usize, &'a Word)) {
        let (place, bytes) = (place(hash(four)), folded(four));
        let Some((from, to)) = self.there.get(place).zip(self.there.get(place + 1)) else { return };
        for part in self.parts.get(usize::from(*from)..usize::from(*to)).unwrap_or_default() {
            if bytes & part.mask != part.bytes {
                continue;
            }
            let Some((word, start)) = self.words.get(part.word).zip(at.checked_sub_signed(part.offset)) else { continue };
            let Some(there) = text.get(start..start + word.text.len()) else { continue };
            if if word.exact { there == word.text } else { there.eq_ignore_ascii_case(&word.text) } {
                found(start, start + there.len(), word);
            }
        }
    }
}

/// Four bytes as a number, letters in either case alike.
fn folded(four: [u8; 4]) -> u32 {
    u32::from_le_bytes(four) | 0x2020_2020
}

/// The four bytes that begin here; behind the end there are zeros.
fn four(text: &[u8], at: usize) -> [u8; 4] {
    let byte = |n: usize| text.get(at + n).copied().unwrap_or(0);
    [byte(0), byte(1), byte(2), byte(3)]
}

/// Four bytes as a number, of each only what letters in either case have alike; others may share it.
#[inline]
fn hash(four: [u8; 4]) -> u32 {
    (u32::from_le_bytes(four) & 0x1F1F_1F1F).wrapping_mul(0x9E37_79B1)
}

/// Where in the table of bits a hash is.
#[inline]
fn bit(hash: u32) -> (usize, u32) {
    let hash = hash >> (32 - BITS);
    ((hash >> 6) as usize, hash & 63)
}

#[inline]
fn second(four: [u8; 4]) -> (usize, u32) {
    let hash = (u32::from_le_bytes(four) & 0x1F1F_1F1F).wrapping_mul(0x85EB_CA6B) >> (32 - SECOND);
    ((hash >> 6) as usize, hash & 63)
}

fn place(hash: u32) -> usize {
    (hash >> (32 - PLACE_BITS)) as usize
}

/// Three letters that stand everywhere in prose and code.
const EVERYWHERE: &str = "_bi _ke _pa _pr abl ack amp ata ate bit ble ck_ com con cor cra cre cur den dex ear est fin for ial imp ine inf ion ip_ ity ken ker key lag lin mpl nfo nti oke on_ ork pi_ pin r_o rat red res riv st_ tat tes tok ver wit";

/// How seldom three bytes stand in prose and code, roughly.
fn rarity(three: &[u8]) -> usize {
    const OFTEN: &[u8] = b"etaoinsrhldcumpfgbwy";
    if EVERYWHERE.as_bytes().split(|b| *b == b' ').any(|e| e.eq_ignore_ascii_case(three)) {
        return 0;
    }
    let one = |byte: &u8| match OFTEN.iter().position(|b| *b == byte.to_ascii_lowercase()) {
        Some(place) => place,
        None if byte.is_ascii_alphanumeric() => 30,
        None if *byte == b' ' => 0,
        None => 20,
    };
    three.iter().map(one).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn words_are_found_wherever_they_stand(words in proptest::collection::vec("=?[aAbB_.-]{3,7}", 1..6), text in "[aAbB_.-]{0,90}") {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let mut found: Vec<_> = told(&words, &text).into_iter().flat_map(|(from, _, tries)| tries.into_iter().map(move |n| (from, n))).collect();
            found.sort_unstable();
            let stands = |at: usize, word: &str| match word.strip_prefix('=') {
                Some(word) => text[at..].starts_with(word),
                None => text[at..].to_ascii_lowercase().starts_with(&word.to_ascii_lowercase()),
            };
            let all = (0..text.len()).flat_map(|at| words.iter().enumerate().filter(move |(_, w)| stands(at, w)).map(move |(n, _)| (at, n)));
            prop_assert_eq!(found, all.collect::<Vec<_>>());
        }
    }

    fn told(words: &[&str], text: &str) -> Vec<(usize, usize, Vec<usize>)> {
        let words = Keywords::new(words.iter().enumerate().map(|(n, w)| (*w, n)));
        let mut all = Vec::new();
        words.each(text.as_bytes(), |from, to, word| all.push((from, to, word.tries.clone())));
        all
    }

    #[test]
    fn words_are_found_at_both_ends_and_side_by_side_in_any_case_unless_written_exactly() {
        assert_eq!(told(&["key", "=AKIA", "key"], "KeyAKIAakiakey"), [(0, 3, vec![0, 2]), (3, 7, vec![1]), (11, 14, vec![0, 2])]);
        assert_eq!(told(&["a␠b"], "xa b"), [(1, 4, vec![0])]);
        assert_eq!(told(&["key"], "ke"), []);
    }
}
