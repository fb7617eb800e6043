//! What a tool call says, its parts apart, for whoever shows it. Nothing here knows how it is shown, and nothing is left out:
//! what no part has a place for is among the further fields.
//!
//! Only the fields that are shown are read from the JSON; a call of a tool not known here is given as the JSON it is.

use super::event::Tool;
use super::listed;
use super::object::{Fields, fields, text};
use super::scan::{Cursor, Quoted, Step};
use memchr::memchr_iter;
use std::borrow::Cow;

/// A tool call in words.
#[derive(Debug, Clone, PartialEq)]
pub struct Call<'a> {
    /// What was done, as it stands before the subject ("Ran").
    pub did: &'static str,
    /// What it was done to: a command, a path, the tool's name.
    pub subject: Cow<'a, str>,
    /// Whether that is a path.
    pub is_path: bool,
    /// The parts of the input that are shown by themselves.
    pub parts: Vec<Part<'a>>,
    /// Further fields of the input, by name.
    pub rest: Vec<(Cow<'a, str>, Field<'a>)>,
    /// How it ended.
    pub end: End,
}

/// A part of what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part<'a> {
    /// Code or text, as it is.
    Code {
        /// Its language, where that is known, else empty.
        language: Cow<'a, str>,
        /// The text.
        text: Cow<'a, str>,
    },
    /// Words, markdown.
    Prose(Cow<'a, str>),
    /// Texts in the places of others.
    Diff(Vec<Change<'a>>),
    /// The whole input, as JSON, or as the text it is where it is none.
    Json(&'a str),
}

/// A text in the place of another.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Change<'a> {
    /// The lines of the file at which they begin, from 1, where the record says: before, and since.
    pub at: Option<(u64, u64)>,
    /// What was there; empty: nothing.
    pub old: Cow<'a, str>,
    /// What is there now.
    pub new: Cow<'a, str>,
}

/// A field of the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field<'a> {
    /// Text.
    Text(Cow<'a, str>),
    /// Anything else, as JSON.
    Json(Cow<'a, str>),
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It failed.
    Failed,
    /// There is no answer.
    Open,
    /// It answered, in so many lines.
    Answered(usize),
}

/// A tool that is known here.
struct Known {
    /// Its names, those of servers without what is before the last `__`.
    names: &'static [&'static str],
    did: &'static str,
    /// The field that says what it was done to; the first there is.
    subject: &'static [&'static str],
    is_path: bool,
    parts: &'static [Shown],
}

/// How a field is shown.
enum Shown {
    /// As code in a language.
    Code(&'static str, &'static str),
    /// As code in the language that the subject's ending names.
    File(&'static str),
    /// As words.
    Prose(&'static str),
    /// As what was, and what is.
    Diff(&'static str, &'static str),
    /// As a list of such, each an object.
    Diffs(&'static str, &'static str, &'static str),
    /// As something new.
    New(&'static str),
    /// As a list that is all there is to say; it says as well what the call was about.
    List(&'static str, for<'a> fn(&'a [u8]) -> listed::Told<'a>),
}

const PATH: &[&str] = &["file_path", "path", "notebook_path", "filePath", "absolute_path", "dir_path"];

const fn known(names: &'static [&'static str], did: &'static str, subject: &'static [&'static str], parts: &'static [Shown]) -> Known {
    Known { names, did, subject, is_path: false, parts }
}

const fn file(names: &'static [&'static str], did: &'static str, parts: &'static [Shown]) -> Known {
    Known { names, did, subject: PATH, is_path: true, parts }
}

const fn listed(names: &'static [&'static str], did: &'static str, parts: &'static [Shown]) -> Known {
    Known { names, did, subject: &[], is_path: false, parts }
}

/// The tools known here, by the names they have with any client, a line each.
const KNOWN: &[Known] = &[
    known(
        &["Bash", "bash", "shell", "exec_command", "run_shell_command"],
        "Ran",
        &["command", "cmd"],
        &[Shown::Code("command", "bash"), Shown::Code("cmd", "bash")],
    ),
    file(&["Read", "NotebookRead", "read", "read_file", "view_image"], "Read", &[]),
    file(&["Write", "write", "write_file"], "Wrote", &[Shown::File("content")]),
    file(
        &["Edit", "edit", "replace"],
        "Edited",
        &[Shown::Diff("old_string", "new_string"), Shown::Diff("oldString", "newString"), Shown::Diff("oldText", "newText")],
    ),
    file(&["MultiEdit"], "Edited", &[Shown::Diffs("edits", "old_string", "new_string")]),
    file(&["multiedit"], "Edited", &[Shown::Diffs("edits", "oldString", "newString")]),
    file(&["NotebookEdit"], "Edited", &[Shown::New("new_source")]),
    listed(&["apply_patch", "patch"], "Edited", &[Shown::List("patch", listed::patch)]),
    listed(&["apply_patch", "patch"], "Edited", &[Shown::List("patchText", listed::patch)]),
    listed(&["apply_patch"], "Edited", &[Shown::List("input", listed::patch)]),
    file(&["LS", "list", "list_directory"], "Listed", &[]),
    known(&["Grep", "Glob", "grep", "glob", "grep_search", "search_file_content"], "Searched for", &["pattern"], &[]),
    known(&["Agent", "Task", "task", "subagent"], "Asked a sub-agent:", &["description"], &[Shown::Code("prompt", "")]),
    known(&["spawn_agent"], "Asked a sub-agent:", &["task_name", "agent_type"], &[Shown::Code("message", "")]),
    known(
        &["WebFetch", "WebSearch", "webfetch", "websearch", "web_fetch", "google_web_search"],
        "Looked up",
        &["url", "query", "prompt"],
        &[],
    ),
    known(&["ToolSearch"], "Looked for the tool", &["query"], &[]),
    known(&["Skill", "skill"], "Used the skill", &["skill", "command", "name"], &[]),
    listed(&["TodoWrite", "todowrite", "write_todos"], "Listed what is to do:", &[Shown::List("todos", listed::todos)]),
    listed(&["update_plan"], "Listed what is to do:", &[Shown::List("plan", listed::todos)]),
    listed(&["AskUserQuestion", "question", "ask_user"], "Asked you:", &[Shown::List("questions", listed::questions)]),
    Known { is_path: true, ..listed(&["present_files"], "Presented", &[Shown::List("files", listed::files)]) },
    known(&["ExitPlanMode"], "Proposed a plan:", &["planFilePath"], &[Shown::Prose("plan")]),
];

impl Tool<'_> {
    /// What the call says.
    pub fn call(&self) -> Call<'_> {
        let end = match &self.answer {
            _ if self.failed => End::Failed,
            None => End::Open,
            // Of one whose first part alone is here nobody has counted them.
            Some(answer) if answer.whole.is_some() => End::Answered(0),
            Some(answer) => End::Answered(lines(&answer.text)),
        };
        let fields = fields(self.input.as_bytes()).unwrap_or_default();
        let short = self.name.rsplit("__").next().unwrap_or(&self.name);
        let mut known = KNOWN.iter().filter(|k| k.names.contains(&short));
        if let Some(mut call) = known.find_map(|known| known.call(fields.clone())) {
            call.end = end;
            if let Some(changes) = patch(self.patch.as_bytes()) {
                // What the record says was changed tells more than what was asked for.
                call.parts.retain(|part| !matches!(part, Part::Diff(_)));
                call.parts.insert(0, Part::Diff(changes));
            }
            return call;
        }
        let empty = self.input.is_empty() || matches!(self.input.trim(), "{}" | "null");
        let parts = if empty { Vec::new() } else { vec![Part::Json(&self.input)] };
        Call { did: "Used", subject: Cow::Borrowed(&self.name), is_path: false, parts, rest: Vec::new(), end }
    }
}

impl Known {
    /// The call as this tool's; `None`: it does not say what it was done to.
    fn call<'a>(&self, mut fields: Fields<'a>) -> Option<Call<'a>> {
        if let [Shown::List(name, told)] = self.parts {
            let at = fields.iter().position(|(key, _)| key.0 == name.as_bytes())?;
            let (subject, parts) = told(fields.remove(at).1)?;
            return Some(self.with(subject, parts, fields));
        }
        let at =
            self.subject.iter().find_map(|name| fields.iter().position(|(key, raw)| key.0 == name.as_bytes() && text(raw).is_some()))?;
        let subject = text(fields.get(at)?.1)?;
        let is_part = |key: Quoted<'_>| self.parts.iter().any(|p| matches!(p, Shown::Code(name, _) if name.as_bytes() == key.0));
        if !is_part(fields.get(at)?.0) {
            fields.remove(at);
        }
        let mut parts = Vec::new();
        for shown in self.parts {
            parts.extend(shown.take(&mut fields, &subject));
        }
        Some(self.with(subject, parts, fields))
    }

    fn with<'a>(&self, subject: Cow<'a, str>, parts: Vec<Part<'a>>, rest: Fields<'a>) -> Call<'a> {
        let rest = rest.into_iter().map(|(key, raw)| (key.text(), field(raw))).collect();
        Call { did: self.did, subject, is_path: self.is_path, parts, rest, end: End::Open }
    }
}

impl Shown {
    /// Takes what it shows out of the fields; nothing, where that is not all text.
    fn take<'a>(&self, fields: &mut Fields<'a>, subject: &str) -> Vec<Part<'a>> {
        let of = |fields: &Fields<'a>, name: &str| fields.iter().find(|(key, _)| key.0 == name.as_bytes()).and_then(|(_, raw)| text(raw));
        let (names, parts) = match self {
            Self::Code(name, language) => {
                ([*name; 2], of(fields, name).map(|text| vec![Part::Code { language: Cow::Borrowed(language), text }]))
            }
            Self::File(name) => {
                let part = |text| vec![Part::Code { language: Cow::Owned(language(subject).to_owned()), text }];
                ([*name; 2], of(fields, name).map(part))
            }
            Self::List(name, told) => {
                let parts = fields.iter().find(|(key, _)| key.0 == name.as_bytes()).and_then(|(_, raw)| told(raw));
                ([*name; 2], parts.map(|(_, parts)| parts))
            }
            Self::Prose(name) => ([*name; 2], of(fields, name).map(|text| vec![Part::Prose(text)])),
            Self::New(name) => ([*name; 2], of(fields, name).map(|new| change(Cow::default(), new))),
            Self::Diff(old, new) => {
                let both = of(fields, old).zip(of(fields, new));
                ([*old, *new], both.map(|(old, new)| change(old, new)))
            }
            Self::Diffs(list, old, new) => {
                let list_of = fields.iter().find(|(key, _)| key.0 == list.as_bytes()).map(|(_, raw)| *raw);
                ([*list; 2], list_of.and_then(|raw| changes(raw, old, new)))
            }
        };
        if parts.is_some() {
            fields.retain(|(key, _)| !names.iter().any(|name| name.as_bytes() == key.0));
        }
        parts.unwrap_or_default()
    }
}

/// How many lines a text has; the last need not end.
pub fn lines(text: &str) -> usize {
    memchr_iter(b'\n', text.as_bytes()).count() + usize::from(!text.is_empty() && !text.ends_with('\n'))
}

fn field(raw: &[u8]) -> Field<'_> {
    text(raw).map_or_else(|| Field::Json(String::from_utf8_lossy(raw)), Field::Text)
}

fn change<'a>(old: Cow<'a, str>, new: Cow<'a, str>) -> Vec<Part<'a>> {
    vec![Part::Diff(vec![Change { at: None, old, new }])]
}

/// The edits of a list, where all of them are such.
fn changes<'a>(list: &'a [u8], old: &str, new: &str) -> Option<Vec<Part<'a>>> {
    let mut c = Cursor::new(list);
    let mut all = Vec::new();
    let mut read = || -> Step<bool> {
        if !c.list()? {
            return Ok(false);
        }
        while c.item()? {
            let edit = fields(c.skip()?).unwrap_or_default();
            let of = |name: &str| edit.iter().find(|(key, _)| key.0 == name.as_bytes()).and_then(|(_, raw)| text(raw));
            let Some((old, new)) = of(old).zip(of(new)) else { return Ok(false) };
            all.push(Change { at: None, old, new });
        }
        Ok(true)
    };
    (read() == Ok(true)).then(|| vec![Part::Diff(all)])
}

/// The changes of a file as the record itself tells them; nothing, where that is not all as it should be.
fn patch(raw: &[u8]) -> Option<Vec<Change<'_>>> {
    let mut c = Cursor::new(raw);
    let mut all = Vec::new();
    if c.peek()? != b'[' || !c.list().ok()? {
        return None;
    }
    while c.item().ok()? {
        all.push(hunk(&mut c)?);
    }
    (!all.is_empty()).then_some(all)
}

fn hunk<'a>(c: &mut Cursor<'a>) -> Option<Change<'a>> {
    let (mut from, mut to, mut old, mut new) = (None, None, String::new(), String::new());
    if !c.object().ok()? {
        return None;
    }
    while let Some(key) = c.key().ok()? {
        match key {
            b"oldStart" => from = c.number().ok()?,
            b"newStart" => to = c.number().ok()?,
            b"lines" if c.list().ok()? => {
                while c.item().ok()? {
                    let line = c.text().ok()??.text();
                    let (sign, text) = line.split_at_checked(1)?;
                    // The fourth sign says that the last line does not end.
                    for (signs, side) in [(" -", &mut old), (" +", &mut new)] {
                        if signs.contains(sign) {
                            side.push_str(text);
                            side.push('\n');
                        }
                    }
                }
            }
            b"lines" => return None,
            _ => {
                c.skip().ok()?;
            }
        }
    }
    Some(Change { at: from.zip(to), old: Cow::Owned(old), new: Cow::Owned(new) })
}

/// The language of a file's text, as viewers know it by the file's ending.
fn language(path: &str) -> &str {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let usual = (1..=10).contains(&ending.len()) && ending.bytes().all(|b| b.is_ascii_alphanumeric());
    if usual { ending } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn tool(name: &'static str, input: &serde_json::Value) -> Tool<'static> {
        Tool { name: name.into(), input: input.to_string().into(), ..Tool::default() }
    }

    #[test]
    fn what_has_no_place_in_the_parts_is_among_the_further_fields() {
        let read = tool("Read", &json!({"file_path":"/s/outputs/a.md","offset":10,"why":"to \"see\""}));
        let call = read.call();
        assert_eq!((call.did, &*call.subject, call.is_path, call.end), ("Read", "/s/outputs/a.md", true, End::Open));
        let rest = [("offset".into(), Field::Json("10".into())), ("why".into(), Field::Text("to \"see\"".into()))];
        assert_eq!((call.parts, call.rest.as_slice()), (vec![], &rest[..]));
    }

    #[test]
    fn the_edits_of_one_call_are_one_diff() {
        let edits = json!([{"old_string":"a","new_string":"b"},{"old_string":"c","new_string":"","replace_all":true}]);
        let tool = tool("MultiEdit", &json!({"file_path":"x","edits":edits}));
        let change = |old: &'static str, new: &'static str| Change { at: None, old: old.into(), new: new.into() };
        assert_eq!(tool.call().parts, [Part::Diff(vec![change("a", "b"), change("c", "")])]);
    }

    #[test]
    fn where_the_record_tells_what_was_changed_that_is_the_diff() {
        let lines = [" a", "-b", "+c", "\\ No newline at end of file"];
        let patch = json!([{"oldStart":7,"oldLines":2,"newStart":8,"newLines":2,"lines":lines}]).to_string();
        let write = Tool { patch: patch.into(), ..tool("Write", &json!({"file_path":"x.rs","content":"a\nc"})) };
        let change = Change { at: Some((7, 8)), old: "a\nb\n".into(), new: "a\nc\n".into() };
        assert_eq!(write.call().parts, [Part::Diff(vec![change]), Part::Code { language: "rs".into(), text: "a\nc".into() }]);
        for odd in ["[]", "{}", "[1]", r#"[{"lines":[1]}]"#, r#"[{"lines":["é"]}]"#, "[{"] {
            let edit = tool("Edit", &json!({"file_path":"x","old_string":"a","new_string":"b"}));
            assert_eq!(Tool { patch: odd.into(), ..edit.clone() }.call().parts, edit.call().parts, "{odd}");
        }
    }

    #[test]
    fn what_was_written_has_the_language_of_its_file() {
        let language = |path: &str| {
            let tool = tool("Write", &json!({"file_path":path,"content":"x"}));
            match tool.call().parts.pop() {
                Some(Part::Code { language, .. }) => language.into_owned(),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(["/a/b.rs", "/a.d/Makefile", "C:\\x.py", "a.`x"].map(language), ["rs", "", "py", ""]);
    }

    #[test]
    fn a_call_not_understood_is_given_as_it_is() {
        for (name, input) in [("mcp__x__y", json!({"a":[1]})), ("Bash", json!({"line":"ls"})), ("Edit", json!("text"))] {
            let tool = tool(name, &input);
            let call = tool.call();
            assert_eq!((call.did, &*call.subject, &call.parts[..]), ("Used", name, &[Part::Json(&input.to_string())][..]));
        }
        assert_eq!(tool("x", &json!({})).call().parts, []);
    }
}
