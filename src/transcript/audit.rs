//! Cowork's audit log: `snake_case` JSONL of every message of the Agent SDK; each prompt stands twice
//! (cowork.md 3.1; genuine-clients.md 3).

use super::claude::{message, outline, started, tokens};
use super::content::Outline;
use super::dialect::{Dialect, Head, Prompt, Role, Said, Weight, weigh};
use super::scan::{Broken, Cursor, Quoted, Step};
use jiff::Timestamp;

/// The dialect.
pub const DIALECT: Dialect = Dialect { is: |name| name.starts_with("audit"), head, said };

/// Kinds of record that hold no conversation, known ones.
const BOOKKEEPING: &[&[u8]] = &[
    b"result",
    b"rate_limit_event",
    b"command_lifecycle",
    b"prompt_suggestion",
    b"tool_result",
    b"tool_progress",
    b"stream_event",
    b"auth_status",
];

fn head(line: &[u8]) -> Step<Head<'_>> {
    let mut c = Cursor::new(line);
    let mut head = Head::default();
    let (mut content, mut subtype) = (Outline::default(), Quoted::default());
    let (mut synthetic, mut again) = (false, false);
    if c.peek() != Some(b'{') || !c.object()? {
        return Err(Broken);
    }
    while let Some(key) = c.key()? {
        match key {
            b"type" => head.kind = c.text()?.unwrap_or_default(),
            b"uuid" => head.uuid = c.text()?.unwrap_or_default(),
            b"message" => (head.part_of, content) = outline(&mut c)?,
            b"parent_tool_use_id" => head.agent = c.text()?,
            b"isSynthetic" => synthetic = c.is_true()?,
            b"isReplay" => again = c.is_true()?,
            b"subtype" => subtype = c.text()?.unwrap_or_default(),
            _ => {
                c.skip()?;
            }
        }
    }
    head.length = c.at();
    head.weight = match head.kind.0 {
        b"assistant" => Some(weigh("assistant", false, false, &content)),
        // The log does not mark summaries; they are known by their first words.
        b"user" => Some(weigh("user", synthetic && !again, false, &content)),
        b"system" if subtype.0 == b"compact_boundary" => Some(Weight::Boundary),
        b"system" => None,
        kind => {
            head.unknown = !BOOKKEEPING.contains(&kind);
            None
        }
    };
    head.weak = head.uuid.is_empty() && again;
    head.prompt = match head.weight {
        Some(Weight::Typed) if again => Prompt::Again,
        Some(Weight::Typed) => Prompt::Given,
        _ => Prompt::Other,
    };
    (head.answers, head.first_text, head.more_texts) = (content.answers, content.first_text, content.more_texts);
    Ok(head)
}

fn said(line: &[u8]) -> Step<Said<'_>> {
    let mut c = Cursor::new(line);
    let (mut said, mut kind, mut subtype) = (Said::default(), Quoted::default(), Quoted::default());
    let (mut synthetic, mut again, mut logged) = (false, false, None::<Timestamp>);
    c.object()?;
    while let Some(key) = c.key()? {
        match key {
            b"type" => kind = c.text()?.unwrap_or_default(),
            b"uuid" => said.uuid = c.text()?.unwrap_or_default().text(),
            b"timestamp" => said.when = c.text()?.and_then(|t| t.text().parse().ok()),
            b"_audit_timestamp" => logged = c.text()?.and_then(|t| t.text().parse().ok()),
            b"message" => message(&mut c, &mut said)?,
            b"tool_use_result" => started(&mut c, &mut said)?,
            b"isSynthetic" => synthetic = c.is_true()?,
            b"isReplay" => again = c.is_true()?,
            b"subtype" => subtype = c.text()?.unwrap_or_default(),
            b"compact_metadata" => said.tokens = tokens(&mut c, b"pre_tokens")?,
            b"compactMetadata" => said.tokens = tokens(&mut c, b"preTokens")?,
            b"_audit_redactions" if c.list()? => {
                while c.item()? {
                    c.skip()?;
                    said.left_out += 1;
                }
            }
            // A list is passed by the step above already.
            b"_audit_redactions" => {}
            _ => {
                c.skip()?;
            }
        }
    }
    said.when = said.when.or(logged);
    said.role = match kind.0 {
        b"assistant" => Role::Assistant,
        b"system" if subtype.0 == b"compact_boundary" => Role::Boundary,
        _ if synthetic && !again => Role::Added,
        _ => Role::User,
    };
    Ok(said)
}
