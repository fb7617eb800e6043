//! Claude Code's transcript, which Cowork's is as well: camelCase JSONL, one content block a line
//! (cowork.md 3.2; stores.md B.5; genuine-clients.md 2.2).

use super::dialect::{Dialect, Event, Message, Role};
use super::json::{field, is, text};
use serde_json::Value;

/// The dialect.
pub const DIALECT: Dialect = Dialect { wanted, event };

/// Kinds of record that hold no conversation, known ones.
const BOOKKEEPING: &[&str] = &[
    "api-request",
    "api-request-blob",
    "api-request-shape",
    "agent-color",
    "agent-name",
    "agent-setting",
    "atis-latch",
    "attachment",
    "attribution-snapshot",
    "content-replacement",
    "continued-in",
    "cost-state",
    "file-history-delta",
    "file-history-snapshot",
    "fork-context-ref",
    "frame-link",
    "last-prompt",
    "mode",
    "permission-mode",
    "pr-link",
    "progress",
    "queue-operation",
    "speculation-accept",
    "summary",
    "tag",
    "task-summary",
    "tools-used",
    "worktree-state",
];

fn wanted(kind: &str, line: &[u8]) -> Option<bool> {
    match kind {
        "user" | "assistant" | "system" | "ai-title" | "custom-title" => Some(true),
        // What the user typed while the model was at work stands in an attachment.
        "attachment" => Some(contains(line, b"\"queued_command\"")),
        _ => BOOKKEEPING.contains(&kind).then_some(false),
    }
}

fn contains(line: &[u8], part: &[u8]) -> bool {
    line.windows(part.len()).any(|w| w == part)
}

fn event(kind: &str, record: &Value) -> Event {
    match kind {
        "ai-title" => Event::Title { text: text(field(record, &["aiTitle"])).to_owned(), given: false },
        "custom-title" => Event::Title { text: text(field(record, &["customTitle"])).to_owned(), given: true },
        "attachment" => queued(record),
        "system" if text(field(record, &["subtype"])) == "compact_boundary" => Event::Boundary {
            uuid: text(field(record, &["uuid"])).to_owned(),
            when: when(record),
            tokens: field(field(record, &["compactMetadata"]), &["preTokens"]).as_u64(),
        },
        "user" | "assistant" => Event::Message(Box::new(message(kind, record))),
        _ => Event::Nothing,
    }
}

fn when(record: &Value) -> Option<jiff::Timestamp> {
    text(field(record, &["timestamp"])).parse().ok()
}

fn message(kind: &str, record: &Value) -> Message {
    let body = field(record, &["message"]);
    let result = field(record, &["toolUseResult"]);
    let agent = text(field(record, &["agentId"]));
    let added = is(record, "isMeta") || text(field(field(record, &["origin"]), &["kind"])) == "task-notification";
    Message {
        uuid: text(field(record, &["uuid"])).to_owned(),
        parent: text(field(record, &["parentUuid"])).to_owned(),
        when: when(record),
        role: Role::of(kind, added, is(record, "isCompactSummary")),
        part_of: text(field(body, &["id"])).to_owned(),
        model: text(field(body, &["model"])).to_owned(),
        again: is(record, "isReplay"),
        agent: is(record, "isSidechain").then(|| agent.to_owned()),
        content: field(body, &["content"]).clone(),
        launched: text(field(result, &["agentId"])).to_owned(),
        left_out: 0,
    }
}

fn queued(record: &Value) -> Event {
    let attachment = field(record, &["attachment"]);
    if text(field(attachment, &["type"])) != "queued_command" {
        return Event::Nothing;
    }
    let mut message = message("user", record);
    if !matches!(text(field(attachment, &["commandMode"])), "" | "prompt") {
        message.role = Role::Added;
    }
    message.content = field(attachment, &["prompt"]).clone();
    message.again |= message.uuid.is_empty();
    Event::Message(Box::new(message))
}
