//! Claude Code's transcript, which Cowork's is as well: camelCase JSONL, one content block a line
//! (cowork.md 3.2; stores.md B.5; genuine-clients.md 2.2).

use super::content::{self, Outline, field};
use super::dialect::{Dialect, Head, Parent, Prompt, Role, Said, Weight, weigh};
use super::facts::Tokens;
use super::scan::{Broken, Cursor, Quoted, Step};

/// The dialect.
pub const DIALECT: Dialect = Dialect { is: |_| true, head, said };

/// Kinds of record that hold no conversation and that no record follows, known ones.
const BOOKKEEPING: &[&[u8]] = &[
    b"api-request",
    b"api-request-blob",
    b"api-request-shape",
    b"agent-color",
    b"agent-name",
    b"agent-setting",
    b"artifact-autoreact-ledger",
    b"artifact-comment-monitor",
    b"atis-latch",
    b"attribution-snapshot",
    b"bridge-session",
    b"content-replacement",
    b"continued-in",
    b"cost-state",
    b"ended-by-model",
    b"file-history-delta",
    b"file-history-snapshot",
    b"fork-context-ref",
    b"frame-link",
    b"history-suppression",
    b"isolation-latch",
    b"marble-origami-commit",
    b"marble-origami-reset",
    b"marble-origami-snapshot",
    b"mode",
    b"observer-ref",
    b"permission-mode",
    b"pr-link",
    b"relocated",
    b"speculation-accept",
    b"summary",
    b"tag",
    b"task-summary",
    b"tools-used",
    b"worktree-state",
];

/// What of a record says where it belongs.
#[expect(clippy::struct_excessive_bools, reason = "as the record has them")]
#[derive(Default)]
struct Envelope<'a> {
    parent: Option<Parent<'a>>,
    before: Quoted<'a>,
    subtype: Quoted<'a>,
    side: bool,
    agent: Quoted<'a>,
    added: bool,
    summary: bool,
    error: bool,
    again: bool,
    content: Outline<'a>,
    queued: Option<Queued<'a>>,
    waits: Outline<'a>,
    operation: Quoted<'a>,
}

/// What the user typed while the model was at work.
struct Queued<'a> {
    typed: bool,
    prompt: &'a [u8],
    source: Quoted<'a>,
}

fn head(line: &[u8]) -> Step<Head<'_>> {
    let mut c = Cursor::new(line);
    let (mut head, mut e) = (Head::default(), Envelope::default());
    if c.peek() != Some(b'{') || !c.object()? {
        return Err(Broken);
    }
    while let Some(key) = c.key()? {
        match key {
            b"type" => {
                head.kind = c.text()?.unwrap_or_default();
                if BOOKKEEPING.contains(&head.kind.0) && is_one(line) {
                    return Ok(Head { length: line.len(), ..head });
                }
            }
            b"uuid" => head.uuid = c.text()?.unwrap_or_default(),
            b"parentUuid" => e.parent = Some(c.text()?.filter(|p| !p.is_empty()).map_or(Parent::Nothing, Parent::Record)),
            b"logicalParentUuid" => e.before = c.text()?.unwrap_or_default(),
            b"message" => (head.part_of, e.content) = outline(&mut c)?,
            b"attachment" => e.queued = queued(&mut c)?,
            b"content" => e.waits = content::outline(&mut c)?,
            b"operation" => e.operation = c.text()?.unwrap_or_default(),
            b"isSidechain" => e.side = c.is_true()?,
            b"agentId" => e.agent = c.text()?.unwrap_or_default(),
            b"isMeta" => e.added = c.is_true()? || e.added,
            b"origin" => e.added |= is_notification(c.skip()?),
            b"isCompactSummary" => e.summary = c.is_true()?,
            b"isApiErrorMessage" => e.error = c.is_true()?,
            b"isReplay" => e.again = c.is_true()?,
            b"subtype" => e.subtype = c.text()?.unwrap_or_default(),
            b"leafUuid" => head.leaf = c.text()?.unwrap_or_default(),
            b"aiTitle" => head.title = c.text()?.map(|t| (t, false)),
            b"customTitle" => head.title = c.text()?.map(|t| (t, true)),
            _ => {
                c.skip()?;
            }
        }
    }
    head.length = c.at();
    place(&mut head, e)?;
    Ok(head)
}

/// Whether a line that was not read to its end looks like one whole record.
fn is_one(line: &[u8]) -> bool {
    line.trim_ascii_end().ends_with(b"}") && memchr::memmem::find(line, b"}{\"").is_none()
}

fn place<'a>(head: &mut Head<'a>, e: Envelope<'a>) -> Step<()> {
    head.agent = e.side.then_some(e.agent);
    head.parent = e.parent.unwrap_or_default();
    head.weight = match head.kind.0 {
        b"user" | b"assistant" => {
            let kind = if head.kind.0 == b"user" { "user" } else { "assistant" };
            head.first_text = e.content.first_text;
            let weight = weigh(kind, e.added, e.summary, &e.content);
            (head.answers, head.more_texts) = (e.content.answers, e.content.more_texts);
            head.weak = head.uuid.is_empty() && e.again;
            head.prompt = Prompt::Takes;
            Some(if e.error && weight == Weight::Speech { Weight::Error } else { weight })
        }
        b"system" if e.subtype.0 == b"compact_boundary" => {
            // It begins a tree of its own, and says what it follows in another field.
            head.parent = if e.before.is_empty() { Parent::Previous } else { Parent::Record(e.before) };
            Some(Weight::Boundary)
        }
        b"attachment" => {
            let queued = e.queued.map(|q| -> Step<Weight> {
                let prompt = content::outline(&mut Cursor::new(q.prompt))?;
                (head.weak, head.alias, head.prompt) = (head.uuid.is_empty(), q.source, Prompt::Takes);
                let weight = weigh("user", e.added || !q.typed, false, &prompt);
                (head.first_text, head.more_texts) = (prompt.first_text, prompt.more_texts);
                Ok(weight)
            });
            Some(queued.transpose()?.unwrap_or_default())
        }
        // Typed while the model was at work; most of them are repeated once they are taken.
        b"queue-operation" if e.operation.0 == b"enqueue" && e.waits.typed => {
            (head.first_text, head.prompt) = (e.waits.first_text, Prompt::Waits);
            Some(Weight::Typed)
        }
        b"system" | b"progress" => Some(Weight::Nothing),
        b"queue-operation" => None,
        b"last-prompt" | b"ai-title" | b"custom-title" => None,
        _ => {
            head.unknown = !BOOKKEEPING.contains(&head.kind.0);
            (head.unknown && !head.uuid.is_empty()).then_some(Weight::Nothing)
        }
    };
    Ok(())
}

/// Reads the id of a record's message, and what its content holds.
pub fn outline<'a>(c: &mut Cursor<'a>) -> Step<(Quoted<'a>, Outline<'a>)> {
    let (mut id, mut content) = (Quoted::default(), Outline::default());
    if c.object()? {
        while let Some(key) = c.key()? {
            match key {
                b"id" => id = c.text()?.unwrap_or_default(),
                b"content" => content = content::outline(c)?,
                _ => {
                    c.skip()?;
                }
            }
        }
    }
    Ok((id, content))
}

fn is_notification(origin: &[u8]) -> bool {
    field(origin, "kind").is_some_and(|kind| kind.0 == b"task-notification")
}

fn queued<'a>(c: &mut Cursor<'a>) -> Step<Option<Queued<'a>>> {
    let (mut kind, mut mode, mut source, mut prompt) = (Quoted::default(), Quoted::default(), Quoted::default(), &b""[..]);
    if c.object()? {
        while let Some(key) = c.key()? {
            match key {
                b"type" => kind = c.text()?.unwrap_or_default(),
                b"commandMode" => mode = c.text()?.unwrap_or_default(),
                b"prompt" => prompt = c.skip()?,
                b"source_uuid" => source = c.text()?.unwrap_or_default(),
                _ => {
                    c.skip()?;
                }
            }
        }
    }
    let is = kind.0 == b"queued_command" && !prompt.is_empty();
    Ok(is.then_some(Queued { typed: matches!(mode.0, b"" | b"prompt"), prompt, source }))
}

fn said(line: &[u8]) -> Step<Said<'_>> {
    let mut c = Cursor::new(line);
    let (mut said, mut kind, mut subtype) = (Said::default(), Quoted::default(), Quoted::default());
    let (mut added, mut summary, mut asked, mut waits) = (false, false, None, &b""[..]);
    c.object()?;
    while let Some(key) = c.key()? {
        match key {
            b"type" => kind = c.text()?.unwrap_or_default(),
            b"uuid" => said.uuid = c.text()?.unwrap_or_default().text(),
            b"timestamp" => said.when = c.text()?.and_then(|t| t.text().parse().ok()),
            b"sessionId" => said.session = c.text()?.unwrap_or_default(),
            b"cwd" => said.cwd = c.text()?.unwrap_or_default(),
            b"gitBranch" => said.branch = c.text()?.unwrap_or_default(),
            b"version" => said.version = c.text()?.unwrap_or_default(),
            b"message" => message(&mut c, &mut said)?,
            b"attachment" => asked = queued(&mut c)?,
            b"content" => waits = c.skip()?,
            b"toolUseResult" => started(&mut c, &mut said)?,
            b"isMeta" => added = c.is_true()? || added,
            b"origin" => added |= is_notification(c.skip()?),
            b"isCompactSummary" => summary = c.is_true()?,
            b"subtype" => subtype = c.text()?.unwrap_or_default(),
            b"compactMetadata" => said.tokens = tokens(&mut c, b"preTokens")?,
            _ => {
                c.skip()?;
            }
        }
    }
    if let Some(queued) = asked.filter(|_| kind.0 == b"attachment") {
        said.pieces = content::pieces(&mut Cursor::new(queued.prompt))?;
        added |= !queued.typed;
    }
    if kind.0 == b"queue-operation" {
        said.pieces = content::pieces(&mut Cursor::new(waits))?;
    }
    said.role = match kind.0 {
        b"assistant" => Role::Assistant,
        b"system" if subtype.0 == b"compact_boundary" => Role::Boundary,
        _ if summary => Role::Summary,
        _ if added => Role::Added,
        _ => Role::User,
    };
    Ok(said)
}

/// Reads the message of a record.
pub fn message<'a>(c: &mut Cursor<'a>, said: &mut Said<'a>) -> Step<()> {
    if c.object()? {
        while let Some(key) = c.key()? {
            match key {
                b"id" => said.part_of = c.text()?.unwrap_or_default().text(),
                b"model" => said.model = c.text()?.unwrap_or_default().text(),
                b"content" => said.pieces = content::pieces(c)?,
                b"usage" => said.usage = usage(c)?,
                _ => {
                    c.skip()?;
                }
            }
        }
    }
    Ok(())
}

/// Reads how many tokens a request took.
fn usage(c: &mut Cursor<'_>) -> Step<Option<Tokens>> {
    let mut tokens = Tokens::default();
    if !c.object()? {
        return Ok(None);
    }
    while let Some(key) = c.key()? {
        let place = match key {
            b"input_tokens" => &mut tokens.input,
            b"output_tokens" => &mut tokens.output,
            b"cache_read_input_tokens" => &mut tokens.cache_read,
            b"cache_creation_input_tokens" => &mut tokens.cache_write,
            _ => {
                c.skip()?;
                continue;
            }
        };
        *place = c.number()?.unwrap_or(0);
    }
    Ok(Some(tokens))
}

/// Reads what a result did: which sub-agent it started, what it changed in a file.
pub fn started<'a>(c: &mut Cursor<'a>, said: &mut Said<'a>) -> Step<()> {
    if c.object()? {
        while let Some(key) = c.key()? {
            match key {
                b"agentId" => said.launched = c.text()?.unwrap_or_default().text(),
                b"isAsync" => said.later = c.is_true()?,
                b"structuredPatch" => said.patch = c.skip()?,
                _ => {
                    c.skip()?;
                }
            }
        }
    }
    Ok(())
}

/// Reads one number of an object.
pub fn tokens(c: &mut Cursor<'_>, name: &[u8]) -> Step<Option<u64>> {
    let mut found = None;
    if c.object()? {
        while let Some(key) = c.key()? {
            if key == name {
                found = c.number()?;
            } else {
                c.skip()?;
            }
        }
    }
    Ok(found)
}
