//! A message's JSON without the diffs of its summary, which are copies for display and may be hundreds of megabytes.

use std::io::{self, BufRead, BufReader, Read};

/// What is kept of a message.
const MOST: usize = 32 << 20;

/// Reads an object without what its field `summary` holds, if that is an object or a list; in memory that does not grow with it.
pub fn read(from: impl Read) -> io::Result<Vec<u8>> {
    let mut from = BufReader::with_capacity(1 << 16, from);
    let mut slim = Slim::default();
    loop {
        let held = from.fill_buf()?;
        if held.is_empty() {
            return Ok(slim.kept);
        }
        for byte in held {
            slim.take(*byte);
        }
        let n = held.len();
        from.consume(n);
        if slim.kept.len() > MOST {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a message longer than can be read"));
        }
    }
}

#[expect(clippy::struct_excessive_bools, reason = "where it is in the text, one thing each")]
#[derive(Default)]
struct Slim {
    kept: Vec<u8>,
    depth: usize,
    quoted: bool,
    escaped: bool,
    /// The text read last at the outermost level; long ones are cut.
    last: Vec<u8>,
    /// The field that is read is `summary`.
    within: bool,
    /// It holds something that is passed over.
    passed: bool,
}

impl Slim {
    fn take(&mut self, byte: u8) {
        if self.quoted {
            self.quoted = self.escaped || byte != b'"';
            self.escaped = !self.escaped && byte == b'\\';
            if self.depth == 1 && self.quoted && self.last.len() < 16 {
                self.last.push(byte);
            }
        } else {
            match byte {
                b'"' => {
                    self.quoted = true;
                    self.last.clear();
                }
                b':' if self.depth == 1 => self.within = self.last == b"summary",
                b',' if self.depth == 1 => self.within = false,
                b'{' | b'[' => {
                    self.depth += 1;
                    if self.depth == 2 && self.within {
                        self.passed = true;
                        self.kept.extend_from_slice(b"null");
                    }
                }
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.passed && self.depth == 1 {
                        (self.passed, self.within) = (false, false);
                        return;
                    }
                }
                _ => {}
            }
        }
        if !self.passed {
            self.kept.push(byte);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn a_message_is_read_without_the_diffs_of_its_summary_and_with_everything_else() {
        let slim = |value: &Value| serde_json::from_slice::<Value>(&read(value.to_string().as_bytes()).unwrap()).unwrap();
        let message = |summary: Value| json!({"role":"user","time":{"summary":{"a":"]}"}},"summary":summary,"agent":"x \"summary\": {"});
        let diffs = json!({"diffs":[{"file":"a\\\"}","patch":"x".repeat(100_000)}]});
        assert_eq!(slim(&message(diffs)), message(Value::Null));
        for kept in [json!(true), json!("summary"), json!(7)] {
            assert_eq!(slim(&message(kept.clone())), message(kept));
        }
    }
}
