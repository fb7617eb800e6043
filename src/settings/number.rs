//! A number put into settings, in place of the one that stands there.

use super::look::Look;
use super::spans::{blank, members};
use crate::error::{Error, Result};
use serde_json::{Value, json};

/// The text with this number under this key; `None`: it says so already.
pub fn put_number(text: &str, key: &str, number: u64) -> Result<Option<String>> {
    if text.trim().is_empty() {
        return Ok(Some(Look::of("{}").render(&json!({key: number}), 0) + "\n"));
    }
    let odd = |what: &str| Error::refused(what).hint("nothing was changed; mend the file first");
    let value: Value = serde_json::from_str(text).map_err(|e| odd("the settings are no valid JSON").because(e))?;
    let Some(all) = members(text, blank(text, 0)) else { return Err(odd("the settings are no JSON object")) };
    let mut found = all.iter().filter(|m| m.key == key);
    let changed = match (found.next(), found.next()) {
        (_, Some(_)) => return Err(odd("the settings have the same key twice")),
        (Some(_), None) if value.get(key).and_then(Value::as_u64) == Some(number) => return Ok(None),
        (Some(one), None) => {
            let (before, after) = (text.get(..one.value.start), text.get(one.value.end..));
            [before.unwrap_or_default(), &number.to_string(), after.unwrap_or_default()].concat()
        }
        (None, _) => {
            let look = Look::of(text);
            let item = format!("{}:{}{number}", json!(key), look.space());
            look.insert(text, blank(text, 0), 1, all.last().map(|m| &m.all), &item)
        }
    };
    match serde_json::from_str::<Value>(&changed) {
        Ok(after) if after.get(key).and_then(Value::as_u64) == Some(number) => Ok(Some(changed)),
        _ => Err(odd("the settings cannot be understood")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(text: &str) -> String {
        put_number(text, "days", 365).unwrap().unwrap()
    }

    #[test]
    fn the_number_goes_in_as_the_file_is_written_and_everything_else_stays() {
        for (text, after) in [
            ("", "{\n  \"days\": 365\n}\n"),
            ("{}", "{\n  \"days\": 365\n}"),
            ("{\n\t\"a\": [1, 2]\n}\n", "{\n\t\"a\": [1, 2],\n\t\"days\": 365\n}\n"),
            ("{\"a\":1}", "{\"a\":1,\"days\":365}"),
            ("{\r\n  \"days\" :  30 ,\r\n  \"b\": 1\r\n}", "{\r\n  \"days\" :  365 ,\r\n  \"b\": 1\r\n}"),
            ("{\"days\": \"30\"}", "{\"days\": 365}"),
            ("{\"days\": 0}", "{\"days\": 365}"),
        ] {
            assert_eq!(put(text), after);
        }
        assert_eq!(put_number("{\"days\": 365}", "days", 365).unwrap(), None);
    }

    #[test]
    fn what_cannot_be_understood_is_refused() {
        for text in ["{\"a\": 1,}", "[]", "{", "// mine\n{}", "{\"days\": 1, \"days\": 2}"] {
            assert_eq!(put_number(text, "days", 365).unwrap_err().exit_code(), 3, "{text}");
        }
    }
}
