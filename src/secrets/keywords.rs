//! Where in a text any of many words stands, in one pass that touches each byte once.

/// Bits of the table that says where it is worth to look closer.
const BITS: u32 = 16;

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
    /// One bit for each hash of three bytes that are the rarest of some word.
    worth: Box<[u64; 1 << (BITS - 6)]>,
    /// By hash: which of the places below.
    there: Vec<u16>,
    /// The words, and where in them the three bytes stand.
    places: Vec<Vec<(usize, usize)>>,
}

impl Keywords {
    /// Makes ready words of at least three bytes, each with what is to be tried; `=` before one: only as written.
    pub fn new<'a>(all: impl Iterator<Item = (&'a str, usize)>) -> Self {
        let mut made =
            Self { words: Vec::new(), worth: Box::new([0; 1 << (BITS - 6)]), there: vec![0; 1 << BITS], places: vec![Vec::new()] };
        let mut known = std::collections::HashMap::new();
        for (word, what) in all {
            let index = *known.entry(word).or_insert_with(|| {
                let (text, exact) = word.strip_prefix('=').map_or((word, false), |w| (w, true));
                made.words.push(Word { text: text.replace('␠', " ").into_bytes(), exact, tries: Vec::new() });
                made.words.len() - 1
            });
            if let Some(word) = made.words.get_mut(index) {
                word.tries.push(what);
            }
        }
        for (index, word) in made.words.iter().enumerate() {
            let Some((offset, three)) = word.text.windows(3).enumerate().max_by_key(|(_, three)| rarity(three)) else { continue };
            let hash = hash_of(three);
            made.worth[usize::from(hash >> 6)] |= 1 << (hash & 63);
            if let Some(place) = made.there.get_mut(usize::from(hash)) {
                if *place == 0 {
                    *place = u16::try_from(made.places.len()).unwrap_or(0);
                    made.places.push(Vec::new());
                }
                if let Some(place) = made.places.get_mut(usize::from(*place)) {
                    place.push((index, offset));
                }
            }
        }
        made
    }

    /// Calls for each place where a word stands, in order of the places.
    pub fn each<'a>(&'a self, text: &[u8], mut found: impl FnMut(usize, usize, &'a Word)) {
        let mut at_hash = |at: usize, hash: u16| {
            if self.worth[usize::from(hash >> 6)] >> (hash & 63) & 1 == 1 {
                self.closer(text, at, hash, &mut found);
            }
        };
        for (at, four) in text.windows(4).enumerate() {
            if let Some(four) = four.first_chunk() {
                at_hash(at, hash(*four));
            }
        }
        if let Some(last) = text.last_chunk::<3>() {
            at_hash(text.len() - 3, hash_of(last));
        }
    }

    #[inline(never)]
    fn closer<'a>(&'a self, text: &[u8], at: usize, hash: u16, found: &mut impl FnMut(usize, usize, &'a Word)) {
        let place = self.there.get(usize::from(hash)).and_then(|place| self.places.get(usize::from(*place)));
        for (index, offset) in place.map_or(&[][..], Vec::as_slice) {
            let Some((word, start)) = self.words.get(*index).zip(at.checked_sub(*offset)) else { continue };
            let Some(part) = text.get(start..start + word.text.len()) else { continue };
            if if word.exact { part == word.text } else { part.eq_ignore_ascii_case(&word.text) } {
                found(start, start + part.len(), word);
            }
        }
    }
}

/// The first three of four bytes, letters in either case alike, as a number; others may share it.
#[inline]
fn hash(four: [u8; 4]) -> u16 {
    let folded = (u32::from_le_bytes(four) | 0x2020_2020) << 8;
    (folded.wrapping_mul(0x9E37_79B1) >> (32 - BITS)) as u16
}

fn hash_of(three: &[u8]) -> u16 {
    match three {
        [a, b, c] => hash([*a, *b, *c, 0]),
        _ => 0,
    }
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
