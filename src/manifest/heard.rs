//! What a conversation tells of how things were made: commands, files read, files written.

use super::facts::Command;
use super::looks::only_looks;
use crate::packages::Said;
use crate::transcript::{Event, Tool};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The longest command that is kept whole, in bytes: a script typed into one may be longer.
const LONGEST: usize = 16 << 10;

/// Takes a conversation's events in, and keeps what the manifest tells of them.
#[derive(Debug, Default)]
pub struct Heard {
    /// Commands that may have made something, in their order.
    pub commands: Vec<Command>,
    /// Files that were read, by path as the conversation has it, and where it first says so.
    pub read: BTreeMap<String, String>,
    /// Packages that were installed, as commands and their answers say.
    pub said: Said,
    /// Files that were written, by path as the conversation has it.
    pub written: BTreeMap<String, Written>,
    record: String,
    at: Option<Timestamp>,
}

/// A file as the conversation wrote it last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// Where it says so.
    pub from: String,
    /// BLAKE3 of its bytes; none: it was changed in part since.
    pub blake3: Option<String>,
    /// Its bytes; none: it was changed in part since.
    pub bytes: Option<u64>,
    /// When.
    pub at: Option<Timestamp>,
}

impl Heard {
    /// Takes one event in.
    pub fn take(&mut self, event: &Event<'_>) {
        match event {
            Event::Turn(turn) => {
                self.record = turn.id.to_string();
                self.at = turn.when.or(self.at);
            }
            Event::Block(crate::transcript::Block::Tool(tool)) => self.tool(tool),
            _ => {}
        }
    }

    /// Where in the conversation a call stands, as evidence has it.
    pub fn place(record: &str, call: &str) -> String {
        if call.is_empty() { format!("record {record}") } else { format!("record {record}, call {call}") }
    }

    fn tool(&mut self, tool: &Tool<'_>) {
        self.said.take(&self.record, tool);
        let from = Self::place(&self.record, &tool.id);
        let Some(input) = input(tool) else { return };
        let text = |key: &str| input.get(key).and_then(serde_json::Value::as_str);
        let path = || ["file_path", "notebook_path", "filePath", "absolute_path", "path"].iter().find_map(|key| text(key));
        match tool.name.rsplit("__").next().unwrap_or_default() {
            "Bash" | "bash" | "shell" | "exec_command" | "run_shell_command" => {
                let Some(command) = text("command").or_else(|| text("cmd")).filter(|c| !only_looks(c)) else { return };
                let cut = command.floor_char_boundary(LONGEST);
                let rest = if cut < command.len() { "…" } else { "" };
                let command = format!("{}{rest}", command.get(..cut).unwrap_or_default());
                self.commands.push(Command { command, at: self.at, from, failed: tool.failed });
            }
            _ if tool.failed || tool.answer.is_none() => {}
            "Read" | "NotebookRead" | "read" | "read_file" => {
                if let Some(path) = path() {
                    self.read.entry(path.to_owned()).or_insert(from);
                }
            }
            "Write" | "write" | "write_file" => {
                if let (Some(path), Some(content)) = (path(), text("content")) {
                    let blake3 = Some(blake3::hash(content.as_bytes()).to_hex().to_string());
                    let written = Written { from, blake3, bytes: Some(content.len() as u64), at: self.at };
                    self.written.insert(path.to_owned(), written);
                }
            }
            "Edit" | "MultiEdit" | "NotebookEdit" | "edit" | "replace" => {
                if let Some(path) = path() {
                    self.written.insert(path.to_owned(), Written { from, at: self.at, ..Written::default() });
                }
            }
            _ => {}
        }
    }
}

/// A call's input where it is one that matters here.
fn input(tool: &Tool<'_>) -> Option<serde_json::Map<String, serde_json::Value>> {
    const KNOWN: &[&str] = &[
        "Bash",
        "bash",
        "shell",
        "exec_command",
        "run_shell_command",
        "Read",
        "NotebookRead",
        "read",
        "read_file",
        "Write",
        "write",
        "write_file",
        "Edit",
        "MultiEdit",
        "NotebookEdit",
        "edit",
        "replace",
    ];
    let name = tool.name.rsplit("__").next()?;
    if !KNOWN.contains(&name) {
        return None;
    }
    serde_json::from_str(&tool.input).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::{Answer, Block, Turn, Who};

    fn heard(calls: &[(&str, serde_json::Value, bool)]) -> Heard {
        let mut heard = Heard::default();
        heard.take(&Event::Turn(Turn { id: "r1".into(), who: Who::Assistant, when: Some(Timestamp::UNIX_EPOCH) }));
        for (n, (name, input, failed)) in calls.iter().enumerate() {
            let (id, input) = (format!("t{n}").into(), input.to_string().into());
            let answer = Some(Answer::default());
            heard.take(&Event::Block(Block::Tool(Tool { id, name: (*name).into(), input, answer, failed: *failed, ..Tool::default() })));
        }
        heard
    }

    #[test]
    fn commands_that_made_something_are_kept_in_their_order_and_those_that_only_look_are_not() {
        let bash = |c: &str| serde_json::json!({"command": c});
        let heard = heard(&[
            ("Bash", bash("ls -la && cat x | head"), false),
            ("mcp__workspace__bash", bash("python make.py"), false),
            ("Bash", bash("make"), true),
        ]);
        let told: Vec<_> = heard.commands.iter().map(|c| (c.command.as_str(), c.from.as_str(), c.failed)).collect();
        assert_eq!(told, [("python make.py", "record r1, call t1", false), ("make", "record r1, call t2", true)]);
    }

    #[test]
    fn a_file_is_known_as_it_was_written_last_and_by_its_name_alone_once_it_was_edited() {
        let write = |path: &str, text: &str| serde_json::json!({"file_path": path, "content": text});
        let heard = heard(&[
            ("Write", write("/a", "one"), false),
            ("Write", write("/a", "two"), false),
            ("Write", write("/b", "x"), false),
            ("Edit", serde_json::json!({"file_path": "/b", "old_string": "x", "new_string": "y"}), false),
            ("Write", write("/c", "never"), true),
            ("Read", serde_json::json!({"file_path": "/d"}), false),
            ("Read", serde_json::json!({"file_path": "/d"}), false),
        ]);
        let of = |path: &str| heard.written.get(path).map(|w| (w.blake3.clone(), w.from.as_str()));
        assert_eq!(of("/a"), Some((Some(blake3::hash(b"two").to_hex().to_string()), "record r1, call t1")));
        assert_eq!((of("/b"), of("/c")), (Some((None, "record r1, call t3")), None));
        assert_eq!(heard.read, [("/d".to_owned(), "record r1, call t5".to_owned())].into());
    }
}
