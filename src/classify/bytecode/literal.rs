//! Texts as a source writes them: what their escapes stand for.

/// How a text is written, by the letters before it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Form {
    /// Backslashes are shown.
    pub raw: bool,
    /// It is of bytes.
    pub bytes: bool,
    /// Braces hold code.
    pub format: bool,
}

impl Form {
    /// By the letters; `None` where they are some other word.
    pub fn of(letters: &[u8]) -> Option<Self> {
        let mut form = Self::default();
        for letter in letters {
            match letter.to_ascii_lowercase() {
                b'r' => form.raw = true,
                b'b' => form.bytes = true,
                b'f' | b't' => form.format = true,
                b'u' => {}
                _ => return None,
            }
        }
        (letters.len() <= 2).then_some(form)
    }
}

/// What an escape means.
pub enum Escape {
    /// Bytes that were put behind `out`.
    Taken,
    /// A sign by its name, which is not known here.
    Named,
}

/// Reads an escape, `text` beginning behind its backslash. Gives what it means and how long it is.
pub fn escape(text: &[u8], form: Form, out: &mut Vec<u8>) -> Option<(Escape, usize)> {
    let first = *text.first()?;
    let one = |byte: u8| (byte, 1);
    let (byte, length) = match first {
        b'\n' => return Some((Escape::Taken, 1)),
        b'\\' | b'\'' | b'"' => one(first),
        b'a' => one(7),
        b'b' => one(8),
        b'f' => one(12),
        b'n' => one(b'\n'),
        b'r' => one(b'\r'),
        b't' => one(b'\t'),
        b'v' => one(11),
        b'0'..=b'7' => {
            let length = text.iter().take(3).take_while(|b| matches!(b, b'0'..=b'7')).count();
            return number(text.get(..length)?, 8, form, out).map(|()| (Escape::Taken, length));
        }
        b'x' => return coded(text, 2, form, out),
        b'u' if !form.bytes => return coded(text, 4, form, out),
        b'U' if !form.bytes => return coded(text, 8, form, out),
        b'N' if !form.bytes => return Some((Escape::Named, text.iter().position(|b| *b == b'}')? + 1)),
        // The backslash stays, and what follows is read on.
        _ => (b'\\', 0),
    };
    out.push(byte);
    Some((Escape::Taken, length))
}

fn coded(text: &[u8], digits: usize, form: Form, out: &mut Vec<u8>) -> Option<(Escape, usize)> {
    number(text.get(1..=digits)?, 16, form, out).map(|()| (Escape::Taken, digits + 1))
}

fn number(digits: &[u8], base: u32, form: Form, out: &mut Vec<u8>) -> Option<()> {
    let code = u32::from_str_radix(std::str::from_utf8(digits).ok()?, base).ok()?;
    if form.bytes {
        out.push(u8::try_from(code & 0xFF).ok()?);
        return Some(());
    }
    match char::from_u32(code) {
        Some(sign) => out.extend(sign.encode_utf8(&mut [0; 4]).as_bytes()),
        // Half of a pair: Python writes each half as if it were a sign of its own.
        None if code < 0x1_0000 => {
            let part = |shift: u32| u8::try_from((code >> shift) & 0x3F).ok();
            out.extend([0xE0 | u8::try_from(code >> 12).ok()?, 0x80 | part(6)?, 0x80 | part(0)?]);
        }
        None => return None,
    }
    Some(())
}
