//! Names from another platform, as this one can use them.

/// A name of parts joined by `/`, as it can be made on this platform.
pub fn usable(name: &[u8]) -> Vec<u8> {
    if cfg!(windows) { for_windows(name) } else { name.to_vec() }
}

/// A name as Windows can make it: what it forbids becomes `_` (`CreateFileW`, "Naming Files, Paths, and Namespaces").
fn for_windows(name: &[u8]) -> Vec<u8> {
    let parts: Vec<Vec<u8>> = name.split(|b| *b == b'/').map(part_for_windows).collect();
    parts.join(&b'/')
}

fn part_for_windows(part: &[u8]) -> Vec<u8> {
    let forbidden = |c: char| c < ' ' || r#"<>:"/\|?*"#.contains(c);
    let name = crate::model::from_bytes(part);
    // Names that are not Unicode are stored in a form of their own and made as they are, unless an archive hides a way
    // out of its folder in them.
    if cfg!(windows) && name.to_str().is_none() && !name.to_string_lossy().contains(forbidden) {
        return part.to_vec();
    }
    let text = String::from_utf8_lossy(part);
    let mut out: String = text.chars().map(|c| if forbidden(c) { '_' } else { c }).collect();
    if out.ends_with(['.', ' ']) {
        out.pop();
        out.push('_');
    }
    let stem = out.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let numbered = |prefix: &str| stem.strip_prefix(prefix).is_some_and(|n| n.len() == 1 && n.as_bytes()[0].is_ascii_digit());
    if matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL") || numbered("COM") || numbered("LPT") {
        out.insert(0, '_');
    }
    out.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_windows_cannot_make_are_changed_and_others_are_not() {
        for (name, there) in [
            ("a/b.txt", "a/b.txt"),
            ("a:b*c?.txt", "a_b_c_.txt"),
            ("trailing.dot.", "trailing.dot_"),
            ("CON", "_CON"),
            ("x/nul.txt", "x/_nul.txt"),
            ("COM1", "_COM1"),
            ("COMMON", "COMMON"),
            ("new\nline", "new_line"),
        ] {
            assert_eq!(for_windows(name.as_bytes()), there.as_bytes());
        }
    }
}
