//! Secrets left out of exported text, by the shapes they are known to have.

use regex::{Captures, Regex};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A known shape: its name in the count, and its pattern. The group `secret` is what goes; without it all of it does.
struct Shape {
    name: &'static str,
    pattern: Regex,
}

/// The shapes, the more specific first.
static SHAPES: LazyLock<Vec<Shape>> = LazyLock::new(|| {
    let shapes = [
        ("private-key", r"(?s)-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|\z)"),
        ("connection-string", r#"\b[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s:/@"'<>`]*:(?<secret>[^\s/@"'<>`]{1,200})@"#),
        ("github-token", r"\b(?:gh[pousr]_[A-Za-z0-9]{30,255}|github_pat_[A-Za-z0-9_]{30,255})"),
        ("gitlab-token", r"\bglpat-[A-Za-z0-9_-]{20,}"),
        ("aws-key", r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b"),
        ("aws-key", r#"(?i)aws_?secret_?access_?key["']?\s*[=:]\s*["']?(?<secret>[A-Za-z0-9/+]{40})"#),
        ("slack-token", r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}"),
        ("stripe-key", r"\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}"),
        ("google-key", r"\bAIza[A-Za-z0-9_-]{35}"),
        ("npm-token", r"\bnpm_[A-Za-z0-9]{36}"),
        ("huggingface-token", r"\bhf_[A-Za-z0-9]{30,}"),
        ("sendgrid-key", r"\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"),
        ("api-key", r"\bsk-[A-Za-z0-9_-]{20,}"),
        ("jwt", r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"),
        ("bearer-token", r"(?i)\bbearer\s+(?<secret>[A-Za-z0-9._~+/-]{16,}=*)"),
    ];
    shapes.into_iter().filter_map(|(name, pattern)| Some(Shape { name, pattern: Regex::new(pattern).ok()? })).collect()
});

/// Leaves secrets out and counts them; or, raw, lets everything through.
#[derive(Debug, Default)]
pub struct Redactor {
    raw: bool,
    /// How many of each shape were left out.
    pub counts: BTreeMap<&'static str, u64>,
}

impl Redactor {
    /// One that leaves secrets out, or, `raw`, keeps them.
    pub fn new(raw: bool) -> Self {
        Self { raw, counts: BTreeMap::new() }
    }

    /// The text with secrets replaced by their shape's name.
    pub fn text<'a>(&mut self, text: &'a str) -> Cow<'a, str> {
        let mut text = Cow::Borrowed(text);
        if self.raw {
            return text;
        }
        for Shape { name, pattern } in SHAPES.iter() {
            let mut found = 0;
            let replaced = pattern.replace_all(&text, |c: &Captures<'_>| {
                let whole = c.get_match();
                let secret = c.name("secret").unwrap_or(whole);
                if !likely(name, secret.as_str()) {
                    return whole.as_str().to_owned();
                }
                found += 1;
                let cut = |from: usize, to: usize| whole.as_str().get(from - whole.start()..to - whole.start()).unwrap_or_default();
                format!("{}[redacted: {name}]{}", cut(whole.start(), secret.start()), cut(secret.end(), whole.end()))
            });
            if found > 0 {
                *self.counts.entry(name).or_default() += found;
                text = Cow::Owned(replaced.into_owned());
            }
        }
        text
    }

    /// A JSON value with secrets left out of every text and key in it.
    pub fn value(&mut self, value: &serde_json::Value) -> serde_json::Value {
        use serde_json::Value;
        match value {
            Value::String(s) => Value::String(self.text(s).into_owned()),
            Value::Array(all) => Value::Array(all.iter().map(|v| self.value(v)).collect()),
            Value::Object(map) => Value::Object(map.iter().map(|(k, v)| (self.text(k).into_owned(), self.value(v))).collect()),
            other => other.clone(),
        }
    }
}

/// Whether it looks like a key and not like words with hyphens, or like a placeholder.
fn likely(name: &str, secret: &str) -> bool {
    match name {
        "api-key" | "bearer-token" => secret.bytes().any(|b| b.is_ascii_digit()),
        "connection-string" => !secret.starts_with("${") && !secret.starts_with("[redacted") && secret.bytes().any(|b| b != b'*'),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_can_be_read_and_finds_what_it_is_for() {
        assert_eq!(SHAPES.len(), 15);
        let planted = [
            ("api-key", "sk-ant-api03-AbCd1234EfGh5678IjKl9012"),
            ("github-token", "ghp_0123456789abcdefghijABCDEFGHIJ012345"),
            ("aws-key", "AKIAIOSFODNN7EXAMPLE"),
            ("jwt", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"),
            ("private-key", "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nabc=\n-----END RSA PRIVATE KEY-----"),
            ("private-key", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk torn"),
        ];
        for (name, secret) in planted {
            let mut r = Redactor::new(false);
            let out = r.text(&format!("see {secret}")).into_owned();
            assert_eq!((out.as_str(), r.counts.get(name)), (format!("see [redacted: {name}]").as_str(), Some(&1)), "{secret}");
        }
    }

    #[test]
    fn of_a_connection_string_only_the_password_goes() {
        let mut r = Redactor::new(false);
        assert_eq!(r.text("postgres://app:s3cr3t@db.example:5432/x"), "postgres://app:[redacted: connection-string]@db.example:5432/x");
        assert_eq!(r.text("Authorization: Bearer abcdef0123456789abcdef"), "Authorization: Bearer [redacted: bearer-token]");
    }

    #[test]
    fn words_and_code_that_only_look_alike_stay() {
        let text = "task-management-for-everybody risk-assessment-of-2026-projects sk-learn-pipelines-and-more https://example.org:8080/a@b bearer of good news everyone";
        assert_eq!(Redactor::new(false).text(text), text);
    }

    #[test]
    fn raw_keeps_everything() {
        assert_eq!(Redactor::new(true).text("AKIAIOSFODNN7EXAMPLE"), "AKIAIOSFODNN7EXAMPLE");
    }
}
