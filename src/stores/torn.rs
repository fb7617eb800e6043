//! JSON objects as far as they can be read: a record may be caught in the middle of being written.

use serde_json::{Deserializer, Map, Value};

/// The fields of an object, and why there may be more.
#[derive(Debug, Default)]
pub struct Torn {
    /// The fields that could be read, in their order.
    pub fields: Map<String, Value>,
    /// Why the text is no whole JSON object; `None` where it is.
    pub broken: Option<String>,
}

/// Reads an object, or of a broken one the fields before the break.
pub fn read(bytes: &[u8]) -> Torn {
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(fields)) => Torn { fields, broken: None },
        Ok(_) => Torn { fields: Map::new(), broken: Some("it is not a JSON object".into()) },
        Err(_) if bytes.is_empty() => Torn { fields: Map::new(), broken: Some("it is empty".into()) },
        Err(e) => Torn { fields: recover(&String::from_utf8_lossy(bytes)), broken: Some(e.to_string()) },
    }
}

fn recover(text: &str) -> Map<String, Value> {
    let mut fields = Map::new();
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let mut rest = start.strip_prefix('{').unwrap_or_default();
    while let Some((Value::String(key), after)) = next(rest.trim_start_matches([',', ' ', '\n', '\r', '\t'])) {
        let Some(after) = after.trim_start().strip_prefix(':').map(str::trim_start) else { break };
        let Some((value, after)) = next(after) else {
            if let Some(part) = begun(after) {
                fields.insert(key, Value::String(part));
            }
            break;
        };
        fields.insert(key, value);
        rest = after;
    }
    fields
}

/// The value a text begins with, and what follows it.
fn next(text: &str) -> Option<(Value, &str)> {
    let mut values = Deserializer::from_str(text).into_iter::<Value>();
    let value = values.next()?.ok()?;
    Some((value, text.get(values.byte_offset()..)?))
}

/// A string whose end is missing, as far as it goes.
fn begun(text: &str) -> Option<String> {
    let text = text.strip_prefix('"')?;
    // An escape may be cut in two; the longest, a pair of surrogates, has twelve characters.
    let ends = text.char_indices().rev().map(|(at, c)| at + c.len_utf8()).take(12).chain([0]);
    ends.filter_map(|end| text.get(..end)).find_map(|part| serde_json::from_str(&format!("\"{part}\"")).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_was_written_before_the_break_is_read() {
        let torn = read(br#"{"": true, "n": {"a": [1]}, "title": "Quarterly \u00e9 rep"#);
        assert_eq!(torn.fields["title"], "Quarterly \u{e9} rep");
        assert_eq!(torn.fields[""], true);
        assert!(torn.broken.is_some());
        assert_eq!(read(br#"{"title":"a \u00"#).fields["title"], "a ");
        assert_eq!(read("{\"a\": 1, \"b\"".as_bytes()).fields.len(), 1);
    }

    #[test]
    fn a_whole_record_is_not_called_broken() {
        assert!(read(br#"{"a": 1}"#).broken.is_none());
        assert_eq!(read(b"[]").broken.as_deref(), Some("it is not a JSON object"));
        assert_eq!(read(b"").broken.as_deref(), Some("it is empty"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn a_record_cut_anywhere_gives_only_fields_the_whole_one_has(cut in 0_usize..140) {
            let whole = r#"{"sessionId": "local_1", "": true, "deep": {"x": [1, {"y": null}]}, "title": "Größe \u00e9 \ud83d\ude00 \"q\"", "createdAt": 1783372201477}"#;
            let all = read(whole.as_bytes());
            let part = read(&whole.as_bytes()[..cut.min(whole.len())]);
            for key in part.fields.keys() {
                prop_assert!(all.fields.contains_key(key));
            }
        }

        #[test]
        fn garbage_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300), prefix in "[{\\[\", :a]{0,12}") {
            let mut text = prefix.into_bytes();
            text.extend(bytes);
            let _ = read(&text);
        }
    }
}
