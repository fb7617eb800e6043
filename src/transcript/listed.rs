//! Calls whose input is one list: things to do, questions, files. What of it is told in a line, and the list itself.

use super::call::Part;
use super::object::{Fields, fields, text};
use super::scan::Cursor;
use std::borrow::Cow;
use std::fmt::Write as _;

/// What is told in a line, and the parts. `None`: the list is not as it should be.
pub type Told<'a> = Option<(Cow<'a, str>, Vec<Part<'a>>)>;

/// Things to do: how many are done, and each with its box.
pub fn todos(list: &[u8]) -> Told<'_> {
    let all = objects(list)?;
    let (mut done, mut out) = (0, String::new());
    for one in &all {
        let state = of(one, "status").unwrap_or_default();
        done += usize::from(state == "completed");
        let sign = if state == "completed" { 'x' } else { ' ' };
        let now = if state == "in_progress" { " *(under way)*" } else { "" };
        let says = ["content", "step", "description"].iter().find_map(|name| of(one, name))?;
        let _ = writeln!(out, "- [{sign}] {}{now}", line(&says));
    }
    Some((Cow::Owned(format!("{done} of {} done", all.len())), vec![Part::Prose(Cow::Owned(out))]))
}

/// A patch of files: which, and all of it.
pub fn patch(raw: &[u8]) -> Told<'_> {
    let patch = text(raw)?;
    let names = |line: &str| {
        ["Add", "Update", "Delete"]
            .iter()
            .find_map(|did| Some(line.strip_prefix("*** ")?.strip_prefix(did)?.strip_prefix(" File: ")?.trim().to_owned()))
    };
    let files: Vec<String> = patch.lines().filter_map(names).collect();
    let first = files.first()?;
    let subject = if files.len() > 1 { format!("{first} and {} more", files.len() - 1) } else { first.clone() };
    Some((Cow::Owned(subject), vec![Part::Code { language: Cow::Borrowed("diff"), text: patch }]))
}

/// Questions: the first, and each with what there is to choose from.
pub fn questions(list: &[u8]) -> Told<'_> {
    let all = objects(list)?;
    let mut out = String::new();
    for one in &all {
        let _ = writeln!(out, "{}\n", line(&of(one, "question")?));
        let options = one.iter().find(|(key, _)| key.0 == b"options").and_then(|(_, raw)| objects(raw)).unwrap_or_default();
        for option in &options {
            let about = of(option, "description").filter(|about| !about.is_empty()).map(|about| format!(" — {}", line(&about)));
            let _ = writeln!(out, "- {}{}", line(&of(option, "label")?), about.unwrap_or_default());
        }
        out.push('\n');
    }
    Some((of(all.first()?, "question")?, vec![Part::Prose(Cow::Owned(out))]))
}

/// Files: the first, and where there are several all of them.
pub fn files(list: &[u8]) -> Told<'_> {
    let all: Vec<Cow<'_, str>> = objects(list)?.iter().map(|one| of(one, "file_path")).collect::<Option<_>>()?;
    let first = all.first()?.clone();
    let parts = if all.len() > 1 { vec![Part::Code { language: Cow::default(), text: Cow::Owned(all.join("\n")) }] } else { Vec::new() };
    Some((first, parts))
}

/// The objects of a list; `None`: something else is in it.
fn objects(list: &[u8]) -> Option<Vec<Fields<'_>>> {
    let mut c = Cursor::new(list);
    let mut all = Vec::new();
    if !c.list().ok()? {
        return None;
    }
    while c.item().ok()? {
        all.push(fields(c.skip().ok()?)?);
    }
    Some(all)
}

fn of<'a>(object: &Fields<'a>, name: &str) -> Option<Cow<'a, str>> {
    object.iter().find(|(key, _)| key.0 == name.as_bytes()).and_then(|(_, raw)| text(raw))
}

/// A text as one line of a list.
fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use crate::transcript::{Part, Tool};
    use serde_json::json;

    fn told(name: &'static str, input: &serde_json::Value) -> String {
        let tool = Tool { name: name.into(), input: input.to_string().into(), ..Tool::default() };
        let call = tool.call();
        let parts: Vec<String> = call
            .parts
            .iter()
            .map(|part| match part {
                Part::Prose(text) | Part::Code { text, .. } => text.to_string(),
                other => format!("{other:?}"),
            })
            .collect();
        format!("{} {}\n{}", call.did, call.subject, parts.concat())
    }

    #[test]
    fn lists_are_told_in_words() {
        let todo = |content: &str, status: &str| json!({"content":content,"status":status,"activeForm":"x"});
        let todos = json!({"todos":[todo("Read\nit", "completed"), todo("Write", "in_progress"), todo("Rest", "pending")]});
        assert_eq!(told("TodoWrite", &todos), "Listed what is to do: 1 of 3 done\n- [x] Read it\n- [ ] Write *(under way)*\n- [ ] Rest\n");
        let options = json!([{"label":"Red","description":"warm"},{"label":"Blue"}]);
        let asks = json!({"questions":[{"question":"Which colour?","header":"Colour","options":options}]});
        assert_eq!(told("AskUserQuestion", &asks), "Asked you: Which colour?\nWhich colour?\n\n- Red — warm\n- Blue\n\n");
        let files = json!({"files":[{"file_path":"/s/outputs/a.md"},{"file_path":"/s/outputs/b.md"}]});
        assert_eq!(told("mcp__cowork__present_files", &files), "Presented /s/outputs/a.md\n/s/outputs/a.md\n/s/outputs/b.md");
    }

    #[test]
    fn a_list_not_as_it_should_be_is_given_as_it_is() {
        for input in [json!({"todos":"x"}), json!({"todos":[1]}), json!({"todos":[{"status":"pending"}]}), json!({})] {
            let told = told("TodoWrite", &input);
            assert!(told.starts_with("Used TodoWrite\n"), "{told}");
        }
    }
}
