//! Shapes of names that several tools give.

/// Whether a name is a UUID in its usual form.
pub fn is_uuid(name: &[u8]) -> bool {
    name.len() == 36
        && name.iter().enumerate().all(|(at, b)| if matches!(at, 8 | 13 | 18 | 23) { *b == b'-' } else { b.is_ascii_hexdigit() })
}

/// Whether a name is nothing but hexadecimal digits.
pub fn is_hex(name: &[u8]) -> bool {
    !name.is_empty() && name.iter().all(u8::is_ascii_hexdigit)
}

/// Whether a name ends in one of these endings; case counts.
pub fn ends(name: &[u8], endings: &[&str]) -> bool {
    endings.iter().any(|e| name.len() > e.len() && name.ends_with(e.as_bytes()))
}

/// Whether a file's name is one of a log, also of one that was put aside (`a.log`, `a.log.1`, `a.log.gz`, `a.txt`).
pub fn is_log(name: &[u8]) -> bool {
    let plain = name.strip_suffix(b".gz").or_else(|| name.strip_suffix(b".old")).unwrap_or(name);
    let turned = plain.iter().rposition(|b| *b == b'.').filter(|at| plain.len() > at + 1 && plain[at + 1..].iter().all(u8::is_ascii_digit));
    match turned {
        Some(at) => ends(&plain[..at], &[".log"]),
        None => ends(plain, &[".log"]) || ends(name, &[".txt"]),
    }
}

/// Whether a name ends like a document people write.
pub fn is_document(name: &[u8]) -> bool {
    crate::model::from_bytes(name).to_str().is_some_and(|n| crate::model::is_document(std::path::Path::new(n)))
}
