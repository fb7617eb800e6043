//! A session's record, `local_<uuid>.json`, with the fields real ones carry.

use jiff::Timestamp;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// What a record tells.
pub(super) struct Record<'a> {
    /// `local_…`.
    pub(super) id: &'a str,
    pub(super) title: &'a str,
    pub(super) vm_name: &'a str,
    pub(super) cli: &'a str,
    pub(super) cwd: &'a Path,
    pub(super) folders: &'a [PathBuf],
    pub(super) first_words: &'a str,
    pub(super) started: Timestamp,
    pub(super) last: Timestamp,
    pub(super) host_loop: bool,
    pub(super) archived: bool,
    /// `agent`, `dispatch_child` …; nothing for an ordinary session.
    pub(super) session_type: Option<&'a str>,
}

impl Record<'_> {
    /// The record as the app writes it: two-space indent, the empty key among the tools.
    pub(super) fn text(&self) -> String {
        let mut value = json!({
            "sessionId": self.id,
            "processName": self.vm_name,
            "cliSessionId": self.cli,
            "cwd": self.cwd.to_string_lossy(),
            "createdAt": self.started.as_millisecond(),
            "lastActivityAt": self.last.as_millisecond(),
            "model": "claude-opus-4-8",
            "isArchived": self.archived,
            "title": self.title,
            "titleSource": "auto",
            "vmProcessName": self.vm_name,
            "hostLoopMode": self.host_loop,
            "initialMessage": self.first_words,
            "userSelectedFolders": self.folders.iter().map(|f| f.to_string_lossy()).collect::<Vec<_>>(),
            "fsDetectedFiles": [],
            "enabledMcpTools": {"": true, "mcp__workspace__bash": true, "mcp__cowork__present_files": true, "local:calendar:list_events": false},
            "slashCommands": ["compact", "context", "cost"],
            "memoryEnabled": true,
            "skillsEnabled": true,
            "pluginsEnabled": true,
            "egressAllowedDomains": ["github.com", "pypi.org", "registry.npmjs.org"],
            "systemPrompt": super::bytes::prose("How to work with files in this session", 12),
            "accountName": "Robin Example",
            "emailAddress": "robin@example.com",
        });
        if let (Some(kind), Value::Object(fields)) = (self.session_type, &mut value) {
            fields.insert("sessionType".into(), kind.into());
        }
        serde_json::to_string_pretty(&value).unwrap_or_default()
    }
}
