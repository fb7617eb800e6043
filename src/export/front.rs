//! What stands before the body of a markdown page: the facts as YAML, the title, and where the virtual machine's folders are.

use super::facts;
use super::form::Desk;
use super::prose::plain;
use crate::transcript::Told;
use serde_json::Value;
use std::fmt::Write as _;

/// The schema of the page.
const SCHEMA: &str = "lifeboat.transcript/1";

/// What stands before a page with so many turns.
pub fn matter(told: &Told, turns: u64, title: &str, desk: &mut Desk<'_>) -> String {
    let mounts = mounts(desk);
    let mut front = format!("---\nschema: {SCHEMA}\n");
    if let Value::Object(facts) = facts::json(told, turns, desk) {
        for (name, value) in &facts {
            match value {
                // Files have long names, so each has a line of its own.
                Value::Array(all) if all.iter().any(Value::is_object) => {
                    let _ = writeln!(front, "{name}:");
                    for one in all {
                        let _ = writeln!(front, "  - {}", flow(one));
                    }
                }
                // Times are ours, and YAML has them without quotes.
                Value::String(time) if matches!(name.as_str(), "started" | "ended") => {
                    let _ = writeln!(front, "{name}: {time}");
                }
                value => {
                    let _ = writeln!(front, "{name}: {}", flow(value));
                }
            }
        }
    }
    format!("{front}---\n\n# {}\n\n{mounts}", plain(title))
}

/// A value on one line of YAML. Within lists every text is quoted.
fn flow(value: &Value) -> String {
    match value {
        Value::String(text) => yaml(text),
        Value::Object(all) => {
            let each: Vec<String> = all.iter().map(|(name, value)| format!("{}: {}", yaml(name), inner(value))).collect();
            format!("{{{}}}", each.join(", "))
        }
        Value::Array(all) => format!("[{}]", all.iter().map(inner).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

fn inner(value: &Value) -> String {
    if value.is_string() { value.to_string() } else { flow(value) }
}

/// Where the folders that were spoken of are, inside the virtual machine and outside of it.
fn mounts(desk: &mut Desk<'_>) -> String {
    let about = desk.about;
    if !desk.in_vm || about.mounts.is_empty() {
        return String::new();
    }
    let mut out = String::from("| In the virtual machine | On this one |\n|---|---|\n");
    for (vm, here) in &about.mounts {
        let _ = writeln!(out, "| {} | {} |", cell(&desk.clean(vm)), cell(&desk.clean(here)));
    }
    out + "\n"
}

/// A path as code within a table: no sign in it acts, a backslash neither.
fn cell(path: &str) -> String {
    let line = path.replace(['\n', '\r'], " ");
    if line.contains(['`', '|']) { format!("<code>{}</code>", plain(&line)) } else { format!("`{line}`") }
}

/// Text as a YAML scalar: plain where that is safe, else quoted as in JSON, which YAML reads alike.
pub fn yaml(text: &str) -> String {
    let safe = text.starts_with(|c: char| c.is_alphabetic()) && text.chars().all(|c| c.is_alphanumeric() || " _-./()".contains(c));
    let word = matches!(text.to_lowercase().as_str(), "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n");
    if safe && !word && !text.ends_with(' ') { text.to_owned() } else { Value::from(text).to_string() }
}
