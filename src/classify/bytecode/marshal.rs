//! Reads `marshal` data strictly: every byte, and only what a compiler puts into bytecode.

use super::code::{Shape, fits};
use super::fields::{self, Field};
use super::known::Known;
use super::opcodes::Python;
use std::path::{Component, Path};

type Told<T> = Result<T, &'static str>;

const BROKEN: &str = "it is not bytecode as Python writes it";
const FOREIGN: &str = "it holds a text or a name that its source does not";
const NUMBER: &str = "it holds a number that its source does not";
const ELSEWHERE: &str = "it was compiled from a file at another place";
const SHAPE: &str = "its instructions are none that Python makes of a source";

/// How deep objects may lie in each other.
const DEEPEST: usize = 100;
/// The longest path.
const LONGEST: usize = 4096;

/// An object that was read, as far as anything rests on it.
#[derive(Debug, Clone, Copy)]
enum Value<'a> {
    Text(&'a [u8]),
    /// A text that is taken for the source's path, and was not looked for in the source.
    Path,
    Bytes(&'a [u8]),
    /// Bytes that were not looked for in the source.
    Raw(&'a [u8]),
    /// How many there are in it, and whether all are texts.
    Tuple(usize, bool),
    Code,
    Other,
}

/// What is expected at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Constant,
    Raw,
    Path,
}

struct Reader<'a> {
    rest: &'a [u8],
    refs: Vec<Option<Value<'a>>>,
    depth: usize,
    python: Python,
    known: &'a Known<'a>,
    place: &'a Path,
}

/// Reads the code object of a whole module.
pub fn read(bytes: &[u8], python: Python, known: &Known<'_>, place: &Path) -> Told<()> {
    let mut reader = Reader { rest: bytes, refs: Vec::new(), depth: 0, python, known, place };
    match reader.object(Wanted::Constant)? {
        Value::Code if reader.rest.is_empty() => Ok(()),
        _ => Err(BROKEN),
    }
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Told<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(BROKEN)?;
        self.rest = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Told<u8> {
        self.take(1)?.first().copied().ok_or(BROKEN)
    }

    fn number(&mut self) -> Told<i32> {
        Ok(i32::from_le_bytes(self.take(4)?.try_into().map_err(|_| BROKEN)?))
    }

    fn length(&mut self) -> Told<usize> {
        usize::try_from(self.number()?).map_err(|_| BROKEN)
    }

    fn short(&mut self) -> Told<usize> {
        Ok(usize::from(self.byte()?))
    }

    fn object(&mut self, wanted: Wanted) -> Told<Value<'a>> {
        let kind = self.byte()?;
        // An object with this bit can be referred to later on, by how many had it before.
        let slot = (kind & 0x80 != 0).then(|| {
            self.refs.push(None);
            self.refs.len() - 1
        });
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(BROKEN);
        }
        let value = self.body(kind & 0x7F, wanted)?;
        self.depth -= 1;
        if let Some(slot) = slot.and_then(|slot| self.refs.get_mut(slot)) {
            *slot = Some(value);
        }
        Ok(value)
    }

    fn body(&mut self, kind: u8, wanted: Wanted) -> Told<Value<'a>> {
        match kind {
            b'N' | b'T' | b'F' | b'.' => Ok(Value::Other),
            b'i' => {
                let number = self.number()?;
                self.known.integer(u64::from(number.unsigned_abs())).then_some(Value::Other).ok_or(NUMBER)
            }
            b'l' => self.long(),
            b'g' => self.float(true),
            b'y' => self.float(false).and_then(|_| self.float(false)),
            b'z' | b'Z' => {
                let length = self.short()?;
                self.text(length, wanted)
            }
            b'a' | b'A' | b'u' | b't' => {
                let length = self.length()?;
                self.text(length, wanted)
            }
            b's' => {
                let length = self.length()?;
                let bytes = self.take(length)?;
                if wanted == Wanted::Raw { Ok(Value::Raw(bytes)) } else { self.bytes(bytes) }
            }
            b')' => {
                let length = self.short()?;
                self.tuple(length)
            }
            b'(' | b'>' => {
                let length = self.length()?;
                self.tuple(length)
            }
            b':' if self.python.minor >= 14 => self.tuple(3).map(|_| Value::Other),
            b'c' => self.code(),
            b'r' => {
                let at = self.length()?;
                match (self.refs.get(at).copied().flatten().ok_or(BROKEN)?, wanted) {
                    (Value::Raw(bytes), Wanted::Constant) => self.bytes(bytes),
                    (Value::Path, Wanted::Constant) => Err(FOREIGN),
                    (Value::Text(text), Wanted::Path) => self.path(text),
                    (value, _) => Ok(value),
                }
            }
            _ => Err(BROKEN),
        }
    }

    fn long(&mut self) -> Told<Value<'a>> {
        let digits = usize::try_from(self.number()?.unsigned_abs()).map_err(|_| BROKEN)?;
        let bytes = self.take(digits.checked_mul(2).ok_or(BROKEN)?)?;
        let digits: Vec<u16> = bytes.as_chunks::<2>().0.iter().map(|digit| u16::from_le_bytes(*digit)).collect();
        if digits.last() == Some(&0) || digits.iter().any(|digit| digit >> 15 != 0) {
            return Err(BROKEN);
        }
        self.known.long(&digits).then_some(Value::Other).ok_or(NUMBER)
    }

    fn float(&mut self, alone: bool) -> Told<Value<'a>> {
        let bytes = self.take(8)?.try_into().map_err(|_| BROKEN)?;
        self.known.float(bytes, alone).then_some(Value::Other).ok_or(NUMBER)
    }

    fn text(&mut self, length: usize, wanted: Wanted) -> Told<Value<'a>> {
        let text = self.take(length)?;
        match wanted {
            Wanted::Raw => Err(BROKEN),
            Wanted::Path => self.path(text),
            Wanted::Constant if self.known.text(text) => Ok(Value::Text(text)),
            Wanted::Constant => Err(FOREIGN),
        }
    }

    fn bytes(&self, bytes: &'a [u8]) -> Told<Value<'a>> {
        self.known.bytes(bytes).then_some(Value::Bytes(bytes)).ok_or(FOREIGN)
    }

    /// The path a source was compiled by ends as it does here.
    fn path(&self, text: &'a [u8]) -> Told<Value<'a>> {
        let told = std::str::from_utf8(text).map_err(|_| ELSEWHERE)?;
        if told.len() > LONGEST || told.contains(char::is_control) {
            return Err(ELSEWHERE);
        }
        let mut parts = told.rsplit(['/', '\\']).filter(|part| *part != ".");
        let same = self.place.components().rev().all(|part| match part {
            // The last of what is asked for may be all that a relative path has.
            Component::Normal(name) => parts.next().is_none_or(|part| name == part),
            _ => true,
        });
        same.then_some(Value::Path).ok_or(ELSEWHERE)
    }

    fn tuple(&mut self, length: usize) -> Told<Value<'a>> {
        let mut texts = true;
        for _ in 0..length {
            texts &= matches!(self.object(Wanted::Constant)?, Value::Text(_));
        }
        Ok(Value::Tuple(length, texts))
    }

    fn raw(&mut self) -> Told<&'a [u8]> {
        match self.object(Wanted::Raw)? {
            Value::Raw(bytes) | Value::Bytes(bytes) => Ok(bytes),
            _ => Err(BROKEN),
        }
    }

    fn names(&mut self) -> Told<usize> {
        match self.object(Wanted::Constant)? {
            Value::Tuple(length, true) => Ok(length),
            _ => Err(BROKEN),
        }
    }

    fn code(&mut self) -> Told<Value<'a>> {
        let mut shape = Shape { last_line: self.known.lines, ..Shape::default() };
        for field in fields::of(self.python) {
            match field {
                Field::Count | Field::Flags => {
                    let most = if *field == Field::Count { 1 << 16 } else { 1 << 28 };
                    if self.length()? >= most {
                        return Err(SHAPE);
                    }
                }
                Field::FirstLine => {
                    shape.first_line = i64::from(self.number()?);
                    if !(0..=shape.last_line + 1).contains(&shape.first_line) {
                        return Err(SHAPE);
                    }
                }
                Field::Code => shape.code = self.raw()?,
                Field::Constants => match self.object(Wanted::Constant)? {
                    Value::Tuple(length, _) => shape.constants = length,
                    _ => return Err(BROKEN),
                },
                Field::Names => shape.names = self.names()?,
                Field::Locals => {
                    let many = self.names()?;
                    shape.locals.push(many);
                }
                Field::Kinds => {
                    if shape.locals != [self.raw()?.len()] {
                        return Err(SHAPE);
                    }
                }
                Field::Path => {
                    if !matches!(self.object(Wanted::Path)?, Value::Path) {
                        return Err(BROKEN);
                    }
                }
                Field::Name => {
                    if !matches!(self.object(Wanted::Constant)?, Value::Text(_)) {
                        return Err(BROKEN);
                    }
                }
                Field::Lines => shape.lines = self.raw()?,
                Field::Exceptions => shape.exceptions = self.raw()?,
            }
        }
        if fits(&shape, self.python) { Ok(Value::Code) } else { Err(SHAPE) }
    }
}
