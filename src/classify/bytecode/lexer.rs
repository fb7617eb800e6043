//! The words, texts and numbers of a Python source.

use super::literal::{Escape, Form, escape};
use super::number::{self, Number};

/// How deep code may lie in texts.
const DEEPEST: usize = 30;

/// What a source is made of.
#[derive(Debug, Default)]
pub struct Tokens<'a> {
    /// Its words.
    pub names: Vec<&'a [u8]>,
    /// Its texts, in all the pieces that code between them leaves of them, alone and with their neighbours.
    pub texts: Vec<Vec<u8>>,
    /// Its numbers.
    pub numbers: Vec<Number>,
    /// Whether it reckons with numbers that are all given, so that their result may be in the bytecode.
    pub reckons: bool,
    /// Whether it has signs by their names, which are not known here.
    pub named: bool,
}

/// Reads a source; `None` where it is none.
pub fn read(text: &[u8]) -> Option<Tokens<'_>> {
    let mut lexer = Lexer { text, at: 0, depth: 0, out: Tokens::default() };
    lexer.code(false)?;
    Some(lexer.out)
}

struct Lexer<'a> {
    text: &'a [u8],
    at: usize,
    depth: usize,
    out: Tokens<'a>,
}

/// Texts that stand beside each other and make one.
#[derive(Default)]
struct Run {
    /// All of it since it began, or since code in it.
    text: Vec<u8>,
    /// Where the last of them begins in it.
    own: usize,
}

impl Run {
    /// The last of them ends here, or code in it begins.
    fn piece(&mut self, out: &mut Vec<Vec<u8>>) {
        if let Some(own) = self.text.get(self.own..).filter(|own| !own.is_empty()) {
            out.push(own.to_vec());
        }
        if self.own > 0 {
            out.push(self.text.clone());
        }
        self.own = self.text.len();
    }

    /// All of it ends here.
    fn end(&mut self) {
        self.text.clear();
        self.own = 0;
    }
}

/// What came last, for whether numbers are reckoned with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Number,
    /// A sign that reckons, and whether a number or a bracket stood before it.
    Sign(bool),
    Closed,
    Other,
}

impl<'a> Lexer<'a> {
    fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.get(self.at + ahead).copied()
    }

    fn while_(&mut self, is: impl Fn(u8) -> bool) -> &'a [u8] {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let length = rest.iter().take_while(|b| is(**b)).count();
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }

    /// Reads code to the end, or in a text to what ends it there. Gives whether it is to be shown with its result.
    fn code(&mut self, within: bool) -> Option<bool> {
        let (mut run, mut brackets, mut last, mut equals) = (Run::default(), 0_usize, Last::Other, None);
        while let Some(byte) = self.peek(0) {
            match byte {
                b' ' | b'\t' | b'\n' | 0x0C | b'\\' => {
                    self.at += 1;
                    continue;
                }
                b'#' => {
                    self.while_(|b| b != b'\n');
                    continue;
                }
                b'\'' | b'"' => {
                    self.string(Form::default(), &mut run)?;
                    (last, equals) = (Last::Other, None);
                    continue;
                }
                _ => {}
            }
            if byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80 {
                let word = self.while_(|b| b.is_ascii_alphanumeric() || b == b'_' || b >= 0x80);
                (last, equals) = (Last::Other, None);
                if let Some(form) = matches!(self.peek(0), Some(b'\'' | b'"')).then(|| Form::of(word)).flatten() {
                    self.string(form, &mut run)?;
                    continue;
                }
                self.out.names.push(word);
                run.end();
                continue;
            }
            run.end();
            if byte.is_ascii_digit() || (byte == b'.' && self.peek(1).is_some_and(|b| b.is_ascii_digit())) {
                self.out.reckons |= last == Last::Sign(true);
                self.number();
                (last, equals) = (Last::Number, None);
                continue;
            }
            if within && brackets == 0 {
                match byte {
                    b'}' | b':' => return Some(equals.is_some()),
                    b'!' if self.peek(1) != Some(b'=') => return Some(equals.is_some()),
                    _ => {}
                }
            }
            let before = self.at.checked_sub(1).and_then(|at| self.text.get(at)).copied().unwrap_or_default();
            equals = (byte == b'=' && !b"=!<>".contains(&before)).then_some(());
            last = match (byte, last) {
                (b'(' | b'-' | b'~', Last::Sign(true)) => {
                    self.out.reckons = true;
                    Last::Other
                }
                (b'~', _) => {
                    self.out.reckons |= self.peek(1).is_some_and(|b| b.is_ascii_digit() || b == b'(');
                    Last::Other
                }
                (b'+' | b'-' | b'*' | b'/' | b'%' | b'<' | b'>' | b'&' | b'|' | b'^', Last::Number | Last::Closed | Last::Sign(true)) => {
                    Last::Sign(true)
                }
                (b')', _) => Last::Closed,
                _ => Last::Other,
            };
            match byte {
                b'(' | b'[' | b'{' => brackets += 1,
                b')' | b']' | b'}' => brackets = brackets.checked_sub(1)?,
                _ => {}
            }
            self.at += 1;
        }
        (!within).then_some(false)
    }

    fn number(&mut self) {
        let from = self.at;
        loop {
            self.while_(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'.');
            let so_far = self.text.get(from..self.at).unwrap_or_default();
            let exponent = matches!(so_far, [.., b'e' | b'E']) && !matches!(so_far, [b'0', b'x' | b'X', ..]);
            if !exponent || !matches!(self.peek(0), Some(b'+' | b'-')) {
                break;
            }
            self.at += 1;
        }
        let mut text = self.text.get(from..self.at).unwrap_or_default();
        // A word may follow without a space: `1if x else 2`, `0or y`.
        let read = loop {
            match number::read(text) {
                Some(number) => break Some(number),
                None => match text.split_last() {
                    Some((_, rest)) => text = rest,
                    None => break None,
                },
            }
        };
        self.at = from + text.len().max(1);
        self.out.numbers.extend(read);
    }

    fn string(&mut self, form: Form, run: &mut Run) -> Option<()> {
        let quote = self.peek(0)?;
        let long = self.peek(1) == Some(quote) && self.peek(2) == Some(quote);
        self.at += if long { 3 } else { 1 };
        loop {
            let byte = self.peek(0)?;
            if byte == quote && (!long || (self.peek(1) == Some(quote) && self.peek(2) == Some(quote))) {
                self.at += if long { 3 } else { 1 };
                run.piece(&mut self.out.texts);
                return Some(());
            }
            self.at += 1;
            match byte {
                b'\n' if !long => return None,
                b'\\' if form.raw => {
                    run.text.push(byte);
                    if let Some(next) = self.peek(0).filter(|next| b"\\'\"".contains(next)) {
                        run.text.push(next);
                        self.at += 1;
                    }
                }
                b'\\' => self.escape(form, run)?,
                b'{' | b'}' if form.format && self.peek(0) == Some(byte) => {
                    run.text.push(byte);
                    self.at += 1;
                }
                b'{' if form.format => self.shown(form, run)?,
                _ => run.text.push(byte),
            }
        }
    }

    fn escape(&mut self, form: Form, run: &mut Run) -> Option<()> {
        let (meaning, length) = escape(self.text.get(self.at..)?, form, &mut run.text)?;
        self.at += length;
        if matches!(meaning, Escape::Named) {
            self.out.named = true;
            run.piece(&mut self.out.texts);
            run.end();
        }
        Some(())
    }

    /// Code within a text, behind the brace that opens it.
    fn shown(&mut self, form: Form, run: &mut Run) -> Option<()> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let from = self.at;
        if self.code(true)? {
            run.text.extend(self.text.get(from..self.at)?);
        }
        run.piece(&mut self.out.texts);
        run.end();
        if self.peek(0) == Some(b'!') {
            self.at += 1;
            self.while_(|b| b.is_ascii_alphanumeric() || b == b' ');
        }
        if self.peek(0) == Some(b':') {
            self.at += 1;
            let mut spec = Run::default();
            loop {
                let byte = self.peek(0)?;
                match byte {
                    b'}' => break,
                    _ => self.at += 1,
                }
                match byte {
                    b'{' => self.shown(form, &mut spec)?,
                    b'\\' if !form.raw => self.escape(form, &mut spec)?,
                    _ => spec.text.push(byte),
                }
            }
            spec.piece(&mut self.out.texts);
        }
        self.while_(|b| b == b' ' || b == b'\n');
        (self.peek(0) == Some(b'}')).then(|| self.at += 1)?;
        self.depth -= 1;
        Some(())
    }
}
