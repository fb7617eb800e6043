//! A made-up conversation, as a transcript and as an audit log.

use super::bytes::{hex, uuid};
use super::home::after;
use jiff::Timestamp;
use serde_json::{Value, json};

/// One step of a conversation.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step<'a> {
    /// The user types.
    You(&'a str),
    /// The model says something.
    Says(&'a str),
    /// The model uses a tool: name, its main input, its answer.
    Does(&'a str, &'a str, &'a str),
    /// The app puts a skill's text in the user's mouth.
    Skill(&'a str),
}

/// A conversation and where it takes place.
pub(super) struct Talk<'a> {
    /// The conversation's id.
    pub(super) cli: &'a str,
    /// The record's id without `local_`.
    pub(super) desktop: &'a str,
    pub(super) cwd: String,
    pub(super) start: Timestamp,
    pub(super) title: &'a str,
    pub(super) steps: &'a [Step<'a>],
}

fn lines(values: &[Value]) -> String {
    values.iter().fold(String::new(), |all, v| all + &v.to_string() + "\n")
}

impl Talk<'_> {
    /// When a step happens: forty seconds after the one before.
    pub(super) fn at(&self, step: usize) -> Timestamp {
        after(self.start, 40 * i64::try_from(step).unwrap_or(0))
    }

    /// The blocks of a step as one or two messages: role and content.
    fn messages(&self, at: usize) -> Vec<(&'static str, Value)> {
        match self.steps[at] {
            Step::You(text) => vec![("user", json!(text))],
            Step::Skill(text) => vec![("user", json!([{"type": "text", "text": text}]))],
            Step::Says(text) => vec![("assistant", json!([{"type": "text", "text": text}]))],
            Step::Does(name, input, answer) => {
                let id = format!("toolu_{}", hex(&format!("{} tool {at}", self.cli), 24));
                let key = if name.ends_with("bash") || name == "Bash" { "command" } else { "file_path" };
                vec![
                    ("assistant", json!([{"type": "tool_use", "id": id, "name": name, "input": {key: input}}])),
                    ("user", json!([{"type": "tool_result", "tool_use_id": id, "content": [{"type": "text", "text": answer}]}])),
                ]
            }
        }
    }

    /// The transcript, a JSON object a line.
    pub(super) fn transcript(&self) -> String {
        let first = self.start.to_string();
        let mut out = vec![json!({"type": "queue-operation", "operation": "enqueue", "timestamp": first, "sessionId": self.cli})];
        let mut parent = Value::Null;
        for at in 0..self.steps.len() {
            for (n, (role, content)) in self.messages(at).into_iter().enumerate() {
                let id = uuid(&format!("{} step {at}.{n}", self.cli));
                let mut line = json!({
                    "type": role, "uuid": id, "parentUuid": parent, "timestamp": self.at(at).to_string(), "sessionId": self.cli,
                    "cwd": self.cwd, "gitBranch": "HEAD", "version": "2.1.177", "isSidechain": false, "userType": "external",
                    "entrypoint": "local-agent", "message": message(role, &content, &id),
                });
                if let (Step::Skill(_), Value::Object(fields)) = (self.steps[at], &mut line) {
                    fields.insert("isMeta".into(), true.into());
                }
                parent = id.into();
                out.push(line);
            }
        }
        out.push(json!({"type": "last-prompt", "leafUuid": parent, "sessionId": self.cli}));
        out.push(json!({"type": "ai-title", "aiTitle": self.title, "sessionId": self.cli}));
        lines(&out)
    }

    /// The audit log: every prompt twice with one id, as the app writes it; the last line is the turn's result.
    pub(super) fn audit(&self) -> String {
        let mut out = Vec::new();
        let mut add = |mut value: Value, session: &str, at: usize, label: &str| {
            if let Value::Object(fields) = &mut value {
                fields.insert("session_id".into(), session.into());
                fields.insert("parent_tool_use_id".into(), Value::Null);
                fields.entry("uuid").or_insert_with(|| uuid(&format!("{} {label} {at}", self.cli)).into());
                fields.insert("_audit_timestamp".into(), self.at(at).to_string().into());
                fields.insert("_audit_hmac".into(), hex(&format!("{} {label} {at} hmac", self.cli), 64).into());
            }
            out.push(value);
        };
        for at in 0..self.steps.len() {
            for (n, (role, content)) in self.messages(at).into_iter().enumerate() {
                let id = uuid(&format!("{} step {at}.{n}", self.cli));
                let body = message(role, &content, &id);
                if matches!(self.steps[at], Step::You(_)) {
                    add(json!({"type": "user", "uuid": id, "message": body}), self.desktop, at, "prompt");
                    let init = json!({"type": "system", "subtype": "init", "cwd": self.cwd, "claude_code_version": "2.1.177",
                        "tools": ["Task", "Bash", "Read", "Write"], "model": "claude-opus-4-8", "permissionMode": "default"});
                    add(init, self.cli, at, "init");
                    add(json!({"type": "user", "uuid": id, "message": body, "isReplay": true}), self.cli, at, "replay");
                } else {
                    add(json!({"type": role, "uuid": id, "message": body}), self.cli, at, &format!("step {n}"));
                }
            }
        }
        let last = self.steps.len().saturating_sub(1);
        add(json!({"type": "result", "subtype": "success", "is_error": false, "num_turns": self.steps.len()}), self.cli, last, "result");
        lines(&out)
    }
}

fn message(role: &str, content: &Value, id: &str) -> Value {
    if role == "user" {
        return json!({"role": "user", "content": content});
    }
    json!({"model": "claude-opus-4-8", "id": format!("msg_{}", hex(id, 20)), "type": "message", "role": "assistant",
        "content": content, "stop_reason": null, "usage": {"input_tokens": 3, "output_tokens": 29}})
}
