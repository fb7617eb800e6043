//! The front matter of a markdown page: what is known of the session, and whether anything is missing; and its title.

use super::form::Desk;
use super::prose::{html_line, plain};
use crate::transcript::{Tokens, Told};
use std::fmt::Write as _;

/// The schema of the page.
const SCHEMA: &str = "lifeboat.transcript/1";

/// What stands before a page with so many turns.
pub fn matter(told: &Told, turns: u64, title: &str, desk: &mut Desk<'_>) -> String {
    let about = desk.about;
    let mut front = Front(String::from("---\n"));
    front.line("schema", SCHEMA);
    front.text("title", Some(title));
    front.text("source", Some(about.source));
    front.text("session", Some(about.session));
    for (key, text) in [("cli_session", &told.cli_session), ("cwd", &told.cwd), ("git_branch", &told.branch)] {
        let text = text.as_ref().map(|text| desk.clean(text));
        front.text(key, text.as_deref());
    }
    for (key, time) in [("started", about.started.or(told.began)), ("ended", told.ended)] {
        if let Some(time) = time {
            front.line(key, &time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
        }
    }
    front.line("turns", &turns.to_string());
    let model = told.model.as_deref().or(about.model).map(|model| desk.clean(model));
    front.text("model", model.as_deref());
    if told.models.len() > 1 {
        let all: Vec<String> = told.models.iter().map(|model| json(&desk.clean(model))).collect();
        front.line("models", &format!("[{}]", all.join(", ")));
    }
    if !told.tokens.none() {
        let Tokens { input, output, cache_read, cache_write } = told.tokens;
        front.line("tokens", &format!("{{input: {input}, output: {output}, cache_read: {cache_read}, cache_write: {cache_write}}}"));
    }
    for (key, n) in [("subagents", told.agents), ("branches", told.left)] {
        if n > 0 {
            front.line(key, &n.to_string());
        }
    }
    complete(told, desk, &mut front);
    let mut files = Front(String::new());
    sources(told, desk, &mut files);
    let mounts = mounts(desk);
    // Last of all, so that it counts what was left out above.
    front.line("redacted", &redacted(desk));
    front.0.push_str(&files.0);
    front.line("exporter", concat!("lifeboat ", env!("CARGO_PKG_VERSION")));
    format!("{}---\n\n# {}\n\n{}", front.0, plain(title), mounts)
}

fn redacted(desk: &Desk<'_>) -> String {
    if desk.about.raw {
        return "false".to_owned();
    }
    let counts: Vec<String> = desk.redactor.counts.iter().map(|(name, n)| format!("{name}: {n}")).collect();
    format!("{{{}}}", counts.join(", "))
}

/// Whether anything is missing, and what.
fn complete(told: &Told, desk: &mut Desk<'_>, front: &mut Front) {
    let mut missing = told.missing.clone();
    missing.append(&mut desk.missing);
    match desk.cut {
        0 => {}
        1 => missing.push("a tool output is longer than 1 MB, its first part is here".to_owned()),
        n => missing.push(format!("{n} tool outputs are longer than 1 MB, their first parts are here")),
    }
    match desk.shortened {
        0 => {}
        1 => missing.push("a sub-agent is here in short, as was asked for".to_owned()),
        n => missing.push(format!("{n} sub-agents are here in short, as was asked for")),
    }
    front.line("complete", &missing.is_empty().to_string());
    if !missing.is_empty() {
        let all: Vec<String> = missing.iter().map(|m| json(&desk.clean(m))).collect();
        front.line("missing", &format!("[{}]", all.join(", ")));
    }
    if !told.unknown.is_empty() {
        let all: Vec<String> = told.unknown.iter().map(|(kind, n)| format!("{}: {n}", json(&desk.clean(kind)))).collect();
        front.line("unknown_records", &format!("{{{}}}", all.join(", ")));
    }
}

/// The files the page was made from.
fn sources(told: &Told, desk: &mut Desk<'_>, front: &mut Front) {
    if told.sources.is_empty() {
        return;
    }
    front.0.push_str("source_files:\n");
    for source in &told.sources {
        let below = desk.about.dir.and_then(|dir| source.path.strip_prefix(dir).ok()).unwrap_or(&source.path);
        let path = below.to_string_lossy();
        let _ = writeln!(front.0, "  - {{path: {}, bytes: {}, blake3: {}}}", json(&desk.clean(&path)), source.bytes, json(&source.blake3));
    }
}

/// Where the folders that were spoken of are, inside the virtual machine and outside of it.
fn mounts(desk: &mut Desk<'_>) -> String {
    let about = desk.about;
    if !desk.in_vm || about.mounts.is_empty() {
        return String::new();
    }
    let mut out = String::from("| In the virtual machine | On this one |\n|---|---|\n");
    for (vm, here) in &about.mounts {
        let cell = |text: &str| html_line(text, usize::MAX).replace('|', "&#124;");
        let (vm, here) = (cell(&desk.clean(vm)), cell(&desk.clean(here)));
        let _ = writeln!(out, "| <code>{vm}</code> | <code>{here}</code> |");
    }
    out + "\n"
}

struct Front(String);

impl Front {
    fn line(&mut self, key: &str, value: &str) {
        let _ = writeln!(self.0, "{key}: {value}");
    }

    fn text(&mut self, key: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.line(key, &yaml(text));
        }
    }
}

fn json(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Text as a YAML scalar: plain where that is safe, else quoted as in JSON, which YAML reads alike.
pub fn yaml(text: &str) -> String {
    let safe = text.starts_with(|c: char| c.is_alphabetic()) && text.chars().all(|c| c.is_alphanumeric() || " _-./()".contains(c));
    let word = matches!(text.to_lowercase().as_str(), "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n");
    if safe && !word && !text.ends_with(' ') { text.to_owned() } else { json(text) }
}
