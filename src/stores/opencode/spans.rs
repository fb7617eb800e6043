//! Where values stand in a JSON text, found while it is read once, in little memory, whatever its size.

use std::io::{self, BufRead, BufReader, Read};
use std::ops::Range;

/// Bytes read at once: what comes first is often all that is wanted.
const PIECE: usize = 1 << 12;

/// Where a value stands; `None` where there is none.
pub type Span = Option<Range<u64>>;

/// Says whether what was found so far is enough.
pub type Enough<'a> = dyn Fn(&[Span]) -> bool + 'a;

/// Finds values by their paths in an object: for each path the bytes of its value, `None` where it is not there. A path that
/// is there twice, and a text that is no JSON object, are errors.
///
/// Reading ends as soon as `enough` says so of what was found so far.
pub fn spans(from: impl Read, paths: &[&[&str]], enough: &Enough<'_>) -> io::Result<Vec<Span>> {
    let mut scan = Scan { from: BufReader::with_capacity(PIECE, from), at: 0, peeked: None, paths, found: vec![None; paths.len()], enough };
    let all: Vec<usize> = (0..paths.len()).collect();
    match scan.value(&all, 0) {
        Ok(()) => {
            if scan.next_word()?.is_some() {
                return Err(bad("there is more after its end"));
            }
        }
        Err(Ended::Enough) => {}
        Err(Ended::Failed(e)) => return Err(e),
    }
    Ok(scan.found)
}

/// The text that a span of a string stands for, where that is short.
pub fn text_of(bytes: &[u8]) -> Option<String> {
    serde_json::from_slice(bytes).ok()
}

fn bad(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why.to_owned())
}

enum Ended {
    Enough,
    Failed(io::Error),
}

impl From<io::Error> for Ended {
    fn from(e: io::Error) -> Self {
        Self::Failed(e)
    }
}

/// Deeper than this nothing of opencode's is.
const DEEP: usize = 256;
/// Keys longer than this are none of ours.
const KEY: usize = 64;

struct Scan<'p, R: Read> {
    from: BufReader<R>,
    /// Bytes read, the peeked one not counted.
    at: u64,
    peeked: Option<u8>,
    paths: &'p [&'p [&'p str]],
    found: Vec<Span>,
    enough: &'p Enough<'p>,
}

impl<R: Read> Scan<'_, R> {
    fn byte(&mut self) -> io::Result<Option<u8>> {
        if let Some(byte) = self.peeked.take() {
            self.at += 1;
            return Ok(Some(byte));
        }
        let mut one = [0];
        let read = self.from.read(&mut one)?;
        self.at += read as u64;
        Ok((read == 1).then_some(one[0]))
    }

    fn must(&mut self) -> io::Result<u8> {
        self.byte()?.ok_or_else(|| bad("it ends too early"))
    }

    fn peek(&mut self) -> io::Result<Option<u8>> {
        if self.peeked.is_none() {
            self.peeked = self.byte()?;
            self.at -= u64::from(self.peeked.is_some());
        }
        Ok(self.peeked)
    }

    /// The next byte that is no white space, not taken.
    fn next_word(&mut self) -> io::Result<Option<u8>> {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek()? {
            self.byte()?;
        }
        self.peek()
    }

    /// Passes over a value; `here` are the paths that lead into it, of which `depth` names are used up.
    fn value(&mut self, here: &[usize], depth: usize) -> Result<(), Ended> {
        if depth > DEEP {
            return Err(bad("it is too deep").into());
        }
        match self.next_word()? {
            Some(b'{') => self.object(here, depth),
            Some(_) if depth == 0 => Err(bad("it is no object").into()),
            Some(b'[') => {
                self.byte()?;
                if self.next_word()? == Some(b']') {
                    self.byte()?;
                    return Ok(());
                }
                loop {
                    self.value(&[], depth + 1)?;
                    self.next_word()?;
                    match self.must()? {
                        b',' => {}
                        b']' => return Ok(()),
                        _ => return Err(bad("a list goes on wrongly").into()),
                    }
                }
            }
            Some(b'"') => Ok(self.string(&mut None)?),
            Some(b'-' | b'0'..=b'9' | b't' | b'f' | b'n') => {
                while let Some(b'-' | b'+' | b'.' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z') = self.peek()? {
                    self.byte()?;
                }
                Ok(())
            }
            _ => Err(bad("a value begins wrongly").into()),
        }
    }

    fn object(&mut self, here: &[usize], depth: usize) -> Result<(), Ended> {
        self.byte()?;
        if self.next_word()? == Some(b'}') {
            self.byte()?;
            return Ok(());
        }
        loop {
            if self.next_word()? != Some(b'"') {
                return Err(bad("a name begins wrongly").into());
            }
            let mut key = Some(Vec::new());
            self.string(&mut key)?;
            if self.next_word()? != Some(b':') {
                return Err(bad("a name has no value").into());
            }
            self.byte()?;
            self.next_word()?;
            let name = key.and_then(|key| text_of(&[b"\"", key.as_slice(), b"\""].concat()));
            let deeper: Vec<usize> = here
                .iter()
                .copied()
                .filter(|at| self.paths.get(*at).and_then(|path| path.get(depth)).is_some_and(|part| name.as_deref() == Some(part)))
                .collect();
            let start = self.at;
            self.value(&deeper, depth + 1)?;
            let end = self.at;
            for at in deeper {
                if self.paths.get(at).is_some_and(|path| path.len() == depth + 1)
                    && let Some(slot) = self.found.get_mut(at)
                    && slot.replace(start..end).is_some()
                {
                    return Err(bad("a name is there twice").into());
                }
            }
            if (self.enough)(&self.found) {
                return Err(Ended::Enough);
            }
            self.next_word()?;
            match self.must()? {
                b',' => {}
                b'}' => return Ok(()),
                _ => return Err(bad("an object goes on wrongly").into()),
            }
        }
    }

    /// Passes over what neither ends a string nor escapes.
    fn plain(&mut self) -> io::Result<()> {
        if self.peeked.is_some() {
            return Ok(());
        }
        loop {
            let ready = self.from.fill_buf()?;
            let (count, ends) = match memchr::memchr2(b'"', b'\\', ready) {
                Some(at) => (at, true),
                None => (ready.len(), ready.is_empty()),
            };
            self.from.consume(count);
            self.at += count as u64;
            if ends {
                return Ok(());
            }
        }
    }

    /// Passes over a string; collects it as it is written, as long as it is short.
    fn string(&mut self, into: &mut Option<Vec<u8>>) -> io::Result<()> {
        self.byte()?;
        loop {
            if into.is_none() {
                self.plain()?;
            }
            let byte = self.must()?;
            let escaped = match byte {
                b'"' => return Ok(()),
                b'\\' => Some(self.must()?),
                _ => None,
            };
            if let Some(text) = into {
                text.push(byte);
                text.extend(escaped);
                if text.len() > KEY {
                    *into = None;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &Enough<'static> = &|_| false;

    fn found(text: &str, path: &[&str]) -> Option<String> {
        let span = spans(text.as_bytes(), &[path], ALL).unwrap().remove(0)?;
        let at = |n: u64| usize::try_from(n).unwrap();
        Some(text[at(span.start)..at(span.end)].to_owned())
    }

    #[test]
    fn a_value_is_found_by_its_path_and_by_nothing_that_looks_like_it() {
        let text = r#" {"a":"\"state\":{","list":[{"state":{"output":1}}],"state" : {"x":[1,{"output":2}],"output": "lon\"g" ,"time":{"compacted":17}},"b":null} "#;
        assert_eq!(found(text, &["state", "output"]).as_deref(), Some(r#""lon\"g""#));
        assert_eq!(found(text, &["state", "time", "compacted"]).as_deref(), Some("17"));
        assert_eq!(found(text, &["state"]).as_deref(), Some(r#"{"x":[1,{"output":2}],"output": "lon\"g" ,"time":{"compacted":17}}"#));
        assert_eq!(found(text, &["list", "state"]), None);
        assert_eq!(found(text, &["b"]).as_deref(), Some("null"));
        assert_eq!(
            found(r#"{"st\u0061te":{"output":[]}}"#, &["state", "output"]).as_deref(),
            Some("[]"),
            "a name may be written otherwise"
        );
    }

    #[test]
    fn what_is_broken_or_there_twice_is_an_error_and_never_a_guess() {
        for text in ["", "[]", "{", r#"{"a":1"#, r#"{"a" 1}"#, r#"{"a":1}x"#, r#"{"a":1,"a":2}"#, r#"{"a":{"b":1,}}"#] {
            assert!(spans(text.as_bytes(), &[&["a"]], ALL).is_err(), "{text}");
        }
    }

    #[test]
    fn reading_ends_when_there_is_enough() {
        let endless = std::io::repeat(b'x');
        let text = Read::chain(&br#"{"part":{"id":"prt_1","text":""#[..], endless);
        let span = spans(text, &[&["part", "id"]], &|found| found.iter().all(Option::is_some)).unwrap().remove(0).unwrap();
        assert_eq!(span, 14..21);
    }

    #[test]
    fn every_object_is_read_as_serde_reads_it() {
        use proptest::prelude::*;
        let leaf = prop_oneof![Just(serde_json::Value::Null), any::<i64>().prop_map(Into::into), ".*".prop_map(serde_json::Value::from)];
        let tree = leaf.prop_recursive(4, 40, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(serde_json::Value::from),
                prop::collection::btree_map("[ab\"\\\\]{1,2}", inner, 0..5)
                    .prop_map(|m| serde_json::Value::Object(m.into_iter().collect())),
            ]
        });
        proptest!(|(tree in tree, pretty in any::<bool>())| {
            let text = if pretty { serde_json::to_string_pretty(&tree) } else { serde_json::to_string(&tree) }.unwrap();
            let spans = spans(text.as_bytes(), &[&["a", "b"]], ALL);
            prop_assert_eq!(spans.is_ok(), tree.is_object());
            if let Ok(mut spans) = spans {
                let span = spans.remove(0);
                let at = |n: u64| usize::try_from(n).unwrap();
                let told = span.map(|s| serde_json::from_str::<serde_json::Value>(&text[at(s.start)..at(s.end)]).unwrap());
                prop_assert_eq!(told.as_ref(), tree.get("a").and_then(|a| a.get("b")));
            }
        });
    }
}
