//! JSON read where it stands: a cursor over the bytes of one record that copies nothing and builds nothing.
//!
//! It is as lenient as it can be without guessing: what it passes over is only followed to its end, text that is not
//! UTF-8 and halves of surrogate pairs cost one character. Most bytes are passed over at the speed of a search for quotes.

use memchr::memchr;
use std::borrow::Cow;

/// The bytes are no JSON from here on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Broken;

/// What a step gives.
pub type Step<T> = Result<T, Broken>;

/// A text as it stands between its quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Quoted<'a>(pub &'a [u8]);

impl<'a> Quoted<'a> {
    /// Whether nothing stands between the quotes.
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// The text, borrowed where nothing in it is escaped.
    pub fn text(self) -> Cow<'a, str> {
        match memchr(b'\\', self.0) {
            None => String::from_utf8_lossy(self.0),
            Some(first) => match std::str::from_utf8(self.0) {
                Ok(text) => Cow::Owned(unescaped(text, first)),
                Err(_) => Cow::Owned(unescaped(&String::from_utf8_lossy(self.0), 0)),
            },
        }
    }
}

/// A place in the bytes of one record.
#[derive(Debug, Clone)]
pub struct Cursor<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    /// The beginning of a record.
    pub fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0 }
    }

    /// How many bytes were read.
    pub fn at(&self) -> usize {
        self.at
    }

    /// The next byte that is no white space; it is not passed.
    pub fn peek(&mut self) -> Option<u8> {
        loop {
            match self.text.get(self.at)? {
                b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
                byte => return Some(*byte),
            }
        }
    }

    /// Steps into an object; anything else is passed over.
    pub fn object(&mut self) -> Step<bool> {
        self.into(b'{')
    }

    /// Steps into a list; anything else is passed over.
    pub fn list(&mut self) -> Step<bool> {
        self.into(b'[')
    }

    fn into(&mut self, open: u8) -> Step<bool> {
        let found = self.peek() == Some(open);
        if found {
            self.at += 1;
        } else {
            self.skip()?;
        }
        Ok(found)
    }

    /// In an object: the next key, its value to be read next. `None`: the object ended, and is passed.
    pub fn key(&mut self) -> Step<Option<&'a [u8]>> {
        if self.ended(b'}')? {
            return Ok(None);
        }
        let key = self.quoted()?;
        if self.peek() != Some(b':') {
            return Err(Broken);
        }
        self.at += 1;
        Ok(Some(key.0))
    }

    /// In a list: whether another item follows. If not, the list ended, and is passed.
    pub fn item(&mut self) -> Step<bool> {
        Ok(!self.ended(b']')?)
    }

    fn ended(&mut self, close: u8) -> Step<bool> {
        if self.peek() == Some(b',') {
            self.at += 1;
        }
        let ended = self.peek().ok_or(Broken)? == close;
        self.at += usize::from(ended);
        Ok(ended)
    }

    /// A text; `None`: something else stood there, and is passed.
    pub fn text(&mut self) -> Step<Option<Quoted<'a>>> {
        if self.peek() == Some(b'"') {
            return self.quoted().map(Some);
        }
        self.skip()?;
        Ok(None)
    }

    /// Whether `true` stands here; it, or what else there is, is passed.
    pub fn is_true(&mut self) -> Step<bool> {
        Ok(self.skip()? == b"true")
    }

    /// A number without sign or fraction, else nothing; whatever it is, it is passed.
    pub fn number(&mut self) -> Step<Option<u64>> {
        Ok(std::str::from_utf8(self.skip()?).ok().and_then(|n| n.parse().ok()))
    }

    /// Passes over a value, and gives its bytes.
    pub fn skip(&mut self) -> Step<&'a [u8]> {
        let first = self.peek().ok_or(Broken)?;
        let start = self.at;
        match first {
            b'"' => {
                self.quoted()?;
            }
            b'{' | b'[' => self.nested()?,
            b'}' | b']' | b',' | b':' => return Err(Broken),
            _ => {
                let rest = self.text.get(start..).unwrap_or_default();
                let ends = |b: &u8| matches!(b, b',' | b'}' | b']' | b'"' | b'{' | b'[' | b':') || b.is_ascii_whitespace();
                self.at += rest.iter().position(ends).unwrap_or(rest.len());
                let word = self.text.get(start..self.at).unwrap_or_default();
                let number = !word.is_empty() && word.iter().all(|b| b.is_ascii_digit() || b"+-.eE".contains(b));
                if !matches!(word, b"true" | b"false" | b"null") && !number {
                    return Err(Broken);
                }
            }
        }
        self.text.get(start..self.at).ok_or(Broken)
    }

    fn nested(&mut self) -> Step<()> {
        let mut depth = 0_usize;
        loop {
            match self.text.get(self.at).ok_or(Broken)? {
                b'"' => {
                    self.quoted()?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return Ok(());
            }
        }
    }

    fn quoted(&mut self) -> Step<Quoted<'a>> {
        if self.text.get(self.at) != Some(&b'"') {
            return Err(Broken);
        }
        let start = self.at + 1;
        let mut from = start;
        loop {
            let rest = self.text.get(from..).unwrap_or_default();
            let end = from + memchr(b'"', rest).ok_or(Broken)?;
            let before = self.text.get(start..end).unwrap_or_default();
            let slashes = before.iter().rev().take_while(|b| **b == b'\\').count();
            if slashes % 2 == 0 {
                self.at = end + 1;
                return Ok(Quoted(before));
            }
            from = end + 1;
        }
    }
}

/// Text with its escapes read, none of which stands before `first`; half a surrogate pair and an escape that is none become
/// U+FFFD.
fn unescaped(text: &str, first: usize) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut rest, mut from) = (text, first);
    while let Some(at) = rest.as_bytes().get(from..).and_then(|after| memchr(b'\\', after)) {
        out.push_str(rest.get(..from + at).unwrap_or_default());
        rest = escape(rest.get(from + at + 1..).unwrap_or_default(), &mut out);
        from = 0;
    }
    out.push_str(rest);
    out
}

/// Reads one escape after its backslash, and gives what follows it.
fn escape<'a>(after: &'a str, out: &mut String) -> &'a str {
    let Some(kind) = after.as_bytes().first() else { return after };
    let plain = match kind {
        b'n' => '\n',
        b't' => '\t',
        b'r' => '\r',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'"' | b'\\' | b'/' => char::from(*kind),
        b'u' => {
            let (c, used) = sign(after.as_bytes().get(1..).unwrap_or_default());
            out.push(c);
            return after.get(1 + used..).unwrap_or_default();
        }
        _ => {
            out.push(char::REPLACEMENT_CHARACTER);
            return after;
        }
    };
    out.push(plain);
    after.get(1..).unwrap_or_default()
}

/// The sign that four hex digits stand for, or two times four, and how many bytes that took.
fn sign(after: &[u8]) -> (char, usize) {
    let unit = |at: usize| {
        let digits = after.get(at..at + 4).filter(|d| d.iter().all(u8::is_ascii_hexdigit))?;
        u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    let Some(high) = unit(0) else { return (char::REPLACEMENT_CHARACTER, 0) };
    if let Some(c) = char::from_u32(high) {
        return (c, 4);
    }
    let low = unit(6).filter(|low| (0xDC00..0xE000).contains(low) && after.get(4..6) == Some(br"\u") && high < 0xDC00);
    let pair = low.and_then(|low| char::from_u32(0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00)));
    pair.map_or((char::REPLACEMENT_CHARACTER, 4), |c| (c, 10))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Map, Value};

    /// The whole value, built with nothing but the cursor.
    fn value(c: &mut Cursor<'_>) -> Step<Value> {
        Ok(match c.peek().ok_or(Broken)? {
            b'{' => {
                let mut map = Map::new();
                c.object()?;
                while let Some(key) = c.key()? {
                    map.insert(Quoted(key).text().into_owned(), value(c)?);
                }
                Value::Object(map)
            }
            b'[' => {
                let mut all = Vec::new();
                c.list()?;
                while c.item()? {
                    all.push(value(c)?);
                }
                Value::Array(all)
            }
            b'"' => Value::from(c.text()?.unwrap().text()),
            _ => serde_json::from_slice(c.skip()?).map_err(|_| Broken)?,
        })
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "\\PC{0,12}|[\"\\\\\n\t\u{0}-\u{1f}é字🦀]{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 5, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                proptest::collection::hash_map("[a-z\"\\\\é]{0,4}", inner, 0..5).prop_map(|m| Value::Object(m.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn json_is_read_as_serde_reads_it(value_in in any_value(), pretty: bool) {
            let text = if pretty { serde_json::to_string_pretty(&value_in) } else { serde_json::to_string(&value_in) }.unwrap();
            let mut c = Cursor::new(text.as_bytes());
            prop_assert_eq!(value(&mut c), Ok(value_in));
            prop_assert_eq!(c.at(), text.len());
            let mut c = Cursor::new(text.as_bytes());
            prop_assert_eq!(c.skip().unwrap(), text.as_bytes());
        }

        #[test]
        fn whatever_the_bytes_reading_ends(bytes in proptest::collection::vec(prop_oneof![any::<u8>(), Just(b'"'), Just(b'{'), Just(b'['), Just(b'\\'), Just(b':')], 0..60)) {
            let _ = value(&mut Cursor::new(&bytes));
            let _ = Cursor::new(&bytes).skip();
            let _ = Quoted(&bytes).text();
        }
    }

    fn text_of(raw: &[u8]) -> String {
        Quoted(raw).text().into_owned()
    }

    #[test]
    fn half_a_surrogate_pair_costs_one_character_and_not_the_text() {
        assert_eq!(text_of(br"x\ud83d y \ud83e\udd80 \\ud83d \udd80\ud83e\u00e9"), "x\u{FFFD} y 🦀 \\ud83d \u{FFFD}\u{FFFD}é");
    }

    #[test]
    fn bytes_that_are_not_utf8_and_escapes_that_are_none_cost_one_character() {
        assert_eq!(
            (text_of(b"caf\xe9"), text_of(b"a\\n\xe9"), text_of(br"\q\u12")),
            ("caf\u{FFFD}".into(), "a\n\u{FFFD}".into(), "\u{FFFD}q\u{FFFD}12".into())
        );
    }

    #[test]
    fn what_breaks_off_is_broken() {
        for text in [r#"{"type":"assistant","mess"#, r#"{"a":"x\"#, "[1,", "{\"a\" 1}", "{1:2}", "nul", ""] {
            assert_eq!(value(&mut Cursor::new(text.as_bytes())), Err(Broken), "{text}");
        }
    }

    #[test]
    fn white_space_that_json_has_not_is_broken_and_not_read_for_ever() {
        for text in ["\u{c}", "[\u{c}{}]", "{\"a\":\u{c}1}"] {
            assert_eq!(value(&mut Cursor::new(text.as_bytes())), Err(Broken), "{text:?}");
            let mut c = Cursor::new(text.as_bytes());
            let _ = c.list().and_then(|_| c.item()).and_then(|_| c.skip().map(|_| ()));
        }
    }
}
