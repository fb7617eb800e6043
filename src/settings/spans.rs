//! Where the parts of a JSON text stand, so that it can be changed in one place and stay as it is everywhere else.
//!
//! The text must be valid JSON; of any other the answers mean nothing.

use std::ops::Range;

/// A member of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its name.
    pub key: String,
    /// From the name's quote to the end of the value.
    pub all: Range<usize>,
    /// The value.
    pub value: Range<usize>,
}

/// The members of the object at a place; `None`: it is none.
pub fn members(text: &str, at: usize) -> Option<Vec<Member>> {
    let parts = parts(text, at, b'{')?;
    let member = |all: Range<usize>| {
        let key_end = end(text, all.start);
        let colon = blank(text, key_end) + 1;
        let start = blank(text, colon);
        let key = serde_json::from_str(text.get(all.start..key_end)?).ok()?;
        Some(Member { key, value: start..all.end, all })
    };
    parts.into_iter().map(member).collect()
}

/// The elements of the array at a place; `None`: it is none.
pub fn elements(text: &str, at: usize) -> Option<Vec<Range<usize>>> {
    parts(text, at, b'[')
}

/// The first place from here on that is not blank.
pub fn blank(text: &str, at: usize) -> usize {
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    at + rest.iter().take_while(|b| b.is_ascii_whitespace()).count()
}

/// What stands between the commas of what begins here with this bracket.
fn parts(text: &str, at: usize, open: u8) -> Option<Vec<Range<usize>>> {
    if byte(text, at) != Some(open) {
        return None;
    }
    let mut all = Vec::new();
    let mut from = blank(text, at + 1);
    while !matches!(byte(text, from), None | Some(b'}' | b']')) {
        let mut to = end(text, from);
        if open == b'{' {
            to = end(text, blank(text, blank(text, to) + 1));
        }
        all.push(from..to);
        from = blank(text, to);
        if byte(text, from) == Some(b',') {
            from = blank(text, from + 1);
        }
    }
    Some(all)
}

fn byte(text: &str, at: usize) -> Option<u8> {
    text.as_bytes().get(at).copied()
}

/// Where the value that begins here ends.
fn end(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes();
    let (mut depth, mut quoted, mut place) = (0_usize, false, at);
    while let Some(b) = bytes.get(place) {
        match b {
            b'\\' if quoted => place += 1,
            b'"' => {
                quoted = !quoted;
                if !quoted && depth == 0 {
                    return place + 1;
                }
            }
            _ if quoted => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                if depth <= 1 {
                    // Of a bare word it is the end of what it stands in.
                    return if depth == 1 { place + 1 } else { place };
                }
                depth -= 1;
            }
            b',' if depth == 0 => return place,
            b if depth == 0 && b.is_ascii_whitespace() => return place,
            _ => {}
        }
        place += 1;
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_and_elements_are_found_whatever_stands_in_them() {
        let text = r#" { "a" : 1 , "b\"}" :[ true,{"x":[]} , "],\\" ],"c":{} } "#;
        let all = members(text, 1).unwrap();
        let told: Vec<(&str, &str)> = all.iter().map(|m| (m.key.as_str(), &text[m.value.clone()])).collect();
        assert_eq!(told, [("a", "1"), ("b\"}", r#"[ true,{"x":[]} , "],\\" ]"#), ("c", "{}")]);
        let inner: Vec<&str> = elements(text, all[1].value.start).unwrap().into_iter().map(|r| &text[r]).collect();
        assert_eq!(inner, ["true", r#"{"x":[]}"#, r#""],\\""#]);
        assert_eq!((members("[]", 0), elements("{}", 0), elements("[ ]", 0)), (None, None, Some(Vec::new())));
    }
}
