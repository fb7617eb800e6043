//! What a source holds, and whether something may come from it.

use super::lexer;
use super::number::Number;
use memchr::memmem;
use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::HashSet;

/// Numbers up to this stand in bytecode for many things.
const SMALL: u64 = 256;
/// What is reckoned has at most so many digits of 15 bits, or all of them are alike.
const RECKONED: usize = 6;
/// Of so many texts shorter than this another may be put together.
const PIECES: usize = 16;
const SHORT: usize = 4;
/// And of so many in all.
const MOST: usize = 256;
/// Signs alone, without a letter or a digit, are nobody's words up to this length.
const SIGNS: usize = 1024;

/// What compilers put in of themselves.
const OF_PYTHON: &[&[u8]] = &[
    b"<module>",
    b"<lambda>",
    b"<listcomp>",
    b"<setcomp>",
    b"<dictcomp>",
    b"<genexpr>",
    b"<locals>",
    b"__module__",
    b"__qualname__",
    b"__doc__",
    b"__name__",
    b"__class__",
    b"__classcell__",
    b"__classdict__",
    b"__classdictcell__",
    b"__annotations__",
    b"__annotate__",
    b"__conditional_annotations__",
    b"__static_attributes__",
    b"__firstlineno__",
    b"__type_params__",
    b"__all__",
    b"type_params",
    b"generic_base",
    b"defaults",
    b"kwdefaults",
    b"0",
    b"join",
    b"format",
    b"return",
    b"AssertionError",
    b"NotImplementedError",
];

/// A source, taken apart.
pub struct Known<'a> {
    /// How many lines it has.
    pub lines: i64,
    source: Cow<'a, [u8]>,
    names: HashSet<Vec<u8>>,
    texts: HashSet<Vec<u8>>,
    small: HashSet<u64>,
    large: Vec<Vec<u16>>,
    floats: HashSet<u64>,
    reckons: bool,
    named: bool,
    all_texts: OnceCell<Vec<u8>>,
    squeezed: OnceCell<Vec<u8>>,
}

impl<'a> Known<'a> {
    /// Takes a source apart; `None` where it is no Python, or in an encoding that is not known here.
    pub fn read(source: &'a [u8]) -> Option<Self> {
        let source = decoded(source)?;
        let tokens = lexer::read(&source)?;
        let (mut small, mut large, mut floats) = (HashSet::new(), Vec::new(), HashSet::new());
        for number in tokens.numbers {
            match number {
                Number::Small(number) => {
                    small.insert(number);
                }
                Number::Large(digits) => large.push(digits),
                Number::Float(number) => {
                    floats.insert(number.to_bits());
                }
            }
        }
        let names = tokens.names.into_iter().map(<[u8]>::to_vec).collect();
        let (texts, reckons, named) = (tokens.texts.into_iter().collect(), tokens.reckons, tokens.named);
        let lines = i64::try_from(memchr::memchr_iter(b'\n', &source).count()).unwrap_or(i64::MAX - 1) + 1;
        let (all_texts, squeezed) = (OnceCell::new(), OnceCell::new());
        Some(Self { lines, source, names, texts, small, large, floats, reckons, named, all_texts, squeezed })
    }

    /// Whether a whole number, but for its sign, may come from the source.
    pub fn integer(&self, number: u64) -> bool {
        number <= SMALL.max(self.lines.unsigned_abs()) || self.small.contains(&number) || self.reckoned(&number.to_le_bytes())
    }

    /// The same of one in digits of 15 bits.
    pub fn long(&self, digits: &[u16]) -> bool {
        let small = digits.iter().rev().try_fold(0_u64, |sum, digit| sum.checked_mul(1 << 15)?.checked_add(u64::from(*digit)));
        // A power of two, or one less.
        let even = || digits.split_last().is_some_and(|(_, rest)| [0, 0x7FFF].iter().any(|all| rest.iter().all(|digit| digit == all)));
        match small {
            Some(small) => self.integer(small),
            None => {
                self.large.iter().any(|known| known == digits)
                    || even() && self.reckons
                    || digits.len() <= RECKONED && self.reckoned(&digits.iter().flat_map(|digit| digit.to_le_bytes()).collect::<Vec<u8>>())
            }
        }
    }

    /// Whether it may be the result of numbers in the source. Nobody reads a number's bytes as words.
    fn reckoned(&self, bytes: &[u8]) -> bool {
        const MOST: usize = 5;
        self.reckons && readable(bytes) <= MOST
    }

    /// The same of any other number, or one of the two parts of one.
    pub fn float(&self, bytes: [u8; 8], alone: bool) -> bool {
        let number = f64::from_le_bytes(bytes);
        let whole = || number.fract() == 0.0 && number.abs() <= 256.0;
        self.floats.contains(&number.abs().to_bits()) || whole() || (alone && self.reckoned(&bytes))
    }

    /// Whether a text or a name may come from the source.
    pub fn text(&self, text: &[u8]) -> bool {
        self.at_once(text) || self.name(text) || self.dotted(text) || self.within(text) || self.written(text) || self.together(text)
    }

    /// Whether bytes may come from the source.
    pub fn bytes(&self, bytes: &[u8]) -> bool {
        self.at_once(bytes) || self.within(bytes) || self.together(bytes)
    }

    fn at_once(&self, bytes: &[u8]) -> bool {
        bytes.len() <= 1 || self.texts.contains(bytes) || signs(bytes)
    }

    fn name(&self, name: &[u8]) -> bool {
        // Names that begin with two lines have their class put before them.
        let mangled =
            || memmem::find(name, b"__").filter(|at| *at > 0).and_then(|at| name.get(at..)).is_some_and(|own| self.names.contains(own));
        self.names.contains(name) || OF_PYTHON.contains(&name) || (name.starts_with(b"_") && mangled())
    }

    /// Names with dots between them, of modules and of what lies in what.
    fn dotted(&self, text: &[u8]) -> bool {
        let inner =
            |part: &[u8]| part.strip_prefix(b"<generic parameters of ").and_then(|p| p.strip_suffix(b">")).is_some_and(|p| self.name(p));
        text.split(|b| *b == b'.').all(|part| part.is_empty() || self.name(part) || inner(part))
    }

    /// Whether it is a part of one of the source's texts.
    fn within(&self, bytes: &[u8]) -> bool {
        let all =
            self.all_texts.get_or_init(|| self.texts.iter().flat_map(|text| [text.as_slice(), b"\xFF\0"]).flatten().copied().collect());
        memmem::find(all, bytes).is_some()
    }

    /// Whether it stands in the source but for spaces, quotes and brackets: annotations that are kept as text are written
    /// anew, and what documents is shifted to the left.
    fn written(&self, text: &[u8]) -> bool {
        let all = self.squeezed.get_or_init(|| {
            let mut all = squeezed(&self.source);
            for text in &self.texts {
                all.extend(b"\xFF\0");
                all.extend(squeezed(text));
            }
            all
        });
        memmem::find(all, &squeezed(text)).is_some()
    }

    /// Whether it is some of the source's texts one after another, or one of them over and over.
    fn together(&self, bytes: &[u8]) -> bool {
        let (mut rest, mut pieces, mut all) = (bytes, 0, 0);
        while !rest.is_empty() {
            let longest = self.texts.iter().filter(|text| rest.starts_with(text)).map(Vec::len).max();
            let unknown = (self.named && rest.first().is_some_and(|b| *b >= 0x80))
                .then(|| 1 + rest.iter().skip(1).take_while(|b| (0x80..0xC0).contains(*b)).count());
            let Some(length) = longest.or(unknown) else { return false };
            pieces += usize::from(length < SHORT);
            all += 1;
            if pieces > PIECES || all > MOST {
                return false;
            }
            let (piece, _) = rest.split_at(length);
            while let Some(next) = rest.strip_prefix(piece) {
                rest = next;
            }
        }
        true
    }
}

/// How many bytes on end somebody could read, the same one over and over counted once.
pub fn readable(bytes: &[u8]) -> usize {
    let words = bytes.split(|b| !matches!(b, b' '..=b'~' | b'\t' | b'\n'));
    words.map(|word| word.chunk_by(|a, b| a == b).count()).max().unwrap_or(0)
}

/// Whether there is no letter and no digit in it.
fn signs(bytes: &[u8]) -> bool {
    bytes.len() <= SIGNS && !bytes.iter().any(|b| b.is_ascii_alphanumeric() || *b >= 0x80)
}

fn squeezed(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    out.extend(text.iter().filter(|b| !matches!(b, b' ' | b'\t' | b'\n' | 0x0C | b'\r' | b'\'' | b'"' | b'(' | b')' | b',' | b'\\')));
    out
}

/// The source as UTF-8 with its lines ended by line feeds.
fn decoded(source: &[u8]) -> Option<Cow<'_, [u8]>> {
    let source = source.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(source);
    let told = source.split(|b| *b == b'\n').take(2).any(|line| {
        let line = line.to_ascii_lowercase();
        line.starts_with(b"#")
            && memmem::find(&line, b"coding").is_some()
            && [&b"latin-1"[..], b"iso-8859-1", b"latin1"].iter().any(|name| memmem::find(&line, name).is_some())
    });
    let text: Cow<'_, [u8]> = if std::str::from_utf8(source).is_ok() && !told {
        Cow::Borrowed(source)
    } else if told {
        Cow::Owned(source.iter().map(|b| char::from(*b)).collect::<String>().into_bytes())
    } else {
        return None;
    };
    if memchr::memchr(b'\r', &text).is_none() {
        return Some(text);
    }
    let lines = text
        .split(|b| *b == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line).iter().map(|b| if *b == b'\r' { b'\n' } else { *b }).collect::<Vec<u8>>());
    Some(Cow::Owned(lines.collect::<Vec<_>>().join(&b'\n')))
}
