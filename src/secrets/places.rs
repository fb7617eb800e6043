//! Where secrets stand in a file: the line and the rule, never the secret.

use super::{Chunks, Finder, Piece};
use std::io::{self, Read};

/// Where something stands.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Place {
    /// The line it begins in, counted from 1.
    pub line: u64,
    /// The rule that found it.
    pub rule: &'static str,
    /// How often in that line, one after the other.
    pub times: u64,
}

/// Every place of a text, in order, in memory that does not grow with it; nothing for what is no text.
pub fn places(finder: &Finder, mut from: impl Read) -> io::Result<Vec<Place>> {
    let mut all: Vec<Place> = Vec::new();
    let mut line = 1;
    let mut give = |piece: Piece<'_>| {
        let text = match piece {
            Piece::Text(text) => text,
            Piece::Secret(rule, text) => {
                match all.last_mut().filter(|last| last.line == line && last.rule == rule) {
                    Some(last) => last.times += 1,
                    None => all.push(Place { line, rule, times: 1 }),
                }
                text
            }
        };
        line += memchr::memchr_iter(b'\n', text).count() as u64;
    };
    let mut chunks = Chunks::new(finder.clone());
    let mut buffer = vec![0; 1 << 18];
    let mut begun = false;
    loop {
        let n = match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        };
        let part = buffer.get(..n).unwrap_or_default();
        // A picture or a program: text holds no zeros.
        if !std::mem::replace(&mut begun, true) && part.iter().take(8192).any(|b| *b == 0) {
            return Ok(Vec::new());
        }
        chunks.push(part, &mut give);
    }
    chunks.finish(&mut give);
    Ok(all)
}
