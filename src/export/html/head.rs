//! What stands above the conversation on an HTML page: its title, whether anything is missing, and the table of contents.

use super::prose::escaped;
use crate::export::facts;
use crate::export::form::Desk;
use crate::transcript::Told;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// How the page looks.
const STYLE: &str = include_str!("style.css");

/// The page up to its first turn.
pub fn head(desk: &mut Desk<'_>, told: &Told, turns: u64, (contents, uncounted): (&str, u64)) -> String {
    let title = escaped(&desk.clean(desk.about.title));
    let facts = facts::json(told, turns, desk);
    // Nothing is loaded, nothing runs, nothing is sent: the style is known by its hash, pictures are here or beside.
    let style = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    let policy = format!("default-src 'none'; style-src 'sha256-{style}'; img-src data: file: 'self'; base-uri 'none'; form-action 'none'");
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"generator\" content=\"lifeboat {}\">\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n",
        env!("CARGO_PKG_VERSION")
    );
    let more = if uncounted > 0 { format!("<li>… and {uncounted} more</li>\n") } else { String::new() };
    if !contents.is_empty() {
        let _ = write!(out, "<nav aria-label=\"What you asked\">\n<ol>\n{contents}{more}</ol>\n</nav>\n");
    }
    let _ = write!(out, "<main>\n<header>\n<h1>{title}</h1>\n{}{}</header>\n", completeness(&facts), table(&facts));
    out
}

fn completeness(facts: &Value) -> String {
    let missing: Vec<&str> = facts["missing"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if missing.is_empty() {
        return "<p class=\"complete\">Complete: nothing is known to be missing.</p>\n".to_owned();
    }
    let all: Vec<String> = missing.iter().map(|m| format!("<li>{}</li>", escaped(m))).collect();
    format!("<div class=\"incomplete\"><p>Not complete:</p><ul>{}</ul></div>\n", all.concat())
}

/// What else is known, folded.
fn table(facts: &Value) -> String {
    let mut out = String::from("<details class=\"facts\"><summary>About this transcript</summary>\n<dl>\n");
    for (name, value) in facts.as_object().into_iter().flatten().filter(|(name, _)| !matches!(name.as_str(), "title" | "missing")) {
        let _ = writeln!(out, "<dt>{}</dt><dd>{}</dd>", escaped(&name.replace('_', " ")), shown(value));
    }
    out + "</dl>\n</details>\n"
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => escaped(text),
        Value::Array(all) => all.iter().map(shown).collect::<Vec<_>>().join("<br>"),
        Value::Object(map) if map.is_empty() => "nothing".to_owned(),
        Value::Object(map) => map.iter().map(|(k, v)| format!("{}: {}", escaped(k), shown(v))).collect::<Vec<_>>().join(", "),
        Value::Bool(is) => if *is { "yes" } else { "no" }.to_owned(),
        other => escaped(&other.to_string()),
    }
}
