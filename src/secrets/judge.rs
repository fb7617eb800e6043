//! Whether a value looks like a secret, or like words, a placeholder or code.

/// Entropy in bits a byte.
pub fn entropy(value: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in value {
        if let Some(n) = counts.get_mut(usize::from(*byte)) {
            *n += 1;
        }
    }
    let length = value.len() as f64;
    counts.iter().filter(|n| **n > 0).map(|n| f64::from(*n) / length).map(|p| -p * p.log2()).sum()
}

/// Whether it is words strung together (`get-user_name`, `SomeLongTypeName`): random text changes its kind of letter far more often.
pub fn words(value: &[u8]) -> bool {
    let kind = |b: u8| match b {
        b'a'..=b'z' => 1,
        b'A'..=b'Z' => 2,
        b'0'..=b'9' => 3,
        _ => 0,
    };
    let (mut runs, mut before) = (0_usize, 0);
    for byte in value {
        let now = kind(*byte);
        // A capital that begins a word belongs to it.
        let goes_on = now == before || (now == 1 && before == 2);
        runs += usize::from(now != 0 && !goes_on);
        before = now;
    }
    value.len() >= 4 * runs
}

/// Whether it stands for a value that is given elsewhere, or says that it was left out.
pub fn placeholder(value: &[u8]) -> bool {
    const WITHIN: &[&str] = &[
        "your",
        "example",
        "placeholder",
        "changeme",
        "change-me",
        "change_me",
        "redacted",
        "dummy",
        "replace",
        "insert",
        "${",
        "{{",
        "$(",
        "#{",
        "%s",
        "...",
        "…",
        "xxxx",
        "****",
        "process.env",
        "environ",
        "getenv",
        "env.",
        "<",
        "omitted",
    ];
    const WHOLE: &[&str] = &[
        "true",
        "false",
        "null",
        "none",
        "nil",
        "undefined",
        "string",
        "password",
        "passwd",
        "passphrase",
        "secret",
        "token",
        "required",
        "optional",
        "hidden",
        "text",
        "value",
        "yes",
        "no",
        "test",
        "default",
        "unset",
        "empty",
    ];
    let lower = String::from_utf8_lossy(value).to_lowercase();
    let distinct = value.iter().collect::<std::collections::BTreeSet<_>>().len();
    (distinct <= 2 && value.len() > 2)
        || lower.starts_with(['$', '%', '{', '<', '[', '*'])
        || WHOLE.contains(&lower.trim_matches(['"', '\'', '`', ',', ';', '.', ')']))
        || WITHIN.iter().any(|w| lower.contains(w))
}

/// Whether it is a UUID.
pub fn uuid(value: &[u8]) -> bool {
    value.len() == 36
        && value.iter().enumerate().all(|(n, b)| if [8, 13, 18, 23].contains(&n) { *b == b'-' } else { b.is_ascii_hexdigit() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_random_text_are_told_apart() {
        for text in
            ["get-user_name", "SomeLongTypeName", "task-management-for-everybody", "MAX_TOKEN_LENGTH", "lip_sync_animation_frame", "---"]
        {
            assert!(words(text.as_bytes()), "{text}");
        }
        for text in ["q7Hs9dKx0PfT3vWb", "0f8a1c9e4b7d2a6c", "AbCd1234EfGh5678"] {
            assert!(!words(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn a_placeholder_is_none_of_anybodys_secrets() {
        for text in ["${TOKEN}", "<token>", "YOUR_API_KEY", "xxxxxxxxxxxx", "********", "process.env.KEY", "changeme", "null", "{}"] {
            assert!(placeholder(text.as_bytes()), "{text}");
        }
        assert!(!placeholder(b"hunter2"));
    }
}
