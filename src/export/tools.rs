//! A tool call as one folded piece of the page.

use super::markdown::Page;
use super::prose::{fenced, html_line};
use crate::transcript::Tool;
use serde_json::Value;
use std::fmt::Write as _;

/// The call, folded: what was done in one line, then input and answer in fences.
pub fn folded(page: &mut Page<'_>, call: &Tool<'_>) -> String {
    // An input that is no JSON is shown as the text it is.
    let input =
        if call.input.is_empty() { Value::Null } else { serde_json::from_str(&call.input).unwrap_or_else(|_| Value::from(&*call.input)) };
    let input = page.value(&input);
    let name = &*call.name;
    let result = call.answer.as_ref().map(|a| &*a.text);
    let of = |key: &str| input.get(key).and_then(Value::as_str);
    let short = name.rsplit("__").next().unwrap_or(name);
    let path = of("file_path").or_else(|| of("path")).or_else(|| of("notebook_path"));
    let (did, what, body) = match short {
        "Bash" | "bash" => ("Ran", of("command"), of("command").map(|c| fenced("bash", c))),
        "Read" => ("Read", path, None),
        "Write" => ("Wrote", path, of("content").map(|c| fenced("", c))),
        "Edit" => ("Edited", path, of("old_string").zip(of("new_string")).map(|(old, new)| fenced("diff", &diff(old, new)))),
        "Grep" | "Glob" => ("Searched for", of("pattern"), None),
        "Agent" | "Task" => ("Asked a sub-agent:", of("description"), of("prompt").map(|p| fenced("", p))),
        "WebFetch" | "WebSearch" => ("Looked up", of("url").or_else(|| of("query")), None),
        _ => ("Used", Some(name), None),
    };
    let whole = page.clean(what.unwrap_or(name));
    let short = if path.is_some() && what == path { short_path(&whole) } else { &*whole };
    let what = html_line(short, 120);
    let end = match (call.failed, result) {
        (true, _) => " — failed".to_owned(),
        (_, None) => " — no answer".to_owned(),
        (_, Some(text)) => match text.lines().count() {
            n @ 2.. => format!(" — {n} lines"),
            _ => String::new(),
        },
    };
    let mut out = format!("<details><summary>{did} <code>{what}</code>{end}</summary>\n\n");
    let empty = input.is_null() || input.as_object().is_some_and(serde_json::Map::is_empty);
    // What the line above does not say in full stands below it.
    let body = body.or_else(|| (!empty).then(|| fenced("json", &serde_json::to_string_pretty(&input).unwrap_or_default())));
    if short.len() < whole.len() {
        let _ = write!(out, "<code>{}</code>\n\n", html_line(&whole, usize::MAX));
    }
    if let Some(body) = body {
        let _ = write!(out, "{body}\n\n");
    }
    if let Some(result) = result.filter(|r| !r.trim().is_empty()) {
        let _ = write!(out, "{}\n\n", fenced("", page.clean(result).trim_end()));
    }
    out + "</details>"
}

/// A path without what is the same for every file of the session.
fn short_path(path: &str) -> &str {
    let inside = ["/outputs/", "/uploads/", "\\outputs\\", "\\uploads\\"].iter().filter_map(|part| path.rfind(part)).max();
    let name = || path.rfind(['/', '\\']);
    path.get(inside.or_else(name).map_or(0, |at| at + 1)..).filter(|p| !p.is_empty()).unwrap_or(path)
}

fn diff(old: &str, new: &str) -> String {
    let marked = |sign: char, text: &str| text.lines().fold(String::new(), |all, line| format!("{all}{sign}{line}\n"));
    marked('-', old) + &marked('+', new)
}
