//! What is known of a conversation once it was told, fit to be shown: the same facts for every format.

use super::form::Desk;
use crate::transcript::Told;
use serde_json::{Map, Value, json};

/// The facts, by their names, in the order in which they are shown; those that are not known are not there.
pub fn json(told: &Told, turns: u64, desk: &mut Desk<'_>) -> Value {
    let about = desk.about;
    let mut all = Map::new();
    let mut put = |name: &str, value: Value| {
        if !value.is_null() {
            all.insert(name.to_owned(), value);
        }
    };
    let time = |time: jiff::Timestamp| json!(time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
    let mut text = |text: Option<&str>| text.map_or(Value::Null, |text| json!(desk.clean(text)));
    put("title", text(Some(about.title)));
    put("source", json!(about.source));
    put("tool", json!(about.tool));
    put("tool_version", text(told.version.as_deref()));
    put("session", json!(about.session));
    put("cli_session", text(told.cli_session.as_deref()));
    put("cwd", text(told.cwd.as_deref()));
    put("git_branch", text(told.branch.as_deref()));
    put("started", about.started.or(told.began).map_or(Value::Null, time));
    put("ended", told.ended.map_or(Value::Null, time));
    put("turns", json!(turns));
    put("model", text(told.model.as_deref().or(about.model)));
    if told.models.len() > 1 {
        put("models", told.models.iter().map(|model| text(Some(model))).collect());
    }
    if !told.tokens.none() {
        let t = told.tokens;
        put("tokens", json!({"input": t.input, "output": t.output, "cache_read": t.cache_read, "cache_write": t.cache_write}));
    }
    for (name, n) in [("subagents", told.agents), ("branches", told.left)] {
        put(name, if n > 0 { json!(n) } else { Value::Null });
    }
    let missing: Value = missing(told, desk).iter().map(|sentence| json!(desk.clean(sentence))).collect();
    put("complete", json!(missing.as_array().is_some_and(Vec::is_empty)));
    put("missing", if missing.as_array().is_some_and(Vec::is_empty) { Value::Null } else { missing });
    let unknown: Map<String, Value> = told.unknown.iter().map(|(kind, n)| (desk.clean(kind).into_owned(), json!(n))).collect();
    put("unknown_records", if unknown.is_empty() { Value::Null } else { Value::Object(unknown) });
    let sources = sources(told, desk);
    // After everything else, so that it counts what was left out above.
    put("redacted", if about.raw { json!(false) } else { json!(desk.redactor.counts) });
    put("source_files", sources);
    put("exporter", json!(concat!("lifeboat ", env!("CARGO_PKG_VERSION"))));
    Value::Object(all)
}

/// What is missing, as sentences: what the conversation itself lacks, and what this export does.
fn missing(told: &Told, desk: &Desk<'_>) -> Vec<String> {
    let mut all = told.missing.clone();
    all.extend(desk.missing.iter().cloned());
    match desk.cut {
        0 => {}
        1 => all.push("a tool output is longer than 1 MB, its first part is here".to_owned()),
        n => all.push(format!("{n} tool outputs are longer than 1 MB, their first parts are here")),
    }
    match desk.shortened {
        0 => {}
        1 => all.push("a sub-agent is here in short, as was asked for".to_owned()),
        n => all.push(format!("{n} sub-agents are here in short, as was asked for")),
    }
    all
}

/// The files it was made from.
fn sources(told: &Told, desk: &mut Desk<'_>) -> Value {
    let one = |source: &crate::transcript::SourceFile| {
        let below = desk.about.dir.and_then(|dir| source.path.strip_prefix(dir).ok());
        // Below the session's folder it is written the same on every system.
        let path = below.map_or_else(|| source.path.to_string_lossy().into_owned(), super::keep::slashed);
        let path = desk.clean(&path).into_owned();
        json!({"path": path, "bytes": source.bytes, "blake3": source.blake3})
    };
    let all: Vec<Value> = told.sources.iter().map(one).collect();
    if all.is_empty() { Value::Null } else { Value::Array(all) }
}
