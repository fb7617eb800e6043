//! Bytecode of small modules, as Python 3.11 writes it.

/// What a module gives a name to.
#[derive(Debug, Clone, Copy)]
pub enum Constant<'a> {
    /// A text.
    Text(&'a str),
    /// A whole number.
    Number(i32),
}

/// A `.pyc` of a source of this size and time, in seconds since 1970, at `path`; the module does nothing but to give names.
pub fn compiled(path: &str, size: usize, seconds: i64, given: &[(&str, Constant<'_>)]) -> Vec<u8> {
    let low = |number: i64| u32::try_from(number.rem_euclid(1 << 32)).unwrap_or(0).to_le_bytes();
    let mut out = vec![0xA7, 0x0D, 0x0D, 0x0A, 0, 0, 0, 0];
    out.extend(low(seconds));
    out.extend(low(i64::try_from(size).unwrap_or(0)));
    out.push(0xE3);
    for number in [0, 0, 0, 1, 0] {
        out.extend(low(number));
    }
    // RESUME; for each name LOAD_CONST, STORE_NAME; at last LOAD_CONST None, RETURN_VALUE.
    let mut code = vec![0x97, 0];
    for at in 0..given.len() {
        let at = u8::try_from(at).unwrap_or(0);
        code.extend([0x64, at, 0x5A, at]);
    }
    code.extend([0x64, u8::try_from(given.len()).unwrap_or(0), 0x53, 0]);
    sized(&mut out, b's', &code);
    tuple(&mut out, given.len() + 1);
    for (_, constant) in given {
        match constant {
            Constant::Text(text) => sized(&mut out, b'u', text.as_bytes()),
            Constant::Number(number) => {
                out.push(b'i');
                out.extend(number.to_le_bytes());
            }
        }
    }
    out.push(b'N');
    tuple(&mut out, given.len());
    for (name, _) in given {
        sized(&mut out, b'u', name.as_bytes());
    }
    tuple(&mut out, 0);
    sized(&mut out, b's', b"");
    sized(&mut out, b'u', path.as_bytes());
    for _ in 0..2 {
        sized(&mut out, b'u', b"<module>");
    }
    out.extend(low(1));
    // Of no instruction it is told which line it comes from.
    let lines: Vec<u8> = code.chunks(16).map(|words| 0xF8 | u8::try_from(words.len() / 2 - 1).unwrap_or(0)).collect();
    sized(&mut out, b's', &lines);
    sized(&mut out, b's', b"");
    out
}

fn sized(out: &mut Vec<u8>, kind: u8, bytes: &[u8]) {
    out.push(kind);
    out.extend(u32::try_from(bytes.len()).unwrap_or(0).to_le_bytes());
    out.extend(bytes);
}

fn tuple(out: &mut Vec<u8>, length: usize) {
    out.extend([b')', u8::try_from(length).unwrap_or(0)]);
}
