//! One line of JSON, read as leniently as it can be without guessing.

use serde::Deserialize;
use serde_json::Value;

/// The little of a record that says whether the rest is worth reading.
#[derive(Debug, Default)]
pub struct Head {
    /// `type`.
    pub kind: String,
    /// `uuid`, or empty.
    pub uuid: String,
}

#[derive(Deserialize)]
struct RawHead {
    #[serde(rename = "type", default)]
    kind: Value,
    #[serde(default)]
    uuid: Value,
}

/// The head of a record; `None` where the line is no JSON object, however leniently read.
pub fn head(line: &[u8]) -> Option<Head> {
    let raw: RawHead = lenient(line)?;
    Some(Head { kind: text(&raw.kind).to_owned(), uuid: text(&raw.uuid).to_owned() })
}

/// The whole record.
pub fn record(line: &[u8]) -> Option<Value> {
    lenient::<Value>(line).filter(Value::is_object)
}

/// The text of a value that is text, else nothing.
pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The first of these fields that is there and not null.
pub fn field<'a>(value: &'a Value, names: &[&str]) -> &'a Value {
    names.iter().filter_map(|n| value.get(n)).find(|v| !v.is_null()).unwrap_or(&Value::Null)
}

/// Whether a field is `true`.
pub fn is(value: &Value, name: &str) -> bool {
    value.get(name).and_then(Value::as_bool).unwrap_or(false)
}

/// JSON as it stands; else with bytes that are not UTF-8 and halves of surrogate pairs replaced by U+FFFD.
fn lenient<T: serde::de::DeserializeOwned>(line: &[u8]) -> Option<T> {
    // A crash can leave NULs where the file was made longer but not yet written.
    let line = line.trim_ascii().strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line);
    let line = line.get(line.iter().take_while(|b| **b == 0).count()..).unwrap_or_default();
    if let Ok(value) = serde_json::from_slice(line) {
        return Some(value);
    }
    let text = String::from_utf8_lossy(line);
    serde_json::from_str(&text).or_else(|_| serde_json::from_str(&without_lone_surrogates(&text))).ok()
}

/// JavaScript cuts strings between the halves of a pair, and writes the half as `\ud83d`.
fn without_lone_surrogates(text: &str) -> String {
    let unit = |at: usize| {
        let hex = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u32::from_str_radix(hex, 16).ok()
    };
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(c) = text.get(at..).and_then(|t| t.chars().next()) {
        if c != '\\' {
            out.push(c);
            at += c.len_utf8();
            continue;
        }
        let take = match (unit(at), unit(at + 6)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 12,
            (Some(0xD800..=0xDFFF), _) => {
                out.push_str("\\ufffd");
                at += 6;
                continue;
            }
            (Some(_), _) => 6,
            (None, _) => 1 + text.get(at + 1..).and_then(|t| t.chars().next()).map_or(0, char::len_utf8),
        };
        out.push_str(text.get(at..at + take).unwrap_or_default());
        at += take;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_surrogate_pair_costs_one_character_and_not_the_line() {
        let value = record(br#"{"a":"x\ud83d y \ud83e\udd80 \\ud83d"}"#).unwrap();
        assert_eq!(text(&value["a"]), "x\u{FFFD} y 🦀 \\ud83d");
    }

    #[test]
    fn bytes_that_are_not_utf8_cost_one_character_and_not_the_line() {
        assert_eq!(text(&record(b"{\"a\":\"caf\xe9\"}").unwrap()["a"]), "caf\u{FFFD}");
    }

    #[test]
    fn a_torn_line_is_no_record() {
        assert!(record(br#"{"type":"assistant","mess"#).is_none());
        assert!(record(b"[1]").is_none());
    }
}
