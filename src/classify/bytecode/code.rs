//! Whether the raw bytes of a code object are what a compiler makes: its instructions, and the tables about them.

use super::known::readable;
use super::opcodes::{Argument, Python};

/// So many bytes on end may look like words where nothing else tells.
const WORDS: usize = 16;

/// The raw parts of a code object, and what they speak of.
#[derive(Debug, Default)]
pub struct Shape<'a> {
    /// Its instructions.
    pub code: &'a [u8],
    /// How many constants it has.
    pub constants: usize,
    /// How many names.
    pub names: usize,
    /// How many variables: its own, those from around it, those it shares; since 3.11 all in one.
    pub locals: Vec<usize>,
    /// The line it begins in.
    pub first_line: i64,
    /// How many lines the source has.
    pub last_line: i64,
    /// Which instruction comes from which line.
    pub lines: &'a [u8],
    /// Where exceptions are handled.
    pub exceptions: &'a [u8],
}

/// Whether all of it is some instructions of this Python and what goes with them.
pub fn fits(shape: &Shape<'_>, python: Python) -> bool {
    let lines = || match python.minor {
        ..10 => lines_to_3_9(shape),
        10 => lines_of_3_10(shape),
        11.. => lines_since_3_11(shape).unwrap_or(false),
    };
    let whole_words = shape.code.len().is_multiple_of(2);
    whole_words && instructions(shape, python).unwrap_or(false) && lines() && exceptions(shape).unwrap_or(false)
}

fn instructions(shape: &Shape<'_>, python: Python) -> Option<bool> {
    if !python.is_listed() {
        return Some(readable(shape.code) <= WORDS);
    }
    // Places in the code are counted in bytes up to 3.9, in words of two bytes since.
    let unit = if python.minor < 10 { 2 } else { 1 };
    let end = shape.code.len() / 2 * unit;
    let own = *shape.locals.first()?;
    let shared = if python.minor < 11 { shape.locals.get(1)? + shape.locals.get(2)? } else { own };
    let (mut words, mut argument, mut prefixes) = (shape.code.as_chunks::<2>().0.iter(), 0_usize, 0);
    while let Some([opcode, low]) = words.next() {
        argument = argument << 8 | usize::from(*low);
        let (kind, empty) = python.instruction(*opcode)?;
        let next = end - words.len().checked_sub(empty)? * unit;
        let good = match kind {
            Argument::Prefix => {
                prefixes += 1;
                if prefixes > 3 {
                    return Some(false);
                }
                continue;
            }
            Argument::None => argument == 0,
            Argument::Any => true,
            Argument::Constant => argument < shape.constants,
            Argument::Name(times) => argument / times < shape.names,
            Argument::Local => argument < own,
            Argument::Locals => argument >> 4 < own && argument & 15 < own,
            Argument::Shared => argument < shared,
            Argument::Forward => next.saturating_add(argument) <= end,
            Argument::Back => argument <= next,
            Argument::To => argument <= end,
        };
        (argument, prefixes) = (0, 0);
        for _ in 0..empty {
            if words.next()? != &[0, 0] {
                return Some(false);
            }
        }
        if !good {
            return Some(false);
        }
    }
    Some(prefixes == 0)
}

/// Pairs of bytes: so far on in the code, so many lines on.
fn lines_to_3_9(shape: &Shape<'_>) -> bool {
    pairs(shape, None).is_some_and(|at| at <= shape.code.len())
}

/// The same to the end of the code; -128 stands for no line.
fn lines_of_3_10(shape: &Shape<'_>) -> bool {
    pairs(shape, Some(i8::MIN)).is_some_and(|at| at == shape.code.len())
}

/// How much code pairs are about, if they stay within the source; `none` stands for no line.
fn pairs(shape: &Shape<'_>, none: Option<i8>) -> Option<usize> {
    let (pairs, rest) = shape.lines.as_chunks::<2>();
    let (mut at, mut line) = (0, shape.first_line);
    for [code, lines] in pairs {
        at += usize::from(*code);
        line += if Some(lines.cast_signed()) == none { 0 } else { i64::from(lines.cast_signed()) };
        if !in_source(shape, line) {
            return None;
        }
    }
    (rest.is_empty() && readable(shape.lines) <= WORDS).then_some(at)
}

/// Entries of a byte with the highest bit set, which tells how many words it is about, and some without.
fn lines_since_3_11(shape: &Shape<'_>) -> Option<bool> {
    let mut table = Table(shape.lines);
    let (mut words, mut line) = (0, shape.first_line);
    while let Some(first) = table.next() {
        if first & 0x80 == 0 {
            return Some(false);
        }
        words += usize::from(first & 7) + 1;
        match (first >> 3) & 15 {
            0..=9 => {
                table.next()?;
            }
            short @ 10..=12 => {
                line += i64::from(short) - 10;
                table.next()?;
                table.next()?;
            }
            13 => line += table.signed()?,
            14 => {
                line += table.signed()?;
                for _ in 0..3 {
                    table.number()?;
                }
            }
            _ => {}
        }
        if table.0.first().is_some_and(|b| b & 0x80 == 0) || !in_source(shape, line) {
            return Some(false);
        }
    }
    Some(words * 2 == shape.code.len())
}

/// Of each: where it begins, how long it is, where it is handled, and how.
fn exceptions(shape: &Shape<'_>) -> Option<bool> {
    let words = shape.code.len() / 2;
    let mut rest = shape.exceptions.iter().peekable();
    while rest.peek().is_some() {
        let mut entry = [0_usize; 4];
        for (at, number) in entry.iter_mut().enumerate() {
            let mut begins = at == 0;
            loop {
                let byte = rest.next().filter(|b| (*b & 0x80 != 0) == begins && *number < 1 << 40)?;
                *number = *number << 6 | usize::from(byte & 0x3F);
                begins = false;
                if byte & 0x40 == 0 {
                    break;
                }
            }
        }
        let [start, length, target, _] = entry;
        if start + length > words || target >= words {
            return Some(false);
        }
    }
    Some(true)
}

fn in_source(shape: &Shape<'_>, line: i64) -> bool {
    (0..=shape.last_line + 1).contains(&line)
}

/// A table of numbers, six bits in a byte, the lowest first.
struct Table<'a>(&'a [u8]);

impl Table<'_> {
    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn number(&mut self) -> Option<i64> {
        let (mut number, mut shift) = (0_i64, 0);
        loop {
            let byte = self.next().filter(|b| b & 0x80 == 0 && shift <= 30)?;
            number |= i64::from(byte & 0x3F) << shift;
            shift += 6;
            if byte & 0x40 == 0 {
                return Some(number);
            }
        }
    }

    fn signed(&mut self) -> Option<i64> {
        let number = self.number()?;
        Some(if number & 1 == 1 { -(number >> 1) } else { number >> 1 })
    }
}
