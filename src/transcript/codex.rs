//! Codex's rollouts: JSONL of what went to and from the model, and beside it what was shown, which says most of it again
//! (stores.md C.2; genuine-clients.md 4).
//!
//! What went to and from the model is told. What was shown counts where nothing else says the same; and of a command's output
//! it has all, where the model was given a part.

use super::content::{Picture, Piece, field};
use super::dialect::{Dialect, Head, Role, Said, Weight};
use super::facts::Tokens;
use super::injected;
use super::object::{Fields, fields, list, of, quoted, text, word};
use super::scan::{Broken, Cursor, Quoted, Step};
use std::borrow::Cow;

/// The dialect.
pub const DIALECT: Dialect = Dialect { is: |name| name.starts_with("rollout-"), head, said };

/// Kinds of line that hold no conversation, known ones.
const BOOKKEEPING: &[&[u8]] = &[b"world_state", b"token_usage_record", b"ghost_snapshot", b"state"];

/// Kinds of what was shown that hold no conversation, or only what other lines say.
const SHOWN: &[&[u8]] = &[
    b"task_started",
    b"task_complete",
    b"token_count",
    b"thread_settings_applied",
    b"item_started",
    b"context_compacted",
    b"turn_diff",
    b"agent_reasoning_section_break",
    b"agent_reasoning_raw_content",
    b"exec_command_begin",
    b"mcp_tool_call_begin",
    b"mcp_tool_call_end",
    b"patch_apply_begin",
    b"patch_apply_end",
    b"web_search_begin",
    b"web_search_end",
    b"view_image_tool_call",
    b"image_generation_end",
    b"entered_review_mode",
    b"exited_review_mode",
    b"undo_completed",
    b"thread_name_updated",
    b"stream_error",
    b"background_event",
    b"session_configured",
    b"plan_update",
    b"collab_agent_spawn_end",
    b"collab_agent_interaction_end",
    b"collab_waiting_end",
    b"collab_close_end",
    b"collab_resume_end",
    b"sub_agent_activity",
    b"dynamic_tool_call_request",
    b"dynamic_tool_call_response",
];

/// Text in the user's name that starts so was put in by the tool.
const STARTS: &[&str] = &[
    "<environment_context>",
    "<ENVIRONMENT_CONTEXT>",
    "<user_instructions>",
    "<INSTRUCTIONS>",
    "# AGENTS.md instructions",
    "<permissions instructions>",
    "<collaboration_mode>",
    "<model_switch>",
    "<personality_spec>",
    "<skill>",
    "<skills_instructions>",
    "<apps_instructions>",
    "<plugins_instructions>",
    "<turn_aborted>",
    "<subagent_notification>",
    "<user_shell_command>",
    "<user_action>",
    "<hook_prompt",
];

/// A line, not yet read further.
struct Line<'a> {
    kind: Quoted<'a>,
    when: Quoted<'a>,
    payload: Fields<'a>,
    length: usize,
}

fn line(bytes: &[u8]) -> Step<Line<'_>> {
    let mut c = Cursor::new(bytes);
    if c.peek() != Some(b'{') {
        return Err(Broken);
    }
    let raw = c.skip()?;
    let top = fields(raw).ok_or(Broken)?;
    let (kind, when) = (word(&top, "type"), word(&top, "timestamp"));
    let Some(payload) = of(&top, "payload") else {
        // Older ones have no shell; their first line has no kind.
        let is_first = kind.is_empty() && !word(&top, "id").is_empty();
        let kind = if is_first {
            Quoted(b"session_meta")
        } else if kind.is_empty() {
            word(&top, "record_type")
        } else {
            Quoted(b"response_item")
        };
        return Ok(Line { kind, when, payload: top, length: c.at() });
    };
    Ok(Line { kind, when, payload: fields(payload).unwrap_or_default(), length: c.at() })
}

fn head(bytes: &[u8]) -> Step<Head<'_>> {
    let Line { kind, payload, length, .. } = line(bytes)?;
    let mut head = Head { kind, length, ..Head::default() };
    match kind.0 {
        // They say where it ran, and with which model.
        b"session_meta" | b"turn_context" => head.weight = Some(Weight::Added),
        b"compacted" => head.weight = Some(Weight::Boundary),
        b"inter_agent_communication" => head.weight = says(&payload, "content").then_some(Weight::Added),
        b"response_item" => item(&payload, &mut head),
        b"event_msg" => shown(&payload, &mut head),
        kind => head.unknown = !BOOKKEEPING.contains(&kind),
    }
    Ok(head)
}

/// What went to the model, or came from it.
fn item<'a>(payload: &Fields<'a>, head: &mut Head<'a>) {
    let kind = word(payload, "type");
    head.uuid = word(payload, "id");
    let mut texts = |list: &str| {
        let mut all = texts_of(payload, list).into_iter().filter(|text| !injected::blank(text.0));
        head.first_text = all.next().unwrap_or_default();
        head.more_texts = all.collect();
        !head.first_text.is_empty()
    };
    head.weight = Some(match kind.0 {
        b"message" => {
            let speaks = texts("content") || has_picture(payload);
            match word(payload, "role").0 {
                _ if !speaks => Weight::Nothing,
                b"assistant" => Weight::Speech,
                b"user" if !is_injected(payload) => Weight::Typed,
                _ => Weight::Added,
            }
        }
        b"reasoning" if texts("summary") || texts("content") => Weight::Speech,
        b"reasoning" | b"compaction" | b"context_compaction" | b"ghost_snapshot" => Weight::Nothing,
        b"web_search_call" | b"image_generation_call" => Weight::Speech,
        kind if kind.ends_with(b"_output") => {
            head.answers.push(word(payload, "call_id"));
            Weight::Answer
        }
        kind if kind.ends_with(b"_call") => Weight::Speech,
        _ => {
            (head.kind, head.unknown) = (kind, true);
            Weight::Nothing
        }
    });
    head.heard = true;
}

fn has_picture(payload: &Fields<'_>) -> bool {
    list(of(payload, "content").unwrap_or_default()).into_iter().filter_map(fields).any(|block| of(&block, "image_url").is_some())
}

/// What was shown to the user.
fn shown<'a>(payload: &Fields<'a>, head: &mut Head<'a>) {
    let kind = word(payload, "type");
    let mut echo = |text: Option<Quoted<'a>>, weight| {
        let text = text.filter(|text| !injected::blank(text.0))?;
        (head.first_text, head.weak) = (text, true);
        Some(weight)
    };
    head.weight = match kind.0 {
        b"user_message" => echo(quoted(payload, "message"), Weight::Typed),
        b"agent_message" => echo(quoted(payload, "message"), Weight::Speech),
        b"agent_reasoning" => echo(quoted(payload, "text"), Weight::Speech),
        b"item_completed" => {
            let item = of(payload, "item").and_then(fields).unwrap_or_default();
            match word(&item, "type").0 {
                b"UserMessage" => echo(texts_of(&item, "content").first().copied(), Weight::Typed),
                b"AgentMessage" => echo(texts_of(&item, "content").first().copied(), Weight::Speech),
                b"Reasoning" => echo(texts_of(&item, "summary_text").first().copied(), Weight::Speech),
                b"CommandExecution" => output(&item, "id", head),
                _ => None,
            }
        }
        b"exec_command_end" => output(payload, "call_id", head),
        b"turn_aborted" | b"error" => Some(Weight::Added),
        b"thread_rolled_back" => {
            head.back = number(payload, "num_turns").unwrap_or(1);
            Some(Weight::Added)
        }
        b"token_count" => {
            head.usage = of(payload, "info").and_then(fields).and_then(|info| usage(of(&info, "total_token_usage")?));
            None
        }
        kind => {
            head.unknown = !SHOWN.contains(&kind);
            None
        }
    };
    if head.unknown {
        head.kind = kind;
    }
}

/// The whole output of a command.
fn output<'a>(item: &Fields<'a>, id: &str, head: &mut Head<'a>) -> Option<Weight> {
    let call = word(item, id);
    let of_the_model = !matches!(word(item, "source").0, b"user_shell" | b"userShell");
    (of_the_model && !call.is_empty() && quoted(item, "aggregated_output").is_some()).then(|| {
        head.answers.push(call);
        Weight::Answer
    })
}

fn said(bytes: &[u8]) -> Step<Said<'_>> {
    let Line { kind, when, payload, .. } = line(bytes)?;
    let mut said = Said { when: when.text().parse().ok(), role: Role::Added, ..Said::default() };
    match kind.0 {
        b"session_meta" => {
            let git = of(&payload, "git").and_then(fields).unwrap_or_default();
            (said.session, said.cwd) = (word(&payload, "id"), word(&payload, "cwd"));
            (said.version, said.branch) = (word(&payload, "cli_version"), word(&git, "branch"));
        }
        b"turn_context" => (said.model, said.cwd) = (word(&payload, "model").text(), word(&payload, "cwd")),
        b"compacted" => {
            said.role = Role::Boundary;
            said.pieces.extend(piece(quoted(&payload, "message"), Piece::Text));
        }
        b"inter_agent_communication" => said.pieces.extend(piece(quoted(&payload, "content"), Piece::Text)),
        b"response_item" => say_item(&payload, &mut said),
        b"event_msg" => say_shown(&payload, &mut said),
        _ => {}
    }
    Ok(said)
}

fn say_item<'a>(payload: &Fields<'a>, said: &mut Said<'a>) {
    let kind = word(payload, "type");
    said.uuid = word(payload, "id").text();
    said.role = Role::Assistant;
    let call = |name: Cow<'a, str>, input| Piece::Call { id: word(payload, "call_id").text(), name, input };
    match kind.0 {
        b"message" => {
            said.role = match word(payload, "role").0 {
                b"assistant" => Role::Assistant,
                b"user" if !is_injected(payload) => Role::Typed,
                _ => Role::Added,
            };
            said.pieces = blocks(of(payload, "content").unwrap_or_default());
        }
        b"reasoning" => {
            let all = [texts_of(payload, "summary"), texts_of(payload, "content")];
            // The second is the first at length.
            let most = all.into_iter().rfind(|texts| !texts.is_empty()).unwrap_or_default();
            said.pieces = most.into_iter().map(|text| Piece::Thinking(text.text())).collect();
        }
        b"function_call" => {
            let name = match word(payload, "namespace") {
                Quoted(b"") => word(payload, "name").text(),
                space => Cow::Owned(format!("{}__{}", space.text(), word(payload, "name").text())),
            };
            said.pieces.push(call(name, word(payload, "arguments").text()));
        }
        // Its input is no JSON; within an object it is.
        b"custom_tool_call" => {
            let field = if word(payload, "name").0 == b"apply_patch" { "patch" } else { "input" };
            let raw = of(payload, "input").map_or(Cow::Borrowed("null"), String::from_utf8_lossy);
            said.pieces.push(call(word(payload, "name").text(), Cow::Owned(format!("{{\"{field}\":{raw}}}"))));
        }
        b"web_search_call" => {
            let action = of(payload, "action").and_then(fields).unwrap_or_default();
            let what = ["query", "url", "pattern"].iter().find_map(|name| quoted(&action, name)).unwrap_or_default().text();
            said.pieces.push(Piece::Note(Cow::Owned(format!("Looked up {what}").trim_end().to_owned())));
        }
        b"image_generation_call" => {
            let data = word(payload, "result").text();
            let picture = Picture {
                name: "image/png".into(),
                media: "image/png".into(),
                bytes: data.len() as u64 * 3 / 4,
                data,
                ..Picture::default()
            };
            said.pieces.push(Piece::Attachment(picture));
        }
        kind if kind.ends_with(b"_output") => {
            said.role = Role::User;
            let answer = answer(payload);
            if let Piece::Result { text, .. } = &answer
                && text.starts_with('{')
            {
                said.launched = field(text.as_bytes(), "agent_id").map(|id| Cow::Owned(id.text().into_owned())).unwrap_or_default();
            }
            said.pieces.push(answer);
        }
        _ => {
            let name = if word(payload, "name").is_empty() { kind } else { word(payload, "name") };
            let input = of(payload, "action").or_else(|| of(payload, "arguments")).or_else(|| of(payload, "input")).unwrap_or(b"{}");
            said.pieces.push(call(name.text(), text(input).unwrap_or_else(|| String::from_utf8_lossy(input))));
        }
    }
}

fn say_shown<'a>(payload: &Fields<'a>, said: &mut Said<'a>) {
    let note = |text: String| vec![Piece::Note(Cow::Owned(text))];
    match word(payload, "type").0 {
        b"user_message" => (said.role, said.pieces) = (Role::Typed, piece(quoted(payload, "message"), Piece::Text)),
        b"agent_message" => (said.role, said.pieces) = (Role::Assistant, piece(quoted(payload, "message"), Piece::Text)),
        b"agent_reasoning" => (said.role, said.pieces) = (Role::Assistant, piece(quoted(payload, "text"), Piece::Thinking)),
        b"turn_aborted" => said.pieces = note(format!("The turn was broken off: {}", word(payload, "reason").text())),
        b"error" => said.pieces = note(format!("It failed: {}", word(payload, "message").text())),
        b"thread_rolled_back" => said.pieces = note("What was said last was taken back.".to_owned()),
        b"exec_command_end" => say_output(payload, "call_id", said),
        _ => {
            let item = of(payload, "item").and_then(fields).unwrap_or_default();
            match word(&item, "type").0 {
                b"CommandExecution" => say_output(&item, "id", said),
                b"UserMessage" => (said.role, said.pieces) = (Role::Typed, blocks(of(&item, "content").unwrap_or_default())),
                b"AgentMessage" => (said.role, said.pieces) = (Role::Assistant, blocks(of(&item, "content").unwrap_or_default())),
                _ => {
                    let texts = texts_of(&item, "summary_text").into_iter().map(|text| Piece::Thinking(text.text()));
                    (said.role, said.pieces) = (Role::Assistant, texts.collect());
                }
            }
        }
    }
}

fn say_output<'a>(item: &Fields<'a>, id: &str, said: &mut Said<'a>) {
    let failed = of(item, "exit_code").is_some_and(|code| !matches!(code, b"0" | b"null"));
    let text = quoted(item, "aggregated_output").unwrap_or_default().text();
    (said.role, said.whole) = (Role::User, true);
    said.pieces.push(Piece::Result { id: word(item, id).text(), text, pictures: Vec::new(), failed });
}

/// What a tool answered, as the model was given it.
fn answer<'a>(payload: &Fields<'a>) -> Piece<'a> {
    let id = word(payload, "call_id").text();
    let output = ["output", "content", "result", "tools"].iter().find_map(|name| of(payload, name)).unwrap_or(b"\"\"");
    if let Some(text) = text(output) {
        let (text, failed) = unwrapped(text);
        return Piece::Result { id, text, pictures: Vec::new(), failed };
    }
    // A list of blocks, or an object that has one.
    let within = fields(output).and_then(|all| of(&all, "content").map(|content| (content, of(&all, "success") == Some(b"false"))));
    let (content, failed) = within.unwrap_or((output, false));
    let (mut texts, mut pictures) = (Vec::new(), Vec::new());
    for piece in blocks(content) {
        match piece {
            Piece::Attachment(picture) => {
                texts.push(Cow::Owned(picture.sentence()));
                pictures.push(picture);
            }
            Piece::Text(text) => texts.push(text),
            _ => {}
        }
    }
    let text = match (texts.len(), text(content)) {
        (_, Some(text)) => text,
        (0, None) => String::from_utf8_lossy(content),
        (1, None) => texts.pop().unwrap_or_default(),
        _ => Cow::Owned(texts.join("\n")),
    };
    Piece::Result { id, text, pictures, failed }
}

/// Older ones have the output in JSON of its own, with how it ended.
fn unwrapped(text: Cow<'_, str>) -> (Cow<'_, str>, bool) {
    let ended = |all: &Fields<'_>| {
        let metadata = of(all, "metadata").and_then(fields)?;
        Some(of(&metadata, "exit_code")? != b"0")
    };
    let inner = if text.starts_with("{\"output\":") { fields(text.as_bytes()) } else { None };
    if let Some((output, failed)) = inner.and_then(|all| Some((quoted(&all, "output")?.text().into_owned(), ended(&all)?))) {
        return (Cow::Owned(output), failed);
    }
    let start = text.get(..text.floor_char_boundary(400)).unwrap_or_default();
    let code = ["Process exited with code ", "Exit code: "].iter().find_map(|says| start.split_once(says));
    let failed = code.is_some_and(|(_, rest)| !rest.starts_with("0\n"));
    (text, failed)
}

/// Whether the tool put a message in, in the user's name.
fn is_injected(payload: &Fields<'_>) -> bool {
    // Newer ones say so.
    if let Some(about) = of(payload, "internal_chat_message_metadata_passthrough") {
        let has = |kind: &str| memchr::memmem::find(about, format!("\"provenance\":{{\"type\":\"{kind}\"").as_bytes()).is_some();
        if has("harness") || has("user") {
            return !has("user");
        }
    }
    let texts = texts_of(payload, "content");
    let by_tool = |text: &Quoted<'_>| STARTS.iter().any(|s| text.0.trim_ascii_start().starts_with(s.as_bytes()));
    !texts.is_empty() && texts.iter().all(by_tool)
}

/// The blocks of a content.
fn blocks(content: &[u8]) -> Vec<Piece<'_>> {
    let one = |raw| fields(raw).map_or_else(|| text(raw).map(Piece::Text), |one| block(&one));
    list(content).into_iter().filter_map(one).collect()
}

fn block<'a>(block: &Fields<'a>) -> Option<Piece<'a>> {
    let picture = quoted(block, "image_url").map(|url| Picture::at(url.text(), Cow::default(), Cow::default()));
    picture.map(Piece::Attachment).or_else(|| quoted(block, "text").map(|text| Piece::Text(text.text())))
}

/// The texts of a list: of its blocks, or what it is a list of.
fn texts_of<'a>(object: &Fields<'a>, name: &str) -> Vec<Quoted<'a>> {
    let text = |raw: &'a [u8]| Cursor::new(raw).text().ok().flatten();
    let one = |raw: &'a [u8]| fields(raw).map_or_else(|| text(raw), |block| quoted(&block, "text"));
    list(of(object, name).unwrap_or_default()).into_iter().filter_map(one).collect()
}

fn says(object: &Fields<'_>, name: &str) -> bool {
    quoted(object, name).is_some_and(|text| !injected::blank(text.0))
}

fn number(object: &Fields<'_>, name: &str) -> Option<u32> {
    std::str::from_utf8(of(object, name)?).ok()?.parse().ok()
}

fn piece<'a>(text: Option<Quoted<'a>>, of: impl Fn(Cow<'a, str>) -> Piece<'a>) -> Vec<Piece<'a>> {
    text.filter(|text| !injected::blank(text.0)).map(|text| of(text.text())).into_iter().collect()
}

/// Tokens of everything so far; what came from the cache is counted among the input there.
fn usage(object: &[u8]) -> Option<Tokens> {
    let all = fields(object)?;
    let of = |name: &str| std::str::from_utf8(of(&all, name)?).ok()?.parse::<u64>().ok();
    let cached = of("cached_input_tokens").unwrap_or(0);
    let written = of("cache_write_input_tokens").unwrap_or(0);
    let input = of("input_tokens")?.saturating_sub(cached);
    Some(Tokens { input, output: of("output_tokens").unwrap_or(0), cache_read: cached, cache_write: written })
}
