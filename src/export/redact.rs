//! Secrets left out of exported text: a plain mark stands in their place, the same for the same secret.

use crate::secrets::{Chunks, EMAIL, Finder, Found};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

/// Leaves secrets out and counts them; or, raw, lets everything through.
#[derive(Debug, Default)]
pub struct Redactor {
    raw: bool,
    finder: Finder,
    /// How often something was left out, by rule.
    pub counts: BTreeMap<&'static str, u64>,
    /// Which of its rule's secrets one is; the secrets themselves are not kept.
    numbers: HashMap<(&'static str, blake3::Hash), usize>,
    /// How many different ones of a rule there were.
    different: HashMap<&'static str, usize>,
}

impl Redactor {
    /// One that leaves out secrets and the account's own addresses; or, `raw`, keeps them.
    pub fn new(raw: bool, emails: &[String]) -> Self {
        Self { raw, finder: Finder::with_emails(emails.iter().map(String::as_str)), ..Self::default() }
    }

    /// The text with a mark in the place of each secret.
    pub fn text<'a>(&mut self, text: &'a str) -> Cow<'a, str> {
        if self.raw {
            return Cow::Borrowed(text);
        }
        let found = self.finder.find(text.as_bytes());
        if found.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut out = String::with_capacity(text.len());
        let mut from = 0;
        for one in found {
            let (start, end) = (text.floor_char_boundary(one.range.start), text.ceil_char_boundary(one.range.end));
            out.push_str(text.get(from..start).unwrap_or_default());
            out.push_str(&self.mark(one.rule, text.get(start..end).unwrap_or_default()));
            from = end;
        }
        out.push_str(text.get(from..).unwrap_or_default());
        Cow::Owned(out)
    }

    /// A JSON value with secrets left out of every text and key in it.
    pub fn value(&mut self, value: &Value) -> Value {
        match value {
            Value::String(s) => Value::String(self.text(s).into_owned()),
            Value::Array(all) => Value::Array(all.iter().map(|v| self.value(v)).collect()),
            Value::Object(map) => Value::Object(map.iter().map(|(k, v)| (self.text(k).into_owned(), self.named(k, v))).collect()),
            other => other.clone(),
        }
    }

    /// A value whose name may say that it is secret.
    pub fn named(&mut self, name: &str, value: &Value) -> Value {
        let Value::String(text) = value else { return self.value(value) };
        if !self.raw && self.finder.find(text.as_bytes()).is_empty() {
            let whole = format!("\"{name}\": \"{text}\"");
            let start = whole.len() - text.len() - 1;
            let within = |f: &&Found| f.range.start >= start && f.range.end <= start + text.len();
            let found = self.finder.find(whole.as_bytes()).into_iter().find(|f| within(&f));
            return Value::String(found.map_or_else(|| text.clone(), |found| self.mark(found.rule, text)));
        }
        self.value(value)
    }

    /// What finds secrets in a text that comes in pieces; `None`: they are kept.
    pub fn chunks(&self) -> Option<Chunks> {
        (!self.raw).then(|| Chunks::new(self.finder.clone()))
    }

    /// What stands in the place of a secret. The second different one of a rule bears its number, and so on.
    pub fn mark(&mut self, rule: &'static str, secret: &str) -> String {
        *self.counts.entry(rule).or_default() += 1;
        // However it is written, it is one address.
        let secret = if rule == EMAIL { "" } else { secret };
        let different = self.different.entry(rule).or_default();
        let number = *self.numbers.entry((rule, blake3::hash(secret.as_bytes()))).or_insert_with(|| {
            *different += 1;
            *different
        });
        if number == 1 { format!("[redacted: {rule}]") } else { format!("[redacted: {rule} {number}]") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn key(fill: char) -> String {
        ["gh", "p_"].concat() + &fill.to_string().repeat(36)
    }

    #[test]
    fn the_same_secret_has_the_same_mark_and_another_its_number() {
        let mut r = Redactor::new(false, &[]);
        let text = format!("{} {} {}", key('a'), key('b'), key('a'));
        assert_eq!(r.text(&text), "[redacted: github-token] [redacted: github-token 2] [redacted: github-token]");
        assert_eq!(r.text(&key('b')), "[redacted: github-token 2]");
        assert_eq!(r.counts.get("github-token"), Some(&4));
    }

    #[test]
    fn a_value_in_json_is_judged_by_its_name_too() {
        let mut r = Redactor::new(false, &[]);
        let value = json!({"env": {"DB_PASSWORD": "hunter2", "password": "tr0ub4dor", "path": "/tmp/x1", "note": key('c')}, "n": 1});
        let out = json!({"env": {"DB_PASSWORD": "[redacted: assigned-password]", "password": "[redacted: assigned-password 2]", "path": "/tmp/x1",
            "note": "[redacted: github-token]"}, "n": 1});
        assert_eq!(r.value(&value), out);
    }

    #[test]
    fn the_account_s_own_address_goes_and_no_other() {
        let mut r = Redactor::new(false, &["Robin.Doe@example.com".to_owned()]);
        let text = "robin.doe@example.com, mailto:robin.doe%40example.com, anna.robin.doe@example.com, kim@example.com";
        let out = "[redacted: account-email], mailto:[redacted: account-email], anna.robin.doe@example.com, kim@example.com";
        assert_eq!(r.text(text), out);
    }

    #[test]
    fn raw_keeps_everything() {
        let (text, value) = (key('d'), json!({"password": "hunter2"}));
        let mut r = Redactor::new(true, &["robin@example.com".to_owned()]);
        assert_eq!((r.text(&text), r.value(&value)), (Cow::Borrowed(text.as_str()), value));
        assert_eq!(r.text("robin@example.com"), "robin@example.com");
    }
}
