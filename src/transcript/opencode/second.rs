//! The third generation: rows of `session_message`, each a message of its kind.

use super::super::laid::{By, Row, note, thinking, words};
use super::tool::{self, Call};
use super::{Page, at, failure, tokens, word};
use serde_json::{Value, json};
use std::io;

/// Lays a message out.
pub fn message(id: &str, kind: &str, data: &Value, page: &mut Page<'_, '_>) -> io::Result<()> {
    let when = data.pointer("/time/created").and_then(Value::as_i64);
    let text = || words(data.get("text").cloned().unwrap_or_default());
    let app = |say: Vec<Value>| Row { by: By::App, of: id, when, say, ..Row::default() };
    match kind {
        "user" => {
            let mut say: Vec<Value> = Some(text()).filter(|_| !word(data, "text").trim().is_empty()).into_iter().collect();
            say.extend(list(data, "files").iter().filter_map(tool::file));
            page.line(id, Row { by: By::User, of: id, when, say, ..Row::default() })
        }
        "assistant" => assistant(id, data, when, page),
        "system" => page.line(id, app(vec![note("From the tool to the model"), text()])),
        "synthetic" => {
            let about = Some(word(data, "description")).filter(|about| !about.is_empty()).unwrap_or("Added by the app");
            page.line(id, app(vec![note(about.to_owned()), text()]))
        }
        "skill" => page.line(id, app(vec![note(format!("Skill {}", word(data, "name"))), text()])),
        "shell" => {
            let call = json!({"type": "tool_use", "id": id, "name": "shell", "input": {"command": data.get("command")}});
            let failed = data.get("exit").and_then(Value::as_i64).is_some_and(|code| code != 0);
            let output = words(at(data, "/output/output").into());
            let answer = json!({"type": "tool_result", "tool_use_id": id, "content": [output], "is_error": failed});
            let ended = word(data, "status") != "running";
            let say = [note("A command that you ran"), call].into_iter().chain(Some(answer).filter(|_| ended)).collect();
            page.line(id, app(say))
        }
        "compaction" => {
            page.line(id, Row { by: By::Boundary, of: id, when, ..Row::default() })?;
            let summary = word(data, "summary");
            if summary.trim().is_empty() {
                return Ok(());
            }
            page.line(&format!("{id}/summary"), Row { by: By::Summary, when, say: vec![words(summary.into())], ..Row::default() })
        }
        "idle" => match word(data, "outcome") {
            "" | "succeeded" => Ok(()),
            outcome => page.line(id, app(vec![note(format!("The turn ended: {outcome}"))])),
        },
        "agent-switched" | "model-switched" | "location-switched" => {
            let what = kind.trim_end_matches("-switched");
            let now = data.get(what).unwrap_or(&Value::Null);
            let name = now.as_str().or_else(|| ["id", "directory"].iter().find_map(|name| now.get(name)?.as_str())).unwrap_or("another");
            page.line(id, app(vec![note(format!("The {what} from here on: {name}"))]))
        }
        kind => {
            let says = note(format!("A message of kind {kind} stands here, which this version cannot show."));
            page.line(id, Row { unknown: kind, ..app(vec![says]) })
        }
    }
}

fn assistant(id: &str, data: &Value, when: Option<i64>, page: &mut Page<'_, '_>) -> io::Result<()> {
    let (model, mut used) = (at(data, "/model/id"), data.get("tokens").and_then(tokens));
    let mut n = 0;
    let mut write = |row: Row<'_>, page: &mut Page<'_, '_>| {
        let line = if n == 0 { id.to_owned() } else { format!("{id}/{n}") };
        n += 1;
        page.line(&line, Row { by: if row.by == By::Facts { By::Model } else { row.by }, of: id, when, model, tokens: used.take(), ..row })
    };
    for block in list(data, "content") {
        let text = || block.get("text").cloned().unwrap_or_default();
        let is_blank = word(block, "text").trim().is_empty();
        match word(block, "type") {
            "text" | "reasoning" if is_blank => {}
            "text" => write(Row { say: vec![words(text())], ..Row::default() }, page)?,
            "reasoning" => write(Row { say: vec![thinking(text())], ..Row::default() }, page)?,
            "tool" => {
                let call = Call { id: word(block, "id"), name: word(block, "name"), state: block.get("state").unwrap_or(&Value::Null) };
                page.children.extend(Some(call.child()).filter(|child| !child.is_empty()).map(str::to_owned));
                write(call.row(), page)?;
            }
            "file" => write(Row { say: tool::file(block).into_iter().collect(), ..Row::default() }, page)?,
            kind => {
                let say = vec![note(format!("A {kind} stands here, which this version cannot show."))];
                write(Row { say, unknown: kind, ..Row::default() }, page)?;
            }
        }
    }
    match data.get("error").filter(|error| error.is_object()) {
        Some(error) => write(Row { by: By::Failure, say: vec![note(failure(error))], ..Row::default() }, page),
        None => Ok(()),
    }
}

fn list<'v>(of: &'v Value, name: &str) -> &'v [Value] {
    of.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}
