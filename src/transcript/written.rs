//! What a tool call did to files, by the tools that write them, whoever's client they are with.

use super::call::Part;
use super::event::Tool;
use serde_json::{Map, Value};

/// What a file holds after a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum After {
    /// This text.
    Whole(String),
    /// What it held, each of these texts replaced by the other; everywhere, where that is said.
    Edited(Vec<(String, String, bool)>),
    /// Something the call does not tell in full.
    Unknown,
    /// Nothing: it is not there any more.
    Gone,
}

impl After {
    /// The file's text, from what it held before; `None`: that cannot be told.
    pub fn text(&self, before: Option<&str>) -> Option<String> {
        match self {
            Self::Whole(text) => Some(text.clone()),
            Self::Edited(edits) => {
                edits.iter().try_fold(before?.to_owned(), |text, (old, new, all)| match text.matches(old.as_str()).count() {
                    _ if old.is_empty() => None,
                    0 => None,
                    1 => Some(text.replacen(old.as_str(), new, 1)),
                    _ => all.then(|| text.replace(old.as_str(), new)),
                })
            }
            Self::Unknown | Self::Gone => None,
        }
    }
}

/// The files that a call wrote, by path as the conversation has it. Of one that failed, or that nobody answered, none.
pub fn written(tool: &Tool<'_>) -> Vec<(String, After)> {
    if tool.failed || tool.answer.is_none() {
        return Vec::new();
    }
    let name = tool.name.rsplit("__").next().unwrap_or_default();
    if matches!(name, "apply_patch" | "patch") {
        return patched(tool);
    }
    if !matches!(name, "Write" | "write" | "write_file" | "Edit" | "edit" | "replace" | "MultiEdit" | "multiedit" | "NotebookEdit") {
        return Vec::new();
    }
    let Ok(Value::Object(input)) = serde_json::from_str(&tool.input) else { return Vec::new() };
    let path = ["file_path", "notebook_path", "filePath", "absolute_path", "path"].iter().find_map(|key| input.get(*key)?.as_str());
    let Some(path) = path else { return Vec::new() };
    let after = match name {
        "Write" | "write" | "write_file" => input.get("content").and_then(Value::as_str).map(|text| After::Whole(text.to_owned())),
        "MultiEdit" | "multiedit" => {
            let edits = input.get("edits").and_then(Value::as_array);
            edits.and_then(|all| all.iter().map(|one| edit(one.as_object()?)).collect::<Option<_>>()).map(After::Edited)
        }
        _ => edit(&input).map(|one| After::Edited(vec![one])),
    };
    vec![(path.to_owned(), after.unwrap_or(After::Unknown))]
}

fn edit(input: &Map<String, Value>) -> Option<(String, String, bool)> {
    let text = |keys: [&str; 3]| keys.iter().find_map(|key| input.get(*key)?.as_str()).map(str::to_owned);
    let all = ["replace_all", "replaceAll", "allow_multiple"].iter().any(|key| input.get(*key).and_then(Value::as_bool) == Some(true));
    Some((text(["old_string", "oldString", "oldText"])?, text(["new_string", "newString", "newText"])?, all))
}

/// The files of a patch: of those it adds the text.
fn patched(tool: &Tool<'_>) -> Vec<(String, After)> {
    let call = tool.call();
    let patch = call.parts.iter().find_map(|part| match part {
        Part::Code { text, .. } => Some(text.as_ref()),
        Part::Json(text) => Some(*text),
        _ => None,
    });
    let mut all: Vec<(String, After)> = Vec::new();
    for line in patch.unwrap_or_default().lines() {
        let named = |did: &str| line.strip_prefix("*** ")?.strip_prefix(did)?.strip_prefix(" File: ").map(|p| p.trim().to_owned());
        if let Some(path) = named("Add") {
            all.push((path, After::Whole(String::new())));
        } else if let Some(path) = named("Update") {
            all.push((path, After::Unknown));
        } else if let Some(path) = named("Delete") {
            all.push((path, After::Gone));
        } else if let Some(path) = line.strip_prefix("*** Move to: ") {
            if let Some((from, _)) = all.last_mut() {
                let from = std::mem::replace(from, path.trim().to_owned());
                all.push((from, After::Gone));
            }
        } else if let (Some((_, After::Whole(text))), Some(added)) = (all.last_mut(), line.strip_prefix('+')) {
            text.push_str(added);
            text.push('\n');
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::Answer;
    use serde_json::json;

    fn of(name: &str, input: &Value) -> Vec<(String, After)> {
        let tool =
            Tool { name: name.to_owned().into(), input: input.to_string().into(), answer: Some(Answer::default()), ..Tool::default() };
        written(&tool)
    }

    #[test]
    fn every_client_s_way_to_write_and_to_edit_is_understood() {
        let whole = |name, key: &str| of(name, &json!({key: "/a", "content": "x"}));
        for (name, key) in [("Write", "file_path"), ("write", "filePath"), ("write_file", "file_path")] {
            assert_eq!(whole(name, key), [("/a".to_owned(), After::Whole("x".into()))]);
        }
        let edited = After::Edited(vec![("a".into(), "b".into(), false)]);
        assert_eq!(of("Edit", &json!({"file_path": "/a", "old_string": "a", "new_string": "b"})), [("/a".to_owned(), edited.clone())]);
        assert_eq!(of("edit", &json!({"filePath": "/a", "oldString": "a", "newString": "b"})), [("/a".to_owned(), edited)]);
        assert_eq!(of("NotebookEdit", &json!({"notebook_path": "/n", "new_source": "b"})), [("/n".to_owned(), After::Unknown)]);
        assert_eq!(of("Read", &json!({"file_path": "/a"})), []);
    }

    #[test]
    fn a_patch_tells_what_it_adds_in_full() {
        let patch = "*** Begin Patch\n*** Add File: a.txt\n+one\n+two\n*** Update File: b.txt\n@@\n-x\n+y\n*** Move to: c.txt\n*** Delete File: d\n*** End Patch";
        let gone = |path: &str| (path.to_owned(), After::Gone);
        let all = [("a.txt".to_owned(), After::Whole("one\ntwo\n".into())), ("c.txt".to_owned(), After::Unknown), gone("b.txt"), gone("d")];
        assert_eq!(of("apply_patch", &json!({"input": patch})), all);
    }

    #[test]
    fn what_an_edit_leaves_is_told_only_where_it_can_be_followed() {
        let edit = |old: &str, all| After::Edited(vec![(old.into(), "2".into(), all)]);
        assert_eq!(edit("a", false).text(Some("a b")), Some("2 b".into()));
        assert_eq!(edit("a", true).text(Some("a a")), Some("2 2".into()));
        assert_eq!([edit("a", false).text(Some("a a")), edit("c", false).text(Some("a")), edit("a", false).text(None)], [None, None, None]);
    }
}
